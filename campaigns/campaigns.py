"""Campaigns: links of signs, posts and other places under one name, from a day to a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from campaigns import days, keeping, rebuilding
from campaigns.clicks import Kind
from campaigns.tables import campaign, click, day_visitor, link, unique_day

SETTLED = timedelta(days=3)  # so long after its links changed, a campaign's visitors are counted anew: clicks under way knew the old


class UnknownCampaign(LookupError):
    """This village has no campaign of this id."""


@dataclass(frozen=True)
class Campaign:
    """A campaign; `since` and `until` are the village's own days, both included."""

    id: int
    village_id: int
    name: str
    since: date
    until: date
    made_at: datetime


_COLUMNS = [campaign.c[name] for name in Campaign.__dataclass_fields__]


def create(connection: sa.Connection, *, village_id: int, name: str, since: date, until: date, at: datetime) -> Campaign:
    """A new campaign without links."""
    row = {"village_id": village_id, "name": name, "since": since, "until": until, "made_at": at, "changed_at": at}
    made = connection.execute(campaign.insert().values(**row).returning(campaign.c.id)).scalar_one()
    return get(connection, village_id, made)


def get(connection: sa.Connection, village_id: int, campaign_id: int) -> Campaign:
    """A campaign of this village. Raises UnknownCampaign."""
    row = connection.execute(sa.select(*_COLUMNS).where(campaign.c.village_id == village_id, campaign.c.id == campaign_id)).first()
    if row is None:
        raise UnknownCampaign(str(campaign_id))
    return Campaign(*row)


def listed(connection: sa.Connection, village_id: int) -> list[Campaign]:
    """The campaigns of a village, the one that ends last first."""
    query = sa.select(*_COLUMNS).where(campaign.c.village_id == village_id).order_by(campaign.c.until.desc(), campaign.c.id.desc())
    return [Campaign(*row) for row in connection.execute(query)]


def change(connection: sa.Connection, village_id: int, campaign_id: int, *, name: str, since: date, until: date, at: datetime) -> None:
    """Give a campaign another name or other days. Raises UnknownCampaign."""
    get(connection, village_id, campaign_id)
    connection.execute(campaign.update().where(campaign.c.id == campaign_id).values(name=name, since=since, until=until, changed_at=at))


def set_links(connection: sa.Connection, village_id: int, campaign_id: int, link_ids: Iterable[int], *, at: datetime) -> None:
    """Let these links of the village, and no others, belong to a campaign; a link belongs to one at most. Raises UnknownCampaign.

    Past clicks go with their link: visitors are counted anew from the raw clicks that are still kept.
    """
    get(connection, village_id, campaign_id)
    ours = link.c.village_id == village_id
    chosen = sa.and_(ours, link.c.id.in_(list(link_ids)))
    coming = sa.and_(chosen, sa.or_(link.c.campaign_id.is_(None), link.c.campaign_id != campaign_id))
    leaving = sa.and_(ours, link.c.campaign_id == campaign_id, link.c.id.not_in(list(link_ids)))
    touched = {campaign_id, *connection.scalars(sa.select(link.c.campaign_id).distinct().where(coming, link.c.campaign_id.is_not(None)))}
    connection.execute(link.update().where(leaving).values(campaign_id=None, changed_at=at))
    connection.execute(link.update().where(coming).values(campaign_id=campaign_id, changed_at=at))
    connection.execute(campaign.update().where(campaign.c.id.in_(touched)).values(changed_at=at))
    _count_anew(connection, sorted(touched))


def add_links(connection: sa.Connection, village_id: int, campaign_id: int, link_ids: Iterable[int], *, at: datetime) -> None:
    """Let these links belong to a campaign too. Raises UnknownCampaign."""
    has = sa.select(link.c.id).where(link.c.village_id == village_id, link.c.campaign_id == campaign_id)
    set_links(connection, village_id, campaign_id, {*connection.scalars(has), *link_ids}, at=at)


def remove(connection: sa.Connection, village_id: int, campaign_id: int, *, at: datetime) -> None:
    """Dissolve a campaign; its links and all their figures stay. Raises UnknownCampaign."""
    set_links(connection, village_id, campaign_id, (), at=at)
    connection.execute(campaign.delete().where(campaign.c.id == campaign_id))


def settle(connection: sa.Connection, at: datetime) -> list[int]:
    """Count the visitors of campaigns anew whose links changed of late; returns their ids. May be called at any time.

    A click that was under way while a link changed its campaign was counted for the old one.
    """
    late = list(connection.scalars(sa.select(campaign.c.id).where(campaign.c.changed_at > at - SETTLED).order_by(campaign.c.id)))
    if late:
        _count_anew(connection, late)
    return late


def _count_anew(connection: sa.Connection, campaign_ids: Sequence[int]) -> None:
    """Make the daily visitors of these campaigns from the raw clicks of all days that are kept."""
    oldest = connection.scalar(sa.select(sa.func.min(click.c.day)))  # what is older was counted while its clicks were there
    if oldest is None:
        return
    rebuilding.alone(connection)
    kept = keeping.kept_since(connection)
    oldest = max(oldest, days.from_date(kept)) if kept else oldest  # a day of which clicks are dropped stays as it was counted
    met = (
        sa.select(link.c.campaign_id, click.c.day, click.c.visitor)
        .distinct()
        .join_from(link, click, click.c.link_id == link.c.id)
        .where(link.c.campaign_id.in_(campaign_ids), click.c.kind == int(Kind.PERSON), click.c.visitor.is_not(None))
        .where(click.c.day >= oldest)
    )
    seen = [(campaign_id, days.to_date(day), visitor) for campaign_id, day, visitor in connection.execute(met)]
    is_open = set(connection.scalars(sa.select(day_visitor.c.day).distinct()))  # every visitor of an open day is there for her link
    mine = sa.and_(unique_day.c.scope == "campaign", unique_day.c.scope_id.in_(campaign_ids), unique_day.c.day >= days.to_date(oldest))
    connection.execute(unique_day.delete().where(mine))
    connection.execute(day_visitor.delete().where(day_visitor.c.scope == "campaign", day_visitor.c.scope_id.in_(campaign_ids)))
    counts: dict[tuple[int, date], int] = {}
    for campaign_id, day, _ in seen:
        counts[campaign_id, day] = counts.get((campaign_id, day), 0) + 1
    if counts:
        rows = [{"scope": "campaign", "scope_id": id_, "day": day, "visitors": count} for (id_, day), count in sorted(counts.items())]
        connection.execute(unique_day.insert(), rows)
    today = [{"day": day, "scope": "campaign", "scope_id": id_, "visitor": visitor} for id_, day, visitor in seen if day in is_open]
    if today:
        connection.execute(day_visitor.insert(), today)
