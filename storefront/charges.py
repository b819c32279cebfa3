"""Charges: what a gateway was asked to collect for one part of an order, and what became of it; settled once, however often told."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storefront import order_parts, orders
from storefront.order_parts import GONE, Part
from storefront.payments import Standing
from storefront.problems import Problem
from storefront.tables import charge, notice

ASKING = timedelta(seconds=30)  # how long a gateway may be asked before another try counts as one
EACH_MOST = 10  # charges of one part: nobody can make us ask without end
# paid: believed, the part is. late: paid after the part was called off. twice: paid although it was paid already. wrong: not the sum due
# now. over: expired or refused. The first four are final but for a refund; over may still turn: wallets pay codes that have run out.
LIVE, MONEY = ("asked", "open"), ("paid", "late", "twice", "wrong")


class UnknownCharge(LookupError):
    """No such charge in this village."""


@dataclass(frozen=True)
class Charge:
    """One try to collect the money for a part; `code` is the text of the QR code to show, good until `ends_at`."""

    id: int
    village_id: int
    part_id: int
    method: str
    reference: str
    amount_idr: int
    state: str
    code: str | None
    ends_at: datetime | None
    made_at: datetime
    changed_at: datetime


_COLUMNS = [charge.c[name] for name in Charge.__dataclass_fields__]


def ask(connection: sa.Connection, part: Part, order_code: str, method: str, *, at: datetime) -> tuple[Charge, bool]:
    """(the charge for what is due, whether it is for the caller to bring to the gateway now). Raises Problem, UnknownPart.

    One that can still be paid is given again: a double tap asks once.
    """
    order_parts.hold(connection, part.village_id, part.id)
    known = of_parts(connection, part.village_id, [part.id]).get(part.id, [])
    for one in known:
        is_fresh = at - one.made_at < ASKING if one.state == "asked" else one.ends_at is None or at < one.ends_at
        if one.state in LIVE and is_fresh and (one.method, one.amount_idr) == (method, part.due_idr):
            return one, False
    if len(known) >= EACH_MOST:
        raise Problem("payment.many_tries")
    reference = f"{order_code}-{part.id}-{secrets.token_hex(6)}"
    row = {"village_id": part.village_id, "part_id": part.id, "method": method, "reference": reference, "amount_idr": part.due_idr}
    query = charge.insert().values(**row, state="asked", made_at=at, changed_at=at)
    made = connection.execute(query.returning(charge.c.id)).scalar_one()
    return _one(connection, part.village_id, charge.c.id == made), True


def open_up(connection: sa.Connection, village_id: int, charge_id: int, standing: Standing, *, at: datetime) -> None:
    """The gateway took it: from now on its code can be paid."""
    asked = sa.and_(charge.c.village_id == village_id, charge.c.id == charge_id, charge.c.state == "asked")
    values = {"state": "open", "code": standing.code, "ends_at": standing.ends_at, "changed_at": at}
    connection.execute(charge.update().where(asked).values(**values))


def by_reference(connection: sa.Connection, village_id: int, reference: str) -> Charge:
    """The charge that a gateway calls so. Raises UnknownCharge."""
    return _one(connection, village_id, charge.c.reference == reference)


def of_parts(connection: sa.Connection, village_id: int, part_ids: Iterable[int]) -> dict[int, list[Charge]]:
    """{part id: its charges, the newest first}."""
    query = sa.select(*_COLUMNS).where(charge.c.village_id == village_id, charge.c.part_id.in_(list(part_ids)))
    found: dict[int, list[Charge]] = {}
    for row in connection.execute(query.order_by(charge.c.id.desc())):
        found.setdefault(row.part_id, []).append(Charge(*row))
    return found


def keep_notice(connection: sa.Connection, told: Charge, name: str, raw: str, *, at: datetime) -> None:
    """Keep a notice word for word, whose signature was right; the same one again is not kept twice."""
    known = sa.select(notice.c.id).where(notice.c.charge_id == told.id, notice.c.name == name)
    if connection.execute(known).first() is None:
        row = {"village_id": told.village_id, "charge_id": told.id, "name": name, "raw": raw, "at": at}
        connection.execute(notice.insert().values(**row))


def settle(connection: sa.Connection, village_id: int, charge_id: int, standing: Standing, *, at: datetime) -> Charge:
    """Write down what the gateway says when it is asked; what was written already stays, so told twice is told once.

    Money that comes for a part that was called off, that was paid already, or that costs another sum now changes no order: it is
    written into the order's history for the office to see.
    """
    was = _one(connection, village_id, charge.c.id == charge_id)
    order_id = order_parts.hold(connection, village_id, was.part_id)
    was = _one(connection, village_id, charge.c.id == charge_id)  # another notice may have been quicker
    part = next(part for part in orders.get(connection, village_id, order_id).parts if part.id == was.part_id)
    state = _becomes(was, part, standing)
    if state == was.state:
        return was
    connection.execute(charge.update().where(charge.c.id == was.id).values(state=state, changed_at=at))
    if state == "paid":
        orders.mark_paid(connection, village_id, part.id, by=was.method, at=at)
    elif state != "over":
        order_parts.note(connection, part, f"money_{state}", by=was.method, at=at)
    if state == "refunded" and was.state == "paid":
        orders.mark_paid(connection, village_id, part.id, by=was.method, at=at, is_paid=False)
    return _one(connection, village_id, charge.c.id == charge_id)


def _becomes(was: Charge, part: Part, standing: Standing) -> str:
    if standing.state == "refunded":
        return "refunded" if was.state in MONEY else was.state
    if standing.state == "over":
        return "over" if was.state in LIVE else was.state
    if standing.state != "paid" or was.state in (*MONEY, "refunded"):
        return was.state
    if part.state in GONE:
        return "late"
    if part.paid_at is not None:
        return "twice"
    return "paid" if standing.amount_idr == was.amount_idr == part.due_idr else "wrong"


def _one(connection: sa.Connection, village_id: int, condition: sa.ColumnElement[bool]) -> Charge:
    row: Any = connection.execute(sa.select(*_COLUMNS).where(charge.c.village_id == village_id, condition)).first()
    if row is None:
        raise UnknownCharge
    return Charge(*row)
