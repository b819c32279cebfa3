"""Staff at the desk, for the operator alone: who may come in, somebody new, a forgotten password, and the end of somebody's time."""

from collections.abc import Mapping

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from storefront import database, staff, web
from storefront.desk.frame import SettingUp
from storefront.problems import Problem, Problems
from storefront.staff import Staff
from storefront.web import Now, Reading

router = frame.router()


@router.get("/staf")
def listed(request: Request, who: SettingUp, connection: Reading) -> HTMLResponse:
    """Everybody who works or worked at this desk."""
    return frame.draw(request, who, "staff", here="staff", members=staff.listed(connection, who.village_id))


@router.get("/staf/baru")
def new(request: Request, who: SettingUp) -> HTMLResponse:
    """The empty form."""
    return _form(request, who, {"role": "contributor"})


@router.post("/staf")
def create(request: Request, who: SettingUp, typed: forms.Typed, at: Now) -> Response:
    """Somebody new, with a first password to be told in person."""
    engine, given = request.app.state.engine, {name: typed.text(name) for name in ("login", "name", "role")}
    try:
        staff.add(engine, given, village_id=who.village_id, password=typed.typed("password"), language=who.language, at=at)
    except Problems as error:
        return _form(request, who, given, error)
    return frame.go("/desk/staf", "staff_added")


@router.get("/staf/{staff_id}")
def look(request: Request, who: SettingUp, connection: Reading, staff_id: int) -> HTMLResponse:
    """One member of staff: a new password, or the end of their time here."""
    return _page(request, who, staff.member(connection, who.village_id, staff_id))


@router.post("/staf/{staff_id}/sandi")
def set_password(request: Request, who: SettingUp, typed: forms.Typed, staff_id: int) -> Response:
    """A new password for somebody else; one's own is changed where the old one is asked for."""
    engine, one = request.app.state.engine, _somebody_else(request, who, staff_id)
    try:
        staff.let_in(engine, who.village_id, one.id, password=typed.typed("password"))
    except Problem as error:
        return _page(request, who, one, error)
    return frame.go("/desk/staf", "password_set")


@router.post("/staf/{staff_id}/penutupan")
def close(request: Request, who: SettingUp, staff_id: int) -> Response:
    """Nobody closes the door behind themselves: so there is always an operator left."""
    engine, one = request.app.state.engine, _somebody_else(request, who, staff_id)
    try:
        with database.writing(engine) as connection:
            staff.close(connection, who.village_id, one.id)
    except Problem as error:
        return _page(request, who, one, error)
    return frame.go("/desk/staf", "staff_closed")


def _somebody_else(request: Request, who: Staff, staff_id: int) -> Staff:
    engine: sa.Engine = request.app.state.engine
    with database.reading(engine) as connection:
        one = staff.member(connection, who.village_id, staff_id)
    if one.id == who.id:
        raise frame.NotAllowed
    return one


def _form(request: Request, who: Staff, values: Mapping[str, str], error: Problems | None = None) -> HTMLResponse:
    errors = web.sentences(error, who.language) if error else {}
    return frame.draw(
        request, who, "staff_new", here="staff", status=422 if error else 200, values=values, roles=tuple(staff.RIGHTS), errors=errors
    )


def _page(request: Request, who: Staff, one: Staff, error: Problem | None = None) -> HTMLResponse:
    errors = web.sentences(error, who.language) if error else {}
    return frame.draw(request, who, "staff_one", here="staff", status=422 if error else 200, one=one, errors=errors)
