"""Products at the desk: made, changed, sold out in a tap; and whatever is wrong, nothing typed is lost."""

import struct
import zlib
from html import unescape

import making
import pytest
from desk_hands import Hands

from storefront import database, products

GOOD = {
    "name_id": "Sirup apel “Manalagi” & madu",
    "price": "25.000",
    "unit_id": "botol 250 ml",
    "story_id": "Diperas pagi ini.",
    "kind": "drink",
    "stock": "12",
    "stock_state": "ready",
    "state": "live",
    "name_en": "Apple syrup",
}


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 10,000 x 10,000 pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def form(hands: Hands, **changed: str) -> dict[str, str]:
    return {**GOOD, "maker": str(hands.product.maker_id), **changed}


def stored(hands: Hands, product_id: int) -> products.Product:
    with database.reading(hands.engine) as connection:
        return products.get(connection, hands.village_id, product_id)


def made(hands: Hands) -> list[products.Product]:
    with database.reading(hands.engine) as connection:
        found = products.listed(connection, hands.village_id, states=products.STATES)
    return [product for product in found if product.id != hands.product.id]


def test_a_product_is_made_with_two_photos(hands: Hands) -> None:
    files = [("photos", ("a.jpg", making.picture(colour="#227744"))), ("photos", ("b.png", making.picture(colour="#335577", kind="PNG")))]
    answer = hands.browser.post("/desk/produk", data=form(hands), files=files)
    assert answer.status_code == 303
    product = made(hands)[0]
    assert product.name == {"id": "Sirup apel “Manalagi” & madu", "en": "Apple syrup"}
    assert (product.price_idr, product.stock, product.state) == (25_000, 12, "live")
    assert len(product.photos) == 2
    assert product.photos[0].alt["en"] == "Apple syrup"


def test_a_product_is_changed_and_keeps_what_was_not_touched(hands: Hands) -> None:
    kept = hands.product.photos[0].id
    answer = hands.post(f"/desk/produk/{hands.product.id}", **form(hands, photo=str(kept), price="17rb", stock=""))
    assert answer.headers["location"] == f"/desk/produk/{hands.product.id}?kabar=saved"
    product = stored(hands, hands.product.id)
    assert (product.price_idr, product.stock, product.slug) == (17_000, None, hands.product.slug)
    assert [photo.id for photo in product.photos] == [kept]


def test_another_photo_becomes_the_first_and_one_is_taken_away(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        second, third = (making.photo(connection, hands.store, hands.village_id, colour=colour).id for colour in ("#223344", "#556677"))
    first = hands.product.photos[0].id
    fields = form(hands) | {"photo": [first, second, third], "first": third, "drop": first}
    hands.browser.post(f"/desk/produk/{hands.product.id}", data=fields)
    assert [photo.id for photo in stored(hands, hands.product.id).photos] == [third, second]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"price": "lima belas ribu"}, "“lima belas ribu” bukan harga"),
        ({"price": ""}, "Tulis harganya"),
        ({"price": "0"}, "tidak boleh nol"),
        ({"price": "15.00"}, "bukan harga"),
        ({"name_id": "", "name_en": ""}, "Tulis nama barangnya"),
        ({"name_id": "K" * 121}, "paling banyak 120 huruf"),
        ({"story_en": "K" * 4001}, "paling banyak 4000 huruf"),
        ({"stock": "-3"}, "Jumlah stok"),
        ({"stock": "banyak"}, "Jumlah stok"),
        ({"stock": "9999999999"}, "Jumlah stok"),
        ({"maker": "999999"}, "Pilihan ini tidak ada"),
        ({"kind": "<script>"}, "Pilihan ini tidak ada"),
        ({"state": "sold"}, "Pilihan ini tidak ada"),
    ],
)
def test_a_wrong_field_gets_a_sentence_and_nothing_typed_is_lost(hands: Hands, changed: dict[str, str], sentence: str) -> None:
    typed = form(hands, **changed)
    answer = hands.post("/desk/produk", **typed)
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert sentence in page
    for name in ("name_id", "price", "unit_id", "story_id", "stock", "name_en", "story_en"):
        assert typed.get(name, "") in page
    assert made(hands) == []


def test_everything_wrong_is_told_at_once(hands: Hands) -> None:
    page = unescape(hands.post("/desk/produk", name_id="", price="abc", stock="x").text)
    for sentence in ("Tulis nama barangnya", "“abc” bukan harga", "Jumlah stok", "Bagian ini perlu diisi"):
        assert sentence in page


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (b"", "bukan foto"),
        (b"ini bukan gambar", "bukan foto"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "bukan foto"),
        (b"GIF89a<script>alert(1)</script>", "bukan foto"),
        (making.picture()[:900], "rusak"),
        (bomb(), "megapiksel"),
    ],
    ids=["empty", "text", "svg", "polyglot", "broken", "100 megapixels"],
)
def test_a_bad_upload_gets_a_sentence_while_the_good_one_and_every_word_stay(hands: Hands, upload: bytes, sentence: str) -> None:
    files = [("photos", ("buruk.jpg", upload)), ("photos", ("baik.jpg", making.picture(colour="#446688")))]
    answer = hands.browser.post("/desk/produk", data=form(hands), files=files)
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert sentence in page
    assert GOOD["story_id"] in page
    assert made(hands) == []
    kept = page.partition('name="photo" value="')[2].partition('"')[0]
    assert hands.post("/desk/produk", **form(hands, photo=kept)).status_code == 303
    assert [photo.id for photo in made(hands)[0].photos] == [int(kept)]


def test_a_form_larger_than_anybody_needs_is_refused_before_it_is_read(hands: Hands) -> None:
    answer = hands.browser.post("/desk/produk", content=b"x", headers={"Content-Length": str(200 * 1024 * 1024)})
    assert answer.status_code == 413


def test_sold_out_is_one_tap_and_so_is_back_again(hands: Hands) -> None:
    path = f"/desk/produk/{hands.product.id}/stok"
    assert hands.post(path, stok="sold_out").headers["location"].startswith("/desk/produk?kabar=sold_out")
    assert stored(hands, hands.product.id).is_sold_out
    hands.post(path, stok="ready")
    assert stored(hands, hands.product.id).is_for_sale


def test_a_product_without_pieces_left_is_there_again_without_counting(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        products.change(connection, hands.village_id, hands.product.id, stock=0, at=making.NOW)
    hands.post(f"/desk/produk/{hands.product.id}/stok", stok="ready")
    assert stored(hands, hands.product.id).stock is None


def test_a_product_is_hidden_and_shown(hands: Hands) -> None:
    path = f"/desk/produk/{hands.product.id}/keadaan"
    hands.post(path, keadaan="hidden")
    assert stored(hands, hands.product.id).state == "hidden"
    assert "Keripik apel" not in hands.get("/desk/produk?keadaan=live").text
    hands.post(path, keadaan="live")
    assert stored(hands, hands.product.id).state == "live"


def test_a_maker_is_written_down_and_a_wrong_number_is_explained(hands: Hands) -> None:
    wrong = hands.post("/desk/umkm", name="Pak Joko", kind="person", whatsapp="(0341) 551234", place_id="Dekat musala")
    assert wrong.status_code == 422
    assert "nomor telepon rumah" in wrong.text
    assert "Dekat musala" in wrong.text
    assert hands.post("/desk/umkm", name="Pak Joko", kind="person", whatsapp="0813 2222 3333", consent="1").status_code == 303
    assert "+62 813-2222-3333" in hands.get("/desk/umkm").text
