"""Links at the desk: each has a page with its codes, where it leads by season and language, until when, and all that was ever changed."""

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.codes as codes
import storefront.desk.forms as forms
import storefront.desk.frame as frame
import storefront.desk.targets as targets
from campaigns import campaigns, impressions, links, outside, reports, rhythms
from campaigns.links import Link
from campaigns.rules import Rule, Target
from promo import networks
from storefront import languages
from storefront.desk.forms import Form
from storefront.desk.frame import Publishing, SettingUp, Signed
from storefront.media import Store as Pictures
from storefront.problems import Collected, Problem, Problems
from storefront.settings import Settings
from storefront.staff import Staff
from storefront.web import Config, Now, Reading, Store, Writing, sentences

router = frame.router()

TITLE_MOST = 120
RULES_MOST = 8
LANGUAGES = ("id", "en", "zh", "ar", "ms", "ja", "ko", "nl", "de", "fr")  # what guests' phones speak here
OWN_PAGE = {"qr": "/desk/papan", "post": "/desk/unggahan"}


@router.get("/tautan")
def listed(request: Request, who: Signed, connection: Reading, at: Now, jenis: str = "") -> HTMLResponse:
    """Every link of the village, those in use first, with the people of the last 30 days."""
    kind = jenis if jenis in links.KINDS else None
    today = who.village.local(at).date()
    found = sorted(links.listed(connection, who.village_id, kind=kind), key=lambda link: (link.state == "withdrawn", -link.id))
    known = targets.names(targets.offered(connection, who))
    return frame.draw(
        request,
        who,
        "links",
        here="links",
        links=[(link, targets.told(_led(link, today), known, who.language)) for link in found],
        figures=reports.by_link(connection, who.village_id, today - timedelta(days=29), today),
        grouped={one.id: one.name for one in campaigns.listed(connection, who.village_id)},
        kind=kind or "",
        kinds=links.KINDS,
        today=today,
    )


@router.get("/tautan/baru")
def new(request: Request, who: SettingUp, connection: Reading) -> HTMLResponse:
    """The empty form."""
    return _form(request, who, connection, {})


@router.post("/tautan")
def create(request: Request, who: SettingUp, connection: Writing, config: Config, typed: forms.Typed, at: Now) -> Response:
    """A new link with a code of its own."""
    try:
        given = _read(connection, who, typed, config)
    except Problems as error:
        return _form(request, who, connection, typed.first(), error)
    campaign_id = given.pop("campaign_id")
    made = links.create(connection, village_id=who.village_id, by=who.login, at=at, **given)
    if campaign_id:
        campaigns.add_links(connection, who.village_id, campaign_id, [made.id], at=at)
    return frame.go(f"/desk/tautan/{made.id}", "link_made")


@router.get("/tautan/{link_id}")
def look(
    request: Request, who: Signed, connection: Reading, config: Config, store: Store, at: Now, link_id: int, untuk: str = "", logo: str = ""
) -> HTMLResponse:
    """One link: its codes, how it leads, its figures and its history."""
    link = links.get(connection, who.village_id, link_id)
    return page(request, who, connection, config, store, at, link, wish=codes.wish(untuk, logo, usual_use(link)))


@router.get("/tautan/{link_id}/kode.{kind}")
def code(
    who: Signed, connection: Reading, config: Config, store: Store, link_id: int, kind: str, untuk: str = "", logo: str = ""
) -> Response:
    """The code as SVG, PNG or PDF; never one that a decoder does not read."""
    link = links.get(connection, who.village_id, link_id)
    wanted = codes.wish(untuk, logo, usual_use(link))
    address = links.url(config.public_url, link.code, upper_url=True)
    if codes.trouble(address, wanted, store, who.village):
        raise codes.NoSuchFile(kind)
    body = codes.draw(address, kind, wanted, store, who.village)
    headers = {"Content-Disposition": f'inline; filename="tautan-{link.code}-{wanted.level}.{kind}"'}
    return Response(body, media_type=codes.KINDS[kind], headers=headers)


@router.post("/tautan/{link_id}/tujuan")
def retarget(
    request: Request, who: SettingUp, connection: Writing, config: Config, store: Store, typed: forms.Typed, at: Now, link_id: int
) -> Response:
    """Lead it elsewhere; what is printed stays good."""
    link = links.get(connection, who.village_id, link_id)
    try:
        target = targets.read(typed, targets.names(targets.offered(connection, who)), config.public_url)
    except Problem as problem:
        return page(request, who, connection, config, store, at, link, typed=typed, problem=Problems([problem]))
    utm = _utm(connection, who, typed, target, link.kind, link.network, link.title, link.campaign_id)
    row: dict[str, Any] = {"target_kind": target.kind, "target_id": target.id, "url": target.url, "utm": utm}
    links.retarget(connection, who.village_id, link.id, by=who.login, at=at, **row)
    return frame.go(f"/desk/tautan/{link.id}", "link_led")


