"""The shop as a visitor's browser sees it, without the browser."""

import gzip
import io
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import making
import pytest
import sqlalchemy as sa
from PIL import Image
from starlette.testclient import TestClient

from campaigns import links
from storefront import app, attractions, attribution, carts, database, media, orders, pages, products, settings, traps
from storefront.attribution import Source

# What pages do with a database is done by the nouns, whose own tests run on both kinds.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PHONE = "Mozilla/5.0 (Linux; Android 13; M2101K6G) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
BUYER = {"name": "Rina", "whatsapp": "0812-1111-2222", "delivery": "pickup", "payment": "cash"}
SECRET = "x" * 40


@dataclass(frozen=True)
class Shop:
    """A village's shop and a browser in front of it that follows no redirect."""

    engine: sa.Engine
    browser: TestClient
    village: int
    crisps: int
    bag: int

    def get(self, path: str, **headers: str) -> str:
        answer = self.browser.get(path, headers=headers)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def stock(self, **values: object) -> None:
        with database.writing(self.engine) as connection:
            products.change(connection, self.village, self.crisps, at=making.NOW, **values)

    def outcomes(self, count: int) -> list[tuple[str, int]]:
        """What has been counted, once there is so much of it: views are written a moment later."""
        until = time.monotonic() + 20
        while True:
            with database.reading(self.engine) as connection:
                rows = connection.execute(sa.text("SELECT kind, link_id FROM outcome ORDER BY id")).all()
            if len(rows) >= count or time.monotonic() > until:
                return [(row.kind, row.link_id) for row in rows]
            time.sleep(0.02)

    def put(self, slug: str, quantity: str = "1") -> str:
        return self.browser.post("/keranjang/barang", data={"product": slug, "quantity": quantity}).headers["location"]

    def form(self) -> dict[str, str]:
        """The hidden fields of the checkout form, as a browser would send them after a person has taken her time."""
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.get("/pesan")))
        return {**fields, "drawn": traps.drawn(SECRET, at=making.NOW - timedelta(seconds=20))}


def picture() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((900, 700), 60).convert("RGB").save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def shop(engine: sa.Engine, tmp_path: Path, now: datetime) -> Shop:
    store = media.Store(tmp_path / "media")
    with database.writing(engine) as connection:
        village = making.village(connection, whatsapp="6281200000001", latitude=-7.8, longitude=112.5)
        sri, joko = (
            making.maker(connection, village),
            making.maker(connection, village, name="Pak Joko", whatsapp="081233334444", consent_at=None),
        )
        photo = media.add_photo(connection, store, village, picture(), alt={"id": "Kantong keripik", "en": "A pouch of crisps"}, at=now)
        crisps = making.product(connection, village, sri, stock=5, photo_ids=[photo.id], story={"id": 'Renyah & "gurih" <sekali>'})
        bag = making.product(connection, village, joko, name="Tas bambu", price_idr=120_000, kind="weaving", marks={"nib": "1234567890123"})
        attractions.create(
            connection,
            village_id=village,
            name={"id": "Air terjun", "en": "Waterfall"},
            at=now,
            hours={"mon": ["07:00", "17:00"]},
            last_entry="16:00",
            ticket_idr=10_000,
            safety={"id": "Batu licin.", "en": "Slippery rocks."},
            facilities=["toilet", "something_new"],
        )
    chosen = settings.load(tmp_path / "data", public_url="http://testserver", secret=SECRET)
    built = app.build(chosen, engine, store, clock=lambda: now)
    browser = TestClient(built, follow_redirects=False, headers={"user-agent": PHONE, "accept-language": "id"})
    return Shop(engine, browser, village, crisps.id, bag.id)


# ---- looking around ------------------------------------------------------------------------------------------------------------


def test_the_village_shows_what_is_open_and_what_can_be_bought(shop: Shop) -> None:
    page = shop.get("/")
    for shown in (
        "Desa Wonorejo",
        "Air terjun",
        "Buka sampai 17.00",
        "Rp\u00a010.000",
        "masuk terakhir 16.00",
        "Keripik apel",
        "Tas bambu",
    ):
        assert shown in page, shown


