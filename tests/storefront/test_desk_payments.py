"""How a maker is paid, set up at the desk: compared by a person before it is kept, and shown to buyers as it is."""

import making
import pytest
from desk_hands import Hands

from campaigns import qrcodes
from storefront import database, makers, orders, payments, qris, tables

# What pages do with a database is done by the nouns, whose own tests run on both kinds.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CODE = payments.get("qris").EXAMPLE["text"]
ACCOUNT = {"bank": "Bank Contoh", "number": "0000 1234 56", "name": "Sri Wahyuni"}


def path(hands: Hands, *more: str) -> str:
    return "/".join((f"/desk/umkm/{hands.product.maker_id}/bayar", *more))


def kept(hands: Hands) -> dict[str, dict[str, str]]:
    with database.reading(hands.engine) as connection:
        return dict(makers.get(connection, hands.village_id, hands.product.maker_id).payments)


def keep_qris(hands: Hands) -> None:
    assert hands.post(path(hands, "qris"), text=CODE, agreed="1").status_code == 303


def ordered(hands: Hands, payment: str, **given: object) -> orders.Order:
    with database.writing(hands.engine) as connection:
        return making.order(connection, hands.village_id, {hands.product.id: 2}, payment=payment, **given)


def test_a_photographed_qris_is_shown_with_name_and_nmid_before_it_is_kept(hands: Hands) -> None:
    photo = {"text_picture": ("qris.png", qrcodes.png(CODE, "M", scale=6), "image/png")}
    answer = hands.browser.post(path(hands, "qris"), data={"text": ""}, files=photo)
    assert answer.status_code == 200
    for shown in ("TOKO CONTOH", "ID9999000000001", "<svg", f'value="{CODE}"', "Cocokkan dulu"):
        assert shown in answer.text
    assert kept(hands) == {}


def test_only_the_agreed_code_is_kept_and_it_is_checked_again(hands: Hands) -> None:
    assert hands.post(path(hands, "qris"), text=CODE[:-1] + "X", agreed="1").status_code == 422
    assert kept(hands) == {}
    keep_qris(hands)
    assert kept(hands)["qris"] == {"text": CODE, "merchant": "TOKO CONTOH", "nmid": "ID9999000000001"}
    assert "TOKO CONTOH" in hands.get(path(hands)).text


@pytest.mark.parametrize(
    ("picture", "sentence"),
    [
        (making.picture(), "Tidak ada kode QR"),
        (b"no picture", "bukan foto"),
        (qrcodes.png("HTTPS://GAPURA.ID/Q/K7Q2XY", scale=6), "bukan kode QRIS"),
    ],
)
def test_a_picture_without_a_qris_is_refused_with_a_sentence(hands: Hands, picture: bytes, sentence: str) -> None:
    answer = hands.browser.post(path(hands, "qris"), data={"text": ""}, files={"text_picture": ("a.jpg", picture, "image/jpeg")})
    assert answer.status_code == 422
    assert sentence in answer.text


def test_the_order_page_shows_the_code_unchanged_with_who_is_paid_and_how_much(hands: Hands) -> None:
    keep_qris(hands)
    page = hands.get(f"/pesanan/{ordered(hands, 'qris').token}").text
    for shown in ("TOKO CONTOH", "ID9999000000001", "Rp\u00a030.000", qrcodes.svg(CODE, "M")):
        assert shown in page


def test_the_amount_is_filled_in_only_after_a_test_payment_was_recorded(hands: Hands) -> None:
    keep_qris(hands)
    assert hands.post(path(hands, "qris", "uji")).status_code == 422
    assert "tested_at" not in kept(hands)["qris"]
    assert hands.post(path(hands, "qris", "uji"), arrived="1").status_code == 303
    assert kept(hands)["qris"]["tested_by"] == "wati"
    order = ordered(hands, "qris")
    page = hands.get(f"/pesanan/{order.token}").text
    assert qrcodes.svg(qris.with_amount(CODE, 30_000, order.code), "M") in page
    assert "tidak resmi" in page
    hands.post(path(hands, "qris", "uji"), off="1")
    assert qrcodes.svg(CODE, "M") in hands.get(f"/pesanan/{order.token}").text


