"""The one cast of the tests: a village and who lives in it. Each maker of rows has sensible defaults and takes what a test is about."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from storefront import makers, products, villages

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # Monday, 10.00 WIB


def village(connection: sa.Connection, *, name: str = "Wonorejo", **given: Any) -> int:
    """A village; its id."""
    place = {"district": "Bumiaji", "regency": "Kota Batu", "province": "Jawa Timur"}
    return villages.create(connection, **{"name": name, "at": NOW, **place, **given}).id


def maker(connection: sa.Connection, village_id: int, *, name: str = "Bu Sri", **given: Any) -> int:
    """A maker whom tourists may see; her id."""
    row = {"kind": "person", "whatsapp": "0812-3456-7890", "consent_at": NOW, "at": NOW}
    return makers.create(connection, village_id=village_id, name=name, **{**row, **given}).id


def product(connection: sa.Connection, village_id: int, maker_id: int, *, name: str = "Keripik apel", **given: Any) -> products.Product:
    """A live product at Rp 15.000 whose stock is not counted."""
    row = {"kind": "snack", "price_idr": 15_000, "unit": {"id": "bungkus 100 g", "en": "100 g pack"}, "state": "live", "at": NOW}
    return products.create(connection, village_id=village_id, maker_id=maker_id, name={"id": name}, **{**row, **given})
