"""Public pages kept as bytes: made once for a revision of their village, and answered below the framework until that changes.

What differs between guests is in the key: language, page, how many things are in the cart, and the sign a guest came by. Views of a product
are counted here, whether its page was kept or made.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import parse_qsl

import sqlalchemy as sa
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from campaigns import links
from campaigns.clicks import Kind
from campaigns.views import View, Views
from storefront import asking, attribution, carts, database, front, languages, packedpages
from storefront.attribution import Source
from storefront.packedpages import MADE, Made, Page
from storefront.revisions import Revisions, Slug, Standing
from storefront.settings import Settings

MOST_PAGES, MOST_ANSWERS, MOST_SIGNS = 4_000, 8_000, 20_000  # about 12 KB, 2 KB and 200 bytes each
LONGEST = 2_000  # bytes of path, query and cookie of a request that is remembered
REMEMBERED = timedelta(minutes=1)  # how long a cookie is taken for what it said, then it is read anew
POPULAR = 2  # asked for so often, a page is worth packing as tightly as it goes
READ = ("jenis", "foto")  # what pages read of a query; the rest (fbclid, utm_source ...) makes no other page
_NEVER = ("/Q/", "/q/", "/media/", "/gambar/", "/desk", "/style/", "/skrip/", "/sw.js")
PERSON = int(Kind.PERSON)


class Key(NamedTuple):
    """What one kept page is for."""

    village: Slug
    language: str
    page: str
    asked: str
    cart: int
    sign: int


class Asked(NamedTuple):
    """All of a request that an answer depends on; `language` and `encodings` are the Accept-headers."""

    path: str
    query: bytes
    cookie: bytes
    language: bytes | None
    encodings: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A kept page for a request that looks exactly like one before."""

    village: Slug
    page: Page
    encoding: str
    source: Source | None
    until: datetime


@dataclass(frozen=True, slots=True)
class _Guest:
    """What of a guest's cookies matters here."""

    cart: int
    sign: int
    source: Source | None


_NOBODY = _Guest(0, 0, None)


