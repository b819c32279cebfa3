"""A post as it stands in the editor's form: read from what a browser sent, from a draft, or filled in afresh."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from fastapi import Request

import storefront.desk.forms as forms
from promo import accounts, caption_styles, captions, posters
from promo.accounts import Account
from storefront import attractions, drafts, languages, makers, media, packs, products, promotion, subjects, villages
from storefront.desk.forms import Form
from storefront.media import Photo
from storefront.picturing import Wishes
from storefront.problems import Problem
from storefront.staff import Staff
from storefront.subjects import Subject
from storefront.villages import Village

USUAL_STYLE = "hangat"  # warm; the first there is, where somebody has taken it away
STYLE_OF = {"maker": "cerita", "event": "acara"}  # a story for a person, when and where for an event
POSTER_OF = {"maker": "pembuat", "event": "acara", "attraction": "wisata"}  # where it is there; else the first there is
SOON = timedelta(minutes=15)
ABOUT = ("produk", "wisata", "umkm")  # fields that name what a post is about, each with ids
EVENT = ("acara_judul", "acara_tanggal", "acara_jam", "acara_tempat", "acara_cerita")
SAID = {"title": "judul", "kicker": "kicker", "badge": "badge", "body": "isi"}  # what stands on the picture, and its field
LONGEST = {"title": 120, "kicker": 60, "badge": 24, "body": 1_500}
NOT_KEPT = ("draf", "anew", "fokus.x", "fokus.y", "kabar")


@dataclass(frozen=True)
class Sheet:
    """What is in the form. `photos` may be chosen, `shown` are; `told` are keys of what had to be left out of the words."""

    about: Sequence[Subject]
    photos: Sequence[Photo]
    shown: Sequence[Photo]
    said: Mapping[str, str]
    with_code: bool
    is_album: bool
    brighten: bool
    poster: str
    style: str
    language: str
    seed: int
    words: str
    account_ids: Sequence[int]
    date: str
    time: str
    form: Form
    draft_id: int | None = None
    told: Sequence[str] = ()

    @property
    def wishes(self) -> Wishes:
        """What was chosen for the pictures."""
        shown = self.shown if self.takes_many else self.shown[:1] if len(self.about) == 1 else ()
        return Wishes(**self.said, with_code=self.with_code, is_album=self.is_album, brighten=self.brighten, photos=tuple(shown))

    @property
    def takes_many(self) -> bool:
        """Is more than one photo of the subject wanted?"""
        return len(self.about) == 1 and (self.is_album or posters.wants(self.poster)[1] > 1)

    @property
    def title(self) -> str:
        """What a list of drafts calls it."""
        return self.said["title"] or ", ".join(languages.pick(one.name, languages.FIRST) for one in self.about)

    def query(self) -> list[tuple[str, str]]:
        """The fields that make its pictures, for an address."""
        names = (*ABOUT, "acara", *EVENT, *SAID.values(), "foto", "lain", "kode", "album", "cerah", "poster", "language")
        kept = [(name, value) for name in names for value in self.form.fields.get(name, ()) if value]
        return [*(pair for pair in kept if pair[0] not in ("poster", "language")), ("poster", self.poster), ("language", self.language)]


def of_query(request: Request) -> Form:
    """The fields in an address."""
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        found.setdefault(name, []).append(value)
    return Form(found, {})


def is_about_nothing(form: Form) -> bool:
    return not any(form.has(name) for name in (*ABOUT, "acara"))


def read(connection: sa.Connection, who: Staff, form: Form, *, draft_id: int | None = None) -> Sheet:
    """The form as it was sent. Raises LookupError for a product, place or maker that is not there."""
    about = _about(connection, who.village_id, form)
    photos = _photos(connection, who.village_id, about, form)
    spot = focus_of(form)
    if spot:
        photos = [replace(one, focus_x=spot[1][0], focus_y=spot[1][1]) if one.id == spot[0] else one for one in photos]
    is_album = form.has("album")
    known = looks(about, photos, is_album=is_album)
    chosen = set(form.numbers("foto"))
    shown = [one for one in photos if one.id in chosen] or list(photos if is_album else photos[:1])
    return Sheet(
        about=about,
        photos=photos,
        shown=shown,
        said={name: form.text(field)[: LONGEST[name]] for name, field in SAID.items()},
        with_code=form.has("kode"),
        is_album=is_album,
        brighten=form.has("cerah"),
        poster=form.text("poster") if form.text("poster") in known else usual_poster(about, known),
        style=one_of(form.text("style"), captions.names()),
        language=one_of(form.text("language") or form.text("bahasa"), caption_styles.languages()),
        seed=(form.number("seed") or 0) % 10_000,
        words=form.typed("caption"),
        account_ids=form.numbers("account"),
        date=form.text("date"),
        time=form.text("time"),
        form=form,
        draft_id=draft_id if draft_id is not None else form.number("draf"),
    )


def fresh(connection: sa.Connection, who: Staff, form: Form, at: datetime, public_url: str) -> Sheet:
    """Filled in for what the address names: a look, a caption unlike those before, all accounts, the next good hour."""
    sheet = read(connection, who, form)
    chosen = opened(connection, who.village_id)
    first = sheet.about[0]
    styles = captions.names()
    style = one_of(STYLE_OF.get(first.kind) or str(who.village.brand.get("tone", USUAL_STYLE)), styles)
    style = style if style in styles else one_of(USUAL_STYLE, styles)
    is_many = len(sheet.about) > 1 and not form.has("poster")
    if is_many and not looks(sheet.about, sheet.photos, is_album=False):
        form = with_fields(form, album=["1"])
    seed = zlib.crc32(f"{first.key} {at:%Y-%m-%d}".encode()) % 1_000  # another day, other words
    date, clock = asked_slot(who.village, form, at) or next_slot(who.village, at)
    given = {"cerah": ["1"], "style": [style], "seed": [str(seed)], "date": [date], "time": [clock]}
    form = with_fields(form, account=[str(account.id) for account in chosen], **given)
    return anew(connection, who, read(connection, who, form), public_url, step=0)


def anew(connection: sa.Connection, who: Staff, sheet: Sheet, public_url: str, *, step: int = 1) -> Sheet:
    """The sheet with a caption written afresh, unlike those of the village so far."""
    seed = sheet.seed + step
    chosen = [account for account in opened(connection, who.village_id) if account.id in sheet.account_ids]
    kept = (text for one in drafts.listed(connection, who.village_id) if one.id != sheet.draft_id for text in one.form.get("caption", ()))
    before = [text for text in (*promotion.recent_words(connection, who.village_id), *kept, sheet.words) if text.strip()]
    about = sheet.about[0] if len(sheet.about) == 1 else subjects.of_several(sheet.about)
    if sheet.said["title"]:
        about = replace(about, name={**about.name, **dict.fromkeys(("id", "en"), sheet.said["title"])})
    written = promotion.suggestion(
        who.village, about, sheet.style, sheet.language, seed=seed, on=chosen, public_url=public_url, unlike=before
    )
    form = with_fields(sheet.form, seed=[str(seed)], caption=[written.text])
    return replace(sheet, seed=seed, words=written.text, told=written.warnings, form=form)


def asked_slot(village: Village, form: Form, at: datetime) -> tuple[str, str] | None:
    """(date, time) that an address asks for, as a free place in the calendar does; None for none, for nonsense and for what is over."""
    try:
        due = forms.moment(form.text("date"), form.text("time"), village.zone)
    except Problem:
        return None
    return (f"{due:%Y-%m-%d}", f"{due:%H:%M}") if due and due > at else None


def next_slot(village: Village, at: datetime) -> tuple[str, str]:
    """(date, time) of the next good hour on the village's clock."""
    local = village.local(at)
    slots = [datetime.combine(local.date() + timedelta(days=days), slot, local.tzinfo) for days in (0, 1) for slot in packs.SLOTS]
    due = next(slot for slot in slots if slot >= local + SOON)
    return f"{due:%Y-%m-%d}", f"{due:%H:%M}"


