"""What tells a scan by our own staff from a guest's: a signed mark in the browser that somebody signed in with at the desk."""

import functools
import hashlib
import hmac
from datetime import datetime

from storefront.staff import ABSOLUTE

COOKIE = "gapura_staff"
_PURPOSE = b"gapura.staff"


def sign(village_id: int, secret: str, *, at: datetime) -> str:
    """The cookie's text: "<village>.<seconds>.<signature>"; it opens nothing and names nobody."""
    text = f"{village_id}.{int(at.timestamp())}"
    return f"{text}.{_signature(text, secret)}"


def read(text: str, secret: str, *, at: datetime) -> int | None:
    """The village whose staff this browser belongs to; None when the mark is older than a session may be, or not ours."""
    village_id, seconds = _read(text, secret) or (None, 0)
    return village_id if village_id is not None and -60 <= at.timestamp() - seconds <= ABSOLUTE.total_seconds() else None


@functools.lru_cache(maxsize=1024)
def _read(text: str, secret: str) -> tuple[int, int] | None:
    signed, _, signature = text.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(signed, secret).encode()):
        return None
    village_id, seconds = signed.split(".")
    return int(village_id), int(seconds)


def _signature(text: str, secret: str) -> str:
    key = hashlib.blake2b(secret.encode(), person=_PURPOSE).digest()
    return hashlib.blake2b(text.encode(), digest_size=16, key=key).hexdigest()
