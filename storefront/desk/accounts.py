"""Accounts at the desk: which networks are connected and how their logins stand, a form for each that is made from what it says it
needs and tried before it is kept, letting go; and the village's public Instagram profile, which is only looked at."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from starlette.background import BackgroundTask

import storefront.desk.connecting as connecting
import storefront.desk.forms as forms
import storefront.desk.frame as frame
from campaigns import links
from promo import accounts, checkups, listening, networks
from promo.listening import Look
from promo.networks import Access, Finding, Health, Network
from storefront import database, languages
from storefront.desk.frame import SettingUp, Signed
from storefront.staff import Staff
from storefront.web import Config, Now, PostClock, Reading, Writing

router = frame.router()


@router.get("/akun")
def listed(request: Request, who: Signed, connection: Reading, at: Now) -> HTMLResponse:
    """The accounts of the village, the networks there are, and what Instagram shows of the village."""
    return _page(request, who, connection, at)


@router.get("/akun/baru/{network}")
def new(request: Request, who: SettingUp, network: str) -> HTMLResponse:
    """The steps and the form of one network."""
    of = networks.get(network)
    return form(request, who, network, of, {field.name: field.default for field in of.FIELDS if field.kind != "secret"})


@router.post("/akun/baru/{network}")
def connect(request: Request, who: SettingUp, typed: forms.Typed, config: Config, at: Now, network: str) -> Response:
    """Try the account without publishing anything, then keep it; what is secret is sealed at once."""
    of, given = networks.get(network), {name: typed.text(name) for name in typed.fields}
    try:
        shown, hidden = accounts.by_form(network, given.get("title", ""), given, given)
    except accounts.Incomplete as error:
        return form(request, who, network, of, given, {error.field: [languages.say(who.language, error.key)]})
    access = Access(shown, hidden, 20.0, config.networks)
    seen = checkups.ask(network, access)  # before any transaction: a network may take its time
    if seen is not None and not seen.is_usable:
        if any(one.key == "token_of_a_person" for one in seen.findings):
            return connecting.pages_behind(request, who, network, access, at)
        return form(request, who, network, of, given, {"": told(who, [one for one in seen.findings if one.level == "bad"])}, seen)
    with database.writing(request.app.state.engine) as connection:
        sealer, title = request.app.state.sealer, given.get("title", "")
        made = accounts.connect(
            connection, village_id=who.village_id, network=network, title=title, fields=shown, secrets=hidden, sealer=sealer, at=at
        )
        checkups.keep(connection, made, seen, at=at, clock=request.app.state.post_clock)
    return frame.go("/desk/akun", "connected")


@router.post("/akun/{account_id}/pemeriksaan")
def check(request: Request, who: SettingUp, config: Config, at: Now, clock: PostClock, account_id: int) -> Response:
    """Look at a login now; one that lives again lets what waited go on."""
    engine = request.app.state.engine
    with database.reading(engine) as connection:
        of = accounts.get(connection, who.village_id, account_id)
    is_there = of.state != "removed"
    seen = checkups.look(of, request.app.state.sealer, config.networks, engine, lambda: at) if is_there else None
    with database.writing(engine) as connection:
        checkups.keep(connection, of, seen, at=at, clock=clock)
    return frame.go(f"/desk/akun#akun-{account_id}", "" if seen else "no_answer")


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
        accounts=[(of, _shown_fields(of), told(who, [Finding(**one) for one in of.findings or ()])) for of in held],
        levels={of.id: [one["level"] for one in of.findings or ()] for of in held},
        titles={name: networks.get(name).TITLE for name in networks.names()},
        heard=heard,
        handle=heard.handle if handle is None else handle,
        is_looking=heard.is_looking(at),
        rests_until=heard.next_at(at) if heard.next_at(at) > at else None,
        seen_at=max((post.seen_at for post in heard.posts), default=heard.looked_at),
        found=[(post, [(code, ours[code]) for code in map(links.tidy, post.codes) if code in ours]) for post in heard.posts],
        errors={"handle": [error]} if error else {},
    )


def _shown_fields(of: accounts.Account) -> list[tuple[str, str, bool]]:
    """(name, value, is it a choice?) of what may be shown and says something."""
    kinds = {field.name: field.kind for field in networks.get(of.network).FIELDS} if of.network in networks.names() else {}
    return [(name, value, kinds.get(name) == "choice") for name, value in of.fields.items() if value]


def told(who: Staff, findings: Sequence[Finding]) -> list[str]:
    """What a look at a login found, in sentences."""
    return [languages.say(who.language, f"publish.health.{one.key}", **one.facts) for one in findings]


def form(
    request: Request,
    who: Staff,
    name: str,
    of: Network,
    values: Mapping[str, str],
    errors: Mapping[str, list[str]] | None = None,
    seen: Health | None = None,
) -> HTMLResponse:
    """The steps and the form of one network, with what was typed and what a look at it found."""
    facts: dict[str, object] = {"network": name, "title": of.TITLE, "fields": of.FIELDS, "values": values, "errors": errors or {}}
    facts["seen"] = [(one.level, sentence) for one in seen.findings for sentence in told(who, [one])] if seen else []
    facts["steps"] = steps(who, name)
    facts["can_sign_in"] = connecting.can_sign_in(request, of)
    return frame.draw(request, who, "account", here="accounts", status=422 if errors else 200, **facts)


def steps(who: Staff, name: str) -> list[str]:
    """What to click at the network, one sentence after the other."""
    words = languages.words(who.language)
    found: list[str] = []
    while f"publish.guide.{name}.step_{len(found) + 1}" in words:
        found.append(words[f"publish.guide.{name}.step_{len(found) + 1}"])
    return found
