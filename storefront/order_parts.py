"""Order parts: what one maker has to do of an order, its lines, and how far she is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storefront import tills
from storefront.problems import Problem
from storefront.products import Product
from storefront.tables import maker, order_event, order_line, order_part

MOVES = {  # what a part may become
    "intent": ("confirmed", "cancelled", "expired"),
    "confirmed": ("ready", "done", "cancelled"),
    "ready": ("done", "cancelled"),
    "done": (),
    "cancelled": (),
    "expired": (),
}
STATES = tuple(MOVES)
GONE = ("cancelled", "expired")


class UnknownPart(LookupError):
    """No such part of an order in this village."""


class CannotMove(Problem):
    """A part in state `was` does not become `state`."""

    def __init__(self, was: str, state: str) -> None:
        super().__init__("order.cannot_move", field="state", was=was, state=state)


@dataclass(frozen=True)
class Line:
    """So many of one product, with name, unit and price as they were agreed."""

    id: int
    part_id: int
    product_id: int
    name: Mapping[str, str]
    unit: Mapping[str, str]
    quantity: int
    price_idr: int

    @property
    def total_idr(self) -> int:
        return self.quantity * self.price_idr


@dataclass(frozen=True)
class Part:
    """What one maker has to do of an order; `whatsapp_at` is when the buyer was handed to her WhatsApp.

    `fee_idr` is what `courier` takes for a parcel, None while nobody has typed it; it counts once the buyer has agreed.
    """

    id: int
    village_id: int
    order_id: int
    maker_id: int
    state: str
    total_idr: int
    whatsapp_at: datetime | None
    changed_at: datetime
    maker_name: str
    maker_slug: str
    maker_whatsapp: str
    maker_place: Mapping[str, str]
    maker_consent_at: datetime | None
    lines: Sequence[Line] = field(default=())
    paid_at: datetime | None = None
    courier: str | None = None
    fee_idr: int | None = None
    fee_agreed_at: datetime | None = None
    maker_hours: Mapping[str, Sequence[str]] = field(default_factory=dict)
    maker_payments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def moves(self) -> tuple[str, ...]:
        """The states this part may go to."""
        return MOVES[self.state]

    @property
    def due_idr(self) -> int:
        """What the maker gets: her goods, and the cost of sending them once the buyer has agreed to it."""
        return self.total_idr + (self.fee_idr or 0 if self.fee_agreed_at else 0)

    @property
    def is_fee_offered(self) -> bool:
        """Whether the buyer has yet to say yes or no to the cost of sending."""
        return self.fee_idr is not None and self.fee_agreed_at is None and self.state not in GONE


_OWN = ("id", "village_id", "order_id", "maker_id", "state", "total_idr", "whatsapp_at", "paid_at", "changed_at", "courier", "fee_idr")
_OF_MAKER = ("name", "slug", "whatsapp", "place", "consent_at", "hours")
_PART: list[sa.ColumnElement[Any]] = [order_part.c[name] for name in (*_OWN, "fee_agreed_at")]
_PART += [maker.c[name].label(f"maker_{name}") for name in _OF_MAKER]
_LINE = [order_line.c[name] for name in Line.__dataclass_fields__]


def create(
    connection: sa.Connection, *, village_id: int, order_id: int, maker_id: int, goods: Sequence[tuple[Product, int]], at: datetime
) -> int:
    """One maker's part of a new order, out of her products and how many of each; its id."""
    lines = [
        {"product_id": product.id, "name": product.name, "unit": product.unit, "price_idr": product.price_idr, "quantity": quantity}
        for product, quantity in goods
    ]
    row = {"village_id": village_id, "order_id": order_id}
    total = sum(product.price_idr * quantity for product, quantity in goods)
    query = order_part.insert().values(**row, maker_id=maker_id, state="intent", total_idr=total, changed_at=at)
    part_id: int = connection.execute(query.returning(order_part.c.id)).scalar_one()
    connection.execute(order_line.insert(), [{**row, "part_id": part_id, **line} for line in lines])
    connection.execute(order_event.insert().values(**row, part_id=part_id, state="intent", by="buyer", at=at))
    return part_id


def hold(connection: sa.Connection, village_id: int, part_id: int) -> int:
    """Keep others from changing this part until the transaction ends; the id of its order. Raises UnknownPart."""
    query = sa.select(order_part.c.order_id).where(order_part.c.village_id == village_id, order_part.c.id == part_id)
    order_id = connection.execute(query.with_for_update()).scalar()
    if order_id is None:
        raise UnknownPart
    return int(order_id)


def owned(connection: sa.Connection, village_id: int, part_id: int, maker_id: int) -> None:
    """Raises UnknownPart unless this part is this maker's."""
    mine = sa.and_(order_part.c.village_id == village_id, order_part.c.id == part_id, order_part.c.maker_id == maker_id)
    if connection.execute(sa.select(order_part.c.id).where(mine)).first() is None:
        raise UnknownPart


