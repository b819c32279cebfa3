"""The shop without signal, in a real Chromium with the network cut: what is kept opens, and an order made there goes out later, once."""

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import making
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, expect

from storefront import database, orders, villages

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def shop(engine: sa.Engine, serve: Callable[..., Any]) -> Any:
    """A served village with a product, a maker, an attraction and their numbers."""
    minutes = itertools.count()
    served = serve(engine, clock=lambda: making.NOW + timedelta(minutes=next(minutes)))  # nobody fills in a form in no time
    with database.writing(engine) as connection:
        village = making.village(connection, whatsapp="6281200000001")
        making.product(connection, village, making.maker(connection, village), stock=9)
        making.attraction(connection, village, latitude=-7.8079, longitude=112.5572, safety={"id": "Batu licin."})
        villages.change(connection, village, brand={"tagline": {"id": "Dari lereng"}})
    return served


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="id-ID")
    yield context
    context.close()


def opened(phone: BrowserContext, url: str) -> Page:
    """The village's page after a touch, with everything kept that is kept from the first visit on."""
    page = phone.new_page()
    page.goto(url)
    page.mouse.move(5, 5)
    page.mouse.down()
    page.mouse.up()
    kept(page, "/", "/tanpa-sinyal", "/pesanan-tersimpan")
    page.reload()  # from here on the service worker answers
    until(page, "() => navigator.serviceWorker.controller !== null")
    return page


def until(page: Page, holds: str, arg: Any = None) -> None:
    """Ask the page until it says yes. Playwright's own waiting asks a second time by eval, which our pages forbid."""
    deadline = time.monotonic() + 20
    while not page.evaluate(holds, arg):
        assert time.monotonic() < deadline, holds
        page.wait_for_timeout(20)


def kept(page: Page, *paths: str) -> None:
    """Wait until these pages are in the phone."""
    for path in paths:
        until(page, "path => caches.match(path).then(Boolean)", path)


def placed(engine: sa.Engine) -> list[orders.Order]:
    with database.reading(engine) as connection:
        return list(orders.listed(connection, 1))


def at_the_checkout(phone: BrowserContext, shop: Any) -> Page:
    page = opened(phone, shop.url)
    page.goto(f"{shop.url}/produk/keripik-apel")
    page.get_by_role("button", name="Masukkan keranjang").click()
    kept(page, "/keranjang", "/pesan")
    page.get_by_role("button", name="Lanjut memesan").click()
    page.get_by_label("Nama Anda").fill("Rina & keluarga")
    page.get_by_label("Nomor WhatsApp").fill("0812-1111-2222")
    return page


def test_what_was_seen_opens_without_signal_and_the_rest_leads_to_the_card(shop: Any, phone: BrowserContext) -> None:
    page = opened(phone, shop.url)
    page.goto(f"{shop.url}/wisata/air-terjun")
    kept(page, "/wisata/air-terjun")
    page.goto(f"{shop.url}/produk/keripik-apel")
    page.get_by_role("button", name="Masukkan keranjang").click()
    kept(page, "/keranjang")
    phone.set_offline(True)
    page.goto(shop.url)
    expect(page.get_by_role("heading", name="Desa Wonorejo")).to_be_visible()
    page.goto(f"{shop.url}/wisata/air-terjun")
    expect(page.get_by_text("Batu licin.")).to_be_visible()
    page.goto(f"{shop.url}/keranjang")
    expect(page.get_by_text("Keripik apel").first).to_be_visible()
    page.goto(f"{shop.url}/umkm/bu-sri")  # never seen
    expect(page.get_by_role("heading", name="Tanpa sinyal")).to_be_visible()
    for number in ("+6281200000001", "+6281234567890", "112"):
        assert page.locator(f'a[href="tel:{number}"]').count() == 1, number
    assert page.locator('a[href="geo:-7.8079,112.5572"]').inner_text() == "-7.8079, 112.5572"


def test_an_order_made_without_signal_is_sent_once_when_it_is_back(shop: Any, phone: BrowserContext) -> None:
    page = at_the_checkout(phone, shop)
    phone.set_offline(True)
    page.get_by_role("button", name="Pesan, Rp").click()
    expect(page.get_by_role("heading", name="Pesanan Anda aman di telepon ini")).to_be_visible()
    assert placed(shop.engine) == []
    phone.set_offline(False)
    page.wait_for_url(re.compile("/pesanan/[^/]+$"), timeout=20_000)
    expect(page.get_by_text("Rina & keluarga").first).to_be_visible()
    for _ in range(3):
        page.evaluate("navigator.serviceWorker.ready.then(ready => ready.active.postMessage({send: true}))")
        page.goto(shop.url)
    assert len(placed(shop.engine)) == 1


def test_news_that_is_told_twice_leads_there_once(shop: Any, phone: BrowserContext) -> None:
    page = at_the_checkout(phone, shop)
    phone.set_offline(True)
    page.get_by_role("button", name="Pesan, Rp").click()
    expect(page.get_by_role("heading", name="Pesanan Anda aman di telepon ini")).to_be_visible()
    until(page, "() => navigator.serviceWorker.ready.then(() => Boolean(document.querySelector('link[rel=manifest]')))")  # shop.js listens
    gone: list[str] = []
    page.on("request", lambda request: gone.append(request.url) if request.is_navigation_request() else None)
    told = "for (const _ of [1, 2]) navigator.serviceWorker.dispatchEvent(new MessageEvent('message', {data: {placed: '/tanpa-sinyal'}}))"
    page.evaluate(told)
    page.wait_for_url("**/tanpa-sinyal")
    assert len(gone) == 1


