"""The layers below the framework: posts from other sites refused, safe headers on every answer, and the language taken off the path."""

from fastapi.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storefront import languages

SHOP_LANGUAGES = ("id", "en")
LANGUAGE_COOKIE = "gapura_language"


class Guard:
    """The outermost layer: refuses posts from other sites (Sec-Fetch-Site, else Origin), and puts the safe headers on every answer."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        self.public_host = public_url.partition("://")[2].lower()
        self.safe = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"strict-origin-when-cross-origin")]
        self.safe.append((b"permissions-policy", b"camera=(), geolocation=(), microphone=()"))
        if public_url.startswith("https://"):
            self.safe.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))

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
        language, rest = _peel(path, "/en")
        if language is None and _wants_english(scope):
            query = scope.get("query_string", b"").decode("latin-1")
            address = "/en" + (path if path != "/" else "/") + (f"?{query}" if query else "")
            await RedirectResponse(address, 302, {"Vary": "Accept-Language, Cookie", "Cache-Control": "no-store"})(scope, receive, send)
            return
        scope["gapura.language"] = "en" if language else languages.FIRST
        if rest.startswith("/desa/"):
            slug, _, rest = rest.removeprefix("/desa/").partition("/")
            scope["gapura.village"], rest = slug, f"/{rest}"
        scope["gapura.address"] = path
        scope["path"], scope["raw_path"] = rest, rest.encode()
        await self.app(scope, receive, send)


def _peel(path: str, prefix: str) -> tuple[str | None, str]:
    if path == prefix or path.startswith(prefix + "/"):
        return prefix, path.removeprefix(prefix) or "/"
    return None, path


_NOT_PAGES = ("/desk", "/media/", "/style/", "/q/", "/Q/", "/health", "/bahasa/", "/metrics")


def _wants_english(scope: Scope) -> bool:
    if scope["method"] not in ("GET", "HEAD") or scope["path"].startswith(_NOT_PAGES) or "." in scope["path"].rpartition("/")[2]:
        return False
    headers = {name: value.decode("latin-1") for name, value in scope["headers"] if name in (b"accept-language", b"cookie")}
    for cookie in headers.get(b"cookie", "").split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == LANGUAGE_COOKIE:
            return bool(value == "en")
    return b"accept-language" in headers and languages.choose(headers[b"accept-language"], SHOP_LANGUAGES) == "en"
