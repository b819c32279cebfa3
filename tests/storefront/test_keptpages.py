"""Public pages kept as bytes: never older than a second, never another guest's, smaller on the wire, and counted all the same."""

import gzip
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import brotli
import making
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from campaigns import recounts, views
from storefront import app, attractions, attribution, database, keptpages, media, products, revisions, settings
from storefront.attribution import Source

PHONE = "Mozilla/5.0 (Linux; Android 13; M2101K6G) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
SECRET = "x" * 40
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Shop:
    """The whole program for one village, the engine of another process, a clock to turn, and how often a page was made."""

    engine: sa.Engine
    elsewhere: sa.Engine
    browser: TestClient
    village: int
    product: int
    clock: list[datetime]
    made: list[str] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> Any:
        answer = self.browser.get(path, headers=headers)
        assert answer.status_code in (200, 304), (path, answer.status_code)
        return answer

    def rename(self, engine: sa.Engine, name: str) -> None:
        with engine.begin() as connection:  # not database.writing: as another process does it
            products.change(connection, self.village, self.product, at=making.NOW, name={"id": name})

    def views(self) -> list[tuple[int, int | None]]:
        with database.reading(self.engine) as connection:
            rows = connection.execute(sa.text("SELECT link_id, click_key FROM outcome WHERE kind = 'view' ORDER BY id"))
            return [tuple(row) for row in rows]


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def shop(engine: sa.Engine, database_url: str, tmp_path: Path) -> Iterator[Shop]:
    elsewhere = database.open_engine(database_url)
    with database.writing(engine) as connection:
        village = making.village(connection)
        product = making.product(connection, village, making.maker(connection, village), name="Keripik apel")
        making.attraction(connection, village, last_entry="16:00")
    clock = [making.NOW]
    chosen = settings.load(tmp_path / "data", database_url=database_url, public_url="http://testserver", secret=SECRET)
    built = app.build(chosen, engine, media.Store(tmp_path / "media"), clock=lambda: clock[0])
    assert isinstance(built, app.Doors)
    kept = built.rest
    assert isinstance(kept, keptpages.KeptPages)
    headers = {"user-agent": PHONE, "accept-language": "id"}
    with TestClient(built, follow_redirects=False, headers=headers) as browser:
        sitting = Shop(engine, elsewhere, browser, village, product.id, clock)
        kept.rest = _noting(kept.rest, sitting.made)
        yield sitting
    elsewhere.dispose()


def _noting(rest: ASGIApp, made: list[str]) -> ASGIApp:
    async def noted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            made.append(scope["path"])
        await rest(scope, receive, send)

    return noted


# ---- kept ----------------------------------------------------------------------------------------------------------------------


@SQLITE
def test_a_page_is_made_once_and_its_bytes_are_those_of_the_page(shop: Shop) -> None:
    pages = [shop.get("/produk").text for _ in range(5)]
    assert shop.made == ["/produk"]
    assert len(set(pages)) == 1
    assert "Keripik apel" in pages[0]


@SQLITE
@pytest.mark.parametrize(
    ("accepted", "sent", "unpack"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
        ("identity", None, bytes),
        ("", None, bytes),
    ],
)
def test_each_browser_gets_the_packing_it_can_open(shop: Shop, accepted: str, sent: str | None, unpack: Callable[[bytes], bytes]) -> None:
    for _ in range(keptpages.POPULAR + 2):
        with shop.browser.stream("GET", "/produk", headers={"accept-encoding": accepted}) as answer:
            body = b"".join(answer.iter_raw())
        assert answer.headers.get("content-encoding") == sent
        assert int(answer.headers["content-length"]) == len(body)
        assert b"Keripik apel" in unpack(body)
        assert "Accept-Encoding" in answer.headers["vary"]


@SQLITE
def test_a_browser_that_has_the_page_is_told_so_in_a_few_bytes(shop: Shop) -> None:
    etag = shop.get("/produk").headers["etag"]
    answer = shop.get("/produk", **{"if-none-match": etag})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert shop.get("/produk", **{"if-none-match": 'W/"another"'}).status_code == 200
    shop.rename(shop.elsewhere, "Keripik nangka")
    assert eventually(lambda: shop.get("/produk", **{"if-none-match": etag}).status_code == 200)


