"""Weekly posts: each occurrence becomes an ordinary post two weeks ahead, drawn afresh with the price of the day, once and never twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zlib import crc32

import sqlalchemy as sa
import structlog

from promo import accounts, posts, recurring
from promo.clock import Clock
from promo.recurring import Recurring
from storefront import database, plans, products, promotion, subjects, villages
from storefront.media import Store
from storefront.problems import Problems
from storefront.promotion import Sending
from storefront.subjects import Subject
from storefront.villages import Village

TURN = "turn"  # in place of a product: whatever has its fair turn that week
_log = structlog.get_logger()


def fill(engine: sa.Engine, store: Store, *, public_url: str, clock: Clock, at: datetime, only: int | None = None) -> int:
    """Make every occurrence that is due to be made, of all villages or of one weekly post; how many. One that cannot be made (sold out,
    no account) is left out, and the weekly post says why; the next one is tried again."""
    with database.reading(engine) as connection:
        wanting = recurring.wanting(connection, at)
    made = 0
    for of in wanting:
        if only in (None, of.id):
            made += sum(_make(engine, store, of, when, public_url, clock, at) for when in of.due(at + recurring.AHEAD))
            with database.writing(engine) as connection:
                recurring.filled(connection, of, at + recurring.AHEAD, trouble=_trouble(connection, of))
    return made


def _make(engine: sa.Engine, store: Store, of: Recurring, when: datetime, public_url: str, clock: Clock, at: datetime) -> bool:
    with database.reading(engine) as connection:
        village = villages.get(connection, of.village_id)
        about = _about(connection, village, of, when)
        if about is None or posts.is_made(connection, of.village_id, of.origin(when)):
            return False
        on = [one for one in accounts.listed(connection, of.village_id) if one.id in of.accounts and one.state == "open"]
        seed = crc32(of.origin(when).encode()) % 1_000
        before = promotion.recent_words(connection, of.village_id)
        written = promotion.suggestion(village, about, of.style, of.language, seed=seed, on=on, public_url=public_url, unlike=before)
    try:
        promotion.promote(
            engine,
            store,
            village=village,
            subjects=[about],
            poster=of.poster,
            language=of.language,
            words=written.text,
            account_ids=of.accounts,
            due_at=when,
            at=at,
            made_by=of.made_by,
            public_url=public_url,
            clock=clock,
            sending=Sending(asks_first=village.needs_approval, origin=of.origin(when)),
        )
    except (Problems, posts.NotPossible) as error:
        _log.info("weekly_left_out", weekly=of.id, day=f"{when:%Y-%m-%d}", why=type(error).__name__)
        return False
    return True


def _about(connection: sa.Connection, village: Village, of: Recurring, when: datetime) -> Subject | None:
    """What the occurrence is about; None when it is sold out, hidden or gone."""
    if of.subject_kind == TURN:
        return plans.next_up(connection, village, when)
    product = products.by_id(connection, village.id, [of.subject_id or 0]).get(of.subject_id or 0)
    return subjects.of_product(product) if product and product.state == "live" and product.photo and not product.is_sold_out else None


def _trouble(connection: sa.Connection, of: Recurring) -> str | None:
    """Why nothing comes of it now, as a key; None when all is well."""
    village = villages.get(connection, of.village_id)
    if not {one.id for one in accounts.listed(connection, of.village_id) if one.state == "open"} & set(of.accounts):
        return "no_account"
    return None if _about(connection, village, of, of.filled_until + timedelta(days=7)) else "nothing_to_show"


def coming(of: Recurring, at: datetime) -> Sequence[datetime]:
    """When it comes in the next two weeks, by the calendar."""
    return replace(of, filled_until=at).due(at + timedelta(days=15))
