"""Whose turn it is, what a worker holds, and what becomes of a post that missed its time."""

from datetime import datetime, timedelta

import making
import pytest
import sqlalchemy as sa

from promo import lateness, posts, targets, turns
from promo.posts import TooLate
from promo.tables import target
from promo.targets import Target


def schedule(connection: sa.Connection, village_id: int, account_id: int, marker: str, at: datetime, **given: object) -> Target:
    values = {"network": "practice", "format": "portrait", "caption": "Keripik apel", "link_id": None, "link_url": None, "due_at": at}
    media = [{"sha256": "0" * 64, "alt": "Keripik apel"}]
    post_id = given.pop("post_id", None) or making.post(connection, village_id).id
    values |= {"village_id": village_id, "post_id": post_id, "account_id": account_id, "marker": marker, "media": media, "at": at}
    return posts.schedule(connection, clock=making.StillClock(), **{**values, **given})


def test_one_of_every_village_and_account_comes_before_a_second_of_any(engine: sa.Engine, now: datetime) -> None:
    with engine.begin() as connection:
        large, small = making.village(connection), making.village(connection, name="Sumberejo")
        one, two = (making.account(connection, large, title=title).id for title in ("Satu", "Dua"))
        other = making.account(connection, small).id
        first = [schedule(connection, large, one, f"A{number}", now).id for number in range(5)]
        second = [schedule(connection, large, two, f"B{number}", now).id for number in range(2)]
        third = [schedule(connection, small, other, f"C{number}", now).id for number in range(2)]
        order = turns.in_turn(connection, now)
        assert turns.in_turn(connection, now - timedelta(seconds=1)) == []
    assert set(order[:2]) == {first[0], third[0]}
    assert set(order[2:4]) == {second[0], third[1]}
    assert order[4:] == [first[1], second[1], *first[2:]]


def test_what_one_worker_holds_no_other_takes_until_it_is_let_go(engine: sa.Engine, now: datetime) -> None:
    forgotten: list[tuple[int, int]] = []
    with engine.begin() as connection:
        village_id = making.village(connection)
        account_id = making.account(connection, village_id).id
        ids = [schedule(connection, village_id, account_id, f"A{number}", now).id for number in range(3)]
    first = turns.Turns(engine, "worker-1", lambda: now, forgotten.extend)
    second = turns.Turns(engine, "worker-2", lambda: now, forgotten.extend)
    held = first.next()
    assert held is not None
    assert (held.state, held.lease_by) == ("claimed", "worker-1")
    assert forgotten == [(target_id, 0) for target_id in ids]
    assert second.next() is None
    assert second.take(ids[2], 0) is None
    with engine.begin() as connection:
        assert turns.let_go(connection, ["worker-1"], now) == [(target_id, 1) for target_id in ids]
        assert turns.let_go(connection, ["worker-1"], now) == []
    assert second.take(ids[2], 0) is None, "an old waking finds nothing to do"
    taken = second.take(ids[2], 1)
    assert taken is not None
    assert taken.lease_by == "worker-2"


def test_an_account_that_was_slowed_down_rests_with_all_its_posts(engine: sa.Engine, now: datetime) -> None:
    later = now + timedelta(minutes=5)
    with engine.begin() as connection:
        village_id = making.village(connection)
        account_id = making.account(connection, village_id).id
        of = schedule(connection, village_id, account_id, "A1", now)
        assert turns.rest_of(connection, account_id, now) is None
        connection.execute(target.update().where(target.c.id == of.id).values(state="waiting", reason="rate", next_at=later))
        assert turns.rest_of(connection, account_id, now) == (later, "rate")
        assert turns.rest_of(connection, account_id, later) is None


@pytest.mark.parametrize(
    ("policy", "hours", "late", "left"),
    [
        ("skip", 6, timedelta(minutes=14), None),
        ("skip", 6, timedelta(hours=1), ("expired", "late_skip")),
        ("within", 6, timedelta(hours=1), None),
        ("within", 6, timedelta(hours=5, minutes=59), None),
        ("within", 6, timedelta(days=3), ("expired", "late_over")),
        ("within", 100, timedelta(days=3), None),
        ("ask", 6, timedelta(hours=1), ("needs_person", "late_ask")),
        ("ask", 6, timedelta(hours=-1), None),
    ],
)
def test_the_policy_of_a_post_decides_what_becomes_of_a_missed_time(
    engine: sa.Engine, now: datetime, policy: str, hours: int, late: timedelta, left: tuple[str, str] | None
) -> None:
    with engine.begin() as connection:
        village_id = making.village(connection)
        account_id = making.account(connection, village_id).id
        of = schedule(connection, village_id, account_id, "A1", now, late_policy=policy, late_hours=hours)
    assert lateness.verdict(of, now + late) == left


def test_a_person_may_still_send_move_or_cancel_what_missed_its_time(engine: sa.Engine, now: datetime) -> None:
    given = {"at": now, "clock": making.StillClock()}
    with engine.begin() as connection:
        village_id = making.village(connection)
        account_id = making.account(connection, village_id).id
        for number, reason in enumerate(("late_ask", "late_ask", "maybe")):
            schedule(connection, village_id, account_id, f"A{number}", now - timedelta(days=0))
            where = target.c.marker == f"A{number}"
            connection.execute(target.update().where(where).values(state="needs_person", reason=reason, due_at=now - timedelta(days=3)))
        first, second, maybe = connection.execute(sa.select(target.c.id).order_by(target.c.id)).scalars()
        sent = posts.settle(connection, village_id, first, is_there=False, **given)
        assert (sent.state, sent.due_at, lateness.verdict(sent, now)) == ("scheduled", now, None)
        assert posts.cancel(connection, village_id, second, **given).state == "cancelled"
        with pytest.raises(TooLate):
            posts.cancel(connection, village_id, maybe, **given)


def test_every_state_leads_somewhere_and_only_two_are_the_end() -> None:
    assert {state for state, following in targets.NEXT.items() if not following} == {"published", "cancelled"}
    assert {state for following in targets.NEXT.values() for state in following} <= set(targets.STATES)
    needed = {"draft", "in_review", "approved", "scheduled", "claimed", "preparing", "ready", "sending", "published", "reconciling"}
    assert needed | {"waiting", "handed_over", "rejected", "needs_person", "expired", "cancelled"} == set(targets.STATES)
