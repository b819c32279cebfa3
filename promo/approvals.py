"""Approval: somebody who may looks at the exact pictures and words, and only these go out; whatever is changed is asked for again."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from promo import accounts, networks, posts, targets
from promo.clock import Clock
from promo.posts import NoAccount, NoCaption, NotPossible, Post, TooLate
from promo.tables import post, target
from promo.targets import Target

_EDITABLE = ("draft", "in_review", "scheduled", "claimed", "preparing", "ready", "waiting", "rejected", "expired", "needs_person")


class Changed(NotPossible):
    """What is to be approved is not what was looked at."""

    key = "publish.changed_meanwhile"


class NothingToApprove(NotPossible):
    """Nothing of this post waits for approval."""

    key = "publish.nothing_to_approve"


def waiting(connection: sa.Connection, village_id: int) -> list[Post]:
    """The posts of which something waits for approval, what is due first on top."""
    ids = connection.execute(
        sa.select(target.c.post_id, sa.func.min(target.c.due_at).label("due"))
        .where(target.c.village_id == village_id, target.c.state == "in_review")
        .group_by(target.c.post_id)
        .order_by("due")
    ).all()
    return [posts.get(connection, village_id, row.post_id) for row in ids]


def approve(connection: sa.Connection, village_id: int, post_id: int, *, sha: str, by: str, at: datetime, clock: Clock) -> Post:
    """Let everything of the post that waits go out as it was seen: `sha` is the fingerprint that stood on the page. Raises Changed,
    NothingToApprove."""
    of = posts.get(connection, village_id, post_id)
    asked = [one for one in of.targets if one.state == "in_review"]
    if not asked:
        raise NothingToApprove
    if of.fingerprint != sha:
        raise Changed
    for one in asked:
        agreed = targets.advance(connection, one, "approved", frozen_sha=one.fingerprint)
        if agreed is None or _wake(connection, agreed, at, clock) is None:
            raise Changed
    _write_down(connection, village_id, post_id, approved_by=by, approved_at=at, note=None)
    return posts.get(connection, village_id, post_id)


def send_back(connection: sa.Connection, village_id: int, post_id: int, *, note: str, by: str) -> Post:
    """Not like this: back to draft, with what should be different. Raises NothingToApprove."""
    of = posts.get(connection, village_id, post_id)
    asked = [one for one in of.targets if one.state == "in_review"]
    if not asked:
        raise NothingToApprove
    for one in asked:
        targets.advance(connection, one, "draft")
    _write_down(connection, village_id, post_id, note=f"{by}: {note}".strip(": ") if note else by, approved_by=None, approved_at=None)
    return posts.get(connection, village_id, post_id)


def submit(connection: sa.Connection, village_id: int, post_id: int, *, asks_first: bool, at: datetime, clock: Clock) -> Post:
    """Drafts of the post ask for approval, or go out at their time where nobody needs to be asked."""
    for one in posts.get(connection, village_id, post_id).targets:
        if one.state == "draft":
            _hand_in(connection, one, asks_first=asks_first, at=at, clock=clock)
    return posts.get(connection, village_id, post_id)


def rewrite(
    connection: sa.Connection,
    village_id: int,
    target_id: int,
    *,
    caption: str,
    media: Sequence[Mapping[str, str]] | None = None,
    asks_first: bool,
    at: datetime,
    clock: Clock,
) -> Target:
    """Other words, or other pictures: back to draft and, where approval is needed, asked for anew; elsewhere it keeps its time.

    Raises TooLate once somebody may have seen it, NoCaption, NoAccount, or NotPossible with what the network would refuse.
    """
    of = targets.get(connection, village_id, target_id)
    if not of.is_movable or of.state not in _EDITABLE:
        raise TooLate
    shown = [dict(one) for one in (of.media if media is None else media)]
    _check(connection, of, caption, len(shown))
    values = {"caption": caption, "media": shown, "next_at": None, "generation": of.generation + 1, "remote_draft_id": "[]", "tries": 0}
    drafted = targets.advance(connection, of, "draft", **values)
    if drafted is None:
        raise TooLate
    clock.cancel(connection, of.id, of.generation)
    _write_down(connection, village_id, of.post_id, approved_by=None, approved_at=None)
    done = _hand_in(connection, drafted, asks_first=asks_first, at=at, clock=clock)
    if done is None:
        raise TooLate
    return done


def _check(connection: sa.Connection, of: Target, caption: str, pictures: int) -> None:
    if not caption.strip():
        raise NoCaption
    if accounts.get(connection, of.village_id, of.account_id).state == "removed":
        raise NoAccount
    for unfit in networks.get(of.network).check(caption, pictures):
        raise NotPossible(unfit.key, field=unfit.field, **unfit.facts)


def _hand_in(connection: sa.Connection, of: Target, *, asks_first: bool, at: datetime, clock: Clock) -> Target | None:
    if asks_first:
        return targets.advance(connection, of, "in_review", frozen_sha=of.fingerprint)
    agreed = targets.advance(connection, of, "approved", frozen_sha=of.fingerprint)
    return _wake(connection, agreed, at, clock) if agreed else None


def _wake(connection: sa.Connection, of: Target, at: datetime, clock: Clock) -> Target | None:
    """Approved after its time: the publisher looks at it at once, and its late policy decides."""
    when = max(of.due_at, at)
    done = targets.advance(connection, of, "scheduled", next_at=when, generation=of.generation + 1)
    if done is not None:
        clock.at(connection, done.id, done.generation, when, now=at)
    return done


def _write_down(connection: sa.Connection, village_id: int, post_id: int, **values: object) -> None:
    connection.execute(post.update().where(post.c.village_id == village_id, post.c.id == post_id).values(**values))
