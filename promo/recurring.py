"""Posts that come back every week: rows of our own, whose occurrences are made some weeks ahead on the village's own clock, each once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from promo import days
from promo.tables import recurring

AHEAD = timedelta(days=14)  # so far are occurrences made: they can be seen, changed and approved before they go out


class UnknownRecurring(LookupError):
    """No such weekly post in this village."""


@dataclass(frozen=True)
class Recurring:
    """A weekly post; `weekday` 0 is Monday, `clock` is HH:MM in `zone`, `trouble` why its last occurrence was left out."""

    id: int
    village_id: int
    subject_kind: str
    subject_id: int | None
    accounts: Sequence[int]
    poster: str
    style: str
    language: str
    weekday: int
    clock: str
    zone: str
    last_day: date | None
    filled_until: datetime
    trouble: str | None
    state: str
    made_by: str | None
    made_at: datetime

    def origin(self, when: datetime) -> str:
        """What names one occurrence for ever: its day."""
        return f"weekly:{self.id}:{when.astimezone(ZoneInfo(self.zone)):%Y-%m-%d}"

    def due(self, until: datetime) -> list[datetime]:
        """The occurrences that are still to be made, up to this moment."""
        if self.state != "open":
            return []
        found = days.weekly(self.weekday, time.fromisoformat(self.clock), self.zone, self.filled_until, until)
        return [when for when in found if self.last_day is None or when.date() <= self.last_day]


def create(connection: sa.Connection, *, village_id: int, at: datetime, **values: Any) -> Recurring:
    """A new weekly post, from now on. `values` are the fields of Recurring that a form gives."""
    row = {"state": "open", "filled_until": at, "made_at": at, "last_day": None, **values}
    query = recurring.insert().values(village_id=village_id, **row).returning(recurring)
    return Recurring(**connection.execute(query).one()._mapping)


def listed(connection: sa.Connection, village_id: int) -> list[Recurring]:
    """The village's weekly posts that go on, by weekday and time."""
    query = sa.select(recurring).where(recurring.c.village_id == village_id, recurring.c.state == "open")
    return [Recurring(**row._mapping) for row in connection.execute(query.order_by(recurring.c.weekday, recurring.c.clock))]


def wanting(connection: sa.Connection, at: datetime) -> list[Recurring]:
    """Those of all villages for which nothing is made far enough ahead."""
    query = sa.select(recurring).where(recurring.c.state == "open", recurring.c.filled_until < at + AHEAD - timedelta(days=1))
    return [Recurring(**row._mapping) for row in connection.execute(query.order_by(recurring.c.id))]


def filled(connection: sa.Connection, of: Recurring, until: datetime, *, trouble: str | None = None) -> None:
    """Every occurrence up to here was made, or left out for this reason."""
    mine = (recurring.c.id == of.id, recurring.c.filled_until < until)
    connection.execute(recurring.update().where(*mine).values(filled_until=until, trouble=trouble))


def end(connection: sa.Connection, village_id: int, recurring_id: int) -> None:
    """It comes no more; what was made of it already stays. Raises UnknownRecurring."""
    mine = (recurring.c.village_id == village_id, recurring.c.id == recurring_id)
    if connection.execute(recurring.update().where(*mine).values(state="ended")).rowcount == 0:
        raise UnknownRecurring(recurring_id)
