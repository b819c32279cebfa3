"""What every page stands on: one transaction a request, who asks and in which language, templates, and errors as pages."""

import base64
import functools
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import jinja2
import sqlalchemy as sa
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup
from starlette.exceptions import HTTPException

from campaigns import links
from promo.clock import DurableClock
from storefront import attribution, database, languages, media, villages
from storefront.problems import Problem, Problems
from storefront.settings import Settings
from storefront.villages import Village

ASSETS = Path(__file__).parent.parent / "assets"
TEMPLATES = Path(__file__).parent / "templates"
_INLINE = re.compile("<(style|script)>")


# ---- one transaction a request -------------------------------------------------------------------------------------------------


def _reading(request: Request) -> Iterator[sa.Connection]:
    with database.reading(request.app.state.engine) as connection:
        yield connection


def _writing(request: Request) -> Iterator[sa.Connection]:
    with database.writing(request.app.state.engine) as connection:
        yield connection


# scope="function": the transaction is committed before the answer leaves, so what a person was told is on disk.
Reading = Annotated[sa.Connection, Depends(_reading, scope="function")]
Writing = Annotated[sa.Connection, Depends(_writing, scope="function")]


def settings_of(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def store_of(request: Request) -> media.Store:
    store: media.Store = request.app.state.store
    return store


def now(request: Request) -> datetime:
    """The time of this request: the clock of the app, so that a test can let it stand still."""
    at: datetime = request.app.state.clock()
    return at


def wall_clock() -> datetime:
    return datetime.now(UTC)


def post_clock(request: Request) -> DurableClock:
    """What wakes the publisher: handed to promo.posts with each change of a scheduled post."""
    clock: DurableClock = request.app.state.post_clock
    return clock


async def _now(request: Request) -> datetime:  # async, here and below: a plain function would wait for a thread to look at an attribute
    return now(request)


async def _store(request: Request) -> media.Store:
    return store_of(request)


async def _settings(request: Request) -> Settings:
    return settings_of(request)


Now = Annotated[datetime, Depends(_now)]
PostClock = Annotated[DurableClock, Depends(post_clock)]
Store = Annotated[media.Store, Depends(_store)]
Config = Annotated[Settings, Depends(_settings)]


# ---- who asks ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visitor:
    """Somebody in the shop: the village they stand in, their language, and the scan or click they came by."""

    village: Village
    language: str
    prefix: str  # "", "/en", "/desa/wonorejo", "/en/desa/wonorejo": what every address of this visitor begins with
    source: attribution.Source | None

    def href(self, path: str) -> str:
        return self.prefix + path if path != "/" or not self.prefix else self.prefix + "/"


class NoVillage(LookupError):
    """There is no village at this address, or none in this installation yet."""


def visitor_of(request: Request) -> Visitor:
    """Reads with a connection of its own: the village must be known even where a page needs no database."""
    spoken = request.scope.get("gapura.language", languages.FIRST)
    slug = request.scope.get("gapura.village")
    with database.reading(request.app.state.engine) as connection:
        village = villages.only(connection) if slug is None else villages.by_slug(connection, slug)
        secret = settings_of(request).secret.get_secret_value()
        source = attribution.read_source(request.cookies.get(attribution.COOKIE, ""), secret, at=now(request))
        if source and village and slug is not None and not _is_of(connection, source, village):
            source = None  # a sign of another village earns nothing here
    if village is None:
        raise NoVillage
    return Visitor(village=village, language=spoken, prefix=prefix(request.scope), source=source)


def prefix(scope: Mapping[str, Any]) -> str:
    """What every address of whoever asks begins with: their language and their village, where the address that was asked for says so."""
    spoken, slug = scope.get("gapura.language", languages.FIRST), scope.get("gapura.village")
    return ("" if spoken == languages.FIRST else f"/{spoken}") + (f"/desa/{slug}" if slug else "")


def _is_of(connection: sa.Connection, source: attribution.Source, village: Village) -> bool:
    return all(link.village_id == village.id for link in links.with_ids(connection, [source.link_id]))


Visiting = Annotated[Visitor, Depends(visitor_of)]


# ---- drawing a page ------------------------------------------------------------------------------------------------------------


@functools.cache
def templates() -> jinja2.Environment:
    """The templates: shop/, desk/ and the few both use."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["rupiah"] = languages.rupiah
    environment.globals.update(media_address=media.address, icon=icon, style=style, favicon=favicon)
    return environment


@functools.cache
def style(name: str) -> Markup:
    """The text of assets/style/<name>, to stand inside the page: a request less on a weak signal."""
    return Markup((ASSETS / "style" / name).read_text(encoding="utf-8"))  # noqa: S704 - our own file


@functools.cache
def icon(name: str) -> Markup:
    """The SVG assets/style/icons/<name>.svg, to stand inside the page."""
    return style(f"icons/{name}.svg")


@functools.cache
def favicon(colour: str) -> Markup:
    """The address of the sign that a browser shows in its tab, in this colour: the picture itself, so that nothing is asked for."""
    drawn = style("icons/favicon.svg").strip().replace("currentColor", colour)
    return Markup("data:image/svg+xml," + quote(drawn, safe=" ='/:"))  # noqa: S704 - our own file


def page(
    request: Request, template: str, *, language: str, status: int = 200, headers: Mapping[str, str] | None = None, **facts: Any
) -> HTMLResponse:
    """A template with its facts. In it: say(key, **facts), pick(words), rupiah, moment(at, zone), day(date), icon(name), language."""
    address, inline = request.scope.get("gapura.address") or request.url.path, Inline()
    drawn = templates().get_template(template)
    body = drawn.render(request=request, address=address, inline=inline, **words(language), **facts)
    return HTMLResponse(body, status, {"Content-Security-Policy": inline.policy(body), **(headers or {})})


@functools.cache
def words(language: str) -> dict[str, Any]:
    """How templates speak one language."""
    return {
        "language": language,
        "say": functools.partial(languages.say, language),
        "pick": functools.partial(_pick, language),
        "moment": functools.partial(languages.moment, language),
        "day": functools.partial(languages.day, language),
    }


def _pick(language: str, words: Mapping[str, str] | None) -> str:
    return languages.pick(words, language)


class Inline:
    """The texts that may stand inside one page: what is not written down here no browser runs, however it came into the page."""

    def __init__(self) -> None:
        self._digests: dict[str, list[str]] = {"style": [], "script": []}

    def style(self, text: Markup) -> Markup:
        """A text of ours as the page's <style>."""
        return self._element("style", text)

    def script(self, text: Markup) -> Markup:
        """A text of ours as the page's <script>."""
        return self._element("script", text)

    def _element(self, name: str, text: Markup) -> Markup:
        self._digests[name].append(_digest(text))
        return Markup(f"<{name}>{text}</{name}>")  # noqa: S704 - our own files

    def policy(self, body: str) -> str:
        """The Content-Security-Policy of the page: nothing from elsewhere, inline only what is written down, else the texts of its body."""
        if not any(self._digests.values()):
            for opening in _INLINE.finditer(body):  # in one go: looking through a page takes a while
                text = body[opening.end() : body.find(f"</{opening[1]}>", opening.end())]
                self._digests[opening[1]].append(_digest(text))
        styles, scripts = (" ".join(self._digests[name]) for name in ("style", "script"))
        return (
            f"default-src 'none'; img-src 'self' data: blob:; style-src 'self' {styles}; script-src 'self' {scripts}; connect-src 'self'; "
            "manifest-src 'self'; worker-src 'self'; form-action 'self' https://wa.me https://api.whatsapp.com; base-uri 'none'; "
            "frame-ancestors 'none'; object-src 'none'"
        )


@functools.lru_cache(maxsize=256)
def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def private_picture(jpeg: bytes) -> Response:
    """A picture that only who asks for it may see: kept by no cache, and nothing in it is ever run."""
    headers = {"Cache-Control": "private, no-store", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(jpeg, media_type="image/jpeg", headers={**headers, "Content-Disposition": "inline"})


def sentences(error: Problem | Problems, language: str) -> dict[str, list[str]]:
    """{field: [sentence]} of what is wrong with a form; the field "" is for the whole of it."""
    told: dict[str, list[str]] = {}
    for problem in error.problems if isinstance(error, Problems) else [error]:
        told.setdefault(problem.field, []).append(languages.say(language, problem.key, **problem.facts))
    return told


# ---- errors become pages --------------------------------------------------------------------------------------------------------


class NotFound(HTTPException):
    """A page of this village that is not there; answered with what is."""

    def __init__(self) -> None:
        super().__init__(404)


def answer_errors(app: FastAPI) -> None:
    """Errors become pages in the visitor's language: not found, form problems nobody caught, and our own mistakes."""
    for kind in (LookupError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _not_found)
    app.add_exception_handler(Exception, _our_mistake)


async def _not_found(request: Request, error: Exception) -> Response:
    if isinstance(error, KeyError | IndexError):  # LookupErrors that nobody raised on purpose: ours to answer for
        raise error
    status = error.status_code if isinstance(error, HTTPException) else 404
    language = request.scope.get("gapura.language", languages.FIRST)
    if status != 404:
        return _plain_page(request, language, status, "problem.refused")
    return _plain_page(request, language, 404, "problem.not_found")


async def _our_mistake(request: Request, error: Exception) -> Response:  # noqa: ARG001 - uvicorn logs it
    return _plain_page(request, request.scope.get("gapura.language", languages.FIRST), 500, "problem.ours")


def _plain_page(request: Request, language: str, status: int, key: str) -> Response:
    home = "/desk" if request.url.path.startswith("/desk") else ("/" if language == languages.FIRST else f"/{language}/")
    return page(request, "problem.html", language=language, status=status, key=key, home=home)
