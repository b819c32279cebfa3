"""The post editor: all pictures beside each other, drawn while somebody types; words, accounts and a time; a draft that loses nothing."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
import storefront.desk.pictures as pictures
import storefront.desk.planning as planning
import storefront.desk.scripts as scripts
import storefront.desk.sheets as sheets
from campaigns import links
from promo import caption_styles, captions, corrections, networks, photos, posters
from promo.posts import Post
from storefront import attractions, database, drafts, languages, makers, media, picturing, promotion, web
from storefront.desk.forms import Form
from storefront.desk.frame import Publishing, Signed
from storefront.desk.sheets import Sheet
from storefront.picturing import Shown
from storefront.problems import Problem, Problems
from storefront.staff import Staff
from storefront.web import Config, Now, Reading, Store, Writing

router = frame.router()

PREVIEW_SCALE = 0.5  # 540 pixels wide
FOCUS_WIDTH = 280  # pixels of the photo that is tapped; fits the smallest phone
TILED = (
    "produk",
    "wisata",
    "umkm",
    "acara",
    "acara_judul",
    "album",
    "foto",
    "lain",
    "cerah",
)  # fields that the small pictures of all looks go by
TOLD = "Gapura-Told"  # the header beside a preview: what staff should know about that picture, as a list of sentences


# ---- beginning -----------------------------------------------------------------------------------------------------------------------


@router.get("/unggahan/baru")
def new(request: Request, who: Signed, connection: Reading, at: Now, config: Config) -> HTMLResponse:
    """What a post can be about; or, when the address names it, its pictures, a caption, and the rest of the form filled in."""
    form = sheets.of_query(request)
    if sheets.is_about_nothing(form):
        return _pick(request, who, connection)
    return show(request, who, connection, at, sheets.fresh(connection, who, form, at, config.public_url))


@router.get("/unggahan/draf/{draft_id}")
def take_up(request: Request, who: Signed, connection: Reading, at: Now, draft_id: int) -> HTMLResponse:
    """A draft where it was left."""
    kept = drafts.get(connection, who.village_id, draft_id)
    return show(request, who, connection, at, sheets.read(connection, who, Form(kept.form, {}), draft_id=draft_id))


def _pick(request: Request, who: Staff, connection: sa.Connection) -> HTMLResponse:
    return frame.draw(
        request,
        who,
        "post_pick",
        here="posts",
        products=promotion.sellable(connection, who.village_id),
        attractions=attractions.listed(connection, who.village_id),
        makers=makers.listed(connection, who.village_id, only_public=True),
        most=picturing.ALBUM_MOST - 2,
    )


# ---- looking -------------------------------------------------------------------------------------------------------------------------


@router.get("/unggahan/pratinjau.jpg")
def picture(request: Request, who: Signed, connection: Reading, store: Store, config: Config) -> Response:
    """One picture of a post that is being made, at half its size; for staff's eyes only."""
    asked = sheets.of_query(request)
    if asked.has("poster") and asked.text("poster") not in {*posters.names(), *posters.carousels()}:
        raise web.NotFound
    return _picture(store, who, sheets.read(connection, who, asked), asked, config.public_url)


@router.post("/unggahan/pratinjau.jpg")
def live_picture(request: Request, who: Signed, connection: Reading, typed: forms.Typed, store: Store, config: Config) -> Response:
    """The same from the form as it stands: what the editor asks for while somebody types."""
    return _picture(store, who, sheets.read(connection, who, typed), sheets.of_query(request), config.public_url)


def _picture(store: media.Store, who: Staff, sheet: Sheet, asked: Form, public_url: str) -> Response:
    name = asked.text("format") or "square"
    if name not in posters.FORMATS:
        raise web.NotFound
    scale = PREVIEW_SCALE / 2 if asked.has("kecil") else PREVIEW_SCALE
    number = asked.number("nomor") or 1
    drawn = shown(store, who, sheet, name, public_url, scale=scale, only=number)[0].drawn
    told = [languages.say(who.language, key) for key in drawn.warnings]
    return Response(drawn.jpeg, media_type="image/jpeg", headers={TOLD: quote(json.dumps(told, ensure_ascii=False))})


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