def opened(connection: sa.Connection, village_id: int) -> list[Account]:
    """The accounts a post can be sent to."""
    return [account for account in accounts.listed(connection, village_id) if account.state == "open"]


def looks(about: Sequence[Subject], photos: Sequence[Photo], *, is_album: bool) -> list[str]:
    """The posters that suit so many things: of one, of several at once, or of an album."""
    known = [name for name, _ in promotion.looks(languages.FIRST, is_album=is_album)]
    if is_album:
        return known
    count = len(about) if len(about) > 1 else len(photos)

    def suits(name: str) -> bool:
        least, most = posters.wants(name)
        if len(about) > 1:
            return least <= count <= most
        return most == 0 or (least == most and count >= least)

    return [name for name in known if suits(name)]


def usual_poster(about: Sequence[Subject], known: Sequence[str]) -> str:
    """The poster to begin with."""
    wanted = POSTER_OF.get(about[0].kind, "") if len(about) == 1 else ""
    return wanted if wanted in known else next(iter(known), promotion.looks(languages.FIRST)[0][0])


def one_of(text: str, known: Sequence[str]) -> str:
    return text if text in known else known[0]


def with_fields(form: Form, **values: Sequence[str]) -> Form:
    """The form with these fields instead."""
    return Form({**form.fields, **values}, form.files)


