"""A real Chromium that fetches a link ahead, renders it ahead and then is clicked: one person, counted once."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import making
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser
from scan_gate import PHONE
from serving_thread import serving

from campaigns import links
from campaigns.clicks import Kind
from campaigns.tables import click
from campaigns.visitors import Salts
from campaigns.visits import Log
from storefront import settings
from storefront.scan import Scan

WAYS = ("prefetch", "rules-prefetch", "rules-prerender")
PAGE = """<!doctype html><title>Kabar desa</title><p>Lihat <a id="prefetch" href="/Q/{0}">papan pertama</a>,
<a id="rules-prefetch" href="/Q/{1}">papan kedua</a>, <a id="rules-prerender" href="/Q/{2}">papan ketiga</a>.</p>
<link rel="prefetch" href="/Q/{0}">
<script type="speculationrules">{{"prefetch": [{{"urls": ["/Q/{1}"], "eagerness": "immediate"}}],
"prerender": [{{"urls": ["/Q/{2}"], "eagerness": "immediate"}}]}}</script>"""


class Site:
    """Scans, a page that leads to three of them, and where they lead."""

    def __init__(self, engine: sa.Engine, folder: Path) -> None:
        with engine.begin() as connection:
            village = making.village(connection)
            self.signs = dict(zip(WAYS, (making.link(connection, village) for _ in WAYS), strict=True))
        self.engine = engine
        self.log = Log(engine, spill=folder / "spill", patience=30)
        chosen = settings.load(folder, secret="s" * 40, public_url="http://127.0.0.1")
        self.scan = Scan(engine, self.log, Salts(engine), locate=lambda _: "/desa", settings=chosen, clock=lambda: datetime.now(UTC))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if scope["path"].startswith("/Q/"):
            await self.scan(scope, receive, send)
            return
        body = PAGE.format(*(sign.code for sign in self.signs.values())) if scope["path"] == "/kabar" else "<h1>Selamat datang</h1>"
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"%d" % len(body.encode()))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})

    def kinds(self, sign: links.Link) -> list[int]:
        with self.engine.begin() as connection:
            return sorted(connection.scalars(sa.select(click.c.kind).where(click.c.link_id == sign.id)))


@pytest.fixture
def site(engine: sa.Engine, tmp_path: Path) -> Iterator[Site]:
    made = Site(engine, tmp_path)
    yield made
    made.log.close()


def wait_until_fetched_ahead(site: Site) -> None:
    until = time.monotonic() + 30
    while not all(site.kinds(sign) for sign in site.signs.values()):
        assert time.monotonic() < until, {way: site.kinds(sign) for way, sign in site.signs.items()}
        time.sleep(0.05)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("way", WAYS)
def test_a_link_that_a_browser_fetched_ahead_is_counted_once_when_it_is_clicked(browser: Browser, site: Site, way: str) -> None:
    sign = site.signs[way]
    with serving(site) as url:
        context = browser.new_context(locale="id-ID", user_agent=PHONE)
        page = context.new_page()
        page.goto(f"{url}/kabar")
        wait_until_fetched_ahead(site)
        assert [site.kinds(one) for one in site.signs.values()] == [[Kind.PREFETCH]] * 3
        page.click(f"#{way}")
        page.wait_for_url("**/desa")
        assert page.inner_text("h1") == "Selamat datang"
        context.close()
    assert site.kinds(sign) == [Kind.PERSON, Kind.PREFETCH]
