"""What has to be done again and again while the shop is open: days that are over are closed, and wishes that nobody answered."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
import structlog

from campaigns import campaigns, keeping, rollups
from storefront import database, orders

EVERY = 900.0  # seconds
KEEP_DAYS = 35  # see the setting of that name
_log = structlog.get_logger()


async def keep(
    engine: sa.Engine,
    clock: Callable[[], datetime],
    *,
    every: float = EVERY,
    keep_days: int = KEEP_DAYS,
    also: Callable[[datetime], object] | None = None,
) -> None:
    """Take care now and every quarter of an hour, until cancelled; a failure is logged and tried again. Any number of processes may.

    `also` is called every time with the moment.
    """
    while True:
        try:
            await asyncio.to_thread(once, engine, clock(), keep_days=keep_days)
            if also is not None:
                await asyncio.to_thread(also, clock())
        except Exception:
            _log.exception("care_failed")
        await asyncio.sleep(every)


def once(engine: sa.Engine, at: datetime, *, keep_days: int = KEEP_DAYS) -> None:
    """Close the days that are over at this moment, of which only how many came stays, and the orders that nobody answered in time."""
    with database.writing(engine) as connection:
        for day in rollups.close_days(connection, at):
            _log.info("day_closed", day=day.isoformat())
        campaigns.settle(connection, at)
    _drop_clicks(engine, at, keep_days)
    with database.writing(engine) as connection:
        if expired := orders.expire(connection, at):
            _log.info("orders_expired", parts=len(expired))


def _drop_clicks(engine: sa.Engine, at: datetime, keep_days: int) -> None:
    """A few at a time, so that who scans meanwhile need not wait."""
    dropped = 0
    while True:
        with database.writing(engine) as connection:
            some = keeping.drop_clicks(connection, at, keep_days=keep_days)
        if not some:
            break
        dropped += some
    if dropped:
        _log.info("clicks_dropped", clicks=dropped, keep_days=keep_days)
