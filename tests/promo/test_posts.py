"""Posts: what may be scheduled, moved and cancelled, and what staff see of them."""

from datetime import datetime, timedelta
from typing import Any

import making
import pytest
import sqlalchemy as sa

import promo.targets
from promo import posts
from promo.clock import DurableClock, run_id
from promo.posts import NoAccount, NoCaption, NoPicture, NoTime, NotPossible, PastTime, TooLate
from promo.targets import NEXT, STATES

PICTURE = {"sha256": "0" * 64, "alt": "Keripik apel"}


def schedule(connection: sa.Connection, at: datetime, clock: Any = None, **given: Any) -> promo.targets.Target:
    village_id = given.pop("village_id", None) or making.village(connection)
    account = making.account(connection, village_id)
    values = {
        "village_id": village_id,
        "post_id": making.post(connection, village_id).id,
        "account_id": account.id,
        "network": "practice",
        "format": "portrait",
        "caption": "Keripik apel",
        "media": [PICTURE],
        "link_id": None,
        "link_url": None,
        "marker": "ABC123",
        "due_at": at + timedelta(hours=1),
        "clock": clock or making.StillClock(),
        "at": at,
    }
    return posts.schedule(connection, **{**values, **given})


@pytest.mark.parametrize(
    ("given", "error", "field", "key"),
    [
        ({"media": []}, NoPicture, "pictures", "publish.no_picture"),
        ({"caption": " \n"}, NoCaption, "caption", "publish.no_caption"),
        ({"due_at": None}, NoTime, "due_at", "publish.no_time"),
        ({"due_at": making.NOW - timedelta(minutes=5)}, PastTime, "due_at", "publish.past_time"),
        ({"account_id": None}, NoAccount, "accounts", "publish.no_account"),
        ({"account_id": 4_711}, NoAccount, "accounts", "publish.no_account"),
        ({"caption": "a" * 2_201}, NotPossible, "caption", "publish.caption_too_long"),
        ({"media": [PICTURE] * 11}, NotPossible, "pictures", "publish.too_many_pictures"),
        ({"caption": "#apel " * 31}, NotPossible, "caption", "publish.too_many_hashtags"),
    ],
)
def test_what_cannot_be_sent_names_the_field_and_the_sentence(
    engine: sa.Engine, now: datetime, given: dict[str, Any], error: type[NotPossible], field: str, key: str
) -> None:
    with engine.begin() as connection:
        with pytest.raises(error) as told:
            schedule(connection, now, **given)
        assert (told.value.field, told.value.key) == (field, key)


def test_a_minute_typed_just_now_is_not_the_past(engine: sa.Engine, now: datetime) -> None:
    with engine.begin() as connection:
        assert schedule(connection, now, due_at=now - timedelta(seconds=59)).state == "scheduled"


def test_the_row_and_its_waking_are_kept_or_forgotten_together(engine: sa.Engine, database_url: str, now: datetime) -> None:
    clock = DurableClock(database_url)
    clock.lay()
    with engine.begin() as connection:
        kept = schedule(connection, now, clock)
    with engine.connect() as connection:
        lost = schedule(connection, now, clock, village_id=kept.village_id, marker="XYZ789")
        connection.rollback()
    assert clock.lost([(kept.id, 0)], []) == []
    assert clock.lost([(lost.id, 0)], []) == [(lost.id, 0)]
    assert run_id(kept.id, 0) == f"target-{kept.id}-0"
    clock.close()


def test_moving_and_cancelling_end_the_earlier_run(engine: sa.Engine, now: datetime) -> None:
    clock = making.StillClock()
    with engine.begin() as connection:
        of = schedule(connection, now, clock)
        later = now + timedelta(days=2)
        moved = posts.move(connection, of.village_id, of.id, due_at=later, at=now, clock=clock)
        assert (moved.due_at, moved.next_at, moved.generation) == (later, later, 1)
        done = posts.cancel(connection, of.village_id, of.id, at=now, clock=clock)
        assert (done.state, done.next_at, done.generation) == ("cancelled", None, 2)
        with pytest.raises(TooLate):
            posts.move(connection, of.village_id, of.id, due_at=later, at=now, clock=clock)
    assert clock.woken == [(of.id, 0, now + timedelta(hours=1)), (of.id, 1, later)]


def test_nothing_is_changed_once_it_may_be_visible(engine: sa.Engine, now: datetime) -> None:
    with engine.begin() as connection:
        of = schedule(connection, now)
        for state in ("preparing", "ready", "sending"):
            following = promo.targets.advance(connection, of, state)
            assert following is not None
            of = following
        with pytest.raises(TooLate):
            posts.cancel(connection, of.village_id, of.id, at=now, clock=making.StillClock())
        with pytest.raises(TooLate):
            posts.move(connection, of.village_id, of.id, due_at=now + timedelta(days=1), at=now, clock=making.StillClock())


def test_of_two_who_write_at_once_one_is_too_late(engine: sa.Engine, now: datetime) -> None:
    with engine.begin() as connection:
        of = schedule(connection, now)
        assert promo.targets.advance(connection, of, "preparing") is not None
        assert promo.targets.advance(connection, of, "cancelled") is None
        with pytest.raises(ValueError, match="scheduled -> published"):
            promo.targets.advance(connection, of, "published")


def test_from_sending_nothing_goes_on_without_an_answer_or_a_look() -> None:
    assert NEXT["sending"] == {"sending", "published", "reconciling", "ready", "waiting", "rejected", "needs_person", "handed_over"}
    assert "scheduled" not in NEXT["sending"] | NEXT["reconciling"]
    assert "cancelled" not in NEXT["sending"] | NEXT["reconciling"]
    assert NEXT["published"] == frozenset()


@pytest.mark.parametrize(
    ("states", "seen"),
    [
        ([], "draft"),
        (["scheduled", "scheduled"], "scheduled"),
        (["published", "scheduled"], "partly"),
        (["published", "cancelled"], "published"),
        (["cancelled"], "cancelled"),
        (["published", "needs_person", "rejected"], "needs_person"),
        (["scheduled", "rejected"], "rejected"),
        (["scheduled", "sending"], "sending"),
    ],
)
def test_a_post_shows_what_staff_should_know_first(states: list[str], seen: str) -> None:
    assert posts.state_of(states) == seen


def test_every_state_alone_is_the_state_of_its_post() -> None:
    assert [posts.state_of([state]) for state in STATES] == list(STATES)


def test_a_list_has_posts_with_their_targets_newest_first_and_no_other_village(engine: sa.Engine, now: datetime) -> None:
    with engine.begin() as connection:
        of = schedule(connection, now)
        second = making.post(connection, of.village_id, title="Apel manalagi")
        other = making.village(connection, name="Sumberejo")
        listed = posts.listed(connection, of.village_id)
        assert [one.id for one in listed] == [second.id, of.post_id]
        assert [one.state for one in listed] == ["draft", "scheduled"]
        assert posts.targets(connection, of.village_id, of.post_id) == [of]
        assert posts.listed(connection, other) == []
        with pytest.raises(posts.UnknownPost):
            posts.get(connection, other, of.post_id)
        with pytest.raises(promo.targets.UnknownTarget):
            posts.cancel(connection, other, of.id, at=now, clock=making.StillClock())
        assert posts.attempts(connection, other, of.id) == []
