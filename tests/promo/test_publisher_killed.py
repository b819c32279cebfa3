"""kill -9 of workers in the middle of everything, on both databases: no post lost, none doubled."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import making
import pytest

HERE = Path(__file__).parent
FAULTS = {"error_after": 0.15, "drop_after": 0.1, "slow": 0.1, "error_before": 0.1, "drop_before": 0.05}


class Workers:
    """Publishers as processes; each that is started is a new one that was never there before."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, *, settle: float) -> None:
        command = [sys.executable, str(HERE / "publishing_worker.py"), self.url, str(settle)]
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


def killing_loop(workers: Workers, is_done: Callable[[], bool], *, settle: float, kills: int, seed: int) -> None:
    """Two workers; one of them dies every second or so and another takes its place; the last two are left to finish."""
    chance = random.Random(seed)
    for _ in range(2):
        workers.start(settle=settle)
    for _ in range(kills):
        time.sleep(chance.uniform(0.6, 1.6))
        workers.kill(chance.randrange(2))
        workers.start(settle=settle)
    end = time.monotonic() + making.rounds(90, 300)
    while not is_done() and time.monotonic() < end:
        time.sleep(0.3)


@pytest.mark.torture
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("seed", range(making.rounds(1, 5)))
def test_killed_workers_lose_and_double_nothing(town, practice, workers, seed: int) -> None:
    practice.misbehave(seconds=1.5, chance=FAULTS)
    markers = [f"K1LL{number:03}" for number in range(making.rounds(24, 120))]
    for place, marker in enumerate(markers):
        town.schedule(marker, due_in=2 + place * 0.3)
    all_out = {"published": len(markers)}
    killing_loop(workers, lambda: town.states() == all_out, settle=3.0, kills=making.rounds(8, 40), seed=6 + seed)
    stuck = [(one, town.story(one.id)) for one in town.targets() if one.state != "published"]
    assert stuck == []
    assert practice.counts() == dict.fromkeys(markers, 1)


def test_the_same_loop_without_a_look_at_the_network_does_double(town, practice, workers) -> None:
    practice.misbehave(seconds=120, chance={"error_after": 0.5}, lag=1_000)  # the list is blind, so looking cannot help
    for place in range(6):
        town.schedule(f"BL1ND{place}", due_in=1 + place * 0.3)
    killing_loop(workers, lambda: max(practice.counts().values(), default=0) > 1, settle=0.1, kills=2, seed=6)
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
