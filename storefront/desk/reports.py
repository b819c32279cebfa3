"""The report: what each sign and each post brought, from a scan to rupiah, over a time of one's choice; as a page and as CSV."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.frame as frame
from campaigns import links, reports
from campaigns.links import Link
from campaigns.reports import Figures
from storefront import charts, languages
from storefront.desk.frame import Signed
from storefront.staff import Staff
from storefront.web import Now, Reading

router = frame.router()

USUAL_DAYS, MOST_DAYS = 30, 731
COLUMNS = ("people", "visitors", "views", "orders", "rupiah")
OTHERS = ("robots", "previews", "prefetches", "heads", "staff", "bursts")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula; OWASP, CSV injection


@dataclass(frozen=True)
class Period:
    """The days of a report, both included; `is_as_asked` is False when what was asked for made no sense."""

    since: date
    until: date
    is_as_asked: bool = True


@dataclass(frozen=True)
class Row:
    """What one link brought; `link` is None for what came by none."""

    link: Link | None
    figures: Figures


@router.get("/laporan")
def report(request: Request, who: Signed, connection: Reading, at: Now, dari: str = "", sampai: str = "") -> HTMLResponse:
    """The village's figures, a chart of its days, and a row for each sign, post and other link."""
    period = _period(who, at, dari, sampai)
    days = reports.by_day(connection, who.village_id, period.since, period.until)
    return frame.draw(
        request,
        who,
        "report",
        here="reports",
        period=period,
        quick=_quick(who.village.local(at).date()),
        total=reports.village(connection, who.village_id, period.since, period.until),
        days=days,
        chart=_chart(who, days),
        groups=_groups(connection, who, period),
        others=OTHERS,
    )


@router.get("/laporan.csv")
def as_csv(who: Signed, connection: Reading, at: Now, dari: str = "", sampai: str = "") -> Response:
    """The same rows as CSV that a spreadsheet opens: UTF-8 with its mark, and no cell that could act as a formula."""
    period = _period(who, at, dari, sampai)
    groups = _groups(connection, who, period)
    name = f"laporan-{who.village.slug}-{period.since}-{period.until}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + _written(who.language, groups), media_type="text/csv; charset=utf-8", headers=headers)


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
    is_sound = timedelta(0) <= asked.until - asked.since < timedelta(days=MOST_DAYS)
    return asked if is_sound else Period(usual.since, usual.until, False)


def _quick(today: date) -> list[tuple[str, date, date]]:
    """(name, from, until) of the times that are asked for most."""
    week, month = today - timedelta(days=6), today - timedelta(days=USUAL_DAYS - 1)
    return [("today", today, today), ("last_7", week, today), ("last_30", month, today), ("this_month", today.replace(day=1), today)]


# ---- the rows ------------------------------------------------------------------------------------------------------------------------


def _groups(connection: sa.Connection, who: Staff, period: Period) -> dict[str, list[Row]]:
    """{"per_sign": rows, "per_post": rows, "per_other": rows}: every link in use or with figures, what brought most first."""
    found = reports.by_link(connection, who.village_id, period.since, period.until)
    groups: dict[str, list[Row]] = {"per_sign": [], "per_post": [], "per_other": []}
    for link in links.listed(connection, who.village_id):
        figures = found.get(link.id)
        if figures or (link.kind == "qr" and link.state == "open"):
            groups[_group(link)].append(Row(link, figures or Figures()))
    if 0 in found:
        groups["per_other"].append(Row(None, found[0]))
    for rows in groups.values():
        rows.sort(key=lambda row: (row.figures.rupiah, row.figures.people), reverse=True)
    return groups


def _group(link: Link) -> str:
    return {"qr": "per_sign", "post": "per_post"}.get(link.kind, "per_other")


def _chart(who: Staff, days: list[tuple[date, Figures]]) -> str:
    counts = [(f"{day.day}/{day.month}", figures.people) for day, figures in days]
    most_day, most = max(((day, figures.people) for day, figures in days), key=lambda pair: pair[1])
    facts = {"total": sum(count for _, count in counts), "days": len(days), "most": most, "day": languages.day(who.language, most_day)}
    desc = languages.say(who.language, "report.chart_desc", **facts) if most else languages.say(who.language, "report.chart_none")
    return charts.bars(counts, title=languages.say(who.language, "report.per_day"), desc=desc)


# ---- CSV -----------------------------------------------------------------------------------------------------------------------------


def _written(language: str, groups: Mapping[str, list[Row]]) -> str:
    out = io.StringIO()
    sheet = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    columns = (*COLUMNS, "done_rupiah", "cancelled", *OTHERS)
    heads = [languages.say(language, f"report.{name}") for name in ("kind", "link", "code", "network")]
    sheet.writerow([*heads, *(languages.say(language, f"report.csv.{name}") for name in columns)])
    for group, rows in groups.items():
        for row in rows:
            link = row.link
            named = [link.title, link.code, link.network or ""] if link else [languages.say(language, "report.unknown"), "", ""]
            texts = [harmless(text) for text in (languages.say(language, f"report.{group}"), *named)]
            sheet.writerow([*texts, *(getattr(row.figures, name) for name in columns)])
    return out.getvalue()


def harmless(cell: str) -> str:
    """A text that a spreadsheet shows and never runs."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