def test_another_code_has_to_be_tried_anew(hands: Hands) -> None:
    keep_qris(hands)
    hands.post(path(hands, "qris", "uji"), arrived="1")
    keep_qris(hands)
    assert "tested_at" not in kept(hands)["qris"]


def test_a_bank_account_is_compared_kept_and_shown_to_who_pays_that_way(hands: Hands) -> None:
    assert "000012345" in hands.post(path(hands, "transfer"), **ACCOUNT).text
    assert kept(hands) == {}
    hands.post(path(hands, "transfer"), agreed="1", **ACCOUNT)
    page = hands.get(f"/pesanan/{ordered(hands, 'transfer').token}").text
    for shown in ("Bank Contoh", "0000123456", "Sri Wahyuni"):
        assert shown in page


def test_a_form_that_is_wrong_loses_nothing_typed(hands: Hands) -> None:
    page = hands.post(path(hands, "transfer"), bank="Bank Contoh", number="dua", name="").text
    for shown in ("Bank Contoh", 'value="dua"', "6 sampai 20 angka", "nama pemilik rekening"):
        assert shown in page


def test_a_way_that_was_taken_back_is_not_offered_and_its_orders_say_so(hands: Hands) -> None:
    keep_qris(hands)
    token = ordered(hands, "qris").token
    assert hands.post(path(hands, "qris", "pencabutan")).status_code == 303
    assert kept(hands) == {}
    assert "tidak lagi memakai cara bayar ini" in hands.get(f"/pesanan/{token}").text
    with pytest.raises(orders.Problems, match="payment_not_here"):
        ordered(hands, "qris")


def test_the_checkout_offers_only_what_every_maker_in_the_cart_takes(hands: Hands) -> None:
    keep_qris(hands)
    hands.post("/keranjang/barang", product=hands.product.slug)
    assert 'value="qris"' in hands.get("/pesan").text
    with database.writing(hands.engine) as connection:
        other = making.product(connection, hands.village_id, making.maker(connection, hands.village_id, name="Pak Joko"), name="Kopi")
    hands.post("/keranjang/barang", product=other.slug)
    assert 'value="qris"' not in hands.get("/pesan").text


def test_paid_is_what_the_desk_says_and_can_be_taken_back(hands: Hands) -> None:
    order = ordered(hands, "cash")
    mark = f"/desk/pesanan/{order.id}/bagian/{order.parts[0].id}/pembayaran"
    assert "Lunas" not in hands.get(f"/pesanan/{order.token}").text
    assert hands.post(mark, lunas="1").status_code == hands.post(mark, lunas="1").status_code == 303
    assert "Lunas" in hands.get(f"/pesanan/{order.token}").text
    assert hands.get(f"/desk/pesanan/{order.id}").text.count("Ditandai lunas") == 1
    hands.post(mark, lunas="0")
    assert "Lunas" not in hands.get(f"/pesanan/{order.token}").text


def test_what_was_called_off_is_not_marked_as_paid(hands: Hands) -> None:
    order = ordered(hands, "cash")
    with database.writing(hands.engine) as connection:
        orders.move(connection, hands.village_id, order.parts[0].id, "cancelled", by="wati", at=making.NOW)
    assert hands.post(f"/desk/pesanan/{order.id}/bagian/{order.parts[0].id}/pembayaran", lunas="1").status_code == 409


def test_nobody_changes_how_a_maker_is_paid_without_the_right_or_in_another_village(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        other = making.maker(connection, making.village(connection, name="Sumberejo"))
    assert hands.post(f"/desk/umkm/{other}/bayar/qris", text=CODE, agreed="1").status_code == 404
    hands.as_member(login="budi", role="contributor")
    assert hands.post(path(hands, "qris"), text=CODE, agreed="1").status_code == 403
    with database.reading(hands.engine) as connection:
        assert [row.payments for row in connection.execute(tables.maker.select())] == [{}, {}]
