"""Orders: what a buyer wants, in one part per maker; a wish in words ("niat beli") until the maker confirms her part."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from campaigns import visits
from storefront import areas, checkouts, hours, languages, makers, order_parts, payments, products, villages
from storefront.attribution import Source
from storefront.checkouts import Checkout
from storefront.order_parts import GONE, MOVES, STATES, CannotMove, Line, Part, UnknownPart
from storefront.problems import Problem, Problems
from storefront.products import Product
from storefront.tables import charge, order, order_part, proof

__all__ = ["GONE", "MOVES", "STATES", "CannotMove", "Line", "Order", "Part", "SoldOut", "UnknownOrder", "UnknownPart", "place"]

CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none is taken for another when read aloud
CODE_LENGTH = 5
ANSWERED_WITHIN = timedelta(days=3)  # a wish that nobody has answered by then is over, and its goods can be bought by others
FETCHED_WITHIN = timedelta(days=1)  # after the time at which they were to be collected


class UnknownOrder(LookupError):
    """No such order in this village."""


@dataclass(frozen=True)
class Shortage:
    """Of this product fewer are there than were asked for; `name` by language, empty when the product has vanished; left 0 = sold out."""

    product_id: int
    name: Mapping[str, str]
    asked: int
    left: int


class SoldOut(Exception):
    """Nothing was ordered, because of these the village has too few; the rest of the cart could be had."""

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        super().__init__(", ".join(f"product {short.product_id}: {short.left} of {short.asked}" for short in shortages))
        self.shortages = tuple(shortages)


@dataclass(frozen=True)
class Order:
    """A buyer's order; `total_idr` is what was ordered, `due_idr` what is still to be paid for; `token` opens its page.

    `fee_idr` is what the village's courier takes for all of it in `area`; what a parcel costs stands in each part.
    """

    id: int
    village_id: int
    code: str
    token: str
    name: str
    whatsapp: str
    delivery: str
    address: str | None
    pickup_at: datetime | None
    note: str | None
    payment: str
    language: str
    total_idr: int
    link_id: int
    click_key: int | None
    placed_at: datetime
    area: str | None = None
    fee_idr: int = 0
    parts: Sequence[Part] = field(default=())

    @property
    def state(self) -> str:
        """That of the part furthest behind, of those that were not called off; when all were, cancelled or expired."""
        states = {part.state for part in self.parts}
        return min(states - set(GONE), key=STATES.index, default="cancelled" if "cancelled" in states else "expired")

    @property
    def is_forgotten(self) -> bool:
        """Whether who ordered was erased, long after the order was over."""
        return not self.whatsapp

    @property
    def due_idr(self) -> int:
        kept = [part.due_idr for part in self.parts if part.state not in GONE]
        return sum(kept) + (self.fee_idr if kept else 0)

    @property
    def lines(self) -> list[Line]:
        return [line for part in self.parts for line in part.lines]


_ORDER = [order.c[name] for name in Order.__dataclass_fields__ if name != "parts"]


# ---- placing -------------------------------------------------------------------------------------------------------------------


def place(
    connection: sa.Connection,
    *,
    village_id: int,
    cart: Mapping[int, int],
    name: str,
    whatsapp: str,
    delivery: str,
    address: str = "",
    pickup_at: datetime | None = None,
    note: str = "",
    payment: str = "cash",
    language: str,
    source: Source | None = None,
    form_key: str,
    area_id: int | None = None,
    agreed_idr: int | None = None,
    agreed_fee_idr: int | None = None,
    at: datetime,
) -> Order:
    """Store an order of {product id: quantity}, take its goods out of stock and count it; the same form_key gives the same order again.

    Prices and totals are the village's own, never the form's; `agreed_idr` and `agreed_fee_idr` are the total of the goods and the
    courier's fee that the buyer saw, and another one is a Problem.
    Raises Problems (each with its field) or SoldOut; then nothing is stored.
    """
    known = of_form(connection, village_id, form_key)
    if known is not None:
        return known
    said: dict[str, Any] = {"name": name, "whatsapp": whatsapp, "delivery": delivery, "address": address, "note": note, "payment": payment}
    wish = checkouts.check(cart=cart, **said, pickup_at=pickup_at, area_id=area_id, at=at)
    with connection.begin_nested():  # whoever shows a shortage on a page has stored nothing by then
        products.hold(connection, village_id, wish.cart)
        known = of_form(connection, village_id, form_key)  # the other half of a double tap may have been quicker
        if known is not None:
            return known
        goods = _available(connection, village_id, wish.cart)
        fee = _check_with_makers(connection, village_id, wish, {found.maker_id for found in goods.values()}, agreed_fee_idr)
        total = sum(goods[product_id].price_idr * quantity for product_id, quantity in wish.cart.items())
        if agreed_idr not in (None, total):
            raise Problems([Problem("order.price_changed", field="cart", total=languages.rupiah(total))])
        order_id = _insert(connection, village_id, wish, total, fee, language=language, source=source, form_key=form_key, at=at)
        for maker_id in sorted({found.maker_id for found in goods.values()}):
            own = [(found, wish.cart[found.id]) for found in goods.values() if found.maker_id == maker_id]
            order_parts.create(connection, village_id=village_id, order_id=order_id, maker_id=maker_id, goods=own, at=at)
        placed = get(connection, village_id, order_id)
        _count(connection, placed, "order", total, at)
    return placed


def _check_with_makers(
    connection: sa.Connection, village_id: int, wish: Checkout, maker_ids: set[int], agreed_fee_idr: int | None
) -> tuple[str | None, int]:
    """(the area's name, the courier's fee). Raises Problems for a way to pay or a time that does not suit all makers, or another fee."""
    if wish.payment not in payments.offered(makers.payments_of(connection, village_id, maker_ids)):
        raise Problems([Problem("order.payment_not_here", field="payment")])
    if wish.pickup_at is not None:
        local = villages.get(connection, village_id).local(wish.pickup_at)
        if not hours.fits(local, makers.hours_of(connection, village_id, maker_ids)):
            raise Problems([Problem("order.pickup_closed", field="pickup_at")])
    if wish.delivery != "village":
        return None, 0
    try:
        area = areas.chosen(connection, village_id, wish.area_id)
    except Problem as problem:
        raise Problems([problem]) from None
    if agreed_fee_idr not in (None, area.fee_idr):
        raise Problems([Problem("order.fee_changed", field="area", area=area.name, fee=languages.rupiah(area.fee_idr))])
    return area.name, area.fee_idr


def _available(connection: sa.Connection, village_id: int, cart: Mapping[int, int]) -> dict[int, Product]:
    goods = products.by_id(connection, village_id, cart)
    shortages = shortages_of(cart, goods)
    if shortages:
        raise SoldOut(shortages)
    for product_id, quantity in cart.items():
        if not products.take(connection, village_id, product_id, quantity):
            raise SoldOut([Shortage(product_id, goods[product_id].name, quantity, 0)])
    return goods


def shortages_of(cart: Mapping[int, int], goods: Mapping[int, Product]) -> list[Shortage]:
    """What of a cart could not be had now, given the products that there are."""
    found = []
    for product_id, quantity in cart.items():
        product = goods.get(product_id)
        if product is None or product.state != "live" or product.has_options:
            found.append(Shortage(product_id, product.name if product else {}, quantity, 0))
        elif product.is_sold_out or (product.stock is not None and product.stock < quantity):
            found.append(Shortage(product_id, product.name, quantity, 0 if product.is_sold_out else product.stock or 0))
    return found


def _insert(
    connection: sa.Connection,
    village_id: int,
    wish: Checkout,
    total: int,
    fee: tuple[str | None, int],
    *,
    language: str,
    source: Source | None,
    form_key: str,
    at: datetime,
) -> int:
    row = {name: getattr(wish, name) or None for name in ("address", "pickup_at", "note")}
    row |= {name: getattr(wish, name) for name in ("name", "whatsapp", "delivery", "payment")}
    row |= {"area": fee[0], "fee_idr": fee[1]}
    row |= {"link_id": source.link_id if source else 0, "click_key": source.click_key if source else None}
    row |= {"village_id": village_id, "total_idr": total, "language": language, "form_key": form_key, "placed_at": at}
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    for _ in range(20):
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        query = insert(order).values(**row, code=code, token=secrets.token_urlsafe(16))
        made = connection.execute(query.on_conflict_do_nothing(index_elements=["village_id", "code"]).returning(order.c.id)).scalar()
        if made is not None:
            return int(made)
    raise RuntimeError("no free order code was found in 20 tries")


# ---- moving on -----------------------------------------------------------------------------------------------------------------


def move(connection: sa.Connection, village_id: int, part_id: int, state: str, *, by: str, at: datetime) -> Order:
    """Bring one maker's part to another state; what is called off goes back into stock. Raises UnknownPart, CannotMove.

    `by` is "buyer", "maker" or the login of staff. Moving to the state it is in already changes nothing: a double tap is no mistake.
    """
    placed = get(connection, village_id, order_parts.hold(connection, village_id, part_id))
    part = next(part for part in placed.parts if part.id == part_id)
    if part.state == state:
        return placed
    if state not in part.moves:
        raise CannotMove(part.state, state)
    order_parts.change(connection, part, by=by, state=state, at=at)
    moved = get(connection, village_id, placed.id)
    if state in GONE:
        _give_back(connection, village_id, part)
        # One order is one order however many makers it has: it counts as called off with its last part, the rupiah with each.
        # What becomes of an order counts on the day it was placed: no day falls below zero, and no more is done than was ordered.
        _count(connection, moved, "cancelled" if moved.state in GONE else "reduced", part.total_idr, moved.placed_at)
    elif state == "done":
        _count(connection, moved, "done", part.total_idr, moved.placed_at)
    return moved


def mark_paid(connection: sa.Connection, village_id: int, part_id: int, *, by: str, at: datetime, is_paid: bool = True) -> Order:
    """Remember that a part is paid, as whoever got the money says, or take that back. Raises UnknownPart, CannotMove for one called off."""
    placed = get(connection, village_id, order_parts.hold(connection, village_id, part_id))
    part = next(part for part in placed.parts if part.id == part_id)
    if (part.paid_at is not None) == is_paid:
        return placed
    if part.state in GONE and is_paid:
        raise CannotMove(part.state, "paid")
    order_parts.pay(connection, part, is_paid=is_paid, by=by, at=at)
    return get(connection, village_id, placed.id)


def expire(connection: sa.Connection, at: datetime, *, most: int = 200) -> list[int]:
    """Close the wishes of all villages that nobody has answered in time; their part ids. What may have been paid waits for a person."""
    is_late = sa.or_(order.c.pickup_at.is_(None), order.c.pickup_at <= at - FETCHED_WITHIN)
    waiting = sa.select(order_part.c.village_id, order_part.c.id).join(order, order.c.id == order_part.c.order_id)
    waiting = waiting.where(
        order_part.c.state == "intent", order_part.c.paid_at.is_(None), order.c.placed_at <= at - ANSWERED_WITHIN, is_late
    )
    waiting = waiting.where(~sa.exists().where(proof.c.part_id == order_part.c.id))
    waiting = waiting.where(~sa.exists().where(charge.c.part_id == order_part.c.id, charge.c.state.not_in(("asked", "open", "over"))))
    closed = []
    for village_id, part_id in connection.execute(waiting.order_by(order_part.c.id).limit(most)).all():
        order_parts.hold(connection, village_id, part_id)
        still = connection.execute(sa.select(order_part.c.state).where(order_part.c.id == part_id)).scalar()
        if still == "intent":  # the maker may have answered while we waited for her
            move(connection, village_id, part_id, "expired", by="clock", at=at)
            closed.append(part_id)
    return closed


def hand_over(connection: sa.Connection, village_id: int, part_id: int, *, at: datetime) -> Part:
    """The buyer goes to this maker's WhatsApp now; the first time is remembered and counted. Raises UnknownPart."""
    placed = get(connection, village_id, order_parts.hold(connection, village_id, part_id))
    part = next(part for part in placed.parts if part.id == part_id)
    if part.whatsapp_at is None:
        order_parts.change(connection, part, by="buyer", whatsapp_at=at, at=at)
        _count(connection, placed, "handover", 0, at)  # no question: whoever is handed over has ordered and is counted for that
    return part


