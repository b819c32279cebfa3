"""Pages that hold somebody's name and order behind an address that cannot be guessed: shown to nobody who reads for others.

Asking engines not to remember such a page trusts each of them; what a crawler never sees, it cannot keep, index or show beside a link in a
chat. So it gets a small page that says whose page this is, and one button for whoever is no crawler after all. A program without such a
name, run by somebody who was given the address, gets the page and is asked not to keep it.
"""

import re

from starlette.requests import Request
from starlette.responses import Response

from campaigns import robots

COOKIE = "gapura_person"
KEPT = 30 * 24 * 3600  # seconds that a press of the button is remembered
# To other sites no word of the address. Not no-referrer: older iPhones would then send our own forms as from nowhere, and be refused.
HEADERS = {"Cache-Control": "private, no-store", "Referrer-Policy": "same-origin"}
NOT_KEPT = {"X-Robots-Tag": "noindex, nofollow"}
# What reads for others says so, or where to complain about it.
_FOR_OTHERS = re.compile(r"bot|crawl|spider|slurp|archiv|index|preview|fetch|scrap|search|https?:|www\.|\w@\w", re.IGNORECASE)


def status(request: Request) -> int:
    """0 where the page may be shown; else with which status the small page goes out in its place.

    A browser that fetches ahead gets a 503, so that it throws away what came and asks again when the page is really opened.
    """
    if COOKIE in request.cookies:
        return 0
    kind = robots.judge("GET", request.headers).kind
    if kind is robots.Kind.PREFETCH:
        return 503
    reads_for_others = _FOR_OTHERS.search(request.headers.get("user-agent", ""))
    return 200 if kind is robots.Kind.PREVIEW or (kind is robots.Kind.ROBOT and reads_for_others) else 0


def headers(request: Request) -> dict[str, str]:
    """What such a page is sent with."""
    is_person = robots.judge("GET", request.headers).kind is robots.Kind.PERSON
    return HEADERS if is_person else {**HEADERS, **NOT_KEPT}


def remember(answer: Response, *, is_secure: bool) -> None:
    """From now on show this browser such pages, whatever it calls itself."""
    answer.set_cookie(COOKIE, "1", max_age=KEPT, httponly=True, samesite="lax", secure=is_secure)