def test_a_product_page_says_price_unit_stock_and_story(shop: Shop) -> None:
    page = shop.get("/produk/keripik-apel")
    for shown in ("Rp\u00a015.000", "bungkus 100 g", "Tinggal 5", "Bu Sri", "Renyah &amp; &#34;gurih&#34; &lt;sekali&gt;"):
        assert shown in page, shown


def test_a_legal_mark_is_shown_with_its_number_and_food_without_one_says_so(shop: Shop) -> None:
    assert "1234567890123" in shop.get("/produk/tas-bambu")
    assert "Belum bernomor izin edar" in shop.get("/produk/keripik-apel")
    shop.stock(kind="batik")
    assert "Belum bernomor izin edar" not in shop.get("/produk/keripik-apel")


def test_a_guest_who_scanned_a_sign_is_told_where_they_are(shop: Shop, now: datetime) -> None:
    with database.writing(shop.engine) as connection:
        place = attractions.by_slug(connection, shop.village, "air-terjun").id
        sign = {"kind": "qr", "title": "Gerbang", "target_kind": "village", "attraction_id": place}
        link = links.create(connection, village_id=shop.village, at=now, **sign)
    assert "Anda berada di" not in shop.get("/")
    shop.browser.cookies.set(attribution.COOKIE, attribution.sign_source(Source(link.id, 1), SECRET, at=now))
    assert 'Anda berada di <a href="/wisata/air-terjun">Air terjun</a>' in shop.get("/")


def test_a_maker_is_shown_only_after_consent(shop: Shop) -> None:
    assert "Bu Sri" in shop.get("/umkm/bu-sri")
    assert shop.browser.get("/umkm/pak-joko").status_code == 404
    for path in ("/", "/produk", "/produk/tas-bambu", "/sitemap.xml"):
        page = shop.get(path)
        assert "Pak Joko" not in page
        assert "pak-joko" not in page
        assert "6281233334444" not in page


def test_an_attraction_says_safety_first_and_survives_an_unknown_facility(shop: Shop) -> None:
    page = shop.get("/en/wisata/air-terjun")
    assert page.index("Slippery rocks.") < page.index("Ticket")
    assert "Something new" in page


def test_each_kind_of_goods_has_a_page_of_its_own_in_every_language(shop: Shop) -> None:
    page = shop.get("/jenis/weaving")
    assert "Tas bambu" in page
    assert "Keripik apel" not in page
    assert "<title>Anyaman · Desa Wonorejo</title>" in page
    assert 'content="Anyaman dari Desa Wonorejo, langsung dari pembuatnya: Tas bambu."' in page
    assert 'href="/jenis/snack"' in page
    english = shop.get("/en/jenis/weaving")
    assert "<title>Weaving · Wonorejo Village</title>" in english
    assert 'href="/en/jenis/snack"' in english
    assert "<loc>http://testserver/jenis/weaving</loc>" in shop.get("/sitemap.xml")


def test_a_kind_with_nothing_on_show_has_no_page(shop: Shop) -> None:
    assert shop.browser.get("/jenis/batik").status_code == 404
    shop.stock(kind="batik")
    assert "Keripik apel" in shop.get("/jenis/batik")
    assert shop.browser.get("/jenis/snack").status_code == 404


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_where_kinds_used_to_be_leads_for_good_to_where_they_are(shop: Shop, prefix: str) -> None:
    answer = shop.browser.get(f"{prefix}/produk?jenis=weaving&fbclid=a")
    assert (answer.status_code, answer.headers["location"]) == (301, f"http://testserver{prefix}/jenis/weaving")
    assert "Keripik apel" in shop.get(f"{prefix}/produk?jenis=no-such-kind")


@pytest.mark.parametrize("state", ["draft", "hidden"])
def test_what_is_not_on_show_has_no_page(shop: Shop, state: str) -> None:
    shop.stock(state=state)
    assert shop.browser.get("/produk/keripik-apel").status_code == 404
    assert "Keripik apel" not in shop.get("/produk")


def test_a_sign_that_leads_nowhere_leads_to_the_village(shop: Shop) -> None:
    answer = shop.browser.get("/tautan-tidak-ditemukan")
    assert answer.status_code == 404
    assert "tidak dipakai lagi" in answer.text
    assert 'href="/"' in answer.text


