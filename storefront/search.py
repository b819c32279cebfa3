"""Search over what a village shows: its goods, makers and sights, forgiving of spelling, in whatever language the words stand.

The index in the database (searchentries.py) brings what can fit, `rank` orders it: the same answers from SQLite and PostgreSQL, and from a
village whose index is still to be written, which is then compared thing by thing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from storefront import attractions, makers, products, searchentries, villages
from storefront.attractions import Attraction
from storefront.makers import Maker
from storefront.products import Product
from storefront.searchentries import KINDS, STORY, Text
from storefront.searchentries import NAME as NAME
from storefront.spelling import likeness, trigrams, words
from storefront.tables import search_entry, search_village, search_word
from storefront.villages import Village

WORDS_MOST, TEXT_MOST = 6, 80
SHOWN = 60  # of a kind, the best
LOOKED_AT = 5_000  # entries at most that one search compares

Thing = TypeVar("Thing")
Ranked = list[tuple[Thing, int, float]]


@dataclass(frozen=True)
class Found:
    """What was found, the best of each kind first; `is_exact` is False when nothing held all the words and these only come near.

    `count` is how many there are in all.
    """

    products: Sequence[Product]
    makers: Sequence[Maker]
    attractions: Sequence[Attraction]
    is_exact: bool = True
    count: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether there are more than stand here."""
        return self.count > len(self.products) + len(self.makers) + len(self.attractions)


def asked(typed: str) -> str:
    """What somebody typed into the field, in one line and no longer than is looked at."""
    return " ".join(typed.replace("\x00", " ").split())[:TEXT_MOST]


def find(connection: sa.Connection, village_id: int, text: str) -> Found:
    """What tourists may see of a village that fits these words; nothing for a text without any."""
    best, is_exact = _best(connection, village_id, words(text[:TEXT_MOST])[:WORDS_MOST])
    goods = products.by_id(connection, village_id, best["product"][:SHOWN])
    known = {maker.id: maker for maker in makers.listed(connection, village_id, only_public=True)} if best["maker"] else {}
    sights = {sight.id: sight for sight in attractions.listed(connection, village_id)} if best["attraction"] else {}
    return Found(
        [goods[number] for number in best["product"][:SHOWN]],
        [known[number] for number in best["maker"][:SHOWN]],
        [sights[number] for number in best["attraction"][:SHOWN]],
        is_exact=is_exact,
        count=sum(map(len, best.values())),
    )


def find_villages(connection: sa.Connection, text: str) -> list[Village]:
    """The villages that these words may mean by their name, or by that of their district, regency or province."""
    best, _ = _best(connection, searchentries.OF_ALL, words(text[:TEXT_MOST])[:WORDS_MOST])
    return villages.by_id(connection, best["village"][:SHOWN])


def _best(connection: sa.Connection, village_id: int, asked: Sequence[str]) -> tuple[dict[str, list[int]], bool]:
    """({kind: ids of what holds most of the words, the best first}, whether those are all of the words)."""
    kinds = searchentries.kinds_of(village_id)
    if not asked:
        return {kind: [] for kind in kinds}, True
    if is_indexed(connection, village_id):
        like = _alike(connection, village_id, asked)
        ranked = _ranked(asked, _holding(connection, village_id, like, every=True))
        if _most(ranked) < len(asked):
            ranked = _ranked(asked, _holding(connection, village_id, like, every=False))
    else:
        ranked = _ranked(asked, {kind: _entries(searchentries.made(connection, village_id, kind).items()) for kind in kinds})
    most = _most(ranked)
    return {kind: [number for number, held, _ in ranked.get(kind, []) if held == most] for kind in kinds}, most == len(asked)


def _ranked(asked: Sequence[str], things: Mapping[str, Sequence[tuple[int, list[Text]]]]) -> dict[str, Ranked[int]]:
    return {kind: rank(asked, known) for kind, known in things.items()}


def _most(ranked: Mapping[str, Ranked[int]]) -> int:
    return max((held for _, held, _ in chain.from_iterable(ranked.values())), default=0)


# ---- what the index brings -----------------------------------------------------------------------------------------------------


def is_indexed(connection: sa.Connection, village_id: int) -> bool:
    """Whether everything of this village has an entry, written the way it is done today."""
    query = sa.select(search_village.c.way).where(search_village.c.village_id == village_id)
    return connection.execute(query).scalar() == searchentries.way()


