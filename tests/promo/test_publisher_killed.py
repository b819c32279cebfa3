"""kill -9 of workers in the middle of everything, on both databases, against every network's stand-in: no post lost, none doubled."""

import contextlib
import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bluesky_stand_in
import graph_stand_in
import making
import mastodon_stand_in
import pytest
import sqlalchemy as sa
import telegram_stand_in
from serving_thread import serving
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from promo import accounts, posts
from promo.tables import attempt, target
from storefront import database

HERE = Path(__file__).parent
CHANCE = {"before": 0.02, "after": 0.02, "drop_before": 0.02, "drop_after": 0.02, "slow": 0.02, "html": 0.02}
OF_PRACTICE = {"error_before": 0.02, "error_after": 0.02, "drop_before": 0.02, "drop_after": 0.02, "slow": 0.02, "late": 0.02}
TIMEOUT, SETTLE = (
    (3.0, 12.0) if making.LONG else (1.0, 4.0)
)  # a busy machine takes a post later than a calm one; what is later than both doubles
LAG, READS = making.rounds(0.5, 4.0), 0.05  # lists are so many seconds behind, and so many looks fail
TOKEN = "123456:token-that-must-never-be-seen"
MARKER = re.compile(r"/Q/(\w+)")
ENDS = ("published", "needs_person")


class Workers:
    """Publishers as processes; each that is started is a new one that was never there before."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, *, settle: float, **wish: Any) -> None:
        command = [sys.executable, str(HERE / "publishing_worker.py"), self.url, str(settle), json.dumps(wish)]
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}
        self.running.append(subprocess.Popen(command, env=environment))

    def kill(self, which: int) -> None:
        process = self.running.pop(which)
        process.kill()
        process.wait()


@pytest.fixture
def workers(database_url: str) -> Iterator[Workers]:
    workers = Workers(database_url)
    yield workers
    while workers.running:
        workers.kill(0)


def killing_loop(workers: Workers, is_done: Callable[[], bool], *, settle: float, kills: int, seed: int, **wish: Any) -> None:
    """Two workers; one of them dies every second or so and another takes its place; the last two are left to finish."""
    chance = random.Random(seed)
    for _ in range(2):
        workers.start(settle=settle, **wish)
    for _ in range(kills):
        time.sleep(chance.uniform(*making.rounds((1.0, 2.0), (2.0, 4.0))))
        workers.kill(chance.randrange(2))
        workers.start(settle=settle, **wish)
    end = time.monotonic() + making.rounds(90, 1_500)
    while not is_done() and time.monotonic() < end:
        time.sleep(0.3)


@dataclass
class Site:
    """A network's stand-in as an account needs it, and every text that can be seen on it."""

    network: str
    fields: Mapping[str, str]
    texts: Callable[[], list[str]]

    def counts(self) -> Counter[str]:
        return Counter(found[1] for text in self.texts() if (found := MARKER.search(text)))


@pytest.fixture
def sites(practice: Any) -> Iterator[tuple[list[Site], dict[str, Any]]]:
    """Every network that has a stand-in, each misbehaving by chance; and what a worker must know to find them."""
    practice.misbehave(seconds=TIMEOUT + 0.5, chance=OF_PRACTICE)
    route = Route("/{name}", lambda _: Response(b"\xff\xd8\xff\xe0" + bytes(2_000), media_type="image/jpeg"), methods=["GET", "HEAD"])
    with contextlib.ExitStack() as open_ones:
        media = open_ones.enter_context(serving(Starlette(routes=[route])))
        graph = open_ones.enter_context(graph_stand_in.running(lag=LAG))
        graph.instagram.quota = graph.threads.quota = (0, 10_000)
        graph.tell_about(TOKEN)
        mastodon = open_ones.enter_context(mastodon_stand_in.running(TOKEN, lag=LAG))
        other = open_ones.enter_context(mastodon_stand_in.running(TOKEN, keeps_keys=False, lag=LAG))
        telegram = open_ones.enter_context(telegram_stand_in.running(TOKEN))
        bluesky = open_ones.enter_context(bluesky_stand_in.running(TOKEN))
        for number, stand_in in enumerate((graph, mastodon, other, telegram, bluesky)):
            stand_in.faults.chance, stand_in.faults.seed, stand_in.faults.slow = CHANCE, number, TIMEOUT + 0.5
            stand_in.faults.reads = READS
            stand_in.faults.__post_init__()
        sites = [
            Site("practice", {"base_url": practice.url, "handle": "desa"}, lambda: [one["caption"] for one in practice.posts()]),
            Site("facebook", {"page_id": graph_stand_in.PAGE}, lambda: [one["message"] for one in graph.posts]),
            Site(
                "instagram",
                {"ig_user_id": graph_stand_in.INSTAGRAM, "place": "feed"},
                lambda: [one["caption"] for one in graph.instagram.posts],
            ),
            Site("threads", {"threads_user_id": graph_stand_in.THREADS}, lambda: [one["text"] for one in graph.threads.posts]),
            Site("mastodon", {"base_url": mastodon.url}, lambda: [one["text"] for one in mastodon.posts]),
            Site("mastodon", {"base_url": other.url}, lambda: [one["text"] for one in other.posts]),
            Site("telegram", {"base_url": telegram.url, "channel": "@desawonorejo"}, lambda: [one["caption"] for one in telegram.posts]),
            Site(
                "bluesky",
                {"base_url": bluesky.url, "handle": "wonorejo.example"},
                lambda: [one["record"]["text"] for one in bluesky.records.values()],
            ),
        ]
        given = {"graph_url": graph.url, "threads_url": graph.url, "calls_an_hour": "1000000"}
        yield sites, {"given": given, "media": media, "timeout": TIMEOUT}


