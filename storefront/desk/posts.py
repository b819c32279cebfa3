"""Posts at the desk: pick a product, look at its pictures and words, say where and when, and see what became of it."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from promo import accounts, caption_styles, captions, networks, posters, posts, targets
from promo.posts import Post
from promo.targets import Target
from storefront import database, languages, media, products, promotion, web, whatsapp
from storefront.desk.forms import Form
from storefront.desk.frame import Publishing, Signed
from storefront.problems import Problem, Problems
from storefront.products import Product
from storefront.staff import Staff
from storefront.web import Config, Now, Reading, Store, Writing

router = frame.router()

PREVIEW_SCALE = 0.5
SLOTS = (time(7, 0), time(12, 0), time(17, 0), time(19, 30))  # when people look at their phones; a first guess for the form
USUAL_STYLE = "hangat"  # warm; the first there is, where somebody has taken it away
SOON = timedelta(minutes=15)
TONES = {"published": "good", "partly": "good", "needs_person": "bad", "rejected": "bad", "expired": "bad", "waiting": "wait"}


@dataclass(frozen=True)
class Draft:
    """A post as it stands in the form: nothing of it is anywhere else yet."""

    product: Product
    poster: str
    style: str
    language: str
    seed: int
    words: str
    account_ids: Sequence[int]
    date: str
    time: str
    told: Sequence[str] = ()  # keys of what had to be left out of the words


@router.get("/unggahan")
def listed(request: Request, who: Signed, connection: Reading) -> HTMLResponse:
    """The posts of the village, newest first, each with where it stands."""
    found = posts.listed(connection, who.village_id)
    return frame.draw(request, who, "posts", here="posts", posts=found, tones=TONES)


@router.get("/unggahan/baru")
def new(request: Request, who: Signed, connection: Reading, at: Now, produk: int | None = None) -> HTMLResponse:
    """Without a product those to choose from; with one its pictures, a caption, and the rest of the form filled in."""
    if produk is None:
        return frame.draw(request, who, "post_pick", here="posts", products=promotion.sellable(connection, who.village_id))
    product = products.get(connection, who.village_id, produk)
    return _editor(request, who, connection, at, _fresh(who, product, _open(connection, who), at))


@router.post("/unggahan/pratinjau")
def preview(request: Request, who: Signed, connection: Reading, typed: forms.Typed, at: Now) -> HTMLResponse:
    """The form again with other pictures or new words; nothing is kept anywhere."""
    return _editor(request, who, connection, at, _draft(connection, who, typed))


@router.get("/unggahan/pratinjau.jpg")
def picture(
    who: Signed,
    connection: Reading,
    store: Store,
    produk: int,
    poster: str,
    format: str = "square",  # noqa: A002 - the word in the address
    bahasa: str = "id",
    kecil: bool = False,
) -> Response:
    """One picture of a post that is being made, at half its size; for staff's eyes only."""
    product = products.get(connection, who.village_id, produk)
    if format not in posters.FORMATS or poster not in _looks():
        raise web.NotFound
    scale = PREVIEW_SCALE / 2 if kecil else PREVIEW_SCALE
    drawn = promotion.draw(store, who.village, product, poster, bahasa, format, scale=scale)
    return Response(drawn.jpeg, media_type="image/jpeg")


@router.post("/unggahan")
def create(request: Request, who: Publishing, typed: forms.Typed, store: Store, config: Config, at: Now) -> Response:
    """Make the post and schedule it, or the form again with every sentence that is needed and nothing lost."""
    engine = request.app.state.engine
    with database.reading(engine) as connection:
        draft = _draft(connection, who, typed)
    try:
        made = _promoted(engine, store, who, draft, at, config.public_url, request.app.state.post_clock)
    except (Problem, Problems) as error:
        with database.reading(engine) as connection:
            return _editor(request, who, connection, at, draft, error)
    return frame.go(f"/desk/unggahan/{made.id}", "scheduled")


@router.get("/unggahan/{post_id}")
def look(request: Request, who: Signed, connection: Reading, at: Now, post_id: int) -> HTMLResponse:
    """One post: its pictures, each account's state, link and journal, and what can still be done."""
    return _page(request, who, connection, at, posts.get(connection, who.village_id, post_id))


