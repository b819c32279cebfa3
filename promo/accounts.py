"""Social accounts of a village: what may be shown in the open, what may not sealed with a key that is not in the database."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from promo import networks
from promo.tables import account

_KEY_ID, _NONCE = 4, 12  # bytes before the sealed text
_LEAST_SECRET = 16


class UnknownAccount(LookupError):
    """No such account in this village."""


class CannotUnseal(Exception):
    """The secrets were sealed with a key we no longer have, or for another account: a person connects it again."""


class Incomplete(ValueError):
    """The form lacks a field; `field` names it, `key` the sentence."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.field = name
        self.key = "publish.field_empty"
        self.facts: dict[str, object] = {}


@dataclass(frozen=True)
class Account:
    """An account on a network; state is open, needs_login or removed. The sealed bytes are in no repr."""

    id: int
    village_id: int
    network: str
    title: str
    fields: Mapping[str, str]
    state: str
    made_at: datetime
    sealed: bytes | None = field(repr=False, default=None)
    checked_at: datetime | None = None
    expires_at: datetime | None = None
    findings: Sequence[Mapping[str, Any]] | None = None
    app: str | None = None
    rests_until: datetime | None = None

    def days_left(self, at: datetime) -> int | None:
        """Whole days until the token ends; None: it has no date."""
        return max(0, (self.expires_at - at).days) if self.expires_at else None


