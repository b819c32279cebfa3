"""Many rows in one go, on SQLite and PostgreSQL: the driver is called directly, since building statements costs more than storing."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

Rows = Sequence[tuple[Any, ...]]
_all_but_last = itemgetter(slice(-1))
LARGEST = 8  # two to the power of this are the most rows in one statement of SQLite


class Batch:
    """One table's way in: `columns` maps each column to its PostgreSQL type, `then` says what happens to a row that is there already.

    SQLite gets many rows in one statement too: the driver hands Python's lock over at each, which costs more than the row when others run.
    """

    def __init__(self, table: str, columns: dict[str, str], then: str = "") -> None:
        names = ", ".join(columns)
        arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        self.at_once = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) {then}"  # noqa: S608 - our own names
        self._groups = ", ".join([f"{name}::text" if kind == "date" else name for name, kind in columns.items()][:-1])
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

    def add_new(self, connection: sa.Connection, rows: Rows) -> dict[tuple[Any, ...], int]:
        """Store the rows, sorted, and count those that were not there: {all columns but the last: how many}.

        For a batch whose `then` is to do nothing.
        """
        if not rows:
            return {}
        if connection.dialect.name == "sqlite":
            # A group at a time, so that the statement's own count is the answer: RETURNING is gathered in a table of its own first.
            return {group: self._in_parts.run(connection, list(those)) for group, those in groupby(rows, key=_all_but_last)}
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(f"{self.at_once} RETURNING {self._groups}", _columns(rows))
            return Counter(cursor.fetchall())


class Parts:
    """A statement of SQLite over many rows, which stand where its text says {rows}."""

    def __init__(self, text: str, width: int) -> None:
        row = f"({', '.join('?' * width)})"
        # Parts of 1, 2, 4 ... rows, so that the driver's memory of prepared statements holds them all.
        self._texts = {size: text.format(rows="VALUES " + ", ".join([row] * size)) for size in (1 << power for power in range(LARGEST + 1))}

    def run(self, connection: sa.Connection, rows: Rows) -> int:
        """Run it over the rows, in their order; returns how many rows of the table it touched."""
        driver: Any = connection.connection.dbapi_connection  # no cursor of our own: for one scan alone it cost as much as its rows
        if len(rows) == 1:
            return int(driver.execute(self._texts[1], rows[0]).rowcount)
        start = touched = 0
        while left := len(rows) - start:
            size = 1 << min(left.bit_length() - 1, LARGEST)
            touched += driver.execute(self._texts[size], tuple(chain.from_iterable(rows[start : start + size]))).rowcount
            start += size
        return touched


def _columns(rows: Rows) -> list[str]:
    """Each column as PostgreSQL writes an array: numbers, dates and our own words, so that none needs quotes. The driver takes five times
    as long."""
    return ["{" + ",".join(["NULL" if value is None else str(value) for value in column]) + "}" for column in zip(*rows, strict=True)]


@contextmanager
def together(connection: sa.Connection) -> Iterator[None]:
    """What is stored meanwhile goes to PostgreSQL without waiting for each answer; SQLite has no way to go."""
    if connection.dialect.name == "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    with driver.pipeline():
        yield


def is_there(connection: sa.Connection, query: str, value: str) -> bool:
    """Whether a query with one `?` for this value finds a row."""
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(query if connection.dialect.name == "sqlite" else query.replace("?", "%s"), (value,))
        return cursor.fetchone() is not None
