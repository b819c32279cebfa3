"""Accounts at the desk: which networks are connected, a form for each that is made from what it says it needs, letting go; and the
village's public Instagram profile, which is only looked at."""

from collections.abc import Callable, Mapping
from datetime import datetime

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from starlette.background import BackgroundTask

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from campaigns import links
from promo import accounts, listening, networks
from promo.listening import Look
from promo.networks import Network
from storefront import database, languages
from storefront.desk.frame import SettingUp, Signed
from storefront.staff import Staff
from storefront.web import Now, Reading, Writing

router = frame.router()


@router.get("/akun")
def listed(request: Request, who: Signed, connection: Reading, at: Now) -> HTMLResponse:
    """The accounts of the village, the networks there are, and what Instagram shows of the village."""
    return _page(request, who, connection, at)


@router.get("/akun/baru/{network}")
def new(request: Request, who: SettingUp, network: str) -> HTMLResponse:
    """The form of one network."""
    of = networks.get(network)
    return _form(request, who, network, of, {field.name: field.default for field in of.FIELDS if field.kind != "secret"})


@router.post("/akun/baru/{network}")
def connect(request: Request, who: SettingUp, connection: Writing, typed: forms.Typed, at: Now, network: str) -> Response:
    """Connect an account; what is secret is sealed at once."""
    of, given = networks.get(network), {name: typed.text(name) for name in typed.fields}
    title, sealer = given.get("title", ""), request.app.state.sealer
    try:
        accounts.connect(
            connection, village_id=who.village_id, network=network, title=title, fields=given, secrets=given, sealer=sealer, at=at
        )
    except accounts.Incomplete as error:
        return _form(request, who, network, of, given, {error.field: [languages.say(who.language, error.key)]})
    return frame.go("/desk/akun", "connected")


@router.post("/akun/{account_id}/pelepasan")
def remove(who: SettingUp, connection: Writing, account_id: int) -> Response:
    """Let go of an account; its secrets are deleted."""
    accounts.get(connection, who.village_id, account_id)
    accounts.remove(connection, who.village_id, account_id)
    return frame.go("/desk/akun", "removed")


@router.post("/akun/instagram")
def listen_to(request: Request, who: SettingUp, connection: Writing, typed: forms.Typed, at: Now) -> Response:
    """Which public Instagram profile is the village's own; an empty name listens to none."""
    try:
        listening.listen_to(connection, who.village_id, typed.text("handle"))
    except listening.BadHandle as error:
        return _page(request, who, connection, at, handle=typed.text("handle"), error=languages.say(who.language, error.key))
    return frame.go("/desk/akun#instagram", "saved")


@router.post("/akun/instagram/pengamatan")
def look(request: Request, who: SettingUp, at: Now) -> Response:
    """Look at the profile now; it takes a minute, so nobody waits for it and the page says that it is under way."""
    answer, engine = frame.go("/desk/akun#instagram"), request.app.state.engine
    try:
        with database.writing(engine) as connection:
            handle = listening.begin(connection, who.village_id, at)
    except (listening.BadHandle, listening.TooSoon):
        return answer  # the page says until when the profile rests
    answer.background = BackgroundTask(_look, request.app.state.look, engine, who.village_id, handle, at)
    return answer


def _look(look: Callable[..., Look], engine: sa.Engine, village_id: int, handle: str, at: datetime) -> None:
    seen = look(handle, at=at)
    with database.writing(engine) as connection:
        listening.keep(connection, village_id, handle, seen)


def _page(
    request: Request, who: Staff, connection: sa.Connection, at: datetime, *, handle: str | None = None, error: str = ""
) -> HTMLResponse:
    held, heard = accounts.listed(connection, who.village_id), listening.get(connection, who.village_id)
    codes = {links.tidy(code) for post in heard.posts for code in post.codes}
    ours = {link.code: link.title for link in links.with_codes(connection, sorted(codes)) if link.village_id == who.village_id}
    return frame.draw(
        request,
        who,
        "accounts",
        here="accounts",
        status=422 if error else 200,
        accounts=held,
        titles={name: networks.get(name).TITLE for name in networks.names()},
        heard=heard,
        handle=heard.handle if handle is None else handle,
        is_looking=heard.is_looking(at),
        rests_until=heard.next_at(at) if heard.next_at(at) > at else None,
        seen_at=max((post.seen_at for post in heard.posts), default=heard.looked_at),
        found=[(post, [(code, ours[code]) for code in map(links.tidy, post.codes) if code in ours]) for post in heard.posts],
        errors={"handle": [error]} if error else {},
    )


def _form(
    request: Request, who: Staff, name: str, of: Network, values: Mapping[str, str], errors: Mapping[str, list[str]] | None = None
) -> HTMLResponse:
    facts = {"network": name, "title": of.TITLE, "fields": of.FIELDS, "values": values, "errors": errors or {}}
    return frame.draw(request, who, "account", here="accounts", status=422 if errors else 200, **facts)
