"""The tables of promo: accounts on networks, posts, their targets, the journal of attempts and the living workers."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware datetime kept in UTC. The same few lines stand in campaigns/tables.py: the engines import nobody, not even each other."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was given to the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def number_id() -> sa.Column[Any]:
    """The primary key: 64 bits on PostgreSQL, the row id on SQLite."""
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

account = sa.Table(
    "account",
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("network", sa.Text, nullable=False),  # the name of a file in promo/networks
    sa.Column("title", sa.Text, nullable=False),  # what staff call it: "Page of Desa Wonorejo"
    sa.Column("fields", sa.JSON, nullable=False),  # what may be shown: page id, handle, base URL
    sa.Column("sealed", sa.LargeBinary),  # what may not: tokens, sealed by accounts.py
    sa.Column("state", sa.Text, nullable=False),  # open | needs_login | removed
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("checked_at", UtcTime),  # the last look at the login, whatever it found
    sa.Column("expires_at", UtcTime),  # of the token; empty: none is known
    sa.Column("findings", sa.JSON),  # what that look found: [{"key", "level", "facts"}]
    sa.Column("app", sa.Text, index=True),  # for which its calls are counted; empty: nobody counts, or it is not known yet
    sa.Column("rests_until", UtcTime),  # the network said that the account has used up its hour
)

app = sa.Table(
    "app",  # a program as a network knows it, through which accounts of many villages may be connected
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("usage", sa.Integer),  # percent of its hour, as the network last said
    sa.Column("usage_at", UtcTime),
    sa.Column("rests_until", UtcTime),  # it was refused
)

spending = sa.Table(
    "spending",  # calls by app, ten minutes and village
    metadata,
    sa.Column("app", sa.Text, primary_key=True),
    sa.Column("slot", UtcTime, primary_key=True),  # when the ten minutes began
    sa.Column("village_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("calls", sa.Integer, nullable=False),
)

connecting = sa.Table(
    "connecting",  # a person is at the network's own page to let us in; one row a way there and back, gone after it
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # of the state that travels along: its SHA-256
    sa.Column("village_id", sa.BigInteger, nullable=False),
    sa.Column("network", sa.Text, nullable=False),
    sa.Column("held_by", sa.Text, nullable=False),  # the session at the desk that may come back with it
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # the PKCE verifier, then what may be chosen from, tokens and all
    sa.Column("made_at", UtcTime, nullable=False),
)

post = sa.Table(
    "post",
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("subject_kind", sa.Text, nullable=False),  # product | attraction | visit ...: opaque here
    sa.Column("subject_id", sa.BigInteger),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("caption", sa.Text, nullable=False),
    sa.Column("poster", sa.Text, nullable=False),  # the folder in assets/posters
    sa.Column("pictures", sa.JSON, nullable=False),  # {format: sha256 of the finished JPEG}
    sa.Column("alt", sa.Text, nullable=False),  # the words for who cannot see the picture
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("origin", sa.Text),  # the occurrence, row or slot it was made for: made once, however often it is asked for
    sa.Column("note", sa.Text),  # what the village head wrote when sending it back
    sa.Column("approved_by", sa.Text),
    sa.Column("approved_at", UtcTime),
    sa.UniqueConstraint("village_id", "origin"),
)

target = sa.Table(
    "target",
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("post_id", sa.BigInteger, sa.ForeignKey("post.id"), nullable=False, index=True),
    sa.Column("account_id", sa.BigInteger, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("network", sa.Text, nullable=False),
    sa.Column("format", sa.Text, nullable=False),  # square | portrait | story | landscape
    sa.Column("caption", sa.Text, nullable=False),  # frozen when scheduled, with this target's own link in it
    sa.Column("media", sa.JSON, nullable=False),  # [{"sha256", "alt"}] in the order they are shown
    sa.Column("link_id", sa.BigInteger),
    sa.Column("link_url", sa.Text),
    sa.Column("marker", sa.Text, nullable=False),  # the link's code: how a post is found again on the network
    sa.Column("due_at", UtcTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # posts.py lists them
    sa.Column("reason", sa.Text),  # why it waits, was rejected or needs a person: a key, never a sentence
    sa.Column("generation", sa.Integer, nullable=False),  # each new run of the same target counts one up
    sa.Column("sending_at", UtcTime),  # written before the publishing call
    sa.Column("next_at", UtcTime, index=True),  # when the publisher looks at it again; empty: it does not
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("remote_draft_id", sa.Text),  # a JSON list: what prepare has brought to the network, one entry a call
    sa.Column("remote_id", sa.Text),
    sa.Column("permalink", sa.Text),
    sa.Column("published_at", UtcTime),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("late_policy", sa.Text, nullable=False, default="within"),  # skip | within | ask
    sa.Column("late_hours", sa.Integer, nullable=False, default=6),  # of `within`
    sa.Column("frozen_sha", sa.Text),  # of the words and pictures as they were scheduled or approved
    sa.Column("lease_by", sa.Text),  # the worker that has it in hand
    sa.Column("lease_until", UtcTime),
    sa.UniqueConstraint("account_id", "marker"),
    sa.Index("ix_target_state_due_at", "state", "due_at"),
    sa.Index("ix_target_published_at", "published_at"),
    sa.Index("ix_target_village_id_due_at", "village_id", "due_at"),
)

attempt = sa.Table(
    "attempt",  # append-only: one row a call to a network, readable at the desk
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, nullable=False),
    sa.Column("target_id", sa.BigInteger, sa.ForeignKey("target.id"), nullable=False, index=True),
    sa.Column("step", sa.Text, nullable=False),  # prepare | publish | reconcile
    sa.Column("started_at", UtcTime, nullable=False),
    sa.Column("finished_at", UtcTime),
    sa.Column("outcome", sa.Text),  # a key of the journal's words; empty while the call is under way
    sa.Column("sent", sa.Text),  # no | maybe | yes
    sa.Column("status", sa.Integer),  # HTTP
    sa.Column("code", sa.Integer),
    sa.Column("subcode", sa.Integer),
    sa.Column("trace", sa.Text),  # the network's own reference, for their support
    sa.Column("worker", sa.Text, nullable=False),
)

result = sa.Table(
    "result",  # how many saw a published post and did something with it, as its network last said; empty: it did not say
    metadata,
    sa.Column("target_id", sa.BigInteger, sa.ForeignKey("target.id"), primary_key=True, autoincrement=False),
    sa.Column("village_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("looks", sa.Integer, nullable=False),  # so many have been taken
    sa.Column("next_at", UtcTime, index=True),  # of the next look; empty: the last one is over
    sa.Column("looked_at", UtcTime),  # of the last one that was answered
    sa.Column("trouble", sa.Text),  # the kind of failure of the last one that was not
    sa.Column("commented_at", UtcTime),  # written before the one attempt at the first comment
    sa.Column("views", sa.BigInteger),
    sa.Column("reach", sa.BigInteger),
    sa.Column("likes", sa.BigInteger),
    sa.Column("comments", sa.BigInteger),
    sa.Column("shares", sa.BigInteger),
    sa.Column("saves", sa.BigInteger),
    sa.Column("clicks", sa.BigInteger),
)

recurring = sa.Table(
    "recurring",  # a post that comes back every week on the village's clock; its occurrences are ordinary posts, made some weeks ahead
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("subject_kind", sa.Text, nullable=False),
    sa.Column("subject_id", sa.BigInteger),
    sa.Column("accounts", sa.JSON, nullable=False),  # their ids
    sa.Column("poster", sa.Text, nullable=False),
    sa.Column("style", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("weekday", sa.Integer, nullable=False),  # 0 is Monday
    sa.Column("clock", sa.Text, nullable=False),  # HH:MM in `zone`
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("last_day", sa.Date),
    sa.Column("filled_until", UtcTime, nullable=False),  # every occurrence up to here was made or told why not
    sa.Column("trouble", sa.Text),  # why the last occurrence was left out: a key
    sa.Column("state", sa.Text, nullable=False),  # open | ended
    sa.Column("made_by", sa.Text),
    sa.Column("made_at", UtcTime, nullable=False),
)

worker = sa.Table(
    "worker",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # random per process start, never used again
    sa.Column("seen_at", UtcTime, nullable=False),
)

listening = sa.Table(
    "listening",  # which public Instagram profile a village listens to, and how the last look ended
    metadata,
    sa.Column("village_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("handle", sa.Text, nullable=False),  # empty: none
    sa.Column("asked_at", UtcTime),  # written before a look begins
    sa.Column("looked_at", UtcTime),
    sa.Column("trouble", sa.Text),  # a key under listen.trouble
)

heard = sa.Table(
    "heard",  # posts of that profile as they were last seen
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, nullable=False),
    sa.Column("shortcode", sa.Text, nullable=False),  # Instagram's own: /p/<shortcode>/
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("likes", sa.BigInteger),  # empty: Instagram did not say
    sa.Column("comments", sa.BigInteger),
    sa.Column("caption", sa.Text, nullable=False),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.UniqueConstraint("village_id", "shortcode"),
)
