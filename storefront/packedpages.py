"""A page as it goes over the wire: what it said of itself while it was made, its ETag, and its bytes in each encoding."""

import gzip
import hashlib
from dataclasses import dataclass, field
from datetime import datetime

import brotli
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import Message, Scope

from storefront.revisions import Standing

MADE = "gapura.made"
_VARY = (b"vary", b"Accept-Encoding, Accept-Language, Cookie")
_OWN = (b"content-length", b"content-encoding", b"vary", b"etag")
Headers = list[tuple[bytes, bytes]]
FAST, WELL, BEST = 0, 5, 11  # of brotli: a list of 24 goods takes 0.04, 0.3 and 16 ms, and weighs 7.1, 5.6 and 5.0 KB


@dataclass
class Made:
    """What a page says of itself while it is made, so that it can be kept: put into the scope by us, filled in by whoever shows the page.

    We say at which revision the village stands, and the link of the sign that the guest came by, where the page is one that names it.
    `until` is when it goes stale by itself (opening hours), None for a page that must not be kept; `cart` and `sign` are what of the
    guest stands on it; `viewed` is the product that is looked at.
    """

    standing: Standing
    came_by: int = 0
    is_public: bool = False
    until: datetime | None = None
    cart: int = 0
    sign: int = 0
    viewed: int | None = None


def tell(scope: Scope, *, until: datetime, cart: int, sign: int = 0, viewed: int | None = None) -> None:
    """Say of the page that is being made for this request that it is public, and what stands on it."""
    made = scope.get(MADE)
    if isinstance(made, Made):
        made.is_public, made.until, made.cart, made.sign, made.viewed = True, until, cart, sign, viewed


def came_by(scope: Scope) -> int:
    """The link of the sign that a guest came by, where the page that is being made names it; 0 for none."""
    made = scope.get(MADE)
    return made.came_by if isinstance(made, Made) else 0


@dataclass(eq=False)
class Page:
    """A page as it is sent, in each encoding that was asked for."""

    standing: Standing
    until: datetime
    viewed: int | None
    headers: Headers
    body: bytes
    etag: bytes
    uses: int = 0
    packed: dict[str, tuple[Message, Message]] = field(default_factory=dict)
    unchanged: Message = field(default_factory=dict)


def whole(standing: Standing, made: Made, taken: list[Message]) -> Page:
    """The page that was made of these messages, with its ETag."""
    body = b"".join(message.get("body", b"") for message in taken[1:])
    headers = [(name, value) for name, value in taken[0]["headers"] if name.lower() not in _OWN]
    etag = b'"' + hashlib.sha1(body, usedforsecurity=False).hexdigest()[:24].encode() + b'"'  # the cheapest here, and no secret
    page = Page(standing, made.until or datetime.max, made.viewed, headers, body, etag)
    kept = [(name, value) for name, value in headers if name.lower() in (b"cache-control",)]
    page.unchanged = {"type": "http.response.start", "status": 304, "headers": [*kept, (b"etag", b"W/" + etag), _VARY]}
    return page


def messages(page: Page, body: bytes, encoding: str) -> tuple[Message, Message]:
    """What is sent of a page in one encoding: its head, its body."""
    headers = [*page.headers, (b"content-length", b"%d" % len(body)), (b"etag", b"W/" + page.etag), _VARY]
    if encoding:
        headers.append((b"content-encoding", encoding.encode()))
    return {"type": "http.response.start", "status": 200, "headers": headers}, {"type": "http.response.body", "body": body}


def packed(body: bytes, encoding: str, quality: int) -> bytes:
    """The body in an encoding: br, gzip or as it is; `quality` is one of FAST, WELL and BEST."""
    if encoding == "br":
        return bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=quality))
    return gzip.compress(body, 6, mtime=0) if encoding == "gzip" else body


def squeezed(request: Request, answer: HTMLResponse) -> HTMLResponse:
    """An answer that nobody keeps, in an encoding that its browser takes; those that are kept are packed where they are."""
    wanted = encoding(request.headers.get("accept-encoding", "").encode())
    if wanted:
        answer.body = packed(bytes(answer.body), wanted, WELL)
        answer.headers.update({"content-encoding": wanted, "content-length": str(len(answer.body)), "vary": "Accept-Encoding"})
    return answer


def encoding(accepted: bytes) -> str:
    """br, gzip or nothing: the best that a browser takes."""
    offers = {}
    for part in accepted.decode("latin-1").lower().split(","):
        name, _, quality = part.partition(";")
        offers[name.strip()] = quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return next((encoding for encoding in ("br", "gzip") if offers.get(encoding)), "")
