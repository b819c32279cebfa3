"""How goods come to the buyer: collected while the maker is there, brought around the village for a fee, or sent for a sum agreed to."""

import re
from datetime import UTC, datetime, timedelta

import making
import pytest
import sqlalchemy as sa
from desk_hands import Hands

from storefront import areas, care, charges, database, makers, order_parts, orders, parcels, products, proofs
from storefront.payments import Standing
from storefront.problems import Problem, Problems

SEND = {"delivery": "send", "address": "Jalan Melati 5, Surabaya 60111"}


def stock(hands: Hands, left: int | None) -> None:
    with database.writing(hands.engine) as connection:
        products.change(connection, hands.village_id, hands.product.id, at=making.NOW, stock=left)


def placed(hands: Hands, quantity: int = 2, **given: object) -> orders.Order:
    with database.writing(hands.engine) as connection:
        return making.order(connection, hands.village_id, {hands.product.id: quantity}, **given)


def again(hands: Hands, order: orders.Order) -> orders.Order:
    with database.reading(hands.engine) as connection:
        return orders.get(connection, hands.village_id, order.id)


def left(hands: Hands) -> int | None:
    with database.reading(hands.engine) as connection:
        return products.get(connection, hands.village_id, hands.product.id).stock


# ---- around the village --------------------------------------------------------------------------------------------------------


@pytest.fixture
def krajan(hands: Hands) -> areas.Area:
    assert hands.post("/desk/antar", areas="Dusun Krajan, 5.000\n\nHomestay sekitar, gratis\n").status_code == 303
    with database.reading(hands.engine) as connection:
        return areas.listed(connection, hands.village_id)[0]


def test_the_desk_says_where_the_courier_goes_and_keeps_what_it_had(hands: Hands, krajan: areas.Area) -> None:
    assert (krajan.name, krajan.fee_idr) == ("Dusun Krajan", 5_000)
    assert "Dusun Krajan, 5.000" in hands.get("/desk/antar").text
    hands.post("/desk/antar", areas="Pantai, 12rb\nDusun Krajan, 7.000")
    with database.reading(hands.engine) as connection:
        assert [(one.name, one.fee_idr) for one in areas.listed(connection, hands.village_id)] == [
            ("Pantai", 12_000),
            ("Dusun Krajan", 7_000),
        ]
        assert areas.listed(connection, hands.village_id)[1].id == krajan.id


@pytest.mark.parametrize("wrong", ["Dusun Krajan", "Dusun Krajan, banyak", ", 5.000", "A, 1\nA, 2", "A, 9.000.000", "x" * 99 + ", 5"])
def test_a_line_that_cannot_be_read_is_shown_again_with_a_sentence(hands: Hands, wrong: str) -> None:
    answer = hands.post("/desk/antar", areas=wrong)
    assert answer.status_code == 422
    assert 'class="wrong"' in answer.text
    assert wrong.splitlines()[0][:40] in answer.text


def test_the_fee_of_the_area_is_the_villages_own_and_stands_once_in_the_order(hands: Hands, krajan: areas.Area) -> None:
    order = placed(hands, delivery="village", area_id=krajan.id, address="Homestay Mawar", agreed_fee_idr=5_000)
    assert (order.area, order.fee_idr, order.total_idr, order.due_idr) == ("Dusun Krajan", 5_000, 30_000, 35_000)
    page = hands.get(f"/pesanan/{order.token}").text
    assert "Rp\u00a035.000" in page
    assert "Homestay Mawar" in hands.get(f"/desk/pesanan/{order.id}").text
    with database.writing(hands.engine) as connection:
        off = orders.move(connection, hands.village_id, order.parts[0].id, "cancelled", by="wati", at=making.NOW)
    assert off.due_idr == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"area_id": None}, "area"),
        ({"area_id": 987_654}, "area"),
        ({"address": "x"}, "address"),
        ({"agreed_fee_idr": 4_000}, "area"),
    ],
)
def test_what_is_wrong_with_a_delivery_is_told_at_its_field(hands: Hands, krajan: areas.Area, given: dict[str, object], field: str) -> None:
    with pytest.raises(Problems) as told:
        placed(hands, **{"delivery": "village", "area_id": krajan.id, "address": "Homestay Mawar", **given})
    assert [problem.field for problem in told.value.problems] == [field]


