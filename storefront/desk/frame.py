"""What every page of the desk stands on: who is signed in and what they may do, the frame around a page, and the way back after a form."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute

from storefront import database, languages, staff, web
from storefront.staff import Staff

SIGN_IN = "/desk/masuk"
MOST_BYTES = 90 * 1024 * 1024  # of one form with all its pictures


class Place(NamedTuple):
    """An entry of the navigation; `is_first` ones fit into the bar at the bottom of a phone."""

    name: str
    path: str
    is_first: bool
    right: str = ""  # without it nobody is led there


PLACES = (
    Place("home", "/desk", True),
    Place("orders", "/desk/pesanan", True),
    Place("products", "/desk/produk", True),
    Place("posts", "/desk/unggahan", True),
    Place("reports", "/desk/laporan", True),
    Place("calendar", "/desk/kalender", False),
    Place("attractions", "/desk/wisata", False),
    Place("makers", "/desk/umkm", False),
    Place("signs", "/desk/papan", False),
    Place("links", "/desk/tautan", False),
    Place("campaigns", "/desk/kampanye", False),
    Place("accounts", "/desk/akun", False),
    Place("village", "/desk/desa", False),
    Place("staff", "/desk/staf", False, "set_up"),
)
NOTICES = (  # what may stand in ?kabar=: a page says only what we wrote
    *("saved", "hidden", "shown", "sold_out", "in_stock", "moved", "scheduled", "cancelled", "rescheduled", "settled", "connected"),
    *("removed", "sign_made", "withdrawn", "password_changed", "session_ended"),
    *("asked", "approved", "sent_back", "planned", "weekly_made", "weekly_ended", "rewritten", "table_made"),
    *("link_made", "link_led", "report_shared", "report_closed"),
    *("staff_added", "staff_closed", "password_set", "mended", "no_answer"),
    *("draft_kept", "draft_dropped", "pack_made", "pack_scheduled", "logo_kept"),
)


class NotSignedIn(Exception):
    """This page needs somebody at the desk."""


class NotAllowed(Exception):
    """Signed in, but this is for another role."""


class DeskRoute(APIRoute):
    """A route of the desk: never kept by a browser or proxy; without a session it leads to the sign-in, without the right it says so."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            has_nul = "\x00" in request.scope["path"] or "%00" in request.url.query  # no database keeps a text with one
            if has_nul or any(is_number(name) and not is_kept(value) for name, value in request.path_params.items()):
                raise web.NotFound
            try:
                answer = await handler(request)
            except NotSignedIn:
                answer = RedirectResponse(f"{SIGN_IN}?ke={quote(way_back(request), safe='')}", 303)
            except NotAllowed:
                answer = draw(request, request.state.staff, "refused", here="", status=403)
            answer.headers.setdefault("Cache-Control", "private, no-store")
            return answer

        return handle


def is_number(name: str) -> bool:
    """Whether a part of an address stands for a row's id, or counts something."""
    return name.endswith("_id") or name == "number"


def is_kept(text: str) -> bool:
    """Whether a database can hold this number: what it cannot is no row of ours."""
    return text.isascii() and text.isdigit() and len(text) < 19


def router() -> APIRouter:
    """A router of the desk; each noun has its own."""
    return APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False, max_body_size=MOST_BYTES)


# ---- who is there ----------------------------------------------------------------------------------------------------------------


def cookie_name(request: Request) -> str:
    is_safe = web.settings_of(request).public_url.startswith("https://")
    return "__Host-gapura_desk" if is_safe else "gapura_desk"


def signed(request: Request) -> Staff:
    """The member of staff behind this request. Raises NotSignedIn."""
    engine, at = request.app.state.engine, web.now(request)
    with database.reading(engine) as connection:
        held = staff.session(connection, request.cookies.get(cookie_name(request), ""), at)
    if held is None:
        raise NotSignedIn
    request.state.staff, request.state.session = held
    if at - held[1].seen_at >= staff.SEEN_EVERY:
        with database.writing(engine) as connection:
            staff.mark_seen(connection, held[1].id_hash, at)
    return held[0]


Signed = Annotated[Staff, Depends(signed)]


def _may(right: str) -> Callable[[Staff], Staff]:
    def allowed(who: Signed) -> Staff:
        if not who.may(right):
            raise NotAllowed
        return who

    return allowed


Drafting = Annotated[Staff, Depends(_may("draft"))]
Selling = Annotated[Staff, Depends(_may("sell"))]
Publishing = Annotated[Staff, Depends(_may("publish"))]
Approving = Annotated[Staff, Depends(_may("approve"))]
SettingUp = Annotated[Staff, Depends(_may("set_up"))]


# ---- pages -----------------------------------------------------------------------------------------------------------------------


def draw(request: Request, who: Staff, template: str, *, here: str, status: int = 200, **facts: Any) -> HTMLResponse:
    """The page desk/<template>.html in the language of who is signed in; `here` is the name of the place it belongs to."""
    notice = request.query_params.get("kabar", "")
    facts.setdefault("errors", {})
    facts |= {"number": partial(languages.number, who.language), "percent": partial(languages.percent, who.language)}
    return web.page(
        request,
        f"desk/{template}.html",
        language=who.language,
        status=status,
        staff=who,
        village=who.village,
        places=[place for place in PLACES if not place.right or who.may(place.right)],
        here=here,
        notice=notice if notice in NOTICES and request.method == "GET" else "",
        languages_known=languages_known(),
        **facts,
    )


def languages_known() -> list[tuple[str, str]]:
    """(code, name in itself) of every language there is."""
    return [(code, languages.words(code).get("language.name", code)) for code in languages.known()]


def go(path: str, notice: str = "") -> RedirectResponse:
    """The answer to a form that was right: look at `path`, with a word of what happened."""
    path, at, anchor = path.partition("#")
    joint = "&" if "?" in path else "?"
    return RedirectResponse((f"{path}{joint}kabar={notice}" if notice else path) + at + anchor, 303)


def way_back(request: Request) -> str:
    """Where to go after the sign-in: the page that was asked for, or the desk's home when it was a form that was sent."""
    if request.method != "GET":
        return "/desk"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def inside(path: str) -> str:
    """`path` when it is a page of our own desk, else the desk's home: a sign-in leads nowhere else."""
    is_ours = path == "/desk" or path.startswith(("/desk/", "/desk?"))
    return path if is_ours and not set(path) & set("\\\r\n\t") and not path.startswith(SIGN_IN) else "/desk"
