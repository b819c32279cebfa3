"""GET /Q/{CODE}: a scan or a click is on disk before it is answered, below the framework, which alone would cost more than all of this."""

import asyncio
import functools
import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from urllib.parse import quote

import sqlalchemy as sa
import structlog
from starlette.types import Receive, Scope, Send

from campaigns import days, links, visitors
from campaigns.bursts import Bursts
from campaigns.clicks import Click, Kind
from campaigns.links import Link
from campaigns.rules import Target
from campaigns.visitors import Salts
from campaigns.visits import Log
from storefront import addresses, asking, attribution, daytokens, front, languages, proxies, staffmarks
from storefront.asking import Asked
from storefront.front import LANGUAGE_COOKIE, SHOP_LANGUAGES
from storefront.knownlinks import Known, KnownLinks
from storefront.settings import Settings

PATIENCE = 0.25  # seconds a guest waits for the day's salt; without it the click is counted, the visitor is not
METHODS = ("GET", "HEAD", "OPTIONS")
LONGEST_PATH = 64  # what is longer is no code
_ALLOW = (b"allow", b"GET, HEAD, OPTIONS")
# Looking these up in their class for every scan would cost more than what is done with them.
PERSON, PREVIEW, PREFETCH, HEAD, STAFF, BURST = map(int, (Kind.PERSON, Kind.PREVIEW, Kind.PREFETCH, Kind.HEAD, Kind.STAFF, Kind.BURST))
_NO_BODY = {"type": "http.response.body", "body": b""}
_log = structlog.get_logger()
Headers = list[tuple[bytes, bytes]]
Preview = Callable[[Link, Target, str], bytes | None]


class Scan:
    """The ASGI app of scans.

    `locate` gives the path of the shop a link leads to, without language. `preview` may give the page that messengers show of a shared
    link, given its target and a language; without one they are led on like everybody else. `kinds` counts what was answered, by kind.
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
        preview: Preview | None = None,
    ) -> None:
        self._links = KnownLinks(engine, locate)
        self._visits = log
        self._salts = salts
        self._clock = clock
        self._preview = preview
        self._secret = settings.secret.get_secret_value()
        self._has_tokens = settings.day_token
        self._address_of = proxies.reader(settings.proxies)
        self._bursts = Bursts()
        self.kinds = [0] * len(Kind)
        end = "; HttpOnly; SameSite=Lax" + ("; Secure" if settings.public_url.startswith("https://") else "")
        self._token_end = end
        self._source_end = f"; Path=/; Max-Age={int(attribution.KEPT.total_seconds())}{end}"
        self._open: Headers = [(b"cache-control", b"private, no-store"), (b"x-robots-tag", b"noindex")]
        self._open += front.safe_headers(settings.public_url)
        self._empty: Headers = [*self._open, (b"content-length", b"0")]
        self._asking: asyncio.Task[bytes | None] | None = None

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        method = scope["method"]
        if method not in METHODS:
            await _answer(send, 405, [_ALLOW, *self._empty])
            return
        heard = _heard(scope["headers"])
        asked = asking.asked(method, heard)
        cookies = heard[b"cookie"].decode("latin-1") if b"cookie" in heard else ""
        language = (cookies and _chosen(cookies)) or asked.language
        code = _code(scope["path"][:LONGEST_PATH])
        known = self._links.at_hand(code) or await self._links.find(code)
        if known is None:
            await _answer(send, 302, [(b"location", location(addresses.LOST, language)), *self._empty])
            return
        at_ms = round(self._clock().timestamp() * 1000)
        on = days.to_date(days.number(at_ms, known.zone))
        secret = self._salts.known(on) or await self._ask_salt(on)
        click, token = self._judged(known, asked, cookies, self._address(scope, heard), at_ms, secret)
        self.kinds[click.kind] += 1
        await self._visits.put(click)
        if click.kind == PREVIEW and (card := await self._card(known, click, language)):
            about = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"%d" % len(card))]
            await _answer(send, 200, [*about, *self._open], card)
            return
        status, headers = self._lead_on(method, known, click, language, token)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send(_NO_BODY)

    def _lead_on(self, method: str, known: Known, click: Click, language: str, token: str) -> tuple[int, Headers]:
        if click.kind == PREFETCH:
            # A browser that was led on ahead of time would not ask again when the person really clicks.
            return 503, self._empty
        if method == "OPTIONS":
            return 204, [_ALLOW, *self._open]
        answer = [(b"location", _way(known, click, language)), *self._empty]
        if click.kind == PERSON and known.link.state == "open":
            signed = attribution.sign(click.link_id, click.key, click.at_ms // 1000, self._secret)
            answer.append((b"set-cookie", f"{attribution.COOKIE}={signed}{self._source_end}".encode()))
        if token:
            left = daytokens.seconds_left(click.at, known.zone)
            answer.append((b"set-cookie", f"{daytokens.COOKIE}={token}; Path=/; Max-Age={left}{self._token_end}".encode()))
        return 302, answer

    async def _card(self, known: Known, click: Click, language: str) -> bytes | None:
        """The card of a shared link; None when there is none, or it cannot be made now."""
        if self._preview is None:
            return None
        try:
            return await asyncio.to_thread(self._preview, known.link, _target_of(known, click, language), language)
        except Exception:
            _log.exception("card_failed", link=known.link.id)
            return None

    def _judged(self, known: Known, asked: Asked, cookies: str, address: str, at_ms: int, secret: bytes | None) -> tuple[Click, str]:
        """(the click as it is counted, the new day token to hand out or "")."""
        link, kind, visitor, token = known.link, asked.kind, None, ""
        if kind == PERSON and staffmarks.COOKIE in cookies and self._is_staff(cookies, link, at_ms):
            kind = STAFF
        if secret and kind != HEAD:
            visitor = visitors.identity(secret, link.village_id, address, asked.agent)
            if kind == PERSON:
                if self._has_tokens:
                    visitor, token = self._by_token(secret, link, cookies, visitor, days.number(at_ms, known.zone), at_ms)
                if self._bursts.is_too_many(visitor, link.id, at_ms):
                    kind = BURST
        key = random.getrandbits(47)  # six bytes in SQLite; unique is enough: the cookie that carries it is signed
        who = (visitor, asked.app, asked.device, asked.spoken)
        return Click(at_ms, link.id, link.village_id, known.zone, kind, *who, key, link.attraction_id, link.campaign_id), token

    def _is_staff(self, cookies: str, link: Link, at_ms: int) -> bool:
        at = datetime.fromtimestamp(at_ms / 1000, UTC)
        return staffmarks.read(_cookie(cookies, staffmarks.COOKIE), self._secret, at=at) == link.village_id

    def _address(self, scope: Scope, heard: dict[bytes, bytes]) -> str:
        """Where the request came from. It goes into the day's identity and nowhere else: not to the disk, not to a log."""
        connected = scope["client"][0] if scope.get("client") else ""
        return self._address_of(connected, heard.get(b"x-forwarded-for", b"").decode("latin-1"))

    def _by_token(self, secret: bytes, link: Link, cookies: str, looks: int, day: int, at_ms: int) -> tuple[int, str]:
        """(the visitor by their day token, a new one to hand out or "").

        Who asks again and again and keeps no token stays who they look like, or each time would be another visitor.
        """
        found, new = daytokens.read(_cookie(cookies, daytokens.COOKIE), day), ""
        if found is None:
            if self._bursts.is_too_many(looks, link.id, at_ms):
                return looks, ""
            new = daytokens.new(day)
            found = daytokens.read(new, day) or ""
        return visitors.identity(secret, link.village_id, found, ""), new

    async def _ask_salt(self, day: date) -> bytes | None:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(asyncio.to_thread(self._salts.of, day))
        await asyncio.wait([self._asking], timeout=PATIENCE)
        return self._salts.known(day)