def connect(town: Any, site: Site, number: int) -> int:
    with town.engine.begin() as connection:
        return accounts.connect(
            connection,
            village_id=town.village_id,
            network=site.network,
            title=f"{site.network} {number}",
            fields=site.fields,
            secrets={"token": TOKEN, "app_password": TOKEN},
            sealer=town.sealer,
            at=datetime.now(UTC),
        ).id


def schedule(town: Any, site: Site, account_id: int, marker: str, due_at: datetime, connection: sa.Connection, now: datetime) -> None:
    posts.schedule(
        connection,
        village_id=town.village_id,
        post_id=town.post_id,
        account_id=account_id,
        network=site.network,
        format="portrait",
        caption=f"Keripik apel http://wonorejo.example/Q/{marker}",
        media=[{"sha256": "0" * 64, "alt": "Keripik apel"}],
        link_id=None,
        link_url=f"http://wonorejo.example/Q/{marker}",
        marker=marker,
        due_at=due_at,
        at=now,
        clock=town.clock,
    )


def ends(town: Any) -> dict[str, tuple[str, str | None]]:
    with database.reading(town.engine) as connection:  # a writer would wait in line with the workers
        rows = connection.execute(sa.select(target.c.marker, target.c.state, target.c.reason)).all()
    return {row.marker: (row.state, row.reason) for row in rows}


def journal_of(town: Any, markers: Collection[str]) -> list[tuple[Any, ...]]:
    """Every call made for these, to be told with what went wrong."""
    told = sa.select(
        target.c.marker, target.c.remote_id, attempt.c.step, attempt.c.outcome, attempt.c.sent, attempt.c.status, attempt.c.code
    )
    with database.reading(town.engine) as connection:
        rows = connection.execute(told.join(attempt, attempt.c.target_id == target.c.id).order_by(attempt.c.id))
        return [tuple(row) for row in rows if row.marker in markers]


@pytest.mark.torture
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seed", range(making.rounds(1, 2)))
def test_killed_workers_lose_and_double_nothing_on_any_network(town, sites, workers, seed: int) -> None:
    each, span = making.rounds(5, 500), making.rounds(6, 150)
    where, wish = sites
    wish["given"]["facebook_two_phase"] = ("no", "yes")[seed % 2]
    now = datetime.now(UTC)
    markers: dict[str, tuple[int, str]] = {}
    held = [connect(town, site, number) for number, site in enumerate(where)]
    with town.engine.begin() as connection:
        for number, site in enumerate(where):
            for place in range(each):
                marker = f"K{seed}N{number}P{place:03}"
                markers[marker] = (number, site.network)
                schedule(town, site, held[number], marker, now + timedelta(seconds=2 + span * place / each), connection, now)
    kills = making.rounds(4, 60)
    killing_loop(workers, lambda: all(state in ENDS for state, _ in ends(town).values()), settle=SETTLE, kills=kills, seed=seed, **wish)
    seen = [site.counts() for site in where]
    came = ends(town)
    print(f"\nseed {seed}, {town.engine.dialect.name}: {each} posts on each of {len(where)}, {kills} kills, {Counter(came.values())}")
    assert {marker: end for marker, end in came.items() if end[0] not in ENDS} == {}, "something is stuck"
    doubled = {marker: count for counts in seen for marker, count in counts.items() if count > 1}
    assert doubled == {}, journal_of(town, doubled)
    lost = [marker for marker, (number, _) in markers.items() if came[marker][0] == "published" and not seen[number][marker]]
    assert lost == [], journal_of(town, lost)
    asked = {network for marker, (_, network) in markers.items() if came[marker][0] == "needs_person"}
    assert asked <= {"telegram"}, "a person was asked about what could have been looked at"


def test_the_same_loop_without_a_look_at_the_network_does_double(town, practice, workers) -> None:
    practice.misbehave(seconds=1, chance={"error_after": 0.5})
    for place in range(6):
        town.schedule(f"BL1ND{place}", due_in=1 + place * 0.3)
    killing_loop(workers, lambda: max(practice.counts().values(), default=0) > 1, settle=0.1, kills=1, seed=6, blind=True)
    assert max(practice.counts().values()) > 1


def test_a_living_worker_takes_over_the_runs_of_a_dead_one(town, practice, workers, wait_until) -> None:
    practice.misbehave(seconds=1.5, slow=3)
    of = [town.schedule(f"DEAD{number:02}") for number in range(3)]
    workers.start(settle=1.0)
    wait_until(lambda: town.states()["sending"] >= 1)
    workers.kill(0)
    workers.start(settle=1.0)
    wait_until(lambda: town.states() == {"published": 3}, within=25)
    assert practice.counts() == {f"DEAD{number:02}": 1 for number in range(3)}
    stories = [town.story(one.id) for one in of]
    assert any(("publish", "cut_off", None) in story and story[-1] == ("reconcile", "found", None) for story in stories)