class KeptPages:
    """The ASGI app in front of all others; what it does not keep, it leads on."""

    def __init__(self, rest: ASGIApp, engine: sa.Engine, views: Views, *, settings: Settings, clock: Callable[[], datetime]) -> None:
        self.rest = rest
        self._engine = engine
        self._views = views
        self._clock = clock
        self._secret = settings.secret.get_secret_value()
        self._revisions = Revisions(engine)
        self._pages: dict[Key, Page] = {}
        self._answers: dict[tuple[object, ...], Answer] = {}
        self._signs: dict[int, tuple[int, int]] = {}
        self._making: dict[Key, asyncio.Future[None]] = {}
        self._packing: set[asyncio.Task[None]] = set()

    def forget(self) -> None:
        """Keep nothing of what was made so far."""
        self._pages.clear()
        self._answers.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or scope["path"].startswith(_NEVER):
            await self.rest(scope, receive, send)
            return
        heard = dict(scope["headers"])
        said = heard.get
        encodings, language = said(b"accept-encoding", b""), said(b"accept-language")
        asked = Asked(scope["path"], scope["query_string"], said(b"cookie", b""), language, encodings)
        answer = self._answers.get(asked)
        if answer is None or not await self._holds(answer):
            answer = await self._find(asked, scope, receive, send)
            if answer is None:  # led on, and answered
                return
        page = answer.page
        if page.viewed is not None:
            self._count(page.standing, page.viewed, answer.source, scope["method"], heard)
        if (known := heard.get(b"if-none-match")) is not None and page.etag in known:
            await send(page.unchanged)
            await send(_NOTHING)
            return
        start, body = page.packed[answer.encoding]
        await send(start)
        await send(body)

    async def _holds(self, answer: Answer) -> bool:
        """Whether the village is still at the revision of the page, and the clock not past it."""
        standing = self._revisions.known(answer.village) or await self._revisions.of(answer.village)
        return standing == answer.page.standing and self._clock() < answer.until

    async def _find(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> Answer | None:
        """The answer to a request that is not remembered; None when it was led on instead."""
        place = front.place_of(asked.path)
        language = None if asked.language is None else asked.language.decode("latin-1")
        is_led = place.language is None and front.spoken(asked.cookie.decode("latin-1"), language) != languages.FIRST
        standing = None if is_led else await self._revisions.of(place.village)
        if standing is None:
            await self.rest(scope, receive, send)
            return None
        cookies = _cookies(asked.cookie)
        guest = await self._guest(cookies, standing, place)
        key = Key(place.village, place.language or languages.FIRST, place.page, _read(asked.query), guest.cart, guest.sign)
        page = self._pages.get(key)
        if page is None or page.standing != standing or page.until <= self._clock():
            page = await self._make(key, standing, guest, scope, receive, send)
            if page is None:
                return None
        answer = Answer(
            place.village, page, self._pack(page, packedpages.encoding(asked.encodings)), guest.source, self._until(page, bool(cookies))
        )
        if len(asked.path) + len(asked.query) + len(asked.cookie) < LONGEST:
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            self._answers[asked] = answer
        return answer

    def _until(self, page: Page, has_cookies: bool) -> datetime:
        return min(page.until, self._clock() + REMEMBERED) if has_cookies else page.until

    async def _guest(self, cookies: Mapping[str, str], standing: Standing, place: front.Place) -> _Guest:
        if not cookies:
            return _NOBODY
        cart = sum(carts.read(cookies.get(carts.cookie(standing.village_id), ""), self._secret).values())
        source = attribution.read_source(cookies.get(attribution.COOKIE, ""), self._secret, at=self._clock())
        if source is None or not standing.village_id:
            return _Guest(cart, 0, None)
        village_id, attraction_id = await self._sign(source.link_id)
        if place.village is not None and village_id != standing.village_id:  # a sign of another village earns nothing here
            return _Guest(cart, 0, None)
        is_told = attraction_id and village_id == standing.village_id and tells_the_sign(place.page)
        return _Guest(cart, source.link_id if is_told else 0, source)

    async def _sign(self, link_id: int) -> tuple[int, int]:
        """(the village of a link, the attraction it stands at); zeros for what is unknown."""
        known = self._signs.get(link_id)
        if known is None:
            known = await asyncio.to_thread(self._read_sign, link_id)
            if len(self._signs) >= MOST_SIGNS:
                self._signs.clear()
            self._signs[link_id] = known
        return known

    def _read_sign(self, link_id: int) -> tuple[int, int]:
        with database.reading(self._engine) as connection:
            return next(((link.village_id, link.attraction_id or 0) for link in links.with_ids(connection, [link_id])), (0, 0))

    # ---- making ------------------------------------------------------------------------------------------------------------------

    async def _make(self, key: Key, standing: Standing, guest: _Guest, scope: Scope, receive: Receive, send: Send) -> Page | None:
        """The page made anew and kept; None when it is none that can be kept and was answered. Of many who ask at once, one makes it."""
        waited = self._making.get(key)
        if waited is not None and waited.get_loop() is asyncio.get_running_loop():
            await asyncio.wait([waited])
            page = self._pages.get(key)
            if page is not None and page.standing == standing:
                return page
        future = self._making[key] = asyncio.get_running_loop().create_future()
        try:
            return await self._ask(key, standing, guest, scope, receive, send)
        finally:
            future.set_result(None)
            self._making.pop(key, None)

    async def _ask(self, key: Key, standing: Standing, guest: _Guest, scope: Scope, receive: Receive, send: Send) -> Page | None:
        made = Made(standing, guest.sign)
        taken: list[Message] = []

        async def take(message: Message) -> None:
            if made.is_public:
                taken.append(message)
            else:
                await send(message)

        method = scope["method"]
        heard = dict(scope["headers"])
        scope = {**scope, MADE: made}
        await self.rest(scope, receive, take)
        if not taken:
            return None
        page = packedpages.whole(standing, made, taken)
        if made.until is not None and taken[0]["status"] == 200 and (made.cart, made.sign) == (guest.cart, guest.sign):
            while len(self._pages) >= MOST_PAGES:
                del self._pages[next(iter(self._pages))]
            self._pages.pop(key, None)
            self._pages[key] = page
            return page
        if made.viewed is not None and taken[0]["status"] == 200:
            self._count(standing, made.viewed, guest.source, method, heard)
        start, body = page.packed[self._pack(page, packedpages.encoding(heard.get(b"accept-encoding", b"")))]
        await send({**start, "status": taken[0]["status"]})
        await send(body)
        return None

    def _pack(self, page: Page, encoding: str) -> str:
        """Have the page ready in this encoding, as tightly as it is worth by now; the encoding."""
        if encoding not in page.packed:
            body = packedpages.packed(page.body, encoding, packedpages.FAST)
            page.packed[encoding] = packedpages.messages(page, body, encoding)
        page.uses += 1
        if page.uses == POPULAR and encoding == "br":
            task = asyncio.create_task(self._pack_tightly(page))
            self._packing.add(task)
            task.add_done_callback(self._packing.discard)
        return encoding

    async def _pack_tightly(self, page: Page) -> None:
        body = await asyncio.to_thread(packedpages.packed, page.body, "br", packedpages.BEST)
        page.packed["br"] = packedpages.messages(page, body, "br")

    def _count(self, standing: Standing, viewed: int, source: Source | None, method: str, heard: dict[bytes, bytes]) -> None:
        if asking.asked(method, heard).kind == PERSON:
            link_id, click_key = (source.link_id, source.click_key) if source else (0, None)
            self._views.add(View(standing.village_id, standing.zone, link_id, click_key, viewed, self._clock()))


def tells_the_sign(page: str) -> bool:
    """Whether a page says at which sign its guest stands."""
    return page == "/" or page.startswith("/wisata/")


_NOTHING: Message = {"type": "http.response.body", "body": b""}


def _read(query: bytes) -> str:
    """What a page reads of its query, in one form."""
    if not query:
        return ""
    said = dict(parse_qsl(query[:1_000].decode("latin-1"), max_num_fields=None))
    return "&".join(f"{name}={said[name][:60]}" for name in READ if name in said)


def _cookies(header: bytes) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in header.decode("latin-1").split(";"))
    return {name: value.strip('"') for name, _, value in pairs if name}
