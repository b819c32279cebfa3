"""The page of the post editor: a sheet with its pictures, what does not fit them, how long its words are, and all there is to choose."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse

import storefront.desk.frame as frame
import storefront.desk.scripts as scripts
import storefront.desk.sheets as sheets
from campaigns import links
from promo import caption_styles, captions, networks, posters
from storefront import languages, media, picturing, promotion, web
from storefront.desk.sheets import Sheet
from storefront.picturing import Shown
from storefront.problems import Problem, Problems
from storefront.staff import Staff

PREVIEW_SCALE = 0.5  # 540 pixels wide
FOCUS_WIDTH = 280  # pixels of the photo that is tapped; fits the smallest phone
# Fields that the small pictures of all looks go by.
TILED = (*sheets.ABOUT, "acara", *sheets.EVENT, *sheets.SAID.values(), "album", "foto", "lain", "cerah", "kode")


def shown(
    store: media.Store,
    who: Staff,
    sheet: Sheet,
    name: str,
    public_url: str,
    *,
    scale: float = PREVIEW_SCALE,
    only: int | None = None,
    code: str = "",
) -> list[Shown]:
    """The pictures of a sheet in one format, as small as they are looked at unless `scale` says otherwise; `code` is the link's."""
    url = links.url(public_url, code or picturing.NO_CODE)
    return picturing.pictures(
        store, who.village, sheet.about, sheet.poster, sheet.language, name, wishes=sheet.wishes, url=url, scale=scale, only=only
    )


def lengths(connection: sa.Connection, who: Staff, sheet: Sheet, public_url: str) -> list[dict[str, int]]:
    """For each open account how long the words are as its network counts, and how long they may be."""
    text = promotion.in_full(sheet.words, public_url)
    return [
        {"id": account.id, "length": networks.length(account.network, text), "most": networks.get(account.network).LIMITS.text}
        for account in sheets.opened(connection, who.village_id)
    ]


def words_told(connection: sa.Connection, who: Staff, sheet: Sheet, public_url: str) -> list[str]:
    chosen = [account for account in sheets.opened(connection, who.village_id) if account.id in sheet.account_ids]
    found = promotion.about_words(sheet.words, chosen, public_url) if sheet.words.strip() else []
    return [languages.say(who.language, problem.key, **problem.facts) for problem in found]


def show(
    request: Request, who: Staff, connection: sa.Connection, at: datetime, sheet: Sheet, error: Problem | Problems | None = None
) -> HTMLResponse:
    """The editor with a sheet in it."""
    store, public_url = web.store_of(request), web.settings_of(request).public_url
    known = sheets.looks(sheet.about, sheet.photos, is_album=sheet.is_album)
    counted = lengths(connection, who, sheet, public_url)
    over = caption_styles.overlay(sheet.language)
    return frame.draw(
        request,
        who,
        "post_new",
        here="posts",
        status=422 if error else 200,
        script=scripts.address("post-editor"),
        sheet=sheet,
        first=sheet.about[0],
        defaults=_defaults(store, who, sheet),
        frames=list(_frames(who, sheet)),
        picture_told=_pictures_told(store, who, sheet, public_url),
        query=address_of(sheet),
        look_query=urlencode([pair for pair in sheet.query() if pair[0] in TILED]),
        posters=[pair for pair in promotion.looks(who.language, is_album=sheet.is_album) if pair[0] in known],
        shows={name: picturing.shows(name) for name in known},
        takes_many=[name for name in known if posters.wants(name)[1] > 1],
        can_be_album=len(sheet.about) > 1 or len(sheet.photos) > 1,
        focus=_focus(sheet),
        dim=picturing.dim(store, sheet.about, sheet.wishes),
        styles=[(name, languages.pick(caption_styles.get(name).title, who.language)) for name in captions.names()],
        spoken=_spoken(who),
        unread=bool(over and not over.reviewed_by),
        accounts=[
            (account, networks.get(account.network).TITLE, length)
            for account, length in zip(sheets.opened(connection, who.village_id), counted, strict=True)
        ],
        fewer=_fewer(connection, who, sheet),
        words_told=words_told(connection, who, sheet, public_url),
        clock=f"{who.village.local(at):%H.%M} {languages.ZONE_NAMES.get(who.village.zone, '')}".strip(),
        zone=languages.ZONE_NAMES.get(who.village.zone, who.village.zone),
        errors=web.sentences(error, who.language) if error else {},
    )


