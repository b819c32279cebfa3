"""What has to be done again and again while the shop is open: days that are over are closed, and wishes that nobody answered."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
import structlog

from campaigns import campaigns, rollups
from storefront import database, orders

EVERY = 900.0  # seconds
_log = structlog.get_logger()


async def keep(engine: sa.Engine, clock: Callable[[], datetime], *, every: float = EVERY) -> None:
    """Take care now and every quarter of an hour, until cancelled; a failure is logged and tried again. Any number of processes may."""
    while True:
        try:
            await asyncio.to_thread(once, engine, clock())
        except Exception:
            _log.exception("care_failed")
        await asyncio.sleep(every)


def once(engine: sa.Engine, at: datetime) -> None:
    """Close the days that are over at this moment, of which only how many came stays, and the orders that nobody answered in time."""
    with database.writing(engine) as connection:
        for day in rollups.close_days(connection, at):
            _log.info("day_closed", day=day.isoformat())
        campaigns.settle(connection, at)
    with database.writing(engine) as connection:
        if expired := orders.expire(connection, at):
            _log.info("orders_expired", parts=len(expired))
