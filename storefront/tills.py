"""Tills: the ways by which a maker can be paid, her own, or the village's where she has none of that kind."""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from promo.accounts import CannotUnseal, Sealer
from storefront import payments
from storefront.tables import maker, village

Till = Mapping[str, Mapping[str, str]]  # {the name of a file in storefront/payments: what was typed in for it}


def of_village(connection: sa.Connection, village_id: int) -> Till:
    """What the village has typed in for makers who have no way of that kind of their own."""
    found: Till | None = connection.execute(sa.select(village.c.payments).where(village.c.id == village_id)).scalar()
    return found or {}


def of_makers(connection: sa.Connection, village_id: int, maker_ids: Iterable[int]) -> dict[int, Till]:
    """{maker id: how she can be paid}, for those ids that are makers of this village."""
    shared = of_village(connection, village_id)
    query = sa.select(maker.c.id, maker.c.payments).where(maker.c.village_id == village_id, maker.c.id.in_(list(maker_ids)))
    return {row.id: {**shared, **row.payments} for row in connection.execute(query)}


def change_village(connection: sa.Connection, village_id: int, till: Till) -> None:
    """Set what the village has typed in."""
    query = village.update().where(village.c.id == village_id)
    connection.execute(query.values(payments=dict(till), revision=village.c.revision + 1))


def sealed(name: str, details: Mapping[str, str], sealer: Sealer, village_id: int) -> dict[str, str]:
    """The details with the secrets in them unreadable: what is kept in the database."""
    return {
        field: sealer.seal(value.encode(), _bound(name, village_id)).hex() if field in _secrets(name) else value
        for field, value in details.items()
    }


def opened(name: str, details: Mapping[str, str], sealer: Sealer, village_id: int) -> dict[str, str] | None:
    """The details with their secrets readable, for the gateway alone; None when they were sealed with a key we no longer have."""
    try:
        return {
            field: sealer.open(bytes.fromhex(value), _bound(name, village_id)).decode() if field in _secrets(name) else value
            for field, value in details.items()
        }
    except (CannotUnseal, ValueError):
        return None


def reseal(connection: sa.Connection, sealer: Sealer) -> int:
    """Seal the secrets of every till anew after a change of keys; how many tills were changed. What no key opens stays as it is."""
    changed = 0
    for table, of_village in ((village, village.c.id), (maker, maker.c.village_id)):
        for row in connection.execute(sa.select(table.c.id, of_village.label("village_id"), table.c.payments)).all():
            anew = {name: _resealed(name, details, sealer, row.village_id) for name, details in (row.payments or {}).items()}
            if anew != (row.payments or {}):
                connection.execute(table.update().where(table.c.id == row.id).values(payments=anew))
                changed += 1
    return changed


def _resealed(name: str, details: Mapping[str, str], sealer: Sealer, village_id: int) -> Mapping[str, str]:
    hidden = [value for field, value in details.items() if field in _secrets(name)]
    if not hidden or all(sealer.is_current(bytes.fromhex(value)) for value in hidden):
        return details
    plain = opened(name, details, sealer, village_id)
    return details if plain is None else sealed(name, plain, sealer, village_id)


def _secrets(name: str) -> set[str]:
    return {field.name for field in payments.get(name).FIELDS if field.kind == "secret"}


def _bound(name: str, village_id: int) -> str:
    return f"till:{name}:{village_id}"
