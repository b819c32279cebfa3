"""What becomes of a post whose time went by while nothing could run: its own policy decides, and never in silence."""

from datetime import datetime, timedelta

from promo.targets import Target

GRACE = timedelta(minutes=15)  # an ordinary wait for a network is not lateness


def verdict(of: Target, now: datetime) -> tuple[str, str] | None:
    """None: it may go out. Else the state it is left in and the reason: `skip` expires, `within` expires once its hours are over,
    `ask` waits for a person."""
    late = now - of.due_at
    if late <= GRACE or (of.late_policy == "within" and late <= timedelta(hours=of.late_hours)):
        return None
    if of.late_policy == "ask":
        return "needs_person", "late_ask"
    return "expired", "late_skip" if of.late_policy == "skip" else "late_over"