def test_privacy_is_told_in_numbers_that_the_program_uses(shop: Shop) -> None:
    page = shop.get("/privasi")
    assert f"({attribution.KEPT.days} hari)" in page
    assert f"({carts.KEPT.days} hari)" in page


# ---- languages -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "leads_to"),
    [("en-GB,en;q=0.9", "/en/produk"), ("zh-CN", "/en/produk"), ("id-ID,en;q=0.5", None), ("in", None), ("", None), ("*", None)],
)
def test_a_first_visit_goes_by_the_browsers_language(shop: Shop, accept: str, leads_to: str | None) -> None:
    answer = shop.browser.get("/produk", headers={"accept-language": accept})
    assert answer.headers.get("location") == leads_to


def test_the_switch_stays_on_the_page_and_is_remembered(shop: Shop) -> None:
    link = re.search(r'class="tongue" href="([^"]+)"', shop.get("/jenis/weaving"))
    assert link
    switched = shop.browser.get(link[1])
    assert switched.headers["location"] == "/en/jenis/weaving"
    assert shop.browser.get("/produk").headers["location"] == "/en/produk"
    shop.browser.get("/bahasa/id?ke=/")
    assert shop.browser.get("/produk", headers={"accept-language": "en"}).status_code == 200


def test_the_switch_never_leaves_the_site(shop: Shop) -> None:
    elsewhere = ("//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/a\r\nX: y", "")
    for target in elsewhere:
        for code in ("id", "en", "xx", "%2F%2Fevil.example"):
            answer = shop.browser.get(f"/bahasa/{code}", params={"ke": target})
            assert answer.headers.get("location", "/") in ("/", "/en/"), (target, code)


def test_javanese_greets_and_leaves_the_rest_to_indonesian(shop: Shop) -> None:
    page = shop.get("/jv/")
    for shown in (
        '<html lang="jv">',
        "Sugeng rawuh ing",
        "Jajanan",
        'href="/jv/produk/keripik-apel"',
        'hreflang="jv" href="http://testserver/jv/"',
    ):
        assert shown in page, shown
    assert "Masukkan keranjang" in shop.get("/jv/produk/keripik-apel")
    link = re.search(r'href="(/bahasa/jv[^"]+)"', shop.get("/produk"))
    assert link
    assert shop.browser.get(link[1]).headers["location"] == "/jv/produk"
    assert shop.browser.get("/produk").headers["location"] == "/jv/produk", "it is remembered"


def test_pages_name_their_other_language_and_themselves(shop: Shop) -> None:
    page = shop.get("/en/produk/keripik-apel")
    assert '<html lang="en">' in page
    assert '<link rel="canonical" href="http://testserver/en/produk/keripik-apel">' in page
    assert '<link rel="alternate" hreflang="id" href="http://testserver/produk/keripik-apel">' in page


# ---- being found ---------------------------------------------------------------------------------------------------------------


def test_structured_data_can_be_read_and_breaks_out_of_nothing(shop: Shop) -> None:
    shop.stock(name={"id": 'Ja"an </script><script>alert(1)</script> & co'})
    page = shop.get("/produk/keripik-apel")
    assert "<script>alert" not in page
    told = json.loads(re.search(r'ld\+json">(.*?)</script>', page)[1])  # type: ignore[index]
    assert told["name"].startswith('Ja"an </script>')
    assert (told["offers"]["price"], told["offers"]["priceCurrency"]) == ("15000", "IDR")


def linked(page: str) -> dict[str, Any]:
    found = [json.loads(text) for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)]
    return {one["@type"]: one for one in found}


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("/produk", ["/", "/produk"]),
        ("/jenis/snack", ["/", "/produk", "/jenis/snack"]),
        ("/produk/keripik-apel", ["/", "/produk", "/produk/keripik-apel"]),
        ("/en/wisata/air-terjun", ["/en/", "/en/wisata/air-terjun"]),
        ("/umkm/bu-sri", ["/", "/umkm/bu-sri"]),
    ],
)
def test_a_page_tells_the_way_to_it_and_its_one_address(shop: Shop, path: str, steps: list[str]) -> None:
    page = shop.browser.get(path).text
    trail = linked(page)["BreadcrumbList"]["itemListElement"]
    assert [one["item"] for one in trail] == [f"http://testserver{step}" for step in steps]
    assert [one["position"] for one in trail] == list(range(1, len(steps) + 1))
    assert all(one["name"] for one in trail)
    assert f'<link rel="canonical" href="http://testserver{path}">' in page


