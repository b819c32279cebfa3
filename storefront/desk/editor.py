"""The post editor: all pictures beside each other, drawn while somebody types; words, accounts and a time; a draft that loses nothing."""

import json
from datetime import date, datetime
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

import storefront.desk.editorpage as editorpage
import storefront.desk.forms as forms
import storefront.desk.frame as frame
import storefront.desk.pictures as pictures
import storefront.desk.planning as planning
import storefront.desk.sheets as sheets
from promo import corrections, photos, posters
from promo.posts import Post
from storefront import attractions, database, drafts, languages, makers, media, picturing, promotion, web
from storefront.desk.forms import Form
from storefront.desk.frame import Publishing, Signed
from storefront.desk.sheets import Sheet
from storefront.problems import Problem, Problems
from storefront.staff import Staff
from storefront.web import Config, Now, Reading, Store, Writing

router = frame.router()

TOLD = "Gapura-Told"  # the header beside a preview: what staff should know about that picture, as a list of sentences


# ---- beginning -----------------------------------------------------------------------------------------------------------------------


@router.get("/unggahan/baru")
def new(request: Request, who: Signed, connection: Reading, at: Now, config: Config) -> HTMLResponse:
    """What a post can be about; or, when the address names it, its pictures, a caption, and the rest of the form filled in."""
    form = sheets.of_query(request)
    if sheets.is_about_nothing(form):
        return _pick(request, who, connection, sheets.asked_slot(who.village, form, at))
    return editorpage.show(request, who, connection, at, sheets.fresh(connection, who, form, at, config.public_url))


@router.get("/unggahan/draf/{draft_id}")
def take_up(request: Request, who: Signed, connection: Reading, at: Now, draft_id: int) -> HTMLResponse:
    """A draft where it was left."""
    kept = drafts.get(connection, who.village_id, draft_id)
    return editorpage.show(request, who, connection, at, sheets.read(connection, who, Form(kept.form, {}), draft_id=draft_id))


def _pick(request: Request, who: Staff, connection: sa.Connection, slot: tuple[str, str] | None) -> HTMLResponse:
    return frame.draw(
        request,
        who,
        "post_pick",
        here="posts",
        products=promotion.sellable(connection, who.village_id),
        attractions=attractions.listed(connection, who.village_id),
        makers=makers.listed(connection, who.village_id, only_public=True),
        most=picturing.ALBUM_MOST - 2,
        slot=slot,
        slot_day=date.fromisoformat(slot[0]) if slot else None,
        zone=languages.ZONE_NAMES.get(who.village.zone, who.village.zone),
    )


# ---- looking -------------------------------------------------------------------------------------------------------------------------


@router.get("/unggahan/pratinjau.jpg")
def picture(request: Request, who: Signed, connection: Reading, store: Store, config: Config) -> Response:
    """One picture of a post that is being made, at half its size; for staff's eyes only."""
    asked = _asked(request)
    return _picture(store, who, sheets.read(connection, who, asked), asked, config.public_url)


@router.post("/unggahan/pratinjau.jpg")
def live_picture(request: Request, who: Signed, connection: Reading, typed: forms.Typed, store: Store, config: Config) -> Response:
    """The same from the form as it stands, or in the look that the address names: what the editor asks for while somebody types."""
    asked = _asked(request)
    form = sheets.with_fields(typed, poster=[asked.text("poster")]) if asked.has("poster") else typed
    return _picture(store, who, sheets.read(connection, who, form), asked, config.public_url)


def _asked(request: Request) -> Form:
    """The fields in an address; a look that there is not is not found."""
    asked = sheets.of_query(request)
    if asked.has("poster") and asked.text("poster") not in {*posters.names(), *posters.carousels()}:
        raise web.NotFound
    return asked


def _picture(store: media.Store, who: Staff, sheet: Sheet, asked: Form, public_url: str) -> Response:
    name = asked.text("format") or "square"
    if name not in posters.FORMATS:
        raise web.NotFound
    scale = editorpage.PREVIEW_SCALE / 2 if asked.has("kecil") else editorpage.PREVIEW_SCALE
    number = asked.number("nomor") or 1
    drawn = editorpage.shown(store, who, sheet, name, public_url, scale=scale, only=number)[0].drawn
    told = [languages.say(who.language, key) for key in drawn.warnings]
    return Response(drawn.jpeg, media_type="image/jpeg", headers={TOLD: quote(json.dumps(told, ensure_ascii=False))})


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
    return editorpage.show(request, who, connection, at, sheet, problem)


@router.post("/unggahan/hitung")
def count(who: Signed, connection: Reading, typed: forms.Typed, config: Config) -> Response:
    """How long the words are on each account, and what is wrong with them: for the editor, while somebody types."""
    sheet = sheets.read(connection, who, typed)
    counted = editorpage.lengths(connection, who, sheet, config.public_url)
    return JSONResponse({"accounts": counted, "told": editorpage.words_told(connection, who, sheet, config.public_url)})


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
            return editorpage.show(request, who, connection, at, sheet, error)
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
