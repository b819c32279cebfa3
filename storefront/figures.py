"""The figures of every village of this installation as plain values, for the command line and for machines."""

from dataclasses import asdict
from datetime import date
from typing import Any

import sqlalchemy as sa

from campaigns import links, reports
from storefront import villages


def of_installation(connection: sa.Connection, since: date, until: date) -> list[dict[str, Any]]:
    """One entry a village: its own figures, and under `links` those of each sign and post. Days are the village's own, both included."""
    found = []
    for village in villages.listed(connection):
        by_link = reports.by_link(connection, village.id, since, until)
        rows = [
            {
                "code": link.code,
                "kind": link.kind,
                "title": link.title,
                "network": link.network,
                "state": link.state,
                **asdict(by_link[link.id]),
            }
            for link in links.listed(connection, village.id)
            if link.id in by_link
        ]
        total = asdict(reports.village(connection, village.id, since, until))
        found.append({"name": village.name, "slug": village.slug, "since": since, "until": until, **total, "links": rows})
    return found
