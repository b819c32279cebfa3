"""The planner at the desk: a week or a month filled fairly, shown before anything is kept; what is ticked becomes drafts to change."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
import storefront.desk.planning as planning
import storefront.desk.sheets as sheets
from storefront import drafts, languages, packs, plans, web
from storefront.desk.frame import Drafting, Signed
from storefront.problems import Problem
from storefront.staff import Staff
from storefront.web import Config, Now, Reading, Writing

router = frame.router()

SPANS = {"minggu": 7, "bulan": 30}
A_DAY = (1, 2, 3)


@router.get("/rencana")
def plan(
    request: Request, who: Signed, connection: Reading, at: Now, panjang: str = "bulan", sehari: int = 1, mulai: str = ""
) -> HTMLResponse:
    """What could go out when, and whose turn each is; nothing is kept yet."""
    return _page(request, who, connection, at, panjang, sehari, mulai)


@router.post("/rencana")
def keep(request: Request, who: Drafting, connection: Writing, typed: forms.Typed, at: Now, config: Config) -> Response:
    """What is ticked becomes drafts with pictures and words, each at its time: the editor, the month pack and the calendar have them."""
    length, a_day, first = typed.text("panjang"), typed.number("sehari") or 1, typed.text("mulai")
    chosen = set(typed.fields.get("pilih", ()))
    made = _plan(connection, who, at, length, a_day, _first(who, at, first))
    wanted = [one for one in made.proposals if f"{one.candidate.key}@{one.at:%Y-%m-%dT%H:%M}" in chosen]
    if not wanted:
        return _page(request, who, connection, at, length, a_day, first, Problem("plan.nothing_ticked", field="pilih"))
    on, zone = sheets.opened(connection, who.village_id), ZoneInfo(who.village.zone)
    local = [one.at.astimezone(zone) for one in wanted]
    proposals = packs.propose(
        connection,
        who.village,
        first=local[0].date(),
        last=local[-1].date(),
        count=len(wanted),
        things=[made.about[one.candidate.key] for one in wanted],
        slots=[(when.date(), when.time()) for when in local],
        on=on,
        public_url=config.public_url,
        at=at,
    )
    month = f"{local[0]:%Y-%m}"
    packs.keep(connection, who.village, proposals, pack=month, on=on, made_by=who.login, at=at)
    return frame.go(f"/desk/unggahan/paket/{month}", "planned")


def _first(who: Staff, at: datetime, text: str) -> date:
    tomorrow = who.village.local(at).date() + timedelta(days=1)
    try:
        return max(date.fromisoformat(text), tomorrow - timedelta(days=1))
    except ValueError:
        return tomorrow


def _plan(connection: sa.Connection, who: Staff, at: datetime, length: str, a_day: int, first: date) -> plans.Plan:
    count = SPANS.get(length, SPANS["bulan"])
    begin = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(who.village.zone))
    taken = planning.taken(connection, who, begin, begin + timedelta(days=count))
    taken += [one.due_at for one in drafts.listed(connection, who.village_id) if one.due_at]
    a_day = a_day if a_day in A_DAY else A_DAY[0]
    clicks = planning.clicks(connection, who, at)
    return plans.make(
        connection, who.village, first=first, count=count, a_day=a_day, clicks=clicks, taken=taken, at=at, language=who.language
    )


def _page(
    request: Request,
    who: Staff,
    connection: sa.Connection,
    at: datetime,
    length: str,
    a_day: int,
    first: str,
    error: Problem | None = None,
) -> HTMLResponse:
    begin = _first(who, at, first)
    length = length if length in SPANS else "bulan"
    return frame.draw(
        request,
        who,
        "plan",
        here="calendar",
        status=422 if error else 200,
        plan=_plan(connection, who, at, length, a_day, begin),
        length=length,
        spans=SPANS,
        a_day=a_day,
        a_days=A_DAY,
        first=begin,
        local=who.village.local,
        has_accounts=bool(sheets.opened(connection, who.village_id)),
        zone=languages.ZONE_NAMES.get(who.village.zone, ""),
        errors=web.sentences(error, who.language) if error else {},
    )
