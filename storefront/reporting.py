"""A village's report over some days, gathered once for whoever shows it: the desk, a spreadsheet, the month on paper, a public address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from campaigns import campaigns, comparisons, impressions, links, reports, rhythms
from campaigns.funnels import Step
from campaigns.impressions import Reading
from campaigns.links import Link
from campaigns.reports import Figures
from campaigns.rhythms import Silence
from promo import results
from promo.results import Result
from storefront import attractions, charts, languages
from storefront.villages import Village

DAY = timedelta(days=1)
GROUPS = ("per_sign", "per_post", "per_other")


@dataclass(frozen=True)
class ClickThrough:
    """Clicks of impressions up to the same day; `interval` is Wilson's. `is_odd` where there were more clicks than impressions."""

    clicks: int
    reading: Reading

    @property
    def is_odd(self) -> bool:
        return self.clicks > self.reading.shown

    @property
    def share(self) -> float:
        return self.clicks / self.reading.shown if self.reading.shown else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        return comparisons.wilson(self.clicks, self.reading.shown)


@dataclass(frozen=True)
class Row:
    """What one link brought; `link` is None for what came by none. `result` is how its post was received, as the network tells."""

    link: Link | None
    figures: Figures
    silence: Silence | None = None
    click_through: ClickThrough | None = None
    result: Result | None = None


@dataclass(frozen=True)
class Spot:
    """What the signs of one attraction brought, and the hour in which one of them was last scanned."""

    attraction_id: int
    name: str
    figures: Figures
    last_at: datetime | None


@dataclass(frozen=True)
class Report:
    """Figures of the days `since` to `until`, both included, on the village's own calendar. `scanned` are those that came by links."""

    since: date
    until: date
    total: Figures
    scanned: Figures
    days: list[tuple[date, Figures]]
    groups: Mapping[str, list[Row]]
    spots: list[Spot]
    campaigns: list[tuple[str, int, Figures]]
    week: list[int]

    @property
    def funnel(self) -> list[Step]:
        return reports.funnel(self.scanned)

    @property
    def received(self) -> list[Row]:
        """The posts of the networks, whether or not these tell how they were received."""
        return [row for row in self.groups["per_post"] if row.link and row.link.network]

    @property
    def silent(self) -> list[Row]:
        return [row for row in self.groups["per_sign"] if row.silence and row.silence.is_alarming]


def gather(connection: sa.Connection, village: Village, since: date, until: date, at: datetime, language: str) -> Report:
    """All of it, from rolled-up counts only."""
    found = reports.by_link(connection, village.id, since, until)
    own = links.listed(connection, village.id)
    days = reports.by_day(connection, village.id, since, until)
    groups = _groups(connection, village, own, found, span(village, since, until), at)
    silences = {row.link.id: row.silence for row in groups["per_sign"] if row.link}
    named = {one.id: one.name for one in campaigns.listed(connection, village.id)}
    of_campaigns = reports.by_campaign(connection, village.id, since, until, found=found) if named else {}
    return Report(
        since,
        until,
        reports.total(figures for _, figures in days),
        reports.total(figures for link_id, figures in found.items() if link_id),
        days,
        groups,
        _spots(connection, village, own, silences, reports.by_attraction(connection, village.id, since, until, found=found), language),
        [(named[key], key, figures) for key, figures in sorted(of_campaigns.items(), key=lambda pair: -pair[1].people) if key in named],
        rhythms.by_hour_of_week(connection, village.id, *span(village, since, until), village.zone),
    )


def span(village: Village, since: date, until: date) -> tuple[datetime, datetime]:
    """The first moment of a day and the moment after the last of another, by the village's clock."""
    zone = ZoneInfo(village.zone)
    return datetime.combine(since, time(), zone), datetime.combine(until + DAY, time(), zone)


