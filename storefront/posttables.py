"""Posts out of a table (CSV, as Excel saves it): every row is read and judged before anything is made, and nothing typed is lost."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from promo.accounts import Account
from storefront import languages
from storefront.problems import Problem
from storefront.products import Product
from storefront.promotion import GRACE, LINK
from storefront.villages import Village

MOST_ROWS, MOST_LETTERS = 60, 200_000
COLUMNS: Mapping[str, Sequence[str]] = {  # what a column may be called in the first row
    "date": ("tanggal", "date", "tgl"),
    "time": ("jam", "time", "waktu", "pukul"),
    "product": ("produk", "product", "barang"),
    "account": ("akun", "account"),
    "words": ("kata", "teks", "caption", "keterangan", "words"),
}
_NEEDED = ("date", "time", "product")
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y")
_CLOCKS = ("%H:%M", "%H.%M", "%H:%M:%S")


@dataclass(frozen=True)
class Row:
    """One row: its number in the file, its cells as they are, and either what it means or what is wrong with it."""

    number: int
    cells: Mapping[str, str]
    problems: Sequence[Problem] = ()
    product: Product | None = None
    accounts: Sequence[Account] = ()
    due_at: datetime | None = None
    words: str = ""

    @property
    def is_good(self) -> bool:
        return not self.problems


@dataclass
class _Reading:
    problems: list[Problem] = field(default_factory=list)

    def tell(self, key: str, column: str, typed: str) -> None:
        self.problems.append(Problem(f"table.wrong.{key}", field=column, typed=typed))


def text_of(data: bytes) -> str:
    """The text of a file as Excel or a person saved it: UTF-8 with or without its mark, else the Windows letters."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read(text: str, village: Village, goods: Sequence[Product], open_ones: Sequence[Account], at: datetime) -> list[Row]:
    """Every row with its meaning or its problems. Raises Problem where the table as a whole cannot be read."""
    lines = [row for row in csv.reader(io.StringIO(text[:MOST_LETTERS]), delimiter=_delimiter(text)) if any(cell.strip() for cell in row)]
    if not lines:
        raise Problem("table.empty", field="tabel")
    places = _places(lines[0])
    missing = [name for name in _NEEDED if name not in places]
    if missing:
        raise Problem("table.no_column", field="tabel", column=COLUMNS[missing[0]][0])
    if len(lines) - 1 > MOST_ROWS:
        raise Problem("table.too_long", field="tabel", most=MOST_ROWS, count=len(lines) - 1)
    if len(lines) == 1:
        raise Problem("table.empty", field="tabel")
    return [_row(number, line, places, village, goods, open_ones, at) for number, line in enumerate(lines[1:], start=2)]


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max((";", ",", "\t"), key=first.count)


def _places(header: Sequence[str]) -> dict[str, int]:
    plain = [cell.strip().casefold() for cell in header]
    return {name: plain.index(known) for name, all_known in COLUMNS.items() for known in all_known[::-1] if known in plain}


def _row(
    number: int,
    line: Sequence[str],
    places: Mapping[str, int],
    village: Village,
    goods: Sequence[Product],
    open_ones: Sequence[Account],
    at: datetime,
) -> Row:
    cells = {name: line[place].strip() if place < len(line) else "" for name, place in places.items()}
    reading = _Reading()
    due_at = _moment(cells, village, at, reading)
    product = _product(cells["product"], goods, reading)
    chosen = _accounts(cells.get("account", ""), open_ones, reading)
    words = cells.get("words", "")
    if words and LINK not in words:
        words = f"{words}\n{LINK}"
    return Row(number, cells, reading.problems, product, chosen, due_at, words)


def _moment(cells: Mapping[str, str], village: Village, at: datetime, reading: _Reading) -> datetime | None:
    day, clock = _parsed(cells["date"], _DAYS), _parsed(cells["time"], _CLOCKS)
    if day is None:
        reading.tell("date", "date", cells["date"])
    if clock is None:
        reading.tell("time", "time", cells["time"])
    if day is None or clock is None:
        return None
    due_at = datetime.combine(date(day.year, day.month, day.day), time(clock.hour, clock.minute), ZoneInfo(village.zone))
    if due_at < at - GRACE:
        reading.tell("past", "date", f"{cells['date']} {cells['time']}")
    return due_at


def _parsed(text: str, forms: Sequence[str]) -> datetime | None:
    for form in forms:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def _product(text: str, goods: Sequence[Product], reading: _Reading) -> Product | None:
    wanted = text.casefold()
    named = [one for one in goods if wanted and wanted in {name.casefold() for name in one.name.values()} | {str(one.id)}]
    if not named:
        reading.tell("product", "product", text)
        return None
    one = named[0]
    if one.state != "live" or not one.photo:
        reading.tell("product_unseen", "product", languages.pick(one.name, languages.FIRST))
    elif one.is_sold_out:
        reading.tell("sold_out", "product", languages.pick(one.name, languages.FIRST))
    return one


def _accounts(text: str, open_ones: Sequence[Account], reading: _Reading) -> list[Account]:
    """Named with + between them; none named means all."""
    if not open_ones:
        reading.tell("no_account", "account", "")
    if not text:
        return list(open_ones)
    by_title = {one.title.casefold(): one for one in open_ones}
    found = []
    for part in (part.strip() for part in text.split("+")):
        if part.casefold() in by_title:
            found.append(by_title[part.casefold()])
        else:
            reading.tell("account", "account", part)
    return found
