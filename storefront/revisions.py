"""Which revision each village is at, known without asking each time: what others change is seen within a second, our own writes at once."""

import asyncio
import time
from dataclasses import dataclass

import sqlalchemy as sa

from storefront import database
from storefront.tables import village

FRESH = 0.4  # seconds: younger than this, what is known is used as it is
STALE = 0.9  # older than this, it is looked up before it is used; between the two, beside it
PATIENCE = 0.5  # seconds a guest waits for a slow database before what is known is used all the same
LARGEST = 20_000  # villages remembered

Slug = str | None  # None: the address names no village, so it is the only one's, or all of them


@dataclass(frozen=True, slots=True)
class Standing:
    """The village of an address and its revision; `village_id` is 0 where the address means all villages at once."""

    village_id: int
    zone: str
    revision: int


@dataclass(slots=True)
class _Entry:
    standing: Standing | None
    checked_at: float
    writes: int


class Revisions:
    """The revisions that one process knows."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._entries: dict[Slug, _Entry] = {}
        self._looking: dict[Slug, asyncio.Task[None]] = {}

    def known(self, slug: Slug) -> Standing | None:
        """What an address stands for, if that is known for certain enough to use it now; looks again beside it now and then."""
        entry = self._entries.get(slug)
        if entry is None or entry.writes != database.writes():
            return None
        age = time.monotonic() - entry.checked_at
        if age > STALE:
            return None
        if age > FRESH:
            self._look(slug)
        return entry.standing

    async def of(self, slug: Slug) -> Standing | None:
        """What an address stands for; None for a village that does not exist. Without a database what was known stays good."""
        if (known := self.known(slug)) is not None:
            return known
        wanted = database.writes()
        for _ in range(2):  # somebody may have begun to look before we wrote
            await asyncio.wait([self._look(slug)], timeout=PATIENCE)
            entry = self._entries.get(slug)
            if entry and entry.writes >= wanted:
                break
        return entry.standing if entry else None

    def _look(self, slug: Slug) -> asyncio.Task[None]:
        task = self._looking.get(slug)
        if task is None:
            task = self._looking[slug] = asyncio.create_task(self._check(slug))
            task.add_done_callback(lambda _: self._looking.pop(slug, None))
        return task

    async def _check(self, slug: Slug) -> None:
        before, writes = self._entries.get(slug), database.writes()
        try:
            standing = await asyncio.to_thread(self._read, slug)
        except Exception:
            standing = before.standing if before else None
        self._entries[slug] = _Entry(standing, time.monotonic(), writes)
        while len(self._entries) > LARGEST:
            del self._entries[next(iter(self._entries))]

    def _read(self, slug: Slug) -> Standing | None:
        columns = (village.c.id, village.c.zone, village.c.revision)
        with database.reading(self._engine) as connection:
            if slug is not None:
                row = connection.execute(sa.select(*columns).where(village.c.slug == slug)).first()
                return Standing(*row) if row else None
            rows = connection.execute(sa.select(*columns).limit(2)).all()
            if len(rows) == 1:
                return Standing(*rows[0])
            total = connection.execute(sa.select(sa.func.count() + sa.func.coalesce(sa.func.sum(village.c.revision), 0))).scalar_one()
            return Standing(0, "", total)
