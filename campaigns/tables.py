"""The tables of campaigns: links, the raw log of clicks and outcomes, and the counts rolled up from them."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware datetime kept in UTC; SQLite has no zones, so they are cut on the way in and put back on the way out."""

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

link = sa.Table(
    "link",
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("code", sa.Text, nullable=False, unique=True),  # upper-case Crockford base32, see links.py
    sa.Column("kind", sa.Text, nullable=False),  # qr | post | bio | print | wa | share
    sa.Column("title", sa.Text, nullable=False),  # what staff call it: "East gate, A3 board"
    sa.Column("target_kind", sa.Text, nullable=False),  # village | attraction | product ...; its owner knows what it means
    sa.Column("target_id", sa.BigInteger),
    sa.Column("attraction_id", sa.BigInteger, index=True),
    sa.Column("post_id", sa.BigInteger, index=True),
    sa.Column("network", sa.Text),
    sa.Column("placement", sa.Text),
    sa.Column("campaign_id", sa.BigInteger, index=True),
    sa.Column("url", sa.Text),  # of a target outside our own shop, https only; target_kind "url"
    sa.Column("utm", sa.JSON, nullable=False),  # what an outside target is told: {"utm_source": ...}; never part of what is printed
    sa.Column("rules", sa.JSON, nullable=False),  # [{since, until, language, target_kind, target_id, url}]: the first that fits leads
    sa.Column("ends_on", sa.Date),  # the village's last day of this link; after it, it leads to the village
    sa.Column("state", sa.Text, nullable=False),  # open | withdrawn
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False, index=True),
)

link_change = sa.Table(
    "link_change",  # append-only: where each link led, since when, and by whose hand
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, nullable=False),
    sa.Column("link_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("by", sa.Text, nullable=False),  # the login of staff; empty: the program
    sa.Column("what", sa.Text, nullable=False),  # made | retargeted | rules | ends | withdrawn
    sa.Column("target_kind", sa.Text, nullable=False),
    sa.Column("target_id", sa.BigInteger),
    sa.Column("url", sa.Text),
    sa.Column("rules", sa.JSON, nullable=False),
    sa.Column("ends_on", sa.Date),
)

campaign = sa.Table(
    "campaign",  # a group of links with a name and dates
    metadata,
    number_id(),
    sa.Column("village_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("since", sa.Date, nullable=False),  # the village's own days, both included
    sa.Column("until", sa.Date, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),  # when its name, dates or links last changed
)

impression = sa.Table(
    "impression",  # how often a network has shown a post so far, as read on a day: a total, never a difference
    metadata,
    sa.Column("link_id", sa.BigInteger, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),  # the village's own
    sa.Column("source", sa.Text, primary_key=True),  # typed | network
    sa.Column("village_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("shown", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

click = sa.Table(
    "click",  # about 34 bytes a row in SQLite, where a number takes as many as it needs; see clicks.py for what is packed
    metadata,
    number_id(),
    sa.Column("moment", sa.BigInteger, nullable=False),  # the second it came, and the village's own day beside it
    sa.Column("link_id", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.SmallInteger, nullable=False),  # clicks.Kind
    sa.Column("visitor", sa.BigInteger),  # the day's salted identity, meaningless once the salt is gone
    sa.Column("looks", sa.SmallInteger, nullable=False),  # in-app browser, device and language
    sa.Column("key", sa.BigInteger, nullable=False),  # random; an order remembers it
    sa.Column("at_ms", sa.BigInteger, sa.Computed("((moment >> 2) + 1577836800) * 1000")),  # milliseconds since 1970, UTC
    sa.Column("day", sa.Integer, sa.Computed("CAST(((moment >> 2) + 1577836800) / 86400 + (moment & 3) - 1 AS INTEGER)")),  # since 1970
)

outcome = sa.Table(
    "outcome",
    metadata,
    number_id(),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("day", sa.Date, nullable=False),  # the village's own
    sa.Column("village_id", sa.BigInteger, nullable=False),
    sa.Column("link_id", sa.BigInteger, nullable=False),  # 0 = nobody knows where from
    sa.Column("click_key", sa.BigInteger),
    sa.Column("kind", sa.Text, nullable=False),  # view | cart | whatsapp | order | handover | reduced | cancelled | done
    sa.Column("subject_id", sa.BigInteger),  # the product seen, or the order
    sa.Column("rupiah", sa.BigInteger, nullable=False),
    sa.Index("ix_outcome_village_id_at", "village_id", "at"),
    sa.Index("ix_outcome_click_key", "click_key"),  # how far a visit has come already: see outcomes.py
)

mark = sa.Table(
    "mark",  # what the care of the counts remembers: kept_since, the first day of which every raw click is still there
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

salt = sa.Table("salt", metadata, sa.Column("day", sa.Date, primary_key=True), sa.Column("secret", sa.LargeBinary, nullable=False))

day_visitor = sa.Table(
    "day_visitor",  # today's sets only; deleted with the salt when the day is closed
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("scope", sa.Text, primary_key=True),  # link | attraction | campaign | village
    sa.Column("scope_id", sa.BigInteger, primary_key=True),
    sa.Column("visitor", sa.BigInteger, primary_key=True),
    sqlite_with_rowid=False,
)

roll_hour = sa.Table(
    "roll_hour",
    metadata,
    sa.Column("link_id", sa.BigInteger, primary_key=True),
    sa.Column("hour", sa.Integer, primary_key=True),  # hours since 1970, UTC
    sa.Column("kind", sa.SmallInteger, primary_key=True),
    sa.Column("clicks", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

roll_day = sa.Table(
    "roll_day",
    metadata,
    sa.Column("village_id", sa.BigInteger, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),  # the village's own day
    sa.Column("link_id", sa.BigInteger, primary_key=True),
    sa.Column("kind", sa.SmallInteger, primary_key=True),
    sa.Column("clicks", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

roll_village_hour = sa.Table(
    "roll_village_hour",  # people of a whole village: its weeks are read at once, and the hours of its links are a hundred times as many
    metadata,
    sa.Column("village_id", sa.BigInteger, primary_key=True),
    sa.Column("hour", sa.Integer, primary_key=True),  # hours since 1970, UTC
    sa.Column("people", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

unique_day = sa.Table(
    "unique_day",  # daily visitors: not additive over links, so each scope has its own exact number
    metadata,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("scope_id", sa.BigInteger, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("visitors", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

roll_outcome = sa.Table(
    "roll_outcome",
    metadata,
    sa.Column("village_id", sa.BigInteger, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("link_id", sa.BigInteger, primary_key=True),  # 0 = nobody knows where from
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("rupiah", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

roll_month = sa.Table(
    "roll_month",  # one village's month in one row, so that thousands of villages stand on one page at once
    metadata,
    sa.Column("month", sa.Integer, primary_key=True),  # of the village's own days: year * 12 + month - 1
    sa.Column("village_id", sa.BigInteger, primary_key=True),
    sa.Column("people", sa.BigInteger, nullable=False),
    sa.Column("visitors", sa.BigInteger, nullable=False),  # summed over days
    sa.Column("orders", sa.BigInteger, nullable=False),  # net of what was called off, like the rupiah
    sa.Column("rupiah", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
