"""kill -9 right after an answer loses no scan: each one that was answered is in the database, once."""

import http.client
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import making
import pytest
import sqlalchemy as sa

from campaigns import recounts
from campaigns.tables import click
from campaigns.visits import Log

PHONE = "Mozilla/5.0 (Linux; Android 10; SM-A{}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"
ANSWERS = 60  # before each kill
KILLS = making.rounds(3, 20)

SERVER = """
import pathlib, socket, sys
from datetime import UTC, datetime
import uvicorn
from campaigns.visitors import Salts
from campaigns.visits import Log
from storefront import database, settings
from storefront.scan import Scan
url, folder = sys.argv[1], pathlib.Path(sys.argv[2])
engine = database.open_engine(url)
log = Log(engine, spill=folder / "spill")
chosen = settings.load(folder, secret="s" * 40)
scan = Scan(engine, log, Salts(engine), locate=lambda link: "/", settings=chosen, clock=lambda: datetime.now(UTC))
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(scan, lifespan="off", log_config=None, access_log=False)).run([listening])
"""


def serve(database_url: str, folder: Path) -> tuple[subprocess.Popen[str], int]:
    tests = Path(making.__file__).parent
    environment = {**os.environ, "PYTHONPATH": f"{tests}:{tests.parent}"}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, database_url, str(folder)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def scan_until_killed(port: int, code: str, answered: list[int], enough: threading.Event) -> None:
    """Scan again and again; the cookie of each answer tells which click it was."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        while True:
            connection.request(
                "GET", f"/Q/{code}", headers={"User-Agent": PHONE.format(random.randrange(10**9))}
            )  # each another guest: no burst
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 302
            answered.append(int(answer.headers["Set-Cookie"].split("=")[1].split(".")[1]))
            if len(answered) >= ANSWERS:
                enough.set()
    except (OSError, http.client.HTTPException):
        return  # this one was not answered


@pytest.mark.torture
@pytest.mark.timeout(1_800)
def test_no_answered_scan_is_lost_when_the_process_is_killed(engine: sa.Engine, database_url: str, tmp_path: Path) -> None:
    with engine.begin() as connection:
        sign = making.link(connection, making.village(connection))
    everything: list[int] = []
    for _ in range(KILLS):
        process, port = serve(database_url, tmp_path)
        answered: list[int] = []
        enough = threading.Event()
        guests = [threading.Thread(target=scan_until_killed, args=(port, sign.code, answered, enough)) for _ in range(6)]
        for guest in guests:
            guest.start()
        is_enough = enough.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        for guest in guests:
            guest.join(40)
        assert is_enough, f"only {len(answered)} scans were answered in a minute"
        everything += answered
    Log(engine, spill=tmp_path / "spill").close()  # what a slow disk had made wait beside the database is brought in at the next start
    with engine.begin() as connection:
        kept = list(connection.scalars(sa.select(click.c.key)))
        assert set(everything) <= set(kept)
        assert len(kept) == len(set(kept))
        assert len(everything) >= KILLS * ANSWERS
        assert recounts.recount(connection) == []
