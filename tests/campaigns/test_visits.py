"""A click is on disk when its visitor is answered; a database that fails or is slow costs nobody anything, and nothing is counted twice."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import making
import pytest
import sqlalchemy as sa

from campaigns import recounts, visits
from campaigns.clicks import Click
from campaigns.links import Link
from campaigns.spills import Spill
from campaigns.tables import click, outcome, roll_outcome
from campaigns.visits import Log


@pytest.fixture
def link(engine: sa.Engine) -> Link:
    with engine.begin() as connection:
        return making.link(connection, making.village(connection))


@pytest.fixture
def log(engine: sa.Engine, tmp_path: Path) -> Iterator[Log]:
    opened = Log(engine, spill=tmp_path / "spill")
    yield opened
    opened.close()


def stored(engine: sa.Engine) -> list[int]:
    with engine.begin() as connection:
        return sorted(connection.scalars(sa.select(click.c.key)))


def differences(engine: sa.Engine) -> list[recounts.Difference]:
    with engine.begin() as connection:
        return recounts.recount(connection)


def wait_until(is_so: Callable[[], bool], *, seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it did not come to pass in time"
        time.sleep(0.02)


def put_all(log: Log, clicks: list[Click]) -> float:
    """Put the clicks at the same time; how many seconds the slowest visitor waited."""

    async def put() -> float:
        started = time.monotonic()
        await asyncio.gather(*(log.put(one) for one in clicks))
        return time.monotonic() - started

    return making.awaited(put())


def test_a_click_is_in_the_database_when_its_visitor_is_answered(engine: sa.Engine, log: Log, link: Link) -> None:
    log.put_now(making.click(link, key=1))
    assert stored(engine) == [1]
    put_all(log, [making.click(link, key=2)])
    assert stored(engine) == [1, 2]


def test_clicks_that_come_while_the_writer_is_busy_share_a_commit(engine: sa.Engine, log: Log, link: Link) -> None:
    put_all(log, [making.click(link, key=key) for key in range(2_500)])
    wait_until(lambda: log.counts().stored + log.counts().replayed >= 2_500)  # on a busy machine some go by the spill file
    assert stored(engine) == list(range(2_500))
    assert log.counts().batches < 100
    assert differences(engine) == []


def test_threads_and_event_loops_may_put_at_once(engine: sa.Engine, log: Log, link: Link) -> None:
    with ThreadPoolExecutor(4) as pool:
        loops = [pool.submit(put_all, log, [making.click(link, key=100 * part + key) for key in range(50)]) for part in (1, 2)]
        for key in range(50):
            log.put_now(making.click(link, key=key))
        for loop in loops:
            loop.result()
    assert len(stored(engine)) == 150
    assert differences(engine) == []


def test_a_visitor_who_goes_away_takes_nobody_elses_answer_along(engine: sa.Engine, log: Log, link: Link) -> None:
    async def go() -> None:
        waiting = [asyncio.create_task(log.put(making.click(link, key=key))) for key in range(20)]
        await asyncio.sleep(0)
        waiting[3].cancel()
        done = await asyncio.gather(*waiting, return_exceptions=True)
        assert [isinstance(one, asyncio.CancelledError) for one in done].count(True) == 1

    making.awaited(go())
    assert len(stored(engine)) == 20


def test_closing_writes_what_waits(engine: sa.Engine, link: Link, tmp_path: Path) -> None:
    log = Log(engine, spill=tmp_path / "spill")

    async def leave_early() -> None:
        waiting = [asyncio.create_task(log.put(making.click(link, key=key))) for key in range(300)]
        await asyncio.sleep(0)
        assert not all(one.done() for one in waiting)

    making.awaited(leave_early())
    log.close()
    assert len(stored(engine)) == 300
    with pytest.raises(RuntimeError):
        log.put_now(making.click(link))


def hold(engine: sa.Engine) -> sa.Connection:
    """Keep the table of clicks from everybody else until the connection is closed."""
    connection = engine.connect()
    connection.begin()  # on SQLite this alone is the right to write
    if engine.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE click IN EXCLUSIVE MODE"))
    return connection


def test_a_database_that_stands_still_keeps_no_visitor_waiting(engine: sa.Engine, log: Log, link: Link) -> None:
    log.put_now(making.click(link, key=0))
    holding = hold(engine)
    assert put_all(log, [making.click(link, key=key) for key in range(1, 30)]) < 2
    assert put_all(log, [making.click(link, key=key) for key in range(30, 60)]) < 1
    assert log.counts().waiting >= 59
    holding.close()
    wait_until(lambda: log.counts().waiting == 0)
    assert stored(engine) == list(range(60))
    assert differences(engine) == []
    assert log.counts().lost == 0


def test_a_database_that_fails_gets_the_clicks_later_and_once(engine: sa.Engine, log: Log, link: Link) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE click RENAME TO gone"))
    assert put_all(log, [making.click(link, key=key) for key in range(40)]) < 2
    assert log.counts().spilled == 40
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE gone RENAME TO click"))
    log.put_now(making.click(link, key=40))
    wait_until(lambda: log.counts().waiting == 0)
    assert stored(engine) == list(range(41))
    assert differences(engine) == []


def test_what_a_dead_process_left_is_brought_in_once_even_if_half_of_it_was_committed(
    engine: sa.Engine, link: Link, tmp_path: Path
) -> None:
    left = [making.click(link, key=key, visitor=key % 3) for key in range(10)]
    with engine.begin() as connection:
        visits.write(connection, left[:5])
    dead = Spill(tmp_path / "spill")
    dead.append(left)
    dead.close()
    with next((tmp_path / "spill").glob("*.clicks")).open("ab") as file:
        file.write(b'[17636, 2, "Asia/')  # the power went while this line was written
    log = Log(engine, spill=tmp_path / "spill")
    wait_until(lambda: log.counts().replayed == 5)
    log.close()
    assert stored(engine) == list(range(10))
    assert differences(engine) == []
    assert list((tmp_path / "spill").glob("*.clicks")) == []


def test_the_clicks_of_a_living_process_are_left_to_it(link: Link, tmp_path: Path) -> None:
    living, other = Spill(tmp_path), Spill(tmp_path)
    living.append([making.click(link)])
    assert list(other.left()) == []
    living.close()
    assert len(list(other.left())) == 1


def test_an_outcome_is_kept_and_counted_in_the_callers_transaction(engine: sa.Engine, link: Link) -> None:
    with engine.begin() as connection:
        for rupiah in (15_000, 20_000):
            visits.record(
                connection, village_id=link.village_id, zone="Asia/Jakarta", kind="order", link_id=link.id, rupiah=rupiah, at=making.NOW
            )
    with engine.connect() as connection, connection.begin() as transaction:
        visits.record(connection, village_id=link.village_id, zone="Asia/Jakarta", kind="order", rupiah=1, at=making.NOW)
        transaction.rollback()
    with engine.begin() as connection:
        assert connection.execute(sa.select(roll_outcome.c.link_id, roll_outcome.c["count"], roll_outcome.c.rupiah)).all() == [
            (link.id, 2, 35_000)
        ]
        assert connection.scalar(sa.select(sa.func.count()).select_from(outcome)) == 2


WRITER = """
import sys
from campaigns.links import Link
from campaigns.visits import Log
from storefront import database
import asyncio, making, random, pathlib
url, first, links = sys.argv[1], int(sys.argv[2]), [int(part) for part in sys.argv[3].split(",")]
engine = database.open_engine(url)
log = Log(engine, spill=pathlib.Path(sys.argv[4]))
chance = random.Random(first)
def click(key):
    to = Link(chance.choice(links), 1, "X", "qr", "", "village", None, 7, None, None, None, 9, "open", making.NOW)
    return making.click(to, key=key, visitor=chance.randrange(40))
async def put(keys):
    for key in keys:
        await log.put(click(key))
async def all():
    await asyncio.gather(*(put(range(first + part * 20, first + part * 20 + 20)) for part in range(20)))
asyncio.run(all())
log.close()
print(log.counts().lost)
"""


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_several_processes_count_the_same_links_without_waiting_in_a_circle(engine: sa.Engine, database_url: str, tmp_path: Path) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        links = [making.link(connection, village, attraction_id=7, campaign_id=9).id for _ in range(6)]
    ids = ",".join(str(number) for number in links)
    tests = Path(making.__file__).parent
    command = [sys.executable, "-c", WRITER, database_url]
    processes = [
        subprocess.Popen(
            [*command, str(first), ids, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": f"{tests}:{tests.parent}", "PATH": ""},
        )
        for first in (0, 1_000, 2_000)
    ]
    assert [process.communicate(timeout=60)[0].strip() for process in processes] == ["0", "0", "0"]
    assert len(stored(engine)) == 1_200
    assert differences(engine) == []
