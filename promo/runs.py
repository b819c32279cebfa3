"""One run of one target: prepare, write down that we are sending, send, and look before anything is ever sent again.

Nothing here trusts that it is alone or that it will live: each step is committed before the next, every write is held to the state and
generation it was read in, and what a dead run left at `sending` is looked for on the network, never guessed.
"""

import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from promo import accounts, budgets, decisions, journal, lateness, networks, targets, turns
from promo.accounts import Account, Sealer
from promo.clock import Clock
from promo.networks import Absent, Access, Failure, Found, Held, Network, Outgoing, Picture, Sent
from promo.targets import Target
from promo.writing import together, writing

_log = logging.getLogger("gapura.publisher")
_TOO_EARLY = timedelta(seconds=2)
_STALLED = 5.0  # seconds between writing `sending` and calling, after which another worker may have taken over
_SPREAD = 0.3  # of a pause, added at random
_PROVED = 30.0  # seconds: even asked by its own id a network may still have our call in hand, and take it after we looked
_CLOCKS_DIFFER = timedelta(hours=26)  # a clock that is wrong by the hour, or shows a zone's time for UTC, must not hide a post from a look
_LOOKING = ("sending", "reconciling")


@dataclass(frozen=True)
class Pace:
    """How long things take, in seconds; None leaves it to the network's own LIMITS."""

    timeout: float | None = None
    settle: float | None = None
    back_off: Sequence[float] = decisions.BACK_OFF
    patience: float = 24 * decisions.HOUR  # how long we try to look before a person is asked to
    sendings: int = 5  # so often a post is sent that never appears


@dataclass(frozen=True)
class Work:
    """Everything one run needs, read once."""

    network: Network
    account: Account
    access: Access
    outgoing: Outgoing
    settle: float