def test_a_maker_who_has_agreed_is_a_business_that_can_be_reached(shop: Shop) -> None:
    business = linked(shop.browser.get("/umkm/bu-sri").text)["LocalBusiness"]
    assert (business["name"], business["telephone"]) == ("Bu Sri", "+6281234567890")
    assert business["address"]["addressCountry"] == "ID"


def test_the_map_of_the_site_lists_public_pages_in_both_languages(shop: Shop) -> None:
    page = shop.get("/sitemap.xml")
    for path in ("/", "/en/", "/produk/keripik-apel", "/en/produk/keripik-apel", "/wisata/air-terjun", "/umkm/bu-sri"):
        assert f"<loc>http://testserver{path}</loc>" in page


def test_robots_are_kept_from_the_desk_and_told_at_orders_themselves_that_these_are_not_for_them(shop: Shop) -> None:
    lines = shop.get("/robots.txt").splitlines()
    for line in ("Disallow: /desk", "Disallow: /pesan$", "Disallow: /en/pesan$", "Sitemap: http://testserver/sitemap.xml"):
        assert line in lines
    assert not [line for line in lines if line.startswith("Disallow: /pesanan")]


def test_pictures_are_kept_for_ever_and_only_in_sizes_that_pages_use(shop: Shop) -> None:
    address = re.search(r'srcset="(/media/[0-9a-f]{64})-\d+\.avif"', shop.get("/produk/keripik-apel"))
    assert address
    for ending, kind in (("-240.avif", "image/avif"), ("-240.jpg", "image/jpeg"), (".jpg", "image/jpeg")):
        answer = shop.browser.get(address[1] + ending)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert "immutable" in answer.headers["cache-control"]
    for ending in ("-241.avif", "-99999.jpg", ".avif", ".png", "-240.exe", "-x.jpg", "", "-240"):
        assert shop.browser.get(address[1] + ending).status_code == 404


@pytest.mark.parametrize(
    "path", ["/media/..%2f..%2fgapura.db", "/media/" + "0" * 64 + ".jpg", "/produk/x", "/umkm/x", "/wisata/x", "/pesanan/x"]
)
def test_what_is_not_there_is_a_page_in_words(shop: Shop, path: str) -> None:
    answer = shop.browser.get(path)
    assert answer.status_code == 404
    assert "Halaman ini tidak ada" in answer.text


def test_pages_are_packed_for_browsers_that_can_unpack_them(shop: Shop) -> None:
    with shop.browser.stream("GET", "/", headers={"accept-encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert len(packed) < 12_000
    assert b"Keripik apel" in gzip.decompress(packed)


# ---- counting ------------------------------------------------------------------------------------------------------------------


def test_a_person_looking_at_a_product_is_counted_with_the_link_that_brought_them(shop: Shop, now: datetime) -> None:
    shop.browser.cookies.set(attribution.COOKIE, attribution.sign_source(Source(7, 123), SECRET, at=now))
    shop.get("/produk/keripik-apel")
    assert shop.outcomes(1) == [("view", 7)]


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"},
        {"user-agent": "WhatsApp/2.23.20.0"},
        {"user-agent": PHONE, "sec-purpose": "prefetch"},
    ],
)
def test_robots_previews_and_prefetches_are_not_views(shop: Shop, headers: dict[str, str]) -> None:
    shop.get("/produk/keripik-apel", **headers)
    shop.browser.head("/produk/keripik-apel")
    shop.browser.get("/produk/tas-bambu", headers={"if-none-match": shop.browser.get("/produk/tas-bambu", headers=headers).headers["etag"]})
    assert shop.outcomes(1) == [("view", 0)], "the one person who came after them, though nothing had changed for her"


def test_a_question_is_counted_and_handed_to_whatsapp(shop: Shop) -> None:
    answer = shop.browser.post("/produk/keripik-apel/pertanyaan")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("https://wa.me/6281234567890?text=")
    assert shop.outcomes(1) == [("whatsapp", 0)]