class Sealer:
    """Seals and opens secrets; the first of the given secrets seals, all of them open, so that a key can be changed."""

    def __init__(self, secret: str | Sequence[str]) -> None:
        given = [secret] if isinstance(secret, str) else list(secret)
        if not given or any(len(one) < _LEAST_SECRET for one in given):
            raise ValueError(f"a sealing secret has {_LEAST_SECRET} characters or more")
        keys = [(_derive(one, b"id", _KEY_ID), ChaCha20Poly1305(_derive(one, b"key", 32))) for one in given]
        self._first = keys[0]
        self._keys = dict(reversed(keys))

    def seal(self, plain: bytes, bound_to: str) -> bytes:
        """Key id, nonce and sealed text; opens only with the same `bound_to`."""
        key_id, cipher = self._first
        nonce = os.urandom(_NONCE)
        return key_id + nonce + cipher.encrypt(nonce, plain, bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """The plain bytes; CannotUnseal when no key fits or the bytes belong elsewhere."""
        key_id, nonce, text = sealed[:_KEY_ID], sealed[_KEY_ID : _KEY_ID + _NONCE], sealed[_KEY_ID + _NONCE :]
        cipher = self._keys.get(key_id)
        if cipher is None:
            raise CannotUnseal
        try:
            return cipher.decrypt(nonce, text, bound_to.encode())
        except (InvalidTag, ValueError):
            raise CannotUnseal from None

    def is_current(self, sealed: bytes) -> bool:
        """Was this sealed with the first secret?"""
        return sealed[:_KEY_ID] == self._first[0]

    def __repr__(self) -> str:
        return "Sealer(...)"


def _derive(secret: str, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=b"gapura account " + purpose).derive(secret.encode())


def connect(
    connection: sa.Connection,
    *,
    village_id: int,
    network: str,
    title: str,
    fields: Mapping[str, str],
    secrets: Mapping[str, str],
    sealer: Sealer,
    at: datetime,
) -> Account:
    """A new account. Raises networks.UnknownNetwork, or Incomplete for the first empty field of the network's form."""
    shown, hidden = by_form(network, title, fields, secrets)
    values: dict[str, Any] = {
        "village_id": village_id,
        "network": network,
        "title": title.strip(),
        "fields": shown,
        "state": "open",
        "sealed": sealer.seal(json.dumps(hidden).encode(), f"{village_id}:{network}"),
        "app": networks.app_of(network, hidden),
        "made_at": at,
    }
    row_id = connection.execute(account.insert().values(**values).returning(account.c.id)).scalar_one()
    return get(connection, village_id, row_id)


def by_form(network: str, title: str, fields: Mapping[str, str], secrets: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """({what may be shown}, {what may not}) as the network's form wants it. Raises Incomplete for the first empty field."""
    found = _sorted_by_form(network, fields, secrets)
    if not title.strip():
        raise Incomplete("title")
    return found


def _sorted_by_form(network: str, fields: Mapping[str, str], secrets: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    shown: dict[str, str] = {}
    hidden: dict[str, str] = {}
    for line in networks.get(network).FIELDS:
        source, kept = (secrets, hidden) if line.kind == "secret" else (fields, shown)
        value = source.get(line.name, "").strip() or line.default
        if line.is_required and not value:
            raise Incomplete(line.name)
        kept[line.name] = line.default if line.kind == "choice" and value not in line.options else value
    return shown, hidden


def change(
    connection: sa.Connection,
    village_id: int,
    account_id: int,
    *,
    sealer: Sealer,
    title: str | None = None,
    fields: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Account:
    """Change what is given and open the account again: new secrets after a lost login, another address. Call posts.wake after it."""
    old = get(connection, village_id, account_id)
    kept = _unsealed(old, sealer) if secrets is None else {**_unsealed_or_none(old, sealer), **secrets}
    shown, hidden = _sorted_by_form(old.network, {**old.fields, **(fields or {})}, kept)
    values = {
        "title": (title or old.title).strip(),
        "fields": shown,
        "state": "open",
        "sealed": sealer.seal(json.dumps(hidden).encode(), f"{village_id}:{old.network}"),
        "app": networks.app_of(old.network, hidden),
    }
    connection.execute(account.update().where(_is(village_id, account_id)).values(**values))
    return get(connection, village_id, account_id)


def get(connection: sa.Connection, village_id: int, account_id: int) -> Account:
    """The account, removed or not; UnknownAccount if this village has none of this id."""
    row = connection.execute(sa.select(account).where(_is(village_id, account_id))).one_or_none()
    if row is None:
        raise UnknownAccount(account_id)
    return Account(**row._mapping)


def listed(connection: sa.Connection, village_id: int) -> list[Account]:
    """The village's accounts that are not removed, by title."""
    rows = connection.execute(
        sa.select(account).where(account.c.village_id == village_id, account.c.state != "removed").order_by(account.c.title, account.c.id)
    )
    return [Account(**row._mapping) for row in rows]


def access(of: Account, sealer: Sealer, *, timeout: float, given: Mapping[str, str] | None = None) -> networks.Access:
    """What the network's file needs to speak for this account. Raises CannotUnseal."""
    return networks.Access(of.fields, _unsealed(of, sealer), timeout, given or {})


def secrets(of: Account, sealer: Sealer) -> dict[str, str]:
    """The account's secrets, opened. Raises CannotUnseal."""
    return _unsealed(of, sealer)


def _unsealed(of: Account, sealer: Sealer) -> dict[str, str]:
    if of.sealed is None:
        raise CannotUnseal
    opened: dict[str, str] = json.loads(sealer.open(of.sealed, f"{of.village_id}:{of.network}"))
    return opened


def _unsealed_or_none(of: Account, sealer: Sealer) -> dict[str, str]:
    try:
        return _unsealed(of, sealer)
    except CannotUnseal:
        return {}


def needs_login(connection: sa.Connection, village_id: int, account_id: int) -> None:
    """The network refused the token: posts wait until a person logs in again."""
    connection.execute(account.update().where(_is(village_id, account_id), account.c.state == "open").values(state="needs_login"))


def remove(connection: sa.Connection, village_id: int, account_id: int) -> None:
    """Forget the secrets for good; posts that were sent through it keep their history."""
    connection.execute(account.update().where(_is(village_id, account_id)).values(state="removed", sealed=None))


def reseal(connection: sa.Connection, sealer: Sealer) -> int:
    """Seal everything anew with the first secret after a change of keys; how many were changed. What cannot be opened needs a login."""
    changed = 0
    for row in connection.execute(sa.select(account).where(account.c.sealed.is_not(None))).all():
        one = Account(**row._mapping)
        if one.sealed is None or sealer.is_current(one.sealed):
            continue
        try:
            plain = json.dumps(_unsealed(one, sealer)).encode()
        except CannotUnseal:
            needs_login(connection, one.village_id, one.id)
            continue
        values = {"sealed": sealer.seal(plain, f"{one.village_id}:{one.network}")}
        connection.execute(account.update().where(_is(one.village_id, one.id)).values(**values))
        changed += 1
    return changed


def count(connection: sa.Connection, *, state: str) -> int:
    """How many accounts of the whole installation are in this state."""
    return connection.execute(sa.select(sa.func.count()).select_from(account).where(account.c.state == state)).scalar_one()


def _is(village_id: int, account_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(account.c.village_id == village_id, account.c.id == account_id)
