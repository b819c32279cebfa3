"""Makers: who makes the goods, a person, a group or the village enterprise, and where a tourist finds them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storefront import media, phones, searchentries, slugs, tills, villages
from storefront.media import Photo
from storefront.problems import Problem
from storefront.tables import maker

KINDS = ("person", "group", "bumdes")


class UnknownMaker(LookupError):
    """No such maker in this village."""


@dataclass(frozen=True)
class Maker:
    """A maker; `story` and `place` hold words by language, `whatsapp` is E.164 digits. Shown to tourists only once consent_at is set.

    `payments` holds what was typed in for each way to pay, `hours` as an attraction's when goods can be collected from her; links that let
    her in are good while they carry this `key_round`.
    """

    id: int
    village_id: int
    slug: str
    kind: str
    name: str
    story: Mapping[str, str]
    place: Mapping[str, str]
    whatsapp: str
    photo_id: int | None
    consent_at: datetime | None
    payments: Mapping[str, Mapping[str, str]]
    key_round: int
    hours: Mapping[str, Sequence[str]]
    photo: Photo | None = field(default=None)


_COLUMNS = [maker.c[name] for name in Maker.__dataclass_fields__ if name != "photo"]


def create(connection: sa.Connection, *, village_id: int, name: str, kind: str, whatsapp: str, at: datetime, **more: Any) -> Maker:
    """A new maker; `more` may set slug, story, place, photo_id, consent_at. Raises BadPhone, Problem."""
    if not name.strip():
        raise Problem("maker.no_name", field="name")

    def taken(tried: str) -> bool:
        return connection.execute(sa.select(maker.c.id).where(maker.c.village_id == village_id, maker.c.slug == tried)).first() is not None

    row = {"story": {}, "place": {}, "payments": {}, "key_round": 0, "slug": slugs.free(name, taken), **more}
    query = maker.insert().values(
        village_id=village_id, name=name.strip(), kind=kind, whatsapp=phones.normalise(whatsapp), made_at=at, **row
    )
    made = connection.execute(query.returning(maker.c.id)).scalar_one()
    villages.touch(connection, village_id)
    searchentries.renew(connection, village_id, "maker", [made])
    return get(connection, village_id, made)


def change(connection: sa.Connection, village_id: int, maker_id: int, **values: Any) -> None:
    """Set columns of a maker. Raises BadPhone."""
    if "whatsapp" in values:
        values["whatsapp"] = phones.normalise(values["whatsapp"])
    connection.execute(maker.update().where(maker.c.village_id == village_id, maker.c.id == maker_id).values(**values))
    villages.touch(connection, village_id)
    if {"name", "story", "consent_at"} & values.keys():
        searchentries.renew_maker(connection, village_id, maker_id)


def get(connection: sa.Connection, village_id: int, maker_id: int) -> Maker:
    return _one(connection, village_id, maker.c.id == maker_id)


def by_slug(connection: sa.Connection, village_id: int, slug: str) -> Maker:
    return _one(connection, village_id, maker.c.slug == slug)


def listed(connection: sa.Connection, village_id: int, *, only_public: bool = False) -> list[Maker]:
    """The makers of a village by name; with only_public those who have given their consent."""
    query = sa.select(*_COLUMNS).where(maker.c.village_id == village_id).order_by(maker.c.name)
    if only_public:
        query = query.where(maker.c.consent_at.is_not(None))
    return _with_photos(connection, village_id, connection.execute(query).all())


def payments_of(connection: sa.Connection, village_id: int, maker_ids: Iterable[int]) -> list[Mapping[str, Mapping[str, str]]]:
    """The ways by which each of these makers can be paid, with what was typed in for them."""
    return list(tills.of_makers(connection, village_id, maker_ids).values())


def hours_of(connection: sa.Connection, village_id: int, maker_ids: Iterable[int]) -> list[Mapping[str, Sequence[str]]]:
    """When goods can be collected from each of these makers, for those who have said so."""
    query = sa.select(maker.c.hours).where(maker.c.village_id == village_id, maker.c.id.in_(list(maker_ids)))
    return [week for week in connection.execute(query).scalars() if week]


def revoke_keys(connection: sa.Connection, village_id: int, maker_id: int) -> None:
    """From now on no link that was sent to this maker lets anybody in."""
    mine = sa.and_(maker.c.village_id == village_id, maker.c.id == maker_id)
    connection.execute(maker.update().where(mine).values(key_round=maker.c.key_round + 1))


def _one(connection: sa.Connection, village_id: int, condition: sa.ColumnElement[bool]) -> Maker:
    rows = connection.execute(sa.select(*_COLUMNS).where(maker.c.village_id == village_id, condition)).all()
    if not rows:
        raise UnknownMaker
    return _with_photos(connection, village_id, rows)[0]


def _with_photos(connection: sa.Connection, village_id: int, rows: Any) -> list[Maker]:
    photos = media.by_id(connection, village_id, (row.photo_id for row in rows))
    return [Maker(**row._mapping, photo=photos.get(row.photo_id)) for row in rows]
