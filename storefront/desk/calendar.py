"""The calendar: what goes out when, by month, week or list, on the village's own clock; moved by a form, or dragged to another day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
import storefront.desk.planning as planning
import storefront.desk.scripts as scripts
from promo import accounts, days, posts, targets
from promo.targets import Target
from storefront import drafts, languages, moving, web
from storefront.desk.frame import Publishing, Signed
from storefront.desk.posts import TONES
from storefront.drafts import Draft
from storefront.problems import Problem, Problems
from storefront.staff import Staff
from storefront.web import Now, Reading, Writing

router = frame.router()

VIEWS = ("bulan", "minggu", "daftar")
LISTED = 28  # days of the list
CLOSE = timedelta(hours=1)


@dataclass(frozen=True)
class Entry:
    """Something in the calendar: a post on one account; `is_close` when another of the same account is within the hour."""

    of: Target
    title: str
    account: str
    at: datetime
    is_close: bool


@dataclass(frozen=True)
class Day:
    """One day: its market day, its holiday, what goes out, what is still written, and good moments that are free."""

    date: date
    pasaran: str
    holiday: str
    is_past: bool
    is_inside: bool
    entries: Sequence[Entry] = ()
    drafts: Sequence[Draft] = ()
    free: Sequence[datetime] = field(default=())

    @property
    def is_empty(self) -> bool:
        return not (self.entries or self.drafts)


@router.get("/kalender")
def calendar(request: Request, who: Signed, connection: Reading, at: Now) -> HTMLResponse:
    """A month, a week or a list of four weeks; the address says which and from when."""
    return _page(request, who, connection, at, (request.query_params.get("tampil", ""), request.query_params.get("mulai", "")))


@router.post("/kalender/sasaran/{target_id}/jadwal")
def move(request: Request, who: Publishing, connection: Writing, typed: forms.Typed, at: Now, target_id: int) -> Response:
    """Another day or time, chosen in the form or by dragging; the same calendar again."""
    of = targets.get(connection, who.village_id, target_id)
    shown = typed.text("tampil"), typed.text("mulai")
    clock = typed.text("time") or f"{who.village.local(of.due_at):%H:%M}"  # dragged: the day changes, the time stays
    try:
        due_at = forms.moment(typed.text("date"), clock, who.village.zone)
        given = {"at": at, "clock": request.app.state.post_clock, "may_repeat": typed.has("tetap")}
        moving.move(connection, who.village, target_id, due_at=due_at, **given)
    except posts.NotPossible as error:
        return _page(request, who, connection, at, shown, Problem(error.key, field="", **error.facts))
    except (Problem, Problems) as error:
        again = {"date": typed.text("date"), "time": clock, "tampil": shown[0], "mulai": shown[1]}
        return _page(request, who, connection, at, shown, error, again=(request.url.path, again))
    return frame.go(_address(*shown), "rescheduled")


def _address(view: str, first: str) -> str:
    shown = view if view in VIEWS else VIEWS[0]
    return f"/desk/kalender?tampil={shown}" + (f"&mulai={first}" if _day(first) else "")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def span(view: str, asked: date) -> tuple[date, int, date, date]:
    """(first day shown, how many, where "earlier" leads, where "later" leads); a month is shown in whole weeks from Monday."""
    if view == "bulan":
        first = asked.replace(day=1)
        following = (first + timedelta(days=32)).replace(day=1)
        monday = first - timedelta(days=first.weekday())
        weeks = -(-(following - monday).days // 7)
        return monday, weeks * 7, (first - timedelta(days=1)).replace(day=1), following
    if view == "minggu":
        monday = asked - timedelta(days=asked.weekday())
        return monday, 7, monday - timedelta(days=7), monday + timedelta(days=7)
    return asked, LISTED, asked - timedelta(days=LISTED), asked + timedelta(days=LISTED)


def _page(
    request: Request,
    who: Staff,
    connection: sa.Connection,
    at: datetime,
    wanted: tuple[str, str],
    error: Problem | Problems | None = None,
    *,
    again: tuple[str, Mapping[str, str]] | None = None,
) -> HTMLResponse:
    """The calendar as `wanted`: (view, day). `again` is (address, fields) of the form that may be sent once more in spite of a warning."""
    view = wanted[0] if wanted[0] in VIEWS else VIEWS[0]
    today = who.village.local(at).date()
    asked = _day(wanted[1]) or today
    first, count, earlier, later = span(view, asked)
    shown = _days(connection, who, at, first, count, month=asked.month if view == "bulan" else 0, with_free=view == "minggu")
    return frame.draw(
        request,
        who,
        "calendar",
        here="calendar",
        status=422 if error else 200,
        view=view,
        views=VIEWS,
        days=[one for one in shown if view != "daftar" or not one.is_empty],
        asked=asked,
        today=today,
        earlier=_address(view, str(earlier)),
        later=_address(view, str(later)),
        title=languages.month(who.language, asked) if view == "bulan" else "",
        last=first + timedelta(days=count - 1),
        first=first,
        clock=f"{who.village.local(at):%H.%M} {languages.ZONE_NAMES.get(who.village.zone, '')}".strip(),
        good_hours=days.best_hours(planning.clicks(connection, who, at), today.weekday()) if view == "minggu" else [],
        tones=TONES,
        script=scripts.address("calendar"),
        errors=web.sentences(error, who.language) if error else {},
        again=again,
        here_again=_address(view, str(asked)),
    )


def _days(connection: sa.Connection, who: Staff, at: datetime, first: date, count: int, *, month: int, with_free: bool) -> list[Day]:
    begin = datetime.combine(first, time(), ZoneInfo(who.village.zone))
    end = begin + timedelta(days=count)
    entries = _entries(connection, who, begin, end)
    written = [one for one in drafts.listed(connection, who.village_id) if one.due_at and begin <= one.due_at < end]
    free: list[datetime] = []
    if with_free:
        taken = [entry.of.due_at for entry in entries if entry.of.state != "cancelled"] + [one.due_at for one in written if one.due_at]
        free = days.free_slots(first, count, who.village.zone, planning.clicks(connection, who, at), taken, at)
    today = who.village.local(at).date()
    found = []
    for number in range(count):
        day = first + timedelta(days=number)
        found.append(
            Day(
                date=day,
                pasaran=days.pasaran(day),
                holiday=days.holidays(day.year, who.language).get(day, ""),
                is_past=day < today,
                is_inside=month in (0, day.month),
                entries=[entry for entry in entries if entry.at.date() == day],
                drafts=[one for one in written if one.due_at and who.village.local(one.due_at).date() == day],
                free=[slot for slot in free if slot.date() == day],
            )
        )
    return found


def _entries(connection: sa.Connection, who: Staff, begin: datetime, end: datetime) -> list[Entry]:
    due = [of for of in targets.between(connection, who.village_id, begin, end) if of.state != "cancelled"]
    titles = posts.titles(connection, who.village_id, {of.post_id for of in due})
    names: Mapping[int, str] = {account.id: account.title for account in accounts.listed(connection, who.village_id)}

    def is_close(of: Target) -> bool:
        return any(other.id != of.id and other.account_id == of.account_id and abs(other.due_at - of.due_at) < CLOSE for other in due)

    return [
        Entry(of, titles.get(of.post_id, ""), names.get(of.account_id, of.network), who.village.local(of.due_at), is_close(of))
        for of in due
    ]
