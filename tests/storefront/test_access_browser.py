"""Every public page and every page of an order, in a real Chromium: axe finds nothing, nothing is wider than the smallest phone."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import making
import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from storefront import (
    areas,
    attractions,
    database,
    keys,
    makers,
    media,
    order_parts,
    orders,
    payments,
    products,
    reportshares,
    villages,
)
from storefront.products import Choice

# What a browser sees does not depend on the kind of database, and a Chromium takes its time.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TAGS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
OF_COLOUR = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}  # what the dark can change
OF_SIZE = {"runOnly": {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]}}  # what large words can
WIDTH = 320


class Shop:
    """A served village with something of everything on show, and the addresses of its pages."""

    def __init__(self, served: Any, engine: sa.Engine, now: datetime) -> None:
        self.url, self.engine, self.now = str(served.url), engine, now
        with database.writing(engine) as connection:
            village = making.village(connection, whatsapp="6281200000001", latitude=-7.8, longitude=112.5, story={"id": "Desa di lereng."})
            self.village_id = village
            photo = media.add_photo(connection, served.store, village, making.picture(), alt={"id": "Foto", "en": "Photo"}, at=now).id
            villages.change(connection, village, photo_id=photo, brand={"tagline": {"id": "Dari lereng"}})
            paid = {"transfer": payments.get("transfer").EXAMPLE, "qris": payments.get("qris").check(payments.get("qris").EXAMPLE)}
            week = {day: ["08:00", "16:00"] for day in attractions.DAYS}
            given = {"story": {"id": "Sejak 1998."}, "place": {"id": "Gerai 3"}, "photo_id": photo, "payments": paid, "hours": week}
            maker = making.maker(connection, village, **given)
            more = {"stock": 3, "photo_ids": [photo], "story": {"id": "Renyah."}, "marks": {"pirt": "2063514010123-28"}}
            making.product(connection, village, maker, **more)
            self.jam = making.product(connection, village, maker, name="Selai apel")
            making.product(connection, village, maker, name="Kopi habis", kind="coffee", stock=0)
            sized = making.product(connection, village, maker, name="Kopi pilihan", kind="coffee")
            sizes = [Choice({"id": "100 g"}, 20_000), Choice({"id": "250 g"}, 45_000, stock=0, is_sold_out=True)]
            products.set_options(connection, village, sized.id, sizes, at=now)
            more = {"last_entry": "16:00", "ticket_idr": 10_000, "facilities": ["toilet"], "photo_id": photo}
            for name in ("Air terjun", "Gapura"):
                safety = {"id": "Batu licin."}
                making.attraction(connection, village, name=name, safety=safety, latitude=-7.8, longitude=112.5, **more)
            areas.replace(connection, village, [("Dusun Krajan", 5_000)])
            self.orders = list(self._orders(connection))
            key = keys.sign(makers.get(connection, village, maker), "x" * 40, at=now)
            share = reportshares.open_for(connection, village, "Dinas Pariwisata", by="wati", at=now).key
        self.pages = [
            *("/", "/produk", "/jenis/coffee", "/produk/keripik-apel", "/produk/kopi-habis", "/produk/kopi-pilihan"),
            *("/wisata/air-terjun", "/umkm/bu-sri", "/privasi", "/keranjang", "/tanpa-sinyal", "/pesanan-tersimpan"),
            *("/cari?q=kripik", "/cari?q=kripik+durian", "/cari?q=zzz", "/tautan-tidak-ditemukan", "/tidak-ada", "/pesanan/tidak-ada"),
            *(f"/pesanan/{token}" for token in self.orders),
            *(f"/penjual/{key}", "/penjual/1.2.3.x", f"/laporan/{share}", "/laporan/tidak-ada"),
        ]

    def _orders(self, connection: sa.Connection) -> Iterator[str]:
        """The keys of an order to be paid by transfer, one by QRIS, one whose courier is to be agreed on, one done and one called off."""
        for payment, state in (("transfer", ""), ("qris", "confirmed"), ("cash", "fee"), ("cash", "done"), ("cash", "cancelled")):
            way = {"delivery": "send", "address": "Jl. Ijen 5"} if state == "fee" else {}
            placed = making.order(connection, self.village_id, {self.jam.id: 1}, payment=payment, note="Tolong rapi", **way)
            (part,) = placed.parts
            if state == "fee":
                order_parts.set_fee(connection, part, courier="JNE", fee_idr=12_000, agreed_at=None, by="maker:1", at=self.now)
            for step in ("confirmed", "ready", "done") if state == "done" else {"confirmed", "cancelled"} & {state}:
                orders.move(connection, self.village_id, part.id, step, by="wati", at=self.now)
            yield placed.token


@pytest.fixture
def shop(engine: sa.Engine, serve: Callable[..., Any], now: datetime) -> Shop:
    return Shop(serve(engine, clock=lambda: now), engine, now)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """The smallest phone, in the light."""
    context = browser.new_context(viewport={"width": WIDTH, "height": 640}, color_scheme="light", locale="id-ID")
    yield context.new_page()
    context.close()


def violations(page: Page, options: dict[str, Any] = TAGS) -> list[str]:
    found = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found]


def sticking_out(page: Page) -> list[str]:
    """What makes the page wider than the screen."""
    if page.evaluate("document.documentElement.scrollWidth") <= WIDTH:
        return []
    far = "[...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right > innerWidth).map(one => one.outerHTML)"
    return [str(html)[:120] for html in page.evaluate(far)] or ["something outside of main"]


def look(page: Page, where: str, *, colours: bool = True, sizes: bool = True) -> None:
    """Hold this page against every rule in the light, and in the dark and with words twice as large against those these can break."""
    everything = TAGS if making.LONG else None
    assert violations(page) == [], where
    if colours:
        page.emulate_media(color_scheme="dark")
        assert violations(page, everything or OF_COLOUR) == [], (where, "dark")
        page.emulate_media(color_scheme="light")
    if sizes:
        assert sticking_out(page) == [], where
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert sticking_out(page) == [], (where, "200 %")
        assert violations(page, everything or OF_SIZE) == [], (where, "200 %")
        page.evaluate("document.documentElement.style.fontSize = ''")


def test_no_page_keeps_anyone_out_in_light_dark_and_large(shop: Shop, page: Page) -> None:
    for path in shop.pages:
        page.goto(shop.url + path)
        look(page, path)


@pytest.mark.parametrize(("language", "every"), [("en", 1), ("jv", 3)])  # Javanese has words of its own on a few pages only
def test_no_page_keeps_anyone_out_in_another_language(shop: Shop, page: Page, language: str, every: int) -> None:
    for path in shop.pages[:: making.rounds(every, 1)]:
        page.goto(f"{shop.url}/{language}{path}")
        look(page, f"/{language}{path}", colours=making.LONG, sizes=making.LONG)


def test_cart_and_checkout_keep_nobody_out_whatever_went_wrong(shop: Shop, page: Page) -> None:
    for language in ("", "/en"):
        page.goto(f"{shop.url}{language}/produk/keripik-apel")
        page.locator("input[name=quantity]").fill("99")
        page.locator("form.buy button.go").click()
        page.locator(".wrong").first.wait_for()
        look(page, f"{language} too many", colours=not language, sizes=not language)
        page.locator("input[name=quantity]").fill("1")
        page.locator("form.buy button.go").click()
        page.goto(f"{shop.url}{language}/keranjang")
        look(page, f"{language} a full cart", colours=not language, sizes=not language)
        page.goto(f"{shop.url}{language}/pesan")
        look(page, f"{language} the checkout", colours=not language, sizes=not language)
        page.locator("form.form button.go").click()
        page.get_by_role("alert").wait_for()
        look(page, f"{language} the checkout with mistakes", colours=not language, sizes=not language)


def test_the_portal_keeps_nobody_out_from_province_to_village(shop: Shop, page: Page) -> None:
    with database.writing(shop.engine) as connection:
        for number, (regency, province) in enumerate((("Kabupaten Malang", "Jawa Timur"), ("Kabupaten Sleman", "DI Yogyakarta")) * 3):
            making.village(connection, name=f"Sumberejo {number}", regency=regency, province=province, code10=f"350701200{number}")
    for path in ("/", "/?kab=3507", "/?q=sumberjo", "/desa/tidak-ada/"):
        page.goto(shop.url + path)
        look(page, path)
    for path in ("/?q=zzz", "/en/", "/jv/?kab=3507", "/en/desa/wonorejo/produk"):
        page.goto(shop.url + path)
        look(page, path, colours=making.LONG, sizes=making.LONG)
    with database.writing(shop.engine) as connection:
        for number in range(60):
            making.village(connection, name=f"Wonosari {number}", code10=f"35790120{number + 20}", regency="Kota Batu")
    page.goto(shop.url)  # from here on it lists regencies
    look(page, "a portal of many villages")
