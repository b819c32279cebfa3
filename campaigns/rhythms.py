"""The rhythm of a week: when people come, hour by hour, and which sign is silent when it should not be."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from campaigns.clicks import Kind
from campaigns.tables import link, roll_hour, roll_village_hour

WEEK = 168  # hours
WEEKS = 4  # what is usual is told from so many
SILENCE = 0.001  # a sign this unlikely to be without a scan by chance is looked after
LEAST_SILENCE = timedelta(hours=24)  # a night or a storm is no broken sign
_MONDAY = 3 * 24  # hour 0 since 1970 was on a Thursday
_PERSON = int(Kind.PERSON)


@dataclass(frozen=True)
class Silence:
    """What a sign says by saying nothing. `expected` scans would have come since the last; `is_alarming` where that is no chance.

    `last_at` is the hour of the last scan by a person, None for a sign that nobody has ever scanned.
    """

    link_id: int
    last_at: datetime | None
    expected: float
    is_alarming: bool


def by_hour_of_week(connection: sa.Connection, village_id: int, since: datetime, until: datetime, zone: str) -> list[int]:
    """People in each of the 168 hours of a week, Monday midnight of the village's clock first, between two moments."""
    shift = _shift(zone, until)
    ours = roll_village_hour.c
    hour = (ours.hour + shift) % WEEK
    mine = ours.village_id == village_id, ours.hour >= _hour(since), ours.hour < _hour(until)
    counts = connection.execute(sa.select(hour, sa.func.sum(ours.people)).where(*mine).group_by(hour))
    found = {int(hour): int(count) for hour, count in counts}
    return [found.get(hour, 0) for hour in range(WEEK)]


def silences(connection: sa.Connection, village_id: int, at: datetime, *, kind: str = "qr") -> dict[int, Silence]:
    """{link id: how silent it is} of every open link of this kind.

    What is usual is told for each hour of the week from the four weeks up to the last scan: a sign that is never scanned at night or on
    its closing day is not missed then. Poisson: the chance of none is e to the minus of what was expected.
    """
    now = _hour(at)
    ours = sa.and_(link.c.village_id == village_id, link.c.kind == kind, link.c.state == "open")
    of_link = sa.and_(roll_hour.c.link_id == link.c.id, roll_hour.c.kind == _PERSON)
    last = sa.select(roll_hour.c.hour).where(of_link).order_by(roll_hour.c.hour.desc()).limit(1).scalar_subquery()  # a step in the index
    lasts: dict[int, int | None] = {row[0]: row[1] for row in connection.execute(sa.select(link.c.id, last).where(ours))}
    quiet = [link_id for link_id, hour in lasts.items() if hour is not None and now - hour > LEAST_SILENCE / timedelta(hours=1)]
    rhythm = _rhythms(connection, quiet, lasts)
    return {link_id: _silence(link_id, hour, now, rhythm.get(link_id)) for link_id, hour in lasts.items()}


def is_silent(expected: float) -> bool:
    """Whether it is no chance that none came where so many were expected: the sign is broken or gone (Poisson, P(0) < 0.1 %)."""
    return math.exp(-expected) < SILENCE


def _rhythms(connection: sa.Connection, link_ids: Sequence[int], lasts: dict[int, Any]) -> dict[int, dict[int, float]]:
    """{link: {hour of the week: usual people}} over the four weeks up to each one's last scan."""
    if not link_ids:
        return {}
    first = min(lasts[link_id] for link_id in link_ids) - WEEKS * WEEK
    columns = roll_hour.c.link_id, roll_hour.c.hour, roll_hour.c.clicks
    mine = roll_hour.c.link_id.in_(link_ids), roll_hour.c.kind == _PERSON, roll_hour.c.hour > first
    found: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    begun: dict[int, int] = {}
    rows = [row for row in connection.execute(sa.select(*columns).where(*mine)) if row[1] > lasts[row[0]] - WEEKS * WEEK]
    for link_id, hour, _ in rows:
        begun[link_id] = min(begun.get(link_id, hour), hour)
    for link_id, hour, clicks in rows:
        first_such = begun[link_id] + (hour - begun[link_id]) % WEEK  # a sign that hangs for ten days has had this hour once or twice
        found[link_id][hour % WEEK] += clicks / ((lasts[link_id] - first_such) // WEEK + 1)
    return found


def _silence(link_id: int, last: int | None, now: int, usual: dict[int, float] | None) -> Silence:
    at = datetime.fromtimestamp(last * 3600, UTC) if last is not None else None
    if last is None or usual is None:
        return Silence(link_id, at, 0.0, False)
    weeks, rest = divmod(now - last - 1, WEEK)  # the hour of the last scan is not silent, the hour under way not over
    expected = weeks * sum(usual.values()) + sum(usual.get((last + 1 + hour) % WEEK, 0.0) for hour in range(rest))
    return Silence(link_id, at, expected, is_silent(expected))


def _shift(zone: str, at: datetime) -> int:
    """Hours from an hour since 1970 to the hour of the village's week; its zones are whole hours without summer time."""
    offset = at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
    return int(offset / timedelta(hours=1)) + _MONDAY


def _hour(at: datetime) -> int:
    return int(at.timestamp()) // 3600
