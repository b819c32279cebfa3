"""Bluesky once more behind a line that eats answers: against the real server where node and its packages are, else against the stand-in.

`make torture` brings the packages with npm; which of the two it was is printed.
"""

import random
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bluesky_stand_in
import httpx2
import making
import pytest
import sqlalchemy as sa
from faults_stand_in import Cut
from serving_thread import serving
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from promo import posts, targets
from promo.accounts import Sealer
from promo.handing import HandingRunner
from promo.networks import bluesky
from promo.runs import Pace
from promo.turns import Turns

FOLDER = Path(__file__).parent.parent / "pds"
PASSWORD, SEALER = "password-that-must-never-be-seen", Sealer("a secret for the tests only")


@dataclass
class Line:
    """A line to a server: of the calls that publish some never arrive, and some answers never come back."""

    server: str
    handle: str
    dice: random.Random
    is_open: bool = True
    url: str = ""
    eaten: list[str] = field(default_factory=list)

    def through(self, request: Request, body: bytes) -> Response:
        shot = self.dice.random() if request.method == "POST" and request.url.path.endswith("putRecord") and self.is_open else 1.0
        if shot < 0.2:
            self.eaten.append("before")
            return Cut()
        kept = {name: value for name, value in request.headers.items() if name in ("authorization", "content-type")}
        url = f"{self.server}{request.url.path}?{request.url.query}"
        said = httpx2.request(request.method, url, content=body, headers=kept, timeout=30, trust_env=False)
        if shot < 0.5:
            self.eaten.append("after")
            return Cut()
        return Response(said.content, said.status_code, media_type=said.headers.get("content-type"))

    def keys(self) -> list[str]:
        """The keys of all records that everybody sees."""
        query = {"repo": self.handle, "collection": "app.bsky.feed.post", "limit": "100"}
        said = httpx2.get(f"{self.server}/xrpc/com.atproto.repo.listRecords", params=query, timeout=30, trust_env=False).json()
        return [record["uri"].rpartition("/")[2] for record in said["records"]]


@pytest.fixture
def server() -> Iterator[tuple[str, str]]:
    """(address, account): the real one where it can be had."""
    node = shutil.which("node")
    if making.LONG and node and (FOLDER / "node_modules" / "@atproto" / "pds").exists():
        process = subprocess.Popen([node, str(FOLDER / "server.cjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=FOLDER)
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        account = {"handle": "wonorejo.test", "email": "desa@wonorejo.test", "password": PASSWORD}
        httpx2.post(f"{url}/xrpc/com.atproto.server.createAccount", json=account, timeout=30, trust_env=False).raise_for_status()
        print("\nthe real Bluesky server")
        yield url, "wonorejo.test"
        process.kill()
        process.wait()
        return
    with bluesky_stand_in.running(PASSWORD) as stand_in:
        print("\nthe stand-in for Bluesky")
        yield stand_in.url, "wonorejo.example"


@pytest.fixture(params=range(making.rounds(1, 3)))
def line(request: pytest.FixtureRequest, server: tuple[str, str]) -> Iterator[Line]:
    of = Line(*server, random.Random(6 + request.param))
    print(f"seed {6 + request.param}")

    async def answer(asked: Request) -> Response:
        return await run_in_threadpool(of.through, asked, await asked.body())

    with serving(Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])) as of.url:
        yield of


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_behind_a_line_that_eats_answers_every_post_is_there_once(engine: sa.Engine, line: Line) -> None:
    clock, now = making.StillClock(), [datetime.now(UTC)]
    with engine.begin() as connection:
        village_id = making.village(connection)
        fields = {"handle": line.handle, "base_url": line.url}
        account = making.account(
            connection, village_id, network="bluesky", fields=fields, secrets={"app_password": PASSWORD}, sealer=SEALER
        )
        about = {"village_id": village_id, "account_id": account.id, "network": "bluesky", "format": "portrait", "link_id": None}
        markers = [f"B1UE{number:03}" for number in range(making.rounds(12, 80))]
        for marker in markers:
            own = {"post_id": making.post(connection, village_id).id, "marker": marker, "link_url": f"https://desa.id/Q/{marker}"}
            own |= {"caption": f"Keripik https://desa.id/Q/{marker}", "media": [{"sha256": "0" * 64, "alt": "Keripik"}]}
            posts.schedule(connection, **about, **own, due_at=now[0], at=now[0], clock=clock)
    runner = HandingRunner(
        engine,
        clock,
        lambda _: making.picture(),
        SEALER,
        worker="w",
        pace=Pace(timeout=10.0, back_off=(0.1,)),
        now=lambda: now[0],
        stopping=lambda: False,
    )
    turns = Turns(engine, "w", lambda: now[0], lambda _: None)
    for _ in range(25):
        while (of := turns.next()) is not None:
            runner.run(of)
        now[0] += timedelta(seconds=30)
    with engine.begin() as connection:
        done = [of for found in targets.of_posts(connection, village_id, range(1, 200)).values() for of in found]
    assert {of.state for of in done} == {"published"}
    assert {"before", "after"} == set(line.eaten)
    assert sorted(line.keys()) == sorted(bluesky.record_key(marker) for marker in markers)
