"""Areas: where the village's own courier goes, and for how much."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from storefront import villages
from storefront.problems import Problem
from storefront.tables import area

NAME_MOST, AREAS_MOST, FEE_MOST = 60, 40, 1_000_000


@dataclass(frozen=True)
class Area:
    """A part of the village or around it; `fee_idr` for one order of any size, 0 = free."""

    id: int
    village_id: int
    name: str
    fee_idr: int
    position: int


_COLUMNS = [area.c[name] for name in Area.__dataclass_fields__]


def listed(connection: sa.Connection, village_id: int) -> list[Area]:
    """The areas of a village in the order of its office; none where it has no courier."""
    query = sa.select(*_COLUMNS).where(area.c.village_id == village_id).order_by(area.c.position, area.c.id)
    return [Area(*row) for row in connection.execute(query)]


def chosen(connection: sa.Connection, village_id: int, area_id: int | None) -> Area:
    """The area that a buyer has picked. Raises Problem."""
    for one in listed(connection, village_id):
        if one.id == area_id:
            return one
    raise Problem("order.area_missing", field="area")


def replace(connection: sa.Connection, village_id: int, wanted: Sequence[tuple[str, int]]) -> None:
    """Let a village have exactly these (name, fee), in this order; those of the same name stay the same. Raises Problem."""
    _check(wanted)
    known = {one.name: one for one in listed(connection, village_id)}
    gone = [one.id for name, one in known.items() if name not in dict(wanted)]
    connection.execute(area.delete().where(area.c.village_id == village_id, area.c.id.in_(gone)))
    for position, (name, fee_idr) in enumerate(wanted):
        if name in known:
            query = area.update().where(area.c.village_id == village_id, area.c.id == known[name].id)
            connection.execute(query.values(fee_idr=fee_idr, position=position))
        else:
            connection.execute(area.insert().values(village_id=village_id, name=name, fee_idr=fee_idr, position=position))
    villages.touch(connection, village_id)


def _check(wanted: Sequence[tuple[str, int]]) -> None:
    if len(wanted) > AREAS_MOST:
        raise Problem("area.too_many", field="areas", most=AREAS_MOST)
    if len(dict(wanted)) < len(wanted):
        raise Problem("area.twice", field="areas")
    for name, fee_idr in wanted:
        if not name or len(name) > NAME_MOST:
            raise Problem("area.name_wrong", field="areas", most=NAME_MOST)
        if not 0 <= fee_idr <= FEE_MOST:
            raise Problem("area.fee_wrong", field="areas", most=FEE_MOST)
