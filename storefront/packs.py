"""Month packs: a calendar filled with drafts about chosen things, or a fair choice; varied looks and words, each to be changed at will."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle
from typing import TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from promo import captions, posters, posts
from promo.accounts import Account
from storefront import attractions, drafts, languages, makers, products, promotion, subjects
from storefront.media import Photo
from storefront.subjects import Subject
from storefront.villages import Village

MOST = 31  # proposals of one pack
SLOTS = (time(7, 0), time(12, 0), time(17, 0), time(19, 30))  # when people look at their phones
STYLES = ("hangat", "cerita", "polos", "penawaran")
STYLE_OF = {"maker": ("cerita", "hangat"), "attraction": ("hangat", "cerita"), "event": ("acara",)}
# Looks that fit one occasion only; every other look fits goods and places alike.
OCCASIONS = {
    "baru": (),
    "segera-habis": (),
    "kata-tamu": (),
    "hari-raya": (),
    "acara": ("event",),
    "pembuat": ("maker",),
    "wisata": ("attraction",),
}
OTHERS_EVERY = 4  # after three products comes a place or a maker's story, where there are some
HISTORY = 300  # so many of the newest posts say whose turn it is
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Proposal:
    """One post that could be: what about, when on the village's clock, how it looks and what it says."""

    about: Subject
    day: date
    clock: time
    poster: str
    style: str
    language: str
    seed: int
    words: str


def propose(
    connection: sa.Connection,
    village: Village,
    *,
    first: date,
    last: date,
    count: int,
    things: Sequence[Subject] = (),
    slots: Sequence[tuple[date, time]] = (),
    on: Sequence[Account] = (),
    language: str = languages.FIRST,
    public_url: str,
    at: datetime,
) -> list[Proposal]:
    """`count` posts spread over the days from `first` to `last`, none in the past; about `things` in turn, or what has waited longest.

    With `slots` each of the things has its own day and time instead.
    Nobody's turn comes twice before everybody else's has come once; two neighbours never look the same, no two read the same.
    """
    turns = list(things) or fair(connection, village, count)
    if not turns:
        return []
    before = promotion.recent_words(connection, village.id)
    before += [text for kept in drafts.listed(connection, village.id) for text in kept.form.get("caption", ())]
    found: list[Proposal] = []
    for number, (day, clock) in enumerate(slots or moments(village, first, last, min(count, MOST), at)):
        about = turns[number % len(turns)]
        poster = _unlike(_looks(about), [one.poster for one in found], number)
        style = _unlike(_styles(village, about), [one.style for one in found], number)
        seed = number * 7 + day.toordinal() % 1_000
        said = promotion.suggestion(village, about, style, language, seed=seed, on=on, public_url=public_url, unlike=before)
        before.append(said.text)
        found.append(Proposal(about, day, clock, poster, style, language, seed, said.text))
    return found


def moments(village: Village, first: date, last: date, count: int, at: datetime) -> list[tuple[date, time]]:
    """`count` good hours spread evenly over the days, each later than now; fewer where there are not enough days."""
    local = village.local(at)
    first = max(first, local.date() + timedelta(days=1))
    days = (last - first).days + 1
    count = min(count, days)
    chosen = [first + timedelta(days=round((place + 0.5) * days / count - 0.5)) for place in range(count)] if count > 0 else []
    return [(day, SLOTS[place % len(SLOTS)]) for place, day in enumerate(chosen)]


def fair(connection: sa.Connection, village: Village, count: int) -> list[Subject]:
    """Whose turn it is: products round by maker, those longest without a post first; places and makers' stories in between."""
    past = posts.listed(connection, village.id, most=HISTORY)  # newest first
    times = Counter((post.subject_kind, post.subject_id) for post in past)
    waited = {(post.subject_kind, post.subject_id): place for place, post in reversed(list(enumerate(past)))}

    def turn(kind: str, number: int | None) -> tuple[int, int, int]:
        return times[kind, number], -waited.get((kind, number), HISTORY), number or 0

    goods = promotion.sellable(connection, village.id)
    known = products.by_id(connection, village.id, {post.subject_id for post in past if post.subject_kind == "product" and post.subject_id})
    by_maker = Counter(known[post.subject_id].maker_id for post in past if post.subject_kind == "product" and post.subject_id in known)
    rows = []
    for maker_id in sorted({one.maker_id for one in goods}, key=lambda number: (by_maker[number], number)):
        hers = sorted((one for one in goods if one.maker_id == maker_id), key=lambda one: turn("product", one.id))
        rows.append([subjects.of_product(one) for one in hers])
    told = [subjects.of_attraction(one) for one in attractions.listed(connection, village.id) if one.photo]
    told += [subjects.of_maker(one) for one in makers.listed(connection, village.id, only_public=True) if one.photo and one.story]
    told.sort(key=lambda one: turn(one.kind, one.id))
    return _mixed(_round(rows), told, count)


