"""A month of many villages on one sheet: a row for each province, each regency of a province, or each village of a regency."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from campaigns import months
from campaigns.months import Month
from storefront import villages
from storefront.villages import Village


class UnknownRegion(LookupError):
    """No village of this installation lies there; `known` are those regions in which there are some, the likeliest first."""

    def __init__(self, typed: str, known: Iterable[str]) -> None:
        super().__init__(typed)
        self.typed = typed
        names = sorted(set(known))
        self.known = difflib.get_close_matches(typed, names, n=5, cutoff=0.4) or names[:20]


@dataclass(frozen=True)
class Row:
    """So many `villages`, of which so many were `busy` that month, and what they brought together (visitors: at least)."""

    name: str
    villages: int
    busy: int
    month: Month


def rows(connection: sa.Connection, month: date, *, province: str = "", regency: str = "") -> list[Row]:
    """A row for each region below the one that is named, by rupiah and then people. Raises UnknownRegion."""
    there = villages.listed(connection)
    if province:
        there = _within(there, province, lambda one: one.province)
    if regency:
        there = _within(there, regency, lambda one: one.regency)
    found = months.by_village(connection, month)
    groups: dict[str, list[Village]] = {}
    for one in there:
        groups.setdefault(_called(one, province, regency), []).append(one)
    made = [_row(name, [found.get(one.id, Month()) for one in group]) for name, group in groups.items()]
    return sorted(made, key=lambda row: (-row.month.rupiah, -row.month.people, row.name))


def total(found: Sequence[Row]) -> Row:
    """All rows in one."""
    return Row("", sum(row.villages for row in found), sum(row.busy for row in found), _sum([row.month for row in found]))


def _within(there: Sequence[Village], typed: str, of: Callable[[Village], str]) -> list[Village]:
    wanted = typed.strip().casefold()
    inside = [one for one in there if of(one).casefold() == wanted]
    if not inside:
        raise UnknownRegion(typed.strip(), (of(one) for one in there))
    return inside


def _called(one: Village, province: str, regency: str) -> str:
    if regency:
        return f"{one.name}, {one.district}"
    return one.regency if province else one.province


def _row(name: str, each: Sequence[Month]) -> Row:
    return Row(name, len(each), sum(any(month) for month in each), _sum(each))


def _sum(each: Sequence[Month]) -> Month:
    return Month(*(sum(one) for one in zip(*each, strict=True))) if each else Month()
