"""Coming back into an account whose login was lost: a new token is typed, and whatever waited for it goes on."""

from collections.abc import Mapping

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from promo import accounts, networks, posts
from promo.accounts import Account
from storefront import languages
from storefront.desk.forms import Form
from storefront.desk.frame import SettingUp
from storefront.staff import Staff
from storefront.web import Now, PostClock, Reading, Writing

router = frame.router()


@router.get("/akun/{account_id}/masuk")
def form(request: Request, who: SettingUp, connection: Reading, account_id: int) -> HTMLResponse:
    """What is waiting, and the fields of the account; what is secret is never shown."""
    account = accounts.get(connection, who.village_id, account_id)
    return _form(request, who, connection, account, {"title": account.title, **account.fields})


@router.post("/akun/{account_id}/masuk")
def mend(request: Request, who: SettingUp, connection: Writing, typed: forms.Typed, at: Now, clock: PostClock, account_id: int) -> Response:
    """The account works again, and so do the posts that waited for it."""
    account = accounts.get(connection, who.village_id, account_id)
    try:
        _change(connection, account, typed, request.app.state.sealer)
    except accounts.Incomplete as error:
        return _form(request, who, connection, account, typed.first(), {error.field: [languages.say(who.language, error.key)]})
    posts.wake(connection, who.village_id, account_id, at=at, clock=clock)
    return frame.go("/desk/akun", "mended")


def _change(connection: sa.Connection, account: Account, typed: Form, sealer: accounts.Sealer) -> None:
    """Raises Incomplete: an account that was thrown out needs something new, one that works may keep its secrets."""
    if account.state == "removed":
        raise accounts.UnknownAccount(account.id)
    fields = networks.get(account.network).FIELDS
    asked = [field.name for field in fields if field.kind == "secret"]
    hidden = {name: typed.text(name) for name in asked if typed.text(name)}
    shown = {field.name: typed.text(field.name) for field in fields if field.kind != "secret"}
    if account.state == "needs_login" and asked and not hidden:
        raise accounts.Incomplete(asked[0])
    accounts.change(
        connection, account.village_id, account.id, sealer=sealer, title=typed.text("title") or None, fields=shown, secrets=hidden
    )


def waiting(connection: sa.Connection, account: Account) -> int:
    """How many posts wait for this account."""
    written = posts.listed(connection, account.village_id)
    return sum(
        target.account_id == account.id and target.reason == "account" and target.is_open for post in written for target in post.targets
    )


def _form(
    request: Request,
    who: Staff,
    connection: sa.Connection,
    account: Account,
    values: Mapping[str, str],
    errors: Mapping[str, list[str]] | None = None,
) -> HTMLResponse:
    return frame.draw(
        request,
        who,
        "account_login",
        here="accounts",
        status=422 if errors else 200,
        account=account,
        network=networks.get(account.network).TITLE,
        fields=networks.get(account.network).FIELDS,
        count=waiting(connection, account),
        values=values,
        errors=errors or {},
    )