@router.post("/tautan/{link_id}/aturan")
def set_rules(
    request: Request, who: SettingUp, connection: Writing, config: Config, store: Store, typed: forms.Typed, at: Now, link_id: int
) -> Response:
    """Lead it by season and language from now on."""
    link = links.get(connection, who.village_id, link_id)
    try:
        given = _rules(typed, targets.names(targets.offered(connection, who)))
    except Problems as problem:
        return page(request, who, connection, config, store, at, link, typed=typed, problem=problem)
    links.set_rules(connection, who.village_id, link.id, given, by=who.login, at=at)
    return frame.go(f"/desk/tautan/{link.id}", "saved")


@router.post("/tautan/{link_id}/akhir")
def set_end(
    request: Request, who: SettingUp, connection: Writing, config: Config, store: Store, typed: forms.Typed, at: Now, link_id: int
) -> Response:
    """Until which day it leads where it leads; then to the village's page."""
    link = links.get(connection, who.village_id, link_id)
    try:
        ends_on = forms_day(typed, "ends_on")
    except Problem as problem:
        return page(request, who, connection, config, store, at, link, typed=typed, problem=Problems([problem]))
    links.set_end(connection, who.village_id, link.id, ends_on, by=who.login, at=at)
    return frame.go(f"/desk/tautan/{link.id}", "saved")


@router.post("/tautan/{link_id}/tayangan")
def note_impressions(
    request: Request, who: Publishing, connection: Writing, config: Config, store: Store, typed: forms.Typed, at: Now, link_id: int
) -> Response:
    """How often the network has shown its post so far, as staff read it there; empty: what was typed is dropped."""
    link = links.get(connection, who.village_id, link_id)
    text = typed.text("shown").replace(".", "").replace(" ", "")
    if not text:
        impressions.forget(connection, who.village_id, link.id)
    elif text.isascii() and text.isdigit() and int(text) <= impressions.MOST:
        impressions.note(connection, who.village_id, link.id, int(text), day=who.village.local(at).date())
    else:
        problem = Problems([Problem("desk.link.bad_number", field="shown")])
        return page(request, who, connection, config, store, at, link, typed=typed, problem=problem)
    return frame.go(f"/desk/tautan/{link.id}", "saved")


@router.post("/tautan/{link_id}/penarikan")
def withdraw(who: SettingUp, connection: Writing, at: Now, link_id: int) -> Response:
    """Take a link out of use for good."""
    links.withdraw(connection, who.village_id, link_id, by=who.login, at=at)
    return frame.go("/desk/tautan", "withdrawn")


# ---- the pages -------------------------------------------------------------------------------------------------------------------


def page(
    request: Request,
    who: Staff,
    connection: sa.Connection,
    config: Settings,
    store: Pictures,
    at: datetime,
    link: Link,
    *,
    wish: codes.Wish | None = None,
    typed: Form = forms.NOTHING,
    problem: Problems | None = None,
) -> HTMLResponse:
    """The page of a link, with what was typed into one of its forms and what is wrong with it."""
    groups = targets.offered(connection, who)
    known = targets.names(groups)
    today = who.village.local(at).date()
    wanted = wish or codes.wish("", "", usual_use(link))
    printed = links.url(config.public_url, link.code, upper_url=True)
    return frame.draw(
        request,
        who,
        "link",
        here="signs" if link.kind == "qr" else "links",
        status=422 if problem else 200,
        link=link,
        groups=groups,
        target=targets.key(link.target),
        leads=targets.told(_led(link, today), known, who.language),
        has_ended=link.ends_on is not None and link.ends_on < today,
        told=lambda target: targets.told(target, known, who.language),
        rows=_rule_rows(link, typed),
        history=links.history(connection, who.village_id, link.id),
        guests=LANGUAGES,
        wish=wanted,
        trouble=codes.trouble(printed, wanted, store, who.village),
        has_logo=bool(who.village.brand.get("logo")),
        printed=printed,
        to_paste=links.url(config.public_url, link.code),
        figures=reports.by_link(connection, who.village_id, today - timedelta(days=29), today).get(link.id, reports.Figures()),
        silence=rhythms.silences(connection, who.village_id, at).get(link.id) if link.kind == "qr" else None,
        reading=impressions.latest(connection, who.village_id).get(link.id),
        campaign=campaigns.get(connection, who.village_id, link.campaign_id) if link.campaign_id else None,
        values=typed.first(),
        errors=sentences(problem, who.language) if problem else {},
    )


def usual_use(link: Link) -> str:
    """Where a code of this kind hangs unless somebody says otherwise: a sign is outdoors."""
    return "outdoors" if link.kind == "qr" else "indoors"


def _led(link: Link, today: date) -> Target:
    """Where it leads most guests today."""
    return link.leads_to(today, (languages.FIRST,))