@router.post("/unggahan/{post_id}/sasaran/{target_id}/pembatalan")
def cancel(request: Request, who: Publishing, connection: Writing, at: Now, post_id: int, target_id: int) -> Response:
    """It will not be sent."""
    post = _with_target(connection, who, post_id, target_id)
    try:
        posts.cancel(connection, who.village_id, target_id, at=at, clock=request.app.state.post_clock)
    except posts.NotPossible as error:
        return _page(request, who, connection, at, post, _problem(error))
    return frame.go(f"/desk/unggahan/{post_id}", "cancelled")


@router.post("/unggahan/{post_id}/sasaran/{target_id}/jadwal")
def move(request: Request, who: Publishing, connection: Writing, typed: forms.Typed, at: Now, post_id: int, target_id: int) -> Response:
    """Another time."""
    post = _with_target(connection, who, post_id, target_id)
    try:
        due_at = forms.moment(typed.text("date"), typed.text("time"), who.village.zone)
        posts.move(connection, who.village_id, target_id, due_at=due_at, at=at, clock=request.app.state.post_clock)
    except (posts.NotPossible, Problem) as error:
        return _page(request, who, connection, at, post, _problem(error))
    return frame.go(f"/desk/unggahan/{post_id}", "rescheduled")


@router.post("/unggahan/{post_id}/sasaran/{target_id}/jawaban")
def settle(request: Request, who: Publishing, connection: Writing, typed: forms.Typed, at: Now, post_id: int, target_id: int) -> Response:
    """A person looked at the network: it is there, or it is not."""
    post = _with_target(connection, who, post_id, target_id)
    permalink = typed.text("permalink")
    answer: dict[str, Any] = {"is_there": typed.text("jawaban") == "ada", "permalink": permalink if _is_address(permalink) else None}
    try:
        posts.settle(connection, who.village_id, target_id, **answer, at=at, clock=request.app.state.post_clock)
    except posts.NotPossible as error:
        return _page(request, who, connection, at, post, _problem(error))
    return frame.go(f"/desk/unggahan/{post_id}", "settled")


# ---- the form ------------------------------------------------------------------------------------------------------------------------


def _fresh(who: Staff, product: Product, chosen: Sequence[accounts.Account], at: datetime) -> Draft:
    seed = zlib.crc32(f"{product.id} {at:%Y-%m-%d}".encode()) % 1_000  # another day, other words
    poster, style, language = _looks()[0], _one_of(USUAL_STYLE, captions.names()), languages.FIRST
    written = promotion.suggestion(who.village, product, style, language, seed=seed, on=chosen)
    local = who.village.local(at)
    slots = [datetime.combine(local.date() + timedelta(days=days), slot, local.tzinfo) for days in (0, 1) for slot in SLOTS]
    due = next(slot for slot in slots if slot >= local + SOON)
    account_ids = [account.id for account in chosen]
    clock = (f"{due:%Y-%m-%d}", f"{due:%H:%M}")
    return Draft(product, poster, style, language, seed, written.text, account_ids, *clock, written.warnings)


def _draft(connection: sa.Connection, who: Staff, typed: Form) -> Draft:
    """The form as it was sent; with "write anew" its caption is made afresh."""
    product = products.get(connection, who.village_id, typed.number("produk") or 0)
    poster = _one_of(typed.text("poster"), _looks())
    style, language = _one_of(typed.text("style"), captions.names()), _one_of(typed.text("language"), languages.known())
    seed, words = (typed.number("seed") or 0) % 10_000, typed.typed("caption")
    account_ids = typed.numbers("account")
    told: Sequence[str] = ()
    if typed.has("anew"):
        seed += 1
        chosen = [account for account in _open(connection, who) if account.id in account_ids]
        written = promotion.suggestion(who.village, product, style, language, seed=seed, on=chosen)
        words, told = written.text, written.warnings
    return Draft(product, poster, style, language, seed, words, account_ids, typed.text("date"), typed.text("time"), told)


