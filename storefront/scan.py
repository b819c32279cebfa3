"""GET /Q/{CODE}: a scan or a click is on disk before it is answered, below the framework, which alone would cost more than all of this."""

import asyncio
import functools
import random
from collections.abc import Callable, Iterable
from datetime import date, datetime
from urllib.parse import quote

import sqlalchemy as sa
from starlette.types import Receive, Scope, Send

from campaigns import days, links, robots, visitors
from campaigns.clicks import Click, Kind
from campaigns.links import Link
from campaigns.visitors import Salts
from campaigns.visits import Log
from storefront import addresses, attribution, languages, proxies
from storefront.attribution import Source
from storefront.front import LANGUAGE_COOKIE, SHOP_LANGUAGES
from storefront.knownlinks import Known, KnownLinks
from storefront.settings import Settings

PATIENCE = 0.25  # seconds a guest waits for the day's salt; without it the click is counted, the visitor is not
_HEARD = {name.encode(): name for name in (*robots.HEADERS, "cookie", "x-forwarded-for")}
Headers = list[tuple[bytes, bytes]]
_ALWAYS: Headers = [(b"cache-control", b"private, no-store"), (b"x-robots-tag", b"noindex"), (b"content-length", b"0")]


class Scan:
    """The ASGI app of scans.

    `locate` gives the path of the shop a link leads to, without language. `preview` may give the page that messengers show of a shared
    link, in a language; without one they are led on like everybody else.
    """

    def __init__(
        self,
        engine: sa.Engine,
        log: Log,
        salts: Salts,
        *,
        locate: Callable[[Link], str],
        settings: Settings,
        clock: Callable[[], datetime],
        preview: Callable[[Link, str], bytes | None] | None = None,
    ) -> None:
        self._links = KnownLinks(engine, locate)
        self._log = log
        self._salts = salts
        self._clock = clock
        self._preview = preview
        self._secret = settings.secret.get_secret_value()
        self._address_of = proxies.reader(settings.proxies)
        is_https = settings.public_url.startswith("https://")
        age = int(attribution.KEPT.total_seconds())
        self._cookie_end = f"; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax" + ("; Secure" if is_https else "")
        self._asking: asyncio.Task[bytes | None] | None = None

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        method: str = scope["method"]
        if method not in ("GET", "HEAD", "OPTIONS"):
            await _answer(send, 405, [(b"allow", b"GET, HEAD, OPTIONS"), *_ALWAYS])
            return
        headers = _read(scope["headers"])
        language = _language(headers.get("cookie", ""), headers.get("accept-language", ""))
        known = await self._links.find(links.tidy(scope["path"][3:].rstrip("/")))
        if known is None:
            await _answer(send, 302, [(b"location", location(addresses.LOST, language)), *_ALWAYS])
            return
        asked = robots.judge(method, headers)
        at = self._clock()
        visitor = await self._visitor(scope, headers, known, at) if asked.kind == Kind.PERSON else None
        click = _click(known, asked, visitor, at)
        await self._log.put(click)
        card = await asyncio.to_thread(self._preview, known.link, language) if self._preview and _is_preview(known, click) else None
        if card is not None:
            await _answer(send, 200, [(b"content-type", b"text/html; charset=utf-8"), *_ALWAYS[:2]], card)
        else:
            await _answer(send, *self._lead_on(method, known, click, language))

    def _lead_on(self, method: str, known: Known, click: Click, language: str) -> tuple[int, Headers]:
        if click.kind == Kind.PREFETCH:
            # A browser that was led on ahead of time would not ask again when the person really clicks.
            return 503, _ALWAYS
        if method == "OPTIONS":
            return 204, [(b"allow", b"GET, HEAD, OPTIONS"), *_ALWAYS[:2]]
        answer = [(b"location", _location_of(known, click, language)), *_ALWAYS]
        if click.kind == Kind.PERSON and known.link.state == "open":
            answer.append((b"set-cookie", self._source_cookie(click)))
        return 302, answer

    def _source_cookie(self, click: Click) -> bytes:
        signed = attribution.sign_source(Source(click.link_id, click.key), self._secret, at=click.at)
        return f"{attribution.COOKIE}={signed}{self._cookie_end}".encode()

    async def _visitor(self, scope: Scope, headers: dict[str, str], known: Known, at: datetime) -> int | None:
        """The day's identity of who asks. The address goes into it and nowhere else: not to the disk, not to a log."""
        day = days.to_date(days.number(int(at.timestamp() * 1000), known.zone))
        secret = self._salts.known(day) or await self._ask_salt(day)
        if not secret:
            return None
        connected = scope["client"][0] if scope.get("client") else ""
        address = self._address_of(connected, headers.get("x-forwarded-for", ""))
        return visitors.identity(secret, known.link.village_id, address, headers.get("user-agent", ""))

    async def _ask_salt(self, day: date) -> bytes | None:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(asyncio.to_thread(self._salts.of, day))
        await asyncio.wait([self._asking], timeout=PATIENCE)
        return self._salts.known(day)


def _location_of(known: Known, click: Click, language: str) -> bytes:
    """Where this link leads on the village's own day a guest of this language; outside our shop only by a target that staff set so."""
    link = known.link
    target = link.target
    if link.rules or link.ends_on:
        target = link.leads_to(days.to_date(days.number(click.at_ms, known.zone)), (language, click.language))
    place = known.places[target]
    return place.encode() if target.kind == "url" and place.startswith("https://") else location(place, language)


def _is_preview(known: Known, click: Click) -> bool:
    return click.kind == Kind.PREVIEW and known.link.state == "open"


def _click(known: Known, asked: robots.Judgement, visitor: int | None, at: datetime) -> Click:
    link = known.link
    return Click(
        at,
        link.id,
        link.village_id,
        known.zone,
        asked.kind,
        visitor,
        asked.app,
        asked.device,
        asked.language,
        random.getrandbits(63),  # unique is enough: the cookie that carries it is signed
        link.attraction_id,
        link.campaign_id,
    )


def _read(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """{name in lower case: value} of those that matter here; what came twice is joined with a comma: proxies' lists are in order."""
    headers: dict[str, str] = {}
    for name, value in raw:
        if key := _HEARD.get(name):
            text = value.decode("latin-1")
            headers[key] = f"{headers[key]},{text}" if key in headers else text
    return headers


@functools.lru_cache(maxsize=4096)
def _language(cookies: str, accepted: str) -> str:
    for cookie in cookies.split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == LANGUAGE_COOKIE and value in SHOP_LANGUAGES:
            return value
    return languages.choose(accepted, SHOP_LANGUAGES)


@functools.lru_cache(maxsize=4096)
def location(place: str, language: str) -> bytes:
    """The path in this language. Whatever `place` is, it stays within our own site: a code never leads elsewhere."""
    path = "/" + quote(place, safe="/?=&%-._~").lstrip("/")
    return (path if language == languages.FIRST else f"/{language}{path}").encode()


async def _answer(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
