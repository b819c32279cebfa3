"""The publisher: wakes for every due target, keeps its lease, takes over the runs of dead workers, and forgets nothing that is overdue."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from promo import clock, handing, networks, targets, turns
from promo.accounts import Sealer
from promo.clock import DurableClock
from promo.handing import HandingRunner
from promo.networks import Network
from promo.runs import Pace
from promo.steady import Steady
from promo.tables import worker
from promo.turns import Turns
from promo.watch import Told, Watch
from promo.writing import writing

_log = logging.getLogger("gapura.publisher")
_SWEEP_EVERY = 5.0
_PRUNE_EVERY = 6 * 3_600.0
_SOON = 60.0  # seconds: after a restore the engine knows of nothing, and what is due next is woken on time
_UNMOVED = 12  # times the grace: far longer than any one call may take


def _is_news(record: logging.LogRecord) -> bool:
    """A run that was begun and taken off the engine's list in the same moment is no trouble: its target is in somebody's hand."""
    return not (record.exc_info and type(record.exc_info[1]).__name__ == "DBOSAwaitedWorkflowCancelledError")


logging.getLogger("dbos").addFilter(_is_news)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Publisher:
    """Runs in its own threads beside a web server or alone; one in a process, any number on a database.

    `read_media(sha256)` gives a finished picture; `lease` is how many seconds a silent worker counts as living; `given` is what the
    installation sets for all accounts of a network: graph_url, graph_version; `address(sha256)` is where a network may fetch a picture;
    `told` hears of every post's new figures.
    """

    def __init__(
        self,
        engine: sa.Engine,
        database_url: str,
        read_media: Callable[[str], bytes],
        sealer: Sealer,
        *,
        pace: Pace | None = None,
        lease: float = 20.0,
        beat: float = 2.0,
        grace: float = 10.0,
        poll: float = 0.5,
        at_once: int = 16,
        given: Mapping[str, str] | None = None,
        address: Callable[[str], str] | None = None,
        network_of: Callable[[str], Network] = networks.get,
        told: Told | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.worker = f"worker-{secrets.token_hex(8)}"  # never used twice: two living processes of one name start each step twice
        self._engine = engine
        self._url = database_url
        self._clock = DurableClock(database_url)
        self._stop = threading.Event()
        self._keeper: threading.Thread | None = None
        self._at_work = 0
        self._quiet = threading.Condition()
        self._lease, self._beat, self._grace, self._poll, self._at_once = lease, beat, grace, poll, at_once
        self._now = now
        self._turns = Turns(engine, self.worker, now, self._clock.forget)
        self._steady = Steady(now)
        self._watch = Watch(engine, self._clock, sealer, worker=self.worker, now=now, given=given, told=told)
        self._runner = HandingRunner(
            engine,
            self._clock,
            read_media,
            sealer,
            worker=self.worker,
            pace=pace or Pace(),
            now=now,
            stopping=self._stop.is_set,
            given=given,
            address=address,
            network_of=network_of,
            certain=self._steady.seconds,
        )

    def start(self) -> None:
        """Begin; returns as soon as the engine is up. The database must be migrated."""
        with self._engine.connect():
            pass  # SQLite is in WAL before the engine opens it: later the switch can fail as "database is locked"
        self._clock.lay()
        self._heartbeat()  # the lease before the first claim
        with ThreadPoolExecutor(1, "publisher-start") as apart:  # DBOS refuses to be set up in a thread with an event loop
            apart.submit(self._launch).result()
        self._keeper = threading.Thread(target=self._keep, name="publisher-keeper", daemon=True)
        self._keeper.start()
        self._watch.start()
        _log.info("publisher %s started", self.worker)

    def _launch(self) -> None:
        config = DBOSConfig(
            name=clock.APPLICATION,
            system_database_url=self._url,
            application_version="1",  # the default is a hash of the source: runs of an older release would wait for ever
            executor_id=self.worker,
            log_level="ERROR",
            serializer=DBOSPortableJSONSerializer(),
            scheduler_polling_interval_sec=3_600,
        )
        DBOS(config=config)

        @DBOS.workflow(name=clock.WORKFLOW)
        def publish_target(target_id: int) -> str:
            return self._run(target_id, clock.generation_of(DBOS.workflow_id or ""))

        DBOS.launch()
        DBOS.register_queue(clock.QUEUE, worker_concurrency=self._at_once, polling_interval_sec=self._poll)

    def stop(self, *, within: float = 15.0) -> None:
        """End cleanly: nothing new is sent, calls under way may finish within so many seconds, the rest goes to whoever runs next."""
        self._stop.set()
        self._watch.stop()
        if self._keeper is not None:
            self._keeper.join(timeout=30)
        with self._quiet:
            self._quiet.wait_for(lambda: self._at_work == 0, timeout=within)
        DBOS.destroy(destroy_registry=True)
        self._clock.adopt([self.worker])
        self._let_go([self.worker])
        with writing(self._engine) as connection:
            connection.execute(worker.delete().where(worker.c.id == self.worker))
        self._clock.close()
        _log.info("publisher %s stopped", self.worker)

    def _run(self, target_id: int, generation: int) -> str:
        with self._quiet:
            self._at_work += 1
        try:
            of = self._turns.take(target_id, generation)
            outcome = self._runner.run(of) if of else self._runner.come_back(target_id, generation)
            self._go_round()
            return outcome
        except Exception as error:  # the sweep comes back to it
            _log.exception("run of target %s failed: %s", target_id, type(error).__name__)
            return "failed"
        finally:
            with self._quiet:
                self._at_work -= 1
                self._quiet.notify_all()

    def _go_round(self) -> None:
        """As long as more is due than the engine can wake one by one, take it up in turn."""
        while not self._stop.is_set() and (of := self._turns.next()) is not None:
            try:
                self._runner.run(of)
            except Exception as error:  # the sweep comes back to it; the next in turn is not held up by it
                _log.exception("run of target %s failed: %s", of.id, type(error).__name__)

    def _keep(self) -> None:
        swept, pruned = -_SWEEP_EVERY, time.monotonic()  # the first sweep is at once
        while not self._stop.is_set():
            try:
                self._steady.seconds()
                self._heartbeat()
                self._adopt()
                if time.monotonic() - swept >= min(_SWEEP_EVERY, self._grace):
                    swept = time.monotonic()
                    self._sweep()
                if time.monotonic() - pruned >= _PRUNE_EVERY:
                    pruned = time.monotonic()
                    self._clock.prune(clock.long_ago(self._now()))
            except Exception as error:  # a database that is away comes back
                _log.warning("keeper: %s", type(error).__name__)
            self._stop.wait(self._beat)

    def _heartbeat(self) -> None:
        with writing(self._engine) as connection:
            seen = {"seen_at": self._now()}
            if connection.execute(worker.update().where(worker.c.id == self.worker).values(**seen)).rowcount == 0:
                connection.execute(worker.insert().values(id=self.worker, **seen))

    def _adopt(self) -> None:
        """Give the runs of workers that have been silent for a lease to the living."""
        lease, now = timedelta(seconds=self._lease), self._now()
        silent = sa.or_(worker.c.seen_at < now - lease, worker.c.seen_at > now + lease)  # later than now: the clock was set back since
        with writing(self._engine) as connection:
            dead = list(connection.execute(sa.select(worker.c.id).where(silent, worker.c.id != self.worker)).scalars())
        if not dead:
            return
        adopted = self._clock.adopt(dead) + self._let_go(dead)
        with writing(self._engine) as connection:
            connection.execute(worker.delete().where(worker.c.id.in_(dead), silent))
        _log.warning("took over %s runs of %s silent workers", adopted, len(dead))

    def _let_go(self, dead: Sequence[str]) -> int:
        freed, done = 0, False
        while not done:
            now = self._now()
            with writing(self._engine) as connection:
                waiting = turns.let_go(connection, dead, now)
                for target_id, generation in waiting:
                    self._clock.at(connection, target_id, generation, now, now=now)
            freed, done = freed + len(waiting), not waiting
        return freed

    def _unpark(self, now: datetime) -> None:
        with writing(self._engine) as connection:
            for target_id, generation in targets.parked(connection):
                if targets.renew(connection, target_id, generation, at=now):
                    self._clock.at(connection, target_id, generation + 1, now, now=now)

    def _sweep(self) -> None:
        """Whatever is overdue or due soon and has no run gets one: nothing is lost, whatever happened to the engine's own record.

        A run that is under way but has not moved for long is not believed either: a new generation can only waste a look, never double.
        """
        now = self._now()
        unmoved = now - timedelta(seconds=self._grace * _UNMOVED)
        with writing(self._engine) as connection:
            living = list(connection.execute(sa.select(worker.c.id)).scalars())
            wanting = targets.wanting(connection, now + timedelta(seconds=_SOON), now=now, living=living)
        times = {(target_id, generation): when for target_id, generation, when in wanting}
        stuck = [one for one, when in times.items() if when < unmoved]
        lost = self._clock.lost([one for one in times if one not in stuck], living) + self._clock.lost(stuck, [], may_sleep=False)
        for target_id, generation in lost:
            when = max(now, times[target_id, generation])
            with writing(self._engine) as connection:
                if targets.renew(connection, target_id, generation, at=when):
                    self._clock.at(connection, target_id, generation + 1, when, now=now)
        if lost:
            _log.warning("%s targets had no run", len(lost))
        self._unpark(now)
        with writing(self._engine) as connection:
            handing.begin(connection, self._clock, now)