def _give_back(connection: sa.Connection, village_id: int, part: Part) -> None:
    products.hold(connection, village_id, [line.product_id for line in part.lines])
    for line in part.lines:
        products.give_back(connection, village_id, line.product_id, line.quantity)


def _count(connection: sa.Connection, placed: Order, kind: str, rupiah: int, at: datetime) -> None:
    visits.record(
        connection,
        village_id=placed.village_id,
        zone=villages.get(connection, placed.village_id).zone,
        kind=kind,
        link_id=placed.link_id,
        click_key=placed.click_key,
        subject_id=placed.id,
        rupiah=rupiah,
        at=at,
    )


# ---- looking up ----------------------------------------------------------------------------------------------------------------


def get(connection: sa.Connection, village_id: int, order_id: int) -> Order:
    """An order of this village. Raises UnknownOrder."""
    return _one(connection, village_id, order.c.id == order_id)


def of_part(connection: sa.Connection, village_id: int, part_id: int) -> Order:
    """The order that a part belongs to. Raises UnknownPart."""
    wanted = sa.and_(order_part.c.village_id == village_id, order_part.c.id == part_id)
    order_id = connection.execute(sa.select(order_part.c.order_id).where(wanted)).scalar()
    if order_id is None:
        raise UnknownPart
    return get(connection, village_id, order_id)


