"""Hours: what a tourist wants to know of an attraction at this moment."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from storefront import hours
from storefront.attractions import Attraction

HOURS = {"mon": ["07:00", "17:00"], "wed": ["07:00", "17:00"]}
ZONE = ZoneInfo("Asia/Jakarta")


def attraction(opening: dict[str, list[str]] = HOURS) -> Attraction:
    return Attraction(1, 1, "air-terjun", {"id": "Air terjun"}, {}, {}, opening, "16:00", 0, [], None, None, None, 0)


@pytest.mark.parametrize(
    ("day", "clock", "state", "at", "days"),
    [
        (23, "06:59", "opens_today", "07:00", 0),
        (23, "07:00", "open", "17:00", None),
        (23, "15:59", "open", "17:00", None),
        (23, "16:00", "last_entry_over", "17:00", None),
        (23, "17:00", "closed", "07:00", 2),
        (24, "10:00", "closed", "07:00", 1),
        (25, "18:00", "closed", "07:00", 5),
    ],
)
def test_how_an_attraction_stands(day: int, clock: str, state: str, at: str, days: int | None) -> None:
    now = hours.today(attraction(), datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=ZONE))
    assert (now.state, now.at, now.days) == (state, time.fromisoformat(at), days)


def test_an_attraction_that_never_opens_says_only_that_it_is_closed() -> None:
    assert hours.today(attraction({}), datetime(2026, 11, 23, 10, tzinfo=ZONE)) == hours.Today("closed")


def test_pick_up_times_are_never_past_and_leave_half_an_hour() -> None:
    slots = hours.slots(datetime(2026, 11, 23, 11, 40, tzinfo=ZONE))
    assert [f"{slot:%d %H:%M}" for slot in slots[:3]] == ["23 15:00", "24 09:00", "24 12:00"]
    assert all(slot.tzinfo is ZONE for slot in slots)