def test_a_question_for_a_maker_without_consent_goes_to_the_village(shop: Shop) -> None:
    assert shop.browser.post("/produk/tas-bambu/pertanyaan").headers["location"].startswith("https://wa.me/6281200000001?")


# ---- the cart ------------------------------------------------------------------------------------------------------------------


def test_things_of_two_makers_fit_in_one_cart(shop: Shop) -> None:
    shop.put("keripik-apel", "2")
    assert shop.put("tas-bambu").startswith("/keranjang?baru=")
    page = shop.get("/keranjang")
    assert "Rp\u00a0150.000" in page
    assert shop.outcomes(2) == [("cart", 0), ("cart", 0)]


def test_a_quantity_that_cannot_be_gets_a_sentence_and_stays_as_typed(shop: Shop) -> None:
    for typed, told in [*((typed, "1 sampai 99") for typed in ("0", "10000", "-1", "dua", "9" * 30, "")), ("6", "Tinggal 5")]:
        answer = shop.browser.post("/keranjang/barang", data={"product": "keripik-apel", "quantity": typed})
        assert answer.status_code == 422
        assert told in answer.text
        assert f'value="{typed}"' in answer.text
        assert 'aria-invalid="true"' in answer.text


@pytest.mark.parametrize(
    ("pressed", "left"), [({"more": "{id}"}, 3), ({"less": "{id}"}, 1), ({"remove": "{id}"}, None), ({"quantity_{id}": "5"}, 5), ({}, 2)]
)
def test_the_cart_obeys_its_buttons(shop: Shop, pressed: dict[str, str], left: int | None) -> None:
    shop.put("keripik-apel", "2")
    data = {name.format(id=shop.crisps): value.format(id=shop.crisps) for name, value in pressed.items()}
    answer = shop.browser.post("/keranjang", data=data)
    assert answer.headers["location"] == "/keranjang"
    page = shop.get("/keranjang")
    assert (f'value="{left}"' in page) if left else ("masih kosong" in page)


def test_a_wrong_quantity_in_the_cart_loses_nothing_typed(shop: Shop) -> None:
    shop.put("keripik-apel")
    answer = shop.browser.post("/keranjang", data={f"quantity_{shop.crisps}": "10000", "order": "1"})
    assert answer.status_code == 422
    assert 'value="10000"' in answer.text
    assert "1 sampai 99" in answer.text


def test_what_sold_out_in_an_old_cart_stands_apart_with_a_sentence(shop: Shop) -> None:
    shop.put("keripik-apel")
    shop.put("tas-bambu")
    shop.stock(stock_state="sold_out")
    page = shop.get("/keranjang")
    assert "Ini kami pisahkan dulu" in page
    assert page.index("Tas bambu") < page.index("Ini kami pisahkan dulu") < page.index("Sementara itu sudah habis")
    assert "Rp\u00a0120.000" in page


def test_too_many_in_an_old_cart_can_be_fitted_with_one_tap(shop: Shop) -> None:
    shop.put("keripik-apel", "5")
    shop.stock(stock=2)
    assert "Ambil 2 saja" in shop.get("/keranjang")
    shop.browser.post("/keranjang", data={"fit": str(shop.crisps)})
    assert "Rp\u00a030.000" in shop.get("/keranjang")


# ---- ordering ------------------------------------------------------------------------------------------------------------------


def test_an_order_is_stored_then_shown_and_the_cart_is_empty(shop: Shop) -> None:
    shop.put("keripik-apel", "2")
    shop.put("tas-bambu")
    answer = shop.browser.post("/pesan", data={**shop.form(), **BUYER})
    assert answer.status_code == 303
    page = shop.get(answer.headers["location"])
    for shown in ("Niat beli", "Bu Sri", "Rp\u00a0150.000", "Kirim ke Bu Sri lewat WhatsApp"):
        assert shown in page, shown
    assert "masih kosong" in shop.get("/keranjang")


def test_the_checkout_is_kept_by_no_cache_and_found_by_no_search(shop: Shop) -> None:
    shop.put("keripik-apel")
    answer = shop.browser.get("/pesan")
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["x-robots-tag"] == "noindex"
    assert 'name="robots" content="noindex"' in answer.text


