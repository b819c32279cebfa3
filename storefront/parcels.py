"""Parcels: what it costs to send a part of an order home, typed after the order by whoever packs it, and agreed to by the buyer."""

from datetime import datetime

import sqlalchemy as sa

from storefront import languages, order_parts, orders
from storefront.order_parts import GONE, CannotMove
from storefront.orders import Order
from storefront.problems import Problem

COURIERS = ("JNE", "J&T", "SiCepat", "POS Indonesia", "TIKI", "AnterAja", "Ninja", "Lion Parcel", "Wahana", "ID Express")
COURIER_MOST, FEE_MOST = 40, 5_000_000


def offer(connection: sa.Connection, village_id: int, part_id: int, *, courier: str, fee_idr: int, by: str, at: datetime) -> Order:
    """Say who would bring a part and for how much; the buyer agrees, or the part is off. Nothing to pay is agreed already.

    Raises UnknownPart, CannotMove once it is over or paid, Problem.
    """
    placed = orders.get(connection, village_id, order_parts.hold(connection, village_id, part_id))
    part = next(part for part in placed.parts if part.id == part_id)
    courier = " ".join(courier.replace("\x00", "").split())
    if not courier or len(courier) > COURIER_MOST:
        raise Problem("order.courier_wrong", field="courier", most=COURIER_MOST)
    if not 0 <= fee_idr <= FEE_MOST:
        raise Problem("order.fee_wrong", field="fee", most=languages.rupiah(FEE_MOST))
    if placed.delivery != "send" or not part.moves or part.paid_at:
        raise CannotMove(part.state, "fee")
    if (part.courier, part.fee_idr) != (courier, fee_idr):
        agreed_at = part.fee_agreed_at if part.fee_idr == fee_idr else at if fee_idr == 0 else None
        order_parts.set_fee(connection, part, courier=courier, fee_idr=fee_idr, agreed_at=agreed_at, by=by, at=at)
    return orders.get(connection, village_id, placed.id)


def agree(connection: sa.Connection, village_id: int, part_id: int, seen_idr: int, *, at: datetime) -> Order:
    """The buyer takes the cost of sending that she saw. Raises UnknownPart, CannotMove, Problem when it is another one by now."""
    placed = orders.get(connection, village_id, order_parts.hold(connection, village_id, part_id))
    part = next(part for part in placed.parts if part.id == part_id)
    if part.fee_agreed_at and part.fee_idr == seen_idr:
        return placed
    if part.fee_idr is None or part.state in GONE:
        raise CannotMove(part.state, "fee_agreed")
    if part.fee_idr != seen_idr:
        raise Problem("order.fee_changed_meanwhile", field="fee", fee=languages.rupiah(part.fee_idr))
    order_parts.set_fee(connection, part, courier=part.courier or "", fee_idr=part.fee_idr, agreed_at=at, by="buyer", at=at)
    return orders.get(connection, village_id, placed.id)


def refuse(connection: sa.Connection, village_id: int, part_id: int, *, at: datetime) -> Order:
    """The buyer does not want the part for that sum: it is off, and its goods can be bought again. Raises UnknownPart, CannotMove."""
    placed = orders.get(connection, village_id, order_parts.hold(connection, village_id, part_id))
    part = next(part for part in placed.parts if part.id == part_id)
    if part.state != "cancelled" and (not part.is_fee_offered or part.paid_at):
        raise CannotMove(part.state, "cancelled")
    return orders.move(connection, village_id, part_id, "cancelled", by="buyer", at=at)