def test_an_area_of_another_village_is_none_of_ours(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        other = making.village(connection, name="Sumberejo")
        areas.replace(connection, other, [("Seberang", 1_000)])
        theirs = areas.listed(connection, other)[0].id
    with pytest.raises(Problems):
        placed(hands, delivery="village", area_id=theirs, address="Homestay Mawar")
    assert "Seberang" not in hands.get("/desk/antar").text


# ---- collected -----------------------------------------------------------------------------------------------------------------


def test_goods_are_collected_while_the_maker_is_there(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        makers.change(connection, hands.village_id, hands.product.maker_id, hours={"tue": ["08:00", "11:00"]})
    tuesday = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # 09.00 WIB
    assert placed(hands, pickup_at=tuesday).pickup_at == tuesday
    for closed in (tuesday + timedelta(hours=4), tuesday + timedelta(days=1)):
        with pytest.raises(Problems, match="pickup_closed"):
            placed(hands, pickup_at=closed)
    hands.post("/keranjang/barang", product=hands.product.slug, quantity="1")
    offered = re.findall(r'<option value="(2026-[^"]+)"', hands.get("/pesan").text)
    assert offered == ["2026-11-24T09:00"]


# ---- sent home -----------------------------------------------------------------------------------------------------------------


def test_the_maker_types_the_cost_and_the_buyer_sees_the_new_sum_and_agrees(hands: Hands) -> None:
    order = placed(hands, **SEND)
    part = order.parts[0]
    hands.post(f"/desk/pesanan/{order.id}/bagian/{part.id}/ongkir", kurir="JNE", ongkir="18rb")
    page = hands.get(f"/pesanan/{order.token}").text
    assert "JNE" in page
    assert "Rp\u00a048.000" in page
    assert again(hands, order).due_idr == 30_000  # until she agrees
    assert hands.post(f"/pesanan/{order.token}/ongkir/{part.id}", setuju="18000").status_code == 303
    assert again(hands, order).due_idr == 48_000
    assert hands.post(f"/pesanan/{order.token}/ongkir/{part.id}", setuju="18000").status_code == 303  # a double tap
    with database.reading(hands.engine) as connection:
        told = [event.state for event in order_parts.history(connection, hands.village_id, order.id)]
    assert told == ["intent", "fee", "fee_agreed"]


def test_a_cost_that_changed_meanwhile_is_not_agreed_to_unseen(hands: Hands) -> None:
    order = placed(hands, **SEND)
    part = order.parts[0]
    for fee in ("10.000", "25.000"):
        hands.post(f"/desk/pesanan/{order.id}/bagian/{part.id}/ongkir", kurir="JNE", ongkir=fee)
    answer = hands.post(f"/pesanan/{order.token}/ongkir/{part.id}", setuju="10000")
    assert answer.status_code == 422
    assert "Rp\u00a025.000" in answer.text
    assert again(hands, order).parts[0].fee_agreed_at is None


def test_a_new_cost_after_the_yes_asks_for_a_new_yes(hands: Hands) -> None:
    order = placed(hands, **SEND)
    with database.writing(hands.engine) as connection:
        row = {"courier": "JNE", "by": "maker", "at": making.NOW}
        parcels.offer(connection, hands.village_id, order.parts[0].id, fee_idr=10_000, **row)
        parcels.agree(connection, hands.village_id, order.parts[0].id, 10_000, at=making.NOW)
        moved = parcels.offer(connection, hands.village_id, order.parts[0].id, fee_idr=12_000, **row)
    assert moved.parts[0].is_fee_offered
    assert moved.due_idr == 30_000


def test_a_buyer_who_says_no_has_called_it_off_and_the_goods_can_be_sold(hands: Hands) -> None:
    stock(hands, 2)
    order = placed(hands, **SEND)
    hands.post(f"/desk/pesanan/{order.id}/bagian/{order.parts[0].id}/ongkir", kurir="TIKI", ongkir="90rb")
    for _ in range(2):
        assert hands.post(f"/pesanan/{order.token}/ongkir/{order.parts[0].id}", batal="1").status_code == 303
    assert again(hands, order).state == "cancelled"
    assert left(hands) == 2
    late = hands.post(f"/pesanan/{order.token}/ongkir/{order.parts[0].id}", setuju="90000")
    assert late.status_code == 409


def test_nobody_calls_off_what_was_not_offered(hands: Hands) -> None:
    order = placed(hands)
    assert hands.post(f"/pesanan/{order.token}/ongkir/{order.parts[0].id}", batal="1").status_code == 409
    assert again(hands, order).state == "intent"


def test_sending_for_nothing_needs_no_yes(hands: Hands) -> None:
    order = placed(hands, **SEND)
    hands.post(f"/desk/pesanan/{order.id}/bagian/{order.parts[0].id}/ongkir", kurir="Diantar sendiri", ongkir="gratis")
    assert again(hands, order).parts[0].fee_agreed_at == making.NOW


@pytest.mark.parametrize(
    ("kurir", "ongkir"), [("", "10.000"), ("x" * 41, "10.000"), ("JNE", "mahal"), ("JNE", "6.000.000"), ("JNE", "9" * 5_000)]
)
def test_a_cost_that_cannot_be_is_told_and_what_was_typed_stays(hands: Hands, kurir: str, ongkir: str) -> None:
    order = placed(hands, **SEND)
    answer = hands.post(f"/desk/pesanan/{order.id}/bagian/{order.parts[0].id}/ongkir", kurir=kurir, ongkir=ongkir)
    assert answer.status_code == 422
    assert f'value="{ongkir}"' in answer.text
    assert again(hands, order).parts[0].fee_idr is None


def test_what_is_collected_or_paid_has_no_cost_of_sending(hands: Hands) -> None:
    order, sent = placed(hands), placed(hands, **SEND)
    with database.writing(hands.engine) as connection:
        orders.mark_paid(connection, hands.village_id, sent.parts[0].id, by="wati", at=making.NOW)
        for one in (order, sent):
            with pytest.raises(order_parts.CannotMove):
                parcels.offer(connection, hands.village_id, one.parts[0].id, courier="JNE", fee_idr=1, by="wati", at=making.NOW)


# ---- proofs --------------------------------------------------------------------------------------------------------------------

BANK = {"transfer": {"bank": "BRI", "number": "0012345678", "name": "Sri"}}


@pytest.fixture
def transfer(hands: Hands) -> orders.Order:
    with database.writing(hands.engine) as connection:
        makers.change(connection, hands.village_id, hands.product.maker_id, payments=BANK)
    return placed(hands, payment="transfer")


def show(hands: Hands, order: orders.Order, picture: bytes) -> int:
    files = {"bukti": ("bukti.jpg", picture, "image/jpeg")}
    return hands.browser.post(f"/pesanan/{order.token}/bukti/{order.parts[0].id}", files=files).status_code


def test_a_proof_is_cleaned_kept_apart_and_shown_to_who_was_paid_but_marks_nothing_paid(hands: Hands, transfer: orders.Order) -> None:
    assert show(hands, transfer, making.picture(colour="#2f4f2f")) == 303
    path = f"/desk/pesanan/{transfer.id}/bagian/{transfer.parts[0].id}/bukti/1"
    assert path in hands.get(f"/desk/pesanan/{transfer.id}").text
    seen = hands.get(path)
    assert seen.headers["content-type"] == "image/jpeg"
    assert seen.headers["cache-control"] == "private, no-store"
    assert "sandbox" in seen.headers["content-security-policy"]
    assert again(hands, transfer).parts[0].paid_at is None
    with database.reading(hands.engine) as connection:
        sha256 = proofs.of_parts(connection, hands.village_id, [transfer.parts[0].id])[transfer.parts[0].id][0]
    assert hands.get(f"/media/{sha256}.jpg").status_code == 404
    assert hands.store.masters() != []
    assert sha256 not in {file.stem for file in hands.store.masters()}
    assert "Bukti terkirim" in hands.get(f"/pesanan/{transfer.token}").text


def test_a_proof_that_is_no_picture_gets_a_sentence(hands: Hands, transfer: orders.Order) -> None:
    assert [show(hands, transfer, bad) for bad in (b"", b"<svg onload=alert(1)>", making.picture()[:200], b"%PDF-1.7")] == [422] * 4


def test_the_same_proof_twice_is_one_and_more_than_three_are_enough(hands: Hands, transfer: orders.Order) -> None:
    colours = ["#111111", "#111111", "#222222", "#333333", "#444444"]
    assert [show(hands, transfer, making.picture(colour=one)) for one in colours] == [303, 303, 303, 303, 422]


def test_a_proof_of_another_village_or_another_order_is_not_there(hands: Hands, transfer: orders.Order) -> None:
    show(hands, transfer, making.picture())
    other = placed(hands, payment="transfer")
    for path in (f"{other.id}/bagian/{transfer.parts[0].id}/bukti/1", f"{transfer.id}/bagian/{transfer.parts[0].id}/bukti/2"):
        assert hands.get(f"/desk/pesanan/{path}").status_code == 404
    with database.writing(hands.engine) as connection:
        stranger = making.member(connection, making.village(connection, name="Sumberejo"), login="tetangga")
    hands.sign_in(stranger)
    assert hands.get(f"/desk/pesanan/{transfer.id}/bagian/{transfer.parts[0].id}/bukti/1").status_code == 404


def test_cash_needs_no_proof(hands: Hands) -> None:
    assert show(hands, placed(hands), making.picture()) == 409


# ---- what nobody answered ------------------------------------------------------------------------------------------------------


def expire(hands: Hands, at: datetime) -> None:
    care.once(hands.engine, at)


def test_a_wish_that_nobody_answered_is_over_after_three_days_and_its_goods_are_back(hands: Hands) -> None:
    stock(hands, 5)
    order, answered = placed(hands), placed(hands)
    with database.writing(hands.engine) as connection:
        orders.move(connection, hands.village_id, answered.parts[0].id, "confirmed", by="maker", at=making.NOW)
    expire(hands, making.NOW + timedelta(days=3) - timedelta(seconds=1))
    assert left(hands) == 1
    for _ in range(2):
        expire(hands, making.NOW + timedelta(days=3))
    assert (again(hands, order).state, again(hands, answered).state) == ("expired", "confirmed")
    assert left(hands) == 3
    assert "otomatis" in hands.get(f"/desk/pesanan/{order.id}").text


def test_a_wish_for_a_later_day_waits_for_that_day(hands: Hands) -> None:
    order = placed(hands, pickup_at=making.NOW + timedelta(days=9))
    expire(hands, making.NOW + timedelta(days=9, hours=23))
    assert again(hands, order).state == "intent"
    expire(hands, making.NOW + timedelta(days=10))
    assert again(hands, order).state == "expired"


def test_what_may_have_been_paid_waits_for_a_person(hands: Hands, transfer: orders.Order) -> None:
    show(hands, transfer, making.picture())
    paid, asked = placed(hands, payment="transfer"), placed(hands, payment="transfer")
    with database.writing(hands.engine) as connection:
        orders.mark_paid(connection, hands.village_id, paid.parts[0].id, by="maker", at=making.NOW)
        part = orders.get(connection, hands.village_id, asked.id).parts[0]
        charge, _ = charges.ask(connection, part, asked.code, "midtrans", at=making.NOW)
        charges.settle(connection, hands.village_id, charge.id, Standing("paid", 1), at=making.NOW)
    expire(hands, making.NOW + timedelta(days=30))
    assert [again(hands, one).state for one in (transfer, paid, asked)] == ["intent"] * 3


def test_a_buyer_with_another_order_reaches_only_her_own(hands: Hands) -> None:
    hers, other = placed(hands, **SEND), placed(hands, **SEND)
    with database.writing(hands.engine) as connection:
        parcels.offer(connection, hands.village_id, other.parts[0].id, courier="JNE", fee_idr=5_000, by="maker", at=making.NOW)
    for way in ("ongkir", "whatsapp", "bayar", "bukti"):
        answer = hands.post(f"/pesanan/{hers.token}/{way}/{other.parts[0].id}", setuju="5000", batal="1")
        assert answer.status_code == 404
    assert again(hands, other).parts[0].fee_agreed_at is None


def test_the_offers_problem_names_the_field(hands: Hands, engine: sa.Engine) -> None:
    order = placed(hands, **SEND)
    with database.writing(engine) as connection, pytest.raises(Problem) as told:
        parcels.offer(connection, hands.village_id, order.parts[0].id, courier="JNE", fee_idr=-1, by="maker", at=making.NOW)
    assert told.value.field == "fee"


def test_the_desk_types_a_makers_hours_and_finds_them_so_again(hands: Hands) -> None:
    path = f"/desk/umkm/{hands.product.maker_id}"
    row = {"name": "Bu Sri", "kind": "person", "whatsapp": "081234567890", "consent": "1", "closed_sun": "1"}
    assert hands.post(path, **row, opens="8.00", closes="15.30").status_code == 303
    with database.reading(hands.engine) as connection:
        hours = makers.get(connection, hands.village_id, hands.product.maker_id).hours
    assert hours["mon"] == ["08:00", "15:30"]
    assert "sun" not in hours
    assert 'value="15:30"' in hands.get(path).text
    wrong = hands.post(path, **row, opens="pagi", closes="15.30")
    assert wrong.status_code == 422
    assert 'value="pagi"' in wrong.text
