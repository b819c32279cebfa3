"""The circle in a real Chromium, by clicking as a person would: scan to order; product to post to click; the report shows both."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from stories_helpers import Demo, get, wait_until

WIB = ZoneInfo("Asia/Jakarta")
PHONE = {
    "viewport": {"width": 360, "height": 780},
    "user_agent": "Mozilla/5.0 (Linux; Android 13; SM-A145F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
    "locale": "id-ID",
    "has_touch": True,
}


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A tourist's phone; what it would hand to WhatsApp is caught, for there is no internet here."""
    context = browser.new_context(**PHONE)
    yield context
    context.close()


@pytest.fixture
def clerk(browser: Browser, demo: Demo) -> Iterator[Page]:
    """A clerk at a phone as well, signed in by typing name and password."""
    context = browser.new_context(**{**PHONE, "locale": "id-ID"})
    page = context.new_page()
    page.goto(demo.said["desk"])
    page.get_by_label("Nama pengguna").fill(demo.said["name"])
    page.get_by_label("Kata sandi").fill(demo.said["password"])
    page.get_by_role("button", name="Masuk").click()
    expect(page).to_have_url(demo.said["desk"])
    yield page
    context.close()


def rupiah_in(text: str) -> int:
    found = re.search(r"Rp\s*([\d.]+)", text)
    assert found, text
    return int(found[1].replace(".", ""))


def figures(clerk: Page, demo: Demo, name: str) -> tuple[int, int, int]:
    """(people, orders, rupiah) of the row with this name in the report that staff see, for today."""
    clerk.goto(f"{demo.said['desk']}/laporan")
    clerk.get_by_role("link", name="Hari ini", exact=True).click()
    row = clerk.locator("tr", has=clerk.locator("th", has_text=name))
    if row.count() == 0:
        return 0, 0, 0
    cells = row.first.locator("td").all_inner_texts()
    return int(cells[0].replace(".", "")), int(cells[3].replace(".", "")), rupiah_in(cells[4])


def code_on_screen(page: Page, selector: str) -> str:
    """What an independent decoder reads off the pixels a person sees."""
    picture = page.locator(selector).first
    picture.evaluate("image => image.decode()")
    shot = picture.screenshot()
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(shot)))
    return str(found.text)


def buy(guest: Page, *, name: str, quantity: int) -> tuple[int, str]:
    """From a product's page through cart and checkout to WhatsApp; what the order came to, and the message to the maker."""
    guest.get_by_label("Jumlah").fill(str(quantity))
    guest.get_by_role("button", name="Masukkan keranjang").click()
    if "/keranjang" not in guest.url:
        guest.goto(re.sub(r"^(https?://[^/]+).*", r"\1/keranjang", guest.url))
    guest.get_by_role("button", name="Lanjut memesan").click()
    guest.get_by_label("Nama Anda").fill(name)
    guest.get_by_label("Nomor WhatsApp").fill("0812 3456 7890")
    guest.wait_for_timeout(2_100)  # who sends a checkout sooner is asked once more whether they meant it
    guest.get_by_role("button", name=re.compile("^Pesan")).click()
    expect(guest).to_have_url(re.compile("/pesanan/"))
    total = rupiah_in(guest.locator("p.total").last.inner_text())
    with guest.expect_request(re.compile(r"^https://wa\.me/")) as handed_over:  # there is no internet here: that it is asked for is enough
        guest.get_by_role("button", name=re.compile("lewat WhatsApp")).first.click()
    return total, parse_qs(urlsplit(handed_over.value.url).query)["text"][0]


