"""Collecting: a charge is brought to its gateway, and asked back. What goes over HTTP goes between two transactions, never inside one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from promo.accounts import Sealer
from storefront import charges, database, orders, payments, tills
from storefront.charges import Charge
from storefront.order_parts import Part, UnknownPart
from storefront.orders import Order
from storefront.payments import Bill, Forged, Gateway, Standing


@dataclass(frozen=True)
class Desk:
    """What it takes to speak with gateways: the database, what opens sealed keys, and {name of a gateway: its address}."""

    engine: sa.Engine
    sealer: Sealer
    urls: Mapping[str, str]


def bill(order: Order, part: Part) -> Bill:
    """What a buyer owes for one maker's part."""
    is_open = order.delivery == "send" and part.fee_agreed_at is None
    details = part.maker_payments.get(order.payment, {})
    return Bill(order.code, part.due_idr, order.delivery, part.maker_name, details, is_open)


def start(desk: Desk, order: Order, part: Part, *, at: datetime) -> None:
    """Have the gateway of this order make a code for what is due; one that can still be paid stays. Raises Problem."""
    gateway, details = _of(desk, order.payment, part)
    owed = bill(order, part)
    if owed.is_open or part.paid_at or not part.moves or part.state == "done":
        return
    with database.writing(desk.engine) as connection:
        asked, is_mine = charges.ask(connection, part, order.code, order.payment, at=at)
    if not is_mine:
        return
    opened = Bill(owed.code, asked.amount_idr, owed.delivery, owed.maker_name, details)
    try:
        standing = gateway.charge(opened, asked.reference, url=desk.urls[order.payment])
    except payments.InUse:  # no reference is used twice: something of ours has asked before, and its answer is lost
        raise payments.Unreachable from None
    with database.writing(desk.engine) as connection:
        charges.open_up(connection, asked.village_id, asked.id, standing, at=at)


def look(desk: Desk, charge: Charge, *, at: datetime) -> Charge:
    """Ask a gateway how a charge stands, and write it down. Raises Problem."""
    _, part = _placed(desk, charge)
    standing = _ask_back(desk, charge, part)
    if standing is None:
        return charge
    with database.writing(desk.engine) as connection:
        return charges.settle(connection, charge.village_id, charge.id, standing, at=at)


def hear(desk: Desk, village_id: int, method: str, raw: bytes, *, at: datetime) -> None:
    """Take a gateway's notice: only a signed one, and believed only as far as the gateway says the same when it is asked.

    Raises Forged, UnknownCharge, Problem when the gateway cannot be asked now; then nothing is changed, and it tells us again.
    """
    gateway = payments.gateway(method)
    if gateway is None:
        raise Forged
    with database.reading(desk.engine) as connection:
        charge = charges.by_reference(connection, village_id, gateway.reference_of(raw))
    _, part = _placed(desk, charge)
    name = gateway.verify(raw, _of(desk, charge.method, part)[1])
    standing = _ask_back(desk, charge, part)
    if standing is None or charge.method != method:
        raise Forged
    with database.writing(desk.engine) as connection:
        charges.keep_notice(connection, charge, name, raw.decode(errors="replace").replace("\x00", ""), at=at)
        charges.settle(connection, village_id, charge.id, standing, at=at)


def _placed(desk: Desk, charge: Charge) -> tuple[Order, Part]:
    with database.reading(desk.engine) as connection:
        order = orders.of_part(connection, charge.village_id, charge.part_id)
    return order, next(part for part in order.parts if part.id == charge.part_id)


def _ask_back(desk: Desk, charge: Charge, part: Part) -> Standing | None:
    gateway, details = _of(desk, charge.method, part)
    return gateway.standing(charge.reference, details, url=desk.urls[charge.method])


def _of(desk: Desk, method: str, part: Part) -> tuple[Gateway, dict[str, str]]:
    """The gateway and its opened details for a part's maker. Raises UnknownPart when she is not paid this way, Problem without a key."""
    gateway = payments.gateway(method)
    if gateway is None or method not in part.maker_payments:
        raise UnknownPart
    details = tills.opened(method, part.maker_payments[method], desk.sealer, part.village_id)
    if details is None:
        raise payments.KeyRefused(gateway.SECRET)
    return gateway, details
