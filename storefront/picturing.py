"""The pictures of a post: what a poster says and shows of a subject, one picture or an album of several, and the proof of its code."""

import contextlib
import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from campaigns import links, qrcodes
from promo import corrections, photos, posters, templates
from promo.colours import Brand
from promo.posters import Drawn, Entry, Facts
from promo.schema import of
from storefront import languages
from storefront.media import Photo, Store, UnknownPicture
from storefront.products import Product
from storefront.subjects import Subject, of_product
from storefront.villages import Village

FORMATS = ("square", "portrait", "story", "landscape")  # what staff see side by side
NO_CODE = "0" * links.LENGTH  # stands in a preview for the code that each post gets of its own
FEED_WIDTH, FEED_QUALITY = 270, 40  # what a feed makes of a picture: its code must be read from that
ALBUM_LEAST, ALBUM_MOST = posters.LEAST_SLIDES, posters.MOST_SLIDES  # cover and closing picture counted
WRITTEN_IN = {"jv": "id"}  # the overlay of a caption is no language of its own: the poster speaks the one below it
Thing = Subject | Product
Picture = TypeVar("Picture")


@dataclass(frozen=True)
class Wishes:
    """What staff chose for the pictures; "" means: as the subject says. `photos` are those to show, the first on a single picture."""

    title: str = ""
    kicker: str = ""
    badge: str = ""
    body: str = ""
    with_code: bool = False
    is_album: bool = False
    brighten: bool = True  # dim photos only; a good one is never touched
    photos: Sequence[Photo] = field(default=())

    @property
    def has_code(self) -> bool:
        """An album always ends with one."""
        return self.with_code or self.is_album


@dataclass(frozen=True)
class Shown:
    """A finished picture, the words for who cannot see it, and whether a code stands on it."""

    drawn: Drawn
    alt: str
    has_code: bool


def subject_of(thing: Thing) -> Subject:
    """A product may stand for itself."""
    return of_product(thing) if isinstance(thing, Product) else thing


# ---- one picture ---------------------------------------------------------------------------------------------------------------------


def draw(
    store: Store,
    village: Village,
    thing: Thing,
    poster: str,
    language: str,
    format: str,  # noqa: A002 - the word of the engine
    *,
    wishes: Wishes | None = None,
    url: str = "",
    scale: float = 1.0,
) -> Drawn:
    """The poster of one subject in one format; at scale 1 the very picture that is sent."""
    return posters.draw(poster, facts(store, village, thing, language, wishes, url), brand(village), format, scale=scale)


def facts(store: Store, village: Village, thing: Thing, language: str, wishes: Wishes | None = None, url: str = "") -> Facts:
    """What a poster says about a subject, in one language; with a code asked for also `url` as QR code and in small letters."""
    subject, wishes, spoken = subject_of(thing), wishes or Wishes(), WRITTEN_IN.get(language, language)
    photo = wishes.photos[0] if wishes.photos else subject.photo
    shown = url if wishes.with_code else ""
    return Facts(
        title=wishes.title or languages.pick(subject.name, spoken),
        price_idr=subject.price_idr or None,  # what is free says so
        price_text=subject.price(spoken),
        unit=languages.pick(subject.unit, spoken) if subject.price_idr else "",
        village=village.name,
        tagline=languages.pick(village.brand.get("tagline"), spoken),
        maker=subject.maker,
        kicker=wishes.kicker or _above(subject, spoken),
        badge=wishes.badge or (languages.say(spoken, "shop.stock.left", left=subject.left) if subject.left else ""),
        body=wishes.body or _told(subject, spoken),
        link_text=shown.partition("://")[2],
        qr=_code(shown),
        photo=_photo(store, photo.sha256, wishes.brighten) if photo else None,
        focus=photo.focus if photo else (0.5, 0.5),
        logo=_bytes(store, str(village.brand["logo"])) if village.brand.get("logo") else None,
        language=spoken,
    )


def _above(subject: Subject, spoken: str) -> str:
    """The small line above a title."""
    return languages.say(spoken, "post.said.place") if subject.kind == "attraction" else languages.pick(subject.date, spoken)


def _told(subject: Subject, spoken: str) -> str:
    """What stands below a title: the story, and before it when and where."""
    hours, place, story = (languages.pick(words, spoken) for words in (subject.hours, subject.place, subject.story))
    if subject.kind == "attraction" and hours:
        hours = languages.say(spoken, "post.said.open", hours=hours)
    where = place if subject.kind == "event" else ""
    return "\n".join(part for part in (hours, where, story) if part)


def _of_a_maker(said: Facts, poster: str) -> Facts:
    """A poster whose largest words are the maker's name shows hers there, and not a second time as its title."""
    sizes = {item.src: of(item.size, "portrait", 0) for layer in templates.load(poster).layers for item in layer.items}
    return replace(said, maker=said.title, title="") if sizes.get("maker", 0) > sizes.get("title", 0) else said


@functools.lru_cache(maxsize=64)
def _code(url: str) -> qrcodes.Matrix | None:
    return qrcodes.matrix(url.upper(), "M") if url else None


