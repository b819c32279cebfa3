"""Many rows in one go, on SQLite and PostgreSQL: the driver is called directly, since building statements costs more than storing."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import sqlalchemy as sa

Rows = Sequence[tuple[Any, ...]]


class Batch:
    """One table's way in: `columns` maps each column to its PostgreSQL type, `then` says what happens to a row that is there already."""

    def __init__(self, table: str, columns: dict[str, str], then: str = "") -> None:
        names = ", ".join(columns)
        arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        self.one_by_one = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))}) {then}"  # noqa: S608 - our own names
        self.at_once = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) {then}"  # noqa: S608 - our own names

    def add(self, connection: sa.Connection, rows: Rows) -> int:
        """Store the rows, in their order; how many were stored anew or changed."""
        if not rows:
            return 0
        with closing(connection.connection.cursor()) as cursor:
            if connection.dialect.name == "sqlite":
                cursor.executemany(self.one_by_one, rows)
            else:
                cursor.execute(self.at_once, _columns(rows))
            return int(cursor.rowcount)

    def add_returning(self, connection: sa.Connection, rows: Rows, wanted: str) -> Rows:
        """Store the rows and return the columns `wanted` of those that were stored; PostgreSQL only."""
        if not rows:
            return []
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(f"{self.at_once} RETURNING {wanted}", _columns(rows))
            return list(cursor.fetchall())


def _columns(rows: Rows) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def is_there(connection: sa.Connection, query: str, value: str) -> bool:
    """Whether a query with one `?` for this value finds a row."""
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(query if connection.dialect.name == "sqlite" else query.replace("?", "%s"), (value,))
        return cursor.fetchone() is not None
