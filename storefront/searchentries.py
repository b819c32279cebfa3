"""What the search's index holds: the words of everything on show, written in the transaction that changes the thing itself.

An entry holds the folded words of one thing; beside them each word of a name stands with its trigrams, which is how a misspelt one is
found. SQLite reads both by FTS5, PostgreSQL by its full text; all of it can be made anew out of the rows at any time (`mend`).
"""

import functools
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from storefront import languages
from storefront.spelling import trigrams, words
from storefront.tables import attraction, maker, product, search_entry, search_village, search_word, village

NAME, KIND, BY, STORY = 3.0, 2.0, 1.5, 1.0  # how much a word counts where it stands
WEIGHTS = (NAME, KIND, BY, STORY)
FOLDING = 1  # counts up when `spelling.words` or what stands in an entry changes: entries of before are then written anew
OF_ALL = 0  # the village of the entries of villages
FTS = {"search_entry": "fts_entry", "search_word": "fts_word"}  # what FTS5 reads by; triggers keep each in step with its table
TABLES = (*FTS, "search_village")

Text = tuple[float, Sequence[str]]


@dataclass(frozen=True)
class Kind:
    """A kind of things that can be found: which rows of it are on show, in which order, and which words stand for one."""

    table: sa.Table
    on_show: sa.ColumnElement[bool]
    order: Sequence[sa.ColumnElement[Any]]
    query: sa.Select[Any]  # of the id and what `texts` reads
    texts: Callable[[sa.Row[Any]], tuple[Sequence[str], ...]]  # a line of words for each of WEIGHTS

    def of(self, village_id: int) -> sa.ColumnElement[bool]:
        """That a row is on show in this village; villages themselves are in OF_ALL."""
        return self.on_show if village_id == OF_ALL else sa.and_(self.table.c.village_id == village_id, self.on_show)


