"""The publisher when the machine is turned upside down: told to stop under load, off for days, a clock that jumps, an upgrade."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions

from promo import posts
from promo.publisher import Publisher
from promo.runs import Pace
from promo.steady import Steady
from promo.tables import target, worker

HERE = Path(__file__).parent
JPEG = b"\xff\xd8\xff\xe0" + bytes(2_000) + b"\xff\xd9"
QUICK = Pace(timeout=1.0, settle=1.0, back_off=(0.2, 0.5, 1.0))


@contextmanager
def working(town: Any, pace: Pace = QUICK, **given: Any) -> Iterator[Publisher]:
    publisher = Publisher(town.engine, town.clock.url, lambda _: JPEG, town.sealer, pace=pace, poll=0.2, beat=0.5, grace=1.0, **given)
    publisher.start()
    try:
        yield publisher
    finally:
        publisher.stop(within=5)


def away(town: Any, of: Any, days: float, **policy: Any) -> None:
    """As if the whole machine had been off since before the post was due."""
    due = datetime.now(UTC) - timedelta(days=days)
    with town.engine.begin() as connection:
        connection.execute(target.update().where(target.c.id == of.id).values(due_at=due, next_at=due, **policy))


def test_after_three_days_off_the_policy_of_each_post_decides_and_says_so(town, practice, wait_until) -> None:
    skip, within, long, ask = (town.schedule(marker, due_in=3_600) for marker in ("SK1P", "W1TH1N", "L0NG", "ASK"))
    away(town, skip, 3, late_policy="skip")
    away(town, within, 3, late_policy="within", late_hours=6)
    away(town, long, 3, late_policy="within", late_hours=100)
    away(town, ask, 3, late_policy="ask")
    with working(town):
        wait_until(lambda: town.target(long.id).state == "published" and town.states()["needs_person"] == 1)
        wait_until(lambda: town.states()["expired"] == 2)
    ends = {one.marker: (one.state, one.reason) for one in town.targets()}
    assert ends == {
        "SK1P": ("expired", "late_skip"),
        "W1TH1N": ("expired", "late_over"),
        "L0NG": ("published", None),
        "ASK": ("needs_person", "late_ask"),
    }
    assert practice.counts() == {"L0NG": 1}


@pytest.mark.parametrize(("hours", "sent"), [(1, {"S00N", "LATER"}), (-1, set())])
def test_a_clock_that_jumps_an_hour_sends_nothing_twice_and_nothing_before_its_time(
    town, practice, wait_until, hours: int, sent: set[str]
) -> None:
    town.schedule("S00N", due_in=1)
    town.schedule("LATER", due_in=1_800)
    jump = timedelta(hours=hours)
    with working(town, now=lambda: datetime.now(UTC) + jump):
        if sent:
            wait_until(lambda: set(practice.counts()) == sent)
        else:  # set back, the run that wakes too early goes to sleep again until its time by the new clock
            wait_until(lambda: any(one.generation > 0 for one in town.targets() if one.marker == "S00N"))
            assert town.states() == {"scheduled": 2}
    assert practice.counts() == dict.fromkeys(sent, 1)


def test_an_hour_that_nobody_lived_through_proves_no_absence(town, practice, wait_until) -> None:
    practice.misbehave(seconds=6, error_after=1, lag=100)  # it is out, the answer says it is not, and the list shows it six seconds later
    of, jump = town.schedule("JUMP1"), [timedelta()]
    with working(town, Pace(timeout=0.5, settle=9.0), now=lambda: datetime.now(UTC) + jump[0]):
        wait_until(lambda: ("reconcile", "absent", None) in town.story(of.id))
        jump[0] = timedelta(hours=1)
        wait_until(lambda: town.target(of.id).state == "published")
    assert practice.counts() == {"JUMP1": 1}


@pytest.mark.parametrize("hours", [5, -1])
def test_a_clock_that_is_wrong_by_hours_hides_no_post_from_a_look(town, practice, wait_until, hours: int) -> None:
    practice.misbehave(seconds=1, error_after=1)
    wrong = timedelta(hours=hours)
    of = town.schedule("WR0NG")
    away(town, of, max(-hours, 0) / 24)
    with working(town, now=lambda: datetime.now(UTC) + wrong):
        wait_until(lambda: town.target(of.id).state == "published")
    assert practice.counts() == {"WR0NG": 1}
    assert ("reconcile", "found", None) in town.story(of.id)


def test_seconds_are_certain_only_since_the_clock_was_last_set() -> None:
    wall, passed = [datetime(2026, 11, 24, tzinfo=UTC)], [0.0]
    steady = Steady(lambda: wall[0], lambda: passed[0])
    seen = []
    for by, really in ((30, 30), (3_602, 2), (10, 10), (-3_590, 10), (31, 30)):
        wall[0], passed[0] = wall[0] + timedelta(seconds=by), passed[0] + really
        seen.append(steady.seconds())
    assert seen == [30, 0, 10, 0, 30]


def test_what_was_left_at_sending_is_looked_for_after_the_clock_was_set_back(town, practice, wait_until) -> None:
    practice.misbehave(seconds=1, error_after=1)
    of = town.schedule("BACK1")
    with working(town):
        wait_until(lambda: town.target(of.id).state == "reconciling" or town.target(of.id).state == "published")
    with working(town, now=lambda: datetime.now(UTC) - timedelta(minutes=2)):
        pass  # a machine whose clock is two minutes slow looks, or waits; it never sends
    with working(town):
        wait_until(lambda: town.target(of.id).state == "published")
    assert practice.counts() == {"BACK1": 1}


def test_told_to_stop_under_load_nothing_at_sending_is_guessed_at(town, practice, wait_until) -> None:
    practice.misbehave(seconds=30, slow=4)
    for number in range(24):
        town.schedule(f"L0AD{number:02}")
    command = [sys.executable, str(HERE / "publishing_worker.py"), town.clock.url, "1.0"]
    process = subprocess.Popen(command, env={"PYTHONPATH": str(HERE.parent.parent), "PATH": "/usr/bin:/bin"})
    wait_until(lambda: town.states()["sending"] >= 2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0
    with town.engine.begin() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(worker)).scalar_one() == 0
        assert connection.execute(sa.select(sa.func.count()).where(target.c.lease_by.is_not(None))).scalar_one() == 0
    practice.misbehave(seconds=0)
    with working(town):
        wait_until(lambda: town.states() == {"published": 24})
    assert practice.counts() == {f"L0AD{number:02}": 1 for number in range(24)}
    twice = [one.id for one in town.targets() if sum(step == "publish" for step, _, _ in town.story(one.id)) > 1]
    for target_id in twice:  # whoever was sent a second time had been looked for, and was not there
        steps = [(step, outcome) for step, outcome, _ in town.story(target_id)]
        assert ("reconcile", "absent") in steps[: max(place for place, step in enumerate(steps) if step[0] == "publish")]


def test_work_that_an_older_release_enqueued_still_runs(town, practice, wait_until) -> None:
    of = town.schedule("0LDER", due_in=3_600)
    client = DBOSClient(system_database_url=town.clock.url, application_name="gapura", serializer=DBOSPortableJSONSerializer())
    at = datetime.now(UTC)
    with town.engine.begin() as connection:
        connection.execute(target.update().where(target.c.id == of.id).values(due_at=at, next_at=at, generation=3))
        # The name, the queue and the one argument are what every release has promised to the next.
        options = EnqueueOptions(workflow_name="publish_target", queue_name="publisher", workflow_id=f"target-{of.id}-3")
        client.enqueue_in_transaction(connection, options, of.id)
    client.destroy()
    publisher = Publisher(town.engine, town.clock.url, lambda _: JPEG, town.sealer, pace=QUICK, poll=0.2, grace=600.0)
    publisher.start()
    wait_until(lambda: town.target(of.id).state == "published")
    publisher.stop(within=5)
    assert practice.counts() == {"0LDER": 1}


def test_words_changed_behind_the_approval_are_never_sent(town, practice, wait_until) -> None:
    of = town.schedule("TAMPER")
    with town.engine.begin() as connection:
        connection.execute(target.update().where(target.c.id == of.id).values(caption="Sesuatu yang lain"))
    with working(town):
        wait_until(lambda: town.target(of.id).state == "needs_person")
    assert town.target(of.id).reason == "changed"
    assert practice.counts() == {}
    with town.engine.begin() as connection:
        assert posts.cancel(connection, town.village_id, of.id, at=datetime.now(UTC), clock=town.clock).state == "cancelled"
