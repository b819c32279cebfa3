"""Posts that a network keeps in its own calendar: handed over early so that they go out even when our computer is off, minded until they
are out, and moved or taken back there when somebody here says so."""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from promo import accounts, journal, networks, targets
from promo.clock import Clock
from promo.networks import Absent, Access, Failure, Found, Handing, Held
from promo.runs import Runner, Work, as_failure
from promo.tables import account, target
from promo.targets import Target
from promo.writing import writing

AFTER = timedelta(minutes=2)  # its time, before we look whether it went out
_AGAIN = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1))
_TOO_LONG = timedelta(hours=3)  # after its time in the network's calendar, a person is asked
_NO_SOONER = timedelta(seconds=2)
TAKING_BACK, MOVING = "taking_back", "moving"  # what somebody here wishes for a post that is there: the reason it waits


class HandingRunner(Runner):
    """A runner that also knows networks with a calendar of their own."""

    def run(self, of: Target) -> str:
        """As a runner does; what is handed over is minded."""
        if of.state != "handed_over":
            return super().run(of)
        work = self._work(of)
        return work if isinstance(work, str) else self._counted(of, work, self._mind)

    def _send(self, of: Target, work: Work) -> str:
        wait = of.due_at - self._now()
        if wait <= _NO_SOONER:
            return super()._send(of, work)
        network = work.network
        if not isinstance(network, Handing) or not network.keeps(work.access, wait):
            return self._again(of, "scheduled", of.due_at)  # it was prepared early, but its time is when we send it ourselves
        return self._call(of, work, "hand_over", lambda held: network.hand_over(work.access, work.outgoing, held.draft, of.due_at))

    def _kept(self, of: Target, call_id: int, outcome: str, seen: Held) -> str:
        with writing(self._engine) as connection:
            journal.end(connection, call_id, outcome=outcome, at=self._now())
        return self._again(of, "handed_over", self._look_at(of), remote_id=seen.remote_id)

    def _mind(self, of: Target, work: Work) -> str:
        """Look what became of it, then do what is wished for."""
        network = work.network
        if not isinstance(network, Handing) or of.remote_id is None:
            return self._leave(of, "needs_person", "unknown_network")
        remote_id = of.remote_id
        seen = self._asked(of, "held", lambda: network.held(work.access, remote_id))
        if isinstance(seen, str):
            return seen
        if isinstance(seen, Found):
            with writing(self._engine) as connection:
                targets.publish(connection, of, remote_id=remote_id, permalink=seen.permalink, at=max(of.due_at, of.made_at))
            return "published"
        if isinstance(seen, Absent):
            return self._is_gone(of)
        return self._wished(of, work.access, network, remote_id)

    def _wished(self, of: Target, access: Access, network: Handing, remote_id: str) -> str:
        wait = of.due_at - self._now()
        if of.reason == MOVING and network.keeps(access, wait):
            done = self._asked(of, "move", lambda: network.move(access, remote_id, of.due_at))
            return done if isinstance(done, str) else self._again(of, "handed_over", self._look_at(of))
        if of.reason in (TAKING_BACK, MOVING):
            done = self._asked(of, "take_back", lambda: network.take_back(access, remote_id))
            return done if isinstance(done, str) else self._is_gone(of)
        if -wait > _TOO_LONG:
            return self._leave(of, "needs_person", "kept_too_long")
        return self._again(of, "handed_over", self._look_at(of))

    def _is_gone(self, of: Target) -> str:
        """It is in nobody's calendar any more: as was wished, or because somebody deleted it over there."""
        if of.reason == TAKING_BACK:
            with writing(self._engine) as connection:
                done = targets.advance(connection, of, "cancelled", next_at=None, generation=of.generation + 1, sending_at=None)
            return "cancelled" if done else "over"
        if of.reason == MOVING:
            return self._again(of, "scheduled", max(self._now(), of.due_at), sending_at=None, remote_id=None, tries=0)
        return self._leave(of, "needs_person", "gone_there")

    def _asked(self, of: Target, step: str, ask: Callable[[], object]) -> object:
        """What the network answered, or the state in which the target is left when it did not."""
        with writing(self._engine) as connection:
            call_id = self._begin(connection, of, step)
        try:
            seen = ask()
        except Exception as error:
            return self._not_answered(of, call_id, as_failure(error))
        names = {Found: "found", Held: "held", Absent: "absent"}
        with writing(self._engine) as connection:
            journal.end(connection, call_id, outcome=names.get(type(seen), "done"), at=self._now())
        return seen

    def _not_answered(self, of: Target, call_id: int, failure: Failure) -> str:
        """All of these calls may be made again; until one is answered the post stays where it is."""
        with writing(self._engine) as connection:
            journal.end(connection, call_id, outcome=failure.kind, at=self._now(), failure=failure)
        if failure.kind == "account":
            return self._wait_for_account(of)
        if self._now() - of.due_at > _TOO_LONG:
            return self._leave(of, "needs_person", "cannot_look")
        pause = timedelta(seconds=max(30.0, failure.retry_after or 0.0))
        return self._again(of, "handed_over", self._now() + pause, reason=of.reason)

    def _wait_for_account(self, of: Target, *, nothing_sent: bool = False) -> str:
        if of.state != "handed_over":
            return super()._wait_for_account(of, nothing_sent=nothing_sent)
        with writing(self._engine) as connection:  # the network sends it all the same; only we cannot see it now
            accounts.needs_login(connection, of.village_id, of.account_id)
        return self._again(of, "handed_over", self._now() + _AGAIN[1], reason=of.reason)

    def _look_at(self, of: Target) -> datetime:
        """Shortly after its time, then less and less often."""
        late = self._now() - of.due_at
        return max(
            of.due_at + AFTER,
            self._now() + next((pause for pause in _AGAIN if late < pause), _AGAIN[-1]) if late > AFTER else of.due_at + AFTER,
        )


