"""A maker's key: the signed link by which she answers her orders without a login, for 30 days or until it is revoked.

It is sent to her by the office, never by a buyer: whoever holds it is taken for her. What a buyer sends leads only to phones that have it.
"""

import base64
import hmac
from datetime import datetime, timedelta

import sqlalchemy as sa

from storefront import makers
from storefront.makers import Maker

KEPT = timedelta(days=30)
HELD_MOST = 4  # keys on one phone: families share it
_EARLY = timedelta(minutes=1)  # two clocks are never quite one
_PURPOSE = b"gapura.maker:"  # what this secret signs elsewhere is no key


class NoKey(LookupError):
    """This is no key, or no longer."""


def sign(maker: Maker, secret: str, *, at: datetime) -> str:
    """A new key for a maker: "<maker>.<round>.<seconds>.<signature>"."""
    text = f"{maker.id}.{maker.key_round}.{int(at.timestamp())}"
    return f"{text}.{_signature(text, secret)}"


def maker_of(connection: sa.Connection, village_id: int, key: str, secret: str, *, at: datetime) -> Maker:
    """Whose key this is. Raises NoKey for one that is not ours, of another village, older than 30 days or revoked."""
    signed, _, signature = key.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(signed, secret).encode()):
        raise NoKey
    maker_id, key_round, seconds = (int(part) for part in signed.split("."))
    age = timedelta(seconds=at.timestamp() - seconds)
    try:
        maker = makers.get(connection, village_id, maker_id)
    except makers.UnknownMaker:
        raise NoKey from None
    if not -_EARLY <= age <= KEPT or maker.key_round != key_round:
        raise NoKey
    return maker


def cookie(village_id: int) -> str:
    """The name of the cookie in which a phone keeps the keys that were opened on it."""
    return f"gapura_maker_{village_id}"


def held(text: str) -> list[str]:
    """The keys in a cookie, the newest first."""
    return [key for key in text.split("~")[:HELD_MOST] if key]


def with_key(text: str, key: str) -> str:
    """The cookie with this key in front, instead of older ones of the same maker."""
    maker_id = key.partition(".")[0]
    return "~".join([key, *(other for other in held(text) if other.partition(".")[0] != maker_id)][:HELD_MOST])


def _signature(text: str, secret: str) -> str:
    digest = hmac.digest(secret.encode(), _PURPOSE + text.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:18]).decode()
