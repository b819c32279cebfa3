"""Impressions: a total up to a day, typed in or read from the network; the newest counts, and on one day the network's own word."""

from datetime import date, timedelta

import making
import pytest
import sqlalchemy as sa

from campaigns import impressions
from campaigns.impressions import Reading

TODAY = date(2026, 11, 23)
YESTERDAY = TODAY - timedelta(days=1)


def test_the_newest_reading_counts_and_the_network_before_the_hand(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        post, typed, none = (making.link(connection, village, kind="post") for _ in range(3))
        impressions.note(connection, village, post.id, 900, day=YESTERDAY)
        impressions.note(connection, village, post.id, 950, day=TODAY, source="network")
        impressions.note(connection, village, post.id, 999, day=TODAY)
        impressions.note(connection, village, typed.id, 10, day=TODAY)
        impressions.note(connection, village, typed.id, 12, day=TODAY)
        found = impressions.latest(connection, village)
    assert found == {post.id: Reading(post.id, TODAY, "network", 950), typed.id: Reading(typed.id, TODAY, "typed", 12)}
    assert none.id not in found


@pytest.mark.parametrize(("shown", "source"), [(-1, "typed"), (10**13, "typed"), (5, "guessed")])
def test_a_number_that_cannot_be_is_refused(engine: sa.Engine, shown: int, source: str) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        post = making.link(connection, village, kind="post")
        with pytest.raises(impressions.NoSuchNumber):
            impressions.note(connection, village, post.id, shown, day=TODAY, source=source)
        assert impressions.latest(connection, village) == {}


def test_another_villages_link_takes_no_number_and_what_was_typed_can_be_forgotten(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        ours, theirs = making.village(connection), making.village(connection, name="Sumberjo")
        post = making.link(connection, theirs, kind="post")
        impressions.note(connection, ours, post.id, 5, day=TODAY)
        assert impressions.latest(connection, ours) == impressions.latest(connection, theirs) == {}
        impressions.note(connection, theirs, post.id, 5, day=YESTERDAY, source="network")
        impressions.note(connection, theirs, post.id, 6, day=TODAY)
        impressions.forget(connection, ours, post.id)
        assert impressions.latest(connection, theirs)[post.id].shown == 6
        impressions.forget(connection, theirs, post.id)
        assert impressions.latest(connection, theirs)[post.id].shown == 5
