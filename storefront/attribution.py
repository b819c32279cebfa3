"""What an order remembers of where it came from: the last human click within seven days, in a signed cookie of the shop's own."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, Signer

COOKIE = "gapura_from"
KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Source:
    """The link a person came by and the key of that one click."""

    link_id: int
    click_key: int


def sign_source(source: Source, secret: str, *, at: datetime) -> str:
    """The cookie's text: "<link>.<click>.<seconds>.<signature>"; it names nobody."""
    return _signer(secret).sign(f"{source.link_id}.{source.click_key}.{int(at.timestamp())}").decode()


def read_source(text: str, secret: str, *, at: datetime) -> Source | None:
    """The source in a cookie; None when there is none, it is older than seven days or not ours."""
    try:
        link_id, click_key, seconds = (int(part) for part in _signer(secret).unsign(text).decode().split("."))
    except (BadSignature, ValueError):
        return None
    age = at.timestamp() - seconds
    return Source(link_id, click_key) if -60 <= age <= KEPT.total_seconds() else None


def _signer(secret: str) -> Signer:
    return Signer(secret, salt="gapura.source")
