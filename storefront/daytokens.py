"""The day token: a random word in the guest's own browser that ends at the village's midnight, and makes daily visitors exact.

Without it phones behind one address that look alike are one visitor. It is no identity: each day has another, and what is kept of it is
salted like everything else. Off unless the setting says so, for it is a cookie.
"""

import re
import secrets
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

COOKIE = "gapura_day"
_TEXT = re.compile(r"(\d{1,6})-([0-9a-f]{16})")


def new(day: int) -> str:
    """The cookie's text for this day (a number, see campaigns.days): "<day>-<64 random bits>"."""
    return f"{day}-{secrets.token_hex(8)}"


def read(text: str, day: int) -> str | None:
    """The token in a cookie; None when there is none or it is another day's."""
    found = _TEXT.fullmatch(text)
    return found[2] if found and int(found[1]) == day else None


def seconds_left(at: datetime, zone: str) -> int:
    """Until the village's midnight, at least one."""
    local = at.astimezone(ZoneInfo(zone))
    midnight = datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), local.tzinfo)
    return max(1, int(midnight.timestamp() - at.timestamp()))
