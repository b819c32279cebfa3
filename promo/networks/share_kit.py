"""Sharing by hand, for WhatsApp status and groups, TikTok and whoever has no door for programs: all is made ready, a person posts it."""

from collections.abc import Sequence
from datetime import datetime

from promo.networks import Absent, Access, CannotTell, Failure, Field, Found, Limits, Outgoing, Sent, Unfit, unfit

TITLE = "WhatsApp / TikTok"
FIELDS: tuple[Field, ...] = ()  # nobody is called: the account's title says where it belongs
FORMATS = ("portrait", "story", "square")
# TikTok's 2,200 characters are the least of those whom this is for. Nothing is ever sent, so there is nothing to wait for.
LIMITS = Limits(text=2_200, pictures=35, picture_bytes=16 * 1024 * 1024, timeout=1.0, settle=0.0, exactly_once="none")


def check(caption: str, pictures: int) -> list[Unfit]:
    """What the places it is for would refuse."""
    return unfit(LIMITS, caption, len(caption), pictures)


def calls_left(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> int:  # noqa: ARG001
    """None: the files are here."""
    return 0


def prepare(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG001
    """Nothing to bring anywhere."""
    return tuple(draft)


def publish(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> Sent:  # noqa: ARG001
    """Never sends anything: it is time, and a person takes it from here."""
    raise Failure("by_hand", sent="no")


def reconcile(access: Access, outgoing: Outgoing, draft: Sequence[str], since: datetime) -> Found | Absent | CannotTell:  # noqa: ARG001
    """We have certainly not sent it."""
    return Absent()
