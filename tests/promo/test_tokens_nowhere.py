"""After posts to every network, with everything going wrong on the way, no token is anywhere but sealed: rows, backup, logs, addresses."""

import io
import logging
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
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

from promo import checkups, posts, targets
from promo.accounts import Sealer
from promo.handing import HandingRunner
from promo.runs import Pace
from promo.turns import Turns
from promo.watch import Watch
from storefront import backups, database, lent
from storefront.media import Store

TOKEN, BOT = "token-that-must-never-be-seen", "110201543:bot-that-must-never-be-seen"
APP_SECRET, SECRET = "app-secret-that-must-never-be-seen", "sealing-secret-that-must-never-be-seen"
HIDDEN = (TOKEN, BOT.partition(":")[2], APP_SECRET, SECRET, "session-that-must-never-be-seen")
FAULTS: list[tuple[str, dict[str, Any]]] = [("before", {}), ("drop_after", {}), ("html", {}), ("drop_before", {})]


@dataclass
class World:
    """All stand-ins at once, and what each network's account needs."""

    graph: graph_stand_in.StandIn
    others: tuple[Any, ...]
    accounts: dict[str, tuple[dict[str, str], dict[str, str]]]


@pytest.fixture
def world() -> Iterator[World]:
    with ExitStack() as stack:
        graph = stack.enter_context(graph_stand_in.running(app_secret=APP_SECRET))
        graph.tell_about(TOKEN)
        telegram = stack.enter_context(telegram_stand_in.running(BOT))
        mastodon = stack.enter_context(mastodon_stand_in.running(TOKEN))
        bluesky = stack.enter_context(bluesky_stand_in.running(TOKEN))
        meta = {"token": TOKEN, "app_secret": APP_SECRET}
        yield World(
            graph,
            (telegram, mastodon, bluesky),
            {
                "facebook": ({"page_id": "1234", "first_comment": "Pesan: {link}"}, meta),
                "instagram": ({"ig_user_id": "5678"}, meta),
                "threads": ({"threads_user_id": "9012"}, meta),
                "telegram": ({"channel": "@desawonorejo", "base_url": telegram.url}, {"token": BOT}),
                "mastodon": ({"base_url": mastodon.url}, {"token": TOKEN}),
                "bluesky": ({"handle": "wonorejo.example", "base_url": bluesky.url}, {"app_password": TOKEN}),
            },
        )


def test_no_token_is_left_anywhere(engine: sa.Engine, world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", "urllib3", "httpx2", "httpcore2", "gapura.publisher", "gapura.graph"):
        caplog.set_level(logging.DEBUG, logger=name)
    store, sealer, clock = Store(tmp_path / "media"), Sealer([SECRET]), making.StillClock()
    sha256, now = store.save(making.picture()), [datetime.now(UTC)]
    with engine.begin() as connection:
        village_id = making.village(connection)
        for number, (network, (fields, secrets)) in enumerate(world.accounts.items()):
            account = making.account(connection, village_id, network=network, title=network, fields=fields, secrets=secrets, sealer=sealer)
            about = {"village_id": village_id, "post_id": making.post(connection, village_id).id, "account_id": account.id}
            about |= {"network": network, "format": "portrait", "caption": f"Keripik https://desa.id/Q/ABC12{number}"}
            about |= {"media": [{"sha256": sha256, "alt": ""}], "link_id": None, "link_url": f"https://desa.id/Q/ABC12{number}"}
            posts.schedule(connection, **about, marker=f"ABC12{number}", due_at=now[0], at=now[0], clock=clock)
    given = {"graph_url": world.graph.url, "threads_url": world.graph.url}
    world.graph.faults.next_ones = FAULTS * 3
    for other in world.others:
        other.faults.next_ones = list(FAULTS)
    runner = HandingRunner(
        engine,
        clock,
        store.read,
        sealer,
        worker="w",
        pace=Pace(timeout=1.0, settle=0.1, back_off=(0.1,)),
        now=lambda: now[0],
        stopping=lambda: False,
        given=given,
        address=lambda one: lent.address("http://127.0.0.1:9", one, SECRET, at=now[0]),
    )
    turns = Turns(engine, "w", lambda: now[0], lambda _: None)
    for _ in range(14):
        while (of := turns.next()) is not None:
            runner.run(of)
        now[0] += timedelta(minutes=3)
    watch = Watch(engine, clock, sealer, worker="w", now=lambda: now[0], given=given)
    watch.look_at_logins()
    watch.look_at_results()
    world.graph.dead = (190, 463)
    now[0] += timedelta(days=1)
    watch.look_at_logins()
    watch.look_at_results()

    with engine.begin() as connection:
        rows = "\n".join(
            repr(row)
            for metadata in database.METADATA
            for table in metadata.tables.values()
            for row in connection.execute(sa.select(table))
        )
        states = {of.network: of.state for of in targets.of_posts(connection, village_id, range(1, 20)).values() for of in of}
        assert checkups.due(connection, now[0]) == []
    backup = tmp_path / "all.zip"
    backups.make(engine, {"media": store}, backup, at=now[0])
    with zipfile.ZipFile(io.BytesIO(backup.read_bytes())) as archive:
        packed = b"".join(archive.read(name) for name in archive.namelist()).decode("latin-1")
    addresses = str([call["url"] for call in world.graph.asked])
    logs = caplog.text + str([record.__dict__ for record in caplog.records])
    assert {"facebook": "published", "bluesky": "published", "mastodon": "published"}.items() <= states.items()
    assert {"needs_person", "waiting"} & set(states.values())  # Telegram asks a person, Instagram cannot fetch here
    assert len(addresses) > 500
    assert len(logs) > 5_000
    for secret in HIDDEN:
        assert secret not in rows
        assert secret not in packed
        assert secret not in logs
        assert secret not in addresses
