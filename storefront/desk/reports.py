"""The report: how today goes, what each sign and each post brought, from a scan to rupiah; as a page, as CSV and as a workbook."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.frame as frame
from campaigns import reports
from storefront import languages, reportfiles, reporting
from storefront.desk.frame import Signed
from storefront.reportfiles import OTHERS, TOLD
from storefront.reporting import Report
from storefront.staff import Staff
from storefront.web import Now, Reading

router = frame.router()

USUAL_DAYS, MOST_DAYS = 30, 731
NEW_FOR = timedelta(days=7)  # a sign that nobody has scanned by then may not hang where it should


@dataclass(frozen=True)
class Period:
    """The days of a report, both included; `is_as_asked` is False when what was asked for made no sense."""

    since: date
    until: date
    is_as_asked: bool = True


@router.get("/laporan")
def report(request: Request, who: Signed, connection: Reading, at: Now, dari: str = "", sampai: str = "") -> HTMLResponse:
    """Today against what is usual, the village's figures, charts of its days and hours, its funnel, and a row for each sign and post."""
    period = _period(who, at, dari, sampai)
    found = reporting.gather(connection, who.village, period.since, period.until, at, who.language)
    today = who.village.local(at).date()
    return frame.draw(
        request,
        who,
        "report",
        here="reports",
        period=period,
        quick=_quick(today),
        report=found,
        today=today,
        now=reports.village(connection, who.village_id, today, today),
        usual=reports.same_weekday_mean(connection, who.village_id, today),
        weekday=languages.weekdays(who.language)[today.weekday()],
        chart=reporting.chart(who.language, found.days),
        heat=reporting.heat(who.language, found.week),
        weekdays=languages.weekdays(who.language),
        busiest=reporting.busiest(who.language, found.week, who.village.zone),
        new_since=at - NEW_FOR,
        others=OTHERS,
        received=TOLD,
        zone=languages.ZONE_NAMES.get(who.village.zone, who.village.zone),
    )


@router.get("/laporan.csv")
def as_csv(who: Signed, connection: Reading, at: Now, dari: str = "", sampai: str = "") -> Response:
    """The same rows as CSV that a spreadsheet opens."""
    found, headers = _file(who, connection, at, dari, sampai, "csv")
    return Response(reportfiles.as_csv(found, who.language), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/laporan.xlsx")
def as_xlsx(who: Signed, connection: Reading, at: Now, dari: str = "", sampai: str = "") -> Response:
    """The same rows, the days and the hours as a workbook."""
    found, headers = _file(who, connection, at, dari, sampai, "xlsx")
    return Response(reportfiles.as_xlsx(found, who.language), media_type=reportfiles.XLSX, headers=headers)


def _file(who: Staff, connection: Reading, at: datetime, since: str, until: str, ending: str) -> tuple[Report, dict[str, str]]:
    period = _period(who, at, since, until)
    name = f"laporan-{who.village.slug}-{period.since}-{period.until}.{ending}"
    found = reporting.gather(connection, who.village, period.since, period.until, at, who.language)
    return found, {"Content-Disposition": f'attachment; filename="{name}"'}


# ---- the time ------------------------------------------------------------------------------------------------------------------------


def _period(who: Staff, at: datetime, since: str, until: str) -> Period:
    today = who.village.local(at).date()
    usual = Period(today - timedelta(days=USUAL_DAYS - 1), today)
    if not since and not until:
        return usual
    try:
        asked = Period(date.fromisoformat(since), date.fromisoformat(until))
    except ValueError:
        return Period(usual.since, usual.until, False)
    is_sound = timedelta(0) <= asked.until - asked.since < timedelta(days=MOST_DAYS) and 2000 <= asked.since.year < 2200
    return asked if is_sound else Period(usual.since, usual.until, False)


def _quick(today: date) -> list[tuple[str, date, date]]:
    """(name, from, until) of the times that are asked for most."""
    week, month = today - timedelta(days=6), today - timedelta(days=USUAL_DAYS - 1)
    return [("today", today, today), ("last_7", week, today), ("last_30", month, today), ("this_month", today.replace(day=1), today)]
