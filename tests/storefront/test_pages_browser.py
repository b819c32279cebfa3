"""The shop in a real Chromium: light enough for a hill, readable for everyone, usable on the smallest phone, and no JavaScript."""

import io
import math
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import making
import pytest
import sqlalchemy as sa
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from storefront import attractions, database, media, villages

# What a browser sees does not depend on the kind of database, and a Chromium takes its time.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KIB = 1024


def photo(seed: int) -> bytes:
    """A picture with as much detail as a phone's: soft shapes, a little grain."""
    grain = Image.effect_noise((1200, 900), 22).filter(ImageFilter.GaussianBlur(1.2)).convert("RGB")
    shapes = Image.radial_gradient("L").resize((1200, 900)).rotate(seed * 40).convert("RGB")
    tint = Image.new("RGB", (1200, 900), (90 + seed * 12 % 120, 120, 60 + seed * 25 % 120))
    file = io.BytesIO()
    Image.blend(Image.blend(shapes, tint, 0.5), grain, 0.3).save(file, "JPEG", quality=90)
    return file.getvalue()


@pytest.fixture
def url(engine: sa.Engine, serve: Callable[..., Any], now: datetime) -> str:
    """A served village with nine products of two makers, an attraction, and a photo everywhere."""
    served = serve(engine, clock=lambda: now)
    with database.writing(engine) as connection:
        village = making.village(connection, whatsapp="6281200000001", latitude=-7.8, longitude=112.5, story={"id": "Desa di lereng."})

        def add(seed: int) -> int:
            alt = {"id": f"Foto {seed}", "en": f"Photo {seed}"}
            return media.add_photo(connection, served.store, village, photo(seed), alt=alt, at=now).id

        villages.change(connection, village, photo_id=add(0), brand={"tagline": {"id": "Dari lereng"}})
        story = {"id": "Dibuat setiap pagi dari panen sendiri. " * 8}
        for name in ("Bu Sri", "Pak Joko"):
            maker = making.maker(connection, village, name=name, story=story, place={"id": "Gerai 3"}, photo_id=add(1))
            for number in range(5):
                stock = (None, 3, 0, 40, 7)[number]
                photos = [add(len(name) * 5 + number)]
                making.product(connection, village, maker, name=f"Keripik {number} {name}", stock=stock, photo_ids=photos, story=story)
        attractions.create(
            connection,
            village_id=village,
            name={"id": "Air terjun"},
            at=now,
            hours={"mon": ["07:00", "17:00"]},
            last_entry="16:00",
            ticket_idr=10_000,
            safety={"id": "Batu licin."},
            story=story,
            facilities=["toilet"],
            latitude=-7.8,
            longitude=112.5,
            photo_id=add(2),
        )
    return str(served.url)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """phone(width=..., dark=...) is a new phone without JavaScript and with nothing remembered."""
    opened: list[BrowserContext] = []

    def new(width: int = 360, *, dark: bool = False, script: bool = False, scale: float = 2, locale: str = "id-ID") -> BrowserContext:
        context = browser.new_context(
            viewport={"width": width, "height": 740},
            color_scheme="dark" if dark else "light",
            locale=locale,
            java_script_enabled=script,
            device_scale_factor=scale,
        )
        opened.append(context)
        return context

    yield new
    for context in opened:
        context.close()


def fill_cart(page: Page, url: str) -> None:
    for slug in ("keripik-0-bu-sri", "keripik-0-pak-joko"):
        page.goto(f"{url}/produk/{slug}")
        page.get_by_role("button", name="Masukkan keranjang").click()


# ---- weight --------------------------------------------------------------------------------------------------------------------


def transferred(context: BrowserContext, url: str) -> tuple[int, float]:
    """(requests, KiB over the wire with headers) of a first view."""
    page = context.new_page()
    session: CDPSession = context.new_cdp_session(page)
    session.send("Network.enable")
    asked: dict[str, str] = {}
    weights: dict[str, int] = {}
    session.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]}))
    session.on("Network.loadingFinished", lambda event: weights.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto(url, wait_until="networkidle")
    sent = [weight for request, weight in weights.items() if not asked[request].startswith("data:")]
    return len(sent), sum(sent) / KIB


def test_a_product_page_is_two_requests_and_35_kib(url: str, phone: Callable[..., BrowserContext]) -> None:
    transferred(phone(script=True), f"{url}/produk/keripik-0-bu-sri")
    requests, weight = transferred(phone(script=True), f"{url}/produk/keripik-0-bu-sri")
    assert requests <= 2
    assert weight <= 35, weight


def test_the_villages_first_view_is_nine_requests_and_50_kib(url: str, phone: Callable[..., BrowserContext]) -> None:
    transferred(phone(script=True), url)
    requests, weight = transferred(phone(script=True), url)
    assert requests <= 9
    assert weight <= 50, weight


HILL = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}  # a bad day's signal
SLOWER = 4  # times, this machine's processor: a cheap phone
WATCH = """
window.seen = {lcp: 0, shift: 0, moved: []};
new PerformanceObserver(list => list.getEntries().forEach(entry => seen.lcp = entry.startTime))
  .observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(entry => {
  seen.shift += entry.value;
  entry.sources.forEach(({node, previousRect, currentRect}) =>
    seen.moved.push([(node?.outerHTML ?? node?.textContent ?? '').slice(0, 80), previousRect.toJSON(), currentRect.toJSON()]));
}))
  .observe({type: 'layout-shift', buffered: true});
"""


