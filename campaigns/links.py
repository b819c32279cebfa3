"""Tracked links: a code of six characters that leads somewhere, can be led elsewhere, and is never reused."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from campaigns.tables import link

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no I, L, O, U, so a code survives being read aloud
LENGTH = 6  # 32**6 = 1.07 thousand million: guessing one of a province's takes a thousand tries, and finds a shop page
TRIES = 20
_LETTERS = frozenset(ALPHABET)
_TIDY = str.maketrans({"O": "0", "I": "1", "L": "1"})


class UnknownLink(LookupError):
    """No link has this code, or this village has no link of this id."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Link:
    """A link. What `target_kind`, `target_id`, `attraction_id` and `post_id` mean is known to whoever made it; 6 characters of `code`."""

    id: int
    village_id: int
    code: str
    kind: str
    title: str
    target_kind: str
    target_id: int | None
    attraction_id: int | None
    post_id: int | None
    network: str | None
    placement: str | None
    campaign_id: int | None
    state: str
    made_at: datetime


_COLUMNS = [link.c[name] for name in Link.__dataclass_fields__]


def create(
    connection: sa.Connection,
    *,
    village_id: int,
    kind: str,
    title: str,
    target_kind: str,
    target_id: int | None = None,
    attraction_id: int | None = None,
    post_id: int | None = None,
    network: str | None = None,
    placement: str | None = None,
    campaign_id: int | None = None,
    at: datetime,
) -> Link:
    """A new open link with a code of its own."""
    row: dict[str, Any] = {
        "village_id": village_id,
        "kind": kind,
        "title": title,
        "target_kind": target_kind,
        "target_id": target_id,
        "attraction_id": attraction_id,
        "post_id": post_id,
        "network": network,
        "placement": placement,
        "campaign_id": campaign_id,
        "state": "open",
        "made_at": at,
        "changed_at": at,
    }
    query = link.insert().values(code=_free_code(connection), **row)
    return _one(connection, link.c.id == connection.execute(query.returning(link.c.id)).scalar_one(), title)


def _free_code(connection: sa.Connection) -> str:
    for _ in range(TRIES):
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if connection.execute(sa.select(link.c.id).where(link.c.code == code)).first() is None:
            return code
    raise RuntimeError("no free code found: the alphabet or the length is too small for this many links")


def tidy(code: str) -> str:
    """A code as it was made, from how a person or a phone wrote it: any letter case, O for 0, I and L for 1."""
    return code.strip().upper().translate(_TIDY)


def follow(connection: sa.Connection, code: str) -> Link:
    """The link of this code, withdrawn ones too (see `state`). Raises UnknownLink."""
    made = tidy(code)
    if not set(made) <= _LETTERS:  # also keeps from PostgreSQL what it takes for no text, such as a zero byte
        raise UnknownLink(code)
    return _one(connection, link.c.code == made, code)


def with_codes(connection: sa.Connection, codes: Sequence[str]) -> list[Link]:
    """The links of these tidy codes, withdrawn ones too; unknown codes are passed over."""
    return [Link(*row) for row in connection.execute(sa.select(*_COLUMNS).where(link.c.code.in_(codes)))]


def get(connection: sa.Connection, village_id: int, link_id: int) -> Link:
    """A link of this village. Raises UnknownLink."""
    return _one(connection, sa.and_(link.c.village_id == village_id, link.c.id == link_id), str(link_id))


def listed(connection: sa.Connection, village_id: int, *, kind: str | None = None) -> list[Link]:
    """The links of a village, the oldest first; withdrawn ones too."""
    query = sa.select(*_COLUMNS).where(link.c.village_id == village_id).order_by(link.c.id)
    if kind is not None:
        query = query.where(link.c.kind == kind)
    return [Link(*row) for row in connection.execute(query)]


def retarget(connection: sa.Connection, village_id: int, link_id: int, *, target_kind: str, target_id: int | None, at: datetime) -> None:
    """Lead a link elsewhere; what is printed stays good. Raises UnknownLink."""
    _set(connection, village_id, link_id, target_kind=target_kind, target_id=target_id, changed_at=at)


def withdraw(connection: sa.Connection, village_id: int, link_id: int, *, at: datetime) -> None:
    """Take a link out of use; its code is never given again. Raises UnknownLink."""
    _set(connection, village_id, link_id, state="withdrawn", changed_at=at)


def url(public_url: str, code: str, *, upper_url: bool = False) -> str:
    """The address of a code; `upper_url` for printing: an upper-case address makes a QR code with fewer, larger modules."""
    address = f"{public_url}/Q/{code}"
    return address.upper() if upper_url else address


def _set(connection: sa.Connection, village_id: int, link_id: int, **values: Any) -> None:
    query = link.update().where(link.c.village_id == village_id, link.c.id == link_id).values(**values)
    if connection.execute(query).rowcount == 0:
        raise UnknownLink(str(link_id))


def _one(connection: sa.Connection, condition: sa.ColumnElement[bool], code: str) -> Link:
    row = connection.execute(sa.select(*_COLUMNS).where(condition)).first()
    if row is None:
        raise UnknownLink(code)
    return Link(*row)