def wanted(connection: sa.Connection, now: datetime, *, most: int = 200) -> list[tuple[int, int]]:
    """[(id, generation)] of scheduled targets that their network would keep from now on."""
    takers = _takers(connection)
    if not takers:
        return []
    where = (target.c.account_id.in_(list(takers)), target.c.state == "scheduled", target.c.due_at > now, target.c.next_at > now)
    rows = connection.execute(sa.select(target.c.id, target.c.generation, target.c.account_id, target.c.due_at).where(*where).limit(most))
    return [(row.id, row.generation) for row in rows if takers[row.account_id](row.due_at - now)]


def begin(connection: sa.Connection, clock: Clock, now: datetime) -> int:
    """Wake for all of these now; how many. Part of the publisher's sweep."""
    begun = 0
    for target_id, generation in wanted(connection, now):
        if targets.renew(connection, target_id, generation, at=now):
            clock.at(connection, target_id, generation + 1, now, now=now)
            begun += 1
    return begun


def doubt(connection: sa.Connection, *, at: datetime) -> int:
    """After a backup was restored: what had been handed over since is in the network's calendar and not in ours, so it is looked for
    first; how many."""
    unsent = ("scheduled", "claimed", "preparing", "ready", "waiting")
    where = (target.c.account_id.in_(list(_takers(connection))), target.c.state.in_(unsent), target.c.due_at > at)
    values = {"state": "reconciling", "reason": "maybe", "next_at": at, "sending_at": at, "generation": target.c.generation + 1}
    return connection.execute(target.update().where(*where).values(**values)).rowcount


def wish(connection: sa.Connection, of: Target, reason: str, *, at: datetime, clock: Clock, **values: object) -> Target | None:
    """Somebody wants a post that is handed over moved or taken back: the publisher does it there, at once. None if another was faster."""
    done = targets.advance(connection, of, "handed_over", reason=reason, next_at=at, generation=of.generation + 1, **values)
    if done is not None:
        clock.move(connection, of.id, done.generation, at, now=at)
    return done


def _takers(connection: sa.Connection) -> dict[int, Callable[[timedelta], bool]]:
    """{account: would its network keep a post that is due in so long?} of the open accounts that want it."""
    found: dict[int, Callable[[timedelta], bool]] = {}
    handing = [name for name in networks.names() if isinstance(networks.get(name), Handing)]
    rows = connection.execute(
        sa.select(account.c.id, account.c.network, account.c.fields).where(account.c.state == "open", account.c.network.in_(handing))
    )
    for row in rows:
        network = networks.get(row.network)
        if isinstance(network, Handing) and network.keeps(Access(row.fields, {}), timedelta(days=1)):
            found[row.id] = lambda wait, network=network, fields=row.fields: network.keeps(Access(fields, {}), wait)  # type: ignore[misc]
    return found
