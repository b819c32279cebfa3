"""What an order remembers of where it came from: the last human click within seven days, in a signed cookie of the shop's own."""

import functools
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

COOKIE = "gapura_from"
KEPT = timedelta(days=7)
_PURPOSE = b"gapura.source"  # what this secret signs elsewhere is no source


@dataclass(frozen=True)
class Source:
    """The link a person came by and the key of that one click."""

    link_id: int
    click_key: int


def sign_source(source: Source, secret: str, *, at: datetime) -> str:
    """The cookie's text: "<link>.<click>.<seconds>.<signature>"; it names nobody."""
    return sign(source.link_id, source.click_key, int(at.timestamp()), secret)


def sign(link_id: int, click_key: int, second: int, secret: str) -> str:
    """The same of plain numbers, `second` since 1970: what the scan has at hand."""
    text = f"{link_id}.{click_key}.{second}"
    return f"{text}.{_signature(text, secret)}"


def read_source(text: str, secret: str, *, at: datetime) -> Source | None:
    """The source in a cookie; None when there is none, it is older than seven days or not ours."""
    signed, _, signature = text.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(signed, secret).encode()):
        return None
    link_id, click_key, seconds = (int(part) for part in signed.split("."))
    age = at.timestamp() - seconds
    return Source(link_id, click_key) if -60 <= age <= KEPT.total_seconds() else None


def _signature(text: str, secret: str) -> str:
    signer = _signer(secret).copy()  # half the price of an HMAC, and it is paid per scan
    signer.update(text.encode())
    return signer.hexdigest()


@functools.lru_cache(maxsize=8)
def _signer(secret: str) -> "hashlib.blake2b":
    key = hashlib.blake2b(secret.encode(), person=_PURPOSE).digest()
    return hashlib.blake2b(digest_size=18, key=key)
