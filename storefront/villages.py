"""Villages: whose shop this is, its brand and its zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from storefront import searchentries, slugs
from storefront.tables import village

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")  # WIB, WITA, WIT; none has summer time
PLACED = {"name", "district", "regency", "province"}


class UnknownVillage(LookupError):
    """No village by that id or slug."""


@dataclass(frozen=True)
class Village:
    """A village; `story` and `brand["tagline"]` hold words by language, `brand` colours as #rrggbb by role."""

    id: int
    code10: str | None
    slug: str
    name: str
    district: str
    regency: str
    province: str
    zone: str
    story: Mapping[str, str]
    brand: Mapping[str, Any]
    whatsapp: str | None
    latitude: float | None
    longitude: float | None
    photo_id: int | None
    is_demo: bool
    revision: int
    needs_approval: bool = False

    def local(self, at: datetime) -> datetime:
        """A UTC time on the village's own clock."""
        return at.astimezone(ZoneInfo(self.zone))


_COLUMNS = [village.c[name] for name in Village.__dataclass_fields__]


def create(
    connection: sa.Connection, *, name: str, district: str, regency: str, province: str, at: datetime, slug: str = "", **more: Any
) -> Village:
    """A new village; `more` may set zone, story, brand, whatsapp, code10, latitude, longitude, is_demo."""

    def taken(tried: str) -> bool:
        return connection.execute(sa.select(village.c.id).where(village.c.slug == tried)).first() is not None

    row: dict[str, Any] = {"zone": ZONES[0], "story": {}, "brand": {}, "is_demo": False, **more}
    row |= {"name": name, "district": district, "regency": regency, "province": province}
    query = village.insert().values(slug=slug or slugs.free(name, taken), revision=1, made_at=at, **row)
    made = connection.execute(query.returning(village.c.id)).scalar_one()
    searchentries.begin(connection, made)
    return get(connection, made)


def get(connection: sa.Connection, village_id: int) -> Village:
    return _one(connection, village.c.id == village_id)


def by_slug(connection: sa.Connection, slug: str) -> Village:
    return _one(connection, village.c.slug == slug)


def listed(connection: sa.Connection) -> list[Village]:
    """Every village of this installation, by name."""
    return [Village(*row) for row in connection.execute(sa.select(*_COLUMNS).order_by(village.c.name, village.c.id))]


def by_id(connection: sa.Connection, ids: Sequence[int]) -> list[Village]:
    """The villages of these ids, in their order; those that are none are left out."""
    known = {row.id: Village(*row) for row in connection.execute(sa.select(*_COLUMNS).where(village.c.id.in_(ids)))}
    return [known[number] for number in ids if number in known]


def only(connection: sa.Connection) -> Village | None:
    """The village of an installation that has just one; None when there are none or several."""
    rows = connection.execute(sa.select(*_COLUMNS).limit(2)).all()
    return Village(*rows[0]) if len(rows) == 1 else None


def change(connection: sa.Connection, village_id: int, **values: Any) -> None:
    """Set columns of a village and count its revision up."""
    connection.execute(village.update().where(village.c.id == village_id).values(revision=village.c.revision + 1, **values))
    if PLACED & values.keys():
        searchentries.renew(connection, searchentries.OF_ALL, "village", [village_id])


def touch(connection: sa.Connection, village_id: int) -> None:
    """Say that something a tourist could see has changed: pages made from an older revision are stale."""
    change(connection, village_id)


def _one(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> Village:
    row = connection.execute(sa.select(*_COLUMNS).where(condition)).first()
    if row is None:
        raise UnknownVillage
    return Village(*row)
