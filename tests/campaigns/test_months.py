"""A month of every village at once: the same numbers as its days, however they came about."""

from datetime import UTC, date, datetime

import making
import sqlalchemy as sa

from campaigns import months, recounts, reports, visits
from campaigns.clicks import Kind
from campaigns.months import Month

NOW = making.NOW
NOVEMBER = date(2026, 11, 9)


def test_a_month_says_what_the_days_say(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        ours, theirs = making.village(connection), making.village(connection, name="Sumberejo")
        sign, other = making.link(connection, ours), making.link(connection, theirs)
        visits.write(connection, [making.click(sign, visitor=one) for one in (1, 1, 2)])
        visits.write(connection, [making.click(sign, kind=Kind.ROBOT, visitor=9), making.click(other, visitor=1)])
        for kind, rupiah in (
            ("order", 40_000),
            ("order", 10_000),
            ("reduced", 5_000),
            ("cancelled", 10_000),
            ("view", 0),
            ("done", 25_000),
        ):
            visits.record(connection, village_id=ours, zone="Asia/Jakarta", kind=kind, link_id=sign.id, rupiah=rupiah, at=NOW)
        found = months.by_village(connection, NOVEMBER)
        assert found == {ours: Month(people=3, visitors=2, orders=1, rupiah=35_000), theirs: Month(people=1, visitors=1)}
        assert months.by_village(connection, NOVEMBER, [theirs]) == {theirs: found[theirs]}
        days = reports.village(connection, ours, date(2026, 11, 1), date(2026, 11, 30))
        assert (days.people, days.visitors, days.orders, days.rupiah) == (3, 2, 1, 35_000)
        assert recounts.recount(connection) == []


def test_a_month_is_the_villages_own(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        sign = making.link(connection, village)
        visits.write(
            connection, [making.click(sign, at=datetime(2026, 10, 31, hour, tzinfo=UTC)) for hour in (16, 17)]
        )  # 23.00 and 00.00 WIB
        assert months.by_village(connection, NOVEMBER)[village].people == 1
        assert months.by_village(connection, date(2026, 10, 1))[village].people == 1
        assert months.by_village(connection, date(2025, 11, 1)) == {}
