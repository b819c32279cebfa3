"""One phone on one link again and again within a minute is noticed; a coach full of phones that look alike is not."""

import making

from campaigns import bursts
from campaigns.bursts import MOST, Bursts

AT = int(making.NOW.timestamp() * 1000)


def test_what_is_more_than_a_coach_can_scan_in_a_minute_is_a_burst() -> None:
    seen = Bursts()
    assert [seen.is_too_many(1, 7, AT + one) for one in range(MOST)] == [False] * MOST
    assert seen.is_too_many(1, 7, AT + MOST)


def test_another_visitor_another_link_and_another_minute_begin_anew() -> None:
    seen = Bursts(most=1)
    assert not seen.is_too_many(1, 7, AT)
    assert seen.is_too_many(1, 7, AT)
    assert not seen.is_too_many(2, 7, AT)
    assert not seen.is_too_many(1, 8, AT)
    assert not seen.is_too_many(1, 7, AT + 60_000)


def test_what_is_remembered_has_a_limit_and_beyond_it_nobody_is_suspected() -> None:
    seen = Bursts(most=1)
    for visitor in range(bursts.LARGEST):
        seen.is_too_many(visitor, 7, AT)
    assert [seen.is_too_many(-1, 7, AT) for _ in range(3)] == [False] * 3
    assert seen.is_too_many(0, 7, AT)
