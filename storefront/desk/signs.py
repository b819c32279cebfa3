"""Signs at the desk: one link each, where it hangs, when it was last scanned, and whether its silence means that it is gone."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.codes as codes
import storefront.desk.forms as forms
import storefront.desk.frame as frame
import storefront.desk.links as link_pages
import storefront.desk.targets as targets
from campaigns import links, reports, rhythms
from campaigns.links import Link
from storefront import attractions, languages
from storefront.desk.forms import Form
from storefront.desk.frame import SettingUp, Signed
from storefront.problems import Collected, Problem, Problems
from storefront.staff import Staff
from storefront.web import Config, Now, Reading, Store, Writing, sentences

router = frame.router()

NEW_FOR = timedelta(days=7)  # a sign that nobody has scanned by then may not hang where it should


class NotASign(LookupError):
    """This link is no sign."""


@router.get("/papan")
def listed(request: Request, who: Signed, connection: Reading, at: Now) -> HTMLResponse:
    """Every sign with its code, where it leads, how often it was scanned of late and when it last was."""
    today = who.village.local(at).date()
    known = targets.names(targets.offered(connection, who))
    signs = sorted(links.listed(connection, who.village_id, kind="qr"), key=lambda link: link.state == "withdrawn")
    return frame.draw(
        request,
        who,
        "signs",
        here="signs",
        signs=[(sign, targets.told(sign.leads_to(today, (languages.FIRST,)), known, who.language)) for sign in signs],
        figures=reports.by_link(connection, who.village_id, today - timedelta(days=29), today),
        silences=rhythms.silences(connection, who.village_id, at),
        new_since=at - NEW_FOR,
    )


@router.get("/papan/baru")
def new(request: Request, who: SettingUp, connection: Reading) -> HTMLResponse:
    """The empty form."""
    return _form(request, who, connection, {})


@router.post("/papan")
def create(request: Request, who: SettingUp, connection: Writing, config: Config, typed: forms.Typed, at: Now) -> Response:
    """A new sign with a code of its own."""
    try:
        made = _made(connection, who, typed, config.public_url)
    except Problems as error:
        return _form(request, who, connection, typed.first(), error)
    sign = links.create(connection, village_id=who.village_id, kind="qr", by=who.login, at=at, **made)
    return frame.go(f"/desk/papan/{sign.id}", "sign_made")


@router.get("/papan/{link_id}")
def look(
    request: Request, who: Signed, connection: Reading, config: Config, store: Store, at: Now, link_id: int, untuk: str = "", logo: str = ""
) -> HTMLResponse:
    """One sign: its code, the files to print, where it leads, and taking it down."""
    sign = _sign(connection, who, link_id)
    wish = codes.wish(untuk, logo, link_pages.usual_use(sign))
    return link_pages.page(request, who, connection, config, store, at, sign, wish=wish)


@router.get("/papan/{link_id}/kode.{kind}")
def code(
    who: Signed, connection: Reading, config: Config, store: Store, link_id: int, kind: str, untuk: str = "", logo: str = ""
) -> Response:
    """The code as SVG, PNG or PDF; never one that a decoder does not read."""
    return link_pages.code(who, connection, config, store, _sign(connection, who, link_id).id, kind, untuk, logo)


@router.post("/papan/{link_id}/penarikan")
def withdraw(who: SettingUp, connection: Writing, at: Now, link_id: int) -> Response:
    """Take a sign down for good."""
    links.withdraw(connection, who.village_id, _sign(connection, who, link_id).id, by=who.login, at=at)
    return frame.go("/desk/papan", "withdrawn")


def _sign(connection: sa.Connection, who: Staff, link_id: int) -> Link:
    sign = links.get(connection, who.village_id, link_id)
    if sign.kind != "qr":
        raise NotASign
    return sign


def _made(connection: sa.Connection, who: Staff, typed: Form, public_url: str) -> dict[str, Any]:
    """What a new sign is, from its form. Raises Problems."""
    problems = Collected()
    target = None
    with problems.of("title"):
        link_pages.check_text(typed.text("title"), is_needed=True)
    with problems.of("placement"):
        link_pages.check_text(typed.text("placement"))
    with problems.of("target"):
        target = targets.read(typed, targets.names(targets.offered(connection, who)), public_url)
    place = typed.number("attraction") or (target.id if target and target.kind == "attraction" else None)
    if place and place not in {one.id for one in attractions.listed(connection, who.village_id)}:
        problems.problems.append(Problem("form.unknown_choice", field="attraction"))
    problems.stop()
    led = {"target_kind": target.kind, "target_id": target.id, "url": target.url} if target else {}
    return {"title": typed.text("title"), "placement": typed.text("placement") or None, "attraction_id": place, **led}


def _form(request: Request, who: Staff, connection: sa.Connection, values: dict[str, str], error: Problems | None = None) -> HTMLResponse:
    return frame.draw(
        request,
        who,
        "sign_new",
        here="signs",
        status=422 if error else 200,
        values=values,
        groups=targets.offered(connection, who),
        spots=[(one.id, languages.pick(one.name, who.language)) for one in attractions.listed(connection, who.village_id)],
        errors=sentences(error, who.language) if error else {},
    )