def test_a_scan_becomes_an_order_and_the_report_gives_it_to_the_sign(demo: Demo, phone: BrowserContext, clerk: Page) -> None:
    sign = next(iter(demo.said["signs"]))
    before = figures(clerk, demo, sign)
    clerk.goto(f"{demo.said['desk']}/papan")
    clerk.get_by_role("link", name=sign).click()
    printed = code_on_screen(clerk, "img.qr.big")
    assert printed == printed.upper()
    assert printed.endswith(demo.said["signs"][sign])

    guest = phone.new_page()
    guest.goto(printed.replace("HTTP://", "http://"))  # as a phone's camera opens it
    assert urlsplit(guest.url).path.startswith("/wisata/")
    guest.get_by_role("link", name="Produk").first.click()
    guest.get_by_role("link", name=re.compile("Keripik apel")).first.click()
    total, message = buy(guest, name="Dewi Anjani", quantity=2)
    assert "Keripik apel" in message
    assert "Dewi Anjani" in message

    after = figures(clerk, demo, sign)
    assert after == (before[0] + 1, before[1] + 1, before[2] + total)


def test_a_product_becomes_a_post_and_its_click_an_order(demo: Demo, phone: BrowserContext, clerk: Page) -> None:
    clerk.goto(f"{demo.said['desk']}/unggahan/baru")
    clerk.get_by_role("link", name=re.compile("Kopi bubuk")).first.click()
    for picture in clerk.locator(".previews img").all():
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert clerk.locator(".previews img").count() == 4
    words = clerk.get_by_label("Keterangan", exact=False).first
    written = words.input_value()
    assert "Rp\u00a045.000" in written or "Rp 45.000" in written
    assert "#" in written
    words.fill("Baru disangrai pagi ini. " + written)
    boxes = clerk.locator("input[name=account]")
    for box in boxes.all():
        box.check()
    due = datetime.now(UTC).astimezone(WIB) + timedelta(minutes=1)
    clerk.get_by_label("Tanggal").fill(due.strftime("%Y-%m-%d"))
    clerk.get_by_label(re.compile("^Jam")).fill(due.strftime("%H:%M"))
    clerk.get_by_role("button", name="Jadwalkan").click()
    expect(clerk).to_have_url(re.compile(r"/desk/unggahan/\d+"))
    link = clerk.locator("dl.facts a").first.get_attribute("href") or ""
    assert "/Q/" in link
    before = figures_of_code(clerk, demo, link.rpartition("/")[2])

    def published() -> dict[str, str] | None:
        posts = get(demo.said["practice"] + "posts.json").json()
        return next((post for post in posts if link in post["caption"]), None)

    found = wait_until(published, seconds=120, what="the post appears on the practice network")
    assert found["caption"].startswith("Baru disangrai pagi ini.")

    guest = phone.new_page()
    guest.goto(demo.said["practice"])
    post = guest.locator("article", has_text="Baru disangrai pagi ini.").first
    picture = post.locator("img").last
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") >= 1_000
    post.locator("a[href*='/Q/']").first.click()
    expect(guest).to_have_url(re.compile("/produk/kopi-bubuk"))
    total, _ = buy(guest, name="Rangga", quantity=1)

    after = figures_of_code(clerk, demo, link.rpartition("/")[2])
    assert after == (before[0] + 1, before[1] + 1, before[2] + total)
    assert total == 45_000


def figures_of_code(clerk: Page, demo: Demo, code: str) -> tuple[int, int, int]:
    return figures(clerk, demo, code)


def test_the_report_agrees_with_itself(demo: Demo, clerk: Page) -> None:
    clerk.goto(f"{demo.said['desk']}/laporan")
    total = rupiah_in(clerk.locator("dl.figures .figure", has_text="Rp").first.inner_text())
    rows = clerk.locator(
        "table[aria-labelledby=per_sign] tbody tr, table[aria-labelledby=per_post] tbody tr, table[aria-labelledby=per_other] tbody tr"
    )
    assert rows.count() >= 8
    assert sum(rupiah_in(row.locator("td").nth(4).inner_text()) for row in rows.all()) == total
    with clerk.expect_download() as download:
        clerk.get_by_role("link", name=re.compile("CSV")).click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == rows.count() + 1
