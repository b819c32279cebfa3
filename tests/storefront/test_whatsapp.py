"""WhatsApp: the maker reads what the buyer meant, whatever characters are in it."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storefront import whatsapp
from storefront.orders import Line, Order, Part
from storefront.products import Product
from storefront.villages import Village

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
URL = "https://giriarum.example/pesanan/7Qk2mXb0t9w1yZc4Rr8v5A"
VILLAGE = Village(
    1, None, "giriarum", "Giriarum", "Bumiaji", "Kota Batu", "Jawa Timur", "Asia/Jakarta", {}, {}, None, None, None, None, False, 1
)
LINE = Line(1, 1, 1, {"id": "Keripik apel"}, {"id": "bungkus 100 g"}, 2, 15_000)
PART = Part(1, 1, 1, 1, "intent", 30_000, None, AT, "Bu Sri", "bu-sri", "6281234567890", {}, AT, (LINE,))
ORDER = Order(
    id=1,
    village_id=1,
    code="K7Q2X",
    token="t",
    name="Rina",
    whatsapp="6281211112222",
    delivery="pickup",
    address=None,
    pickup_at=None,
    note=None,
    payment="cash",
    language="id",
    total_idr=30_000,
    link_id=0,
    click_key=None,
    placed_at=AT,
    parts=(PART,),
)


def typed(link: str) -> str:
    """What WhatsApp shows in its field for this link."""
    return parse_qs(urlsplit(link).query, strict_parsing=True)["text"][0]


def test_the_message_has_all_that_a_maker_needs() -> None:
    order = replace(ORDER, note="Tanpa gula ya", pickup_at=datetime(2026, 11, 24, 6, 0, tzinfo=UTC))
    assert whatsapp.message(order, PART, "id", URL, village=VILLAGE).splitlines() == [
        "Halo Bu Sri, saya Rina.",
        "Saya ingin memesan dari toko Desa Giriarum, kode *K7Q2X*:",
        "",
        "• 2 × Keripik apel (bungkus 100 g) @ Rp 15.000 = Rp 30.000",
        "",
        "*Jumlah: Rp 30.000*",
        "Diambil di tempat: 24 Nov 2026 13.00 WIB",
        "Catatan: Tanpa gula ya",
        "",
        f"Pesanan lengkap: {URL}",
    ]


def test_an_english_reader_says_so_in_one_line() -> None:
    told = whatsapp.message(ORDER, PART, "en", URL, village=VILLAGE)
    assert "Halo Bu Sri" in told
    assert "I read English" in told


def test_what_is_sent_home_says_where_and_asks_for_the_fee() -> None:
    order = replace(ORDER, delivery="send", address="Jl. Mawar 3\nMalang 65111")
    told = whatsapp.message(order, PART, "id", URL, village=VILLAGE)
    assert "Dikirim ke: Jl. Mawar 3, Malang 65111" in told
    assert "Ongkos kirim" in told


@pytest.mark.parametrize(
    "text",
    ["gula & garam", "meja #4", "50 % + 10 %", 'Ja"an dan Ra’as', "a=b?c;d", "🍎 apel 🇮🇩", "baris satu\nbaris dua", "<b>tebal</b>", "ꦗꦮ"],
)
def test_every_character_arrives_as_it_was_typed(text: str) -> None:
    link = whatsapp.link("6281234567890", whatsapp.message(replace(ORDER, note=text), PART, "id", URL, village=VILLAGE))
    assert link.startswith("https://wa.me/6281234567890?text=")
    assert f"Catatan: {text}" in typed(link)
    assert link.isascii()
    assert not set(" +&#\n\"'") & set(link.partition("?text=")[2])


def test_space_and_newline_are_encoded_as_whatsapp_wants() -> None:
    assert whatsapp.link("628", "a b\nc&d") == "https://wa.me/628?text=a%20b%0Ac%26d"


def test_a_long_order_leaves_lines_to_the_order_page_and_says_how_many() -> None:
    lines = tuple(replace(LINE, id=number, name={"id": f"Keripik apel rasa nomor {number}"}) for number in range(50))
    part = replace(PART, lines=lines, total_idr=50 * 30_000)
    text = whatsapp.message(ORDER, part, "id", URL, village=VILLAGE)
    kept = text.count("• 2 ×")
    assert len(whatsapp.link(part.maker_whatsapp, text)) <= whatsapp.MOST
    assert kept >= 10
    assert f"dan {50 - kept} macam barang lagi" in text
    assert "*Jumlah: Rp 1.500.000*" in text
    assert URL in text


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=500)


@settings(max_examples=60, deadline=None)
@given(name=TEXTS, note=TEXTS, address=TEXTS, product=TEXTS, count=st.integers(1, 50), language=st.sampled_from(["id", "en"]))
def test_no_order_makes_a_link_longer_than_phones_take(name: str, note: str, address: str, product: str, count: int, language: str) -> None:
    order = replace(ORDER, name=name[:80], note=note, address=address[:300], delivery="send")
    lines = tuple(replace(LINE, name={"id": product[:120]}, unit={"id": product[:40]}) for _ in range(count))
    text = whatsapp.message(order, replace(PART, lines=lines), language, URL, village=VILLAGE)
    assert len(whatsapp.link(PART.maker_whatsapp, text)) <= whatsapp.MOST
    assert text.endswith(URL)


@pytest.mark.parametrize(("unit", "shown"), [({"id": "bungkus 100 g"}, "(Rp 15.000 / bungkus 100 g)"), ({}, "(Rp 15.000)")])
def test_a_question_names_the_product_and_its_page(unit: dict[str, str], shown: str) -> None:
    product = Product(
        1, 1, 1, "keripik-apel", "snack", {"id": "Keripik apel"}, {}, unit, 15_000, None, "ready", {}, "live", "Bu Sri", "bu-sri"
    )
    text = whatsapp.question(product, "id", "https://x.example/produk/keripik-apel", village=VILLAGE)
    assert f"*Keripik apel* {shown}" in text
    assert text.endswith("https://x.example/produk/keripik-apel")


def test_the_way_to_answer_stands_behind_the_way_to_the_order() -> None:
    answer = "https://giriarum.example/penjual/pesanan/7"
    lines = whatsapp.message(ORDER, PART, "id", URL, village=VILLAGE, maker_url=answer).splitlines()
    assert lines[-2:] == [f"Pesanan lengkap: {URL}", f"Jawab pesanan (dari HP penjual): {answer}"]
