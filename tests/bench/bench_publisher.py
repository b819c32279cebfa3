"""The publisher with a network that answers at once: how fast many due posts drain, whether the memory stays flat, and how late a calm
one is.

`make bench` drains a part of the 10,000; GAPURA_TORTURE=1 drains them all. The rate is of one process, with every commit on the disk.
"""

import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import making
import pytest
import sqlalchemy as sa

from promo import posts
from promo.accounts import Sealer
from promo.clock import DurableClock
from promo.networks import Limits, Sent
from promo.publisher import Publisher
from promo.tables import target

DUE = making.rounds(2_000, 10_000)
VILLAGES, CALM = 40, 60
LEAST = {"postgresql": 100, "sqlite": 40}  # a second and process; each commit of SQLite waits for the disk, whatever the processor does
MOST_GROWTH, MOST_LATE = 30, 3.0  # MB from the first quarter to the end; seconds
SECRET = "a secret for the tests only"
INSTANT = SimpleNamespace(
    LIMITS=Limits(text=2_200, pictures=10, picture_bytes=1_000_000),
    calls_left=lambda *_: 0,
    publish=lambda _access, outgoing, _draft: Sent(outgoing.marker),
)


def rss() -> int:
    """Resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4_096 // 2**20


@pytest.fixture
def publisher(engine: sa.Engine, database_url: str) -> Iterator[Publisher]:
    given: dict[str, Any] = {"network_of": lambda _: INSTANT}
    publisher = Publisher(engine, database_url, lambda _: b"\xff\xd8\xff", Sealer(SECRET), **given)
    yield publisher
    publisher.stop()


def schedule(engine: sa.Engine, clock: DurableClock, dues: Sequence[datetime], villages: int) -> None:
    """Posts of several villages, one account each, in one transaction; the first village has as many as all others together."""
    at = datetime.now(UTC)
    with engine.begin() as connection:
        places = []
        for number in range(villages):
            village_id = making.village(connection, name=f"Desa {number}")
            places.append((village_id, making.account(connection, village_id).id, making.post(connection, village_id).id))
        for number, due in enumerate(dues):
            village_id, account_id, post_id = places[0 if number % 2 else number // 2 % villages]
            posts.schedule(
                connection,
                village_id=village_id,
                post_id=post_id,
                account_id=account_id,
                network="practice",
                format="portrait",
                caption="Keripik apel",
                media=[{"sha256": "0" * 64, "alt": "Keripik apel"}],
                link_id=None,
                link_url=None,
                marker=f"M{number}",
                due_at=due,
                at=at,
                clock=clock,
            )


def left(engine: sa.Engine) -> int:
    with engine.begin() as connection:
        return connection.execute(sa.select(sa.func.count()).where(target.c.state != "published")).scalar_one()


@pytest.mark.timeout(1_800)
def test_many_posts_due_in_one_minute(engine: sa.Engine, database_url: str, publisher: Publisher) -> None:
    clock = DurableClock(database_url)
    clock.lay()
    schedule(engine, clock, [datetime.now(UTC)] * DUE, VILLAGES)
    began, ticks, tick = time.monotonic(), [], threading.Event()
    publisher.start()
    while (still := left(engine)) and time.monotonic() - began < 600:
        ticks.append((time.monotonic() - began, DUE - still, rss()))
        tick.wait(0.5)
    took = time.monotonic() - began
    quarter, half = (next((memory for _, done, memory in ticks if done >= DUE * part // 4), rss()) for part in (1, 2))
    end, most = rss(), max(memory for _, _, memory in ticks)
    with engine.begin() as connection:
        ends = connection.execute(sa.select(target.c.village_id, sa.func.max(target.c.published_at)).group_by(target.c.village_id)).all()
    ordered = sorted(when for _, when in ends)
    print(
        f"\n{engine.dialect.name}: {DUE} due at once drained in {took:.1f} s, {DUE / took:.0f} a second in one process; "
        f"memory {ticks[0][2]} MB at the start, {quarter} after a quarter, {half} at half, {end} at the end, {most} at most; "
        f"the 39 small villages were done {(ordered[-1] - ordered[-2]).total_seconds():.1f} s before the one with as many as all of them"
    )
    assert left(engine) == 0
    assert most - quarter < MOST_GROWTH, "memory grows with the work"
    assert DUE / took >= LEAST[engine.dialect.name], "slower than promised"
    assert ordered[-2] < ordered[-1], "the large village went first"
    clock.close()


def test_how_late_a_calm_post_is(engine: sa.Engine, database_url: str, publisher: Publisher) -> None:
    clock = DurableClock(database_url)
    clock.lay()
    publisher.start()
    first = datetime.now(UTC) + timedelta(seconds=3)
    schedule(engine, clock, [first + timedelta(seconds=number * 0.4) for number in range(CALM)], 5)
    tick = threading.Event()
    until = time.monotonic() + 120
    while left(engine) and time.monotonic() < until:
        tick.wait(0.5)
    with engine.begin() as connection:
        rows = connection.execute(sa.select(target.c.published_at, target.c.due_at)).all()
    late = sorted((out - due).total_seconds() for out, due in rows if out)
    quantile = statistics.quantiles(late, n=100, method="inclusive")[98]
    told = f"p50 {statistics.median(late):.2f} s, p99 {quantile:.2f} s, at most {late[-1]:.2f} s"
    print(f"\n{engine.dialect.name}: {len(late)} calm posts were late by {told}")
    assert len(late) == CALM
    assert late[0] > -2.0
    assert quantile <= MOST_LATE
    clock.close()