@functools.lru_cache(maxsize=4)
def _photo(store: Store, sha256: str, brighten: bool) -> bytes | None:
    """A photo's master, made brighter where that is wished and it is dim; the last few are kept for the next word that is typed."""
    jpeg = _bytes(store, sha256)
    return corrections.corrected(jpeg)[0] if jpeg and brighten else jpeg


def _bytes(store: Store, sha256: str) -> bytes | None:
    try:
        return store.read(sha256)
    except UnknownPicture:  # a folder that was not restored with its database: the poster says what is missing
        return None


def brand(village: Village) -> Brand:
    """The village's colours for posters; what it has not chosen is the house's."""
    given = village.brand.get("colours", {})
    chosen = {role: given[role] for role in ("primary", "dark", "accent", "light") if isinstance(given.get(role), str)}
    pattern = village.brand.get("pattern")
    return Brand(**chosen, **({"pattern": pattern} if isinstance(pattern, str) else {}))


def looks(language: str, *, is_album: bool = False) -> list[tuple[str, str]]:
    """(name, title) of every poster, or album, that can be drawn; a template that somebody is still writing keeps nobody from posting."""
    found = []
    for name in posters.carousels() if is_album else posters.names():
        with contextlib.suppress(posters.BrokenTemplate):
            found.append((name, posters.title(name, language)))
    return found


def shows(poster: str) -> frozenset[str]:
    """Which of a post's facts this look has a place for: "title", "kicker", "badge", "body" ..."""
    layers = templates.load(poster).layers
    items = [item for layer in layers for one in (layer, *layer.cell) for item in one.items]
    return frozenset(item.src for item in items if item.src)


# ---- all pictures of a post ----------------------------------------------------------------------------------------------------------


def pictures(
    store: Store,
    village: Village,
    about: Sequence[Thing],
    poster: str,
    language: str,
    format: str,  # noqa: A002
    *,
    wishes: Wishes | None = None,
    url: str = "",
    scale: float = 1.0,
    only: int | None = None,
) -> list[Shown]:
    """The pictures of a post in one format and in their order: one, or for an album its cover, the subjects or photos, the way to the shop.

    A code is left out, with a warning, where another program cannot read it from what a feed makes of the picture. `only` is the number
    of the one picture of an album that is wanted.
    """
    wishes, subjects = wishes or Wishes(), [subject_of(thing) for thing in about]
    if wishes.is_album:
        slides = _slides(store, village, subjects, language, wishes, url)
    else:
        said = facts(store, village, subjects[0], language, wishes, url)
        said = _of_a_maker(said, poster) if subjects[0].kind == "maker" else said
        said = _with_entries(store, village, subjects, said, language, wishes)
        slides = [(said, _alt_of_all(village, subjects, language, wishes))]

    def drawn(told: Sequence[Facts]) -> list[Drawn]:
        if wishes.is_album:
            return posters.carousel(poster, told, brand(village), format, scale=scale, only=None if only is None else min(only, len(told)))
        return [posters.draw(poster, told[0], brand(village), format, scale=scale)]

    told = [said for said, _ in slides]
    wanted = range(len(told)) if only is None or not wishes.is_album else [min(only, len(told)) - 1]
    made = drawn(told)
    if wanted[-1] == len(told) - 1 and told[-1].qr and not _is_proofed(_Finished(poster, format, scale, url, made[-1].jpeg)):
        told[-1] = replace(told[-1], qr=None)
        made[-1] = drawn(told)[-1]
        made[-1] = replace(made[-1], warnings=(*made[-1].warnings, "poster.code_unreadable"))
    return [Shown(one, slides[place][1], told[place].qr is not None) for one, place in zip(made, wanted, strict=True)]


def album_size(about: Sequence[Subject], wishes: Wishes) -> int:
    """How many pictures an album has."""
    return 2 + len(_items(about, wishes))


def fitting(found: Sequence[Picture], most: int) -> Sequence[Picture]:
    """So many pictures of an album as a network takes: those from the first on, and the closing one."""
    if len(found) <= most:
        return found
    return [*found[: most - 1], found[-1]] if most > 1 else found[:1]


def _items(about: Sequence[Subject], wishes: Wishes) -> list[tuple[Subject, Wishes]]:
    """What stands between cover and closing picture: each subject, or each photo of the only one."""
    plain = Wishes(brighten=wishes.brighten)
    if len(about) > 1:
        return [(one, plain) for one in about]
    return [(about[0], replace(plain, photos=(photo,))) for photo in (wishes.photos or about[0].photos)]


def photos_on(about: Sequence[Subject], wishes: Wishes) -> list[Photo]:
    """The photos that the pictures of a post show, each once."""
    many = wishes.is_album or len(about) > 1
    shown = [own.photos[0] if own.photos else one.photo for one, own in _items(about, wishes)] if many else list(wishes.photos)
    return list({photo.id: photo for photo in shown if photo}.values())


def dim(store: Store, about: Sequence[Subject], wishes: Wishes) -> list[Photo]:
    """Those of them that are so dark that they may be brightened."""
    return [photo for photo in photos_on(about, wishes) if _is_dim(store, photo.sha256)]


