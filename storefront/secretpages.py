"""Pages that hold somebody's name and order behind an address that cannot be guessed: shown to people, and to no robot at all.

Asking engines not to remember such a page trusts each of them; what a robot never sees, it cannot keep, index or show beside a link in a
chat. So it gets a small page that says whose page this is, and one button for whoever is no robot after all.
"""

from starlette.requests import Request
from starlette.responses import Response

from campaigns import robots

COOKIE = "gapura_person"
KEPT = 30 * 24 * 3600  # seconds that a press of the button is remembered
# To other sites no word of the address. Not no-referrer: older iPhones would then send our own forms as from nowhere, and be refused.
HEADERS = {"Cache-Control": "private, no-store", "Referrer-Policy": "same-origin"}
CLOSED = {**HEADERS, "X-Robots-Tag": "noindex, nofollow"}


def status(request: Request) -> int:
    """0 where the page may be shown; else with which status the small page goes out in its place.

    A browser that fetches ahead gets a 503, so that it throws away what came and asks again when the page is really opened.
    """
    if COOKIE in request.cookies:
        return 0
    kind = robots.judge(request.method, request.headers).kind
    return 0 if kind is robots.Kind.PERSON else 503 if kind is robots.Kind.PREFETCH else 200


def remember(answer: Response, *, is_secure: bool) -> None:
    """From now on show this browser such pages, whatever it calls itself."""
    answer.set_cookie(COOKIE, "1", max_age=KEPT, httponly=True, samesite="lax", secure=is_secure)
