"""Runs against a network that answers anything at all: nothing is sent again unless nothing was sent, or its absence was proved."""

import contextlib
import itertools
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import making
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promo import posts, targets
from promo.accounts import Sealer
from promo.networks import KINDS, SENT, Absent, CannotTell, Failure, Found, Limits, Sent
from promo.runs import Pace, Runner
from storefront import database

TIMEOUT, SETTLE = 10.0, 900.0
failures = st.builds(Failure, st.sampled_from(KINDS), sent=st.sampled_from(SENT), status=st.sampled_from([None, 400, 500]))
publishes = st.lists(failures | st.just("sent") | st.just("killed"), min_size=1, max_size=6)
looks = st.lists(
    st.sampled_from([Absent(), CannotTell(), Found("1"), Failure("network", sent="no"), Failure("account", sent="no")]), min_size=1
)


class Killed(BaseException):
    """The process is gone in the middle of a call."""


class Anything:
    """A network that answers what it is told to, and checks that it is never asked to publish without a reason."""

    def __init__(self, answers: list[Any], seen: list[Any], exactly_once: str, now: list[datetime]) -> None:
        self.LIMITS = Limits(text=2_200, pictures=10, picture_bytes=1_000_000, timeout=TIMEOUT, settle=SETTLE, exactly_once=exactly_once)
        self.answers, self.seen, self.now = itertools.cycle(answers), itertools.cycle(seen), now
        self.may_be_out: datetime | None = None  # since when something may be visible that nobody has looked for
        self.without_reason = 0

    def calls_left(self, *_: Any) -> int:
        return 0

    def publish(self, *_: Any) -> Sent:
        self.without_reason += self.may_be_out is not None and self.LIMITS.exactly_once != "key"
        answer = next(self.answers)
        if answer == "sent":
            return Sent("1")
        if answer == "killed":
            self.may_be_out = self.now[0]
            raise Killed
        if answer.sent != "no" or answer.kind == "duplicate":
            self.may_be_out = self.now[0]
        raise answer

    def reconcile(self, *_: Any) -> Any:
        answer = next(self.seen)
        if isinstance(answer, Failure):
            raise answer
        is_settled = self.may_be_out is not None and (self.now[0] - self.may_be_out).total_seconds() >= TIMEOUT + SETTLE
        if isinstance(answer, Absent) and is_settled:
            self.may_be_out = None
        return answer


@settings(max_examples=making.rounds(25, 500), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    answers=publishes,
    seen=looks,
    exactly_once=st.sampled_from(["marker", "two_phase", "none", "key"]),
    steps=st.lists(st.integers(1, 4_000), min_size=12, max_size=12),
)
def test_whatever_a_network_answers_nothing_is_sent_again_without_proof(
    tmp_path: Path, sqlite_template: Path, answers: list[Any], seen: list[Any], exactly_once: str, steps: list[int]
) -> None:
    path = tmp_path / "one.db"
    shutil.copy(sqlite_template, path)
    engine, now = database.open_engine(f"sqlite:///{path}"), [making.NOW]
    network = Anything(answers, seen, exactly_once, now)
    clock, sealer = making.StillClock(), Sealer("a secret for the tests only")
    given: dict[str, Any] = {"worker": "w", "pace": Pace(), "now": lambda: now[0], "stopping": lambda: False}
    runner = Runner(engine, clock, lambda _: b"", sealer, network_of=lambda _: SimpleNamespace(**_members(network)), **given)
    target_id = _schedule(engine, clock)
    for step in steps:
        with engine.begin() as connection:
            of = targets.find(connection, target_id)
        assert of is not None
        if of.is_open and of.next_at is not None and of.next_at <= now[0]:
            with contextlib.suppress(Killed):
                runner.run(of)
        now[0] += timedelta(seconds=step)
    engine.dispose()
    path.unlink()
    assert network.without_reason == 0


def _members(network: Anything) -> dict[str, Any]:
    return {name: getattr(network, name) for name in ("LIMITS", "calls_left", "publish", "reconcile")}


def _schedule(engine: sa.Engine, clock: Any) -> int:
    with engine.begin() as connection:
        village_id = making.village(connection)
        values = {"network": "practice", "format": "portrait", "caption": "Keripik apel", "link_id": None, "link_url": None}
        values |= {"account_id": making.account(connection, village_id).id, "post_id": making.post(connection, village_id).id}
        values |= {"media": [{"sha256": "0" * 64, "alt": ""}], "marker": "A1", "due_at": making.NOW, "at": making.NOW}
        return posts.schedule(connection, village_id=village_id, clock=clock, **values, late_policy="within", late_hours=168).id
