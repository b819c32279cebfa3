"""A report as files: CSV that a spreadsheet opens, XLSX, and no cell in either that could act as a formula."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from storefront import languages
from storefront.reporting import Report, Row

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula; OWASP, CSV injection
OTHERS = ("robots", "previews", "prefetches", "heads", "staff", "bursts")
COLUMNS = ("people", "visitors", "views", "whatsapps", "orders", "rupiah", "done_rupiah", "cancelled", *OTHERS)
DAYS = ("people", "visitors", "views", "orders", "rupiah")
_TEXTS = ("kind", "link", "code", "network", "placement")
_NUMBERS = ("shown", "clicks")
TOLD = ("reach", "likes", "comments", "shares", "saves", "engagement")  # by the network, of promo.results.Result; unknown is no number
Cell = str | int


def as_csv(report: Report, language: str) -> str:
    """The rows of all links: a byte order mark for Excel, semicolons as an Indonesian Excel has them, and every text in quotes."""
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in _links(report, language):
        sheet.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return "\ufeff" + out.getvalue()


def as_xlsx(report: Report, language: str) -> bytes:
    """A workbook: the links, the days, the hours of the week. Numbers are numbers, texts are texts whatever they begin with."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in (("per_link", _links), ("per_day", _days), ("per_hour", _hours)):
        _fill(book.create_sheet(languages.say(language, f"report.sheet.{name}")), list(rows(report, language)))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def harmless(cell: str) -> str:
    """A text that a spreadsheet shows and never runs."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _links(report: Report, language: str) -> Iterator[Sequence[Cell]]:
    heads = [languages.say(language, f"report.{name}") for name in _TEXTS]
    yield [*heads, *(languages.say(language, f"report.csv.{name}") for name in (*COLUMNS, *_NUMBERS, *TOLD))]
    for group, rows in report.groups.items():
        for row in rows:
            yield [languages.say(language, f"report.{group}"), *_named(row, language), *_counts(row)]


def _named(row: Row, language: str) -> list[Cell]:
    link = row.link
    if link is None:
        return [languages.say(language, "report.unknown"), "", "", ""]
    return [link.title, link.code, link.network or "", link.placement or ""]


def _counts(row: Row) -> list[Cell]:
    rate, told = row.click_through, [getattr(row.result, name, None) for name in TOLD]
    shown = (rate.reading.shown, rate.clicks) if rate else ("", "")
    return [*(getattr(row.figures, name) for name in COLUMNS), *shown, *("" if number is None else number for number in told)]


def _days(report: Report, language: str) -> Iterator[Sequence[Cell]]:
    yield [languages.say(language, "report.day"), *(languages.say(language, f"report.csv.{name}") for name in DAYS)]
    for day, figures in report.days:
        yield [day.isoformat(), *(getattr(figures, name) for name in DAYS)]


def _hours(report: Report, language: str) -> Iterator[Sequence[Cell]]:
    yield [languages.say(language, "report.hour"), *languages.weekdays(language)]
    for hour in range(24):
        yield [f"{hour:02}.00", *(report.week[day * 24 + hour] for day in range(7))]


def _fill(sheet: Any, rows: list[Sequence[Cell]]) -> None:
    from openpyxl.styles import Font

    for at, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(at, column)
            if isinstance(value, str):
                cell.value, cell.data_type = value, "s"  # never a formula, whatever it begins with
            else:
                cell.value = value
                cell.number_format = "#,##0"
            if at == 1:
                cell.font = Font(bold=True)
    for column in range(1, len(rows[0]) + 1):
        widest = max(len(str(row[column - 1])) for row in rows)
        sheet.column_dimensions[sheet.cell(1, column).column_letter].width = min(44, max(9, widest + 2))
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
