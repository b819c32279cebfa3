"""Counts rolled up as things happen: clicks per hour and day, exact daily visitors, outcomes per day; and the end of a day."""

import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from campaigns import batches, days, months
from campaigns.batches import Batch
from campaigns.clicks import Click, Kind, pack_looks, pack_moment
from campaigns.tables import click, day_visitor, link, salt

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")  # a day is over when it is over in each of them
GRACE = timedelta(hours=2)  # how long clicks of yesterday may still come in before its salt is forgotten
HOUR_MS = 3_600_000
_PERSON = int(Kind.PERSON)
_CLOSING = 849_401  # the number of PostgreSQL's lock between closing a day and counting late clicks of it

_looks = functools.lru_cache(maxsize=2_048)(pack_looks)

Key = TypeVar("Key", bound=tuple[int | str, ...])

Scoped = tuple[str, str, int]  # (day, scope, its id)
Met = tuple[str, str, int, int]  # (day, scope, its id, visitor)
Group = tuple[int, int, int, int, int]  # (link, hour, kind, village, day)
Seen = tuple[int, int, int, int, int | None, int | None]  # (day as a number, visitor, link, village, attraction, campaign)

_CLICKS = Batch(
    "click",
    {
        "moment": "bigint",
        "link_id": "bigint",
        "kind": "smallint",
        "visitor": "bigint",
        "looks": "smallint",
        "key": "bigint",
    },
)
_HOURS = Batch(
    "roll_hour",
    {"link_id": "bigint", "hour": "int", "kind": "smallint", "clicks": "bigint"},
    "ON CONFLICT (link_id, hour, kind) DO UPDATE SET clicks = roll_hour.clicks + excluded.clicks",
)
_DAYS = Batch(
    "roll_day",
    {"village_id": "bigint", "day": "date", "link_id": "bigint", "kind": "smallint", "clicks": "bigint"},
    "ON CONFLICT (village_id, day, link_id, kind) DO UPDATE SET clicks = roll_day.clicks + excluded.clicks",
)
_VILLAGE_HOURS = Batch(
    "roll_village_hour",
    {"village_id": "bigint", "hour": "int", "people": "bigint"},
    "ON CONFLICT (village_id, hour) DO UPDATE SET people = roll_village_hour.people + excluded.people",
)
_MET = Batch(
    "day_visitor",
    {"day": "date", "scope": "text", "scope_id": "bigint", "visitor": "bigint"},
    "ON CONFLICT (day, scope, scope_id, visitor) DO NOTHING",
)
_UNIQUES = Batch(
    "unique_day",
    {"scope": "text", "scope_id": "bigint", "day": "date", "visitors": "bigint"},
    "ON CONFLICT (scope, scope_id, day) DO UPDATE SET visitors = unique_day.visitors + excluded.visitors",
)
_IS_CLOSED = "SELECT 1 FROM salt WHERE day = ? AND length(secret) = 0"  # a closed day's salt is an empty one
_ADD_OUTCOME = sa.text(
    "INSERT INTO roll_outcome (village_id, day, link_id, kind, count, rupiah) VALUES (:village_id, :day, :link_id, :kind, 1, :rupiah)"
    " ON CONFLICT (village_id, day, link_id, kind)"
    " DO UPDATE SET count = roll_outcome.count + 1, rupiah = roll_outcome.rupiah + excluded.rupiah"
).bindparams(sa.bindparam("day", type_=sa.Date))


def add_outcome(connection: sa.Connection, *, village_id: int, day: date, link_id: int, kind: str, rupiah: int) -> None:
    """Count one outcome on the village's own day; link 0 is "nobody knows where from"."""
    row = {"village_id": village_id, "day": day, "link_id": link_id, "kind": kind, "rupiah": rupiah}
    connection.execute(_ADD_OUTCOME, row)
    months.add_outcome(connection, village_id=village_id, day=day, kind=kind, rupiah=rupiah)


