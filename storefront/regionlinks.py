"""Addresses under which a regency or a province reads its villages' months: signed, for reading only, over after some time.

An address and no login: who reads it holds nothing by which a page of the desk, a buyer or another village could be opened.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

_PURPOSE = b"gapura.region"
KEPT = timedelta(days=90)  # whoever still needs it then is given a new one


class NoSuchRegionLink(LookupError):
    """This address is not ours, or its time is over."""


@dataclass(frozen=True)
class Scope:
    """Which villages may be read of: all, a province's, or a regency's; up to and including a day."""

    province: str
    regency: str
    until: date

    @property
    def name(self) -> str:
        return self.regency or self.province


def sign(scope: Scope, secret: str) -> str:
    """The end of the address."""
    text = json.dumps({**asdict(scope), "until": scope.until.isoformat()}, separators=(",", ":")).encode()
    return f"{base64.urlsafe_b64encode(text).decode().rstrip('=')}.{_signature(text, secret)}"


def read(key: str, secret: str, *, at: datetime) -> Scope:
    """What an address opens. Raises NoSuchRegionLink."""
    body, _, signature = key.partition(".")
    try:
        text = base64.urlsafe_b64decode(body.encode("ascii") + b"=" * (-len(body) % 4))
    except ValueError as error:
        raise NoSuchRegionLink from error
    if not hmac.compare_digest(signature.encode(), _signature(text, secret).encode()):
        raise NoSuchRegionLink
    given = json.loads(text)
    scope = Scope(given["province"], given["regency"], date.fromisoformat(given["until"]))
    if at.date() > scope.until:
        raise NoSuchRegionLink
    return scope


def _signature(text: bytes, secret: str) -> str:
    key = hashlib.blake2b(secret.encode(), person=_PURPOSE).digest()
    return hashlib.blake2b(text, digest_size=16, key=key).hexdigest()