def _groups(
    connection: sa.Connection,
    village: Village,
    own: list[Link],
    found: Mapping[int, Figures],
    times: tuple[datetime, datetime],
    at: datetime,
) -> dict[str, list[Row]]:
    """Every link with figures, every open sign, and every post of these times: a post of last year stays in the report of last year."""
    silences = rhythms.silences(connection, village.id, at)
    shown = {link.id for link in own if link.id in found or times[0] <= link.made_at < times[1]}
    read = {link_id: one for link_id, one in impressions.latest(connection, village.id).items() if link_id in shown}
    clicks = reports.clicks_until(connection, village.id, read.values(), village.zone)
    told = {link_id: one for link_id, one in results.of_links(connection, village.id).items() if link_id in shown}
    groups: dict[str, list[Row]] = {name: [] for name in GROUPS}
    for link in own:
        figures = found.get(link.id)
        if figures or link.id in read or link.id in told or (link.kind == "qr" and link.state == "open"):
            rate = ClickThrough(clicks[link.id], read[link.id]) if link.id in read else None
            groups[group_of(link)].append(Row(link, figures or Figures(), silences.get(link.id), rate, told.get(link.id)))
    if 0 in found:
        groups["per_other"].append(Row(None, found[0]))
    for rows in groups.values():
        rows.sort(key=lambda row: (row.figures.rupiah, row.figures.people), reverse=True)
    return groups


def group_of(link: Link) -> str:
    return {"qr": "per_sign", "post": "per_post"}.get(link.kind, "per_other")


def _spots(
    connection: sa.Connection,
    village: Village,
    own: list[Link],
    silences: Mapping[int, Silence | None],
    found: Mapping[int, Figures],
    language: str,
) -> list[Spot]:
    lasts: dict[int, datetime] = {}
    for link in own:
        silence = silences.get(link.id)
        if link.attraction_id and silence and silence.last_at:
            lasts[link.attraction_id] = max(lasts.get(link.attraction_id, silence.last_at), silence.last_at)
    spots = [
        Spot(one.id, languages.pick(one.name, language), found.get(one.id, Figures()), lasts.get(one.id))
        for one in attractions.listed(connection, village.id)
        if one.id in found or one.id in lasts
    ]
    return sorted(spots, key=lambda spot: spot.figures.people, reverse=True)


# ---- pictures with their words -------------------------------------------------------------------------------------------------------


def chart(language: str, days: list[tuple[date, Figures]], *, is_month: bool = False) -> str:
    """The people of each day as bars; within one month the day's number says it all."""
    counts = [(str(day.day) if is_month else f"{day.day}/{day.month}", figures.people) for day, figures in days]
    most_day, most = max(((day, figures.people) for day, figures in days), key=lambda pair: pair[1])
    facts = {"total": sum(count for _, count in counts), "days": len(days), "most": most, "day": languages.day(language, most_day)}
    desc = languages.say(language, "report.chart_desc", **facts) if most else languages.say(language, "report.chart_none")
    return charts.bars(counts, title=languages.say(language, "report.per_day"), desc=desc)


def heat(language: str, week: list[int]) -> str:
    """The people of each hour of the week as squares."""
    most = max(week)
    place = week.index(most)
    facts = {"weekday": languages.weekdays(language)[place // 24], "hour": f"{place % 24:02}.00", "count": most}
    desc = languages.say(language, "report.hours_desc", **facts) if most else languages.say(language, "report.hours_none")
    return charts.heat(week, languages.weekdays(language), title=languages.say(language, "report.hours_title"), desc=desc)


def busiest(language: str, week: list[int], zone: str) -> str:
    """A sentence that names the two busiest hours of the week in a row; "" where there were none."""
    pairs = [week[hour] + week[hour + 1] if hour % 24 < 23 else 0 for hour in range(len(week) - 1)]
    if not max(pairs):
        return ""
    place = pairs.index(max(pairs))
    facts = {"from_hour": f"{place % 24:02}", "to_hour": f"{place % 24 + 2:02}", "zone": languages.ZONE_NAMES.get(zone, zone)}
    return languages.say(language, "report.busiest", weekday=languages.weekdays(language)[place // 24], **facts)
