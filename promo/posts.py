"""Posts: a caption and its pictures, sent to one or more accounts; each target of a post has its own time, link and fate."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

import promo.targets
from promo import accounts, handing, journal, networks
from promo.clock import Clock
from promo.journal import Attempt
from promo.tables import post, target
from promo.targets import Target

_GRACE = timedelta(minutes=2)  # a form shows whole minutes: "now", typed a minute ago, is not the past


class UnknownPost(LookupError):
    """No such post in this village."""


class NotPossible(ValueError):
    """Something in the form or the moment forbids it: `key` names the sentence, `field` the field, `facts` fill the sentence."""

    key = ""
    field = ""

    def __init__(self, key: str = "", *, field: str = "", **facts: object) -> None:
        self.key = key or type(self).key
        self.field = field or type(self).field
        self.facts = facts
        super().__init__(self.key)


class NoPicture(NotPossible):
    """A post needs at least one picture."""

    key, field = "publish.no_picture", "pictures"


class NoAccount(NotPossible):
    """No account was chosen, or it is not there or not open any more."""

    key, field = "publish.no_account", "accounts"


class NoTime(NotPossible):
    """No time was given."""

    key, field = "publish.no_time", "due_at"


class PastTime(NotPossible):
    """The time is over."""

    key, field = "publish.past_time", "due_at"


class NoCaption(NotPossible):
    """There are no words."""

    key, field = "publish.no_caption", "caption"


class AlreadyMade(NotPossible):
    """This occurrence, row or slot has its post already."""

    key = "publish.already_made"


class TooLate(NotPossible):
    """It is being sent or was sent: nothing can be changed any more."""

    key = "publish.too_late"


@dataclass(frozen=True)
class Post:
    """A post and where it goes. `pictures` is {format: sha256}; the state is computed from the targets, never stored."""

    id: int
    village_id: int
    subject_kind: str
    subject_id: int | None
    title: str
    caption: str
    poster: str
    pictures: Mapping[str, str]
    alt: str
    language: str
    made_by: str | None
    made_at: datetime
    origin: str | None = None
    note: str | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    targets: Sequence[Target] = field(default=())

    @property
    def state(self) -> str:
        return state_of([one.state for one in self.targets])

    @property
    def published(self) -> int:
        """How many of its targets are out."""
        return sum(one.state == "published" for one in self.targets)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what people will see of all its targets that are not cancelled: what a village head approves."""
        prints = sorted(one.fingerprint for one in self.targets if one.state != "cancelled")
        return hashlib.sha256("".join(prints).encode()).hexdigest()


def state_of(states: Sequence[str]) -> str:
    """What staff should know first about a post with targets in these states; `partly` when some are out and some still to come."""
    alive = [state for state in states if state != "cancelled"]
    if not alive:
        return "cancelled" if states else "draft"
    for loud in ("needs_person", "rejected", "expired"):
        if loud in alive:
            return loud
    if set(alive) == {"published"}:
        return "published"
    if "published" in alive:
        return "partly"
    busy = (
        "sending",
        "reconciling",
        "waiting",
        "ready",
        "preparing",
        "claimed",
        "in_review",
        "draft",
        "handed_over",
        "approved",
        "scheduled",
    )
    return min(alive, key=busy.index)


def create(
    connection: sa.Connection,
    *,
    village_id: int,
    subject_kind: str,
    subject_id: int | None,
    title: str,
    caption: str,
    poster: str,
    pictures: Mapping[str, str],
    alt: str,
    language: str,
    made_by: str | None,
    at: datetime,
    origin: str | None = None,
) -> Post:
    """A post that goes nowhere yet. `origin` names what it is made for, where it must be made once. Raises NoPicture, NoCaption,
    AlreadyMade."""
    if not pictures:
        raise NoPicture
    if not caption.strip():
        raise NoCaption
    values = {
        "village_id": village_id,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "title": title,
        "caption": caption,
        "poster": poster,
        "pictures": dict(pictures),
        "alt": alt,
        "language": language,
        "made_by": made_by,
        "made_at": at,
        "origin": origin,
    }
    # Not looked up first: the hourly round and a clerk's form may make the same occurrence at the same moment.
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(post).values(**values)
    once = insert.on_conflict_do_nothing(index_elements=["village_id", "origin"])
    made = connection.execute(once.returning(post.c.id)).scalar()
    if made is None:
        raise AlreadyMade
    return get(connection, village_id, made)


