"""The month on one sheet of paper: what the village head reads, at the desk, printed, or under an address that is for reading only."""

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from campaigns import reports
from storefront import languages, reporting, reportshares, villages, web
from storefront.reporting import Row
from storefront.villages import Village
from storefront.web import Now, Reading

router = APIRouter(include_in_schema=False)

TOP = 5  # rows of a kind: more do not fit the sheet
PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}


@router.get("/laporan/{key}")
def shared(request: Request, connection: Reading, at: Now, key: str, bulan: str = "") -> HTMLResponse:
    """The month for whoever holds the address: figures of places and posts, nobody's name."""
    share = reportshares.read(connection, key)
    village = villages.get(connection, share.village_id)
    language = request.scope.get("gapura.language", languages.FIRST)
    prefix = "/en" if language == "en" else ""
    return page(request, connection, village, language, at, bulan, base=f"{prefix}/laporan/{key}", title=share.title)


def page(
    request: Request, connection: sa.Connection, village: Village, language: str, at: datetime, month: str, *, base: str, title: str = ""
) -> HTMLResponse:
    """The sheet of a month like 2026-11, the current one unless said; `base` is the address it stands under."""
    today = village.local(at).date()
    first = month_of(month, today)
    until = min(_next(first) - timedelta(days=1), today)
    found = reporting.gather(connection, village, first, max(first, until), at, language)
    before = reports.village(connection, village.id, _before(first), first - timedelta(days=1))
    return web.page(
        request,
        "desk/month.html",
        language=language,
        headers=PRIVATE,
        village=village,
        report=found,
        before=before,
        month=languages.month(language, first),
        is_running=until < _next(first) - timedelta(days=1),
        earlier=f"{base}?bulan={_before(first):%Y-%m}",
        later=f"{base}?bulan={_next(first):%Y-%m}" if _next(first) <= today else "",
        chart=reporting.chart(language, found.days, is_month=True),
        signs=top(found.groups["per_sign"]),
        posts=top(found.groups["per_post"]),
        spots=found.spots[:TOP],
        busiest=reporting.busiest(language, found.week, village.zone),
        number=lambda value: languages.number(language, value),
        percent=lambda share: languages.percent(language, share),
        at=at,
        title=title,
    )


def month_of(text: str, today: date) -> date:
    """The first day of a month like 2026-11; this month's where the text is none, or lies ahead."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        found = today.replace(day=1)
    return found if found.year >= 2000 and found <= today else today.replace(day=1)


def top(rows: list[Row]) -> list[Row]:
    """The rows with the most people; those that nobody came by are left out."""
    return sorted((row for row in rows if row.link and row.figures.people), key=lambda row: -row.figures.people)[:TOP]


def _next(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)
