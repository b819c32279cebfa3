"""Reports: who came by which link and what it led to. They read rolled-up counts only, so years of clicks do not slow them."""

import functools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from campaigns import funnels
from campaigns.clicks import Kind
from campaigns.funnels import Step
from campaigns.impressions import Reading
from campaigns.tables import link, roll_day, roll_hour

_OF_OUTCOME: dict[
    str, tuple[dict[str, int], dict[str, int]]
] = {  # outcome: (figures its count goes into, figures its rupiah go into), each with the sign
    "view": ({"views": 1}, {}),
    "cart": ({"carts": 1}, {}),
    "whatsapp": ({"whatsapps": 1}, {}),
    "order": ({"orders": 1}, {"rupiah": 1}),
    "handover": ({"handovers": 1}, {}),
    "reduced": ({}, {"rupiah": -1}),
    "cancelled": ({"orders": -1, "cancelled": 1}, {"rupiah": -1}),
    "done": ({}, {"done_rupiah": 1}),
    "reached_view": ({"viewers": 1}, {}),
    "reached_interest": ({"interested": 1}, {}),
    "reached_order": ({"buyers": 1}, {}),
}


class Figures(NamedTuple):
    """What happened in a span of days: clicks by kind, then what people did.

    `visitors` are exact per day and scope, and summed over days: who comes on two days counts twice; they are not the sum over links.
    `orders` and `rupiah` are net: what is called off is taken off the day it was recorded for; recorded for the day of the
    order, no day falls below zero.
    `done_rupiah` is what was handed over. `whatsapps` are questions, `handovers` orders whose text was taken to WhatsApp.
    `viewers`, `interested` and `buyers` are clicks, each counted once: who looked at a product, who then took one or asked, who ordered.
    """

    people: int = 0
    robots: int = 0
    previews: int = 0
    prefetches: int = 0
    heads: int = 0
    staff: int = 0
    bursts: int = 0
    visitors: int = 0
    views: int = 0
    carts: int = 0
    whatsapps: int = 0
    orders: int = 0
    cancelled: int = 0
    rupiah: int = 0
    done_rupiah: int = 0
    handovers: int = 0
    viewers: int = 0
    interested: int = 0
    buyers: int = 0

    def __add__(self, other: "Figures") -> "Figures":  # type: ignore[override]  # of figures, not of tuples
        return total((self, other))


_PLACES = {name: place for place, name in enumerate(Figures._fields)}
_NO_OUTCOMES = [0] * (len(Figures._fields) - len(Kind))  # the figures begin with clicks by kind, in the order of the kinds


def total(found: Iterable[Figures]) -> Figures:
    """All of these in one."""
    return Figures(*map(sum, zip(Figures(), *found, strict=True)))


# ---- figures of a span of days, both included ------------------------------------------------------------------------------------


def village(connection: sa.Connection, village_id: int, since: date, until: date) -> Figures:
    """All that happened in a village."""
    return _of_village(connection, _Span(village_id, since, until))


def _of_village(connection: sa.Connection, ours: "_Span") -> Figures:
    return _figures(connection, ours, "village_id", "village").get(ours.village_id, Figures())


def by_link(connection: sa.Connection, village_id: int, since: date, until: date) -> dict[int, Figures]:
    """{link id: figures} of every link that has any; 0 is "nobody knows where from"."""
    return _figures(connection, _Span(village_id, since, until), "link_id", "link")


def by_day(
    connection: sa.Connection, village_id: int, since: date, until: date, *, link_id: int | None = None
) -> list[tuple[date, Figures]]:
    """(day, figures) of every day of the span, of the village or of one of its links."""
    found = _figures(connection, _Span(village_id, since, until, link_id=link_id), "day", "village" if link_id is None else "link")
    span = (since + timedelta(days=after) for after in range((until - since).days + 1))
    return [(day, found.get(day, Figures())) for day in span]