def change(
    connection: sa.Connection, part: Part, *, by: str, at: datetime, state: str | None = None, whatsapp_at: datetime | None = None
) -> None:
    """Set the state of a part, or when the buyer went to WhatsApp, and write down who did it when."""
    values = {"state": state, "changed_at": at} if state else {"whatsapp_at": whatsapp_at}
    mine = sa.and_(order_part.c.village_id == part.village_id, order_part.c.id == part.id)
    connection.execute(order_part.update().where(mine).values(**values))
    row = {"village_id": part.village_id, "order_id": part.order_id, "part_id": part.id}
    connection.execute(order_event.insert().values(**row, state=state or "whatsapp", by=by, at=at))


def pay(connection: sa.Connection, part: Part, *, is_paid: bool, by: str, at: datetime) -> None:
    """Write down that a part is paid, or that this was a mistake, and who said so when."""
    mine = sa.and_(order_part.c.village_id == part.village_id, order_part.c.id == part.id)
    connection.execute(order_part.update().where(mine).values(paid_at=at if is_paid else None))
    row = {"village_id": part.village_id, "order_id": part.order_id, "part_id": part.id}
    connection.execute(order_event.insert().values(**row, state="paid" if is_paid else "unpaid", by=by, at=at))


def set_fee(
    connection: sa.Connection, part: Part, *, courier: str, fee_idr: int | None, agreed_at: datetime | None, by: str, at: datetime
) -> None:
    """Set who brings a parcel and for how much, and whether the buyer has agreed, and write down who did it."""
    mine = sa.and_(order_part.c.village_id == part.village_id, order_part.c.id == part.id)
    connection.execute(order_part.update().where(mine).values(courier=courier, fee_idr=fee_idr, fee_agreed_at=agreed_at))
    note(connection, part, "fee_agreed" if agreed_at else "fee", by=by, at=at)


def note(connection: sa.Connection, part: Part, what: str, *, by: str, at: datetime) -> None:
    """Write down that something happened to a part."""
    row = {"village_id": part.village_id, "order_id": part.order_id, "part_id": part.id}
    connection.execute(order_event.insert().values(**row, state=what, by=by, at=at))


def of_orders(connection: sa.Connection, village_id: int, order_ids: Sequence[int]) -> dict[int, list[Part]]:
    """{order id: its parts with their lines}."""
    lines: dict[int, list[Line]] = {}
    query = sa.select(*_LINE).where(order_line.c.village_id == village_id, order_line.c.order_id.in_(order_ids))
    for row in connection.execute(query.order_by(order_line.c.id)):
        lines.setdefault(row.part_id, []).append(Line(**row._mapping))
    parts: dict[int, list[Part]] = {}
    joined = sa.select(*_PART).join(maker, maker.c.id == order_part.c.maker_id)
    joined = joined.where(order_part.c.village_id == village_id, order_part.c.order_id.in_(order_ids))
    rows = connection.execute(joined.order_by(order_part.c.id)).all()
    ways = tills.of_makers(connection, village_id, {row.maker_id for row in rows}) if rows else {}
    for row in rows:
        part = Part(**row._mapping, lines=tuple(lines.get(row.id, ())), maker_payments=ways[row.maker_id])
        parts.setdefault(row.order_id, []).append(part)
    return parts


def orders_in(village_id: int, state: str) -> sa.Select[Any]:
    """The query for the ids of those orders that have a part in this state."""
    return sa.select(order_part.c.order_id).where(order_part.c.village_id == village_id, order_part.c.state == state)


def orders_of(village_id: int, maker_id: int) -> sa.Select[Any]:
    """The query for the ids of those orders that have a part of this maker's."""
    return sa.select(order_part.c.order_id).where(order_part.c.village_id == village_id, order_part.c.maker_id == maker_id)


def counts(connection: sa.Connection, village_id: int) -> dict[str, int]:
    """{state: how many orders have a part in it}, every state named."""
    query = sa.select(order_part.c.state, sa.func.count(sa.distinct(order_part.c.order_id)))
    rows = connection.execute(query.where(order_part.c.village_id == village_id).group_by(order_part.c.state)).all()
    return dict.fromkeys(STATES, 0) | {row[0]: row[1] for row in rows}


@dataclass(frozen=True)
class Event:
    """Something that happened to a part: its new state, or whatsapp, paid, unpaid, fee, fee_agreed, proof, money_late, money_twice,
    money_wrong, money_refunded; by "buyer", "maker", "clock", the name of a gateway, or the login of staff."""

    at: datetime
    part_id: int | None
    state: str
    by: str


def history(connection: sa.Connection, village_id: int, order_id: int) -> list[Event]:
    """All that happened to an order, in its order."""
    columns = [order_event.c[name] for name in Event.__dataclass_fields__]
    query = sa.select(*columns).where(order_event.c.village_id == village_id, order_event.c.order_id == order_id)
    return [Event(*row) for row in connection.execute(query.order_by(order_event.c.id))]
