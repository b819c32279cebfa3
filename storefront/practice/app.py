"""The pages and the API of the practice network."""

import asyncio
import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

from babel.dates import format_timedelta
from fastapi import FastAPI, Header, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape
from pydantic import BaseModel, Field
from starlette.types import Receive, Scope, Send

from storefront import languages
from storefront.practice.mischief import FAULTS, Mischief
from storefront.practice.shelf import Post, Shelf, UnknownMedia

_HERE = Path(__file__).parent
_STYLE = (_HERE / "style.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; img-src 'self'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer-when-downgrade",
    "Cache-Control": "no-store",
}
_LARGEST = 8 * 1024 * 1024
_TOKENS = re.compile(r"(?P<link>https?://[^\s<>\"]+)|(?P<tag>#\w+)|(?P<who>(?<!\w)@\w[\w.]*)", re.IGNORECASE)
_templates = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True)


class NewPost(BaseModel):
    """The body of POST /api/posts."""

    caption: str = Field(max_length=2_200)
    media: list[str] = Field(default=[], max_length=10)
    marker: str = Field(default="", max_length=100)
    account: str = Field(default="desa", min_length=1, max_length=100)


class Misbehaviour(BaseModel):
    """The JSON body of POST /misbehave: {"faults": {"error_after": 3}, "seconds": 2, "chance": {"slow": 0.1}}; {} ends everything."""

    faults: dict[str, int] = {}
    seconds: float | None = None
    chance: dict[str, float] | None = None


