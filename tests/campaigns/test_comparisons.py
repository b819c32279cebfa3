"""Comparisons are honest: no winner before the data can bear one, and how many more it takes."""

import random

import pytest

from campaigns import comparisons
from campaigns.comparisons import Tried


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (3, 200, 0.0051, 0.0431)],
)
def test_the_interval_of_a_share_is_wilsons(successes: int, n: int, low: float, high: float) -> None:
    assert comparisons.wilson(successes, n) == pytest.approx((low, high), abs=1e-4)
    assert Tried(successes, n).interval == comparisons.wilson(successes, n)


@pytest.mark.parametrize(("first", "second", "n"), [(0.02, 0.03, 3_788), (0.05, 0.075, 1_457), (0.10, 0.15, 680), (0.02, 0.025, 13_768)])
def test_the_cases_a_difference_needs_are_those_of_the_published_tables(first: float, second: float, n: int) -> None:
    assert comparisons.needed(first, second) == pytest.approx(n, abs=1)
    assert comparisons.needed(second, first) == comparisons.needed(first, second)


def test_no_difference_needs_no_number() -> None:
    assert comparisons.needed(0.1, 0.1) is None


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (Tried(0, 0), Tried(3, 40), "more"),
        (Tried(0, 50), Tried(0, 60), "more"),
        (Tried(2, 2), Tried(0, 2), "more"),  # two of two against none of two is still luck
        (Tried(12, 200), Tried(20, 200), "more"),
        (Tried(20, 1_000), Tried(60, 1_000), "second"),
        (Tried(60, 1_000), Tried(20, 1_000), "first"),
        (Tried(3_000, 30_000), Tried(3_010, 30_000), "alike"),
    ],
)
def test_a_winner_is_named_only_when_the_data_bear_it(first: Tried, second: Tried, says: str) -> None:
    assert comparisons.compare(first, second).says == says


def test_it_says_how_many_more_each_version_needs() -> None:
    verdict = comparisons.compare(Tried(10, 200), Tried(15, 200))
    assert verdict.says == "more"
    assert verdict.more == comparisons.needed(0.05, 0.075) - 200 == 1_258
    assert 0.2 < verdict.chance < 0.4
    assert comparisons.compare(Tried(0, 10), Tried(0, 10)).more is None, "nothing has happened: nobody can say"


def test_looking_every_day_at_two_equal_versions_seldom_names_a_winner() -> None:
    dice = random.Random(7)
    false_alarms = 0
    for _ in range(300):
        counts = [[0, 0], [0, 0]]
        said = set()
        for _day in range(20):
            for version in counts:
                version[0] += sum(dice.random() < 0.1 for _ in range(40))
                version[1] += 40
            said.add(comparisons.compare(Tried(*counts[0]), Tried(*counts[1])).says)
        false_alarms += bool(said & {"first", "second"})
    assert false_alarms <= 300 * 0.05, "at p < 5 % it would be a quarter of them"
