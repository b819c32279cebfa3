"""Every village's month in one row, rolled up as things happen: what a regency or a province looks at."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from campaigns import days
from campaigns.batches import Batch
from campaigns.clicks import Kind
from campaigns.tables import roll_day, roll_month, roll_outcome, unique_day

_SIGNS = {"order": (1, 1), "reduced": (0, -1), "cancelled": (-1, -1)}  # outcome: what one adds to orders, and each rupiah to the sum
Row = tuple[int, int]  # (month, village)


class Month(NamedTuple):
    """What a village's month brought. `visitors` are summed over days; `orders` and `rupiah` are net of what was called off."""

    people: int = 0
    visitors: int = 0
    orders: int = 0
    rupiah: int = 0


_MONTHS = Batch(
    "roll_month",
    {"month": "int", "village_id": "bigint", **dict.fromkeys(Month._fields, "bigint")},
    "ON CONFLICT (month, village_id) DO UPDATE SET " + ", ".join(f"{name} = roll_month.{name} + excluded.{name}" for name in Month._fields),
)


def number(day: date) -> int:
    """The month of a day, as it is kept."""
    return day.year * 12 + day.month - 1


def add_clicks(connection: sa.Connection, people: Mapping[tuple[int, int], int], visitors: Mapping[tuple[int, str], int]) -> None:
    """Count {(village, day as a number): people} and {(village, written day): new visitors}, in key order."""
    sums: dict[Row, list[int]] = defaultdict(lambda: [0, 0])
    for (village_id, day), count in people.items():
        sums[number(days.to_date(day)), village_id][0] += count
    for (village_id, written), count in visitors.items():
        sums[number(date.fromisoformat(written)), village_id][1] += count
    _MONTHS.add(connection, [(*row, *counts, 0, 0) for row, counts in sorted(sums.items())])


def add_outcome(connection: sa.Connection, *, village_id: int, day: date, kind: str, rupiah: int) -> None:
    """Count an outcome, if it is one that months tell of."""
    if kind in _SIGNS:
        for_count, for_rupiah = _SIGNS[kind]
        _MONTHS.add(connection, [(number(day), village_id, 0, 0, for_count, for_rupiah * rupiah)])


def by_village(connection: sa.Connection, month: date, village_ids: Sequence[int] | None = None) -> dict[int, Month]:
    """{village: the month of this day} of every village that has any; of these villages only, when they are named."""
    columns = (roll_month.c.village_id, *(roll_month.c[name] for name in Month._fields))
    query = sa.select(*columns).where(roll_month.c.month == number(month))
    if village_ids is not None:
        query = query.where(roll_month.c.village_id.in_(village_ids))
    return {village_id: Month(*sums) for village_id, *sums in connection.execute(query)}


# ---- the proof -------------------------------------------------------------------------------------------------------------------


def rolled(connection: sa.Connection, village_id: int | None = None) -> dict[Row, tuple[int, ...]]:
    """{(month, village): sums} as they are rolled up, those that are not all zero."""
    query = sa.select(roll_month)
    rows = connection.execute(query if village_id is None else query.where(roll_month.c.village_id == village_id))
    return {(month, village): tuple(sums) for month, village, *sums in rows if any(sums)}


def counted(connection: sa.Connection, village_id: int | None = None) -> dict[Row, tuple[int, ...]]:
    """The same by the rollups of days, which are kept for ever."""
    found: dict[Row, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    people = _daily(roll_day.c.village_id, village_id, roll_day.c.day, roll_day.c.clicks).where(roll_day.c.kind == int(Kind.PERSON))
    visitors = _daily(unique_day.c.scope_id, village_id, unique_day.c.day, unique_day.c.visitors).where(unique_day.c.scope == "village")
    for place, query in enumerate((people, visitors)):
        for village, day, count in connection.execute(query):
            found[number(day), village][place] += int(count)
    outcomes = _daily(roll_outcome.c.village_id, village_id, roll_outcome.c.day, roll_outcome.c["count"], roll_outcome.c.rupiah)
    for kind, (for_count, for_rupiah) in _SIGNS.items():
        for village, day, count, rupiah in connection.execute(outcomes.where(roll_outcome.c.kind == kind)):
            found[number(day), village][2] += for_count * int(count)
            found[number(day), village][3] += for_rupiah * int(rupiah)
    return {row: tuple(sums) for row, sums in found.items() if any(sums)}


def _daily(village: sa.Column[Any], village_id: int | None, day: sa.Column[Any], *sums: sa.Column[Any]) -> sa.Select[Any]:
    query = sa.select(village, day, *(sa.func.sum(one) for one in sums)).group_by(village, day)
    return query if village_id is None else query.where(village == village_id)