def _promoted(engine: sa.Engine, store: Any, who: Staff, draft: Draft, at: datetime, public_url: str, clock: Any) -> Post:
    found: list[Problem] = []
    due_at = None
    try:
        due_at = forms.moment(draft.date, draft.time, who.village.zone)
    except Problem as error:
        found.append(error)
    try:
        return promotion.promote(
            engine,
            store,
            village=who.village,
            product=draft.product,
            poster=draft.poster,
            language=draft.language,
            words=draft.words,
            account_ids=draft.account_ids,
            due_at=due_at,
            at=at,
            made_by=who.login,
            public_url=public_url,
            clock=clock,
        )
    except Problems as error:
        others = [problem for problem in error.problems if not (found and problem.key == "post.no_time")]
        raise Problems([*others, *found]) from None


def _looks() -> list[str]:
    return [name for name, _ in promotion.looks(languages.FIRST)]


def _one_of(text: str, known: Sequence[str]) -> str:
    return text if text in known else known[0]


def _open(connection: sa.Connection, who: Staff) -> list[accounts.Account]:
    return [account for account in accounts.listed(connection, who.village_id) if account.state == "open"]


def _editor(
    request: Request, who: Staff, connection: sa.Connection, at: datetime, draft: Draft, error: Problem | Problems | None = None
) -> HTMLResponse:
    return frame.draw(
        request,
        who,
        "post_new",
        here="posts",
        status=422 if error else 200,
        draft=draft,
        product=draft.product,
        warnings=_warnings(web.store_of(request), who, draft),
        formats=promotion.FORMATS,
        posters=promotion.looks(who.language),
        styles=[(name, languages.pick(caption_styles.get(name).title, who.language)) for name in captions.names()],
        accounts=[(account, networks.get(account.network).TITLE) for account in _open(connection, who)],
        clock=f"{who.village.local(at):%H.%M} {languages.ZONE_NAMES.get(who.village.zone, '')}".strip(),
        zone=languages.ZONE_NAMES.get(who.village.zone, who.village.zone),
        errors=web.sentences(error, who.language) if error else {},
    )


def _warnings(store: media.Store, who: Staff, draft: Draft) -> dict[str, list[str]]:
    """{key of a sentence: the formats it is about}. The pictures are drawn as they are shown: showing them is quick after this."""
    found: dict[str, list[str]] = {}
    for name in promotion.FORMATS:
        drawn = promotion.draw(store, who.village, draft.product, draft.poster, draft.language, name, scale=PREVIEW_SCALE)
        for key in drawn.warnings:
            found.setdefault(key, []).append(name)
    return found if draft.product.photo else {key: names for key, names in found.items() if key != "poster.no_photo"}


# ---- one post ------------------------------------------------------------------------------------------------------------------------


def _with_target(connection: sa.Connection, who: Staff, post_id: int, target_id: int) -> Post:
    post = posts.get(connection, who.village_id, post_id)
    if target_id not in [target.id for target in post.targets]:
        raise targets.UnknownTarget(target_id)
    return post


def _problem(error: posts.NotPossible | Problem) -> Problem:
    return error if isinstance(error, Problem) else Problem(error.key, field="", **error.facts)


def _is_address(text: str) -> bool:
    """An address that may become a link on a page: never javascript: or data:."""
    return text.startswith(("https://", "http://")) and len(text) <= 500 and not set(text) & set(" \n\"'<>")


def _page(request: Request, who: Staff, connection: sa.Connection, at: datetime, post: Post, error: Problem | None = None) -> HTMLResponse:
    titles: Mapping[int, str] = {account.id: account.title for account in accounts.listed(connection, who.village_id)}
    return frame.draw(
        request,
        who,
        "post",
        here="posts",
        status=422 if error else 200,
        post=post,
        shown=[(target, *_told(connection, who, target, at)) for target in post.targets],
        titles=titles,
        tones=TONES,
        share=whatsapp.share,
        formats=[name for name in posters.FORMATS if name in post.pictures],
        zone=languages.ZONE_NAMES.get(who.village.zone, who.village.zone),
        errors=web.sentences(error, who.language) if error else {},
    )


def _told(connection: sa.Connection, who: Staff, target: Target, at: datetime) -> tuple[list[tuple[Any, str]], datetime]:
    """([(attempt, key of its sentence)], the due time on the village's clock)."""
    journal = [(attempt, attempt.word(at)) for attempt in posts.attempts(connection, who.village_id, target.id)]
    return journal, who.village.local(target.due_at)
