"""Counts rolled up as things happen: clicks per hour and day, exact daily visitors, outcomes per day; and the proof that they are right."""

from datetime import date

import sqlalchemy as sa

_ADD_OUTCOME = sa.text(
    "INSERT INTO roll_outcome (village_id, day, link_id, kind, count, rupiah) VALUES (:village_id, :day, :link_id, :kind, 1, :rupiah)"
    " ON CONFLICT (village_id, day, link_id, kind)"
    " DO UPDATE SET count = roll_outcome.count + 1, rupiah = roll_outcome.rupiah + excluded.rupiah"
).bindparams(sa.bindparam("day", type_=sa.Date))


def add_outcome(connection: sa.Connection, *, village_id: int, day: date, link_id: int, kind: str, rupiah: int) -> None:
    """Count one outcome on the village's own day; link 0 is "nobody knows where from"."""
    row = {"village_id": village_id, "day": day, "link_id": link_id, "kind": kind, "rupiah": rupiah}
    connection.execute(_ADD_OUTCOME, row)
