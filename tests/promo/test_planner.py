"""The planner: fair over makers, mixed, never sold out; and the days and hours it plans with."""

import itertools
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promo import days
from promo.planner import Candidate, Shown, fill

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
candidates = st.lists(
    st.builds(
        Candidate,
        st.integers(0, 30).map("product:{}".format),
        st.sampled_from(["product", "attraction", "maker"]),
        st.just("Sesuatu"),
        st.none() | st.integers(1, 5),
        is_live=st.booleans(),
        is_sold_out=st.booleans(),
        has_photo=st.booleans(),
    ),
    max_size=25,
    unique_by=lambda one: one.key,
)
slots = st.lists(st.integers(0, 60 * 24).map(lambda hour: MONDAY + timedelta(hours=hour)), max_size=40, unique=True)


@given(candidates, slots)
def test_nothing_sold_out_hidden_or_unseen_is_ever_proposed_and_nothing_twice_within_a_week(
    able: list[Candidate], when: list[datetime]
) -> None:
    told: dict[str, datetime] = {}
    for one in fill(able, when):
        assert one.candidate.is_live
        assert one.candidate.has_photo
        assert not one.candidate.is_sold_out
        assert one.candidate.key not in told or one.at - told[one.candidate.key] >= timedelta(days=7)
        told[one.candidate.key] = one.at


@given(st.integers(2, 6), st.integers(1, 5), st.integers(0, 4))
def test_no_maker_is_more_than_one_turn_ahead(makers: int, goods: int, before: int) -> None:
    able = [Candidate(f"product:{maker}-{number}", "product", "Sesuatu", maker) for maker in range(makers) for number in range(goods)]
    history = [Shown("product:gone", 0, MONDAY - timedelta(days=30))] * before
    found = fill(able, [MONDAY + timedelta(days=number) for number in range(28)], history)
    counts = Counter({0: before}) + Counter(one.candidate.maker for one in found)
    fewest, most = min(counts[maker] for maker in range(makers)), max(counts[maker] for maker in range(makers))
    assert most - fewest <= max(1, before) if goods * makers >= 7 else len(found) > 0


def test_the_turn_of_each_maker_is_told_and_the_kinds_are_mixed() -> None:
    able = [Candidate(f"product:{number}", "product", "Keripik", number % 3) for number in range(12)]
    able += [Candidate(f"attraction:{number}", "attraction", "Air terjun") for number in range(3)]
    able += [Candidate(f"maker:{number}", "maker", "Bu Sri", number) for number in range(3)]
    able += [Candidate("event:1", "event", "Pasar desa", day=MONDAY + timedelta(days=9))]
    found = fill(able, [MONDAY + timedelta(days=number, hours=12) for number in range(20)])
    kinds = Counter(one.candidate.kind for one in found)
    assert kinds["product"] >= 10
    assert min(kinds[kind] for kind in ("attraction", "maker", "event")) >= 1
    event = next(one for one in found if one.candidate.kind == "event")
    assert timedelta(0) < MONDAY + timedelta(days=9) - event.at <= timedelta(days=7)
    of_first = [one.turn for one in found if one.candidate.maker == 0]
    assert of_first == list(range(1, len(of_first) + 1))


@pytest.mark.parametrize(
    ("day", "name"), [(date(1945, 8, 17), "legi"), (date(2000, 1, 1), "legi"), (date(1970, 1, 1), "wage"), (date(2026, 11, 23), "wage")]
)
def test_the_day_of_the_javanese_market_week(day: date, name: str) -> None:
    assert days.pasaran(day) == name


def test_the_holidays_of_the_country_in_both_languages() -> None:
    assert days.holidays(2026, "id")[date(2026, 8, 17)] == "Hari Kemerdekaan Republik Indonesia"
    assert days.holidays(2026, "en")[date(2026, 12, 25)] == "Christmas Day"


def test_good_hours_are_the_villages_own_once_it_has_clicks() -> None:
    assert days.best_hours([0] * 168, 0) == list(days.USUAL)
    counts = [0] * 168
    counts[2 * 24 + 19] = 60
    counts[2 * 24 + 20] = 50
    counts[2 * 24 + 11] = 40
    assert {time(19), time(11)} <= set(days.best_hours(counts, 2))
    assert time(20) not in days.best_hours(counts, 2)


def test_a_free_slot_is_to_come_and_an_hour_away_from_everything() -> None:
    taken = [datetime(2026, 11, 24, 0, 30, tzinfo=UTC)]  # Tuesday 07.30 WIB
    found = days.free_slots(date(2026, 11, 23), 2, "Asia/Jakarta", [0] * 168, taken, datetime(2026, 11, 23, 6, 0, tzinfo=UTC))
    assert [f"{slot:%d %H:%M}" for slot in found] == ["23 17:00", "23 19:30", "24 12:00"]


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Europe/Amsterdam"])
def test_a_weekly_post_comes_every_week_once_at_its_own_clock_for_ten_years(zone: str) -> None:
    found, after, end = [], MONDAY, MONDAY + timedelta(days=3_650)
    step = timedelta(days=17)
    while after < end:  # however the years are cut into pieces, by outages for example
        found += days.weekly(4, time(16, 0), zone, after, after + step)
        after += step
        step = timedelta(days=(step.days * 7) % 29 + 1)
    assert all(when.weekday() == 4 and (when.hour, when.minute) == (16, 0) for when in found)
    dates = [when.date() for when in found]
    assert [second - first for first, second in itertools.pairwise(dates)] == [timedelta(days=7)] * (len(dates) - 1)
