"""How fast public pages are answered, beside a bare FastAPI JSON hello on the same server, in one run.

python tests/bench/bench_pages.py [--connections 16] [--rounds 5] [--seconds 2]

Rounds are interleaved, so that what else the machine does hits each alike. The figure is the server's CPU for an answer; the ratio of each
round is taken and their median shown. The village has 24 products of 8 makers with a photo each; the guest of the product page is a person,
so each of these views is counted and written too; "made" is the list of all 24 with no page kept: its goods, their cards and
what it has in common with other pages are in memory, as they are after the first page of a revision.
Exits 1 when a figure misses its limit.
"""

# ruff: noqa: E402 - it is run as a file, so the paths come first

import argparse
import asyncio
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent.parent.parent), str(Path(__file__).parent.parent)]

import making
import sqlalchemy as sa
import uvicorn

from campaigns.tables import outcome
from storefront import app, attractions, database, products, serving, settings
from storefront.media import Store

PHONE = "Mozilla/5.0 (Linux; Android 13; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
SECRET = "b" * 40
LIMITS = {"kept list": 1.8, "kept product": 1.8, "unchanged": 2.8, "made list": 0.25}  # times the hello
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def build(kind: str, folder: Path) -> Any:
    if kind == "hello":
        from fastapi import FastAPI

        framework = FastAPI()

        @framework.get("/")
        async def hello() -> dict[str, str]:
            return {"message": "hello"}

        return framework
    serving.collect_rarely()  # as the real server does
    chosen = settings.load(folder, secret=SECRET, public_url="http://desa.id")
    shop = app.build(chosen, database.open_engine(chosen.database_url), Store(chosen.media))
    if kind == "kept":
        return shop

    async def forgetful(scope: Any, receive: Any, send: Any) -> None:
        shop.rest.forget()  # type: ignore[attr-defined]
        await shop(scope, receive, send)

    return forgetful


def serve(kind: str, folder: str) -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(listening.getsockname()[1], flush=True)
    served = build(kind, Path(folder))
    config = uvicorn.Config(served, loop="uvloop", http="httptools", lifespan="off", log_config=None, access_log=False, proxy_headers=False)
    config.server_header = False
    uvicorn.Server(config).run([listening])


