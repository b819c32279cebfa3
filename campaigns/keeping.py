"""How long single clicks are kept: after that only their counts stay, and a recount begins with the first day that is whole."""

from datetime import UTC, date, datetime

import sqlalchemy as sa

from campaigns import days, marks
from campaigns.tables import click

AT_ONCE = 5_000  # clicks dropped in one transaction: nobody who writes waits longer than for that


def kept_since(connection: sa.Connection) -> date | None:
    """The first day of which every raw click is still there; None while nothing was ever dropped."""
    day = marks.read(connection, marks.KEPT_SINCE)
    return days.to_date(day) if day is not None else None


def drop_clicks(connection: sa.Connection, at: datetime, *, keep_days: int) -> int:
    """Drop some of the clicks of days before the last `keep_days`; returns how many. Call it until there are none left, each time anew.

    The oldest rows are looked at, never all of them: what came late out of a spill goes when its turn comes.
    """
    first = days.from_date(at.astimezone(UTC).date()) - keep_days
    oldest = sa.select(click.c.id, click.c.day).order_by(click.c.id).limit(AT_ONCE)
    old = [number for number, day in connection.execute(oldest) if day < first]
    if old:
        marks.rise(connection, marks.KEPT_SINCE, first)
        connection.execute(click.delete().where(click.c.id.between(old[0], old[-1]), click.c.day < first))
    return len(old)
