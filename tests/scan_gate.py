"""The scan as a guest's phone and a messenger see it: one village with one sign, asked as a server would ask."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import making
import sqlalchemy as sa

from campaigns.links import Link
from campaigns.tables import click
from campaigns.visitors import Salts
from campaigns.visits import Log
from storefront import addresses, attribution, database, knownlinks, settings
from storefront.attribution import Source
from storefront.scan import Scan

SECRET = "s" * 40
PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: bytes

    @property
    def source(self) -> Source | None:
        text = self.headers.get("set-cookie", "").partition(";")[0].removeprefix(f"{attribution.COOKIE}=")
        return attribution.read_source(text, SECRET, at=making.NOW)


class Gate:
    """The scan with a village and one sign, asked as a server would."""

    def __init__(self, engine: sa.Engine, folder: Path, **given: Any) -> None:
        self.engine = engine
        with engine.begin() as connection:
            self.village = making.village(connection)
            self.sign = making.link(connection, self.village)
        self.log = Log(engine, spill=folder / "spill")
        chosen = settings.load(folder, secret=SECRET, **{"public_url": "https://wonorejo.desa.id", **given.pop("settings", {})})
        options = {"locate": self.locate, "settings": chosen, "clock": lambda: self.now, **given}
        self.scan = Scan(engine, self.log, Salts(engine), **options)
        self.now: datetime = making.NOW
        self.loop = asyncio.new_event_loop()
        self.apart = ThreadPoolExecutor(1)  # in this thread a browser of another test may have its loop

    def locate(self, link: Link) -> str:
        with database.reading(self.engine) as connection:
            return addresses.of_link(connection, link)

    def ask(self, path: str = "", method: str = "GET", *, address: str = "36.68.0.1", **headers: str) -> Answer:
        sent: list[dict[str, Any]] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            raise AssertionError("a scan has no body to read")

        named = {"user-agent": PHONE, **{name.replace("_", "-"): value for name, value in headers.items()}}
        raw = [(name.encode(), value.encode("latin-1")) for name, value in named.items()]
        scope = {"type": "http", "method": method, "path": path or f"/Q/{self.sign.code}", "headers": raw, "client": (address, 5000)}
        self.apart.submit(self.loop.run_until_complete, self.scan(scope, receive, send)).result()
        answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        cookies = [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]
        return Answer(sent[0]["status"], answered, cookies, b"".join(message.get("body", b"") for message in sent[1:]))

    def kinds(self) -> list[int]:
        with self.engine.begin() as connection:
            return list(connection.scalars(sa.select(click.c.kind).order_by(click.c.id)))

    def wait_for_edits(self) -> None:
        """Long enough for an edit to hold: what is known is looked at again once it is this old."""
        time.sleep(knownlinks.STALE + 0.05)

    def close(self) -> None:
        self.log.close()
        self.apart.submit(self.loop.run_until_complete, self.loop.shutdown_default_executor()).result()
        self.apart.shutdown()
        self.loop.close()