def _round(rows: Sequence[Sequence[Thing]]) -> list[Thing]:
    """One of each row, then a second of each that has one, and so on."""
    longest = max((len(row) for row in rows), default=0)
    return [row[place] for place in range(longest) for row in rows if place < len(row)]


def _mixed(goods: Sequence[Subject], others: Sequence[Subject], count: int) -> list[Subject]:
    if not goods or not others:
        return list(goods or others)[:count]
    found: list[Subject] = []
    first, second = cycle(goods), cycle(others)
    while len(found) < count:
        found.append(next(second) if len(found) % OTHERS_EVERY == OTHERS_EVERY - 1 else next(first))
    return found


def _looks(about: Subject) -> list[str]:
    names = [name for name, _ in promotion.looks(languages.FIRST) if posters.wants(name) == (0, 0)]
    own = [name for name in names if about.kind in OCCASIONS.get(name, ())]
    few = ["segera-habis"] if about.left and "segera-habis" in names else []
    return few + own + [name for name in names if name not in OCCASIONS]


def _styles(village: Village, about: Subject) -> list[str]:
    known = captions.names()
    tone = str(village.brand.get("tone", ""))
    wanted = STYLE_OF.get(about.kind) or tuple(dict.fromkeys((*((tone,) if tone else ()), *STYLES)))
    return [style for style in wanted if style in known] or known


def _unlike(options: Sequence[str], before: Sequence[str], number: int) -> str:
    """The option that was used least and not just now; at the beginning another one each time."""
    used = Counter(before)
    last = before[-1] if before else ""
    order = {option: (place - number) % len(options) for place, option in enumerate(options)}
    return min(options, key=lambda option: (option == last and len(options) > 1, used[option], order[option]))


def keep(
    connection: sa.Connection,
    village: Village,
    proposals: Iterable[Proposal],
    *,
    pack: str,
    on: Sequence[Account],
    made_by: str | None,
    at: datetime,
) -> list[int]:
    """Keep proposals as drafts of a pack ("2026-12"); their ids."""
    return [
        drafts.keep(
            connection,
            village_id=village.id,
            draft_id=None,
            title=languages.pick(one.about.name, languages.FIRST),
            form=as_form(one, on),
            due_at=datetime.combine(one.day, one.clock, ZoneInfo(village.zone)),
            at=at,
            made_by=made_by,
            pack=pack,
        )
        for one in proposals
    ]


def as_form(one: Proposal, on: Sequence[Account]) -> dict[str, list[str]]:
    """A proposal as the editor's form has it."""
    photo: Photo | None = one.about.photo
    return {
        **_about(one.about, one.language),
        "foto": [str(photo.id)] if photo else [],
        "cerah": ["1"],
        "poster": [one.poster],
        "style": [one.style],
        "language": [one.language],
        "seed": [str(one.seed)],
        "caption": [one.words],
        "account": [str(account.id) for account in on],
        "date": [f"{one.day:%Y-%m-%d}"],
        "time": [f"{one.clock:%H:%M}"],
    }


def _about(of: Subject, language: str) -> dict[str, list[str]]:
    if of.kind == "event":
        said = {"acara_judul": of.name, "acara_tanggal": of.date, "acara_jam": of.hours, "acara_tempat": of.place, "acara_cerita": of.story}
        return {"acara": ["1"], **{field: [languages.pick(words, language)] for field, words in said.items()}}
    return {{"product": "produk", "attraction": "wisata", "maker": "umkm"}[of.kind]: [str(of.id)]}
