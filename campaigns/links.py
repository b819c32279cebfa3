"""Tracked links: a code of six characters that leads somewhere, can be led elsewhere, and is never reused."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from campaigns import rules
from campaigns.rules import HOME, Rule, Target
from campaigns.tables import link, link_change

KINDS = ("qr", "post", "bio", "print", "wa")

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
    url: str | None = None
    utm: Mapping[str, str] | None = None
    rules: tuple[Rule, ...] = ()
    ends_on: date | None = None

    @property
    def target(self) -> Target:
        """Its own target, which leads when no rule does."""
        return Target(self.target_kind, self.target_id, self.url)

    @property
    def targets(self) -> set[Target]:
        """All that it may lead to, some day or for somebody."""
        return {self.target, *(rule.target for rule in self.rules), *([HOME] if self.ends_on else [])}

    def leads_to(self, day: date, languages: Iterable[str | None]) -> Target:
        """Where it leads on the village's own day a guest who reads these languages: HOME once it has ended, else by the first rule."""
        if self.ends_on is not None and day > self.ends_on:
            return HOME
        return rules.first(self.rules, day, languages) or self.target


@dataclass(frozen=True)
class Change:
    """What was done to a link: `what` is made, retargeted, rules, ends or withdrawn; the rest is how it led from then on."""

    at: datetime
    by: str
    what: str
    target: Target
    rules: tuple[Rule, ...]
    ends_on: date | None


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
    url: str | None = None,
    utm: Mapping[str, str] | None = None,
    ends_on: date | None = None,
    by: str = "",
    code: str = "",
    at: datetime,
) -> Link:
    """A new open link with a code of its own; `code` is one that free_code has found for a picture that shows it already."""
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
        "url": url,
        "utm": dict(utm or {}),
        "rules": [],
        "ends_on": ends_on,
        "state": "open",
        "made_at": at,
        "changed_at": at,
    }
    query = link.insert().values(code=code or free_code(connection), **row)
    made = _one(connection, link.c.id == connection.execute(query.returning(link.c.id)).scalar_one(), title)
    _remember(connection, made, "made", by, at)
    return made


def free_code(connection: sa.Connection) -> str:
    """A code that no link has."""
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
    return [_link(row) for row in connection.execute(sa.select(*_COLUMNS).where(link.c.code.in_(codes)))]


def with_ids(connection: sa.Connection, ids: Sequence[int]) -> list[Link]:
    """The links of these ids, of whatever village; unknown ids are passed over."""
    return [_link(row) for row in connection.execute(sa.select(*_COLUMNS).where(link.c.id.in_(ids)))]


def placed(connection: sa.Connection, village_id: int, target_kind: str, target_id: int | None, placement: str) -> Link | None:
    """The first open link to this target that was made for this placement, if there is one: to be used again instead of another."""
    mine = link.c.village_id == village_id, link.c.placement == placement, link.c.state == "open", link.c.target_kind == target_kind
    query = sa.select(*_COLUMNS).where(*mine, link.c.target_id == target_id).order_by(link.c.id).limit(1)
    row = connection.execute(query).first()
    return _link(row) if row else None


def get(connection: sa.Connection, village_id: int, link_id: int) -> Link:
    """A link of this village. Raises UnknownLink."""
    return _one(connection, sa.and_(link.c.village_id == village_id, link.c.id == link_id), str(link_id))


def listed(connection: sa.Connection, village_id: int, *, kind: str | None = None) -> list[Link]:
    """The links of a village, the oldest first; withdrawn ones too."""
    query = sa.select(*_COLUMNS).where(link.c.village_id == village_id).order_by(link.c.id)
    if kind is not None:
        query = query.where(link.c.kind == kind)
    return [_link(row) for row in connection.execute(query)]


def retarget(
    connection: sa.Connection,
    village_id: int,
    link_id: int,
    *,
    target_kind: str,
    target_id: int | None,
    url: str | None = None,
    utm: Mapping[str, str] | None = None,
    by: str = "",
    at: datetime,
) -> None:
    """Lead a link elsewhere; what is printed stays good. Raises UnknownLink."""
    values = {"target_kind": target_kind, "target_id": target_id, "url": url, "utm": dict(utm or {})}
    _change(connection, village_id, link_id, "retargeted", by, at, **values)


def set_rules(connection: sa.Connection, village_id: int, link_id: int, given: Sequence[Rule], *, by: str = "", at: datetime) -> None:
    """Lead a link by season and language from now on, in this order. Raises UnknownLink."""
    _change(connection, village_id, link_id, "rules", by, at, rules=rules.to_plain(given))


def set_end(connection: sa.Connection, village_id: int, link_id: int, ends_on: date | None, *, by: str = "", at: datetime) -> None:
    """Let a link lead to the village after this day of the village's own; None: it never ends. Raises UnknownLink."""
    _change(connection, village_id, link_id, "ends", by, at, ends_on=ends_on)


def withdraw(connection: sa.Connection, village_id: int, link_id: int, *, by: str = "", at: datetime) -> None:
    """Take a link out of use; its code is never given again. Raises UnknownLink."""
    _change(connection, village_id, link_id, "withdrawn", by, at, state="withdrawn")


def history(connection: sa.Connection, village_id: int, link_id: int) -> list[Change]:
    """All that was done to a link, the newest first."""
    columns = [link_change.c[name] for name in ("at", "by", "what", "target_kind", "target_id", "url", "rules", "ends_on")]
    mine = link_change.c.village_id == village_id, link_change.c.link_id == link_id
    rows = connection.execute(sa.select(*columns).where(*mine).order_by(link_change.c.id.desc()))
    return [
        Change(at, by, what, Target(kind, id_, url), rules.from_plain(given), ends) for at, by, what, kind, id_, url, given, ends in rows
    ]


def url(public_url: str, code: str, *, upper_url: bool = False) -> str:
    """The address of a code; `upper_url` for printing: an upper-case address makes a QR code with fewer, larger modules."""
    address = f"{public_url}/Q/{code}"
    return address.upper() if upper_url else address


def _change(connection: sa.Connection, village_id: int, link_id: int, what: str, by: str, at: datetime, **values: Any) -> None:
    before = get(connection, village_id, link_id)
    connection.execute(link.update().where(link.c.id == link_id).values(changed_at=at, **values))
    after = get(connection, village_id, link_id)
    if after != before:
        _remember(connection, after, what, by, at)


def _remember(connection: sa.Connection, led: Link, what: str, by: str, at: datetime) -> None:
    row = {"village_id": led.village_id, "link_id": led.id, "at": at, "by": by, "what": what, "ends_on": led.ends_on}
    row |= {"target_kind": led.target_kind, "target_id": led.target_id, "url": led.url, "rules": rules.to_plain(led.rules)}
    connection.execute(link_change.insert().values(**row))


def _one(connection: sa.Connection, condition: sa.ColumnElement[bool], code: str) -> Link:
    row = connection.execute(sa.select(*_COLUMNS).where(condition)).first()
    if row is None:
        raise UnknownLink(code)
    return _link(row)


def _link(row: sa.Row[Any]) -> Link:
    values = dict(zip(Link.__dataclass_fields__, row, strict=True))
    return Link(**{**values, "rules": rules.from_plain(values["rules"])})