def test_an_order_whose_answer_was_lost_is_not_made_twice(shop: Any, phone: BrowserContext) -> None:
    page = at_the_checkout(phone, shop)
    worker = phone.service_workers[0]
    worker.evaluate(  # it arrives, and its answer never comes back
        "() => { const sent = self.fetch; self.fetch = async (request, options) => { const answer = await sent(request, options);"
        " if (request.method === 'POST') { self.fetch = sent; throw new TypeError('cut'); } return answer; } }"
    )
    page.get_by_role("button", name="Pesan, Rp").click()
    page.wait_for_url(re.compile("/pesanan/[^/]+$"), timeout=20_000)
    assert len(placed(shop.engine)) == 1


def test_an_order_that_cannot_be_had_any_more_comes_back_with_all_that_was_typed(shop: Any, phone: BrowserContext) -> None:
    page = at_the_checkout(phone, shop)
    phone.set_offline(True)
    page.get_by_role("button", name="Pesan, Rp").click()
    expect(page.get_by_role("heading", name="Pesanan Anda aman di telepon ini")).to_be_visible()
    with database.writing(shop.engine) as connection:
        connection.execute(sa.text("UPDATE product SET price_idr = 20000"))
    phone.set_offline(False)
    page.wait_for_url(re.compile(r"/pesanan-tersimpan\?lihat$"), timeout=20_000)
    assert "Rp\u00a020.000" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Nama Anda").input_value() == "Rina & keluarga"
    assert placed(shop.engine) == []


def test_the_script_comes_after_the_page_and_only_when_it_is_touched(shop: Any, phone: BrowserContext) -> None:
    page = phone.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(f"{shop.url}/produk/keripik-apel", wait_until="networkidle")
    assert [path for path in asked if not path.startswith(("/produk", "/media"))] == []
    page.keyboard.press("Tab")
    page.locator("link[rel=manifest]").wait_for(state="attached")
    assert any(path.startswith("/skrip/toko-id-") for path in asked)
    assert problems == [], "nothing that the page's own policy forbids"


def test_a_phone_can_keep_the_shop_among_its_apps(shop: Any, phone: BrowserContext) -> None:
    page = opened(phone, shop.url)
    session = phone.new_cdp_session(page)
    page.keyboard.press("Tab")
    page.locator("link[rel=manifest]").wait_for(state="attached")
    told = session.send("Page.getAppManifest")
    assert told["errors"] == []
    manifest = json.loads(told["data"])
    assert (manifest["name"], manifest["start_url"], manifest["display"]) == ("Desa Wonorejo", "/", "standalone")
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error["errorId"] for error in errors if error["errorId"] != "in-incognito"] == []


# ---- sharing -------------------------------------------------------------------------------------------------------------------


def share_links(engine: sa.Engine) -> list[tuple[str, int | None]]:
    with database.reading(engine) as connection:
        rows = connection.execute(sa.text("SELECT target_kind, target_id FROM link WHERE placement = 'share' ORDER BY id"))
        return [tuple(row) for row in rows]


def test_a_page_is_shared_with_one_tracked_link_however_often(shop: Any, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.add_init_script("navigator.share = async link => { window.shared = [...(window.shared ?? []), link]; }")
    page.goto(f"{shop.url}/produk/keripik-apel")
    for count in (1, 2):
        page.get_by_role("button", name="Bagikan").click()
        until(page, "count => window.shared?.length === count", count)
    links = page.evaluate("window.shared")
    assert links[0] == links[1]
    assert links[0]["text"] == "Keripik apel · Rp\u00a015.000 · Desa Wonorejo"
    assert page.request.get(links[0]["url"], max_redirects=0).headers["location"] == "/produk/keripik-apel"
    assert share_links(shop.engine) == [("product", 1)]


def test_a_link_can_be_copied(shop: Any, phone: BrowserContext) -> None:
    phone.grant_permissions(["clipboard-read", "clipboard-write"], origin=shop.url)
    page = phone.new_page()
    page.goto(f"{shop.url}/wisata/air-terjun")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Salin tautan").click()
    expect(page.get_by_role("status").filter(has_text="Tautan sudah disalin")).to_be_visible()
    assert re.fullmatch(rf"{re.escape(shop.url)}/Q/\w{{6}}", page.evaluate("navigator.clipboard.readText()"))


def test_without_a_script_whatsapp_takes_the_same_link(shop: Any, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="id-ID")
    context.route("https://wa.me/**", lambda route: route.fulfill(body="WhatsApp"))
    page = context.new_page()
    seen = set()
    for path in ("/", "/produk/keripik-apel", "/wisata/air-terjun", "/umkm/bu-sri", "/umkm/bu-sri"):
        page.goto(shop.url + path)
        page.get_by_role("button", name="Bagikan").click()
        page.wait_for_url("https://wa.me/?text=*")
        seen.add(parse_qs(urlsplit(page.url).query)["text"][0].rpartition("\n")[2])
    assert len(seen) == 4
    assert share_links(shop.engine) == [("village", None), ("product", 1), ("attraction", 1), ("maker", 1)]
    context.close()
