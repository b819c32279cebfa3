"""The rhythm of a week on the village's own clock, and the sign that is silent when it should not be."""

from datetime import UTC, datetime, timedelta

import making
import pytest
import sqlalchemy as sa

from campaigns import links, rhythms, visits
from campaigns.clicks import Kind

NOW = making.NOW  # Monday, 10.00 WIB
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(("zone", "hour"), [("Asia/Jakarta", 10), ("Asia/Makassar", 11), ("Asia/Jayapura", 12)])
def test_an_hour_of_the_week_is_the_villages_own(engine: sa.Engine, zone: str, hour: int) -> None:
    with engine.begin() as connection:
        village = making.village(connection, zone=zone)
        gate = making.link(connection, village)
        clicks = [making.click(gate), making.click(gate, at=NOW - 7 * DAY), making.click(gate, kind=Kind.ROBOT)]
        visits.write(connection, [*clicks, making.click(gate, at=NOW - 60 * DAY)])
        week = rhythms.by_hour_of_week(connection, village, NOW - 30 * DAY, NOW + HOUR, zone)
    assert len(week) == 168
    assert {place: count for place, count in enumerate(week) if count} == {hour: 2}, "Monday"


def test_sunday_midnight_is_the_last_day_of_the_week(engine: sa.Engine) -> None:
    late = datetime(2026, 11, 22, 16, 59, tzinfo=UTC)  # Sunday, 23.59 WIB
    with engine.begin() as connection:
        village = making.village(connection)
        visits.write(connection, [making.click(making.link(connection, village), at=late)])
        week = rhythms.by_hour_of_week(connection, village, late - DAY, NOW, "Asia/Jakarta")
    assert week.index(1) == 167


def busy(connection: sa.Connection, village: int, *, weekdays: range, each_day: int, until: datetime) -> links.Link:
    """A sign scanned so often at nine in the morning on these weekdays, for four weeks until a moment."""
    gate = making.link(connection, village)
    for ago in range(28, -1, -1):
        at = until.replace(hour=2, minute=0) - ago * DAY  # 9.00 WIB
        if at.weekday() in weekdays and at <= until:
            visits.write(connection, [making.click(gate, at=at) for _ in range(each_day)])
    return gate


@pytest.mark.parametrize(("days", "is_alarming"), [(0.5, False), (1.2, False), (2, False), (4, True)])
def test_a_busy_sign_is_missed_after_days_of_silence_and_not_after_a_night(engine: sa.Engine, days: float, is_alarming: bool) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        gate = busy(connection, village, weekdays=range(7), each_day=3, until=NOW)
        found = rhythms.silences(connection, village, NOW.replace(hour=2) + days * DAY)[gate.id]
    assert found.is_alarming is is_alarming
    assert found.last_at == NOW.replace(hour=2)


def test_a_sign_of_the_weekend_is_not_missed_on_weekdays(engine: sa.Engine) -> None:
    sunday = NOW - DAY
    with engine.begin() as connection:
        village = making.village(connection)
        gate = busy(connection, village, weekdays=range(5, 7), each_day=20, until=sunday)
        on_friday = rhythms.silences(connection, village, sunday + 5 * DAY)[gate.id]
        on_sunday = rhythms.silences(connection, village, sunday + 7 * DAY)[gate.id]
    assert (on_friday.expected, on_friday.is_alarming) == (0.0, False)
    assert on_sunday.is_alarming
    assert on_sunday.expected == pytest.approx(40), "this Saturday and this Sunday"


def test_a_sign_nobody_ever_scanned_raises_no_alarm_and_a_withdrawn_one_is_left_alone(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        unused, gone = making.link(connection, village), making.link(connection, village)
        visits.write(connection, [making.click(unused, kind=Kind.STAFF)])
        links.withdraw(connection, village, gone.id, at=NOW)
        found = rhythms.silences(connection, village, NOW + 90 * DAY)
    assert found == {unused.id: rhythms.Silence(unused.id, None, 0.0, False)}


@pytest.mark.parametrize(("expected", "is_silent"), [(0.0, False), (6.9, False), (6.91, True), (70, True)])
def test_silence_is_no_chance_below_one_in_a_thousand(expected: float, is_silent: bool) -> None:
    assert rhythms.is_silent(expected) is is_silent