def test_a_double_tap_leads_to_the_same_order(shop: Shop) -> None:
    shop.put("keripik-apel", "5")
    data = {**shop.form(), **BUYER}
    first, again = (shop.browser.post("/pesan", data=data).headers["location"] for _ in range(2))
    assert first == again
    with database.reading(shop.engine) as connection:
        assert len(orders.listed(connection, shop.village)) == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"whatsapp": "(0341) 551234"}, "telepon rumah"),
        ({"whatsapp": "08123"}, "bukan nomor telepon yang lengkap"),
        ({"name": ""}, "Tulis nama Anda"),
        ({"delivery": "send", "address": ""}, "Tulis alamat lengkapnya"),
        ({"pickup_at": "2026-11-01T10:00"}, "Waktu ambilnya"),
        ({"pickup_at": "besok"}, "Waktu ambilnya"),
        ({"payment": "janji"}, "Cara bayar ini tidak ada"),
        ({"note": "x" * 600}, "paling banyak 500"),
    ],
)
def test_a_form_with_a_mistake_comes_back_with_everything_typed(shop: Shop, given: dict[str, str], told: str) -> None:
    shop.put("keripik-apel")
    typed = {**BUYER, "note": "Tolong dibungkus <rapi>", **given}
    answer = shop.browser.post("/pesan", data={**shop.form(), **typed})
    assert answer.status_code == 422
    assert answer.text.count(told) == 2  # at the top, and beside its field
    assert 'role="alert"' in answer.text
    if "name" not in given:
        assert 'value="Rina"' in answer.text
    if "note" not in given:
        assert "Tolong dibungkus &lt;rapi&gt;" in answer.text


def test_what_sold_out_between_form_and_order_is_told_and_the_rest_can_be_had(shop: Shop) -> None:
    shop.put("keripik-apel")
    shop.put("tas-bambu")
    form = shop.form()
    shop.stock(stock_state="sold_out")
    answer = shop.browser.post("/pesan", data={**form, **BUYER})
    assert answer.status_code == 409
    assert "Keripik apel baru saja habis" in answer.text
    assert 'value="Rina"' in answer.text
    again = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    placed = shop.browser.post("/pesan", data={**again, **BUYER})
    assert "Tas bambu" in shop.get(placed.headers["location"])
    assert "Keripik apel" in shop.get("/keranjang")


def test_a_price_that_rose_meanwhile_is_told_before_anything_is_ordered(shop: Shop) -> None:
    shop.put("keripik-apel")
    form = shop.form()
    shop.stock(price_idr=20_000)
    answer = shop.browser.post("/pesan", data={**form, **BUYER})
    assert answer.status_code == 422
    assert "sekarang Rp\u00a020.000" in answer.text
    with database.reading(shop.engine) as connection:
        assert orders.listed(connection, shop.village) == []


def test_each_maker_gets_her_part_by_whatsapp_and_that_is_remembered(shop: Shop) -> None:
    shop.put("keripik-apel", "2")
    shop.put("tas-bambu")
    address = shop.browser.post("/pesan", data={**shop.form(), **BUYER, "note": "pedas & #1"}).headers["location"]
    hand_overs = re.findall(r'action="(/pesanan/[^"]+/whatsapp/\d+)"', shop.get(address))
    numbers = []
    for path in hand_overs:
        link = urlsplit(shop.browser.post(path).headers["location"])
        numbers.append(link.path)
        assert "pedas & #1" in parse_qs(link.query)["text"][0]
    assert numbers == ["/6281234567890", "/6281200000001"]  # Pak Joko has not agreed that his number is given out
    assert "WhatsApp dibuka" in shop.get(address)


def test_the_order_page_follows_what_the_desk_does(shop: Shop, now: datetime) -> None:
    shop.put("keripik-apel")
    address = shop.browser.post("/pesan", data={**shop.form(), **BUYER}).headers["location"]
    with database.writing(shop.engine) as connection:
        part = orders.by_token(connection, shop.village, address.rpartition("/")[2]).parts[0]
        orders.move(connection, shop.village, part.id, "confirmed", by="wati", at=now)
    assert "Dikonfirmasi, sedang disiapkan" in shop.get(address)
    with database.writing(shop.engine) as connection:
        orders.move(connection, shop.village, part.id, "cancelled", by="wati", at=now)
    page = shop.get(address)
    assert "Tidak ada yang perlu dibayar" in page
    assert "/whatsapp/" not in page


