"""The figures of every village of this installation as plain values, for the command line and for machines."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from campaigns import campaigns, impressions, links, reports
from campaigns.impressions import Reading
from campaigns.links import Link
from campaigns.reports import Figures
from promo import results
from promo.results import Result
from storefront import villages
from storefront.reportfiles import TOLD
from storefront.villages import Village

USUAL = timedelta(days=29)
NAMES = ("code", "kind", "title", "network", "placement", "state", "attraction_id")  # what a link is called by


def of_installation(connection: sa.Connection, at: datetime, since: date | None = None, until: date | None = None) -> list[dict[str, Any]]:
    """One entry a village: its own figures, and under `links` those of each sign, post and other link, of no link at last.

    Days are the village's own, both included: the 30 up to its own today unless said. `visitors` are "at least": phones behind one
    address look alike.
    """
    found = []
    for village in villages.listed(connection):
        last = until or village.local(at).date()
        first = since or last - USUAL
        total = reports.village(connection, village.id, first, last)._asdict()
        rows = list(_links(connection, village, first, last))
        named = {"name": village.name, "slug": village.slug, "zone": village.zone, "since": first, "until": last}
        found.append({**named, "visitors_are": "at least", **total, "links": rows})
    return found


def _links(connection: sa.Connection, village: Village, since: date, until: date) -> Iterator[dict[str, Any]]:
    village_id = village.id
    found = reports.by_link(connection, village_id, since, until)
    named = {one.id: one.name for one in campaigns.listed(connection, village_id)}
    read = impressions.latest(connection, village_id)
    clicks = reports.clicks_until(connection, village_id, read.values(), village.zone)
    told = results.of_links(connection, village_id)
    for link in links.listed(connection, village_id):
        shown = {**_shown(read.get(link.id), clicks), **_told(told.get(link.id))}
        yield {**_named(link, named), **shown, **found.get(link.id, Figures())._asdict()}
    if 0 in found:
        yield {**dict.fromkeys((*NAMES, "campaign")), **_shown(None, clicks), **_told(None), **found[0]._asdict()}


def _told(result: Result | None) -> dict[str, int | None]:
    """How its post was received, as the network tells; None: it does not say."""
    return {name: getattr(result, name, None) for name in TOLD}


def _named(link: Link, campaigns_by_id: Mapping[int, str]) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(link, name) for name in NAMES}
    return {**row, "campaign": campaigns_by_id.get(link.campaign_id or 0)}


def _shown(reading: Reading | None, clicks: Mapping[int, int]) -> dict[str, Any]:
    """How often its post was shown, up to which day, by whose word, and how many people had come by it up to then."""
    if reading is None:
        return {"impressions": None, "impressions_until": None, "impressions_by": None, "clicks_until": None}
    words = {"impressions": reading.shown, "impressions_until": reading.day, "impressions_by": reading.source}
    return {**words, "clicks_until": clicks[reading.link_id]}
