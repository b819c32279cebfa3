"""Coming back into an account whose login was lost: a new token is typed, and whatever waited for it goes on."""

from collections.abc import Mapping

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.accounts as desk_accounts
import storefront.desk.connecting as connecting
import storefront.desk.forms as forms
import storefront.desk.frame as frame
from promo import accounts, checkups, networks, posts
from promo.accounts import Account
from promo.networks import Access
from storefront import database, languages
from storefront.desk.forms import Form
from storefront.desk.frame import SettingUp
from storefront.staff import Staff
from storefront.web import Config, Now, PostClock, Reading

router = frame.router()


@router.get("/akun/{account_id}/masuk")
def form(request: Request, who: SettingUp, connection: Reading, account_id: int) -> HTMLResponse:
    """What is waiting, and the fields of the account; what is secret is never shown."""
    account = accounts.get(connection, who.village_id, account_id)
    return _form(request, who, connection, account, {"title": account.title, **account.fields})


@router.post("/akun/{account_id}/masuk")
def mend(request: Request, who: SettingUp, typed: forms.Typed, config: Config, at: Now, clock: PostClock, account_id: int) -> Response:
    """The login is tried, the account works again, and so do the posts that waited for it."""
    engine, sealer = request.app.state.engine, request.app.state.sealer
    with database.reading(engine) as connection:
        account = accounts.get(connection, who.village_id, account_id)
    try:
        shown, hidden = _wanted(account, typed, sealer)
    except accounts.Incomplete as error:
        return _again(request, who, account, typed, {error.field: [languages.say(who.language, error.key)]})
    seen = checkups.ask(account.network, Access(shown, hidden, 20.0, config.networks))  # before any transaction
    if seen is not None and not seen.is_usable:
        bad = [one for one in seen.findings if one.level == "bad"]
        return _again(request, who, account, typed, {"": desk_accounts.told(who, bad)})
    with database.writing(engine) as connection:
        title = typed.text("title") or None
        accounts.change(connection, account.village_id, account.id, sealer=sealer, title=title, fields=shown, secrets=hidden)
        posts.wake(connection, who.village_id, account_id, at=at, clock=clock)
        checkups.keep(connection, account, seen, at=at, clock=clock)
    return frame.go("/desk/akun", "mended")


def _wanted(account: Account, typed: Form, sealer: accounts.Sealer) -> tuple[dict[str, str], dict[str, str]]:
    """What the account will have. Raises Incomplete: one that was thrown out needs something new, one that works may keep its secrets."""
    if account.state == "removed":
        raise accounts.UnknownAccount(account.id)
    fields = networks.get(account.network).FIELDS
    asked = [field.name for field in fields if field.kind == "secret"]
    hidden = {name: typed.text(name) for name in asked if typed.text(name)}
    shown = {field.name: typed.text(field.name) for field in fields if field.kind != "secret"}
    if account.state == "needs_login" and asked and not hidden:
        raise accounts.Incomplete(asked[0])
    try:
        kept = accounts.secrets(account, sealer)
    except accounts.CannotUnseal:
        kept = {}
    return accounts.by_form(account.network, account.title, {**account.fields, **shown}, {**kept, **hidden})


def _again(request: Request, who: Staff, account: Account, typed: Form, errors: Mapping[str, list[str]]) -> HTMLResponse:
    with database.reading(request.app.state.engine) as connection:
        return _form(request, who, connection, account, typed.first(), errors)


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
        steps=desk_accounts.steps(who, account.network),
        can_sign_in=connecting.can_sign_in(request, networks.get(account.network)),
    )
