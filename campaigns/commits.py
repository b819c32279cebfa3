"""The database's side of the log of visits: one connection of its own, what it remembers of today's visitors, and how long commits take."""

import contextlib
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from campaigns import batches, marks, rollups
from campaigns.clicks import Click

MET = 100_000  # visitors of today's places that a log remembers to have counted, about 200 bytes each
# Seconds: a disk that takes this long for a commit is not waited for where everybody else waits too. Below it all are better off so: a
# thread of its own hands Python's lock to and fro at each statement, and on a busy machine 1.6 times as many scans were answered without.
QUICK = 0.004
PATIENT_MS = 30_000  # how long SQLite waits for another writer; nobody is kept waiting by it, see visits.PATIENCE
BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, float("inf"))  # seconds


@dataclass(frozen=True)
class Took:
    """How long commits took: `counts` of those up to each of BOUNDS, `total` in seconds."""

    counts: tuple[int, ...]
    total: float


class Commits:
    """Stores batches of clicks, one after the other: whoever calls sees to it that nobody else does meanwhile."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._connection: sa.Connection | None = None
        self._is_patient = True
        self._met: set[rollups.Seen] = set()
        self._met_on = self._round = 0
        self._usual = 0.0
        self._counts = [0] * len(BOUNDS)
        self._total = 0.0

    @property
    def is_quick(self) -> bool:
        """Whether a commit takes less time than handing it to another thread and back is worth: a file of SQLite on a sound disk."""
        return self._is_sqlite and self._usual < QUICK

    def took(self) -> Took:
        """How long commits took since the start."""
        return Took(tuple(self._counts), self._total)

    def store(self, clicks: Sequence[Click]) -> bool:
        """Keep and count these clicks; False when the database did not take them, as far as can be known."""
        return bool(self._store(clicks, is_patient=True))

    def store_late(self, clicks: Sequence[Click]) -> bool:
        """The same for clicks that waited in a spill: what they count for may have changed, so their links are looked at anew."""
        return bool(self._store(clicks, is_patient=True, is_late=True))

    def try_to_store(self, clicks: Sequence[Click]) -> bool | None:
        """The same without waiting for another writer; None: there is one, and nothing was tried. SQLite only."""
        return self._store(clicks, is_patient=False)

    def drop(self) -> None:
        """Give the connection up; the next batch opens another."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.close()
            self._connection = None

    def _store(self, clicks: Sequence[Click], *, is_patient: bool, is_late: bool = False) -> bool | None:
        started = time.perf_counter()
        try:
            connection = self._connection or self._open()
            if is_patient is not self._is_patient:
                self._be_patient(connection, is_patient)
            if not is_patient and not self._begins(connection):
                return None
            with connection.get_transaction() or connection.begin():
                self._forget_if_void(marks.met_round(connection))
                new = rollups.as_linked_now(connection, clicks) if is_late else clicks
                with batches.together(connection):
                    met = rollups.add_clicks(connection, new, self._met)
        except Exception:  # whatever it is, the visitor is answered, and the spill keeps the click
            self.drop()
            return False
        self._note(time.perf_counter() - started)
        self._remember(met)
        return True

    def _open(self) -> sa.Connection:
        self._connection = self._engine.connect()
        if self._is_sqlite:
            self._connection.detach()  # how patient this one is shall be nobody else's matter
        self._is_patient = True
        return self._connection

    def _be_patient(self, connection: sa.Connection, is_patient: bool) -> None:
        if self._is_sqlite:
            connection.connection.cursor().execute(f"PRAGMA busy_timeout={PATIENT_MS if is_patient else 0}")
        self._is_patient = is_patient

    def _begins(self, connection: sa.Connection) -> bool:
        """Begin, unless another connection is writing."""
        try:
            connection.begin()
        except OperationalError:
            self.drop()
            return False
        return True

    def _note(self, seconds: float) -> None:
        self._usual += (seconds - self._usual) / 8
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self._total += seconds

    def _forget_if_void(self, now: int) -> None:
        if now != self._round:
            self._met.clear()
            self._round = now

    def _remember(self, met: set[rollups.Seen]) -> None:
        """Who was counted is not asked for again, until another day begins or there are too many."""
        if not met:
            return
        day = max(one[0] for one in met)
        if len(self._met) + len(met) > MET or day > self._met_on:
            self._met.clear()
            self._met_on = day
        self._met |= met