def _alike(connection: sa.Connection, village_id: int, asked: Sequence[str]) -> dict[str, list[str]]:
    """{word that was asked for: words of names here that are like it}, without those that begin with it."""
    grams = sorted(frozenset(chain.from_iterable(trigrams(word) for word in asked)))
    query = sa.select(search_word.c.word).where(search_word.c.village_id == village_id)
    known = connection.execute(query.where(_matches(connection, search_word, village_id, [[(gram, False) for gram in grams]])))
    there = sorted(known.scalars())
    return {word: [other for other in there if not other.startswith(word) and likeness(word, other) > 0] for word in asked}


def _holding(
    connection: sa.Connection, village_id: int, wanted: Mapping[str, Sequence[str]], *, every: bool
) -> dict[str, list[tuple[int, list[Text]]]]:
    """{kind: (id, texts) of the things on show that hold every one of the wanted words, or any, as they are or as a word like it}."""
    groups = [[(word, True), *((other, False) for other in like)] for word, like in wanted.items()]
    matches = _matches(connection, search_entry, village_id, groups if every else [list(chain(*groups))])
    query = sa.select(search_entry.c.kind, search_entry.c.thing_id, search_entry.c.texts)
    query = query.where(search_entry.c.village_id == village_id, matches).order_by(search_entry.c.id).limit(LOOKED_AT)
    held: dict[str, dict[int, str]] = {}
    for kind, number, texts in connection.execute(query):
        held.setdefault(kind, {})[number] = texts
    return {kind: _entries((number, held[kind][number]) for number in _in_order(connection, village_id, kind, held[kind])) for kind in held}


def _in_order(connection: sa.Connection, village_id: int, kind: str, ids: Iterable[int]) -> Sequence[int]:
    """Those of these things that are on show, as pages order them.

    Not joined to the entries: a PostgreSQL without statistics, as after a restore, would go through all of them for each thing.
    """
    things = KINDS[kind]
    query = sa.select(things.table.c.id).where(things.of(village_id), things.table.c.id.in_(list(ids)))
    return connection.execute(query.order_by(*things.order)).scalars().all()


def _entries(rows: Iterable[tuple[int, str]]) -> list[tuple[int, list[Text]]]:
    return [(number, searchentries.read(texts)) for number, texts in rows]


def _matches(
    connection: sa.Connection, table: sa.Table, village_id: int, groups: Sequence[Sequence[tuple[str, bool]]]
) -> sa.ColumnElement[bool]:
    """That a row of this village holds a term of each group; a term is a word and whether it is only the beginning of one.

    Words are letters and digits: there is nothing in them to escape.
    """
    groups = [[(searchentries.scope(village_id), False)], *groups]
    if connection.dialect.name == "sqlite":
        terms = [" OR ".join(f'"{word}"' + " *" * is_begun for word, is_begun in group) for group in groups]
        fts = searchentries.FTS[table.name]
        found: sa.Select[Any] = sa.select(sa.literal_column("rowid")).select_from(sa.table(fts))
        return table.c.id.in_(found.where(sa.literal_column(fts).op("MATCH")(" AND ".join(f"({one})" for one in terms))))
    terms = [" | ".join(f"'{word}'" + ":*" * is_begun for word, is_begun in group) for group in groups]
    asked = sa.cast(" & ".join(f"({one})" for one in terms), postgresql.TSQUERY)
    return sa.func.search_terms(table.c.texts, type_=postgresql.TSVECTOR).op("@@")(asked)


# ---- the order -----------------------------------------------------------------------------------------------------------------


def rank(asked: Sequence[str], known: Iterable[tuple[Thing, Sequence[Text]]]) -> Ranked[Thing]:
    """(thing, how many of the words it holds, score), the best first; things that hold none are left out."""
    found = []
    for thing, texts in known:
        scores = [_score(word, texts) for word in asked]
        held = sum(score > 0 for score in scores)
        if held:
            found.append((thing, held, sum(scores)))
    return sorted(found, key=lambda one: (-one[1], -one[2]))


def _score(word: str, texts: Sequence[Text]) -> float:
    best = 0.0
    for weight, there in texts:
        if weight > best:  # else nothing in there can count more
            best = max(best, _in_text(word, weight, there))
    return best


def _in_text(word: str, weight: float, there: Sequence[str]) -> float:
    """A story has many words: there only the beginning of one counts, as likeness would find everything everywhere."""
    if weight == STORY:
        return weight if len(word) > 2 and any(other.startswith(word) for other in there) else 0.0
    return weight * max((likeness(word, other) for other in there), default=0.0)
