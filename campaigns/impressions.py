"""Impressions: how often a network has shown a post, typed in by staff or read from the network; a total up to the day it was read."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from campaigns.tables import impression, link

SOURCES = ("typed", "network")  # on one day the network's own word counts
MOST = 10**12


class NoSuchNumber(ValueError):
    """Fewer than none, or more than there are people many times over."""


@dataclass(frozen=True)
class Reading:
    """`shown` times up to the end of `day`, as `source` says."""

    link_id: int
    day: date
    source: str
    shown: int


def note(connection: sa.Connection, village_id: int, link_id: int, shown: int, *, day: date, source: str = "typed") -> None:
    """Remember how often the post of this link has been shown so far; the same day and source again replaces it. Raises NoSuchNumber."""
    if not 0 <= shown <= MOST or source not in SOURCES:
        raise NoSuchNumber(shown)
    mine = impression.c.link_id == link_id, impression.c.day == day, impression.c.source == source
    connection.execute(impression.delete().where(impression.c.village_id == village_id, *mine))
    row = {"link_id": link_id, "day": day, "source": source, "village_id": village_id, "shown": shown}
    known = sa.select(sa.literal(1)).where(link.c.id == link_id, link.c.village_id == village_id)
    if connection.scalar(known):
        connection.execute(impression.insert().values(**row))


def forget(connection: sa.Connection, village_id: int, link_id: int) -> None:
    """Drop what was typed in for a link; what the network said stays."""
    mine = impression.c.village_id == village_id, impression.c.link_id == link_id, impression.c.source == "typed"
    connection.execute(impression.delete().where(*mine))


def latest(connection: sa.Connection, village_id: int) -> dict[int, Reading]:
    """{link id: its newest reading} of a village."""
    query = sa.select(impression.c.link_id, impression.c.day, impression.c.source, impression.c.shown)
    rows = [Reading(*row) for row in connection.execute(query.where(impression.c.village_id == village_id))]
    return {row.link_id: row for row in sorted(rows, key=lambda row: (row.day, SOURCES.index(row.source)))}
