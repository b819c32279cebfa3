"""Targets: one post on one account at one time, its states, and the only two ways in which a state changes."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from promo.tables import account, target

# Where each state may go. `sending` is written before the publishing call; what left it may be visible to everybody.
_UNSEEN = frozenset({"scheduled", "waiting", "rejected", "needs_person", "expired", "cancelled", "draft"})  # nobody has seen anything yet
NEXT: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"draft", "in_review", "approved", "cancelled"}),
    "in_review": frozenset({"in_review", "draft", "approved", "cancelled"}),
    "approved": frozenset({"scheduled", "draft", "cancelled"}),
    "scheduled": _UNSEEN | {"claimed", "preparing", "handed_over"},
    "claimed": _UNSEEN | {"preparing", "handed_over"},  # a worker has it in hand and has called nobody yet
    "preparing": _UNSEEN | {"preparing", "ready", "handed_over"},
    "ready": _UNSEEN | {"ready", "sending", "preparing", "handed_over"},
    "sending": frozenset({"sending", "published", "reconciling", "ready", "waiting", "rejected", "needs_person", "handed_over"}),
    "reconciling": frozenset({"reconciling", "published", "ready", "needs_person", "handed_over"}),
    "waiting": _UNSEEN | {"preparing"},
    "handed_over": frozenset({"handed_over", "published", "reconciling", "needs_person", "cancelled", "scheduled", "draft"}),
    "needs_person": frozenset({"scheduled", "published", "cancelled", "reconciling", "draft"}),
    "rejected": frozenset({"scheduled", "cancelled", "draft"}),
    "expired": frozenset({"scheduled", "cancelled", "draft"}),
    "published": frozenset(),
    "cancelled": frozenset(),
}
STATES = tuple(NEXT)
OPEN = (
    "scheduled",
    "claimed",
    "preparing",
    "ready",
    "sending",
    "reconciling",
    "waiting",
    "handed_over",
)  # the publisher has still to do with it
STILL = ("draft", "in_review")  # nobody has agreed to it yet, so nothing wakes for it
MOVABLE = (*STILL, "scheduled", "claimed", "preparing", "ready", "waiting", "rejected", "expired")  # nothing of it can be seen by anybody
UNSENT = ("by_hand", "late_ask", "changed")  # reasons to ask a person about something that was never sent
LATE = ("skip", "within", "ask")  # what happens to a post whose time passed while nothing could run
LATE_HOURS = 6
_LEAVING = ("published", "cancelled", "needs_person", "rejected", "expired", "draft", "in_review")


class UnknownTarget(LookupError):
    """No such target in this village."""


@dataclass(frozen=True)
class Target:
    """One post on one account. `next_at` is when the publisher looks at it, or last moved it on, and None when it does not;
    `sending_at` is set while a publishing call may have had an effect that we do not know; `draft` is what prepare has brought
    to the network."""

    id: int
    village_id: int
    post_id: int
    account_id: int
    network: str
    format: str
    caption: str
    media: Sequence[Mapping[str, str]]
    link_id: int | None
    link_url: str | None
    marker: str
    due_at: datetime
    state: str
    reason: str | None
    generation: int
    sending_at: datetime | None
    next_at: datetime | None
    tries: int
    draft: tuple[str, ...]
    remote_id: str | None
    permalink: str | None
    published_at: datetime | None
    made_at: datetime
    late_policy: str = "within"
    late_hours: int = LATE_HOURS
    frozen_sha: str | None = None
    lease_by: str | None = None
    lease_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_movable(self) -> bool:
        """May it still be moved, changed or cancelled without anybody having seen it?"""
        return self.state in MOVABLE or (self.state == "needs_person" and self.reason in UNSENT)

    @property
    def is_kept(self) -> bool:
        """Is it in the network's own calendar, where it can be moved and taken back?"""
        return self.state == "handed_over" and self.reason is None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what people will see: the words, each picture with its own words, and where it goes."""
        return fingerprint(self.network, self.account_id, self.format, self.caption, self.media)


def fingerprint(network: str, account_id: int, form: str, caption: str, media: Sequence[Mapping[str, str]]) -> str:
    """SHA-256 of what people will see: the words, each picture with its own words, and where it goes."""
    seen = [network, account_id, form, caption, [[one["sha256"], one["alt"]] for one in media]]
    return hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode()).hexdigest()


def of_row(row: sa.Row[Any]) -> Target:
    values = dict(row._mapping)
    values["draft"] = tuple(json.loads(values.pop("remote_draft_id") or "[]"))
    return Target(**values)


def get(connection: sa.Connection, village_id: int, target_id: int) -> Target:
    """The target; UnknownTarget if this village has none of this id."""
    row = connection.execute(sa.select(target).where(target.c.village_id == village_id, target.c.id == target_id)).one_or_none()
    if row is None:
        raise UnknownTarget(target_id)
    return of_row(row)


def find(connection: sa.Connection, target_id: int) -> Target | None:
    """The target by its id alone: for the publisher, which serves all villages."""
    row = connection.execute(sa.select(target).where(target.c.id == target_id)).one_or_none()
    return of_row(row) if row else None


def of_posts(connection: sa.Connection, village_id: int, post_ids: Sequence[int]) -> dict[int, list[Target]]:
    """The targets of each post, by due time."""
    found: dict[int, list[Target]] = {post_id: [] for post_id in post_ids}
    where = (target.c.village_id == village_id, target.c.post_id.in_(list(post_ids)))
    for row in connection.execute(sa.select(target).where(*where).order_by(target.c.due_at, target.c.id)):
        found[row.post_id].append(of_row(row))
    return found


def advance(connection: sa.Connection, of: Target, to: str, **values: Any) -> Target | None:
    """Write the next state if the target still is in the state and generation that `of` was read in; None if another was faster.

    A state that cannot follow is a mistake of ours and raises ValueError.
    """
    if to not in NEXT[of.state]:
        raise ValueError(f"{of.state} -> {to}")
    held = (target.c.id == of.id, target.c.state == of.state, target.c.generation == of.generation)
    over = {"lease_by": None, "lease_until": None} if "generation" in values or to in _LEAVING else {}
    return _write(connection, held, {"state": to, "reason": None, **over, **values})


def begin_sending(connection: sa.Connection, of: Target, *, at: datetime) -> Target | None:
    """Write down that it is about to be sent: all that comes before is over. None if another was faster."""
    if of.state not in ("claimed", "preparing", "ready", "scheduled", "waiting"):
        raise ValueError(f"{of.state} -> sending")
    held = (target.c.id == of.id, target.c.state == of.state, target.c.generation == of.generation)
    return _write(connection, held, {"state": "sending", "reason": None, "sending_at": at, "next_at": at, "tries": of.tries + 1})


def publish(connection: sa.Connection, of: Target, *, remote_id: str, permalink: str | None, at: datetime) -> Target | None:
    """It is live. Taken from whichever run learned it, as long as it is about the same call: the truth needs no lease."""
    held = (
        target.c.id == of.id,
        target.c.state.in_(("sending", "reconciling", "handed_over", "needs_person")),
        target.c.sending_at == of.sending_at,
    )
    done = {"remote_id": remote_id, "permalink": permalink, "published_at": at, "next_at": None, "lease_by": None, "lease_until": None}
    return _write(connection, held, {"state": "published", "reason": None, **done})


def renew(connection: sa.Connection, target_id: int, generation: int, *, at: datetime) -> bool:
    """Count the generation up, so that another run may take the target; False if another was faster."""
    held = (target.c.id == target_id, target.c.generation == generation, target.c.state.in_(OPEN))
    again = {"generation": generation + 1, "next_at": at, "lease_by": None, "lease_until": None}
    return connection.execute(target.update().where(*held).values(**again)).rowcount == 1


def _write(connection: sa.Connection, held: Iterable[sa.ColumnElement[bool]], values: dict[str, Any]) -> Target | None:
    if "draft" in values:
        values["remote_draft_id"] = json.dumps(values.pop("draft"))
    row = connection.execute(target.update().where(*held).values(**values).returning(target)).one_or_none()
    return of_row(row) if row else None


def wanting(
    connection: sa.Connection, before: datetime, *, now: datetime, living: Sequence[str], most: int = 200
) -> list[tuple[int, int, datetime]]:
    """(id, generation, when) of what the publisher should look at before this time and no living worker has in hand, the longest
    overdue first."""
    free = sa.or_(target.c.lease_by.is_(None), target.c.lease_until < now, target.c.lease_by.not_in(living))
    rows = connection.execute(
        sa.select(target.c.id, target.c.generation, target.c.next_at)
        .where(target.c.next_at < before, target.c.state.in_(OPEN), free)
        .order_by(target.c.next_at)
        .limit(most)
    )
    return [(row.id, row.generation, row.next_at) for row in rows]


def parked(connection: sa.Connection, *, most: int = 200) -> list[tuple[int, int]]:
    """(id, generation) of what waits for an account that is open: whoever opened it and whoever parked the post met in one moment."""
    waits = (target.c.state.in_(("waiting", "reconciling")), target.c.reason == "account", target.c.next_at.is_(None))
    query = sa.select(target.c.id, target.c.generation).join(account, account.c.id == target.c.account_id)
    return [(row.id, row.generation) for row in connection.execute(query.where(*waits, account.c.state == "open").limit(most))]


def between(connection: sa.Connection, village_id: int, first: datetime, last: datetime) -> list[Target]:
    """Everything of a village that is due from one moment up to another, by time."""
    where = (target.c.village_id == village_id, target.c.due_at >= first, target.c.due_at < last)
    return [of_row(row) for row in connection.execute(sa.select(target).where(*where).order_by(target.c.due_at, target.c.id))]
