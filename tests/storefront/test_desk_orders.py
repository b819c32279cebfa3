"""Orders at the desk: seen, answered, and never moved twice or backwards."""

import making
import pytest
from desk_hands import Hands

from storefront import database, orders, products
from storefront.orders import Order


@pytest.fixture
def order(hands: Hands) -> Order:
    with database.writing(hands.engine) as connection:
        products.change(connection, hands.village_id, hands.product.id, stock=10, at=making.NOW)
        other = making.product(connection, hands.village_id, making.maker(connection, hands.village_id, name="Pak Joko"), name="Kopi")
        return making.order(
            connection, hands.village_id, {hands.product.id: 2, other.id: 1}, name="Dewi <b>Lestari</b>", note="Tanpa cabai"
        )


def move(hands: Hands, order: Order, state: str, part: int = 0) -> int:
    return hands.post(f"/desk/pesanan/{order.id}/bagian/{order.parts[part].id}/keadaan", keadaan=state).status_code


def state_of(hands: Hands, order: Order, part: int = 0) -> str:
    with database.reading(hands.engine) as connection:
        return orders.get(connection, hands.village_id, order.id).parts[part].state


def test_a_new_order_waits_on_the_first_page_and_in_the_list(hands: Hands, order: Order) -> None:
    for path in ("/desk", "/desk/pesanan", "/desk/pesanan?keadaan=intent"):
        assert order.code in hands.get(path).text
    assert order.code not in hands.get("/desk/pesanan?keadaan=done").text


def test_an_order_shows_each_makers_part_and_escapes_what_the_buyer_wrote(hands: Hands, order: Order) -> None:
    page = hands.get(f"/desk/pesanan/{order.id}").text
    for text in ("Bu Sri", "Pak Joko", "2 × Keripik apel", "Rp\u00a030.000", "Tanpa cabai", "+62 813-1111-2222", "Dewi &lt;b&gt;Lestari"):
        assert text in page
    assert "<b>Lestari" not in page
    assert "https://wa.me/6281311112222?text=Halo%20Dewi" in page


def test_a_part_goes_from_confirmed_to_ready_to_done(hands: Hands, order: Order) -> None:
    for state in ("confirmed", "ready", "done"):
        assert move(hands, order, state) == 303
        assert state_of(hands, order) == state
    assert state_of(hands, order, part=1) == "intent"
    assert "oleh wati" in hands.get(f"/desk/pesanan/{order.id}").text


def test_a_cancelled_part_gives_its_pieces_back(hands: Hands, order: Order) -> None:
    move(hands, order, "cancelled")
    with database.reading(hands.engine) as connection:
        assert products.get(connection, hands.village_id, hands.product.id).stock == 10


@pytest.mark.parametrize("state", ["intent", "ready", "nonsense", ""])
def test_a_move_that_is_not_possible_changes_nothing_and_says_so(hands: Hands, order: Order, state: str) -> None:
    move(hands, order, "done" if state == "intent" else "cancelled")
    before = state_of(hands, order)
    answer = hands.post(f"/desk/pesanan/{order.id}/bagian/{order.parts[0].id}/keadaan", keadaan=state)
    assert answer.status_code == (303 if state == before else 409)
    assert state_of(hands, order) == before


def test_a_double_tap_is_one_move(hands: Hands, order: Order) -> None:
    assert [move(hands, order, "confirmed"), move(hands, order, "confirmed")] == [303, 303]
    assert hands.get(f"/desk/pesanan/{order.id}").text.count("oleh wati") == 1


def test_a_part_is_moved_only_under_its_own_order(hands: Hands, order: Order) -> None:
    with database.writing(hands.engine) as connection:
        other = making.order(connection, hands.village_id, {hands.product.id: 1})
    path = f"/desk/pesanan/{other.id}/bagian/{order.parts[0].id}/keadaan"
    assert hands.post(path, keadaan="confirmed").status_code == 404
    assert state_of(hands, order) == "intent"


def test_the_village_head_looks_on_and_does_not_sell(hands: Hands, order: Order) -> None:
    hands.as_member(login="kades", role="head")
    assert "Terima" not in hands.get(f"/desk/pesanan/{order.id}").text
    assert move(hands, order, "confirmed") == 403


def test_more_than_a_page_of_orders_has_a_way_to_the_older_ones(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        placed = [making.order(connection, hands.village_id, {hands.product.id: 1}) for _ in range(31)]
    page = hands.get("/desk/pesanan").text
    assert placed[0].code not in page
    assert placed[0].code in hands.get(f"/desk/pesanan?sebelum={placed[1].id}").text
