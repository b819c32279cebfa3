"""Carts: a signed cookie, whose contents are looked up anew each time."""

import making
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from storefront import carts, checkouts, database, products
from storefront.problems import Problem

SECRET = "s" * 32


@given(st.dictionaries(st.integers(1, 10**17), st.integers(1, 99), max_size=50))
def test_a_cart_comes_out_of_its_cookie_as_it_went_in(cart: dict[int, int]) -> None:
    assert carts.read(carts.sign(cart, SECRET), SECRET) == cart


@pytest.mark.parametrize("text", ["", "1x2", "1x2.forged", carts.sign({1: 2}, "another secret"), carts.sign({1: 2}, SECRET) + "x"])
def test_a_cookie_that_is_not_ours_is_an_empty_cart(text: str) -> None:
    assert carts.read(text, SECRET) == {}


@given(st.text(max_size=200))
def test_any_text_in_a_form_reads_as_some_cart(text: str) -> None:
    assert all(isinstance(number, int) and count >= 0 for number, count in carts.parse(text).items())


def test_putting_the_same_thing_in_again_adds_up() -> None:
    assert carts.put(carts.put({}, 7, 2), 7, 3) == {7: 5}


@pytest.mark.parametrize("quantity", [0, -1, 100, 10_000])
def test_a_quantity_that_no_stall_hands_over_is_refused(quantity: int) -> None:
    with pytest.raises(Problem) as told:
        carts.put({}, 7, quantity)
    assert (told.value.field, told.value.key) == ("quantity", "order.quantity_wrong")


def test_a_cart_holds_fifty_kinds_of_things() -> None:
    full = dict.fromkeys(range(checkouts.LINES_MOST), 1)
    assert len(carts.put(full, 3, 1)) == checkouts.LINES_MOST
    with pytest.raises(Problem):
        carts.put(full, 999, 1)


def test_what_sold_out_meanwhile_is_kept_apart_and_never_dropped(engine: sa.Engine) -> None:
    with database.writing(engine) as connection:
        village = making.village(connection)
        maker = making.maker(connection, village)
        there = making.product(connection, village, maker, name="Teh")
        few = making.product(connection, village, maker, name="Madu", stock=2)
        gone = making.product(connection, village, maker, name="Kopi", stock_state="sold_out")
        hidden = making.product(connection, village, maker, name="Tas", state="hidden")
        cart = {there.id: 3, few.id: 5, gone.id: 1, hidden.id: 1, 123_456: 1}
        contents = carts.look(connection, village, cart)
    assert [(item.product.id, item.quantity) for item in contents.items] == [(there.id, 3)]
    assert {item.product.id: item.left for item in contents.short} == {few.id: 2, gone.id: 0, hidden.id: 0}
    assert contents.vanished == 1
    assert contents.total_idr == 45_000
    assert contents.cart == {there.id: 3}


def test_prices_in_a_cart_are_those_of_now(engine: sa.Engine) -> None:
    with database.writing(engine) as connection:
        village = making.village(connection)
        tea = making.product(connection, village, making.maker(connection, village))
        products.change(connection, village, tea.id, price_idr=17_500, at=making.NOW)
        assert carts.look(connection, village, {tea.id: 2}).total_idr == 35_000


def test_a_cart_shows_nothing_of_another_village(engine: sa.Engine) -> None:
    with database.writing(engine) as connection:
        here, there = making.village(connection), making.village(connection, name="Sumberejo")
        foreign = making.product(connection, there, making.maker(connection, there))
        contents = carts.look(connection, here, {foreign.id: 1})
    assert (contents.items, contents.short, contents.vanished) == ([], [], 1)
