"""Writing together: what many threads want to write is committed in few transactions, and one's failure is its own."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import NoReturn

import pytest
import sqlalchemy as sa

from promo.tables import worker
from promo.writing import together, writing

AT = datetime(2026, 11, 24, tzinfo=UTC)


def put(name: str) -> sa.Insert:
    return worker.insert().values(id=name, seen_at=AT)


def names(engine: sa.Engine) -> set[str]:
    with engine.begin() as connection:
        return set(connection.execute(sa.select(worker.c.id)).scalars())


def test_whoever_wrote_can_read_it_and_few_commits_were_needed(engine: sa.Engine) -> None:
    commits: list[int] = []
    sa.event.listen(engine, "commit", lambda _: commits.append(1))
    begun = threading.Semaphore(0)

    def write(number: int) -> str:
        begun.release()
        together(engine, lambda connection: connection.execute(put(f"worker-{number}")).rowcount)
        with engine.connect() as connection:
            return connection.execute(sa.select(worker.c.id).where(worker.c.id == f"worker-{number}")).scalar_one()

    with ThreadPoolExecutor(12) as pool:
        with writing(engine) as connection:  # somebody has the turn, so the others must wait in line
            connection.execute(put("first"))
            done = [pool.submit(write, number) for number in range(12)]
            assert all(begun.acquire(timeout=20) for _ in done)
        found = {one.result(timeout=20) for one in done}
    needed = len(commits)
    assert found == {f"worker-{number}" for number in range(12)}
    assert names(engine) == {"first", *found}
    assert needed < 13 or engine.dialect.name != "sqlite"


def test_one_that_fails_takes_no_other_with_it(engine: sa.Engine) -> None:
    may_begin = threading.Barrier(9)

    def fail(connection: sa.Connection) -> NoReturn:
        connection.execute(put("never"))
        raise ValueError("not this one")

    def write(number: int) -> str:
        may_begin.wait(timeout=20)
        if number % 4 == 0:
            together(engine, fail)
        return together(engine, lambda connection: connection.execute(put(f"worker-{number}").returning(worker.c.id)).scalar_one())

    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(write, number) for number in range(8)]
        may_begin.wait(timeout=20)
        failed = [number for number, one in enumerate(done) if isinstance(one.exception(timeout=20), ValueError)]
    assert failed == [0, 4]
    assert names(engine) == {f"worker-{number}" for number in range(8) if number % 4}


def test_when_nothing_could_be_written_everybody_in_the_line_is_told(engine: sa.Engine) -> None:
    def full(_: sa.Connection) -> NoReturn:
        raise OSError("the disk is full")

    sa.event.listen(engine, "commit", full)
    with ThreadPoolExecutor(6) as pool:
        done = [pool.submit(together, engine, lambda connection, one=one: connection.execute(put(f"w{one}")).rowcount) for one in range(6)]
        assert all(isinstance(one.exception(timeout=20), OSError) for one in done)
    sa.event.remove(engine, "commit", full)
    assert names(engine) == set()


def test_a_lone_write_is_a_transaction_of_its_own(engine: sa.Engine) -> None:
    together(engine, lambda connection: connection.execute(put("one")))
    with pytest.raises(ZeroDivisionError):
        together(engine, lambda connection: (connection.execute(put("two")), 1 // 0))
    assert names(engine) == {"one"}