@SQLITE
def test_the_safe_headers_stand_on_kept_pages_too(shop: Shop) -> None:
    for _ in range(2):
        answer = shop.get("/produk/keripik-apel")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "private, no-cache"
        assert "set-cookie" not in answer.headers


@SQLITE
def test_what_advertisers_hang_on_an_address_makes_no_other_page(shop: Shop) -> None:
    for query in ("", "?fbclid=a", "?utm_source=b&gclid=c", "?fbclid=d"):
        assert "Keripik apel" in shop.get(f"/produk{query}").text
    assert shop.made == ["/produk"]
    for query in ("?foto=1", "?foto=1&fbclid=a", "?utm_source=b&foto=1"):
        assert "Keripik apel" in shop.get(f"/produk/keripik-apel{query}").text
    assert len(shop.made) == 2


@SQLITE
def test_nothing_that_belongs_to_one_guest_is_kept(shop: Shop) -> None:
    for path in ("/keranjang", "/cari?q=keripik"):
        shop.get(path)
        shop.get(path)
    assert len(shop.made) == 4
    assert shop.browser.get("/produk/tidak-ada").status_code == 404
    assert shop.browser.get("/tautan-tidak-ditemukan").status_code == 404
    assert len(shop.made) == 6


# ---- never old -----------------------------------------------------------------------------------------------------------------


def test_what_another_process_changes_is_seen_within_a_second(shop: Shop) -> None:
    for path in ("/produk", "/", "/produk/keripik-apel", "/en/produk"):
        shop.get(path)
    shop.rename(shop.elsewhere, "Keripik nangka")
    changed_at = time.monotonic()
    time.sleep(revisions.STALE)  # that much is allowed; the rest of the second is for a busy machine
    for path in ("/produk", "/", "/produk/keripik-apel", "/en/produk"):
        assert "Keripik nangka" in shop.get(path).text, (path, time.monotonic() - changed_at)


@SQLITE
def test_what_this_process_changes_is_seen_at_once(shop: Shop) -> None:
    for number in range(5):
        with database.writing(shop.engine) as connection:
            products.change(connection, shop.village, shop.product, at=making.NOW, name={"id": f"Keripik nomor {number}"})
        assert f"Keripik nomor {number}" in shop.get("/produk").text


@SQLITE
def test_opening_hours_turn_by_themselves(shop: Shop) -> None:
    told = {}
    for hour, minute in ((6, 59), (7, 0), (15, 59), (16, 0), (17, 0), (23, 59)):
        shop.clock[0] = datetime(2026, 11, 22 if hour < 7 else 23, (hour - 7) % 24, minute, tzinfo=UTC)  # the village is seven hours ahead
        told[hour, minute] = shop.get("/").text
    assert "07.00" in told[6, 59]
    for at in ((7, 0), (15, 59)):
        assert "Buka sampai 17.00" in told[at], at
    for at in ((6, 59), (16, 0), (17, 0), (23, 59)):
        assert "Buka sampai 17.00" not in told[at], at


@SQLITE
def test_without_a_database_what_is_known_is_still_shown(shop: Shop) -> None:
    shop.get("/produk")
    with database.writing(shop.engine) as connection:
        connection.execute(sa.text("ALTER TABLE village RENAME TO gone"))
    assert "Keripik apel" in shop.get("/produk").text


# ---- never another's -----------------------------------------------------------------------------------------------------------


@SQLITE
def test_each_guest_sees_their_own_cart(shop: Shop) -> None:
    empty = shop.get("/produk").text
    assert 'class="count"' not in empty
    for count in (1, 2):
        shop.browser.post("/keranjang/barang", data={"product": "keripik-apel"})
        for _ in range(2):
            assert f"</span>{count}<span" in shop.get("/produk").text
    shop.browser.cookies.clear()
    assert shop.get("/produk").text == empty
    shop.browser.cookies.set(f"gapura_cart_{shop.village}", "1x9.forged")
    assert shop.get("/produk").text == empty


@SQLITE
def test_each_guest_sees_their_own_language(shop: Shop) -> None:
    assert '<html lang="id">' in shop.get("/produk").text
    led = shop.browser.get("/produk", headers={"accept-language": "en-GB"})
    assert (led.status_code, led.headers["location"]) == (302, "/en/produk")
    assert '<html lang="en">' in shop.get("/en/produk", **{"accept-language": "en-GB"}).text
    shop.browser.get("/bahasa/en?ke=/produk")
    assert shop.browser.get("/produk").headers["location"] == "/en/produk"


