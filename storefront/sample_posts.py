"""The demo village's posts: an account on the practice network, posts of the past month, and posts that wait in the calendar."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from campaigns import links
from campaigns.links import Link
from promo import accounts, journal, posts, results, targets
from promo.accounts import Account, Sealer
from promo.clock import Clock
from promo.posts import Post
from storefront import database, promotion, reception
from storefront.media import Store
from storefront.products import Product
from storefront.settings import Settings
from storefront.villages import Village

HANDLE = "giriarum"
LANGUAGE = "id"
WORKER = "demo"
SECONDS = timedelta(seconds=1)


class Past:
    """The clock of posts that are already out: nobody is to be woken for them."""

    def at(self, connection: sa.Connection, target_id: int, generation: int, when: datetime, *, now: datetime) -> None:
        """Nothing to do."""

    move = at

    def cancel(self, connection: sa.Connection, target_id: int, generation: int) -> None:
        """Nothing to do."""


def connect(connection: sa.Connection, village: Village, settings: Settings, practice_url: str, at: datetime) -> Account:
    """The village's account on the practice network that listens at `practice_url`."""
    return accounts.connect(
        connection,
        village_id=village.id,
        network="practice",
        title=f"Desa {village.name}",
        fields={"base_url": practice_url, "handle": HANDLE},
        secrets={},
        sealer=Sealer(settings.secrets),
        at=at,
    )


def due(row: Mapping[str, Any], at: datetime, zone: str) -> datetime:
    """When a [[post]] of history.toml goes out, or went out."""
    if "time" not in row:  # goes out at once, though due a while ago: a clerk who tries a post now is not warned of two within the hour
        return at - timedelta(minutes=70)
    day = at.astimezone(ZoneInfo(zone)).date() + timedelta(days=row.get("in_days", -row.get("days_ago", 0)))
    return datetime.combine(day, time.fromisoformat(row["time"]), ZoneInfo(zone))


def make(
    engine: sa.Engine,
    store: Store,
    settings: Settings,
    village: Village,
    product: Product,
    row: Mapping[str, Any],
    *,
    seed: int,
    by: str,
    at: datetime,
    clock: Clock,
) -> None:
    """Make one post as a clerk would; one of the past is made in the past. A product that has a post already gets none."""
    with database.reading(engine) as connection:
        if _of_product(connection, village, product):
            return
        account_ids = [account.id for account in accounts.listed(connection, village.id)]
    due_at = due(row, at, village.zone)
    promotion.promote(
        engine,
        store,
        village=village,
        product=product,
        poster=row["poster"],
        language=LANGUAGE,
        words=promotion.suggest(village, product, row["style"], LANGUAGE, seed=seed),
        account_ids=account_ids,
        due_at=due_at,
        at=min(due_at, at),
        made_by=by,
        public_url=settings.public_url,
        clock=Past() if "days_ago" in row else clock,
    )


def publish(connection: sa.Connection, village: Village, product: Product, row: Mapping[str, Any], at: datetime) -> Link:
    """Take a post of the past the way the publisher would have taken it, figures of its network included; the link that stood under it."""
    post = _of_product(connection, village, product)
    if post is None:
        raise LookupError(product.slug)
    target = post.targets[0]
    for state, step in (("preparing", "prepare"), ("ready", ""), ("sending", "publish")):
        moved = targets.advance(connection, target, state, **({"sending_at": target.due_at} if state == "sending" else {}))
        target = moved or target
        if step:
            call = journal.begin(connection, village_id=village.id, target_id=target.id, step=step, worker=WORKER, at=target.due_at)
            journal.end(connection, call, outcome="done", at=target.due_at + SECONDS)
    targets.publish(connection, target, remote_id=f"{WORKER}-{target.id}", permalink=None, at=target.due_at + SECONDS)
    _receive(connection, village, target.id, row, target.due_at + SECONDS, at)
    return next(link for link in links.listed(connection, village.id, kind="post") if link.id == target.link_id)


def _receive(connection: sa.Connection, village: Village, target_id: int, row: Mapping[str, Any], out_at: datetime, at: datetime) -> None:
    """Read its figures back until now, as the publisher would have done."""
    results.begin(connection, at, since=out_at - SECONDS)
    results.keep(connection, target_id, {"views": row["views"], "likes": row["likes"]}, published_at=out_at, at=at)
    known = results.of_targets(connection, village.id, [target_id])
    reception.note(connection, known[target_id], at)


def _of_product(connection: sa.Connection, village: Village, product: Product) -> Post | None:
    return next((post for post in posts.listed(connection, village.id) if post.subject_id == product.id), None)
