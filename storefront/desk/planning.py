"""What the editor, the calendar and the planner of the desk share: how a post goes out, and the good hours of the village."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from campaigns import rhythms
from promo import targets
from promo.targets import LATE, LATE_HOURS
from storefront import promotion
from storefront.desk.forms import Form
from storefront.promotion import Sending
from storefront.staff import Staff

LOOKED_AT = timedelta(days=56)  # eight weeks of clicks say when people of this village look
LONGEST = 168  # hours that a post may be late


def sending(who: Staff, form: Form, *, origin: str | None = None) -> Sending:
    """How the post in a form goes out: with approval where the village wants it, late as chosen, never a repeat nobody agreed to."""
    policy = form.text("lambat")
    hours = form.number("lambat_jam") or LATE_HOURS
    return promotion.Sending(
        asks_first=who.asks_first,
        late_policy=policy if policy in LATE else LATE[1],
        late_hours=min(max(hours, 1), LONGEST),
        origin=origin,
        may_repeat=form.has("tetap"),
    )


def clicks(connection: sa.Connection, who: Staff, at: datetime) -> Sequence[int]:
    """How many people came through the village's links in each hour of the week, Monday first, on its own clock."""
    return rhythms.by_hour_of_week(connection, who.village_id, at - LOOKED_AT, at, who.village.zone)


def taken(connection: sa.Connection, who: Staff, first: datetime, last: datetime) -> list[datetime]:
    """When something of the village goes out between two moments."""
    return [of.due_at for of in targets.between(connection, who.village_id, first, last) if of.state != "cancelled"]
