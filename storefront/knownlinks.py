"""Links kept in memory for the scan: looked at again twice a second while they are scanned, so that an edit holds within a second."""

import asyncio
import functools
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from campaigns import links
from campaigns.links import Link
from campaigns.rules import Target
from storefront import database
from storefront.tables import village

LARGEST = 20_000  # links in memory, about 1 KB each
FRESH = 0.4  # seconds: younger than this, a link is used as it is
STALE = 0.9  # older than this, it is looked up before it is used; between the two, beside it
PLACE_KEPT = 5.0  # seconds a link's place is good for while the link itself stays as it is
PATIENCE = 0.25  # a slow database does not keep a guest waiting for a link we know
LONG_PATIENCE = 5.0  # for one we do not know there is nothing better to say than that it is unknown
_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4,12}")


@dataclass(frozen=True)
class Known:
    """A link with its village's zone and the paths its targets have, without language; the address of one outside our shop."""

    link: Link
    zone: str
    places: Mapping[Target, str]
    placed_at: float
    ways: dict[str, bytes] = field(default_factory=dict, compare=False)  # {language: where it leads everybody, as the answer says it}

    @functools.cached_property
    def always(self) -> Target | None:
        """Where it leads everybody on every day; None when that depends."""
        return None if self.link.rules or self.link.ends_on else self.link.target


@dataclass(slots=True)
class _Entry:
    known: Known | None
    checked_at: float
    used_at: float


class KnownLinks:
    """The links of one process. `locate` says which path of the shop a link leads to; it is called outside the event loop."""

    def __init__(self, engine: sa.Engine, locate: Callable[[Link], str]) -> None:
        self._engine = engine
        self._locate = locate
        self._entries: dict[str, _Entry] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._renewing: asyncio.Task[None] | None = None

    def at_hand(self, code: str) -> Known | None:
        """A link that was looked at a moment ago; None for every other: `find` it."""
        entry = self._entries.get(code)
        now = time.monotonic()
        if entry is None or now - entry.checked_at > FRESH:
            return None
        entry.used_at = now
        return entry.known

    async def find(self, code: str) -> Known | None:
        """The link of a tidy code, withdrawn ones too; None for an unknown one. What is known is answered even without a database."""
        entry = self._entries.get(code)
        now = time.monotonic()
        if entry is not None and now - entry.checked_at < STALE:
            entry.used_at = now
            if now - entry.checked_at > FRESH:
                self._renew()
            return entry.known
        if entry is None and not _CODE.fullmatch(code):
            return None
        return await self._look_up(code, entry)

    async def _look_up(self, code: str, entry: _Entry | None) -> Known | None:
        task = self._looking.get(code)
        if task is None:
            task = self._looking[code] = asyncio.create_task(self._check([code]))
            task.add_done_callback(lambda _: self._looking.pop(code, None))
        await asyncio.wait([task], timeout=PATIENCE if entry else LONG_PATIENCE)
        found = self._entries.get(code)
        return found.known if found else None

    def _renew(self) -> None:
        """Look again, in one query, at every link that was scanned since it was last looked at."""
        if self._renewing is None or self._renewing.done():
            used = [code for code, entry in self._entries.items() if entry.used_at > entry.checked_at]
            self._renewing = asyncio.create_task(self._check(used[:500]))

    async def _check(self, codes: list[str]) -> None:
        before = {code: entry.known for code in codes if (entry := self._entries.get(code)) and entry.known}
        try:
            found = await asyncio.to_thread(self._read, codes, before)
        except Exception:
            found = dict(before)  # what was known stays good until the database answers again
        now = time.monotonic()
        for code in codes:
            if code in self._entries:
                entry = self._entries[code]
                entry.known, entry.checked_at = found.get(code), now
            else:
                self._entries[code] = _Entry(found.get(code), now, now)
        while len(self._entries) > LARGEST:
            del self._entries[next(iter(self._entries))]

    def _read(self, codes: list[str], before: dict[str, Known]) -> dict[str, Known]:
        with database.reading(self._engine) as connection:
            found = links.with_codes(connection, codes)
            ids = {link.village_id for link in found}
            zones = dict(connection.execute(sa.select(village.c.id, village.c.zone).where(village.c.id.in_(ids))).all())
        return {link.code: self._placed(link, zones[link.village_id], before.get(link.code)) for link in found}

    def _placed(self, link: Link, zone: str, before: Known | None) -> Known:
        now = time.monotonic()
        if before and before.link == link and before.zone == zone and now - before.placed_at < PLACE_KEPT:
            return before
        places = {
            target: self._locate(replace(link, target_kind=target.kind, target_id=target.id, url=target.url)) for target in link.targets
        }
        return Known(link, zone, places, now)