def _target_of(known: Known, click: Click, language: str) -> Target:
    """What the link leads to on the village's own day a guest of this language."""
    if known.always:
        return known.always
    return known.link.leads_to(days.to_date(days.number(click.at_ms, known.zone)), (language, click.language))


def _way(known: Known, click: Click, language: str) -> bytes:
    """Where this link leads this guest, as the answer says it."""
    way = known.ways.get(language)
    if way is None:
        way = _location_of(known, _target_of(known, click, language), language)
        if known.always:
            known.ways[language] = way
    return way


def _location_of(known: Known, target: Target, language: str) -> bytes:
    """The address of a target; outside our shop only by one that staff set so."""
    place = known.places[target]
    return place.encode() if target.kind == "url" and place.startswith("https://") else location(place, language)


@functools.lru_cache(maxsize=4096)
def _code(path: str) -> str:
    """The tidy code in /Q/{code}."""
    return links.tidy(path[3:].rstrip("/"))


def _heard(raw: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """{name: value}; what came twice is joined with a comma: proxies' lists are in order."""
    heard = dict(raw)
    if len(heard) < len(raw):
        heard = {name: b",".join(value for other, value in raw if other == name) for name in heard}
    return heard


def _chosen(cookies: str) -> str:
    """The language that was chosen in the shop; "" when none was."""
    chosen = _cookie(cookies, LANGUAGE_COOKIE) if LANGUAGE_COOKIE in cookies else ""
    return chosen if chosen in SHOP_LANGUAGES else ""


def _cookie(cookies: str, name: str) -> str:
    """The value of a cookie; "" without it."""
    for cookie in cookies.split(";"):
        found, _, value = cookie.strip().partition("=")
        if found == name:
            return value
    return ""


@functools.lru_cache(maxsize=4096)
def location(place: str, language: str) -> bytes:
    """The path in this language. Whatever `place` is, it stays within our own site: a code never leads elsewhere."""
    path = "/" + quote(place, safe="/?=&%-._~").lstrip("/")
    return (path if language == languages.FIRST else f"/{language}{path}").encode()


async def _answer(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