def is_made(connection: sa.Connection, village_id: int, origin: str) -> bool:
    """Is there a post for this occurrence, row or slot?"""
    return connection.execute(sa.select(post.c.id).where(post.c.village_id == village_id, post.c.origin == origin)).first() is not None


def get(connection: sa.Connection, village_id: int, post_id: int) -> Post:
    """The post with its targets; UnknownPost if this village has none of this id."""
    row = connection.execute(sa.select(post).where(post.c.village_id == village_id, post.c.id == post_id)).one_or_none()
    if row is None:
        raise UnknownPost(post_id)
    return Post(**row._mapping, targets=promo.targets.of_posts(connection, village_id, [post_id])[post_id])


def listed(connection: sa.Connection, village_id: int, *, most: int = 200) -> list[Post]:
    """The village's posts with their targets, newest first."""
    rows = connection.execute(sa.select(post).where(post.c.village_id == village_id).order_by(post.c.id.desc()).limit(most)).all()
    of_posts = promo.targets.of_posts(connection, village_id, [row.id for row in rows])
    return [Post(**row._mapping, targets=of_posts[row.id]) for row in rows]


def targets(connection: sa.Connection, village_id: int, post_id: int) -> list[Target]:
    """Where the post goes, by due time."""
    return promo.targets.of_posts(connection, village_id, [post_id])[post_id]


def attempts(connection: sa.Connection, village_id: int, target_id: int) -> list[Attempt]:
    """Every call that was made to a network for this target, oldest first."""
    return journal.of_target(connection, village_id, target_id)


def schedule(
    connection: sa.Connection,
    *,
    village_id: int,
    post_id: int,
    account_id: int | None,
    network: str,
    format: str,  # noqa: A002 - the contract's word
    caption: str,
    media: Sequence[Mapping[str, str]],
    link_id: int | None,
    link_url: str | None,
    marker: str,
    due_at: datetime | None,
    at: datetime,
    clock: Clock,
    stage: str = "scheduled",
    late_policy: str = "within",
    late_hours: int = promo.targets.LATE_HOURS,
) -> Target:
    """Freeze words and pictures for one account and wake the publisher at `due_at`: the row and its waking are one transaction.

    With the `stage` "in_review" or "draft" nothing is woken: it waits for approvals.approve. `late_policy` is one of targets.LATE.

    `media` is [{"sha256", "alt"}] in order; `marker` is the code of the target's own link. Raises NoPicture, NoCaption, NoAccount,
    NoTime, PastTime, or NotPossible with the sentence of what the network would refuse; each names its `field`.
    """
    if post_id not in titles(connection, village_id, [post_id]):
        raise UnknownPost(post_id)
    due = _checked_time(due_at, at)
    _check(connection, village_id, account_id, network, caption, media)
    values = {
        "village_id": village_id,
        "post_id": post_id,
        "account_id": account_id,
        "network": network,
        "format": format,
        "caption": caption,
        "media": [{"sha256": one["sha256"], "alt": one["alt"]} for one in media],
        "link_id": link_id,
        "link_url": link_url,
        "marker": marker,
        "due_at": due,
        "next_at": due if stage == "scheduled" else None,
        "state": stage,
        "generation": 0,
        "tries": 0,
        "made_at": at,
        "late_policy": late_policy,
        "late_hours": late_hours,
    }
    values["frozen_sha"] = promo.targets.fingerprint(network, account_id or 0, format, caption, media)
    target_id = connection.execute(target.insert().values(**values).returning(target.c.id)).scalar_one()
    if stage == "scheduled":
        clock.at(connection, target_id, 0, due, now=at)
    return promo.targets.get(connection, village_id, target_id)


def _checked_time(due_at: datetime | None, at: datetime) -> datetime:
    if due_at is None:
        raise NoTime
    if due_at < at - _GRACE:
        raise PastTime
    return due_at


def _check(
    connection: sa.Connection, village_id: int, account_id: int | None, network: str, caption: str, media: Sequence[Mapping[str, str]]
) -> None:
    if not media:
        raise NoPicture
    if not caption.strip():
        raise NoCaption
    try:
        account = accounts.get(connection, village_id, account_id or 0)
    except accounts.UnknownAccount:
        raise NoAccount from None
    if account.state == "removed" or account.network != network:
        raise NoAccount
    for unfit in networks.get(network).check(caption, len(media)):
        raise NotPossible(unfit.key, field=unfit.field, **unfit.facts)


