"""Transactions of the publisher's many threads: on SQLite they stand in line before they ask for the file, on PostgreSQL there is no need.

SQLite has no line of its own: who finds the file taken sleeps and asks again, up to a tenth of a second later, and of many who do so some
are passed over until they give up ("database is locked"), while the file lies idle between two of them. And each commit waits for the
disk, which on the card of a small computer takes longer than all the rest: so what stands in line is committed together.
"""

import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

import sqlalchemy as sa

Given = TypeVar("Given")


class _Wish:
    """One write in the line, and what came of it once it is on the disk, or is certain not to be."""

    def __init__(self, write: Callable[[sa.Connection], Any]) -> None:
        self.write = write
        self.is_over = False
        self.answer: Any = None
        self.error: BaseException | None = None

    def fulfil(self, connection: sa.Connection, *, is_alone: bool) -> None:
        """Within somebody's transaction; what fails leaves the others' writes alone."""
        try:
            with nullcontext() if is_alone else connection.begin_nested():
                self.answer = self.write(connection)
        except Exception as error:
            self.error = error
            if is_alone:
                raise


class _Line:
    """Those who wait for one file."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.waiting: deque[_Wish] = deque()

    def fulfil(self, engine: sa.Engine) -> None:
        """Everything that waits by now, in one transaction. Only for who has the turn."""
        wishes = [self.waiting.popleft() for _ in range(len(self.waiting))]
        try:
            with engine.begin() as connection:
                for wish in wishes:
                    wish.fulfil(connection, is_alone=len(wishes) == 1)
        except Exception as error:  # nothing of it is on the disk
            for wish in wishes:
                wish.error = wish.error or error
        finally:
            for wish in wishes:
                wish.is_over = True


_lines: "weakref.WeakKeyDictionary[sa.Engine, _Line]" = weakref.WeakKeyDictionary()
_making = threading.Lock()


def together(engine: sa.Engine, write: Callable[[sa.Connection], Given]) -> Given:
    """What `write` answers, once that is committed: on SQLite with all that others want to write in the same moment. If it raises, nothing
    of it is written."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            return write(connection)
    line, wish = _line(engine), _Wish(write)
    line.waiting.append(wish)
    with line.turn:
        if not wish.is_over:
            line.fulfil(engine)
    if wish.error is not None:
        raise wish.error
    answer: Given = wish.answer
    return answer


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction: committed when the block ends, rolled back when it raises. Never begun inside another one."""
    turn = _line(engine).turn if engine.dialect.name == "sqlite" else nullcontext()
    with turn, engine.begin() as connection:
        yield connection


def _line(engine: sa.Engine) -> _Line:
    with _making:
        return _lines.setdefault(engine, _Line())