@router.get("/unggahan/cerah/{photo_id}.jpg")
def brightened(who: Signed, connection: Reading, store: Store, photo_id: int) -> Response:
    """A dim photo as it looks brightened, beside itself."""
    jpeg, _ = corrections.corrected(store.read(media.get(connection, who.village_id, photo_id).sha256))
    return Response(photos.derive(jpeg, 320, "jpeg"), media_type="image/jpeg")


@router.post("/unggahan/pratinjau")
def again(
    request: Request,
    who: Signed,
    typed: forms.Typed,
    upload: pictures.Uploaded,
    connection: Writing,
    at: Now,
    config: Config,
) -> HTMLResponse:
    """The form again with other pictures or new words. All of it is kept as a draft."""
    sheet = kept(connection, who, typed, upload, at)
    if typed.has("anew"):
        sheet = sheets.keep(connection, who, sheets.anew(connection, who, sheet, config.public_url), at)
    problem = Problems([upload.problem]) if upload.problem else None
    return show(request, who, connection, at, sheet, problem)


@router.post("/unggahan/hitung")
def count(who: Signed, connection: Reading, typed: forms.Typed, config: Config) -> Response:
    """How long the words are on each account, and what is wrong with them: for the editor, while somebody types."""
    sheet = sheets.read(connection, who, typed)
    return JSONResponse(
        {"accounts": _lengths(connection, who, sheet, config.public_url), "told": _words_told(connection, who, sheet, config.public_url)}
    )


def _lengths(connection: sa.Connection, who: Staff, sheet: Sheet, public_url: str) -> list[dict[str, int]]:
    """For each open account how long the words are as its network counts, and how long they may be."""
    text = promotion.in_full(sheet.words, public_url)
    return [
        {"id": account.id, "length": networks.length(account.network, text), "most": networks.get(account.network).LIMITS.text}
        for account in sheets.opened(connection, who.village_id)
    ]


def _words_told(connection: sa.Connection, who: Staff, sheet: Sheet, public_url: str) -> list[str]:
    chosen = [account for account in sheets.opened(connection, who.village_id) if account.id in sheet.account_ids]
    found = promotion.about_words(sheet.words, chosen, public_url) if sheet.words.strip() else []
    return [languages.say(who.language, problem.key, **problem.facts) for problem in found]


# ---- keeping -------------------------------------------------------------------------------------------------------------------------


@router.post("/unggahan/draf")
def keep(request: Request, who: Signed, typed: forms.Typed, upload: pictures.Uploaded, connection: Writing, at: Now) -> Response:
    """Keep the form as a draft; the editor does so by itself while somebody types."""
    sheet = kept(connection, who, typed, upload, at)
    if "application/json" in request.headers.get("accept", ""):
        said = languages.say(who.language, "post.draft.kept_at", clock=f"{who.village.local(at):%H.%M}")
        return JSONResponse({"id": sheet.draft_id, "told": said})
    return frame.go(f"/desk/unggahan/draf/{sheet.draft_id}", "draft_kept")


@router.post("/unggahan/draf/{draft_id}/pembuangan")
def throw_away(who: Signed, connection: Writing, draft_id: int) -> Response:
    """Throw a draft away."""
    drafts.drop(connection, who.village_id, draft_id)
    return frame.go("/desk/unggahan", "draft_dropped")


def kept(connection: sa.Connection, who: Staff, typed: Form, upload: pictures.Upload, at: datetime) -> Sheet:
    """The form as it was sent, kept as a draft, with an uploaded photo among those to choose from."""
    form = sheets.taken(connection, who, typed, [upload.kept] if upload.kept else [], at)
    return sheets.keep(connection, who, sheets.read(connection, who, form), at)