def by_attraction(
    connection: sa.Connection, village_id: int, since: date, until: date, *, found: Mapping[int, Figures] | None = None
) -> dict[int, Figures]:
    """{attraction id: figures} over the links that stand at each attraction; `found` is what `by_link` said, where it was asked already."""
    return _through_links(connection, _Span(village_id, since, until), "attraction", link.c.attraction_id, found)


def by_campaign(
    connection: sa.Connection, village_id: int, since: date, until: date, *, found: Mapping[int, Figures] | None = None
) -> dict[int, Figures]:
    """{campaign id: figures} over the links of each campaign; `found` as above."""
    return _through_links(connection, _Span(village_id, since, until), "campaign", link.c.campaign_id, found)


def same_weekday_mean(connection: sa.Connection, village_id: int, day: date, *, weeks: int = 4) -> Figures | None:
    """What is usual for the weekday of `day`: the mean of that weekday in the weeks before, rounded to whole numbers.

    Weeks before the village's first click are left out; None when no week is left to compare with.
    """
    first = connection.scalar(sa.select(sa.func.min(roll_day.c.day)).where(roll_day.c.village_id == village_id))
    before = [day - timedelta(weeks=back) for back in range(1, weeks + 1)]
    known = [past for past in before if first is not None and past >= first]
    if not known:
        return None
    found = _of_village(connection, _Span(village_id, known[-1], known[0], is_weekly=True))
    return Figures(*(math.floor(value / len(known) + 0.5) for value in found))


def last_scans(connection: sa.Connection, village_id: int) -> dict[int, datetime]:
    """{link id: the hour in which a person last came by it}; links nobody has used are left out."""
    ours = sa.and_(roll_hour.c.link_id == link.c.id, roll_hour.c.kind == int(Kind.PERSON))
    last = sa.select(roll_hour.c.hour).where(ours).order_by(roll_hour.c.hour.desc()).limit(1).scalar_subquery()  # one step in the index
    rows = connection.execute(sa.select(link.c.id, last).where(link.c.village_id == village_id))
    return {link_id: datetime.fromtimestamp(hour * 3600, UTC) for link_id, hour in rows if hour is not None}


# ---- what figures say ------------------------------------------------------------------------------------------------------------


def funnel(figures: Figures) -> list[Step]:
    """people > viewers > interested (cart or a question on WhatsApp) > buyers: clicks each counted once, so that no step is above 100 %."""
    return funnels.steps([(name, getattr(figures, name)) for name in ("people", "viewers", "interested", "buyers")])


def clicks_until(connection: sa.Connection, village_id: int, readings: Iterable[Reading], zone: str) -> dict[int, int]:
    """{link id: people who came by it up to the day its impressions were read}: both sides of a click-through rate are of the same days.

    Read from the hours of just these links: a post has a few hundred, its village many thousands of days of links. Zones are whole hours.
    """
    found: dict[int, int] = {}
    people = sa.func.sum(roll_hour.c.clicks)
    query = sa.select(link.c.id, people).join_from(link, roll_hour, roll_hour.c.link_id == link.c.id).group_by(link.c.id)
    query = query.where(link.c.village_id == village_id, roll_hour.c.kind == int(Kind.PERSON))
    for day, group in groupby(sorted(readings, key=lambda one: one.day), key=lambda one: one.day):
        ids = [one.link_id for one in group]
        over = int(datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).timestamp()) // 3600
        rows = connection.execute(query.where(link.c.id.in_(ids), roll_hour.c.hour < over))
        found |= dict.fromkeys(ids, 0)
        found |= {link_id: int(count) for link_id, count in rows}
    return found


# ---- the three tables ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Span:
    """Which rows of each table a report is about: a village's, from one day to another; of one of its links, of every seventh day."""

    village_id: int
    since: date
    until: date
    link_id: int | None = None
    is_weekly: bool = False

    @property
    def days(self) -> list[date]:
        step = 7 if self.is_weekly else 1
        return [self.since + timedelta(days=after) for after in range(0, (self.until - self.since).days + 1, step)]

    @property
    def facts(self) -> dict[str, Any]:
        """What the queries ask for by name."""
        days = {"days": self.days} if self.is_weekly else {"since": self.since, "until": self.until}
        return {"village": self.village_id, **days} | ({} if self.link_id is None else {"link": self.link_id})


