"""From the sign to the order with Tab, Enter, Space and arrows alone, with JavaScript and without: where one stands is always seen."""

import itertools
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import making
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from storefront import database

# What a browser sees does not depend on the kind of database, and a Chromium takes its time.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

STANDING = """() => {
  const here = document.activeElement, box = here.getBoundingClientRect(), style = getComputedStyle(here)
  const x = Math.max(0, box.left) + Math.min(box.width, innerWidth) / 2, y = (Math.max(0, box.top) + Math.min(innerHeight, box.bottom)) / 2
  const above = document.elementFromPoint(x, y)
  const label = here.labels && here.labels[0]
  return {
    name: here === document.body ? "BODY"
      : here.getAttribute("aria-label") || (label && label.innerText) || here.innerText || here.value || here.tagName,
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inside: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
    uncovered: !!above && (here.contains(above) || above.contains(here) || (!!label && label.contains(above))),
  }
}"""


def tab_to(page: Page, name: str, *, stops: int = 60) -> None:
    """Press Tab until what is called so has the focus; wherever it is on the way, it can be seen."""
    passed = []
    for _ in range(stops):
        page.keyboard.press("Tab")
        stands = page.evaluate(STANDING)
        passed.append(stands["name"])
        if stands["name"] == "BODY":  # past the last, before the first
            continue
        assert stands["outlined"], stands
        assert stands["inside"], stands
        assert stands["uncovered"], stands
        if name in stands["name"]:
            return
    pytest.fail(f"{name} was not among {passed}")


@pytest.fixture
def sign(engine: sa.Engine, serve: Callable[..., Any]) -> str:
    """What the code on a sign at the waterfall leads to."""
    minutes = itertools.count()
    served = serve(engine, clock=lambda: making.NOW + timedelta(minutes=next(minutes)))  # nobody fills in a form in no time
    with database.writing(engine) as connection:
        village = making.village(connection, whatsapp="6281200000001")
        for number in range(9):  # enough to scroll
            maker = making.maker(connection, village, name=f"Bu Sri {number}", place={"id": "Gerai 3"})
            making.product(connection, village, maker, name=f"Keripik apel {number}")
        seen = making.attraction(connection, village, safety={"id": "Batu licin."})
        link = making.link(connection, village, target_kind="attraction", target_id=seen.id, attraction_id=seen.id)
    return f"{served.url}/Q/{link.code}"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_from_the_sign_to_whatsapp_without_a_mouse(sign: str, browser: Browser, script: bool) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 640}, locale="id-ID", java_script_enabled=script)
    page = context.new_page()
    page.goto(sign)
    assert page.url.endswith("/wisata/air-terjun")

    page.keyboard.press("Tab")  # the first thing one comes to leads past the menu
    assert page.evaluate(STANDING)["name"] == "Langsung ke isi"
    page.keyboard.press("Enter")
    assert page.url.endswith("#isi")

    tab_to(page, "Keripik apel 4")
    page.keyboard.press("Enter")
    page.wait_for_url("**/produk/keripik-apel-4")
    tab_to(page, "Jumlah")
    page.keyboard.press("ArrowUp")
    tab_to(page, "Masukkan keranjang")
    page.keyboard.press("Space")
    page.wait_for_url("**/keranjang**")
    tab_to(page, "Lanjut memesan")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pesan**")

    tab_to(page, "Nama Anda")
    page.keyboard.type("Rina")
    tab_to(page, "Nomor WhatsApp")
    page.keyboard.type("0812-1111-2222")
    tab_to(page, "Diambil di tempat")
    page.keyboard.press("ArrowDown")
    assert page.get_by_label("Dikirim ke rumah").is_checked()
    page.keyboard.press("ArrowUp")
    tab_to(page, "Kapan diambil?")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Pesan, Rp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pesanan/*")
    expect(page.get_by_text("2 × Keripik apel 4").first).to_be_visible()

    tab_to(page, "Kirim ke Bu Sri 4 lewat WhatsApp")
    with page.expect_request(
        re.compile(r"^https://wa\.me/6281234567890\?text=")
    ):  # there is no internet here: that it is asked for is enough
        page.keyboard.press("Enter")
    context.close()
