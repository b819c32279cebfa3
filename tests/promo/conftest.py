"""The practice network as a process, and a village with an account on it."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import making
import pytest
import sqlalchemy as sa

from promo import accounts, posts
from promo.accounts import Sealer
from promo.clock import DurableClock
from promo.targets import Target

SECRET = "a secret that is only for tests, 32+"
TOKEN = "token-that-must-never-be-seen"


@dataclass
class Practice:
    """A running practice network."""

    url: str
    process: subprocess.Popen[str]

    def posts(self) -> list[dict[str, Any]]:
        return list(httpx2.get(f"{self.url}/posts.json", timeout=10, trust_env=False).json())

    def counts(self) -> Counter[str]:
        """How often each marker is on the timeline."""
        return Counter(post["marker"] for post in self.posts())

    def misbehave(self, seconds: float = 5.0, chance: Mapping[str, float] | None = None, **faults: int) -> None:
        body = {"faults": faults, "seconds": seconds, "chance": chance}
        httpx2.post(f"{self.url}/misbehave", json=body, timeout=10, trust_env=False).raise_for_status()


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    """A practice network that ends with the test."""
    process = subprocess.Popen(
        [sys.executable, "-m", "storefront.practice", "--data", str(tmp_path / "practice"), "--port", "0", "--with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield Practice(process.stdout.readline().strip(), process)
    process.kill()
    process.communicate()


@dataclass
class Town:
    """A village with one account on the practice network, and what makes posts for it."""

    engine: sa.Engine
    clock: DurableClock
    sealer: Sealer
    village_id: int
    account_id: int
    post_id: int

    def schedule(self, marker: str, *, due_in: float = 0.0, pictures: int = 1) -> Target:
        """A target that is due in so many seconds."""
        now = datetime.now(UTC)
        with self.engine.begin() as connection:
            return posts.schedule(
                connection,
                village_id=self.village_id,
                post_id=self.post_id,
                account_id=self.account_id,
                network="practice",
                format="portrait",
                caption=f"Keripik apel, renyah. http://wonorejo.example/Q/{marker} #wonorejo",
                media=[{"sha256": f"{number:064}", "alt": "Keripik apel di atas tampah"} for number in range(pictures)],
                link_id=None,
                link_url=f"http://wonorejo.example/Q/{marker}",
                marker=marker,
                due_at=now + timedelta(seconds=due_in),
                at=now,
                clock=self.clock,
            )

    def target(self, target_id: int) -> Target:
        return next(one for one in self.targets() if one.id == target_id)

    def targets(self) -> list[Target]:
        with self.engine.begin() as connection:
            return posts.targets(connection, self.village_id, self.post_id)

    def states(self) -> Counter[str]:
        return Counter(one.state for one in self.targets())

    def story(self, target_id: int) -> list[tuple[str, str | None, str | None]]:
        """(step, outcome, sent) of every call."""
        with self.engine.begin() as connection:
            return [(call.step, call.outcome, call.sent) for call in posts.attempts(connection, self.village_id, target_id)]


@pytest.fixture
def town(engine: sa.Engine, database_url: str, practice: Practice) -> Iterator[Town]:
    """A village with an account on the running practice network."""
    sealer = Sealer(SECRET)
    clock = DurableClock(database_url)
    clock.lay()
    now = datetime.now(UTC)
    with engine.begin() as connection:
        village_id = making.village(connection)
        account = accounts.connect(
            connection,
            village_id=village_id,
            network="practice",
            title="Akun latihan",
            fields={"base_url": practice.url, "handle": "desa.wonorejo"},
            secrets={"token": TOKEN},
            sealer=sealer,
            at=now,
        )
        post = posts.create(
            connection,
            village_id=village_id,
            subject_kind="product",
            subject_id=1,
            title="Keripik apel",
            caption="Keripik apel, renyah.",
            poster="full_photo",
            pictures={"portrait": "0" * 64},
            alt="Keripik apel di atas tampah",
            language="id",
            made_by="Sri",
            at=now,
        )
    yield Town(engine, clock, sealer, village_id, account.id, post.id)
    clock.close()


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """Wait until something is so; fails when it takes too long."""

    def wait(is_so: Callable[[], bool], *, within: float = 40.0) -> None:
        tick = threading.Event()
        end = datetime.now(UTC) + timedelta(seconds=within)
        while not is_so():
            assert datetime.now(UTC) < end, "it took too long"
            tick.wait(0.1)

    return wait
