"""The layers below the framework: posts from other sites refused, safe headers on every answer, and the language taken off the path."""

import functools
from typing import NamedTuple

from fastapi.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storefront import languages

SHOP_LANGUAGES = (*languages.known(), *languages.overlays())
LANGUAGE_COOKIE = "gapura_language"


def safe_headers(public_url: str) -> list[tuple[bytes, bytes]]:
    """What every answer says to browsers, whatever it is."""
    safe = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"strict-origin-when-cross-origin")]
    safe.append((b"permissions-policy", b"camera=(), geolocation=(), microphone=()"))
    if public_url.startswith("https://"):
        safe.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
    return safe


class Guard:
    """The outermost layer: refuses posts from other sites (Sec-Fetch-Site, else Origin), and puts the safe headers on every answer."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        self.public_host = public_url.partition("://")[2].lower()
        self.safe = safe_headers(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and self._is_foreign(scope):
            refusal = Response("403: this form was sent from another site / formulir ini dikirim dari situs lain", 403)
            await refusal(scope, receive, send)
            return

        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in self.safe if pair[0] not in present)]
            await send(message)

        await self.app(scope, receive, send_safe)

    def _is_foreign(self, scope: Scope) -> bool:
        headers = {name: value.decode("latin-1").lower() for name, value in scope["headers"]}
        site = headers.get(b"sec-fetch-site")
        if site is not None:
            return site not in ("same-origin", "none")
        origin = headers.get(b"origin")
        # Neither header: no browser of the last five years, so nobody's cookies are being borrowed.
        return origin is not None and origin.partition("://")[2] not in (headers.get(b"host", ""), self.public_host)


class Place(NamedTuple):
    """What a path says: the language and the village it names, if it does, and the page within them."""

    language: str | None
    village: str | None
    page: str


def place_of(path: str) -> Place:
    """The parts of a path: `/en/desa/wonorejo/produk` is English, wonorejo, /produk."""
    first, _, rest = path[1:].partition("/")
    language = first if first in SHOP_LANGUAGES and first != languages.FIRST else None
    page = f"/{rest}" if language else path
    if page.startswith("/desa/"):
        village, _, rest = page.removeprefix("/desa/").partition("/")
        return Place(language, village, f"/{rest}")
    return Place(language, None, page)


class Prefixes:
    """Takes `/en` and `/desa/<slug>` off the path, so that each page is written once, and sends foreign guests to their language.

    The first visit without a language in the address or a remembered one goes by Accept-Language.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        place = place_of(path)
        if place.language is None and (wanted := _wanted(scope)) != languages.FIRST:
            query = scope.get("query_string", b"").decode("latin-1")
            address = f"/{wanted}{path}" + (f"?{query}" if query else "")
            await RedirectResponse(address, 302, {"Vary": "Accept-Language, Cookie", "Cache-Control": "no-store"})(scope, receive, send)
            return
        scope["gapura.language"] = place.language or languages.FIRST
        if place.village is not None:
            scope["gapura.village"] = place.village
        scope["gapura.address"] = path
        scope["path"], scope["raw_path"] = place.page, place.page.encode()
        await self.app(scope, receive, send)


_NOT_PAGES = ("/desk", "/media/", "/gambar/", "/style/", "/skrip/", "/q/", "/Q/", "/health", "/bahasa/", "/metrics")


def _wanted(scope: Scope) -> str:
    """The language to lead this guest to; that of the house where it is no page of the shop."""
    if scope["method"] not in ("GET", "HEAD") or scope["path"].startswith(_NOT_PAGES) or "." in scope["path"].rpartition("/")[2]:
        return languages.FIRST
    headers = {name: value.decode("latin-1") for name, value in scope["headers"] if name in (b"accept-language", b"cookie")}
    return spoken(headers.get(b"cookie", ""), headers.get(b"accept-language"))


@functools.lru_cache(maxsize=4096)
def spoken(cookies: str, accepted: str | None) -> str:
    """The language a guest has chosen, else the one of their browser, else that of the house."""
    for cookie in cookies.split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == LANGUAGE_COOKIE:
            return value if value in SHOP_LANGUAGES else languages.FIRST
    return languages.FIRST if accepted is None else languages.choose(accepted, SHOP_LANGUAGES)