def test_nothing_in_the_cart_leads_back_to_the_cart(shop: Shop) -> None:
    assert shop.browser.get("/pesan").headers["location"] == "/keranjang"


def test_a_form_sent_from_another_site_changes_nothing(shop: Shop) -> None:
    shop.put("keripik-apel")
    data = {**shop.form(), **BUYER}
    answer = shop.browser.post("/pesan", data=data, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    with database.reading(shop.engine) as connection:
        assert orders.listed(connection, shop.village) == []


# ---- several villages ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def neighbour(shop: Shop, now: datetime) -> Callable[[str], str]:
    """A second village in the same installation, Sumberejo, with a maker, a product and an attraction of its own."""
    with database.writing(shop.engine) as connection:
        village = making.village(connection, name="Sumberejo")
        making.product(connection, village, making.maker(connection, village, name="Bu Tini"), name="Kopi Sumberejo")
        attractions.create(connection, village_id=village, name={"id": "Bukit Sumberejo"}, at=now)
    return lambda path: f"/desa/sumberejo{path}"


def test_an_installation_of_several_villages_leads_to_each(shop: Shop, neighbour: Callable[[str], str]) -> None:
    page = shop.get("/")
    assert 'href="/desa/wonorejo/"' in page
    assert 'href="/desa/sumberejo/"' in page
    assert "Kopi Sumberejo" in shop.get(neighbour("/"))


def test_villages_of_one_name_are_told_apart_by_their_code(shop: Shop) -> None:
    with database.writing(shop.engine) as connection:
        for code, district in (("3514132005", "Purwosari"), ("3515012001", "Tarik")):
            regency = {"3514": "Pasuruan", "3515": "Sidoarjo"}[code[:4]]
            making.village(connection, name="Sumberejo", code10=code, district=district, regency=regency)
    page = shop.get("/")
    assert page.index("Jawa Timur") < page.index("Pasuruan") < page.index("Purwosari") < page.index("35.14.13.2005")
    assert 'href="/desa/sumberejo/"' in page
    assert 'href="/desa/sumberejo-2/"' in page
    with database.writing(shop.engine) as connection:
        for number in range(80):
            making.village(connection, name=f"Desa {number}", code10=f"35141320{number + 10:02}", district="Purwosari", regency="Pasuruan")
    page = shop.get("/")
    assert 'href="/?kab=3514"' in page
    assert "81 desa" in page
    assert "/desa/sumberejo/" not in page, "too many for one page on a weak signal"
    assert 'href="/en/desa/sumberejo/"' in shop.get("/en/?kab=3514")


def test_the_map_of_many_villages_is_one_of_maps_by_regency(shop: Shop, neighbour: Callable[[str], str]) -> None:
    with database.writing(shop.engine) as connection:
        making.village(connection, name="Tarik", code10="3515012001", regency="Sidoarjo")
    index = shop.get("/sitemap.xml")
    maps = re.findall(r"<loc>http://testserver(/sitemap-[^<]+)</loc>", index)
    assert "/sitemap-3515.xml" in maps
    everything = "".join(shop.get(path) for path in maps)
    for path in ("/desa/tarik/", neighbour("/produk/kopi-sumberejo"), "/en/desa/wonorejo/produk/keripik-apel"):
        assert f"<loc>http://testserver{path}</loc>" in everything, path
    assert shop.browser.get("/sitemap-9999.xml").status_code == 404


def test_no_page_of_a_village_shows_another_villages_nouns(shop: Shop, neighbour: Callable[[str], str]) -> None:
    for path in ("/", "/produk", "/privasi", "/keranjang", "/produk/kopi-sumberejo", "/wisata/bukit-sumberejo", "/umkm/bu-tini"):
        for word in ("Keripik", "Bu Sri", "Tas bambu", "Air terjun"):
            assert word not in shop.get(neighbour(path)), (path, word)
    for path in ("/produk/keripik-apel", "/umkm/bu-sri", "/wisata/air-terjun"):
        assert shop.browser.get(neighbour(path)).status_code == 404


def test_carts_and_orders_of_two_villages_do_not_mix(shop: Shop, neighbour: Callable[[str], str]) -> None:
    shop.browser.post("/desa/wonorejo/keranjang/barang", data={"product": "keripik-apel"})
    assert "masih kosong" in shop.get(neighbour("/keranjang"))
    assert shop.browser.post(neighbour("/keranjang/barang"), data={"product": "keripik-apel"}).status_code == 404
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shop.get("/desa/wonorejo/pesan")))
    form["drawn"] = traps.drawn_again(SECRET, at=making.NOW)
    address = shop.browser.post("/desa/wonorejo/pesan", data={**form, **BUYER}).headers["location"]
    assert address.startswith("/desa/wonorejo/pesanan/")
    assert shop.browser.get(address.replace("wonorejo", "sumberejo")).status_code == 404
    part = re.search(r'action="([^"]+/whatsapp/\d+)"', shop.get(address))
    assert part
    assert shop.browser.post(part[1].replace("wonorejo", "sumberejo")).status_code == 404


