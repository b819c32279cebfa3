"""What networks tell of a post goes where the report looks: how often it was shown stands beside the clicks of its link."""

from datetime import datetime

import sqlalchemy as sa

from campaigns import impressions
from promo.results import Result
from storefront import villages


def note(connection: sa.Connection, told: Result, at: datetime) -> None:
    """Keep how often a post was shown so far, on the village's own day; what a network does not say is not kept as none."""
    if told.link_id is None or told.impressions is None:
        return
    day = villages.get(connection, told.village_id).local(at).date()
    impressions.note(connection, told.village_id, told.link_id, told.impressions, day=day, source="network")
