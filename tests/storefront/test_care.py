"""Days are closed while the shop is open, without anybody thinking of it."""

import asyncio
import contextlib
import time
from datetime import timedelta

import making
import sqlalchemy as sa

from campaigns import visits
from campaigns.tables import day_visitor
from storefront import care


def people_remembered(engine: sa.Engine) -> int:
    with engine.begin() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(day_visitor))


def test_a_day_that_ended_while_the_machine_was_off_is_closed_at_the_start(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        visits.write(connection, [making.click(making.link(connection, making.village(connection)), visitor=1)])
    care.once(engine, making.NOW)
    assert people_remembered(engine) == 2
    care.once(engine, making.NOW + timedelta(days=3))
    assert people_remembered(engine) == 0


def test_care_goes_on_after_a_failure(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        visits.write(connection, [making.click(making.link(connection, making.village(connection)), visitor=1)])
    times = iter([None, making.NOW + timedelta(days=3)])

    async def go() -> None:
        caring = asyncio.create_task(care.keep(engine, lambda: next(times, making.NOW), every=0.01))
        until = time.monotonic() + 10
        while people_remembered(engine) and time.monotonic() < until:
            await asyncio.sleep(0.02)
        caring.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await caring

    making.awaited(go())
    assert people_remembered(engine) == 0
