"""The post editor in a real Chromium: pictures follow the typing, a draft keeps itself, the point is dragged; readable for everyone."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import making
import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from desk_hands import COOKIE
from making import NOW
from playwright.sync_api import Browser, Page, expect

from storefront import database, drafts, media, staff

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DRAWN = re.compile("^blob:")  # a picture that was drawn for this page alone
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


@dataclass
class Editor:
    """A served desk with goods, a place and a maker, and somebody's session."""

    url: str
    engine: sa.Engine
    village_id: int
    cookie: str
    product_id: int
    other_id: int
    photo_id: int
    spot_id: int
    maker_id: int

    def drafts(self) -> list[drafts.Draft]:
        with database.reading(self.engine) as connection:
            return drafts.listed(connection, self.village_id)


@pytest.fixture
def editor(engine: sa.Engine, serve: Callable[..., Any]) -> Editor:
    served = serve(engine, clock=lambda: NOW)
    with database.writing(engine) as connection:
        village_id = making.village(connection)
        clerk = making.member(connection, village_id)
        maker_id = making.maker(connection, village_id, story={"id": "Mengiris sejak subuh."})
        photo = making.photo(connection, served.store, village_id, width=900, height=600)
        product = making.product(connection, village_id, maker_id, photo_ids=[photo.id])
        other = making.product(connection, village_id, maker_id, name="Teh krisan", photo_ids=[photo.id])
        spot = making.attraction(connection, village_id, photo_id=photo.id)
        making.account(connection, village_id, title="Linimasa desa")
        cookie = staff.open_session(connection, clerk.id, village_id, NOW)
    return Editor(served.url, engine, village_id, cookie, product.id, other.id, photo.id, spot.id, maker_id)


@pytest.fixture
def sit(browser: Browser, editor: Editor) -> Iterator[Callable[..., Page]]:
    """sit(width, dark=..., script=...) is a browser at the desk."""
    opened = []

    def sit_down(width: int = 360, *, dark: bool = False, script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 740},
            color_scheme="dark" if dark else "light",
            locale="id-ID",
            java_script_enabled=script,
        )
        context.add_cookies([{"name": COOKIE, "value": editor.cookie, "url": editor.url}])
        opened.append(context)
        return context.new_page()

    yield sit_down
    for context in opened:
        context.close()


def new(editor: Editor) -> str:
    return f"{editor.url}/desk/unggahan/baru?produk={editor.product_id}"


def test_pictures_and_the_draft_follow_the_typing(editor: Editor, sit: Callable[..., Page]) -> None:
    page = sit(1280)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(new(editor))
    pictures = page.locator("figure[data-source] img")
    expect(pictures).to_have_count(4)
    page.get_by_label("Judul", exact=True).fill("Renyah sampai remah terakhir")
    for number in range(4):
        expect(pictures.nth(number)).to_have_attribute("src", DRAWN)
    tiles = page.locator("[data-tile] img")
    tiles.last.scroll_into_view_if_needed()
    expect(tiles.last).to_have_attribute("src", DRAWN)  # also the small pictures of all looks, as they come into sight
    expect(page.locator("#kept")).to_have_text("Draf tersimpan 10.00")
    (kept,) = editor.drafts()
    assert kept.form["judul"] == ["Renyah sampai remah terakhir"]
    expect(page).to_have_url(f"{editor.url}/desk/unggahan/draf/{kept.id}")
    page.get_by_label("Keterangan", exact=True).fill("x" * 2_300)
    expect(page.locator("#words-told")).to_contain_text("paling banyak 2200")
    expect(page.locator(".count.over")).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Judul", exact=True)).to_have_value("Renyah sampai remah terakhir")
    assert wrong == []


def test_the_point_is_dragged_and_stays_with_the_photo(editor: Editor, sit: Callable[..., Page]) -> None:
    page = sit(360)
    page.goto(new(editor))
    photo = page.get_by_role("button", name="Titik penting foto")
    photo.scroll_into_view_if_needed()
    box = photo.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.2, steps=4)
    page.mouse.up()
    expect(page.locator("#kept")).to_have_text("Draf tersimpan 10.00")
    with database.reading(editor.engine) as connection:
        x, y = media.get(connection, editor.village_id, editor.photo_id).focus
    assert (x, y) == (pytest.approx(0.9, abs=0.02), pytest.approx(0.2, abs=0.02))
    assert page.url.endswith(f"/desk/unggahan/draf/{editor.drafts()[0].id}")


def test_without_javascript_a_button_does_the_same(editor: Editor, sit: Callable[..., Page]) -> None:
    page = sit(360, script=False)
    page.goto(new(editor))
    before = page.locator("figure img").first.get_attribute("src")
    page.get_by_label("Judul", exact=True).fill("Tanpa skrip")
    page.get_by_role("button", name="Lihat lagi").click()
    expect(page.get_by_role("heading", name="Tanpa skrip")).to_be_visible()
    assert page.locator("figure img").first.get_attribute("src") != before
    page.get_by_role("button", name="Titik penting foto").click(position={"x": 28, "y": 28})
    with database.reading(editor.engine) as connection:
        x, y = media.get(connection, editor.village_id, editor.photo_id).focus
    assert (x, y) == (pytest.approx(0.1, abs=0.02), pytest.approx(0.15, abs=0.02))
    page.get_by_role("button", name="Jadwalkan").click()
    expect(page.get_by_role("status").first).to_contain_text("Terjadwal")
    assert editor.drafts() == []


def test_the_files_are_downloaded(editor: Editor, sit: Callable[..., Page]) -> None:
    page = sit(360)
    page.goto(new(editor))
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Unduh semua (ZIP)").click()
    assert waiting.value.suggested_filename == "keripik-apel.zip"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_of_it_is_readable_for_everyone_on_the_smallest_phone(editor: Editor, sit: Callable[..., Page], dark: bool) -> None:
    page = sit(dark=dark)
    base = f"{editor.url}/desk/unggahan"
    about = [f"produk={editor.product_id}&kode=1", f"wisata={editor.spot_id}", f"umkm={editor.maker_id}", "acara=1&acara_judul=Pasar"]
    about += [f"produk={editor.product_id}&produk={editor.other_id}&album=1"]
    page.goto(f"{base}/paket")
    page.get_by_label("Berapa unggahan").fill("3")
    page.get_by_role("button", name="Isi bulan ini").click()
    wrong: dict[str, list[str]] = {}
    paths = [page.url, f"{base}/baru?{about[0]}", f"{editor.url}/desk/desa"]
    paths += [] if dark else [f"{base}/paket", f"{base}/baru", base, *(f"{base}/baru?{one}" for one in about[1:])]
    for path in paths:
        page.goto(path)
        found = Axe().run(page, options=RULES).response["violations"]
        wrong[path] = [f"{one['id']}: {node['target']} {node['failureSummary'][:200]}" for one in found for node in one["nodes"]]
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        wrong[path] += [f"{overflow} px wider than the screen"] if overflow > 0 else []
    assert {path: told for path, told in wrong.items() if told} == {}
