"""What the care of the counts remembers from one time to the next: a name and a number each."""

from contextlib import closing

import sqlalchemy as sa

from campaigns.tables import mark

KEPT_SINCE = "kept_since"  # the first day of which every raw click is still there
MET_ROUND = "met_round"  # rises whenever the sets of visitors are made anew: what a log remembers of them is void
_RAISE = sa.text(
    "INSERT INTO mark (name, value) VALUES (:name, :value)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE mark.value < excluded.value"
)
_NEXT = sa.text("INSERT INTO mark (name, value) VALUES (:name, 1) ON CONFLICT (name) DO UPDATE SET value = mark.value + 1")
_READ_ROUND = f"SELECT value FROM mark WHERE name = '{MET_ROUND}'"  # noqa: S608 - our own name


def read(connection: sa.Connection, name: str) -> int | None:
    return connection.scalar(sa.select(mark.c.value).where(mark.c.name == name))


def rise(connection: sa.Connection, name: str, value: int) -> None:
    """Set a mark that never falls."""
    connection.execute(_RAISE, {"name": name, "value": value})


def next_round(connection: sa.Connection) -> None:
    """Tell every log that the sets of visitors were made anew."""
    connection.execute(_NEXT, {"name": MET_ROUND})


def met_round(connection: sa.Connection) -> int:
    """The round that holds until this transaction ends; asked for with every batch, so it is asked of the driver."""
    with closing(connection.connection.cursor()) as cursor:
        if connection.dialect.name == "postgresql":  # once the lock is ours nobody makes the sets anew, see rebuilding.py
            cursor.execute("LOCK TABLE day_visitor IN ROW EXCLUSIVE MODE")
        cursor.execute(_READ_ROUND)
        row = cursor.fetchone()
    return int(row[0]) if row else 0
