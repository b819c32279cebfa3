"""Checkouts: what a buyer filled in to order, read and checked all at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from storefront import payments, phones
from storefront.problems import Collected, Problem

DELIVERIES = ("pickup", "village", "send")
NAME_LEAST, NAME_MOST, NOTE_MOST, ADDRESS_MOST = 2, 80, 500, 300
ADDRESS_LEAST = {"village": 5, "send": 10}  # in the village everybody knows "Homestay Mawar"
QUANTITY_MOST, LINES_MOST = 99, 50
LATE = timedelta(minutes=10)  # a time chosen at 12.59 and sent at 13.01 is still meant
AHEAD = timedelta(days=60)


@dataclass(frozen=True)
class Checkout:
    """A buyer's wish with nothing wrong in it; `whatsapp` is E.164 digits, texts are trimmed, `cart` is {product id: quantity}.

    `area_id` is where the village's courier is to go.
    """

    cart: Mapping[int, int]
    name: str
    whatsapp: str
    delivery: str
    address: str
    pickup_at: datetime | None
    note: str
    payment: str
    area_id: int | None = None


def check(
    *,
    cart: Mapping[int, int],
    name: str,
    whatsapp: str,
    delivery: str,
    address: str,
    pickup_at: datetime | None,
    note: str,
    payment: str,
    at: datetime,
    area_id: int | None = None,
) -> Checkout:
    """The wish of a buyer; raises Problems with everything that is wrong, each with its field."""
    problems, digits = Collected(), ""
    with problems.of("cart"):
        check_cart(cart)
    with problems.of("name"):
        name = _text(name, NAME_LEAST, NAME_MOST, "order.name_short")
    with problems.of("whatsapp"):
        digits = phones.normalise(whatsapp)
    with problems.of("delivery"):
        _known(delivery)
    with problems.of("address"):
        address = _text(address, ADDRESS_LEAST.get(delivery, 0), ADDRESS_MOST, f"order.address_short{'_village' * (delivery == 'village')}")
    with problems.of("area"):
        if delivery == "village" and area_id is None:
            raise Problem("order.area_missing")
    with problems.of("pickup_at"):
        _soon(pickup_at, at)
    with problems.of("note"):
        note = _text(note, 0, NOTE_MOST)
    with problems.of("payment"):
        payments.get(payment)
    problems.stop()
    is_fetched = delivery == "pickup"
    whither = "" if is_fetched else address
    return Checkout(
        cart, name, digits, delivery, whither, pickup_at if is_fetched else None, note, payment, area_id if delivery == "village" else None
    )


def check_cart(cart: Mapping[int, int]) -> None:
    """Raises Problem for nothing, too many lines, or a quantity that no stall would hand over."""
    if not cart:
        raise Problem("order.empty")
    if len(cart) > LINES_MOST:
        raise Problem("order.too_many_lines", most=LINES_MOST)
    for quantity in cart.values():
        check_quantity(quantity)


def check_quantity(quantity: int) -> None:
    """Raises Problem for less than 1 and more than 99 of a thing."""
    if not 1 <= quantity <= QUANTITY_MOST:
        raise Problem("order.quantity_wrong", field="quantity", most=QUANTITY_MOST)


def _text(text: str, least: int, most: int, key: str = "form.empty") -> str:
    tidy = "\n".join(" ".join(line.split()) for line in text.replace("\x00", "").strip().splitlines())
    if len(tidy) < least:
        raise Problem(key)
    if len(tidy) > most:
        raise Problem("form.too_long", most=most)
    return tidy


def _known(delivery: str) -> None:
    if delivery not in DELIVERIES:
        raise Problem("form.unknown_choice")


def _soon(pickup_at: datetime | None, at: datetime) -> None:
    if pickup_at is not None and not at - LATE <= pickup_at <= at + AHEAD:
        raise Problem("order.pickup_wrong")
