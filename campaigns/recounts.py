"""The proof of the counts: every rollup made anew from the raw clicks and outcomes, and what differs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from campaigns import days, funnels, months
from campaigns.clicks import Kind
from campaigns.tables import click, link, outcome, roll_day, roll_hour, roll_outcome, roll_village_hour, unique_day

HOUR_MS = 3_600_000
_SCOPES = {"link": link.c.id, "attraction": link.c.attraction_id, "campaign": link.c.campaign_id, "village": link.c.village_id}
Sums = Mapping[tuple[Any, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Difference:
    """A count that is not what the raw rows say; `key` names the row in `table`, a missing one counts as zeros."""

    table: str
    key: tuple[Any, ...]
    rolled: tuple[int, ...]
    counted: tuple[int, ...]


def recount(connection: sa.Connection, village_id: int | None = None, *, since: date | None = None) -> list[Difference]:
    """What differs between the rollups and the raw rows of a village, or of all; nothing should.

    `since` is the first day of which all raw rows are still kept; without it all are taken to be there. One transaction that sees one
    moment (a reading connection) is enough.
    """
    return [
        *_compare("roll_day", _rolled_days(connection, village_id, since), _counted_days(connection, village_id, since)),
        *_compare("roll_hour", _rolled_hours(connection, village_id, since), _counted_hours(connection, village_id, since)),
        *_compare("unique_day", rolled_uniques(connection, village_id, since), _counted_uniques(connection, village_id, since)),
        *_compare("roll_outcome", _rolled_outcomes(connection, village_id, since), _counted_outcomes(connection, village_id, since)),
        *of_village_hours(connection, village_id, since),
        *of_months(connection, village_id),
    ]


def of_village_hours(connection: sa.Connection, village_id: int | None = None, since: date | None = None) -> list[Difference]:
    """What differs between the hours of whole villages and those of their links, of which they are made."""
    rolled = sa.select(roll_village_hour).where(roll_village_hour.c.hour >= _first_hour(since))
    keys = (link.c.village_id, roll_hour.c.hour)
    counted = sa.select(*keys, sa.func.sum(roll_hour.c.clicks)).join_from(roll_hour, link, link.c.id == roll_hour.c.link_id).group_by(*keys)
    counted = counted.where(roll_hour.c.kind == int(Kind.PERSON), roll_hour.c.hour >= _first_hour(since))
    if village_id is not None:
        rolled, counted = rolled.where(roll_village_hour.c.village_id == village_id), counted.where(link.c.village_id == village_id)
    return list(_compare("roll_village_hour", _sums(connection, rolled), _sums(connection, counted)))


def of_months(connection: sa.Connection, village_id: int | None = None) -> list[Difference]:
    """What differs between the months and the days they are made of."""
    return list(_compare("roll_month", months.rolled(connection, village_id), months.counted(connection, village_id)))


def _compare(table: str, rolled: Sums, counted: Sums) -> Iterator[Difference]:
    for key in sorted(rolled.keys() | counted.keys(), key=str):
        width = len(rolled.get(key) or counted[key])
        nothing = (0,) * width
        if rolled.get(key, nothing) != counted.get(key, nothing):
            yield Difference(table, key, rolled.get(key, nothing), counted.get(key, nothing))


def _sums(connection: sa.Connection, query: sa.Select[Any], width: int = 1) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """{key: sums} of rows whose last `width` columns are sums."""
    return {tuple(row[:-width]): tuple(int(value) for value in row[-width:]) for row in connection.execute(query)}


def _raw(query: sa.Select[Any], village_id: int | None, since: date | None) -> sa.Select[Any]:
    """Of raw clicks joined with their links, those asked for."""
    if village_id is not None:
        query = query.where(link.c.village_id == village_id)
    return query.where(click.c.day >= days.from_date(since)) if since else query


def _counted_days(connection: sa.Connection, village_id: int | None, since: date | None) -> Sums:
    keys = (link.c.village_id, click.c.day, click.c.link_id, click.c.kind)
    query = sa.select(*keys, sa.func.count()).join_from(click, link, link.c.id == click.c.link_id).group_by(*keys)
    found = _sums(connection, _raw(query, village_id, since))
    return {(village, days.to_date(day), *rest): count for (village, day, *rest), count in found.items()}


def _rolled_days(connection: sa.Connection, village_id: int | None, since: date | None) -> Sums:
    query = sa.select(roll_day.c.village_id, roll_day.c.day, roll_day.c.link_id, roll_day.c.kind, roll_day.c.clicks)
    return _sums(connection, _of(query, roll_day.c.village_id, village_id, roll_day.c.day, since))


def _of(
    query: sa.Select[Any], village: sa.ColumnElement[int], village_id: int | None, day: sa.ColumnElement[date], since: date | None
) -> sa.Select[Any]:
    if village_id is not None:
        query = query.where(village == village_id)
    return query.where(day >= since) if since else query


def _counted_hours(connection: sa.Connection, village_id: int | None, since: date | None) -> Sums:
    hour = (click.c.at_ms - click.c.at_ms % HOUR_MS) / HOUR_MS
    keys = (click.c.link_id, sa.cast(hour, sa.BigInteger).label("hour"), click.c.kind)
    query = sa.select(*keys, sa.func.count()).join_from(click, link, link.c.id == click.c.link_id).group_by(*keys)
    return _sums(connection, _raw(query, village_id, None).where(click.c.at_ms >= _first_hour(since) * HOUR_MS))


def _rolled_hours(connection: sa.Connection, village_id: int | None, since: date | None) -> Sums:
    query = sa.select(roll_hour.c.link_id, roll_hour.c.hour, roll_hour.c.kind, roll_hour.c.clicks)
    query = query.join_from(roll_hour, link, link.c.id == roll_hour.c.link_id).where(roll_hour.c.hour >= _first_hour(since))
    return _sums(connection, query if village_id is None else query.where(link.c.village_id == village_id))


def _first_hour(since: date | None) -> int:
    """An hour (since 1970, UTC) at which the day `since` has begun on every clock on earth."""
    return days.from_date(since + timedelta(days=1)) * 24 if since else 0


def _counted_uniques(connection: sa.Connection, village_id: int | None, since: date | None) -> Sums:
    found: dict[tuple[Any, ...], tuple[int, ...]] = {}
    for scope, column in _SCOPES.items():
        query = sa.select(column, click.c.day, sa.func.count(click.c.visitor.distinct()))
        query = query.join_from(click, link, link.c.id == click.c.link_id).group_by(column, click.c.day)
        query = query.where(click.c.kind == int(Kind.PERSON), click.c.visitor.is_not(None), column.is_not(None))
        for (scope_id, day), count in _sums(connection, _raw(query, village_id, since)).items():
            found[scope, scope_id, days.to_date(day)] = count
    return found


def rolled_uniques(connection: sa.Connection, village_id: int | None, since: date | None) -> Sums:
    """{(scope, its id, day): (visitors,)} as they are rolled up."""
    query = sa.select(unique_day.c.scope, unique_day.c.scope_id, unique_day.c.day, unique_day.c.visitors)
    if since:
        query = query.where(unique_day.c.day >= since)
    if village_id is not None:
        ids = {scope: sa.select(column).where(link.c.village_id == village_id) for scope, column in _SCOPES.items()}
        query = query.where(sa.or_(*(sa.and_(unique_day.c.scope == scope, unique_day.c.scope_id.in_(own)) for scope, own in ids.items())))
    return _sums(connection, query)


def _counted_outcomes(connection: sa.Connection, village_id: int | None, since: date | None) -> Sums:
    keys = (outcome.c.village_id, outcome.c.day, outcome.c.link_id, outcome.c.kind)
    query = sa.select(*keys, sa.func.count(), sa.func.sum(outcome.c.rupiah)).group_by(*keys)
    found = _sums(connection, _of(query, outcome.c.village_id, village_id, outcome.c.day, since), 2)
    for level, step in enumerate(funnels.STEPS, 1):
        found |= _counted_step(connection, village_id, since, step, [kind for kind, reached in funnels.LEVELS.items() if reached >= level])
    return found


def _counted_step(
    connection: sa.Connection, village_id: int | None, since: date | None, step: str, kinds: list[str]
) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """Each click once, on the day of the first outcome that reaches this step."""
    keys = (outcome.c.village_id, outcome.c.link_id, outcome.c.click_key)
    first = sa.select(*keys, sa.func.min(outcome.c.day).label("day")).where(outcome.c.click_key.is_not(None), outcome.c.kind.in_(kinds))
    reached = first.group_by(*keys).subquery()
    by_day = (reached.c.village_id, reached.c.day, reached.c.link_id)
    query = _of(sa.select(*by_day, sa.func.count()).group_by(*by_day), reached.c.village_id, village_id, reached.c.day, since)
    return {(village, day, link_id, step): (count, 0) for (village, day, link_id), (count,) in _sums(connection, query).items()}


def _rolled_outcomes(connection: sa.Connection, village_id: int | None, since: date | None) -> Sums:
    table = roll_outcome.c
    query = sa.select(table.village_id, table.day, table.link_id, table.kind, table["count"], table.rupiah)
    return _sums(connection, _of(query, table.village_id, village_id, table.day, since), 2)