# ---- what it is about, and its photos --------------------------------------------------------------------------------------------------


def _about(connection: sa.Connection, village_id: int, form: Form) -> list[Subject]:
    goods = products.by_id(connection, village_id, form.numbers("produk"))
    found = [subjects.of_product(goods[number]) for number in dict.fromkeys(form.numbers("produk")) if number in goods]
    found += [subjects.of_attraction(attractions.get(connection, village_id, number)) for number in form.numbers("wisata")]
    found += [subjects.of_maker(makers.get(connection, village_id, number)) for number in form.numbers("umkm")]
    if form.has("acara"):
        title, date, hours, place, story = (form.text(name)[:1_500] for name in EVENT)
        village = villages.get(connection, village_id)
        photo = media.by_id(connection, village_id, [village.photo_id]).get(village.photo_id or 0)
        found.append(subjects.event(title, date=date, hours=hours, place=place, story=story, photos=(photo,) if photo else ()))
    if not found:
        raise products.UnknownProduct
    return found


def _photos(connection: sa.Connection, village_id: int, about: Sequence[Subject], form: Form) -> list[Photo]:
    """Those of what it is about, and others that were uploaded for this post."""
    found = {photo.id: photo for one in about for photo in one.photos} if len(about) == 1 else {}
    return list({**found, **media.by_id(connection, village_id, form.numbers("lain"))}.values())


def focus_of(form: Form) -> tuple[int, tuple[float, float]] | None:
    """(the photo, its focal point) as it was tapped, dragged or set in the form; None when it was not."""
    number = form.number("fokus_foto")
    if number is None:
        return None
    try:
        if form.has("fokus.x") and (form.text("fokus.x"), form.text("fokus.y")) != ("0", "0"):  # a key press on the picture sends 0, 0
            across = float(form.text("fokus.x")) / float(form.text("fokus_w"))
            down = float(form.text("fokus.y")) / float(form.text("fokus_h"))
        else:
            across, down = float(form.text("fokus_kiri")) / 100, float(form.text("fokus_atas")) / 100
    except (ValueError, ZeroDivisionError):
        return None
    if not (0 <= across <= 1 and 0 <= down <= 1):
        return None
    return number, (round(across, 3), round(down, 3))


def keep_focus(connection: sa.Connection, village_id: int, form: Form) -> None:
    """Store a focal point that was set in the form with its photo: every crop from now on keeps to it."""
    spot = focus_of(form)
    photo = media.by_id(connection, village_id, [spot[0]]).get(spot[0]) if spot else None
    if spot and photo and max(abs(photo.focus_x - spot[1][0]), abs(photo.focus_y - spot[1][1])) > 0.006:  # the form knows whole hundredths
        media.set_focus(connection, village_id, photo.id, spot[1])


# ---- keeping it ------------------------------------------------------------------------------------------------------------------------


def due(village: Village, sheet: Sheet) -> datetime | None:
    """When it is meant to go out, as far as that can be read."""
    try:
        return forms.moment(sheet.date, sheet.time, village.zone)
    except Problem:
        return None


def keep(connection: sa.Connection, who: Staff, sheet: Sheet, at: datetime) -> Sheet:
    """Keep the sheet as a draft, and a focal point with its photo."""
    keep_focus(connection, who.village_id, sheet.form)
    fields: dict[str, Any] = {name: list(values) for name, values in sheet.form.fields.items() if name not in NOT_KEPT}
    number = drafts.keep(
        connection,
        village_id=who.village_id,
        draft_id=sheet.draft_id,
        title=sheet.title,
        form=fields,
        due_at=due(who.village, sheet),
        at=at,
        made_by=who.login,
    )
    return replace(sheet, draft_id=number)


def taken(connection: sa.Connection, who: Staff, form: Form, kept: Iterable[media.Kept], at: datetime) -> Form:
    """The form with uploaded photos among those to choose from, and chosen."""
    ids = [str(media.add_kept(connection, who.village_id, one, alt={}, at=at).id) for one in kept]
    if not ids:
        return form
    chosen = [*form.fields.get("foto", ()), *ids] if form.has("album") else ids
    others = [value for value in form.fields if value not in ("fokus_foto",)]
    return Form({**{name: form.fields[name] for name in others}, "lain": [*form.fields.get("lain", ()), *ids], "foto": chosen}, form.files)
