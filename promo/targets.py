"""Targets: one post on one account at one time, its states, and the only two ways in which a state changes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from promo.tables import target

# Where each state may go. `sending` is written before the publishing call; what left it may be visible to everybody.
NEXT: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"scheduled", "cancelled"}),
    "scheduled": frozenset({"scheduled", "preparing", "waiting", "handed_over", "expired", "rejected", "needs_person", "cancelled"}),
    "preparing": frozenset({"preparing", "ready", "scheduled", "waiting", "rejected", "needs_person", "expired", "cancelled"}),
    "ready": frozenset({"ready", "sending", "preparing", "scheduled", "waiting", "rejected", "needs_person", "expired", "cancelled"}),
    "sending": frozenset({"sending", "published", "reconciling", "ready", "waiting", "rejected", "needs_person"}),
    "reconciling": frozenset({"reconciling", "published", "ready", "needs_person"}),
    "waiting": frozenset({"waiting", "scheduled", "preparing", "rejected", "needs_person", "expired", "cancelled"}),
    "handed_over": frozenset({"handed_over", "published", "reconciling", "needs_person", "cancelled"}),
    "needs_person": frozenset({"scheduled", "published", "cancelled", "reconciling"}),
    "rejected": frozenset({"scheduled", "cancelled"}),
    "expired": frozenset({"scheduled", "cancelled"}),
    "published": frozenset(),
    "cancelled": frozenset(),
}
STATES = tuple(NEXT)
OPEN = ("scheduled", "preparing", "ready", "sending", "reconciling", "waiting", "handed_over")  # the publisher has still to do with it
MOVABLE = ("scheduled", "preparing", "ready", "waiting", "rejected", "expired")  # nothing of it can be seen by anybody


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

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_movable(self) -> bool:
        """May it still be moved, changed or cancelled without anybody having seen it?"""
        return self.state in MOVABLE or (self.state == "needs_person" and self.reason == "by_hand")


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
    return _write(connection, held, of.id, {"state": to, "reason": None, **values})


def publish(connection: sa.Connection, of: Target, *, remote_id: str, permalink: str | None, at: datetime) -> Target | None:
    """It is live. Taken from whichever run learned it, as long as it is about the same call: the truth needs no lease."""
    held = (target.c.id == of.id, target.c.state.in_(("sending", "reconciling", "needs_person")), target.c.sending_at == of.sending_at)
    done = {"remote_id": remote_id, "permalink": permalink, "published_at": at, "next_at": None}
    return _write(connection, held, of.id, {"state": "published", "reason": None, **done})


def renew(connection: sa.Connection, target_id: int, generation: int, *, at: datetime) -> bool:
    """Count the generation up, so that another run may take the target; False if another was faster."""
    held = (target.c.id == target_id, target.c.generation == generation, target.c.state.in_(OPEN))
    return connection.execute(target.update().where(*held).values(generation=generation + 1, next_at=at)).rowcount == 1


def _write(connection: sa.Connection, held: Iterable[sa.ColumnElement[bool]], target_id: int, values: dict[str, Any]) -> Target | None:
    if "draft" in values:
        values["remote_draft_id"] = json.dumps(values.pop("draft"))
    if connection.execute(target.update().where(*held).values(**values)).rowcount != 1:
        return None
    return find(connection, target_id)


def wanting(connection: sa.Connection, before: datetime, *, most: int = 200) -> list[tuple[int, int, datetime]]:
    """(id, generation, when) of what the publisher should look at before this time, the longest overdue first."""
    rows = connection.execute(
        sa.select(target.c.id, target.c.generation, target.c.next_at)
        .where(target.c.next_at < before, target.c.state.in_(OPEN))
        .order_by(target.c.next_at)
        .limit(most)
    )
    return [(row.id, row.generation, row.next_at) for row in rows]