def move(connection: sa.Connection, village_id: int, target_id: int, *, due_at: datetime | None, at: datetime, clock: Clock) -> Target:
    """Another time. Raises NoTime, PastTime, TooLate."""
    of = promo.targets.get(connection, village_id, target_id)
    due = _checked_time(due_at, at)
    if of.is_kept:
        return _wished(handing.wish(connection, of, handing.MOVING, at=at, clock=clock, due_at=due))
    if not of.is_movable:
        raise TooLate
    if of.state in promo.targets.STILL:  # it goes on waiting for approval, for its new time
        moved = promo.targets.advance(connection, of, of.state, due_at=due)
    else:
        moved = _again(connection, of, due, at, clock, due_at=due, tries=0)
    if moved is None:
        raise TooLate
    return moved


def cancel(connection: sa.Connection, village_id: int, target_id: int, *, at: datetime, clock: Clock) -> Target:
    """It will not be sent. Raises TooLate once a call may have made it visible."""
    of = promo.targets.get(connection, village_id, target_id)
    if of.is_kept:
        return _wished(handing.wish(connection, of, handing.TAKING_BACK, at=at, clock=clock))
    if not of.is_movable:
        raise TooLate
    done = promo.targets.advance(connection, of, "cancelled", next_at=None, generation=of.generation + 1)
    if done is None:
        raise TooLate
    clock.cancel(connection, target_id, of.generation)
    return done


def _wished(done: Target | None) -> Target:
    if done is None:
        raise TooLate
    return done


def settle(
    connection: sa.Connection, village_id: int, target_id: int, *, is_there: bool, permalink: str | None = None, at: datetime, clock: Clock
) -> Target:
    """A person looked at the network and says whether the post is there: it is published, or goes out again now. Raises TooLate
    when the target does not wait for a person."""
    of = promo.targets.get(connection, village_id, target_id)
    if of.state != "needs_person":
        raise TooLate
    if is_there:
        done = promo.targets.advance(connection, of, "published", permalink=permalink, published_at=of.sending_at or at, next_at=None)
    else:
        done = _again(connection, of, at, at, clock, sending_at=None, draft=(), tries=0, due_at=at)  # a person's word is not late
    if done is None:
        raise TooLate
    return done


def wake(connection: sa.Connection, village_id: int, account_id: int, *, at: datetime, clock: Clock) -> int:
    """The account works again: everything that waited for it goes on; how many."""
    where = (target.c.village_id == village_id, target.c.account_id == account_id, target.c.state.in_(("waiting", "reconciling")))
    woken = 0
    for row in connection.execute(sa.select(target).where(*where, target.c.next_at.is_(None))).all():
        of = promo.targets.of_row(row)
        to = "reconciling" if of.state == "reconciling" else "scheduled"
        woken += _again(connection, of, at, at, clock, to=to) is not None
    return woken


def doubt(connection: sa.Connection, *, at: datetime) -> int:
    """After a backup was restored: whatever fell due since may have been sent by what ran then, so it is looked for before it is sent;
    how many. The publisher's sweep takes it from there."""
    open_and_due = (target.c.state.in_(promo.targets.OPEN), target.c.due_at <= at)
    values = {"state": "reconciling", "reason": "maybe", "next_at": at, "generation": target.c.generation + 1}
    sent_at = sa.func.coalesce(target.c.sending_at, target.c.due_at)
    kept = handing.doubt(connection, at=at)
    return kept + connection.execute(target.update().where(*open_and_due).values(**values, sending_at=sent_at)).rowcount


def _again(
    connection: sa.Connection, of: Target, when: datetime, at: datetime, clock: Clock, *, to: str = "scheduled", **values: object
) -> Target | None:
    done = promo.targets.advance(connection, of, to, next_at=when, generation=of.generation + 1, **values)
    if done is not None:
        clock.move(connection, of.id, done.generation, when, now=at)
    return done


def titles(connection: sa.Connection, village_id: int, post_ids: Collection[int]) -> dict[int, str]:
    """{post: its title} of these posts."""
    query = sa.select(post.c.id, post.c.title).where(post.c.village_id == village_id, post.c.id.in_(list(post_ids)))
    return {row.id: row.title for row in connection.execute(query)}
