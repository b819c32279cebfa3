"""The durable log of visits: scans and clicks, answered when they are on disk, and what people did after they came."""

import asyncio
import contextlib
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from campaigns import funnels, rollups
from campaigns.clicks import Click
from campaigns.commits import Commits, Took
from campaigns.spills import Spill
from campaigns.tables import click, outcome

__all__ = ["Click", "Counts", "Log", "record", "write"]

LARGEST = 1_000  # clicks in one transaction
CROWD = 20_000  # clicks waiting; more are spilled at once, so that memory has a limit
PATIENCE = 0.25  # seconds a visitor waits for a slow database before the click is spilled and answered
SHORT_PATIENCE = 0.01  # while the database is known to be stuck: just long enough to spill several together
AGAIN = 1.0  # seconds after a failure until the database is tried again


def record(
    connection: sa.Connection,
    *,
    village_id: int,
    zone: str,
    kind: str,
    link_id: int | None = 0,
    click_key: int | None = None,
    subject_id: int | None = None,
    rupiah: int = 0,
    at: datetime,
) -> None:
    """An outcome and its count, in the caller's transaction.

    `kind` is view, cart, whatsapp (a question), order, handover (the order's text goes to WhatsApp), reduced (a part of an order called
    off), cancelled (its last part) or done; `rupiah` is never negative: reports take off what was called off. `link_id` and `click_key`
    are those of the click the person came by.
    """
    day = at.astimezone(ZoneInfo(zone)).date()
    for step in funnels.newly_reached(connection, village_id, click_key, kind):
        rollups.add_outcome(connection, village_id=village_id, day=day, link_id=link_id or 0, kind=step, rupiah=0)
    row = {"at": at, "day": day, "village_id": village_id, "link_id": link_id or 0, "click_key": click_key}
    connection.execute(outcome.insert().values(kind=kind, subject_id=subject_id, rupiah=rupiah, **row))
    rollups.add_outcome(connection, village_id=village_id, day=day, link_id=link_id or 0, kind=kind, rupiah=rupiah)


def write(connection: sa.Connection, clicks: Sequence[Click]) -> None:
    """Many clicks of any day at once, with their counts, in the caller's transaction."""
    rollups.add_clicks(connection, clicks)


@dataclass(frozen=True)
class Counts:
    """What a log has done since it was opened, in clicks; `lost` could be written neither to the database nor to the spill."""

    stored: int = 0
    batches: int = 0
    spilled: int = 0
    replayed: int = 0
    lost: int = 0
    waiting: int = 0
    took: Took = field(default_factory=lambda: Took((), 0.0))


class _Waiting(NamedTuple):
    """Who waits in one event loop, and what looks after them if it takes too long."""

    futures: list[asyncio.Future[None]]
    timer: asyncio.TimerHandle


@dataclass(eq=False)
class _Batch:
    """Clicks that will be on disk together, and who waits for that."""

    clicks: list[Click] = field(default_factory=list)
    waiting: dict[asyncio.AbstractEventLoop, "_Waiting"] = field(default_factory=dict)
    done: threading.Event = field(default_factory=threading.Event)
    is_answered: bool = False


