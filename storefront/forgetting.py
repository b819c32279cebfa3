"""Forgetting: who ordered is told to nobody for longer than the order needs it; what was ordered and for how much stays for the figures."""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from storefront.media import Store
from storefront.order_parts import GONE
from storefront.tables import order, order_event, order_part, proof

# The privacy page names both (shop.private.order). UU PDP 27/2022: no longer than the purpose asks for.
KEPT = timedelta(days=90)  # after the last thing that happened to an order that is done or called off
OPEN_KEPT = timedelta(days=365)  # the same for one that nobody has ever closed: its maker may still have to reach the buyer
NOBODY = "–"  # stands where the name was, in any language
_SETTLED = timedelta(days=1)  # a picture is on disk before its row is written


def buyers(connection: sa.Connection, at: datetime, *, most: int = 200) -> int:
    """Erase name, WhatsApp number, address, note and proofs of orders whose time is over, and close their pages; how many orders."""
    is_open = sa.exists().where(order_part.c.order_id == order.c.id, order_part.c.state.not_in(("done", *GONE)))
    over = sa.select(order.c.id).where(order.c.whatsapp != "", _rests_since(at - KEPT), ~is_open | _rests_since(at - OPEN_KEPT))
    ids = list(connection.scalars(over.order_by(order.c.id).limit(most).with_for_update(skip_locked=True)))
    if ids:
        parts = sa.select(order_part.c.id).where(order_part.c.order_id.in_(ids))
        connection.execute(proof.delete().where(proof.c.part_id.in_(parts)))
        erased = {"name": NOBODY, "whatsapp": "", "address": "", "note": None}
        tokens = [{"of": number, "token": secrets.token_urlsafe(16)} for number in ids]
        connection.execute(order.update().where(order.c.id == sa.bindparam("of")).values(**erased, token=sa.bindparam("token")), tokens)
    return len(ids)


def _rests_since(when: datetime) -> sa.ColumnElement[bool]:
    """Nothing has happened to the order since then, and nobody was to come for it."""
    later = sa.exists().where(order_event.c.order_id == order.c.id, order_event.c.at > when)
    return sa.and_(order.c.placed_at <= when, order.c.pickup_at.is_(None) | (order.c.pickup_at <= when), ~later)


def pictures(connection: sa.Connection, store: Store, at: datetime) -> int:
    """Delete the proofs that belong to no order any more; how many. One that has just come in waits for its row."""
    known = set(connection.scalars(sa.select(proof.c.sha256)))
    gone = 0
    for path in store.masters():
        if path.stem not in known and path.stat().st_mtime < (at - _SETTLED).timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone
