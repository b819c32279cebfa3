"""Who looked at what, counted in batches: a page that is ready in memory is answered at once, and its views are written a moment later."""

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from campaigns import days, funnels
from campaigns.batches import Batch

EVERY = 0.25  # seconds that views wait for company
CROWD = 20_000  # views waiting for a database that is stuck; more are not kept, for a view is no promise to anybody
AGAIN = 2.0  # seconds after a failure until the database is tried again

_SEEN = Batch(
    "outcome",
    {
        "at": "timestamptz",
        "day": "date",
        "village_id": "bigint",
        "link_id": "bigint",
        "click_key": "bigint",
        "kind": "text",
        "subject_id": "bigint",
        "rupiah": "bigint",
    },
)
_ROLLED = Batch(
    "roll_outcome",
    {"village_id": "bigint", "day": "date", "link_id": "bigint", "kind": "text", "count": "bigint", "rupiah": "bigint"},
    "ON CONFLICT (village_id, day, link_id, kind) DO UPDATE SET count = roll_outcome.count + excluded.count",
)


class View(NamedTuple):
    """A person looked at something; `link_id` (0: nobody knows) and `click_key` are those of the click the person came by."""

    village_id: int
    zone: str
    link_id: int
    click_key: int | None
    subject_id: int
    at: datetime


def write(connection: sa.Connection, views: Sequence[View]) -> None:
    """Keep these views and count them, in the caller's transaction; in key order, so that processes never wait in a circle."""
    rolled = Counter[tuple[int, str, int, str]]()
    by_click = {(view.click_key, view.village_id): view for view in reversed(views) if view.click_key is not None}
    for (click_key, village_id), view in sorted(by_click.items()):  # before anything is stored: each click reaches a step once
        for step in funnels.newly_reached(connection, village_id, click_key, "view"):
            rolled[village_id, _day(view), view.link_id, step] += 1
    zone = "" if connection.dialect.name == "sqlite" else "+00"  # SQLite keeps times without one, as campaigns.tables.UtcTime does
    rows = []
    for view in views:
        at, day = view.at.astimezone(UTC).isoformat(" ", "microseconds")[:26] + zone, _day(view)
        rows.append((at, day, view.village_id, view.link_id, view.click_key, "view", view.subject_id, 0))
        rolled[view.village_id, day, view.link_id, "view"] += 1
    if rows:
        _SEEN.add(connection, rows)
        _ROLLED.add(connection, [(village, day, link, kind, count, 0) for (village, day, link, kind), count in sorted(rolled.items())])


def _day(view: View) -> str:
    """The village's own day, as databases take a date."""
    return days.iso(days.number(round(view.at.timestamp() * 1000), view.zone))


class Views:
    """The writer of one process: what was added is in the database within a moment, at the latest when this is closed."""

    def __init__(self, engine: sa.Engine, *, every: float = EVERY) -> None:
        self._engine = engine
        self._every = every
        self._waiting: list[View] = []
        self._has_some = threading.Event()
        self._closing = threading.Event()
        self._writer = threading.Thread(target=self._write, name="gapura-views", daemon=True)
        self._writer.start()

    def add(self, view: View) -> None:
        """Count a view soon. Costs its caller nothing worth speaking of."""
        if len(self._waiting) < CROWD:
            self._waiting.append(view)
            if not self._has_some.is_set():  # a look is cheaper than a lock
                self._has_some.set()

    def close(self) -> None:
        """Write what waits, and end."""
        self._closing.set()
        self._has_some.set()
        self._writer.join(10)

    def _write(self) -> None:
        while not self._closing.is_set():
            self._has_some.wait()
            self._closing.wait(self._every)
            self._has_some.clear()
            if not self._flush():
                self._closing.wait(AGAIN)
        self._flush()

    def _flush(self) -> bool:
        taken = self._waiting[:]
        if not taken:
            return True
        try:
            self._store(taken)
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error):  # batches call the driver, whose errors come bare
            self._has_some.set()  # they stay in line and are tried again
            return False
        del self._waiting[: len(taken)]
        return True

    def _store(self, views: Sequence[View]) -> None:
        """Write them all; one that cannot be written (its village is gone) keeps the others from nothing."""
        try:
            with self._engine.begin() as connection:
                write(connection, views)
        except (IntegrityError, self._engine.dialect.loaded_dbapi.IntegrityError):
            if len(views) > 1:
                self._store(views[: len(views) // 2])
                self._store(views[len(views) // 2 :])