def address_of(sheet: Sheet) -> str:
    """The query of the address of its pictures."""
    return urlencode(sheet.query())


def _frames(who: Staff, sheet: Sheet) -> Iterator[dict[str, Any]]:
    """The pictures to show: every format, or of an album each of its pictures upright."""
    count = min(picturing.album_size(sheet.about, sheet.wishes), picturing.ALBUM_MOST)
    for name, number in (
        [("portrait", number + 1) for number in range(count)] if sheet.is_album else [(name, 1) for name in picturing.FORMATS]
    ):
        width, height = posters.FORMATS[name]
        called = languages.say(who.language, f"post.format.{name}")
        if sheet.is_album:
            called = languages.say(who.language, "post.album.number", number=number, count=count)
        size = {"width": round(width * PREVIEW_SCALE), "height": round(height * PREVIEW_SCALE)}
        yield {"format": name, "number": number, "name": called, **size}


def _pictures_told(store: media.Store, who: Staff, sheet: Sheet, public_url: str) -> dict[str, list[str]]:
    """{sentence: the formats it is about}. The pictures are drawn as they are shown: showing them is quick after this."""
    found: dict[str, list[str]] = {}
    for name in ["portrait"] if sheet.is_album else picturing.FORMATS:
        keys = dict.fromkeys(key for one in shown(store, who, sheet, name, public_url) for key in one.drawn.warnings)
        for key in keys:
            if key != "poster.no_photo" or sheet.about[0].kind != "product":  # of a product the page says so with the way to mend it
                found.setdefault(languages.say(who.language, key), []).append(languages.say(who.language, f"post.format.{name}"))
    return {sentence: [] if sheet.is_album else names for sentence, names in found.items()}


def _defaults(store: media.Store, who: Staff, sheet: Sheet) -> dict[str, str]:
    """What stands on the picture where nothing is typed."""
    said, spoken = (
        picturing.facts(store, who.village, sheet.about[0], sheet.language),
        picturing.WRITTEN_IN.get(sheet.language, sheet.language),
    )
    is_one = len(sheet.about) == 1
    title = said.title if is_one else picturing.title_of_all(who.village, sheet.about, spoken)
    return {"title": title, "kicker": said.kicker, "badge": said.badge if is_one else ""}


def _focus(sheet: Sheet) -> dict[str, Any] | None:
    """The photo whose focal point can be set: the one on the picture."""
    if not sheet.wishes.photos:
        return None
    photo = sheet.wishes.photos[0]
    height = round(FOCUS_WIDTH * photo.height / photo.width)
    return {"photo": photo, "width": FOCUS_WIDTH, "height": height, "left": round(photo.focus_x * 100), "top": round(photo.focus_y * 100)}


def _spoken(who: Staff) -> list[tuple[str, str]]:
    """What a caption can be written in, with its name."""
    names = dict(frame.languages_known())
    overlays = ((code, caption_styles.overlay(code)) for code in caption_styles.languages())
    return [(code, languages.pick(over.title, who.language) if over else names.get(code, code)) for code, over in overlays]


def _fewer(connection: sa.Connection, who: Staff, sheet: Sheet) -> list[str]:
    """Which accounts take fewer pictures than an album has."""
    if not sheet.is_album:
        return []
    count = picturing.album_size(sheet.about, sheet.wishes)
    found = [(account, networks.get(account.network).LIMITS.pictures) for account in sheets.opened(connection, who.village_id)]
    return [
        languages.say(who.language, "post.album.fewer" if most > 1 else "post.album.one", account=account.title, most=most)
        for account, most in found
        if most < count and account.id in sheet.account_ids
    ]
