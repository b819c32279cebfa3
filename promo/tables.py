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
    sa.UniqueConstraint("account_id", "marker"),
    sa.Index("ix_target_state_due_at", "state", "due_at"),
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
