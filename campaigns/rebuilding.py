"""Rollups put right from the raw rows: what a recount finds, and what changes when somebody judges clicks anew."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from campaigns import days, keeping, marks, recounts, rollups
from campaigns.clicks import Kind, unpack_looks
from campaigns.recounts import Difference
from campaigns.tables import click, day_visitor, link, roll_day, roll_hour, roll_month, roll_outcome, roll_village_hour, salt, unique_day

# Who writes locks them in this order too, so that nobody waits in a circle.
_LOCK = (
    "LOCK TABLE day_visitor, unique_day, click, roll_hour, roll_day, roll_outcome, outcome, roll_village_hour, roll_month"
    " IN SHARE ROW EXCLUSIVE MODE"
)
_SUMS = ("roll_village_hour", "roll_month")  # of other rollups: put right after these
_COLUMNS = {
    "roll_day": ((roll_day.c.village_id, roll_day.c.day, roll_day.c.link_id, roll_day.c.kind), (roll_day.c.clicks,)),
    "roll_hour": ((roll_hour.c.link_id, roll_hour.c.hour, roll_hour.c.kind), (roll_hour.c.clicks,)),
    "roll_village_hour": ((roll_village_hour.c.village_id, roll_village_hour.c.hour), (roll_village_hour.c.people,)),
    "roll_month": (
        (roll_month.c.month, roll_month.c.village_id),
        (roll_month.c.people, roll_month.c.visitors, roll_month.c.orders, roll_month.c.rupiah),
    ),
    "unique_day": ((unique_day.c.scope, unique_day.c.scope_id, unique_day.c.day), (unique_day.c.visitors,)),
    "roll_outcome": (
        (roll_outcome.c.village_id, roll_outcome.c.day, roll_outcome.c.link_id, roll_outcome.c.kind),
        (roll_outcome.c["count"], roll_outcome.c.rupiah),
    ),
}


def rebuild(connection: sa.Connection, village_id: int | None = None) -> list[Difference]:
    """Put every rollup right that is not what the raw rows say, of a village or of all; returns what differed.

    Only days whose raw clicks are all still there are touched. In the caller's writing transaction: who scans meanwhile is answered from
    the spill.
    """
    alone(connection)
    since = keeping.kept_since(connection)
    found = [one for one in recounts.recount(connection, village_id, since=since) if one.table not in _SUMS]
    _right_all(connection, found)
    _remember_who_came(connection, {one.key[2] for one in found if one.table == "unique_day"})
    sums = [*recounts.of_village_hours(connection, village_id, since), *recounts.of_months(connection, village_id)]
    return [*found, *_right_all(connection, sums)]


def alone(connection: sa.Connection) -> None:
    """Let nobody else count until this transaction ends (on SQLite nobody does), and then with nothing remembered of who came."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_LOCK)
    marks.next_round(connection)


def _put_right(connection: sa.Connection, difference: Difference) -> None:
    keys, values = _COLUMNS[difference.table]
    table = keys[0].table
    assert isinstance(table, sa.Table)  # noqa: S101 - one of those above
    connection.execute(sa.delete(table).where(*(column == value for column, value in zip(keys, difference.key, strict=True))))
    if any(difference.counted):
        row = dict(zip((column.name for column in (*keys, *values)), (*difference.key, *difference.counted), strict=True))
        connection.execute(sa.insert(table).values(row))


def _right_all(connection: sa.Connection, found: list[Difference]) -> list[Difference]:
    for difference in found:
        _put_right(connection, difference)
    return found


def _remember_who_came(connection: sa.Connection, of_days: Iterable[date]) -> None:
    """The sets of visitors of those of these days that are still open, made anew."""
    closed = set(connection.scalars(sa.select(salt.c.day).where(salt.c.secret == b"")))
    for day in sorted(set(of_days) - closed):
        connection.execute(day_visitor.delete().where(day_visitor.c.day == day))
        came = [
            {"day": day, "scope": scope, "scope_id": scope_id, "visitor": visitor}
            for (scope, scope_id, _), visitors in _came(connection, [day], None).items()
            for visitor in visitors
        ]
        if came:
            connection.execute(day_visitor.insert(), came)


