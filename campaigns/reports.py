"""Reports: who came by which link and what it led to. They read rolled-up counts only, so years of clicks do not slow them."""

import math
import operator
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from campaigns import funnels
from campaigns.clicks import Kind
from campaigns.funnels import Step
from campaigns.impressions import Reading
from campaigns.tables import link, roll_day, roll_hour, roll_outcome, unique_day

_OF_KIND = {
    Kind.PERSON: "people",
    Kind.ROBOT: "robots",
    Kind.PREVIEW: "previews",
    Kind.PREFETCH: "prefetches",
    Kind.HEAD: "heads",
    Kind.STAFF: "staff",
    Kind.BURST: "bursts",
}
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


@dataclass(frozen=True)
class Figures:
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

    def __add__(self, other: "Figures") -> "Figures":
        return total((self, other))


_values: Callable[[Figures], tuple[int, ...]] = operator.attrgetter(*(each.name for each in fields(Figures)))


def total(found: Iterable[Figures]) -> Figures:
    """All of these in one."""
    rows = [_values(one) for one in found]
    return Figures(*map(sum, zip(*rows, strict=True))) if rows else Figures()


# ---- figures of a span of days, both included ------------------------------------------------------------------------------------


def village(connection: sa.Connection, village_id: int, since: date, until: date) -> Figures:
    """All that happened in a village."""
    return _of_village(connection, _Span(village_id, since, until))


def _of_village(connection: sa.Connection, ours: "_Span") -> Figures:
    visitors = ours.visitors(unique_day.c.scope_id, "village", unique_day.c.scope_id == ours.village_id)
    found = _figures(connection, ours.clicks(roll_day.c.village_id), ours.outcomes(roll_outcome.c.village_id), visitors)
    return found.get(ours.village_id, Figures())


def by_link(connection: sa.Connection, village_id: int, since: date, until: date) -> dict[int, Figures]:
    """{link id: figures} of every link that has any; 0 is "nobody knows where from"."""
    ours = _Span(village_id, since, until)
    visitors = ours.visitors(unique_day.c.scope_id, "link", unique_day.c.scope_id.in_(_of_links(village_id, link.c.id)))
    return _figures(connection, ours.clicks(roll_day.c.link_id), ours.outcomes(roll_outcome.c.link_id), visitors)


def by_day(
    connection: sa.Connection, village_id: int, since: date, until: date, *, link_id: int | None = None
) -> list[tuple[date, Figures]]:
    """(day, figures) of every day of the span, of the village or of one of its links."""
    ours = _Span(village_id, since, until)
    clicks, outcomes = ours.clicks(roll_day.c.day), ours.outcomes(roll_outcome.c.day)
    visitors = ours.visitors(unique_day.c.day, "village", unique_day.c.scope_id == village_id)
    if link_id is not None:
        clicks, outcomes = clicks.where(roll_day.c.link_id == link_id), outcomes.where(roll_outcome.c.link_id == link_id)
        is_ours = unique_day.c.scope_id.in_(_of_links(village_id, link.c.id).where(link.c.id == link_id))
        visitors = ours.visitors(unique_day.c.day, "link", is_ours)
    found = _figures(connection, clicks, outcomes, visitors)
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
    them = _Span(village_id, known[-1], known[0], tuple(known))
    return Figures(*(math.floor(value / len(known) + 0.5) for value in _values(_of_village(connection, them))))


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
    """Which rows of each table a report is about: a village's, of the days from `since` to `until`, or of some of them alone."""

    village_id: int
    since: date
    until: date
    only: tuple[date, ...] = ()

    def _has(self, day: sa.Column[Any]) -> sa.ColumnElement[bool]:
        return day.in_(self.only) if self.only else day.between(self.since, self.until)

    def clicks(self, key: sa.ColumnElement[Any]) -> sa.Select[Any]:
        mine = sa.and_(roll_day.c.village_id == self.village_id, self._has(roll_day.c.day))
        return sa.select(key, roll_day.c.kind, sa.func.sum(roll_day.c.clicks)).where(mine).group_by(key, roll_day.c.kind)

    def outcomes(self, key: sa.ColumnElement[Any]) -> sa.Select[Any]:
        mine = sa.and_(roll_outcome.c.village_id == self.village_id, self._has(roll_outcome.c.day))
        sums = sa.func.sum(roll_outcome.c.count), sa.func.sum(roll_outcome.c.rupiah)
        return sa.select(key, roll_outcome.c.kind, *sums).where(mine).group_by(key, roll_outcome.c.kind)

    def visitors(self, key: sa.ColumnElement[Any], scope: str, which: sa.ColumnElement[bool]) -> sa.Select[Any]:
        mine = sa.and_(unique_day.c.scope == scope, which, self._has(unique_day.c.day))
        return sa.select(key, sa.func.sum(unique_day.c.visitors)).where(mine).group_by(key)


def _through_links(
    connection: sa.Connection, span: _Span, scope: str, key: sa.ColumnElement[Any], found: Mapping[int, Figures] | None
) -> dict[int, Figures]:
    """Clicks and outcomes are those of the links together; visitors are counted once for all of them, so they have numbers of their own."""
    found = by_link(connection, span.village_id, span.since, span.until) if found is None else found
    belongs = connection.execute(_of_links(span.village_id, key).add_columns(link.c.id).where(key.is_not(None)))
    groups: dict[int, list[Figures]] = defaultdict(list)
    for group, link_id in belongs:
        groups[group] += [found[link_id]] if link_id in found else []
    which = unique_day.c.scope_id.in_(_of_links(span.village_id, key).where(key.is_not(None)))
    visitors = {group: int(count) for group, count in connection.execute(span.visitors(unique_day.c.scope_id, scope, which))}
    summed = {group: replace(total(each), visitors=visitors.get(group, 0)) for group, each in groups.items()}
    return {group: figures for group, figures in summed.items() if figures != Figures()}


def _of_links(village_id: int, column: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return sa.select(column).where(link.c.village_id == village_id)


def _figures(connection: sa.Connection, clicks: sa.Select[Any], outcomes: sa.Select[Any], visitors: sa.Select[Any]) -> dict[Any, Figures]:
    """{key: figures} out of rows (key, kind, clicks), (key, kind, count, rupiah) and (key, visitors)."""
    sums: dict[Any, Counter[str]] = defaultdict(Counter)
    for key, kind, count in connection.execute(clicks):
        sums[key][_OF_KIND[Kind(kind)]] += int(count)
    for key, kind, count, rupiah in connection.execute(outcomes):
        for_count, for_rupiah = _OF_OUTCOME[kind]
        for figure, sign in for_count.items():
            sums[key][figure] += sign * int(count)
        for figure, sign in for_rupiah.items():
            sums[key][figure] += sign * int(rupiah)
    for key, count in connection.execute(visitors):
        sums[key]["visitors"] += int(count)
    return {key: Figures(**of_key) for key, of_key in sums.items()}