def by_token(connection: sa.Connection, village_id: int, token: str) -> Order:
    """The order whose page has this token in its address. Raises UnknownOrder."""
    return _one(connection, village_id, order.c.token == token)


def listed(
    connection: sa.Connection, village_id: int, *, state: str | None = None, limit: int = 50, before: int | None = None
) -> list[Order]:
    """Orders of a village, newest first; with `state` those with a part in it, with `before` those older than that order id."""
    query = sa.select(*_ORDER).where(order.c.village_id == village_id).order_by(order.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(order.c.id.in_(order_parts.orders_in(village_id, state)))
    if before is not None:
        query = query.where(order.c.id < before)
    return _with_parts(connection, village_id, connection.execute(query).all())


def of_maker(connection: sa.Connection, village_id: int, maker_id: int, *, limit: int = 50) -> list[tuple[Order, Part]]:
    """The newest orders with a part of this maker's, each with hers; other makers' parts and forgotten buyers are left out."""
    hers = sa.and_(order.c.id.in_(order_parts.orders_of(village_id, maker_id)), order.c.whatsapp != "")
    query = sa.select(*_ORDER).where(order.c.village_id == village_id, hers)
    rows = connection.execute(query.order_by(order.c.id.desc()).limit(limit)).all()
    found = []
    for one in _with_parts(connection, village_id, rows):
        own = next(part for part in one.parts if part.maker_id == maker_id)
        found.append((replace(one, parts=(own,), total_idr=own.total_idr), own))
    return found


def counts(connection: sa.Connection, village_id: int) -> dict[str, int]:
    """{state: how many orders have a part in it}, every state named."""
    return order_parts.counts(connection, village_id)


def of_form(connection: sa.Connection, village_id: int, form_key: str) -> Order | None:
    """The order that this form has become already."""
    try:
        return _one(connection, village_id, order.c.form_key == form_key)
    except UnknownOrder:
        return None


def _one(connection: sa.Connection, village_id: int, condition: sa.ColumnElement[bool]) -> Order:
    rows = connection.execute(sa.select(*_ORDER).where(order.c.village_id == village_id, condition)).all()
    if not rows:
        raise UnknownOrder
    return _with_parts(connection, village_id, rows)[0]


def _with_parts(connection: sa.Connection, village_id: int, rows: Sequence[Any]) -> list[Order]:
    parts = order_parts.of_orders(connection, village_id, [row.id for row in rows])
    return [Order(**row._mapping, parts=tuple(parts.get(row.id, ()))) for row in rows]