def start(kind: str, folder: Path) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen([sys.executable, __file__, "--serve", kind, "--folder", str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


class Guest(asyncio.Protocol):
    """One connection that asks the same again as soon as it is answered, and remembers the last answer."""

    def __init__(self, request: bytes, status: int) -> None:
        self.request, self.expected = request, b"HTTP/1.1 %d " % status
        self.count, self.left, self.answer = 0, 0, b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.answer = self.answer + data if self.left else data
        head, separator, body = self.answer.partition(b"\r\n\r\n")
        length = LENGTH.search(head) if separator else None
        self.left = not separator or len(body) < (int(length[1]) if length else 0)
        if not self.left:
            assert head.startswith(self.expected), head
            self.count += 1
            self.transport.write(self.request)


async def load(port: int, request: bytes, status: int, connections: int, seconds: float) -> tuple[int, bytes]:
    """(answers, the last of them)."""
    loop = asyncio.get_running_loop()
    guests = [Guest(request, status) for _ in range(connections)]
    made = [await loop.create_connection(lambda guest=guest: guest, "127.0.0.1", port) for guest in guests]  # type: ignore[misc]
    await asyncio.sleep(seconds)
    for transport, _ in made:
        transport.abort()
    return sum(guest.count for guest in guests), guests[0].answer


def cpu_seconds(process: subprocess.Popen[str]) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def request(path: str, extra: str = "") -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: desa.id\r\nUser-Agent: {PHONE}\r\nAccept: text/html\r\nAccept-Language: id-ID,id;q=0.9\r\n"
    return f"{head}Accept-Encoding: gzip, deflate, br\r\n{extra}\r\n".encode()


def prepare(folder: Path) -> None:
    chosen = settings.load(folder, secret=SECRET)
    engine = database.open_engine(chosen.database_url)
    database.migrate(engine)
    store, at = Store(chosen.media), datetime.now(UTC)
    story = {"id": "Dibuat setiap pagi dari panen sendiri. " * 10, "en": "Made every morning from our own harvest. " * 10}
    with database.writing(engine) as connection:
        village = making.village(connection, whatsapp="6281200000001", story=story)
        attractions.create(connection, village_id=village, name={"id": "Air terjun"}, at=at, hours={"mon": ["07:00", "17:00"]})
        for number in range(8):
            maker = making.maker(connection, village, name=f"Bu Sri {number}", story=story)
            for which in range(3):
                photo = making.photo(connection, store, village, colour=f"#{number * 3 + which:02x}8844")
                making.product(
                    connection, village, maker, name=f"Keripik {number} {which}", story=story, photo_ids=[photo.id], kind="snack"
                )
        assert len(products.listed(connection, village)) == 24
    engine.dispose()


def measure(folder: Path, connections: int, rounds: int, seconds: float) -> bool:
    prepare(folder)
    servers = {kind: start(kind, folder) for kind in ("hello", "kept", "made")}
    costs: dict[str, list[float]] = {}
    answered = 0
    try:
        port = servers["kept"][1]
        _, answer = asyncio.run(load(port, request("/produk"), 200, connections, 1))
        etag = re.search(rb"etag: (\S+)", answer)
        assert etag, answer
        asked = {
            "hello": ("hello", request("/"), 200),
            "kept list": ("kept", request("/produk"), 200),
            "kept product": ("kept", request("/produk/keripik-0-0"), 200),
            "unchanged": ("kept", request("/produk", f"If-None-Match: {etag[1].decode()}\r\n"), 304),
            "made list": ("made", request("/produk"), 200),
        }
        for kind, wanted, status in asked.values():
            asyncio.run(load(servers[kind][1], wanted, status, connections, 0.5))
        for _ in range(rounds):
            for name, (kind, wanted, status) in asked.items():
                process, port = servers[kind]
                before = cpu_seconds(process)
                count, answer = asyncio.run(load(port, wanted, status, connections, seconds))
                costs.setdefault(name, []).append((cpu_seconds(process) - before) / max(count, 1) * 1e6)
                answered += count if name == "kept product" else 0
        print(f"{'answer':14} {'CPU us':>8} {'x hello':>8} {'limit':>6}   median of {rounds} rounds at {connections} connections")
        print(f"{'hello':14} {statistics.median(costs['hello']):8.1f}")
        told = [_told(costs, name, limit) for name, limit in LIMITS.items()]
    finally:
        for process, _ in servers.values():
            process.terminate()
            process.wait(20)
    return all([*told, _is_counted(folder, answered)])


def _told(costs: dict[str, list[float]], name: str, limit: float) -> bool:
    ratio = statistics.median(theirs / ours for ours, theirs in zip(costs[name], costs["hello"], strict=True))
    print(f"{name:14} {statistics.median(costs[name]):8.1f} {ratio:8.2f} {limit:6.2f}   {'ok' if ratio >= limit else 'BELOW'}")
    return ratio >= limit


def _is_counted(folder: Path, answered: int) -> bool:
    """Whether the views of the product page were counted: all but those that waited when the server was told to stop."""
    time.sleep(1)
    engine = database.open_engine(settings.load(folder, secret=SECRET).database_url)
    with database.reading(engine) as connection:
        views = connection.scalar(sa.select(sa.func.count()).select_from(outcome)) or 0
    print(f"product pages answered to a person in the rounds: {answered}, views counted in all: {views}")
    return views > 0


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--connections", type=int, default=16)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--seconds", type=float, default=2)
    words.add_argument("--serve", help=argparse.SUPPRESS)
    words.add_argument("--folder", help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.serve:
        serve(asked.serve, asked.folder)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return 0 if measure(Path(folder), asked.connections, asked.rounds, asked.seconds) else 1


if __name__ == "__main__":
    sys.exit(main())