def _rule_rows(link: Link, typed: Form) -> list[dict[str, str]]:
    """The rows of the rules' form: as typed, or as they are, and one to add."""
    if typed.has("rule_target"):
        return [_rule_row(typed, place) for place in range(len(typed.fields["rule_target"]))]
    rows = [
        {
            "target": targets.key(rule.target),
            "since": rule.since.isoformat() if rule.since else "",
            "until": rule.until.isoformat() if rule.until else "",
            "language": rule.language or "",
        }
        for rule in link.rules
    ]
    return [*rows, *([dict.fromkeys(("target", "since", "until", "language"), "")] if len(rows) < RULES_MOST else [])]


def _form(request: Request, who: Staff, connection: sa.Connection, values: dict[str, str], error: Problems | None = None) -> HTMLResponse:
    return frame.draw(
        request,
        who,
        "link_new",
        here="links",
        status=422 if error else 200,
        values=values,
        groups=targets.offered(connection, who),
        kinds=[kind for kind in links.KINDS if kind != "qr"],
        networks=networks.names(),
        grouped=campaigns.listed(connection, who.village_id),
        errors=sentences(error, who.language) if error else {},
    )


# ---- reading the forms -----------------------------------------------------------------------------------------------------------


def _read(connection: sa.Connection, who: Staff, typed: Form, config: Settings) -> dict[str, Any]:
    problems = Collected()
    title, placement, network, kind = (typed.text(name) for name in ("title", "placement", "network", "kind"))
    known = targets.names(targets.offered(connection, who))
    target, ends_on = Target("village"), None
    with problems.of("title"):
        check_text(title, is_needed=True)
    for field, text in (("placement", placement), ("network", network)):
        with problems.of(field):
            check_text(text)
    if kind not in links.KINDS:
        problems.problems.append(Problem("form.unknown_choice", field="kind"))
    with problems.of("target"):
        target = targets.read(typed, known, config.public_url)
    with problems.of("ends_on"):
        ends_on = forms_day(typed, "ends_on")
    campaign_id = typed.number("campaign")
    if campaign_id and campaign_id not in {one.id for one in campaigns.listed(connection, who.village_id)}:
        problems.problems.append(Problem("form.unknown_choice", field="campaign"))
    problems.stop()
    utm = _utm(connection, who, typed, target, kind, network or None, title, campaign_id)
    row = {"target_kind": target.kind, "target_id": target.id, "url": target.url, "utm": utm, "ends_on": ends_on}
    return {"kind": kind, "title": title, "network": network or None, "placement": placement or None, "campaign_id": campaign_id, **row}


def check_text(text: str, *, is_needed: bool = False) -> None:
    """Raises Problem for a text that is too long, or empty where one is needed."""
    if is_needed and not text:
        raise Problem("form.empty")
    if len(text) > TITLE_MOST:
        raise Problem("form.too_long", most=TITLE_MOST)


def forms_day(typed: Form, field: str) -> date | None:
    """The day in a date field; None when it is empty. Raises Problem."""
    return _day(typed.text(field), field)


def _day(text: str, field: str) -> date | None:
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        raise Problem("desk.link.bad_day", field=field) from None
    if found and not 2000 <= found.year <= 2199:
        raise Problem("desk.link.bad_day", field=field)
    return found


def _utm(
    connection: sa.Connection, who: Staff, typed: Form, target: Target, kind: str, network: str | None, title: str, campaign_id: int | None
) -> dict[str, str]:
    """What the site outside is told of where a guest came from, where staff want it told."""
    if target.kind != targets.OUTSIDE or not typed.has("utm"):
        return {}
    name = campaigns.get(connection, who.village_id, campaign_id).name if campaign_id else ""
    return outside.usual_utm(kind, network, name, title)


def _rules(typed: Form, known: dict[str, str]) -> list[Rule]:
    """The rules of a form in their order; a row without a target is none. Raises Problems."""
    given, problems = [], Collected()
    for place in range(min(len(typed.fields.get("rule_target", ())), RULES_MOST)):
        row = _rule_row(typed, place)
        if not row["target"]:
            continue
        with problems.of("rules"):
            given.append(_rule(row, known, place + 1))
    problems.stop()
    return given


def _rule_row(typed: Form, place: int) -> dict[str, str]:
    def at(name: str) -> str:
        values = typed.fields.get(f"rule_{name}", ())
        return values[place].strip() if place < len(values) else ""

    return {name: at(name) for name in ("target", "since", "until", "language")}


def _rule(row: dict[str, str], known: dict[str, str], number: int) -> Rule:
    if row["target"] not in known or (row["language"] and row["language"] not in LANGUAGES):
        raise Problem("form.unknown_choice")
    kind, _, target_id = row["target"].partition(":")
    rule = Rule(Target(kind, int(target_id) or None), _day(row["since"], "rules"), _day(row["until"], "rules"), row["language"] or None)
    if not rule.is_sound:
        raise Problem("desk.link.bad_rule", number=number)
    return rule
