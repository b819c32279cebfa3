"""The whole product turning on one computer: the demo village, shop, desk and publisher in this process, the practice network beside it."""

import hashlib
import hmac
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import sqlalchemy as sa

from campaigns import links
from promo import accounts
from storefront import database, samples, serving, settings, villages
from storefront.media import Store
from storefront.settings import Settings

LOGIN = "operator"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Running:
    """What a person wants to know once all is up; written to demo.json as it stands here."""

    shop: str
    desk: str
    practice: str
    name: str
    password: str
    signs: dict[str, str]  # {title: code}
    pid: int  # of this process: a demo.json with another is left over from one that was killed
    phone: str  # the address of the first sign as a phone on the same network reaches it


def run(
    data: Path, port: int, host: str, *, progress: Progress, when_up: Callable[[Running], None], moved: Callable[[int, int], None]
) -> None:
    """Prepare what is missing, start all, tell `when_up`, and go on until Ctrl-C. `moved(wanted, taken)` says that a port was not free."""
    listening = serving.listen_near(host, port)
    taken = listening.getsockname()[1]
    if taken != port:
        moved(port, taken)
    chosen = _settings(data, taken)
    (data / "demo.json").unlink(missing_ok=True)
    practice_port = _free_port(taken + 1)
    practice_url = f"http://127.0.0.1:{practice_port}"
    village_id = _prepare(chosen, practice_url, progress)
    practice = _start_practice(data / "practice", practice_port)
    try:
        _wait_for(f"{practice_url}/posts.json", practice)
        serving.serve(chosen, listening, with_publisher=True, when_up=lambda: when_up(_running(chosen, village_id, practice_url, taken)))
    finally:
        _stop(practice)
        (data / "demo.json").unlink(missing_ok=True)


def _settings(data: Path, port: int) -> Settings:
    """The demo's own file of settings, made once; the address follows the port of today."""
    file = data / settings.FILE
    if not file.exists():
        data.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(f"GAPURA_SECRET={secrets.token_urlsafe(32)}\n", encoding="utf-8")
    return settings.load(data, public_url=f"http://127.0.0.1:{port}", port=port)


def _prepare(chosen: Settings, practice_url: str, progress: Progress) -> int:
    engine = database.open_engine(chosen.database_url)
    progress("database", 0, 1)
    database.migrate(engine)
    progress("database", 1, 1)
    loaded = samples.load(
        engine,
        Store(chosen.media),
        settings=chosen,
        at=datetime.now(UTC),
        practice_url=practice_url,
        password=password(chosen),
        progress=progress,
    )
    _point_at_practice(engine, chosen, loaded.village_id, practice_url)
    engine.dispose()
    return loaded.village_id


def _point_at_practice(engine: sa.Engine, chosen: Settings, village_id: int, practice_url: str) -> None:
    """The practice network may listen elsewhere than the last time."""
    with database.writing(engine) as connection:
        for account in accounts.listed(connection, village_id):
            if account.network == "practice" and account.fields.get("base_url") != practice_url:
                sealer = accounts.Sealer(chosen.secrets)
                fields = {**account.fields, "base_url": practice_url}
                accounts.change(connection, village_id, account.id, title=account.title, fields=fields, secrets={}, sealer=sealer)


def password(chosen: Settings) -> str:
    """The demo clerk's password: this installation's own, and the same each time."""
    digest = hmac.new(chosen.secret.get_secret_value().encode(), b"demo clerk", hashlib.sha256).hexdigest()
    return f"gapura-{digest[:4]}-{digest[4:8]}"


def _start_practice(folder: Path, port: int) -> subprocess.Popen[bytes]:
    # Its standard input is a pipe of ours: when we are gone, however that came, it reads the end and goes too.
    command = [sys.executable, "-m", "storefront.practice", "--data", str(folder), "--port", str(port), "--with-parent"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - ourselves; not hit by our Ctrl-C


def _wait_for(url: str, process: subprocess.Popen[bytes], *, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx2.get(url, timeout=2, trust_env=False).status_code == 200:
                return
        except httpx2.HTTPError:
            time.sleep(0.1)
    raise RuntimeError(f"the practice network did not start at {url}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.terminate()


def _running(chosen: Settings, village_id: int, practice_url: str, port: int) -> Running:
    engine = database.open_engine(chosen.database_url)
    with database.reading(engine) as connection:
        signs = {link.title: link.code for link in links.listed(connection, village_id, kind="qr") if link.state == "open"}
        villages.get(connection, village_id)
    engine.dispose()
    shop = chosen.public_url
    first = next(iter(signs.values()), "")
    running = Running(
        shop=f"{shop}/",
        desk=f"{shop}/desk",
        practice=f"{practice_url}/",
        name=LOGIN,
        password=password(chosen),
        signs=signs,
        pid=os.getpid(),
        phone=f"http://{_reachable_address()}:{port}/Q/{first}",
    )
    beside = chosen.data / "demo.json.part"
    beside.write_text(json.dumps(running.__dict__, ensure_ascii=False, indent=1), encoding="utf-8")
    beside.replace(chosen.data / "demo.json")
    return running


def _free_port(first: int) -> int:
    listening = serving.listen_near("127.0.0.1", first)
    port: int = listening.getsockname()[1]
    listening.close()
    return port


def _reachable_address() -> str:
    """This computer's address in its own network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation: only the way out is looked up
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
