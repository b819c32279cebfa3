"""What is done again and again while the shop is open: days are closed, wishes nobody answered are too, and buyers are forgotten."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
import structlog

from campaigns import campaigns, keeping, rollups
from storefront import database, forgetting, orders, searchentries
from storefront.media import Store

EVERY = 900.0  # seconds
KEEP_DAYS = 35  # see the setting of that name
_log = structlog.get_logger()


async def keep(
    engine: sa.Engine,
    clock: Callable[[], datetime],
    *,
    every: float = EVERY,
    keep_days: int = KEEP_DAYS,
    proofs: Store | None = None,
    also: Callable[[datetime], object] | None = None,
) -> None:
    """Take care now and every quarter of an hour, until cancelled; a failure is logged and tried again. Any number of processes may.

    `proofs` is where pictures of transfers lie; `also` is called every time with the moment.
    """
    while True:
        try:
            await asyncio.to_thread(once, engine, clock(), keep_days=keep_days, proofs=proofs)
            if also is not None:
                await asyncio.to_thread(also, clock())
        except Exception:
            _log.exception("care_failed")
        await asyncio.sleep(every)


def once(engine: sa.Engine, at: datetime, *, keep_days: int = KEEP_DAYS, proofs: Store | None = None) -> None:
    """Close the days that are over at this moment, of which only how many came stays, and the orders that nobody answered in time.

    Then forget the buyers of orders that are long over, and their `proofs`; and mend what the search lacks.
    """
    with database.writing(engine) as connection:
        for day in rollups.close_days(connection, at):
            _log.info("day_closed", day=day.isoformat())
        campaigns.settle(connection, at)
    _drop_clicks(engine, at, keep_days)
    with database.writing(engine) as connection:
        if expired := orders.expire(connection, at):
            _log.info("orders_expired", parts=len(expired))
    _forget_buyers(engine, at, proofs)
    _mend_search(engine)


def _forget_buyers(engine: sa.Engine, at: datetime, proofs: Store | None) -> None:
    forgotten = _until_none(engine, lambda connection: forgetting.buyers(connection, at))
    if forgotten:
        _log.info("buyers_forgotten", orders=forgotten)
    if proofs is not None:
        with database.reading(engine) as connection:
            if gone := forgetting.pictures(connection, proofs, at):
                _log.info("proofs_dropped", pictures=gone)


def _mend_search(engine: sa.Engine) -> None:
    """After an upgrade or a restore, and should an entry ever be missing."""
    with database.reading(engine) as connection:
        behind = searchentries.behind(connection)
    for village_id in behind:
        with database.writing(engine) as connection:
            if wrong := searchentries.mend(connection, village_id):
                _log.info("search_mended", village_id=village_id, entries=wrong)


def _drop_clicks(engine: sa.Engine, at: datetime, keep_days: int) -> None:
    dropped = _until_none(engine, lambda connection: keeping.drop_clicks(connection, at, keep_days=keep_days))
    if dropped:
        _log.info("clicks_dropped", clicks=dropped, keep_days=keep_days)


def _until_none(engine: sa.Engine, some: Callable[[sa.Connection], int]) -> int:
    """A few at a time, so that who scans meanwhile need not wait; how many in all."""
    total = 0
    while True:
        with database.writing(engine) as connection:
            done = some(connection)
        if not done:
            return total
        total += done