def _came(connection: sa.Connection, of_days: Sequence[date], village_id: int | None) -> dict[tuple[str, int, date], set[int]]:
    """{(scope, its id, day): the visitors}, by the raw clicks."""
    scopes = {"link": link.c.id, "attraction": link.c.attraction_id, "campaign": link.c.campaign_id, "village": link.c.village_id}
    query = sa.select(click.c.day, click.c.visitor, *scopes.values()).distinct().join_from(click, link, link.c.id == click.c.link_id)
    query = query.where(click.c.day.in_([days.from_date(day) for day in of_days]))
    query = query.where(click.c.kind == int(Kind.PERSON), click.c.visitor.is_not(None))
    if village_id is not None:
        query = query.where(link.c.village_id == village_id)
    found: dict[tuple[str, int, date], set[int]] = defaultdict(set)
    for day, visitor, *ids in connection.execute(query):
        for scope, scope_id in zip(scopes, ids, strict=True):
            if scope_id is not None:
                found[scope, scope_id, days.to_date(day)].add(visitor)
    return found


# ---- judging anew ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """A raw click as staff may see it; `visitor` tells apart who came on one day, and says nothing else."""

    id: int
    at: datetime
    kind: Kind
    visitor: int | None
    app: int
    device: int
    language: str | None


def clicks_of(connection: sa.Connection, village_id: int, link_id: int, day: date, *, most: int = 1_000) -> list[Seen]:
    """The clicks of a link of this village on its own day, the latest first, as far as they are still kept."""
    columns = (click.c.id, click.c.at_ms, click.c.kind, click.c.visitor, click.c.looks)
    query = sa.select(*columns).join_from(click, link, link.c.id == click.c.link_id)
    query = query.where(link.c.village_id == village_id, click.c.link_id == link_id, click.c.day == days.from_date(day))
    rows = connection.execute(query.order_by(click.c.id.desc()).limit(most))
    return [
        Seen(number, datetime.fromtimestamp(at_ms / 1000, UTC), Kind(kind), visitor, *unpack_looks(looks))
        for number, at_ms, kind, visitor, looks in rows
    ]


def rejudge(connection: sa.Connection, village_id: int, link_id: int, click_ids: Sequence[int], into: Kind) -> int:
    """Let these clicks of a link be of another kind, with all their counts; returns how many were changed.

    Clicks of other links, those that are dropped already and those of days that are no longer whole are passed over.
    """
    alone(connection)
    since = keeping.kept_since(connection)
    query = sa.select(click.c.id, click.c.at_ms, click.c.day, click.c.kind).join_from(click, link, link.c.id == click.c.link_id)
    query = query.where(link.c.village_id == village_id, click.c.link_id == link_id, click.c.id.in_(click_ids), click.c.kind != int(into))
    rows = connection.execute(query if since is None else query.where(click.c.day >= days.from_date(since))).all()
    if not rows:
        return 0
    connection.execute(click.update().where(click.c.id.in_([row.id for row in rows])).values(kind=int(into)))
    moved: Counter[tuple[str, tuple[Any, ...]]] = Counter()
    for _, at_ms, day, kind in rows:
        for now, step in ((int(kind), -1), (int(into), 1)):
            moved["roll_hour", (link_id, at_ms // rollups.HOUR_MS, now)] += step
            moved["roll_day", (village_id, days.to_date(day), link_id, now)] += step
            if now == int(Kind.PERSON):
                moved["roll_village_hour", (village_id, at_ms // rollups.HOUR_MS)] += step
    for (table, key), step in moved.items():
        _move(connection, table, key, step)
    _count_visitors(connection, village_id, sorted({days.to_date(row.day) for row in rows}))
    _right_all(connection, recounts.of_months(connection, village_id))
    return len(rows)


def _move(connection: sa.Connection, name: str, key: tuple[Any, ...], step: int) -> None:
    keys, values = _COLUMNS[name]
    here = sa.and_(*(column == value for column, value in zip(keys, key, strict=True)))
    before = connection.scalar(sa.select(values[0]).where(here)) or 0
    _put_right(connection, Difference(name, key, (before,), (before + step,)))


def _count_visitors(connection: sa.Connection, village_id: int, of_days: Sequence[date]) -> None:
    """The daily visitors of a village and of all that is in it, made anew for these days."""
    came = _came(connection, of_days, village_id)
    counted = {key: (len(visitors),) for key, visitors in came.items()}
    rolled = recounts.rolled_uniques(connection, village_id, of_days[0])
    for key in sorted({*counted, *(key for key in rolled if key[2] in of_days)}, key=str):
        if rolled.get(key, (0,)) != counted.get(key, (0,)):
            _put_right(connection, Difference("unique_day", key, (), counted.get(key, (0,))))
    _remember_who_came(connection, of_days)