def _through_links(
    connection: sa.Connection, span: _Span, scope: str, key: sa.ColumnElement[Any], found: Mapping[int, Figures] | None
) -> dict[int, Figures]:
    """Clicks and outcomes are those of the links together; visitors are counted once for all of them, so they have numbers of their own."""
    found = by_link(connection, span.village_id, span.since, span.until) if found is None else found
    belongs = connection.execute(_of_links(span.village_id, key).add_columns(link.c.id).where(key.is_not(None)))
    groups: dict[int, list[Figures]] = defaultdict(list)
    for group, link_id in belongs:
        groups[group] += [found[link_id]] if link_id in found else []
    visitors = {group: int(count) for group, count in connection.execute(_queries("scope_id", scope).visitors, span.facts)}
    summed = {group: total(each)._replace(visitors=visitors.get(group, 0)) for group, each in groups.items()}
    return {group: figures for group, figures in summed.items() if figures != Figures()}


def _of_links(village_id: int, column: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return sa.select(column).where(link.c.village_id == village_id)


class _Queries(NamedTuple):
    """Rows (key, clicks of each kind), (key, kind, count, rupiah) and (key, visitors)."""

    clicks: sa.Executable
    outcomes: sa.Executable
    visitors: sa.Executable


@functools.cache
def _queries(key: str, scope: str, *, of_link: bool = False, is_weekly: bool = False) -> _Queries:
    """Written once: building such a statement takes as long as reading a thousand rows."""
    days = "day IN :days" if is_weekly else "day BETWEEN :since AND :until"
    mine = f"village_id = :village AND {days}" + (" AND link_id = :link" if of_link else "")
    kinds = ", ".join(f"sum(clicks) FILTER (WHERE kind = {int(kind)})" for kind in Kind)
    column = "id" if scope == "link" else f"{scope}_id"
    which = "id = :link" if of_link else f"{column} IS NOT NULL"
    whose = "= :village" if scope == "village" else f"IN (SELECT {column} FROM link WHERE village_id = :village AND {which})"  # noqa: S608
    by = "day" if key == "day" else "scope_id"
    texts = (  # of our own names alone
        f"SELECT {key}, {kinds} FROM roll_day WHERE {mine} GROUP BY {key}",  # noqa: S608
        f"SELECT {key}, kind, sum(count), sum(rupiah) FROM roll_outcome WHERE {mine} GROUP BY {key}, kind",  # noqa: S608
        f"SELECT {by}, sum(visitors) FROM unique_day WHERE scope = '{scope}' AND scope_id {whose} AND {days} GROUP BY {by}",  # noqa: S608
    )
    types = [sa.bindparam("days", type_=sa.Date, expanding=True)] if is_weekly else _FROM_TO
    return _Queries(*(sa.text(text).bindparams(*types).columns(day=sa.Date) for text in texts))


_FROM_TO = [sa.bindparam("since", type_=sa.Date), sa.bindparam("until", type_=sa.Date)]


def _figures(connection: sa.Connection, span: _Span, key: str, scope: str) -> dict[Any, Figures]:
    """{key: figures}; `key` is the column by which they are told apart, `scope` whose visitors are counted."""
    queries = _queries(key, scope, of_link=span.link_id is not None, is_weekly=span.is_weekly)
    clicks, outcomes, visitors = (connection.execute(query, span.facts).all() for query in queries)
    sums: dict[Any, list[int]] = {}
    for row in clicks:
        sums[row[0]] = [int(count or 0) for count in row[1:]] + _NO_OUTCOMES
    for of, kind, *counts in outcomes:
        for signs, count in zip(_OF_OUTCOME[kind], counts, strict=True):
            for figure, sign in signs.items():
                sums.setdefault(of, [*Figures()])[_PLACES[figure]] += sign * int(count)
    for of, count in visitors:
        sums.setdefault(of, [*Figures()])[_PLACES["visitors"]] += int(count)
    return {of: Figures(*values) for of, values in sums.items()}
