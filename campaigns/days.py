"""The village's own day as a number, days since 1970: what every count is kept by."""

import functools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

FIRST = date(1970, 1, 1)
_QUARTER_MS = 900_000  # every zone's offset is a whole number of quarter hours


def number(at_ms: int, zone: str) -> int:
    """The day on which `at_ms` (milliseconds since 1970, UTC) falls on the clocks of `zone`."""
    return _of_quarter(at_ms // _QUARTER_MS, zone)


@functools.lru_cache(maxsize=4096)
def _of_quarter(quarter: int, zone: str) -> int:
    at = datetime.fromtimestamp(quarter * _QUARTER_MS / 1000, UTC)
    return from_date(at.astimezone(ZoneInfo(zone)).date())


@functools.lru_cache(maxsize=1024)
def to_date(day: int) -> date:
    return FIRST + timedelta(days=day)


@functools.lru_cache(maxsize=1024)
def iso(day: int) -> str:
    """ "2026-11-23", as databases take a date."""
    return to_date(day).isoformat()


def from_date(day: date) -> int:
    return (day - FIRST).days
