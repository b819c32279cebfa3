"""Orders: stored whole or not at all, priced by the village, never more than there is."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import making
import pytest
import sqlalchemy as sa

from storefront import database, makers, orders, products
from storefront.attribution import Source
from storefront.problems import Problems
from storefront.tables import order, order_event

Place = Callable[..., orders.Order]


@pytest.fixture
def place(engine: sa.Engine, now: datetime) -> Place:
    """Orders as a buyer with nothing unusual about her; a test says what it is about."""

    def placed(village_id: int, cart: dict[int, int], **given: Any) -> orders.Order:
        row = {"name": "Rina", "whatsapp": "0812-1111-2222", "delivery": "pickup", "language": "id", "form_key": "first", "at": now}
        with database.writing(engine) as connection:
            return orders.place(connection, village_id=village_id, cart=cart, **{**row, **given})

    return placed


@pytest.fixture
def shop(engine: sa.Engine) -> dict[str, int]:
    """A village with crisps (5 left) and tea of Bu Sri and a bag of Pak Joko."""
    with database.writing(engine) as connection:
        village = making.village(connection)
        sri, joko = making.maker(connection, village), making.maker(connection, village, name="Pak Joko", whatsapp="081233334444")
        crisps = making.product(connection, village, sri, name="Keripik apel", stock=5)
        tea = making.product(connection, village, sri, name="Teh", price_idr=8_000)
        bag = making.product(connection, village, joko, name="Tas bambu", price_idr=120_000)
    return {"village": village, "crisps": crisps.id, "tea": tea.id, "bag": bag.id}


def stock_of(engine: sa.Engine, shop: dict[str, int], name: str) -> int | None:
    with database.reading(engine) as connection:
        return products.get(connection, shop["village"], shop[name]).stock


def outcomes(engine: sa.Engine) -> list[tuple[str, int, int]]:
    with database.reading(engine) as connection:
        rows = connection.execute(sa.text("SELECT kind, rupiah, link_id FROM outcome ORDER BY id"))
        return [(row.kind, row.rupiah, row.link_id) for row in rows]


def test_an_order_has_one_part_per_maker_with_prices_of_the_village(place: Place, shop: dict[str, int], engine: sa.Engine) -> None:
    placed = place(shop["village"], {shop["crisps"]: 2, shop["bag"]: 1, shop["tea"]: 3}, note="Tanpa gula & tanpa #es")
    assert placed.total_idr == 2 * 15_000 + 120_000 + 3 * 8_000
    assert [(part.maker_name, part.total_idr, part.state) for part in placed.parts] == [
        ("Bu Sri", 54_000, "intent"),
        ("Pak Joko", 120_000, "intent"),
    ]
    assert placed.whatsapp == "6281211112222"
    assert len(placed.code) == 5
    assert len(placed.token) >= 22
    assert stock_of(engine, shop, "crisps") == 3
    assert stock_of(engine, shop, "tea") is None


def test_prices_of_an_order_stay_when_the_product_becomes_dearer(
    place: Place, shop: dict[str, int], engine: sa.Engine, now: datetime
) -> None:
    placed = place(shop["village"], {shop["tea"]: 1})
    with database.writing(engine) as connection:
        products.change(connection, shop["village"], shop["tea"], price_idr=99_000, at=now)
    with database.reading(engine) as connection:
        assert orders.get(connection, shop["village"], placed.id).lines[0].price_idr == 8_000


def test_the_same_form_twice_is_one_order(place: Place, shop: dict[str, int], engine: sa.Engine) -> None:
    first = place(shop["village"], {shop["crisps"]: 5})
    again = place(shop["village"], {})  # the cart was emptied by the first answer
    assert again.id == first.id
    assert stock_of(engine, shop, "crisps") == 0


def test_a_double_tap_at_the_same_moment_is_one_order(place: Place, shop: dict[str, int], engine: sa.Engine) -> None:
    with ThreadPoolExecutor(8) as threads:
        placed = list(threads.map(lambda _: place(shop["village"], {shop["crisps"]: 5}).id, range(8)))
    assert len(set(placed)) == 1
    assert stock_of(engine, shop, "crisps") == 0
    assert outcomes(engine) == [("order", 75_000, 0)]


def test_many_buyers_of_the_last_five_pieces_get_exactly_five(place: Place, shop: dict[str, int], engine: sa.Engine) -> None:
    def buy(number: int) -> bool:
        try:
            place(shop["village"], {shop["crisps"]: 1, shop["bag" if number % 2 else "tea"]: 1}, form_key=f"buyer {number}")
        except orders.SoldOut:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(buy, range(32))) == 5
    assert stock_of(engine, shop, "crisps") == 0
    with database.reading(engine) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(order)).scalar() == 5
        assert len(orders.listed(connection, shop["village"])) == 5


def test_what_is_short_is_told_with_what_is_left_and_nothing_is_taken(place: Place, shop: dict[str, int], engine: sa.Engine) -> None:
    with pytest.raises(orders.SoldOut) as told:
        place(shop["village"], {shop["crisps"]: 7, 987_654: 1, shop["tea"]: 1})
    assert {short.product_id: short.left for short in told.value.shortages} == {shop["crisps"]: 5, 987_654: 0}
    assert stock_of(engine, shop, "crisps") == 5
    assert outcomes(engine) == []


def test_a_shortage_caught_inside_a_transaction_leaves_nothing_behind(shop: dict[str, int], engine: sa.Engine, now: datetime) -> None:
    row = {"name": "Rina", "whatsapp": "0812-1111-2222", "delivery": "pickup", "language": "id", "form_key": "x", "at": now}
    with database.writing(engine) as connection, pytest.raises(orders.SoldOut):
        orders.place(connection, village_id=shop["village"], cart={shop["crisps"]: 6}, **row)
    with database.reading(engine) as connection:
        assert orders.listed(connection, shop["village"]) == []


@pytest.mark.parametrize("state", ["hidden", "draft"])
def test_a_product_that_is_not_on_show_cannot_be_ordered(
    place: Place, shop: dict[str, int], engine: sa.Engine, now: datetime, state: str
) -> None:
    with database.writing(engine) as connection:
        products.change(connection, shop["village"], shop["tea"], state=state, at=now)
    with pytest.raises(orders.SoldOut):
        place(shop["village"], {shop["tea"]: 1})


def test_a_product_of_another_village_cannot_be_ordered_here(place: Place, shop: dict[str, int], engine: sa.Engine) -> None:
    with database.writing(engine) as connection:
        other = making.village(connection, name="Sumberejo")
        foreign = making.product(connection, other, making.maker(connection, other, name="Bu Tini"))
    with pytest.raises(orders.SoldOut) as told:
        place(shop["village"], {foreign.id: 1})
    assert told.value.shortages[0].name == {}


def test_an_order_of_another_village_is_unknown_here(place: Place, shop: dict[str, int], engine: sa.Engine, now: datetime) -> None:
    placed = place(shop["village"], {shop["tea"]: 1})
    with database.writing(engine) as connection:
        other = making.village(connection, name="Sumberejo")
        for look in (lambda: orders.get(connection, other, placed.id), lambda: orders.by_token(connection, other, placed.token)):
            with pytest.raises(orders.UnknownOrder):
                look()
        with pytest.raises(orders.UnknownPart):
            orders.move(connection, other, placed.parts[0].id, "confirmed", by="op", at=now)
        assert orders.listed(connection, other) == []
        assert sum(orders.counts(connection, other).values()) == 0


def test_everything_wrong_with_a_form_is_told_at_once(place: Place, shop: dict[str, int], now: datetime) -> None:
    with pytest.raises(Problems) as told:
        place(
            shop["village"],
            {shop["tea"]: 10_000},
            name="R",
            whatsapp="(0341) 551234",
            delivery="send",
            address="Batu",
            note="x" * 501,
            payment="promise",
            pickup_at=now - timedelta(days=1),
        )
    assert {(problem.field, problem.key) for problem in told.value.problems} == {
        ("quantity", "order.quantity_wrong"),
        ("name", "order.name_short"),
        ("whatsapp", "phone.landline"),
        ("address", "order.address_short"),
        ("note", "form.too_long"),
        ("payment", "order.payment_unknown"),
        ("pickup_at", "order.pickup_wrong"),
    }


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "   "}, "name"),
        ({"name": "N" * 81}, "name"),
        ({"whatsapp": "08123"}, "whatsapp"),
        ({"whatsapp": ""}, "whatsapp"),
        ({"whatsapp": "021-5551234"}, "whatsapp"),
        ({"delivery": "drone"}, "delivery"),
        ({"delivery": "send", "address": "A" * 301}, "address"),
    ],
)
def test_one_wrong_field_is_named(place: Place, shop: dict[str, int], given: dict[str, str], field: str) -> None:
    with pytest.raises(Problems) as told:
        place(shop["village"], {shop["tea"]: 1}, **given)
    assert [problem.field for problem in told.value.problems] == [field]


@pytest.mark.parametrize("quantity", [0, -1, 100, 10_000, 2**70])
def test_no_stall_hands_over_such_a_quantity(place: Place, shop: dict[str, int], quantity: int) -> None:
    with pytest.raises(Problems) as told:
        place(shop["village"], {shop["tea"]: quantity})
    assert told.value.problems[0].key == "order.quantity_wrong"


def test_an_empty_cart_and_one_of_51_lines_are_refused(place: Place, shop: dict[str, int]) -> None:
    for cart, key in (({}, "order.empty"), (dict.fromkeys(range(51), 1), "order.too_many_lines")):
        with pytest.raises(Problems) as told:
            place(shop["village"], cart)
        assert told.value.problems[0].key == key


def test_a_part_goes_its_way_and_each_step_is_written_down(place: Place, shop: dict[str, int], engine: sa.Engine, now: datetime) -> None:
    placed = place(shop["village"], {shop["tea"]: 1, shop["bag"]: 1}, source=Source(7, 123))
    tea, bag = placed.parts
    states = []
    with database.writing(engine) as connection:
        for part, state in ((tea, "confirmed"), (bag, "confirmed"), (tea, "ready"), (tea, "done"), (tea, "done"), (bag, "done")):
            states.append(orders.move(connection, shop["village"], part.id, state, by="wati", at=now).state)
    assert states == ["intent", "confirmed", "confirmed", "confirmed", "confirmed", "done"]
    assert outcomes(engine) == [("order", 128_000, 7), ("done", 8_000, 7), ("done", 120_000, 7)]
    with database.reading(engine) as connection:
        events = connection.execute(sa.select(order_event.c.state, order_event.c.by).order_by(order_event.c.id)).all()
    assert [tuple(event) for event in events] == [
        ("intent", "buyer"),
        ("intent", "buyer"),
        *[(state, "wati") for state in ("confirmed", "confirmed", "ready", "done", "done")],
    ]


def test_what_is_called_off_goes_back_into_stock_once(place: Place, shop: dict[str, int], engine: sa.Engine, now: datetime) -> None:
    placed = place(shop["village"], {shop["crisps"]: 2, shop["bag"]: 1})
    crisps, bag = placed.parts
    with database.writing(engine) as connection:
        moved = orders.move(connection, shop["village"], crisps.id, "cancelled", by="wati", at=now)
        orders.move(connection, shop["village"], crisps.id, "cancelled", by="wati", at=now)
    assert stock_of(engine, shop, "crisps") == 5
    assert (moved.state, moved.due_idr) == ("intent", 120_000)
    with database.writing(engine) as connection:
        assert orders.move(connection, shop["village"], bag.id, "expired", by="wati", at=now).state == "cancelled"
    assert outcomes(engine) == [("order", 150_000, 0), ("reduced", 30_000, 0), ("cancelled", 120_000, 0)]


@pytest.mark.parametrize(("was", "state"), [("done", "cancelled"), ("cancelled", "confirmed"), ("confirmed", "intent")])
def test_a_part_does_not_go_back(place: Place, shop: dict[str, int], engine: sa.Engine, now: datetime, was: str, state: str) -> None:
    part = place(shop["village"], {shop["tea"]: 1}).parts[0]
    with database.writing(engine) as connection:
        if was == "done":
            orders.move(connection, shop["village"], part.id, "confirmed", by="wati", at=now)
        orders.move(connection, shop["village"], part.id, was, by="wati", at=now)
        with pytest.raises(orders.CannotMove):
            orders.move(connection, shop["village"], part.id, state, by="wati", at=now)


def test_going_to_whatsapp_is_remembered_and_counted_once(place: Place, shop: dict[str, int], engine: sa.Engine, now: datetime) -> None:
    part = place(shop["village"], {shop["tea"]: 1}).parts[0]
    with database.writing(engine) as connection:
        orders.hand_over(connection, shop["village"], part.id, at=now)
        orders.hand_over(connection, shop["village"], part.id, at=now + timedelta(minutes=3))
    with database.reading(engine) as connection:
        assert orders.listed(connection, shop["village"])[0].parts[0].whatsapp_at == now
    assert [kind for kind, _, _ in outcomes(engine)] == ["order", "handover"]


def test_the_desk_lists_newest_first_by_state_and_in_pages(place: Place, shop: dict[str, int], engine: sa.Engine, now: datetime) -> None:
    placed = [place(shop["village"], {shop["tea"]: 1}, form_key=f"form {number}") for number in range(5)]
    with database.writing(engine) as connection:
        orders.move(connection, shop["village"], placed[1].parts[0].id, "confirmed", by="wati", at=now)
    with database.reading(engine) as connection:
        first = orders.listed(connection, shop["village"], limit=2)
        rest = orders.listed(connection, shop["village"], limit=9, before=first[-1].id)
        assert [found.id for found in first + rest] == [found.id for found in reversed(placed)]
        assert [found.id for found in orders.listed(connection, shop["village"], state="confirmed")] == [placed[1].id]
        assert orders.counts(connection, shop["village"]) == dict.fromkeys(orders.STATES, 0) | {"intent": 4, "confirmed": 1}


def test_a_part_is_paid_once_by_whom_it_was_said_and_never_when_called_off(
    place: Place, shop: dict[str, int], engine: sa.Engine, now: datetime
) -> None:
    placed = place(shop["village"], {shop["tea"]: 1})
    part = placed.parts[0].id
    with database.writing(engine) as connection:
        for later in (0, 5):
            orders.mark_paid(connection, shop["village"], part, by="maker", at=now + timedelta(minutes=later))
        assert orders.get(connection, shop["village"], placed.id).parts[0].paid_at == now
        paid = sa.select(sa.func.count()).where(order_event.c.state == "paid", order_event.c.by == "maker")
        assert connection.execute(paid).scalar() == 1
        orders.mark_paid(connection, shop["village"], part, by="wati", at=now, is_paid=False)
        assert orders.move(connection, shop["village"], part, "cancelled", by="wati", at=now).parts[0].paid_at is None
        with pytest.raises(orders.CannotMove):
            orders.mark_paid(connection, shop["village"], part, by="wati", at=now)


def test_an_order_is_paid_only_in_a_way_that_its_makers_take(place: Place, shop: dict[str, int], engine: sa.Engine) -> None:
    with pytest.raises(Problems, match="payment_not_here"):
        place(shop["village"], {shop["tea"]: 1}, payment="transfer")
    with database.writing(engine) as connection:
        maker_id = products.get(connection, shop["village"], shop["tea"]).maker_id
        account = {"bank": "Bank Contoh", "number": "123456", "name": "Sri"}
        makers.change(connection, shop["village"], maker_id, payments={"transfer": account})
    assert place(shop["village"], {shop["tea"]: 1}, payment="transfer").parts[0].maker_payments == {"transfer": account}