class _Cut(Response):
    """An answer that breaks off: the client sees the connection die."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"512")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": False})


def links(caption: str) -> list[str]:
    """The addresses in a caption, without the full stop of the sentence."""
    return [match["link"].rstrip(".,;:!?)") for match in _TOKENS.finditer(caption) if match["link"]]


def make_app(folder: Path) -> FastAPI:
    """The practice network that keeps its things in `folder`."""
    app = FastAPI(title="Jaringan Latihan", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.shelf = Shelf(folder)
    app.state.mischief = Mischief()
    _add_api(app, app.state.shelf, app.state.mischief)
    _add_pages(app, app.state.shelf, app.state.mischief)
    return app


def _add_api(app: FastAPI, shelf: Shelf, mischief: Mischief) -> None:
    @app.post("/api/media", response_model=None)
    async def upload(request: Request, authorization: Annotated[str, Header()] = "", x_alt: Annotated[str, Header()] = "") -> JSONResponse:
        refused = _refused(mischief, authorization)
        if refused:
            return refused
        if int(request.headers.get("content-length") or 0) > _LARGEST:
            return _error(413, 41, "too large")
        data = await request.body()
        if len(data) > _LARGEST:
            return _error(413, 41, "too large")
        if not data.startswith(b"\xff\xd8\xff"):
            return _error(415, 42, "not a JPEG")
        return JSONResponse({"id": await asyncio.to_thread(shelf.add_picture, data, unquote(x_alt)[:2_000])}, 201)

    @app.post("/api/posts", response_model=None)
    async def publish(request: Request, new: NewPost, authorization: Annotated[str, Header()] = "") -> Response:
        refused = _refused(mischief, authorization)
        if refused:
            return refused
        fault = mischief.of_publishing()
        early = {"error_before": _error(500, 1, "try later"), "full": _error(429, 4, "too many"), "drop_before": _Cut()}
        if fault in early:
            return early[fault]
        if fault == "late":
            await asyncio.sleep(mischief.seconds)
        try:
            add = (new.account, new.caption, new.marker, tuple(new.media), datetime.now(UTC))
            post = await asyncio.to_thread(shelf.add_post, *add)
        except UnknownMedia:
            return _error(424, 43, "no such picture")
        if fault == "slow":
            await asyncio.sleep(mischief.seconds)
        broken = {"error_after": _error(500, 1, "try later"), "drop_after": _Cut()}
        return broken.get(fault or "") or JSONResponse(_as_json(post, str(request.base_url)), 201)

    @app.get("/api/posts", response_model=None)
    async def listing(
        request: Request,
        since: Annotated[datetime | None, Query()] = None,
        account: Annotated[str, Query()] = "",
        authorization: Annotated[str, Header()] = "",
    ) -> JSONResponse:
        refused = _refused(mischief, authorization)
        if refused:
            return refused
        until = datetime.now(UTC) - timedelta(seconds=mischief.of_listing())
        shown = [one for one in shelf.posts() if one.at <= until and (since is None or one.at >= since) and account in ("", one.account)]
        return JSONResponse({"posts": [_as_json(one, str(request.base_url)) for one in shown]})

    @app.get("/api/posts/{post_id}", response_model=None)
    async def numbers(post_id: str, authorization: Annotated[str, Header()] = "") -> JSONResponse:
        if not authorization.removeprefix("Bearer ").strip():
            return _error(401, 190, "log in again")
        post = shelf.post(int(post_id)) if post_id.isdecimal() else None
        return JSONResponse(asdict(shelf.numbers(post.id)) if post else {"views": None, "likes": None})

    @app.get("/posts.json")
    async def everything(request: Request) -> list[dict[str, Any]]:
        return [_as_json(one, str(request.base_url)) for one in shelf.posts()]


def _refused(mischief: Mischief, authorization: str) -> JSONResponse | None:
    if mischief.of_any() == "token_dead" or not authorization.removeprefix("Bearer ").strip():
        return _error(401, 190, "log in again")
    return None


def _error(status: int, code: int, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status)


def _as_json(post: Post, base: str) -> dict[str, Any]:
    return {
        "id": post.id,
        "account": post.account,
        "caption": post.caption,
        "marker": post.marker,
        "pictures": [f"{base}media/{one.id}.jpg" for one in post.pictures],
        "alts": [one.alt for one in post.pictures],
        "links": links(post.caption),
        "at": post.at.isoformat(),
        "permalink": f"{base}p/{post.id}",
    }


def _add_pages(app: FastAPI, shelf: Shelf, mischief: Mischief) -> None:
    def _shown(request: Request, posts: list[Post], *, is_single: bool = False) -> HTMLResponse:
        shelf.count([post.id for post in posts], views=1)
        status = 404 if is_single and not posts else 200
        return _page(request, "timeline.html", status=status, posts=posts, is_single=is_single, numbers=shelf.numbers)

    @app.get("/", response_model=None)
    async def timeline(request: Request) -> HTMLResponse:
        return _shown(request, shelf.posts()[:100])

    @app.get("/p/{number}", response_model=None)
    async def one_post(request: Request, number: int) -> HTMLResponse:
        post = shelf.post(number)
        return _shown(request, [post] if post else [], is_single=True)

    @app.post("/p/{number}/like", response_model=None)
    async def like(number: int) -> Response:
        if shelf.post(number):
            await asyncio.to_thread(shelf.count, [number], likes=1)
        return RedirectResponse(f"/#p{number}", 303)

    @app.get("/media/{picture_id}.jpg", response_model=None)
    async def picture(picture_id: str) -> Response:
        path = shelf.picture_path(picture_id)
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return FileResponse(path, media_type="image/jpeg", headers=headers) if path else Response(status_code=404)

    @app.get("/favicon.ico", response_model=None)
    async def icon() -> Response:
        return Response(status_code=204)

    @app.get("/misbehave", response_model=None)
    async def switches(request: Request) -> HTMLResponse:
        return _page(request, "misbehave.html", faults=FAULTS, left=mischief.left, seconds=mischief.seconds)

    @app.post("/misbehave", response_model=None)
    async def switch(request: Request) -> Response:
        if request.headers.get("content-type", "").startswith("application/json"):
            wish = Misbehaviour.model_validate(await request.json())
            mischief.end() if not (wish.faults or wish.chance) else None
            mischief.set(wish.faults, seconds=wish.seconds, chance=wish.chance)
            return JSONResponse({"left": mischief.left, "seconds": mischief.seconds})
        form = await request.form()
        mischief.end()
        mischief.set({fault: _number(form.get(fault)) for fault in FAULTS}, seconds=float(_number(form.get("seconds")) or 5))
        return RedirectResponse("/misbehave", 303)


def _number(typed: object) -> int:
    return min(int(typed), 1_000) if isinstance(typed, str) and typed.isdigit() else 0


def _page(request: Request, name: str, *, status: int = 200, **facts: object) -> HTMLResponse:
    language = languages.choose(request.headers.get("accept-language", ""), languages.known())
    now = datetime.now(UTC)

    def say(key: str, **values: object) -> str:
        return languages.say(language, f"practice.{key}", **values)

    def ago(at: datetime) -> str:
        return format_timedelta(at - now, add_direction=True, locale=language) if now - at > timedelta(minutes=1) else say("just_now")

    shown: Mapping[str, object] = {"say": say, "ago": ago, "rich": _rich, "links": links, "hue": _hue, "language": language, **facts}
    return HTMLResponse(_templates.get_template(name).render(style=Markup(_STYLE), **shown), status, headers=_HEADERS)  # noqa: S704 - our own file


def _hue(account: str) -> int:
    return hashlib.sha256(account.encode()).digest()[0] % 6


def _rich(caption: str) -> Markup:
    """The caption with links that can be clicked and hashtags in colour; everything else escaped."""
    parts, last = [], 0
    for match in _TOKENS.finditer(caption):
        text = match.group().rstrip(".,;:!?)") if match["link"] else match.group()
        parts.append(escape(caption[last : match.start()]))
        parts.append(Markup('<a href="{0}">{0}</a>').format(text) if match["link"] else Markup('<span class="tag">{}</span>').format(text))
        last = match.start() + len(text)
    return Markup("").join([*parts, escape(caption[last:])])
