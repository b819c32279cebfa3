"""Coming to the desk and leaving it: sign-in, sign-out, one's own password, language and sessions."""

from datetime import datetime
from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from storefront import database, languages, proxies, staff, staffmarks, villages, web
from storefront.desk.frame import SIGN_IN, Signed
from storefront.front import LANGUAGE_COOKIE
from storefront.problems import Problem
from storefront.staff import ThrottledSignIn, WrongSignIn
from storefront.web import Now, Reading, Writing

router = frame.router()


@router.get("/masuk")
def form(request: Request, ke: str = "/desk", bahasa: str = "") -> Response:
    """The sign-in; who is signed in already goes straight on."""
    try:
        frame.signed(request)
    except frame.NotSignedIn:
        return _door(request, to=ke, language=bahasa)
    return RedirectResponse(frame.inside(ke), 303)


@router.post("/masuk")
def sign_in(
    request: Request,
    at: Now,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    ke: Annotated[str, Form()] = "/desk",
    bahasa: Annotated[str, Form()] = "",
) -> Response:
    """Sign in, or say in one sentence why not."""
    engine, throttle, address = request.app.state.engine, request.app.state.throttle, _address(request)
    try:
        cookie = staff.sign_in(engine, login, password, address=address, throttle=throttle, at=at)
    except ThrottledSignIn as error:
        return _door(request, to=ke, language=bahasa, login=login, error=error, status=429, headers={"Retry-After": str(error.seconds)})
    except WrongSignIn as error:
        return _door(request, to=ke, language=bahasa, login=login, error=error, status=401)
    answer = RedirectResponse(frame.inside(ke), 303)
    _hand_out(request, answer, cookie)
    _mark_as_staff(request, answer, cookie, at)
    return answer


@router.post("/keluar")
def sign_out(request: Request, who: Signed, connection: Writing) -> Response:  # noqa: ARG001 - only who is in can leave
    """End this session, here and on the server."""
    staff.sign_out(connection, request.cookies.get(frame.cookie_name(request), ""))
    answer = RedirectResponse(SIGN_IN, 303)
    for name in (frame.cookie_name(request), staffmarks.COOKIE):
        answer.delete_cookie(name, path="/", secure=_is_https(request), httponly=True, samesite="lax")
    return answer


@router.get("/saya")
def me(request: Request, who: Signed, connection: Reading, at: Now) -> Response:
    """One's own password, language and sessions."""
    return _me(request, who, staff.sessions(connection, who, at))


@router.post("/saya/sandi")
def change_password(request: Request, who: Signed, typed: forms.Typed, at: Now) -> Response:
    """A new password; every other session ends."""
    engine, cookie = request.app.state.engine, request.cookies.get(frame.cookie_name(request), "")
    try:
        staff.change_password(
            engine, who, old=typed.typed("old"), new=typed.typed("new"), cookie=cookie, throttle=request.app.state.throttle
        )
    except Problem as error:
        with database.reading(engine) as connection:
            return _me(request, who, staff.sessions(connection, who, at), error)
    return frame.go("/desk/saya", "password_changed")


@router.post("/saya/sesi/{id_hash}/penutupan")
def end_session(who: Signed, connection: Writing, id_hash: str) -> Response:
    """End another of one's own sessions, as on a phone that was lost."""
    staff.end_session(connection, who, id_hash)
    return frame.go("/desk/saya", "session_ended")


@router.post("/bahasa")
def set_language(who: Signed, connection: Writing, typed: forms.Typed) -> Response:
    """The language of the desk for this member of staff."""
    if typed.text("bahasa") in languages.known():
        staff.set_language(connection, who, typed.text("bahasa"))
    return frame.go("/desk/saya", "saved")


def _me(request: Request, who: staff.Staff, sessions: list[staff.Session], error: Problem | None = None) -> HTMLResponse:
    errors = web.sentences(error, who.language) if error else {}
    this = request.state.session.id_hash
    return frame.draw(request, who, "me", here="me", status=422 if error else 200, sessions=sessions, this=this, errors=errors)


def _door(
    request: Request,
    *,
    to: str,
    language: str,
    login: str = "",
    error: Problem | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> HTMLResponse:
    spoken = language if language in languages.known() else _guessed_language(request)
    with database.reading(request.app.state.engine) as connection:
        village = villages.only(connection)
    said = languages.say(spoken, error.key, **error.facts) if error else ""
    facts = {"to": frame.inside(to), "login": login, "error": said, "name": village.name if village else "Gapura"}
    return web.page(
        request, "desk/door.html", language=spoken, status=status, headers=headers, languages_known=frame.languages_known(), **facts
    )


def _address(request: Request) -> str:
    connected = request.client.host if request.client else ""
    return proxies.reader(web.settings_of(request).proxies)(connected, request.headers.get("x-forwarded-for", ""))


def _guessed_language(request: Request) -> str:
    remembered = request.cookies.get(LANGUAGE_COOKIE, "")
    return (
        remembered if remembered in languages.known() else languages.choose(request.headers.get("accept-language", ""), languages.known())
    )


def _hand_out(request: Request, answer: Response, cookie: str) -> None:
    seconds = int(staff.ABSOLUTE.total_seconds())
    answer.set_cookie(
        frame.cookie_name(request), cookie, max_age=seconds, path="/", secure=_is_https(request), httponly=True, samesite="lax"
    )


def _mark_as_staff(request: Request, answer: Response, cookie: str, at: datetime) -> None:
    """Scans from this browser are staff's own from now on: kept apart from the guests'."""
    with database.reading(request.app.state.engine) as connection:
        held = staff.session(connection, cookie, at)
    if held is not None:
        mark = staffmarks.sign(held[0].village_id, web.settings_of(request).secret.get_secret_value(), at=at)
        seconds = int(staff.ABSOLUTE.total_seconds())
        answer.set_cookie(staffmarks.COOKIE, mark, max_age=seconds, path="/", secure=_is_https(request), httponly=True, samesite="lax")


def _is_https(request: Request) -> bool:
    return web.settings_of(request).public_url.startswith("https://")
