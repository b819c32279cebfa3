"""What is looked after beside the publishing itself, in a thread of its own since networks may be slow: logins, first comments, results."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from promo import accounts, budgets, checkups, journal, networks, results, targets
from promo.accounts import Account, Sealer
from promo.clock import Clock
from promo.networks import Access, Commented, Counted, Failure, Network, Outgoing, Traced
from promo.results import Result
from promo.runs import as_failure
from promo.targets import Target
from promo.writing import writing

_log = logging.getLogger("gapura.publisher")
_LOGINS_EVERY = 60.0
_TIMEOUT = 20.0
_A_LOOK = 4  # calls that a look at a post's figures may want
_OVERLAP = timedelta(hours=4)  # what is in a network's calendar is learned some time after it went out
Told = Callable[[sa.Connection, Result, datetime], None]


class Watch:
    """One in a process, any number on a database: each look is claimed first. `told` hears of every post's new figures, in the very
    transaction that keeps them."""

    def __init__(
        self,
        engine: sa.Engine,
        clock: Clock,
        sealer: Sealer,
        *,
        worker: str,
        now: Callable[[], datetime],
        given: Mapping[str, str] | None = None,
        told: Told | None = None,
        every: float = 5.0,
    ) -> None:
        self._engine, self._clock, self._sealer, self._worker, self._now = engine, clock, sealer, worker, now
        self._given, self._told, self._every = given or {}, told, every
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._since: datetime | None = None  # everything published before this was taken up

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread = threading.Thread(target=self._keep, name="publisher-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; a look under way may be left behind, it does no harm."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _keep(self) -> None:
        looked = -_LOGINS_EVERY
        while not self._stop.wait(self._every):
            try:
                if time.monotonic() - looked >= _LOGINS_EVERY:
                    looked = time.monotonic()
                    self.look_at_logins()
                    with writing(self._engine) as connection:
                        budgets.prune(connection, self._now())
                self.look_at_results()
            except Exception as error:  # a database that is away comes back
                _log.warning("watch: %s", type(error).__name__)

    def look_at_logins(self) -> int:
        """Every login that is due; how many were looked at."""
        with writing(self._engine) as connection:
            mine = [of for of in checkups.due(connection, self._now()) if checkups.claim(connection, of, self._now())]
        for of in mine:
            if self._stop.is_set():
                break
            seen = checkups.look(of, self._sealer, self._given, self._engine, self._now)
            with writing(self._engine) as connection:
                checkups.keep(connection, of, seen, at=self._now(), clock=self._clock)
        return len(mine)

    def look_at_results(self) -> int:
        """Every post whose result is due; how many were looked at."""
        with writing(self._engine) as connection:
            if results.begin(connection, self._now(), since=self._since) == 0:
                self._since = self._now() - _OVERLAP
            mine = [(one, when) for one, when in results.due(connection, self._now()) if results.claim(connection, one, when, self._now())]
        for target_id, _ in mine:
            if self._stop.is_set():
                break
            self._look_at_result(target_id)
        return len(mine)

    def _look_at_result(self, target_id: int) -> None:
        with writing(self._engine) as connection:
            of = targets.find(connection, target_id)
            account = accounts.get(connection, of.village_id, of.account_id) if of else None
        if of is None or account is None or of.remote_id is None or of.published_at is None:
            return
        try:
            told = self._ask(of, account)
        except Failure as failure:
            with writing(self._engine) as connection:
                results.stumble(connection, of.id, failure.kind, published_at=of.published_at, at=self._now())
            return
        with writing(self._engine) as connection:
            results.keep(connection, of.id, told, published_at=of.published_at, at=self._now())
            if self._told is not None:
                self._told(connection, results.of_targets(connection, of.village_id, [of.id])[of.id], self._now())

    def _ask(self, of: Target, account: Account) -> Mapping[str, int | None]:
        """Comment, address and figures; any failure leaves the rest for the next look."""
        if account.state == "removed":
            raise Failure("account", sent="no")
        try:
            access = accounts.access(account, self._sealer, timeout=_TIMEOUT, given=self._given)
            network = networks.get(of.network)
        except (accounts.CannotUnseal, networks.UnknownNetwork):
            raise Failure("account", sent="no") from None
        with budgets.counted(self._engine, account, access, _A_LOOK, self._now) as rest:
            if rest is not None:  # posts that are due go before figures
                raise Failure("rate", sent="no")
            try:
                return self._told_by(network, access, of)
            except Exception as error:  # whatever a network's file lets through
                raise as_failure(error) from None

    def _told_by(self, network: Network, access: Access, of: Target) -> Mapping[str, int | None]:
        outgoing, remote_id = Outgoing(of.caption, (), of.marker, of.link_url, of.format), of.remote_id or ""
        if isinstance(network, Traced):
            remote_id = self._trace(network, access, outgoing, of)
        if isinstance(network, Commented) and access.fields.get("first_comment"):
            self._comment(network, access, outgoing, of, remote_id)
        return network.metrics(access, remote_id) if isinstance(network, Counted) else {}

    def _trace(self, network: Traced, access: Access, outgoing: Outgoing, of: Target) -> str:
        """The post's own number by now; where it stands is written down when it is new."""
        remote_id = of.remote_id or ""
        if of.permalink:
            return remote_id
        found = network.trace(access, outgoing, remote_id, of.sending_at or of.due_at)
        if found is None:
            return remote_id
        with writing(self._engine) as connection:
            results.place(connection, of.id, remote_id=found.remote_id, permalink=found.permalink)
        return found.remote_id

    def _comment(self, network: Commented, access: Access, outgoing: Outgoing, of: Target, remote_id: str) -> None:
        """One attempt: it is on disk before it is made, and made again only when it certainly reached nobody."""
        with writing(self._engine) as connection:
            if not results.may_comment(connection, of.id, self._now()):
                return
            about = {"village_id": of.village_id, "target_id": of.id, "step": "comment", "worker": self._worker}
            call_id = journal.begin(connection, **about, at=self._now())  # type: ignore[arg-type]
        try:
            network.comment(access, outgoing, remote_id)
        except Exception as error:
            failure = as_failure(error)
            with writing(self._engine) as connection:
                journal.end(connection, call_id, outcome=failure.kind, at=self._now(), failure=failure)
                if failure.sent == "no" and failure.kind in ("network", "server", "rate", "account", "not_ready"):
                    results.take_back_comment(connection, of.id)
            return
        with writing(self._engine) as connection:
            journal.end(connection, call_id, outcome="done", at=self._now())