@functools.lru_cache(maxsize=512)
def _is_dim(store: Store, sha256: str) -> bool:
    jpeg = _bytes(store, sha256)
    return jpeg is not None and corrections.is_dim(jpeg)


def _slides(store: Store, village: Village, about: Sequence[Subject], language: str, wishes: Wishes, url: str) -> list[tuple[Facts, str]]:
    """[(what the picture says, the words for who cannot see it)] of an album."""
    spoken = WRITTEN_IN.get(language, language)
    cover = facts(store, village, about[0], language, replace(wishes, with_code=False))
    if len(about) > 1:
        title = wishes.title or title_of_all(village, about, spoken)
        names = wishes.body or ", ".join(languages.pick(one.name, spoken) for one in about)
        cover = replace(cover, title=title, price_idr=None, price_text="", unit="", maker="", badge=wishes.badge, body=names)
    last = languages.say(spoken, "post.album.order" if about[0].kind == "product" else "post.album.visit")
    closing = replace(cover, title=last, price_idr=None, price_text="", unit="", maker="", kicker="", badge="", body="")
    closing = replace(closing, link_text=url.partition("://")[2], qr=_code(url))
    return [
        (cover, _alt_of_all(village, about, language, wishes)),
        *(
            (facts(store, village, one, language, own), alt_text(village, one, language, own))
            for one, own in _items(about, wishes)[: ALBUM_MOST - 2]
        ),
        (closing, ", ".join(part for part in (last, closing.link_text, village.name) if part)),
    ]


def _with_entries(store: Store, village: Village, about: Sequence[Subject], said: Facts, language: str, wishes: Wishes) -> Facts:
    """What a poster of several things shows: several products, or several photos of the one."""
    spoken = WRITTEN_IN.get(language, language)
    if len(about) > 1:
        title = wishes.title or title_of_all(village, about, spoken)
        said = replace(said, title=title, badge=wishes.badge, body=wishes.body)
        shown = [facts(store, village, one, language, Wishes(brighten=wishes.brighten)) for one in about]
    elif len(wishes.photos) > 1:
        shown = [facts(store, village, about[0], language, Wishes(brighten=wishes.brighten, photos=(photo,))) for photo in wishes.photos]
    else:
        return said
    return replace(said, entries=tuple(_entry(one) for one in shown))


def title_of_all(village: Village, about: Sequence[Subject], language: str) -> str:
    """What a picture of one thing is called, or of several."""
    if len(about) == 1:
        return languages.pick(about[0].name, language)
    return languages.say(language, "post.album.cover", count=len(about), village=village.name)


def _entry(said: Facts) -> Entry:
    return Entry(
        title=said.title,
        price_idr=said.price_idr,
        price_text=said.price_text,
        unit=said.unit,
        maker=said.maker,
        kicker=said.kicker,
        badge=said.badge,
        body=said.body,
        photo=said.photo,
        focus=said.focus,
    )


# ---- words and proof -----------------------------------------------------------------------------------------------------------------


def alt_text(village: Village, thing: Thing, language: str, wishes: Wishes | None = None) -> str:
    """The words for who cannot see the poster."""
    subject, spoken = subject_of(thing), WRITTEN_IN.get(language, language)
    photo = wishes.photos[0] if wishes and wishes.photos else subject.photo
    name = (wishes.title if wishes else "") or languages.pick(subject.name, spoken)
    price = f"{subject.price(spoken)} {languages.pick(subject.unit, spoken) if subject.price_idr else ''}".strip()
    seen = languages.pick(photo.alt, spoken) if photo else ""
    when = [languages.pick(words, spoken) for words in (subject.date, subject.hours, subject.place)]
    return ", ".join(dict.fromkeys(part for part in (name, seen, price, *when, subject.maker, village.name) if part))


def _alt_of_all(village: Village, about: Sequence[Subject], language: str, wishes: Wishes) -> str:
    if len(about) == 1:
        return alt_text(village, about[0], language, wishes)
    spoken = WRITTEN_IN.get(language, language)
    parts = (wishes.title, *(f"{languages.pick(one.name, spoken)} {one.price(spoken)}".strip() for one in about), village.name)
    return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class _Finished:
    """A finished picture with a code on it, told from others by what its code depends on: place, size and link, not the words beside it."""

    poster: str
    format: str
    scale: float
    url: str
    jpeg: bytes = field(compare=False)


def _is_proofed(one: _Finished) -> bool:
    """What is sent is read each time; of a preview it is remembered, so that not every letter that is typed has its picture read again."""
    return _proof_of_preview(one) if one.scale < 1 else is_legible(one.jpeg, one.url)


@functools.lru_cache(maxsize=64)
def _proof_of_preview(one: _Finished) -> bool:
    return is_legible(one.jpeg, one.url)


def is_legible(jpeg: bytes, url: str) -> bool:
    """Does another program read the code from what a feed makes of a picture: 270 pixels wide, quality 40?"""
    return url.upper() in qrcodes.read(*photos.grey(photos.in_a_feed(jpeg, FEED_WIDTH, FEED_QUALITY)))