def _all(texts: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(word for text in texts.values() for word in words(text))


@functools.cache
def _called(kind: str) -> tuple[str, ...]:
    """What a kind of goods is called in every language."""
    return tuple(word for code in languages.known() for word in words(languages.words(code).get(f"kinds.{kind}", "")))


_GOODS = product.join(maker, maker.c.id == product.c.maker_id)
_is_gone = sa.case((sa.or_(product.c.stock_state == "sold_out", product.c.stock == 0), 1), else_=0)

KINDS = {
    "product": Kind(
        product,
        sa.and_(product.c.state == "live", product.c.option_of.is_(None)),
        (_is_gone, product.c.id),
        sa.select(
            product.c.id, product.c.name, product.c.kind, product.c.story, maker.c.name.label("maker_name"), maker.c.consent_at
        ).select_from(_GOODS),
        # by her name only when she has agreed to be shown
        lambda row: (_all(row.name), _called(row.kind), words(row.maker_name) if row.consent_at else (), _all(row.story)),
    ),
    "maker": Kind(
        maker,
        maker.c.consent_at.is_not(None),
        (maker.c.name, maker.c.id),
        sa.select(maker.c.id, maker.c.name, maker.c.story),
        lambda row: (words(row.name), (), (), _all(row.story)),
    ),
    "attraction": Kind(
        attraction,
        sa.true(),
        (attraction.c.position, attraction.c.id),
        sa.select(attraction.c.id, attraction.c.name, attraction.c.story),
        lambda row: (_all(row.name), (), (), _all(row.story)),
    ),
    "village": Kind(
        village,
        sa.true(),
        (village.c.name, village.c.id),
        sa.select(village.c.id, village.c.name, village.c.district, village.c.regency, village.c.province),
        lambda row: (words(row.name), words(row.district), words(f"{row.regency} {row.province}"), ()),
    ),
}


def kinds_of(village_id: int) -> tuple[str, ...]:
    """What can be found in a village; among all of them it is villages."""
    return ("village",) if village_id == OF_ALL else ("product", "maker", "attraction")


def renew(connection: sa.Connection, village_id: int, kind: str, ids: Iterable[int]) -> None:
    """Write the entries of these things as they stand now. After `villages.touch`: whoever holds the village's row goes first."""
    wanted = list(ids)
    due = made(connection, village_id, kind, KINDS[kind].table.c.id.in_(wanted))
    _drop(connection, village_id, kind, (number for number in wanted if number not in due))
    _put(connection, village_id, kind, due)


def renew_maker(connection: sa.Connection, village_id: int, maker_id: int) -> None:
    """Write the entries of a maker and of her goods: they are found by her name as well."""
    renew(connection, village_id, "maker", [maker_id])
    goods = sa.select(product.c.id).where(product.c.village_id == village_id, product.c.maker_id == maker_id)
    if ids := list(connection.execute(goods).scalars()):
        renew(connection, village_id, "product", ids)


def begin(connection: sa.Connection, village_id: int) -> None:
    """A new village: it has nothing yet, so its entries are whole; and it can be found among the villages."""
    _put(connection, OF_ALL, "village", made(connection, OF_ALL, "village", village.c.id == village_id))
    connection.execute(search_village.insert().values(village_id=village_id, way=way()))


def behind(connection: sa.Connection) -> list[int]:
    """The villages whose entries were written another way, or of which some are missing; OF_ALL for those of villages."""
    ways: dict[int, str] = dict(connection.execute(sa.select(search_village.c.village_id, search_village.c.way)).all())
    known = [OF_ALL, *connection.execute(sa.select(village.c.id).order_by(village.c.id)).scalars()]
    late = {number for number in known if ways.get(number) != way()}
    per = sa.select(search_entry.c.village_id, sa.func.count()).group_by(search_entry.c.village_id)
    worded = set(connection.execute(sa.select(search_word.c.village_id).distinct()).scalars())
    there: dict[int, int] = dict(connection.execute(per).all())
    due = _counts(connection)
    late |= {number for number in known if there.get(number, 0) != due.get(number, 0) or (due.get(number) and number not in worded)}
    if connection.dialect.name == "sqlite" and not _is_fts_whole(connection):
        return known
    return sorted(late)


def astray(connection: sa.Connection) -> int:
    """How many things of all villages are not found by the words they stand with; a look at every row."""
    count = 0
    for village_id in (OF_ALL, *connection.execute(sa.select(village.c.id)).scalars()):
        for kind in kinds_of(village_id):
            differ = _stored(connection, village_id, kind).items() ^ made(connection, village_id, kind).items()
            count += len({number for number, _ in differ})
    return count


def mend(connection: sa.Connection, village_id: int) -> int:
    """Make the entries of a village what its rows say; how many were not."""
    if connection.dialect.name == "sqlite" and not _is_fts_whole(connection):
        for fts in FTS.values():
            connection.execute(sa.text(f"INSERT INTO {fts} ({fts}) VALUES ('rebuild')"))  # noqa: S608 - our own names
    connection.execute(sa.select(village.c.id).where(village.c.id == village_id).with_for_update()).all()
    wrong = 0
    for kind in kinds_of(village_id):
        stored = _stored(connection, village_id, kind)  # before what is due: what is made meanwhile is not taken for stale
        right = made(connection, village_id, kind)
        stale = [number for number in stored if number not in right]
        due = {number: texts for number, texts in right.items() if stored.get(number) != texts}
        _drop(connection, village_id, kind, stale)
        _put(connection, village_id, kind, due)
        wrong += len(stale) + len(due)
    wrong += _mend_words(connection, village_id)
    connection.execute(search_village.delete().where(search_village.c.village_id == village_id))
    connection.execute(search_village.insert().values(village_id=village_id, way=way()))
    return wrong


def mend_all(connection: sa.Connection) -> None:
    """Mend every village, whether it is known to be behind or not."""
    for village_id in (OF_ALL, *connection.execute(sa.select(village.c.id)).scalars().all()):
        mend(connection, village_id)


@functools.cache
def way() -> str:
    """Names how entries are written today: how words are folded, and what kinds of goods are called in each language."""
    called = [(code, key, text) for code in languages.known() for key, text in languages.words(code).items() if key.startswith("kinds.")]
    return f"{FOLDING}-{zlib.crc32(repr(sorted(called)).encode()):08x}"


def scope(village_id: int) -> str:
    """A word of every entry of this village that no text has, as those are without underscores."""
    return f"v_{village_id}"


def made(connection: sa.Connection, village_id: int, kind: str, *conditions: sa.ColumnElement[bool]) -> dict[int, str]:
    """{id: texts} as they should stand, in the order pages show the things: the village's own word, then a line for each weight."""
    read = KINDS[kind]
    rows = connection.execute(read.query.where(read.of(village_id), *conditions).order_by(*read.order)).all()
    return {row.id: "\n".join([scope(village_id), *(" ".join(line) for line in read.texts(row))]) for row in rows}


def _stored(connection: sa.Connection, village_id: int, kind: str) -> dict[int, str]:
    query = sa.select(search_entry.c.thing_id, search_entry.c.texts)
    return dict(connection.execute(query.where(search_entry.c.village_id == village_id, search_entry.c.kind == kind)).all())


def _put(connection: sa.Connection, village_id: int, kind: str, due: Mapping[int, str]) -> None:
    if not due:
        return
    insert = _insert(connection, search_entry)
    same = [search_entry.c.village_id, search_entry.c.kind, search_entry.c.thing_id]
    changed = search_entry.c.texts != insert.excluded.texts
    query = insert.on_conflict_do_update(index_elements=same, set_={"texts": insert.excluded.texts}, where=changed)
    mine = {"village_id": village_id, "kind": kind}
    connection.execute(query, [{**mine, "thing_id": number, "texts": due[number]} for number in sorted(due)])
    _put_words(connection, village_id, frozenset(chain.from_iterable(map(_named, due.values()))))


def _put_words(connection: sa.Connection, village_id: int, named: Iterable[str]) -> None:
    grams = {word: " ".join([scope(village_id), *sorted(trigrams(word))]) for word in sorted(named)}  # in one order: nobody waits crosswise
    if grams:
        rows = [{"village_id": village_id, "word": word, "texts": texts} for word, texts in grams.items()]
        connection.execute(_insert(connection, search_word).on_conflict_do_nothing(), rows)


def _mend_words(connection: sa.Connection, village_id: int) -> int:
    mine = search_word.c.village_id == village_id
    entries = connection.execute(sa.select(search_entry.c.texts).where(search_entry.c.village_id == village_id)).scalars()
    due = frozenset(chain.from_iterable(map(_named, entries)))
    stored = frozenset(connection.execute(sa.select(search_word.c.word).where(mine)).scalars())
    for stale in stored - due:
        connection.execute(search_word.delete().where(mine, search_word.c.word == stale))
    _put_words(connection, village_id, due - stored)
    return len(due - stored)


def _drop(connection: sa.Connection, village_id: int, kind: str, ids: Iterable[int]) -> None:
    mine = sa.and_(search_entry.c.village_id == village_id, search_entry.c.kind == kind)
    for number in ids:
        connection.execute(search_entry.delete().where(mine, search_entry.c.thing_id == number))


def _insert(connection: sa.Connection, table: sa.Table) -> Any:
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def _counts(connection: sa.Connection) -> dict[int, int]:
    """{village: how many things of it are on show}."""
    due: dict[int, int] = {}
    for kind in kinds_of(1):
        owner = KINDS[kind].table.c.village_id
        query = sa.select(owner, sa.func.count()).where(KINDS[kind].on_show).group_by(owner)
        for number, count in connection.execute(query):
            due[number] = due.get(number, 0) + count
    due[OF_ALL] = connection.execute(sa.select(sa.func.count()).select_from(village)).scalar_one()
    return due


def _is_fts_whole(connection: sa.Connection) -> bool:
    """Whether FTS5 has every row of ours: it keeps a size of each it has read."""
    for table, fts in FTS.items():
        ours = sa.select(sa.func.count()).select_from(sa.table(table)).scalar_subquery()
        theirs = sa.select(sa.func.count()).select_from(sa.table(f"{fts}_docsize")).scalar_subquery()
        if not connection.execute(sa.select(ours == theirs)).scalar_one():
            return False
    return True


def read(texts: str) -> list[Text]:
    """(weight, words) of an entry's texts."""
    return [(weight, line.split(" ")) for weight, line in zip(WEIGHTS, texts.split("\n")[1:], strict=True) if line]


def _named(texts: str) -> Iterator[str]:
    """The words of an entry but those of its story, of which only the beginning counts."""
    return (word for line in texts.split("\n")[1:-1] for word in line.split())
