"""The desk in a real Chromium: on the smallest phone, by day and by night, readable for everyone, and without JavaScript."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import making
import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from making import NOW, PASSWORD
from playwright.sync_api import Browser, Page, expect

from campaigns import visits
from promo import journal
from promo.networks import Failure
from promo.tables import target as target_table
from storefront import database, promotion, villages
from storefront.staff import Staff

# What a browser sees does not depend on the kind of database, and a Chromium takes its time.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
LONG = "Keripik apel manalagi panggang rasa kayu manis dari lereng timur Gunung Arjuno kemasan hemat"


@dataclass
class Desk:
    """A served desk with something on every page, and who may sit at it."""

    url: str
    engine: sa.Engine
    clerk: Staff
    product_id: int
    order_id: int
    post_id: int
    sign_id: int
    maker_id: int
    attraction_id: int
    other_id: int
    account_id: int

    def pages(self) -> list[str]:
        listed = ["", "/produk", "/produk/baru", "/produk?keadaan=hidden", "/pesanan", "/unggahan", "/unggahan/baru", "/laporan", "/saya"]
        listed += [
            "/tautan",
            "/tautan/baru",
            f"/tautan/{self.sign_id}",
            "/kampanye",
            "/kampanye/baru",
            "/laporan/banding",
            "/laporan/bagikan",
        ]
        listed += ["/papan", "/papan/baru", "/akun", "/akun/baru/facebook", "/akun/baru/mastodon", "/umkm", "/umkm/baru"]
        listed += [f"/produk/{self.product_id}", f"/pesanan/{self.order_id}", f"/papan/{self.sign_id}", f"/umkm/{self.maker_id}"]
        listed += [f"/unggahan/{self.post_id}", f"/unggahan/baru?produk={self.product_id}"]
        listed += [
            "/wisata",
            "/wisata/baru",
            f"/wisata/{self.attraction_id}",
            "/desa",
            "/staf",
            "/staf/baru",
            f"/staf/{self.other_id}",
            f"/akun/{self.account_id}/masuk",
            "/akun/baru/instagram",
            "/kalender",
            "/kalender?tampil=minggu",
            "/rencana",
            "/persetujuan",
        ]
        return ["/desk" + path for path in listed]


@pytest.fixture
def desk(engine: sa.Engine, serve: Callable[..., Any]) -> Desk:
    served = serve(engine, clock=lambda: NOW)
    with database.writing(engine) as connection:
        village_id = making.village(connection)
        clerk = making.member(connection, village_id)
        other = making.member(connection, village_id, login="budi-santoso-sekretaris-desa", role="contributor")
        maker_id = making.maker(connection, village_id)
        photo = making.photo(connection, served.store, village_id, width=900, height=700)
        product = making.product(connection, village_id, maker_id, name=LONG, stock=20, price_idr=1_250_000, photo_ids=[photo.id])
        making.product(connection, village_id, maker_id, name="Madu", stock_state="sold_out")
        sign = making.link(connection, village_id, title="Gapura timur, papan besar di sebelah loket")
        days = [making.click(sign, visitor=day, at=NOW - timedelta(days=day % 12)) for day in range(90)]
        visits.write(connection, [*days, making.click(sign, kind=1)])
        order = making.order(connection, village_id, {product.id: 3}, name="Dewi Lestari", note="Tolong jangan terlalu pedas ya")
        spot = making.attraction(connection, village_id, name="Air Terjun Sumber Arum", photo_id=photo.id, ticket_idr=10_000)
        account = making.account(connection, village_id, title="Linimasa Desa Wonorejo")
        village = villages.get(connection, village_id)
    post = promotion.promote(
        engine,
        served.store,
        village=village,
        product=product,
        poster=promotion.looks("id")[0][0],
        language="id",
        words="Keripik {link}",
        account_ids=[account.id],
        due_at=NOW + timedelta(hours=2),
        at=NOW,
        made_by="wati",
        public_url=served.url,
        clock=making.StillClock(),
    )
    with database.writing(engine) as connection:
        row = {"village_id": village_id, "target_id": post.targets[0].id, "worker": "w"}
        call = journal.begin(connection, **row, step="publish", at=NOW)
        journal.end(connection, call, outcome="server", failure=Failure("server", sent="maybe", status=500), at=NOW)
        connection.execute(sa.update(target_table).values(state="needs_person", reason="cannot_tell"))
    return Desk(served.url, engine, clerk, product.id, order.id, post.id, sign.id, maker_id, spot.id, other.id, account.id)


@pytest.fixture
def sit(browser: Browser, desk: Desk) -> Iterator[Callable[..., Page]]:
    """sit(width=..., dark=...) is a browser whose clerk has signed in by the form."""
    opened = []

    def sit_down(width: int = 360, *, dark: bool = False, script: bool = False) -> Page:
        size = {"width": width, "height": 740}
        scheme = "dark" if dark else "light"
        context = browser.new_context(viewport=size, color_scheme=scheme, locale="id-ID", java_script_enabled=script)
        opened.append(context)
        page = context.new_page()
        page.goto(f"{desk.url}/desk")
        page.get_by_label("Nama pengguna").fill("wati")
        page.get_by_label("Kata sandi").fill(PASSWORD)
        page.get_by_role("button", name="Masuk").click()
        expect(page.get_by_role("heading", name="Halo, Wati")).to_be_visible()
        return page

    yield sit_down
    for context in opened:
        context.close()


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {node['target']} {node['failureSummary'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_is_readable_for_everyone_on_the_smallest_phone(desk: Desk, sit: Callable[..., Page], dark: bool) -> None:
    page = sit(dark=dark, script=True)
    wrong: dict[str, list[str]] = {}
    for path in desk.pages():
        answer = page.goto(desk.url + path)
        assert answer is not None
        assert answer.status == 200, path
        wrong[path] = violations(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if overflow > 0:
            wrong[path].append(f"{overflow} px wider than the screen")
    assert {path: told for path, told in wrong.items() if told} == {}


def test_the_sign_in_and_a_form_with_problems_are_readable_too(desk: Desk, sit: Callable[..., Page]) -> None:
    page = sit(script=True)
    page.goto(f"{desk.url}/desk/produk/baru")
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_role("alert")).to_contain_text("Tulis nama barangnya")
    assert violations(page) == []
    page.context.clear_cookies()
    page.goto(f"{desk.url}/desk/masuk")
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_page_is_wider_than_its_screen(desk: Desk, sit: Callable[..., Page], width: int) -> None:
    page = sit(width, script=True)
    wide = {}
    for path in desk.pages():
        page.goto(desk.url + path)
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if overflow > 0:
            wide[path] = overflow
    assert wide == {}


@pytest.mark.usefixtures("desk")
def test_a_product_becomes_a_post_by_hand_without_javascript(sit: Callable[..., Page], tmp_path: Path) -> None:
    photo = tmp_path / "sirup.jpg"
    photo.write_bytes(making.picture(1200, 900, "#883322"))
    page = sit()
    page.get_by_role("link", name="Produk", exact=True).click()
    page.get_by_role("link", name="Produk baru").click()
    page.get_by_label("Nama produk").fill("Sirup apel")
    page.get_by_label("Harga (rupiah)").fill("25rb")
    page.get_by_label("Dibuat oleh").select_option("Bu Sri")
    page.get_by_label("Jenis").select_option("Minuman")
    page.get_by_label("Tambah foto").set_input_files(photo)
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_role("status")).to_have_text("Tersimpan.")
    page.get_by_role("link", name="Buat unggahan").click()
    page.get_by_label("Keterangan", exact=True).fill("Sirup apel, Rp 25.000. Pesan: {link}")
    page.get_by_role("radio").nth(1).check(force=True)
    page.get_by_role("button", name="Lihat lagi").click()
    expect(page.get_by_label("Keterangan", exact=True)).to_have_value("Sirup apel, Rp 25.000. Pesan: {link}")
    page.get_by_label("Tanggal").fill("2026-11-24")
    page.get_by_label("Jam (WIB)").fill("08:15")
    page.get_by_role("button", name="Jadwalkan").click()
    expect(page.get_by_role("status")).to_contain_text("Terjadwal")
    expect(page.get_by_text("24 Nov 2026 08.15 WIB")).to_be_visible()


@pytest.mark.usefixtures("desk")
def test_an_order_is_confirmed_and_done_with_a_thumb(sit: Callable[..., Page]) -> None:
    page = sit()
    page.get_by_role("link", name="Dewi Lestari").click()
    for button, state in (("Terima", "Diterima"), ("Sudah siap", "Siap diambil"), ("Selesai, sudah diserahkan", "Selesai")):
        box = page.get_by_role("button", name=button, exact=True).bounding_box()
        assert box is not None
        assert box["height"] >= 44
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator(".chip").first).to_contain_text(state)


def test_the_keyboard_reaches_the_content_first(desk: Desk, sit: Callable[..., Page]) -> None:
    page = sit(1280, script=True)
    page.goto(f"{desk.url}/desk/laporan")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Langsung ke isi"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "isi"