class Runner:
    """Carries out runs; `stopping` is asked before anything visible is begun, and of a time that went by no more is believed than the
    `certain` seconds; without it the clock is."""

    def __init__(
        self,
        engine: sa.Engine,
        clock: Clock,
        read_media: Callable[[str], bytes],
        sealer: Sealer,
        *,
        worker: str,
        pace: Pace,
        now: Callable[[], datetime],
        stopping: Callable[[], bool],
        given: Mapping[str, str] | None = None,
        address: Callable[[str], str] | None = None,
        network_of: Callable[[str], Network] = networks.get,
        certain: Callable[[], float] | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._read_media = read_media
        self._sealer = sealer
        self._worker = worker
        self._pace = pace
        self._now = now
        self._stopping = stopping
        self._given = given
        self._address = address
        self._network_of = network_of
        self._certain = certain

    def run(self, of: Target) -> str:
        """Bring a target that this worker has in hand as far as it goes now; the state it is in afterwards, or `over` if another was
        faster."""
        if of.state in _LOOKING:
            work = self._work(of)
            return work if isinstance(work, str) else self._counted(of, work, self._look)
        if (left := lateness.verdict(of, self._now())) is not None:
            return self._leave(of, *left)
        if of.frozen_sha is not None and of.fingerprint != of.frozen_sha:  # not what was agreed to: nobody sends that
            return self._leave(of, "needs_person", "changed")
        with self._reading() as connection:
            rest = turns.rest_of(connection, of.account_id, self._now())
        if rest is not None:
            return self._again(of, "waiting", rest.until, reason=rest.reason)
        work = self._work(of)
        if isinstance(work, str):
            return work
        return self._counted(of, work, self._prepare, work.network.calls_left(work.access, work.outgoing, of.draft) + 1)

    def _counted(self, of: Target, work: Work, step: Callable[[Target, Work], str], calls: int = 0) -> str:
        """Do it, if the village still has so many calls in this hour; to look at what may be visible needs no leave."""
        with budgets.counted(self._engine, work.account, work.access, calls, self._now) as rest:
            if rest is None:
                return step(of, work)
        return self._again(of, "waiting", rest.until, reason=rest.reason)

    def come_back(self, target_id: int, generation: int) -> str:
        """Woken for what cannot be taken in hand: if only because it is too early (the machine's clock was set back), wake again."""
        with self._reading() as connection:
            of = targets.find(connection, target_id)
        if of is None or of.generation != generation or not of.is_open or of.next_at is None or of.lease_by is not None:
            return "over"
        return self._again(of, of.state, of.next_at, reason=of.reason) if of.next_at - self._now() > _TOO_EARLY else "over"

    def _work(self, of: Target) -> Work | str:
        """What the run needs, or the state in which the target was left because something is missing."""
        try:
            network = self._network_of(of.network)
        except networks.UnknownNetwork:
            return self._leave(of, "needs_person", "unknown_network")
        timeout = self._pace.timeout or network.LIMITS.timeout
        settle = network.LIMITS.settle if self._pace.settle is None else self._pace.settle
        with self._reading() as connection:
            account = accounts.get(connection, of.village_id, of.account_id)
        if account.state == "removed":
            return self._leave(of, "needs_person", "account_removed")
        try:
            access = accounts.access(account, self._sealer, timeout=timeout, given=self._given)
        except accounts.CannotUnseal:
            return self._wait_for_account(of)
        if account.state != "open":
            return self._wait_for_account(of)
        try:
            pictures = tuple(self._picture(one["sha256"], one["alt"]) for one in of.media)
        except (OSError, LookupError):
            if of.state not in (*_LOOKING, "handed_over"):
                return self._leave(of, "rejected", "media_missing")
            pictures = ()
        return Work(network, account, access, Outgoing(of.caption, pictures, of.marker, of.link_url, of.format), settle)

    def _picture(self, sha256: str, alt: str) -> Picture:
        return Picture(sha256, alt, self._read_media(sha256), self._address(sha256) if self._address else None)

    def _prepare(self, of: Target, work: Work) -> str:
        """Everything that nobody sees: one call after the other, each remembered."""
        while work.network.calls_left(work.access, work.outgoing, of.draft) > 0 and not self._stopping():
            begun = self._begun("prepare", _moved(of, "preparing", next_at=self._now()))
            if begun is None:
                return "over"
            held, call_id = begun
            try:
                draft = work.network.prepare(work.access, work.outgoing, held.draft)
            except Exception as error:  # whatever a network's file lets through becomes a failure with a rule
                return self._failed(held, "prepare", call_id, as_failure(error))
            after = self._ended(call_id, "done", _moved(held, "preparing", draft=draft))
            if after is None:
                return "over"
            of = after
        if self._stopping():
            return self._again(of, of.state, self._now(), reason=of.reason)
        return self._send(of, work)

    def _send(self, of: Target, work: Work) -> str:
        return self._call(of, work, "publish", lambda held: work.network.publish(work.access, work.outgoing, held.draft))

    def _call(self, of: Target, work: Work, step: str, send: Callable[[Target], Sent | Held]) -> str:
        """The one visible call. That it is about to be made is on disk before it is made."""
        begun = self._begun(step, lambda connection: targets.begin_sending(connection, of, at=self._now()))
        if begun is None:
            return "over"
        held, call_id = begun
        committed = time.monotonic()
        try:
            # Whoever was frozen here (a laptop closed, a machine out of memory) must not wake up and send what another has taken over.
            if time.monotonic() - committed > _STALLED or self._since(held) > _STALLED + 1:
                raise Failure("network", sent="no")
            sent = send(held)
        except Exception as error:
            return self._failed(held, "publish", call_id, as_failure(error), exactly_once=work.network.LIMITS.exactly_once)
        return self._kept(held, call_id, "done", sent) if isinstance(sent, Held) else self._published(held, call_id, "done", sent)

    def _look(self, of: Target, work: Work) -> str:
        """A call may have had an effect that we do not know: look, and send again only when it is proved that it had none."""
        sure = work.access.timeout  # by then our own call has certainly ended
        if self._passed(of) < sure and of.state == "sending":
            return self._again(of, "reconciling", self._now() + timedelta(seconds=sure - self._passed(of)), reason="maybe")
        begun = self._begun("reconcile", _moved(of, "reconciling", next_at=self._now(), reason=of.reason or "maybe"))
        if begun is None:
            return "over"
        held, call_id = begun
        try:
            seen = work.network.reconcile(work.access, work.outgoing, held.draft, self._sent_at(held) - _CLOCKS_DIFFER)
        except Exception as error:
            return self._could_not_look(held, call_id, as_failure(error))
        if isinstance(seen, Found):
            return self._published(held, call_id, "found", seen)
        if isinstance(seen, Held):
            return self._kept(held, call_id, "held", seen)
        with writing(self._engine) as connection:
            journal.end(connection, call_id, outcome="absent" if isinstance(seen, Absent) else "cannot_tell", at=self._now())
        if not isinstance(seen, Absent):
            return self._leave(held, "needs_person", "cannot_tell")
        settle = _settle(work, seen)
        if self._passed(held) < sure + settle:
            settled_at = self._now() + timedelta(seconds=sure + settle - self._passed(held))
            return self._again(held, "reconciling", min(settled_at, self._next_look(held)), reason=held.reason)
        if held.reason == "restricted":  # not live, and a network that restricts an account must not be pressed
            return self._leave(held, "needs_person", "policy", sending_at=None)
        if held.tries >= self._pace.sendings:
            return self._leave(held, "needs_person", "never_seen")
        return self._again(held, "ready", self._now(), sending_at=None, draft=() if seen.draft_is_gone else held.draft)

    def _could_not_look(self, of: Target, call_id: int, failure: Failure) -> str:
        decision = decisions.decide("reconcile", failure, 0)
        with writing(self._engine) as connection:
            journal.end(connection, call_id, outcome=failure.kind, at=self._now(), failure=failure)
        if decision.after is None:
            return self._wait_for_account(of)
        if self._since(of) > self._pace.patience:
            return self._leave(of, "needs_person", "cannot_look")
        at = max(self._next_look(of), self._now() + timedelta(seconds=decision.after))
        return self._again(of, "reconciling", at, reason=of.reason)

    def _failed(self, of: Target, step: str, call_id: int, failure: Failure, *, exactly_once: str = "marker") -> str:
        """Write down how the call failed and do what the table says."""
        with writing(self._engine) as connection:
            before = journal.of_target(connection, of.village_id, of.id)[:-1]
            journal.end(connection, call_id, outcome=failure.kind, at=self._now(), failure=failure)
        failures = journal.failures_in_a_row(before)
        decision = decisions.decide(step, failure, failures, exactly_once=exactly_once, back_off=self._pace.back_off)
        if decision.action == "reconcile":
            return self._again(of, "reconciling", self._now() + timedelta(seconds=max(1.0, decision.after or 0)), reason=decision.reason)
        if failure.kind == "account":
            return self._wait_for_account(of, nothing_sent=True)
        if decision.action in ("reject", "person"):
            state = "rejected" if decision.action == "reject" else "needs_person"
            return self._leave(of, state, decision.reason, sending_at=None)
        draft = () if failure.kind == "draft_gone" else of.draft
        after = decision.after or 0
        spread = after * (1 + _SPREAD * random.random())  # noqa: S311 - so that all who failed together do not come back together
        at = self._now() + timedelta(seconds=spread)
        return self._again(of, "waiting", at, reason=decision.reason, sending_at=None, draft=draft)

    def _wait_for_account(self, of: Target, *, nothing_sent: bool = False) -> str:
        with writing(self._engine) as connection:
            accounts.needs_login(connection, of.village_id, of.account_id)
        if of.state in _LOOKING and not nothing_sent:
            return self._leave(of, "reconciling", "account")
        return self._leave(of, "waiting", "account", sending_at=None)

    def _kept(self, of: Target, call_id: int, outcome: str, seen: Held) -> str:
        """The network has it in its own calendar: HandingRunner knows what follows."""
        raise NotImplementedError

    def _published(self, of: Target, call_id: int, outcome: str, seen: Sent | Found) -> str:
        def write(connection: sa.Connection) -> Target | None:
            return targets.publish(connection, of, remote_id=seen.remote_id, permalink=seen.permalink, at=self._now())

        done = self._ended(call_id, outcome, write)
        return "published" if done else "over"

    def _again(self, of: Target, state: str, at: datetime, **values: object) -> str:
        """The next run, at this time: a new generation and its waking in one transaction."""
        state = "scheduled" if state == "claimed" else state

        def write(connection: sa.Connection) -> Target | None:
            done = targets.advance(connection, of, state, next_at=at, generation=of.generation + 1, **values)
            if done is not None:
                self._clock.at(connection, done.id, done.generation, at, now=self._now())
            return done

        done = together(self._engine, write)
        return state if done else "over"

    def _leave(self, of: Target, state: str, reason: str, **values: object) -> str:
        """No further run until a person has acted."""
        with writing(self._engine) as connection:
            done = targets.advance(connection, of, state, reason=reason, next_at=None, generation=of.generation + 1, **values)
        return state if done else "over"

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        # `reading` is the sign on which SQLite begins without the lock of a writer; PostgreSQL does not mind it.
        with self._engine.connect() as connection, connection.execution_options(reading=True).begin():
            yield connection

    def _begun(self, step: str, advance: Callable[[sa.Connection], Target | None]) -> tuple[Target, int] | None:
        """The target as it is now and the id of the call, on the disk before the call is made; None if another was faster."""

        def write(connection: sa.Connection) -> tuple[Target, int] | None:
            held = advance(connection)
            return None if held is None else (held, self._begin(connection, held, step))

        return together(self._engine, write)

    def _ended(self, call_id: int, outcome: str, advance: Callable[[sa.Connection], Target | None]) -> Target | None:
        def write(connection: sa.Connection) -> Target | None:
            journal.end(connection, call_id, outcome=outcome, at=self._now())
            return advance(connection)

        return together(self._engine, write)

    def _begin(self, connection: sa.Connection, of: Target, step: str) -> int:
        return journal.begin(connection, village_id=of.village_id, target_id=of.id, step=step, worker=self._worker, at=self._now())

    def _sent_at(self, of: Target) -> datetime:
        return of.sending_at or of.due_at

    def _since(self, of: Target) -> float:
        return (self._now() - self._sent_at(of)).total_seconds()

    def _passed(self, of: Target) -> float:
        """Seconds since the call that are certain; after a start, or when the clock was set, they are counted anew."""
        since = self._since(of)
        if self._certain is None:
            return since
        return min(since, self._certain()) if since >= 0 else self._certain()

    def _next_look(self, of: Target) -> datetime:
        return self._now() + timedelta(seconds=max(1.0, min(60.0, self._since(of) / 2)))


def _moved(of: Target, to: str, **values: object) -> Callable[[sa.Connection], Target | None]:
    return lambda connection: targets.advance(connection, of, to, **values)


def as_failure(error: Exception) -> Failure:
    if isinstance(error, Failure):
        return error
    _log.error("a network's file raised %s", type(error).__name__)  # its text may hold a token
    return Failure("unknown", sent="maybe")


def _settle(work: Work, seen: Absent) -> float:
    """How long after the call's own end an absence is believed: at once only where a repeat cannot double."""
    if not seen.is_proof:
        return work.settle
    return 0.0 if work.network.LIMITS.exactly_once == "key" else min(work.settle, _PROVED)