@SQLITE
def test_each_guest_is_told_of_their_own_sign(shop: Shop) -> None:
    with database.writing(shop.engine) as connection:
        place = attractions.listed(connection, shop.village)[0]
        signs = [
            making.link(connection, shop.village, title=f"Gerbang {side}", attraction_id=place.id if side != "kota" else None)
            for side in ("timur", "barat", "kota")
        ]
    plain = shop.get("/").text
    for sign, is_told in zip(signs, (True, True, False), strict=True):
        shop.browser.cookies.set(attribution.COOKIE, attribution.sign_source(Source(sign.id, 5), SECRET, at=making.NOW))
        for _ in range(2):
            assert (shop.get("/").text != plain) is is_told, sign.title
    shop.browser.cookies.clear()
    assert shop.get("/").text == plain


# ---- counted all the same ------------------------------------------------------------------------------------------------------


def test_every_look_at_a_kept_page_is_counted_for_the_link_that_brought_it(shop: Shop) -> None:
    with database.writing(shop.engine) as connection:
        link = making.link(connection, shop.village)
    shop.browser.cookies.set(attribution.COOKIE, attribution.sign_source(Source(link.id, 77), SECRET, at=making.NOW))
    etag = shop.get("/produk/keripik-apel").headers["etag"]
    shop.get("/produk/keripik-apel", **{"if-none-match": etag})
    shop.browser.cookies.clear()
    shop.get("/produk/keripik-apel", **{"user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"})
    shop.browser.head("/produk/keripik-apel")
    shop.get("/produk/keripik-apel")
    shop.get("/produk")
    assert eventually(lambda: len(shop.views()) >= 3)
    assert sorted(shop.views(), key=str) == [(0, None), (link.id, 77), (link.id, 77)]
    with database.reading(shop.engine) as connection:
        rolled = connection.execute(sa.text("SELECT link_id, count FROM roll_outcome WHERE kind = 'view' ORDER BY link_id")).all()
        assert recounts.recount(connection) == [], "each click reached the view once"
    assert [tuple(row) for row in rolled] == [(0, 1), (link.id, 2)]


def test_views_that_wait_are_written_when_the_shop_closes(engine: sa.Engine) -> None:
    with database.writing(engine) as connection:
        village = making.village(connection)
    log = views.Views(engine, every=60)
    for number in range(700):
        log.add(views.View(village, "Asia/Jakarta", number % 3, None, 9, making.NOW))
        if number == 300:
            log.add(views.View(village + 1, "Asia/Jakarta", 0, None, 9, making.NOW))  # of a village that is no more
    log.close()
    with database.reading(engine) as connection:
        rolled = connection.execute(sa.text("SELECT link_id, count FROM roll_outcome ORDER BY link_id")).all()
        assert connection.execute(sa.text("SELECT count(*) FROM outcome WHERE kind = 'view'")).scalar_one() == 700
    assert [tuple(row) for row in rolled] == [(0, 234), (1, 233), (2, 233)]


@SQLITE
def test_a_list_made_anew_shows_what_another_process_changed_though_the_goods_were_in_memory(shop: Shop) -> None:
    kept = shop.browser.app.rest  # type: ignore[attr-defined]
    for turn, name in enumerate(("Dodol apel", "Sari apel", "Cuka apel")):
        shop.get("/produk")
        shop.rename(shop.elsewhere, name)
        kept.forget()
        for page in ("/produk", "/en/produk", "/", "/cari?q=apel", "/jenis/snack"):
            assert eventually(lambda page=page, name=name: name in shop.get(page).text), (turn, page)


@SQLITE
def test_every_picture_on_a_list_has_its_colour_whether_its_card_was_just_drawn_or_before(shop: Shop, tmp_path: Path) -> None:
    with database.writing(shop.engine) as connection:
        photo = making.photo(connection, media.Store(tmp_path / "media"), shop.village, colour="#2288cc")
        products.set_photos(connection, shop.village, shop.product, [photo.id])
    for _ in range(2):
        shop.browser.app.rest.forget()  # type: ignore[attr-defined]
        assert ".c28c{background:#28c}" in shop.get("/produk").text
