"""A maker's key: it lets her answer her own orders without a login, and nobody anything else."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import making
import pytest
from desk_hands import Hands

from storefront import database, keys, makers, order_parts, orders, products
from storefront.makers import Maker
from storefront.orders import Order

# What pages do with a database is done by the nouns, whose own tests run on both kinds.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SECRET = "s" * 40


def sri(hands: Hands) -> Maker:
    with database.reading(hands.engine) as connection:
        return makers.get(connection, hands.village_id, hands.product.maker_id)


def key(hands: Hands, maker: Maker | None = None, *, days: int = 0) -> str:
    return keys.sign(maker or sri(hands), SECRET, at=hands.clock[0] - timedelta(days=days))


@pytest.fixture
def order(hands: Hands) -> Order:
    """Two crisps of Bu Sri and a coffee of Pak Joko, from a buyer; nobody is signed in at this browser."""
    hands.browser.cookies.clear()
    with database.writing(hands.engine) as connection:
        joko = making.maker(connection, hands.village_id, name="Pak Joko", whatsapp="081233334444")
        coffee = making.product(connection, hands.village_id, joko, name="Kopi <robusta>", price_idr=50_000)
        placed = making.order(connection, hands.village_id, {hands.product.id: 2, coffee.id: 1}, name="Dewi & Budi", note="Tanpa cabai")
    return placed if placed.parts[0].maker_name == "Bu Sri" else replace(placed, parts=placed.parts[::-1])


def part_of(hands: Hands, order: Order, place: int = 0) -> order_parts.Part:
    with database.reading(hands.engine) as connection:
        parts = orders.get(connection, hands.village_id, order.id).parts
    return next(part for part in parts if part.id == order.parts[place].id)


def test_she_sees_her_part_with_the_buyer_and_nothing_of_another_maker(hands: Hands, order: Order) -> None:
    page = hands.get(f"/penjual/{key(hands)}").text
    for shown in ("Dewi &amp; Budi", order.code, "Keripik apel", "Rp\u00a030.000", "Tanpa cabai", "https://wa.me/6281311112222?text="):
        assert shown in page
    for hidden in ("Kopi", "robusta", "Rp\u00a080.000", "Pak Joko"):
        assert hidden not in page


def test_she_confirms_readies_and_finishes_an_order_and_it_is_written_down_as_hers(hands: Hands, order: Order) -> None:
    path = f"/penjual/{key(hands)}/bagian/{order.parts[0].id}"
    for state in ("confirmed", "ready", "done"):
        answer = hands.post(f"{path}/keadaan", keadaan=state)
        assert answer.status_code == 303
        assert answer.headers["location"].endswith(f"#p{order.parts[0].id}")
        assert part_of(hands, order).state == state
    hands.post(f"{path}/pembayaran", lunas="1")
    assert part_of(hands, order).paid_at == making.NOW
    with database.reading(hands.engine) as connection:
        events = order_parts.history(connection, hands.village_id, order.id)
    assert [(event.state, event.by) for event in events if event.by != "buyer"] == [
        (state, "maker") for state in ("confirmed", "ready", "done", "paid")
    ]


def test_what_became_of_it_meanwhile_is_said_and_not_overwritten(hands: Hands, order: Order) -> None:
    path = f"/penjual/{key(hands)}/bagian/{order.parts[0].id}/keadaan"
    hands.post(path, keadaan="cancelled")
    answer = hands.post(path, keadaan="confirmed")
    assert answer.status_code == 409
    assert "sudah berubah" in answer.text
    assert part_of(hands, order).state == "cancelled"


def test_another_makers_part_and_goods_are_out_of_reach(hands: Hands, order: Order) -> None:
    other, coffee = order.parts[1], order.parts[1].lines[0].product_id
    for way, fields in (
        (f"bagian/{other.id}/keadaan", {"keadaan": "cancelled"}),
        (f"bagian/{other.id}/pembayaran", {"lunas": "1"}),
        (f"barang/{coffee}/stok", {"keadaan": "sold_out"}),
    ):
        assert hands.post(f"/penjual/{key(hands)}/{way}", **fields).status_code == 404
    assert (part_of(hands, order, 1).state, part_of(hands, order, 1).paid_at) == ("intent", None)
    with database.reading(hands.engine) as connection:
        assert not products.get(connection, hands.village_id, coffee).is_sold_out


def test_sold_out_is_in_the_shop_at_once_and_can_be_taken_back(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        products.change(connection, hands.village_id, hands.product.id, at=making.NOW, stock=0)
    path = f"/penjual/{key(hands)}/barang/{hands.product.id}/stok"
    for state, shown in (("ready", False), ("sold_out", True), ("ready", False), ("nonsense", False)):
        assert hands.post(path, keadaan=state).status_code == 303
        with database.reading(hands.engine) as connection:
            assert products.get(connection, hands.village_id, hands.product.id).is_sold_out == shown


@pytest.mark.parametrize("days", [31, -1])
def test_a_key_that_is_too_old_or_from_tomorrow_opens_nothing(hands: Hands, order: Order, days: int) -> None:
    old = key(hands, days=days)
    answer = hands.get(f"/penjual/{old}")
    assert answer.status_code == 403
    assert "Dewi" not in answer.text
    assert "tidak berlaku" in answer.text
    assert hands.post(f"/penjual/{old}/bagian/{order.parts[0].id}/keadaan", keadaan="confirmed").status_code == 404
    assert part_of(hands, order).state == "intent"


@pytest.mark.parametrize("place", [0, 2, 8, -1])
def test_a_key_with_one_character_changed_opens_nothing(hands: Hands, place: int) -> None:
    good = key(hands)
    bad = list(good)
    bad[place] = "7" if bad[place] != "7" else "8"
    assert hands.get(f"/penjual/{good}").status_code == 200
    assert hands.get(f"/penjual/{''.join(bad)}").status_code == 403


@pytest.mark.parametrize("bad", ["x", "1.2.3.4", "....", "%F0%9F%98%80.1.1.x", "1" * 3000])
def test_nonsense_is_no_key_and_no_error_of_ours(hands: Hands, bad: str) -> None:
    assert hands.get(f"/penjual/{bad}").status_code == 403


def test_the_desk_revokes_every_key_of_one_maker_and_of_no_other(hands: Hands, order: Order) -> None:
    with database.reading(hands.engine) as connection:
        joko = makers.get(connection, hands.village_id, order.parts[1].maker_id)
    mine, his = key(hands), key(hands, joko)
    hands.sign_in(hands.who)
    assert hands.post(f"/desk/umkm/{hands.product.maker_id}/tautan/pencabutan").status_code == 303
    assert hands.get(f"/penjual/{mine}").status_code == 403
    assert hands.get(f"/penjual/{his}").status_code == 200
    assert hands.get(f"/penjual/{key(hands)}").status_code == 200


def test_the_desk_hands_a_key_to_her_whatsapp(hands: Hands, order: Order) -> None:
    hands.sign_in(hands.who)
    away = urlsplit(hands.get(f"/desk/umkm/{hands.product.maker_id}/tautan").headers["location"])
    assert (away.netloc, away.path) == ("wa.me", "/6281234567890")
    url = re.search(r"http://testserver(/penjual/\S+)", parse_qs(away.query)["text"][0])
    assert url is not None
    assert order.code in hands.get(url[1]).text


def test_a_contributor_gets_no_keys_out_of_the_desk(hands: Hands) -> None:
    hands.as_member(login="budi", role="contributor")
    assert hands.get(f"/desk/umkm/{hands.product.maker_id}/tautan").status_code == 403
    assert hands.post(f"/desk/umkm/{hands.product.maker_id}/tautan/pencabutan").status_code == 403


def test_a_key_of_another_village_opens_nothing_here(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        village = making.village(connection, name="Sumberejo")
        other = makers.get(connection, village, making.maker(connection, village))
    assert hands.get(f"/desa/wonorejo/penjual/{key(hands, other)}").status_code == 403
    assert hands.get(f"/desa/sumberejo/penjual/{key(hands, other)}").status_code == 200


@pytest.mark.parametrize("number", ["-1", "0", "999999999999999999999999", "x", "9223372036854775807"])
def test_a_number_that_is_none_of_hers_changes_nothing(hands: Hands, number: str) -> None:
    for way in (f"bagian/{number}/keadaan", f"bagian/{number}/pembayaran", f"barang/{number}/stok"):
        assert hands.post(f"/penjual/{key(hands)}/{way}", keadaan="ready", lunas="1").status_code in (404, 422)
    hands.get(f"/penjual/{key(hands)}")
    assert hands.get(f"/penjual/pesanan/{number}").status_code in (403, 404)


# ---- the link in the buyer's message -------------------------------------------------------------------------------------------


def message(hands: Hands, order: Order) -> str:
    away = hands.post(f"/pesanan/{order.token}/whatsapp/{order.parts[0].id}").headers["location"]
    return parse_qs(urlsplit(away).query)["text"][0]


def test_what_the_buyer_sends_holds_no_key_and_opens_on_her_phone_only(hands: Hands, order: Order) -> None:
    text = message(hands, order)
    link = re.search(r"http://testserver(/penjual/pesanan/\d+)", text)
    assert link is not None
    assert f"http://testserver/pesanan/{order.token}" in text
    stranger = hands.get(link[1])
    assert stranger.status_code == 403
    assert "Dewi" not in stranger.text
    hands.get(f"/penjual/{key(hands)}")
    assert hands.get(link[1]).headers["location"] == f"/penjual/{key(hands)}#p{order.parts[0].id}"
    assert hands.get(f"/penjual/pesanan/{order.parts[1].id}").status_code == 403


def test_a_phone_that_a_family_shares_holds_the_keys_of_several(hands: Hands, order: Order) -> None:
    with database.reading(hands.engine) as connection:
        joko = makers.get(connection, hands.village_id, order.parts[1].maker_id)
    for own in (key(hands, days=1), key(hands), key(hands, joko)):
        hands.get(f"/penjual/{own}")
    for part in order.parts:
        assert hands.get(f"/penjual/pesanan/{part.id}").status_code == 303


def test_the_page_of_a_key_is_kept_by_no_cache_and_passed_on_to_no_other_site(hands: Hands) -> None:
    answer = hands.get(f"/penjual/{key(hands)}")
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "HttpOnly" in answer.headers["set-cookie"]
