"""Accounts at the desk: which networks are connected, a form for each that is made from what it says it needs, and letting go."""

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from promo import accounts, networks
from promo.networks import Network
from storefront import languages
from storefront.desk.frame import SettingUp, Signed
from storefront.staff import Staff
from storefront.web import Now, Reading, Writing

router = frame.router()


@router.get("/akun")
def listed(request: Request, who: Signed, connection: Reading) -> HTMLResponse:
    """The accounts of the village, and the networks there are."""
    held = [account for account in accounts.listed(connection, who.village_id) if account.state != "removed"]
    titles = {name: networks.get(name).TITLE for name in networks.names()}
    return frame.draw(request, who, "accounts", here="accounts", accounts=held, titles=titles)


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


def _form(
    request: Request, who: Staff, name: str, of: Network, values: Mapping[str, str], errors: Mapping[str, list[str]] | None = None
) -> HTMLResponse:
    facts = {"network": name, "title": of.TITLE, "fields": of.FIELDS, "values": values, "errors": errors or {}}
    return frame.draw(request, who, "account", here="accounts", status=422 if errors else 200, **facts)
