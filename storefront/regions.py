"""A month of many villages on one sheet: a row for each province, regency, district or village, of numbers that are rolled up."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from campaigns import months
from campaigns.months import Month
from storefront.tables import village

FEW = 500  # up to so many villages are asked for one by one
LEVELS = ("province", "regency", "district", "village")  # each lies in the one before


class Place(NamedTuple):
    """A village, as far as a list of thousands needs it."""

    id: int
    slug: str
    village: str
    district: str
    regency: str
    province: str


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


class Line(NamedTuple):
    """A row of the page: a region, or one village (`place`), in a month and the one before; `silent` villages had nobody in it."""

    name: str
    within: str
    place: Place | None
    villages: int
    silent: int
    now: Month
    before: Month


def places(connection: sa.Connection, *, province: str = "", regency: str = "") -> list[Place]:
    """The villages of a region, or all. Raises UnknownRegion."""
    columns = (village.c.id, village.c.slug, village.c.name, village.c.district, village.c.regency, village.c.province)
    query = sa.select(*columns).order_by(village.c.id)
    named = [column == name for column, name in ((village.c.province, province), (village.c.regency, regency)) if name]
    there = [Place(*row) for row in connection.execute(query.where(*named)).all()]
    if there or not named:
        return there
    there = [Place(*row) for row in connection.execute(query).all()]  # written in another way, or not there at all
    if province:
        there = _within(there, province, lambda one: one.province)
    return _within(there, regency, lambda one: one.regency) if regency else there


def lines(connection: sa.Connection, month: date, of: Sequence[Place], level: str) -> list[Line]:
    """A line for each region of this level (or each village) in which these villages lie, in the order of the villages."""
    ids = [one.id for one in of] if len(of) <= FEW else None
    now, before = (months.by_village(connection, first, ids) for first in (month, month.replace(day=1) - timedelta(days=1)))
    if level == "village":
        none = Month()
        pairs = ((one, now.get(one.id, none), before.get(one.id, none)) for one in of)
        return [Line(one.village, f"{one.district}, {one.regency}", one, 1, int(not new.people), new, old) for one, new, old in pairs]
    at = LEVELS.index(level)
    groups: dict[tuple[str, ...], list[Place]] = {}
    for one in of:
        groups.setdefault((one.province, one.regency, one.district)[: at + 1], []).append(one)
    return [_line(key, group, now, before) for key, group in groups.items()]


def _line(key: tuple[str, ...], group: Sequence[Place], now: Mapping[int, Month], before: Mapping[int, Month]) -> Line:
    new, old = ([one[place.id] for place in group if place.id in one] for one in (now, before))
    silent = len(group) - sum(month.people > 0 for month in new)
    return Line(key[-1], ", ".join(reversed(key[:-1])), None, len(group), silent, _sum(new), _sum(old))


def rows(connection: sa.Connection, month: date, *, province: str = "", regency: str = "") -> list[Row]:
    """A row for each region below the one that is named, by rupiah and then people. Raises UnknownRegion."""
    there = places(connection, province=province, regency=regency)
    found = months.by_village(connection, month)
    groups: dict[str, list[Place]] = {}
    for one in there:
        groups.setdefault(_called(one, province, regency), []).append(one)
    made = [_row(name, [found.get(one.id, Month()) for one in group]) for name, group in groups.items()]
    return sorted(made, key=lambda row: (-row.month.rupiah, -row.month.people, row.name))


def in_all(found: Sequence[Line]) -> Line:
    """All lines in one."""
    counts = (sum(line.villages for line in found), sum(line.silent for line in found))
    return Line("", "", None, *counts, _sum([line.now for line in found]), _sum([line.before for line in found]))


def total(found: Sequence[Row]) -> Row:
    """All rows in one."""
    return Row("", sum(row.villages for row in found), sum(row.busy for row in found), _sum([row.month for row in found]))


def _within(there: Sequence[Place], typed: str, of: Callable[[Place], str]) -> list[Place]:
    wanted = typed.strip().casefold()
    inside = [one for one in there if of(one).casefold() == wanted]
    if not inside:
        raise UnknownRegion(typed.strip(), (of(one) for one in there))
    return inside


def _called(one: Place, province: str, regency: str) -> str:
    if regency:
        return f"{one.village}, {one.district}"
    return one.regency if province else one.province


def _row(name: str, each: Sequence[Month]) -> Row:
    return Row(name, len(each), sum(any(month) for month in each), _sum(each))


def _sum(each: Sequence[Month]) -> Month:
    return Month(*(sum(one) for one in zip(*each, strict=True))) if each else Month()
