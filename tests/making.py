"""The one cast of the tests: a village and who lives in it. Each maker of rows has sensible defaults and takes what a test is about."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

import storefront.tables

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # Monday, 10.00 WIB


def village(connection: sa.Connection, *, slug: str = "wonorejo", zone: str = "Asia/Jakarta", **given: Any) -> int:
    """A village; its id."""
    row = dict(
        slug=slug,
        name="Wonorejo",
        district="Bumiaji",
        regency="Kota Batu",
        province="Jawa Timur",
        zone=zone,
        story={},
        brand={},
        is_demo=False,
        revision=1,
        made_at=NOW,
    )
    return int(connection.execute(storefront.tables.village.insert().values(**{**row, **given})).inserted_primary_key[0])