def on_a_hill(context: BrowserContext, url: str) -> float:
    """Seconds until the largest thing of the first view stood there, by Chromium's own throttling; nothing may jump meanwhile."""
    page = context.new_page()
    session: CDPSession = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", HILL)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(WATCH)
    page.goto(url, wait_until="networkidle")
    seen = page.evaluate("seen")
    assert seen["shift"] == 0, seen["moved"]
    return float(seen["lcp"]) / 1000


@pytest.mark.parametrize(("path", "seconds"), [("/produk/keripik-0-bu-sri", 2.4), ("/", 2.7), ("/wisata/air-terjun", 2.7)])
def test_on_a_hill_the_first_view_stands_in_time_and_stands_still(
    url: str, phone: Callable[..., BrowserContext], path: str, seconds: float
) -> None:
    transferred(phone(script=True), url + path)
    tried = []
    for _ in range(6):  # what else the machine does only ever adds; a page that is too slow is so each time
        tried.append(on_a_hill(phone(script=True), url + path))
        if tried[-1] <= seconds:
            break
    assert 0 < min(tried) <= seconds, tried


# ---- for everyone --------------------------------------------------------------------------------------------------------------


def test_nothing_is_wider_than_a_desk(url: str, phone: Callable[..., BrowserContext]) -> None:
    page = phone(1280, script=True, scale=1).new_page()
    for path in ("/", "/en/", "/produk", "/produk/keripik-0-bu-sri", "/wisata/air-terjun", "/umkm/bu-sri"):
        page.goto(url + path)
        for size in ("100%", "200%"):
            page.evaluate("size => document.documentElement.style.fontSize = size", size)
            assert page.evaluate("document.documentElement.scrollWidth") <= 1280, (path, size)


def test_what_is_to_be_tapped_is_large_enough_for_a_thumb(url: str, phone: Callable[..., BrowserContext]) -> None:
    page = phone(360, script=True).new_page()
    fill_cart(page, url)
    for path in ("/", "/produk/keripik-0-bu-sri", "/keranjang", "/pesan"):
        page.goto(url + path)
        boxes = page.locator("button:visible:not(.hide), nav a, .go, .ask, .chips a, .card a, .tongue, label.pick, select").all()
        assert boxes
        for box in boxes:
            size = box.bounding_box()
            assert size is not None
            assert math.ceil(size["height"]) >= 44, (path, box.inner_text())


def test_the_page_does_not_jump_while_pictures_arrive(url: str, phone: Callable[..., BrowserContext]) -> None:
    page = phone(360, script=True).new_page()
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(entry => window.shift += entry.value))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    for path in ("/", "/produk/keripik-0-bu-sri", "/wisata/air-terjun"):
        page.goto(url + path, wait_until="networkidle")
        assert page.evaluate("window.shift") == 0, path


# ---- without JavaScript --------------------------------------------------------------------------------------------------------


def test_from_shelf_to_order_to_whatsapp_without_javascript(url: str, phone: Callable[..., BrowserContext]) -> None:
    context = phone()
    context.route("https://wa.me/**", lambda route: route.fulfill(body="WhatsApp"))
    page = context.new_page()
    page.goto(url)
    page.get_by_role("link", name="Keripik 0 Bu Sri").click()
    page.get_by_label("Jumlah").fill("2")
    page.get_by_role("button", name="Masukkan keranjang").click()
    assert "sudah masuk keranjang" in page.get_by_role("status").inner_text()
    page.get_by_role("button", name="Tambah Keripik 0 Bu Sri").click()
    page.get_by_role("button", name="Lanjut memesan").click()
    page.get_by_label("Nama Anda").fill("Rina & keluarga")
    page.get_by_label("Nomor WhatsApp").fill("(0341) 551234")
    page.get_by_role("button", name="Pesan, Rp").click()
    assert "telepon rumah" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Nama Anda").input_value() == "Rina & keluarga"
    page.get_by_label("Nomor WhatsApp").fill("0812-1111-2222")
    page.get_by_role("button", name="Pesan, Rp").click()
    assert page.get_by_text("Rp 45.000").first.is_visible()
    page.get_by_role("button", name="Kirim ke Bu Sri lewat WhatsApp").click()
    page.wait_for_url("https://wa.me/6281234567890?text=*")
    assert "Rina%20%26%20keluarga" in page.url


def test_an_english_phone_gets_english_pages(url: str, phone: Callable[..., BrowserContext]) -> None:
    page = phone(locale="en-GB").new_page()
    page.goto(url)
    assert page.url == f"{url}/en/"
    assert page.get_by_role("heading", name="Wonorejo Village", exact=True).is_visible()
    page.get_by_role("link", name="Indonesia", exact=True).click()
    assert page.url == f"{url}/"
