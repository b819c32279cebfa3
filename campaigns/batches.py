"""Many rows in one go, on SQLite and PostgreSQL: the driver is called directly, since building statements costs more than storing."""

from collections.abc import Sequence
from contextlib import closing
from itertools import chain
from typing import Any

import sqlalchemy as sa

Rows = Sequence[tuple[Any, ...]]
LARGEST = 8  # two to the power of this are the most rows in one statement of SQLite


class Batch:
    """One table's way in: `columns` maps each column to its PostgreSQL type, `then` says what happens to a row that is there already.

    SQLite gets many rows in one statement too: the driver hands Python's lock over at each, which costs more than the row when others run.
    """

    def __init__(self, table: str, columns: dict[str, str], then: str = "") -> None:
        names = ", ".join(columns)
        arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        self.at_once = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) {then}"  # noqa: S608 - our own names
        self._as_given = ", ".join(f"{name}::text" if kind == "date" else name for name, kind in columns.items())
        self._one = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))}) {then}"  # noqa: S608
        self._in_parts = Parts(f"INSERT INTO {table} ({names}) {{rows}} {then}", len(columns))

    def add(self, connection: sa.Connection, rows: Rows) -> None:
        """Store the rows, in their order."""
        if not rows:
            return
        if connection.dialect.name == "sqlite":
            self._in_parts.run(connection, rows)
            return
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(self.at_once, _columns(rows))

    def add_new(self, connection: sa.Connection, rows: Rows) -> Rows:
        """Store the rows and return those that were not there; for a batch whose `then` is to do nothing."""
        if not rows:
            return []
        with closing(connection.connection.cursor()) as cursor:
            if connection.dialect.name == "sqlite":
                # One by one is cheaper here than RETURNING, which SQLite gathers in a table of its own first.
                return [row for row in rows if cursor.execute(self._one, row).rowcount]
            cursor.execute(f"{self.at_once} RETURNING {self._as_given}", _columns(rows))
            return list(cursor.fetchall())


class Parts:
    """A statement of SQLite over many rows, which stand where its text says {rows}."""

    def __init__(self, text: str, width: int) -> None:
        row = f"({', '.join('?' * width)})"
        # Parts of 1, 2, 4 ... rows, so that the driver's memory of prepared statements holds them all.
        self._texts = {size: text.format(rows="VALUES " + ", ".join([row] * size)) for size in (1 << power for power in range(LARGEST + 1))}

    def run(self, connection: sa.Connection, rows: Rows) -> None:
        with closing(connection.connection.cursor()) as cursor:
            start = 0
            while left := len(rows) - start:
                size = 1 << min(left.bit_length() - 1, LARGEST)
                cursor.execute(self._texts[size], tuple(chain.from_iterable(rows[start : start + size])))
                start += size


def _columns(rows: Rows) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def is_there(connection: sa.Connection, query: str, value: str) -> bool:
    """Whether a query with one `?` for this value finds a row."""
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(query if connection.dialect.name == "sqlite" else query.replace("?", "%s"), (value,))
        return cursor.fetchone() is not None
