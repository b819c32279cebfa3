"""Another time for a post, with a word before it would there repeat another or come close to one."""

from datetime import datetime

import sqlalchemy as sa

from promo import accounts, posts, targets, twins
from promo.clock import Clock
from promo.targets import Target
from promo.twins import Twin
from storefront import promotion
from storefront.problems import Problems
from storefront.villages import Village


def move(
    connection: sa.Connection, village: Village, target_id: int, *, due_at: datetime | None, at: datetime, clock: Clock, may_repeat: bool
) -> Target:
    """The post at its new time. Raises posts.NotPossible; and, unless it `may_repeat`, Problems with a sentence for each post that it
    would be too much like there and was not before."""
    of = targets.get(connection, village.id, target_id)
    if not may_repeat and due_at is not None and due_at >= at and (of.is_movable or of.is_kept):
        title = accounts.get(connection, village.id, of.account_id).title
        before = {(one.why, one.target.id) for one in _twins(connection, of, of.due_at)}
        new = [one for one in _twins(connection, of, due_at) if (one.why, one.target.id) not in before]
        if new:
            raise Problems([promotion.repeats(village, title, one) for one in new[:3]])
    return posts.move(connection, village.id, target_id, due_at=due_at, at=at, clock=clock)


def _twins(connection: sa.Connection, of: Target, due_at: datetime) -> list[Twin]:
    pictures = {one["sha256"] for one in of.media}
    return twins.find(connection, of.village_id, [of.account_id], caption=of.caption, pictures=pictures, due_at=due_at, but=of.id)