def add_clicks(connection: sa.Connection, clicks: Sequence[Click], known: Set[Seen] = frozenset()) -> set[Seen]:
    """Keep these clicks and count them, in the caller's transaction; in key order, so that several processes never wait in a circle.

    Returns who was seen where for the first time. Once that is committed, the caller may pass it as `known`: they are not looked for again.
    """
    rows: list[tuple[Any, ...]] = []
    counts: dict[Group, int] = {}
    new: set[Seen] = set()
    for at_ms, link_id, village_id, zone, kind, visitor, app, device, language, key, attraction_id, campaign_id in clicks:
        day = days.number(at_ms, zone)
        rows.append((pack_moment(at_ms, day), link_id, int(kind), visitor, _looks(app, device, language), key))
        group = (link_id, at_ms // HOUR_MS, int(kind), village_id, day)
        counts[group] = counts.get(group, 0) + 1
        if kind == _PERSON and visitor is not None:
            seen = (day, visitor, link_id, village_id, attraction_id, campaign_id)
            if seen not in known:
                new.add(seen)
    # Before the clicks themselves: a closed day's visitors are looked up among them.
    visitors = _meet(connection, sorted(_scopes(new))) if new else {}
    _CLICKS.add(connection, rows)
    _add_counts(connection, counts, visitors)
    return new


def _add_counts(connection: sa.Connection, counts: Mapping[Group, int], visitors: Mapping[tuple[int, str], int]) -> None:
    by_hour: dict[tuple[int, int, int], int] = {}
    by_day: dict[tuple[int, str, int, int], int] = {}
    people: dict[tuple[int, int], int] = {}
    people_by_hour: dict[tuple[int, int], int] = {}
    for (link_id, hour, kind, village_id, day), count in counts.items():
        _add(by_hour, (link_id, hour, kind), count)
        _add(by_day, (village_id, days.iso(day), link_id, kind), count)
        if kind == _PERSON:
            _add(people, (village_id, day), count)
            _add(people_by_hour, (village_id, hour), count)
    _HOURS.add(connection, [(*group, count) for group, count in sorted(by_hour.items())])
    _DAYS.add(connection, [(*group, count) for group, count in sorted(by_day.items())])
    _VILLAGE_HOURS.add(connection, [(*group, count) for group, count in sorted(people_by_hour.items())])
    months.add_clicks(connection, people, visitors)


def _add(counts: dict[Key, int], key: Key, count: int) -> None:
    counts[key] = counts.get(key, 0) + count


def as_linked_now(connection: sa.Connection, clicks: Sequence[Click]) -> list[Click]:
    """These clicks for the attractions and campaigns that their links belong to by now."""
    query = sa.select(link.c.id, link.c.attraction_id, link.c.campaign_id).where(link.c.id.in_({one.link_id for one in clicks}))
    now = {link_id: (attraction_id, campaign_id) for link_id, attraction_id, campaign_id in connection.execute(query)}
    belongs = [now.get(one.link_id, (one.attraction_id, one.campaign_id)) for one in clicks]
    return [one._replace(attraction_id=place, campaign_id=group) for one, (place, group) in zip(clicks, belongs, strict=True)]


def _scopes(seen: Iterable[Seen]) -> set[Met]:
    """Each visitor once for each scope: whoever sees two signs of a village is one visitor of it."""
    met: set[Met] = set()
    for day, visitor, link_id, village_id, attraction_id, campaign_id in seen:
        written = days.iso(day)
        met.add((written, "link", link_id, visitor))
        met.add((written, "village", village_id, visitor))
        if attraction_id is not None:
            met.add((written, "attraction", attraction_id, visitor))
        if campaign_id is not None:
            met.add((written, "campaign", campaign_id, visitor))
    return met


def _meet(connection: sa.Connection, seen: list[Met]) -> Counter[tuple[int, str]]:
    """Count those of these, sorted, whom nobody had seen before; returns how many each village has more, by (village, day)."""
    closed = {day for day in {row[0] for row in seen} if batches.is_there(connection, _IS_CLOSED, day)}
    met = [row for row in seen if row[0] not in closed] if closed else seen
    new: Counter[Scoped] = Counter(_MET.add_new(connection, met))
    late = (row for row in seen if row[0] in closed)
    for (day, scope, scope_id), group in groupby(late, key=lambda row: row[:3]):
        visitors = {row[3] for row in group}
        new[day, scope, scope_id] = len(visitors - _came(connection, day, scope, scope_id, visitors))
    _UNIQUES.add(connection, sorted((scope, scope_id, day, count) for (day, scope, scope_id), count in (+new).items()))
    return Counter({(scope_id, day): count for (day, scope, scope_id), count in new.items() if scope == "village" and count})


def _came(connection: sa.Connection, day: str, scope: str, scope_id: int, visitors: set[int]) -> set[int]:
    """Who of these came on a closed day. Its set is gone, so the raw clicks are asked: slow, and only after a long outage."""
    column = click.c.link_id if scope == "link" else link.c[f"{scope}_id"]
    query = (
        sa.select(click.c.visitor)
        .distinct()
        .join_from(click, link, link.c.id == click.c.link_id)
        .where(
            column == scope_id,
            click.c.day == days.from_date(date.fromisoformat(day)),
            click.c.kind == int(Kind.PERSON),
            click.c.visitor.in_(visitors),
        )
    )
    return set(connection.scalars(query))


def close_days(connection: sa.Connection, at: datetime, *, zones: Iterable[str] = ZONES) -> list[date]:
    """Forget the salts and the sets of visitors of every day that is over for two hours in each zone; returns those days.

    May be called at any time and by several processes; days that ended while the machine was off are closed too.
    """
    over = min((at - GRACE).astimezone(ZoneInfo(zone)).date() for zone in zones)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_CLOSING})")
    open_salts = sa.select(salt.c.day).where(salt.c.day < over, salt.c.secret != b"")
    met = sa.select(day_visitor.c.day).distinct().where(day_visitor.c.day < over)
    closing = sorted(set(connection.scalars(open_salts)) | set(connection.scalars(met)))
    if closing:
        connection.execute(_FORGET, [{"day": day, "secret": b""} for day in closing])  # an empty salt says: this day is closed
        connection.execute(day_visitor.delete().where(day_visitor.c.day < over))
    return closing


_FORGET = sa.text(
    "INSERT INTO salt (day, secret) VALUES (:day, :secret) ON CONFLICT (day) DO UPDATE SET secret = excluded.secret"
).bindparams(sa.bindparam("day", type_=sa.Date), sa.bindparam("secret", type_=sa.LargeBinary))
