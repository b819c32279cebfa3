"""The durable log of visits: what people did after they came, and the scans and clicks that brought them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from campaigns import rollups
from campaigns.tables import outcome


def record(
    connection: sa.Connection,
    *,
    village_id: int,
    zone: str,
    kind: str,
    link_id: int | None = 0,
    click_key: int | None = None,
    subject_id: int | None = None,
    rupiah: int = 0,
    at: datetime,
) -> None:
    """An outcome and its count, in the caller's transaction.

    `kind` is view, cart, whatsapp, order, reduced (a part of an order called off), cancelled (its last part) or done; `rupiah` is never
    negative: reports take off what was called off. `link_id` and `click_key` are those of the click the person came by.
    """
    row = {"at": at, "village_id": village_id, "link_id": link_id or 0, "click_key": click_key}
    connection.execute(outcome.insert().values(kind=kind, subject_id=subject_id, rupiah=rupiah, **row))
    day = at.astimezone(ZoneInfo(zone)).date()
    rollups.add_outcome(connection, village_id=village_id, day=day, link_id=link_id or 0, kind=kind, rupiah=rupiah)