# ---- making --------------------------------------------------------------------------------------------------------------------------


@router.post("/unggahan")
def create(request: Request, who: Publishing, typed: forms.Typed, upload: pictures.Uploaded, at: Now) -> Response:
    """Make the post and schedule it, or the form again with every sentence that is needed and nothing lost."""
    with database.writing(request.app.state.engine) as connection:
        sheet = kept(connection, who, typed, upload, at)
    try:
        made = promoted(request, who, sheet, at)
    except (Problem, Problems) as error:
        with database.reading(request.app.state.engine) as connection:
            return show(request, who, connection, at, sheet, error)
    return frame.go(f"/desk/unggahan/{made.id}", "asked" if who.asks_first else "scheduled")


def promoted(request: Request, who: Staff, sheet: Sheet, at: datetime) -> Post:
    """Make a post of a sheet; its draft is gone with it. Raises Problem, Problems."""
    engine = request.app.state.engine
    found: list[Problem] = []
    due_at = None
    try:
        due_at = forms.moment(sheet.date, sheet.time, who.village.zone)
    except Problem as error:
        found.append(error)
    try:
        made = promotion.promote(
            engine,
            web.store_of(request),
            village=who.village,
            subjects=sheet.about,
            poster=sheet.poster,
            language=sheet.language,
            words=sheet.words,
            account_ids=sheet.account_ids,
            due_at=due_at,
            at=at,
            made_by=who.login,
            public_url=web.settings_of(request).public_url,
            clock=request.app.state.post_clock,
            wishes=sheet.wishes,
            sending=planning.sending(who, sheet.form),
        )
    except Problems as error:
        others = [problem for problem in error.problems if not (found and problem.key == "post.no_time")]
        raise Problems([*others, *found]) from None
    with database.writing(engine) as connection:
        drafts.drop(connection, who.village_id, sheet.draft_id)
    return made


# ---- the page ------------------------------------------------------------------------------------------------------------------------


def show(
    request: Request, who: Staff, connection: sa.Connection, at: datetime, sheet: Sheet, error: Problem | Problems | None = None
) -> HTMLResponse:
    """The editor with a sheet in it."""
    store, public_url = web.store_of(request), web.settings_of(request).public_url
    known = sheets.looks(sheet.about, sheet.photos, is_album=sheet.is_album)
    lengths = _lengths(connection, who, sheet, public_url)
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
        defaults=picturing.facts(store, who.village, sheet.about[0], sheet.language),
        frames=list(_frames(who, sheet)),
        picture_told=_pictures_told(store, who, sheet, public_url),
        query=address_of(sheet),
        look_query=urlencode([pair for pair in sheet.query() if pair[0] in TILED]),
        posters=[pair for pair in promotion.looks(who.language, is_album=sheet.is_album) if pair[0] in known],
        shows={name: picturing.shows(name) for name in known},
        takes_many=[name for name in known if posters.wants(name)[1] > 1],
        can_be_album=len(sheet.about) > 1 or len(sheet.photos) > 1,
        focus=_focus(sheet),
        dim=_dim(store, sheet),
        styles=[(name, languages.pick(caption_styles.get(name).title, who.language)) for name in captions.names()],
        spoken=_spoken(who),
        unread=bool(over and not over.reviewed_by),
        accounts=[
            (account, networks.get(account.network).TITLE, length)
            for account, length in zip(sheets.opened(connection, who.village_id), lengths, strict=True)
        ],
        fewer=_fewer(connection, who, sheet),
        words_told=_words_told(connection, who, sheet, public_url),
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


def _dim(store: media.Store, sheet: Sheet) -> media.Photo | None:
    """The photo on the picture, where it is so dark that it may be brightened."""
    photo = next(iter(sheet.wishes.photos), None)
    return photo if photo and corrections.is_dim(store.read(photo.sha256)) else None


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