class Log:
    """The writer of one process. A click is committed at once when nothing is being written, else with all that gathered meanwhile.

    A database that fails or is slow never fails a visitor: the click goes to a file in `spill` and from there into the database as soon as
    that can take it, once. The engine stays the caller's.
    """

    def __init__(self, engine: sa.Engine, *, spill: Path | None = None, patience: float = PATIENCE) -> None:
        self._engine = engine
        self._patience = patience
        self._spill = Spill(spill or _beside(engine))
        self._spiller = ThreadPoolExecutor(1, "gapura-spill")
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._queue: deque[_Batch] = deque()
        self._taken: _Batch | None = None
        self._stuck = self._closing = False
        self._commits = Commits(engine)
        self._writing = threading.Lock()  # held by who writes: the writer's thread or, where that is quicker, an event loop
        self._try_at = self._replay_at = 0.0
        self._alone = 0  # 1 if who came last had no company: then the next one hardly waits for any
        self._has_left = True  # what other processes left behind is looked for once
        self._counts: Counter[str] = Counter()
        self._writer = threading.Thread(target=self._write, name="gapura-visits", daemon=True)
        self._writer.start()

    async def put(self, one: Click) -> None:
        """Keep a click; returns when it is on disk."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        with self._lock:
            batch = self._join(one)
            waiting = batch.waiting.get(loop)
            if waiting is None:
                waiting = batch.waiting[loop] = _Waiting([], loop.call_later(self._wait_seconds(), self._look_after, batch))
                loop.call_soon(self._gather, loop, batch, self._alone)  # not at once: what has arrived by now shall come along
            waiting.futures.append(future)
        await future

    def put_now(self, one: Click) -> None:
        """The same for code that does not run in an event loop."""
        with self._changed:
            batch = self._join(one)
            self._changed.notify()
        if not batch.done.wait(self._wait_seconds()):
            self._spill_overdue(batch)

    def _join(self, one: Click) -> _Batch:
        if self._closing:
            raise RuntimeError("the log of visits is closed")
        if not self._queue or len(self._queue[-1].clicks) >= LARGEST:
            self._queue.append(_Batch())
        batch = self._queue[-1]
        batch.clicks.append(one)
        return batch

    def _gather(self, loop: asyncio.AbstractEventLoop, batch: _Batch, before: int) -> None:
        """As long as more arrives at this very moment wait for it; then write it here when that is quick, else leave it to the writer."""
        count = len(batch.clicks)
        if before < count < LARGEST:
            loop.call_soon(self._gather, loop, batch, count)
        elif not self._write_here(loop, batch):
            with self._changed:
                self._changed.notify()

    def _write_here(self, loop: asyncio.AbstractEventLoop, batch: _Batch) -> bool:
        """Commit in the event loop: going to another thread and back costs more than the commit. False: it is left to the writer.

        Everything waits while the disk syncs, so that it is done only while commits are known to be quick; one that takes long ends it.
        """
        if not self._commits.is_quick or time.monotonic() < self._try_at or not self._writing.acquire(blocking=False):
            return False
        try:
            with self._lock:
                if not self._queue or self._queue[0] is not batch:
                    return False
                self._queue.popleft()
            is_stored = self._commits.try_to_store(batch.clicks)
            if is_stored is None:
                with self._lock:
                    self._queue.appendleft(batch)
                return False
        finally:
            self._writing.release()
        self._stored(batch, loop) if is_stored else self._spiller.submit(self._failed, batch)
        return True

    def _wait_seconds(self) -> float:
        is_crowded = len(self._queue) * LARGEST > CROWD
        return SHORT_PATIENCE if self._stuck or is_crowded else self._patience

    def counts(self) -> Counts:
        """What this log has done since it was opened."""
        return Counts(**self._counts, waiting=self._spill.waiting, took=self._commits.took())

    def close(self, *, seconds: float = 10) -> None:
        """Write what waits and stop; what the database does not take in time waits in the spill for the next start."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._writer.join(seconds)
        for batch in [*([self._taken] if self._taken else []), *list(self._queue)]:
            self._spill_overdue(batch)
        self._spiller.shutdown()
        if not self._writer.is_alive():
            self._spill.close()

    # ---- the writer's thread ------------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        while True:
            with self._changed:
                while not self._queue and not self._closing and not self._is_time_to_replay():
                    self._changed.wait(AGAIN if self._spill.waiting or self._has_left else None)
                batch = self._taken = self._queue.popleft() if self._queue else None
            with self._writing:
                if batch:
                    self._store(batch)
                    self._taken = None
                elif self._closing:
                    break
                if self._is_time_to_replay():
                    self._replay()
        if self._spill.waiting or self._has_left:
            self._replay()
        self._commits.drop()

    def _store(self, batch: _Batch) -> None:
        if time.monotonic() < self._try_at:
            self._spill_overdue(batch)
        elif self._commits.store(batch.clicks):
            self._stored(batch)
        else:
            self._failed(batch)
        self._stuck = False

    def _stored(self, batch: _Batch, here: asyncio.AbstractEventLoop | None = None) -> None:
        self._count(stored=len(batch.clicks), batches=1)
        self._alone = int(len(batch.clicks) == 1)
        self._answer(batch, here)

    def _failed(self, batch: _Batch) -> None:
        self._try_at = time.monotonic() + AGAIN
        self._spill_overdue(batch)

    def _is_time_to_replay(self) -> bool:
        return bool(self._spill.waiting or self._has_left) and time.monotonic() >= max(self._try_at, self._replay_at)

    def _replay(self) -> None:
        """Bring in what was spilled. Only this thread commits clicks of this process, so none is under way while it looks what is known."""
        started = time.monotonic()
        try:
            clicks, end = self._spill.read()
            if self._bring_in(clicks):
                self._spill.forget(end)
            if self._has_left:
                self._has_left = not all(self._bring_in_left())
        except Exception:  # whatever the driver or the disk says, the writer lives on and tries again
            self._commits.drop()
        took = time.monotonic() - started
        self._replay_at = time.monotonic() + max(AGAIN, 9 * took)  # visitors who come meanwhile wait for it: at most a tenth of the time

    def _bring_in_left(self) -> list[bool]:
        brought = []
        for path, clicks in self._spill.left():
            brought.append(self._bring_in(clicks))
            if brought[-1]:
                path.unlink()
        return brought

    def _bring_in(self, clicks: Sequence[Click]) -> bool:
        known = self._known(clicks)
        new = list({one.key: one for one in clicks if one.key not in known}.values())
        for start in range(0, len(new), LARGEST):
            part = new[start : start + LARGEST]
            if not self._commits.store_late(part):
                self._try_at = time.monotonic() + AGAIN
                return False
            self._count(replayed=len(part))
        return True

    def _known(self, clicks: Sequence[Click]) -> set[int]:
        """The keys among these that are in the database: a commit may have been carried out although we were told nothing."""
        if not clicks:
            return set()
        times = [one.at_ms for one in clicks]
        keys = {one.key for one in clicks}
        query = sa.select(click.c.key).where(click.c.at_ms.between(min(times) - 1000, max(times)))
        with self._engine.connect().execution_options(reading=True) as connection:
            return {key for key in connection.execution_options(yield_per=5_000).scalars(query) if key in keys}

    # ---- answering ----------------------------------------------------------------------------------------------------------------

    def _look_after(self, batch: _Batch) -> None:
        if not batch.is_answered:
            self._spiller.submit(self._spill_overdue, batch)

    def _spill_overdue(self, batch: _Batch) -> None:
        """Write a batch to the spill and answer it. If a commit under way succeeds after all, the replay finds its keys known."""
        with self._changed:
            if batch.is_answered:
                return
            if batch in self._queue:
                self._queue.remove(batch)
            elif batch is self._taken and threading.current_thread() is not self._writer:
                self._stuck = True
            clicks = list(batch.clicks)
        try:
            self._spill.append(clicks)
            self._count(spilled=len(clicks))
        except OSError:
            self._count(lost=len(clicks))
        self._answer(batch)

    def _answer(self, batch: _Batch, here: asyncio.AbstractEventLoop | None = None) -> None:
        with self._changed:
            batch.is_answered = True
            waits, batch.waiting = batch.waiting, {}
        batch.done.set()
        for loop, waiting in waits.items():
            if loop is here:
                _release(waiting)
                continue
            with contextlib.suppress(RuntimeError):  # that loop has ended, and nobody waits any more
                loop.call_soon_threadsafe(_release, waiting)

    def _count(self, **more: int) -> None:
        with self._changed:
            for name, count in more.items():
                self._counts[name] += count


def _release(waiting: _Waiting) -> None:
    waiting.timer.cancel()
    for future in waiting.futures:
        if not future.done():
            future.set_result(None)


def _beside(engine: sa.Engine) -> Path:
    """The spill of a log that was given none: beside the SQLite file, else in the data folder of the working directory."""
    is_file = engine.dialect.name == "sqlite" and engine.url.database
    return Path(engine.url.database).parent / "spill" if is_file and engine.url.database else Path("data") / "spill"