def test_a_sign_of_one_village_earns_nothing_in_another(shop: Shop, neighbour: Callable[[str], str], now: datetime) -> None:
    with database.writing(shop.engine) as connection:
        link = links.create(connection, village_id=shop.village, kind="qr", title="Gerbang", target_kind="village", at=now)
    shop.browser.cookies.set(attribution.COOKIE, attribution.sign_source(Source(link.id, 1), SECRET, at=now))
    shop.get(neighbour("/produk/kopi-sumberejo"))
    shop.get("/desa/wonorejo/produk/keripik-apel")
    assert sorted(shop.outcomes(2)) == [("view", 0), ("view", link.id)]


def test_the_language_switch_stays_in_its_village(shop: Shop, neighbour: Callable[[str], str]) -> None:
    link = re.search(r'class="tongue" href="([^"]+)"', shop.get(neighbour("/produk")))
    assert link
    assert shop.browser.get(link[1]).headers["location"] == "/en/desa/sumberejo/produk"


def test_an_installation_without_a_village_says_how_to_begin(engine: sa.Engine, tmp_path: Path) -> None:
    chosen = settings.load(tmp_path / "data", public_url="http://testserver", secret=SECRET)
    browser = TestClient(app.build(chosen, engine, media.Store(tmp_path / "media")), headers={"accept-language": "id"})
    assert "gapura init" in browser.get("/").text
    assert browser.get("/produk").status_code == 404


def test_each_maker_has_her_turn_on_the_first_page(engine: sa.Engine) -> None:
    with database.writing(engine) as connection:
        village = making.village(connection)
        first, second = making.maker(connection, village), making.maker(connection, village, name="Pak Joko")
        for number in range(3):
            making.product(connection, village, first, name=f"Keripik {number}", stock=0 if number == 1 else 9)
        making.product(connection, village, second, name="Tas")
        goods = products.listed(connection, village)
    today, tomorrow = ([product.maker_id for product in pages.in_turn(goods, day)] for day in (0, 1))
    assert sorted(today[:2]) == sorted(tomorrow[:2]) == sorted([first, second])
    assert today[0] != tomorrow[0]
    assert pages.in_turn(goods, 0)[-1].is_sold_out


# ---- searching -----------------------------------------------------------------------------------------------------------------


def test_a_search_shows_what_fits_and_keeps_the_words(shop: Shop) -> None:
    page = shop.get("/cari?q=kripik+%22appel%3Cb%3E")
    assert "/produk/keripik-apel" in page
    assert "<b>&" not in page.replace("&lt;b&gt;", "")
    assert 'value="kripik &#34;appel&lt;b&gt;"' in page
    assert "/wisata/air-terjun" in shop.get("/cari?q=waterfall")


def test_a_search_without_a_hit_offers_ways_on(shop: Shop) -> None:
    page = shop.get("/cari?q=durian")
    for shown in ("Belum ada “durian”", 'href="/produk"', "https://wa.me/6281200000001", "/jenis/snack"):
        assert shown in page
    assert shop.browser.get("/cari?q=durian").headers["x-robots-tag"] == "noindex"


def test_one_can_search_from_the_list_of_goods(shop: Shop) -> None:
    assert 'role="search" action="/cari"' in shop.get("/produk")
    assert 'role="search" action="/en/cari"' in shop.get("/en/produk")
