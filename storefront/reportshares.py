"""Addresses under which somebody without a login reads the village's monthly report; each can be closed by itself."""

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storefront.tables import report_share

TITLE_MOST = 80


class NoSuchShare(LookupError):
    """There is no such address, or it has been closed."""


@dataclass(frozen=True)
class Share:
    """An address: `key` is 128 random bits, `title` says for whom it was made; `closed_at` empty while it is open."""

    id: int
    village_id: int
    key: str
    title: str
    made_by: str
    made_at: datetime
    closed_at: datetime | None


_COLUMNS = [report_share.c[name] for name in Share.__dataclass_fields__]


def open_for(connection: sa.Connection, village_id: int, title: str, *, by: str, at: datetime) -> Share:
    """A new address for somebody."""
    row = {"village_id": village_id, "key": secrets.token_urlsafe(16), "title": title, "made_by": by, "made_at": at}
    made = connection.execute(report_share.insert().values(**row).returning(report_share.c.id)).scalar_one()
    return next(share for share in listed(connection, village_id) if share.id == made)


def listed(connection: sa.Connection, village_id: int) -> list[Share]:
    """The addresses of a village, the newest first; closed ones too."""
    query = sa.select(*_COLUMNS).where(report_share.c.village_id == village_id).order_by(report_share.c.id.desc())
    return [Share(*row) for row in connection.execute(query)]


def close(connection: sa.Connection, village_id: int, share_id: int, *, at: datetime) -> None:
    """Nobody reads under this address any more. Raises NoSuchShare."""
    mine = report_share.c.village_id == village_id, report_share.c.id == share_id
    first = sa.func.coalesce(report_share.c.closed_at, sa.literal(at, report_share.c.closed_at.type))
    if connection.execute(report_share.update().where(*mine).values(closed_at=first)).rowcount == 0:
        raise NoSuchShare


def read(connection: sa.Connection, key: str) -> Share:
    """The open address of this key. Raises NoSuchShare."""
    row = connection.execute(sa.select(*_COLUMNS).where(report_share.c.key == key, report_share.c.closed_at.is_(None))).first()
    if row is None or not key.isascii():
        raise NoSuchShare
    return Share(*row)
