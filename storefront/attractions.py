"""Attractions: what people come to see, with hours, ticket, safety and what there is on the spot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa

from storefront import media, searchentries, slugs, villages
from storefront.media import Photo
from storefront.tables import attraction

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class UnknownAttraction(LookupError):
    """No such attraction in this village."""


@dataclass(frozen=True)
class Attraction:
    """An attraction; name, story and safety hold words by language; hours are {"mon": ["07:00", "17:00"]} on the village's clock."""

    id: int
    village_id: int
    slug: str
    name: Mapping[str, str]
    story: Mapping[str, str]
    safety: Mapping[str, str]
    hours: Mapping[str, Sequence[str]]
    last_entry: str | None
    ticket_idr: int
    facilities: Sequence[str]
    latitude: float | None
    longitude: float | None
    photo_id: int | None
    position: int
    photo: Photo | None = field(default=None)

    def open_hours(self, local: datetime) -> tuple[time, time] | None:
        """When it opens and closes on the day of `local` (the village's clock); None when it stays closed."""
        span = self.hours.get(DAYS[local.weekday()])
        return (time.fromisoformat(span[0]), time.fromisoformat(span[1])) if span else None

    def is_open(self, local: datetime) -> bool:
        span = self.open_hours(local)
        return span is not None and span[0] <= local.time() < span[1]


_COLUMNS = [attraction.c[name] for name in Attraction.__dataclass_fields__ if name != "photo"]


def create(connection: sa.Connection, *, village_id: int, name: Mapping[str, str], at: datetime, **more: Any) -> Attraction:
    """A new attraction; `more` may set any column. It stands last in its village unless `position` is given."""

    def taken(tried: str) -> bool:
        return (
            connection.execute(sa.select(attraction.c.id).where(attraction.c.village_id == village_id, attraction.c.slug == tried)).first()
            is not None
        )

    count = connection.execute(sa.select(sa.func.count()).where(attraction.c.village_id == village_id)).scalar_one()
    row: dict[str, Any] = {"story": {}, "safety": {}, "hours": {}, "ticket_idr": 0, "facilities": [], "position": count}
    row |= {"slug": slugs.free(name.get("id") or next(iter(name.values())), taken)} | more
    query = attraction.insert().values(village_id=village_id, name=dict(name), made_at=at, **row)
    made = connection.execute(query.returning(attraction.c.id)).scalar_one()
    villages.touch(connection, village_id)
    searchentries.renew(connection, village_id, "attraction", [made])
    return get(connection, village_id, made)


def change(connection: sa.Connection, village_id: int, attraction_id: int, **values: Any) -> None:
    """Set columns of an attraction."""
    connection.execute(attraction.update().where(attraction.c.village_id == village_id, attraction.c.id == attraction_id).values(**values))
    villages.touch(connection, village_id)
    if {"name", "story"} & values.keys():
        searchentries.renew(connection, village_id, "attraction", [attraction_id])


def get(connection: sa.Connection, village_id: int, attraction_id: int) -> Attraction:
    return _one(connection, village_id, attraction.c.id == attraction_id)


def by_slug(connection: sa.Connection, village_id: int, slug: str) -> Attraction:
    return _one(connection, village_id, attraction.c.slug == slug)


def listed(connection: sa.Connection, village_id: int) -> list[Attraction]:
    """The attractions of a village in their order."""
    query = sa.select(*_COLUMNS).where(attraction.c.village_id == village_id).order_by(attraction.c.position, attraction.c.id)
    return _with_photos(connection, village_id, connection.execute(query).all())


def _one(connection: sa.Connection, village_id: int, condition: sa.ColumnElement[bool]) -> Attraction:
    rows = connection.execute(sa.select(*_COLUMNS).where(attraction.c.village_id == village_id, condition)).all()
    if not rows:
        raise UnknownAttraction
    return _with_photos(connection, village_id, rows)[0]


def _with_photos(connection: sa.Connection, village_id: int, rows: Any) -> list[Attraction]:
    photos = media.by_id(connection, village_id, (row.photo_id for row in rows))
    return [Attraction(**row._mapping, photo=photos.get(row.photo_id)) for row in rows]
