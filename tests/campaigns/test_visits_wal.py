"""The power goes: whatever SQLite's journal holds up to any of its frames, no click that had been answered by then is missing."""

import asyncio
import contextlib
import random
import shutil
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path

import making
import pytest
import sqlalchemy as sa

from campaigns import recounts
from campaigns.tables import click
from campaigns.visits import Log
from storefront import database

GUESTS, ROUNDS = 5, making.rounds(8, 60)
HEADER, FRAME_HEADER = 32, 24


@pytest.fixture
def engine(tmp_path: Path, sqlite_template: Path) -> Iterator[sa.Engine]:
    """SQLite that never empties its journal by itself: each frame ever written stays in it."""
    shutil.copyfile(sqlite_template, tmp_path / "gapura.db")
    opened = database.open_engine(f"sqlite:///{tmp_path / 'gapura.db'}")
    sa.event.listen(opened, "connect", lambda connection, _: connection.execute("PRAGMA wal_autocheckpoint=0"))
    yield opened
    opened.dispose()


def answered_clicks(engine: sa.Engine, folder: Path) -> list[tuple[int, int]]:
    """Guests who scan at the same time, again and again: (key, bytes of the journal when it was answered)."""
    journal = folder / "gapura.db-wal"
    chance = random.Random(5)
    with engine.begin() as connection:
        village = making.village(connection)
        signs = [making.link(connection, village, attraction_id=3) for _ in range(4)]
    log = Log(engine, spill=folder / "spill", patience=60)
    answered: list[tuple[int, int]] = []

    async def scan_again_and_again() -> None:
        for _ in range(ROUNDS):
            one = making.click(chance.choice(signs), visitor=chance.randrange(30))
            await log.put(one)
            answered.append((one.key, journal.stat().st_size))

    async def all_of_them() -> None:
        await asyncio.gather(*(scan_again_and_again() for _ in range(GUESTS)))

    making.awaited(all_of_them())
    shutil.copyfile(folder / "gapura.db", folder / "cut.db.whole")
    shutil.copyfile(journal, folder / "cut.wal.whole")
    log.close()
    assert log.counts().spilled == 0
    return answered


def cut(folder: Path, size: int) -> Path:
    """The database as a machine finds it that went off when this much of the journal was on the disk: a new file each time, since
    SQLite shares what it knows of a journal among all that have the same file open in one process."""
    path = folder / f"cut-{size}.db"
    shutil.copyfile(folder / "cut.db.whole", path)
    Path(f"{path}-wal").write_bytes((folder / "cut.wal.whole").read_bytes()[:size])
    return path


@pytest.mark.torture
@pytest.mark.timeout(1_800)
def test_no_answered_click_is_missing_wherever_the_journal_is_cut(engine: sa.Engine, tmp_path: Path) -> None:
    answered = answered_clicks(engine, tmp_path)
    journal = (tmp_path / "cut.wal.whole").read_bytes()
    frame = FRAME_HEADER + struct.unpack(">I", journal[8:12])[0]
    ends = list(range(HEADER, len(journal) + 1, frame))
    assert len(ends) > 4 * ROUNDS
    chosen = ends[:: making.rounds(max(1, len(ends) // 40), 1)]
    for end in [*chosen, ends[-1]]:
        for size in (end, end + frame // 2):  # whole, and torn in the middle of the next one
            path = cut(tmp_path, size)
            with contextlib.closing(sqlite3.connect(path)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                kept = {key for (key,) in connection.execute("SELECT key FROM click")}
            assert {key for key, written in answered if written <= size} <= kept
            reading = database.open_engine(f"sqlite:///{path}")
            with reading.begin() as connection:
                assert recounts.recount(connection) == []
            reading.dispose()
            for file in tmp_path.glob(f"{path.name}*"):
                file.unlink()


def test_a_commit_of_the_log_waits_for_the_disk(engine: sa.Engine, tmp_path: Path) -> None:
    opened: list[sqlite3.Connection] = []
    said: list[str] = []

    def listen(connection: sqlite3.Connection, _record: object) -> None:
        opened.append(connection)
        connection.set_trace_callback(said.append)

    sa.event.listen(engine, "connect", listen)
    with engine.begin() as connection:
        sign = making.link(connection, making.village(connection))
    log = Log(engine, spill=tmp_path / "spill")
    log.put_now(making.click(sign))
    assert [connection.execute("PRAGMA synchronous").fetchone() for connection in opened] == [(2,)] * len(opened)
    log.close()
    assert opened
    assert said.count("COMMIT") == 2
    assert not any("synchronous=" in statement for statement in said)
    with engine.begin() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(click)) == 1
