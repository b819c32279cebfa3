"""What is rolled up is what happened: however it comes in, whenever a day is closed, and a recount proves it."""

import random
from datetime import date, datetime, timedelta

import making
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import days, recounts, rollups, visits
from campaigns.clicks import Click, Kind, from_plain, pack_looks, to_plain, unpack_looks
from campaigns.tables import click, day_visitor, metadata, roll_day, roll_hour, unique_day

NOW = making.NOW
TODAY = date(2026, 11, 23)


def test_a_day_is_the_villages_own(engine: sa.Engine) -> None:
    late = datetime.fromisoformat("2026-11-23T16:30:00+00:00")  # 23.30 in Wonorejo, 01.30 of the next day in Papua
    with engine.begin() as connection:
        here, there = (
            making.link(connection, making.village(connection)),
            making.link(connection, making.village(connection, zone="Asia/Jayapura")),
        )
        visits.write(connection, [making.click(here, at=late), making.click(there, at=late, zone="Asia/Jayapura")])
        found = dict(connection.execute(sa.select(roll_day.c.link_id, roll_day.c.day)).all())
    assert found == {here.id: TODAY, there.id: TODAY + timedelta(days=1)}


def test_the_same_phone_on_two_signs_is_one_visitor_of_the_village_and_of_each_sign(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        gate, stall = making.link(connection, village, attraction_id=7), making.link(connection, village, attraction_id=7)
        for link in (gate, gate, stall):
            visits.write(connection, [making.click(link, visitor=5)])
        found = connection.execute(sa.select(unique_day.c.scope, unique_day.c.scope_id, unique_day.c.visitors)).all()
    assert set(found) == {("link", gate.id, 1), ("link", stall.id, 1), ("attraction", 7, 1), ("village", village, 1)}


def test_only_persons_are_visitors(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        link = making.link(connection, making.village(connection))
        visits.write(connection, [making.click(link, kind=kind, visitor=int(kind)) for kind in Kind])
        assert connection.scalar(sa.select(unique_day.c.visitors).where(unique_day.c.scope == "link")) == 1
        assert set(connection.scalars(sa.select(roll_day.c.kind))) == {int(kind) for kind in Kind}


def test_closing_a_day_forgets_who_came_but_not_how_many(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        link = making.link(connection, making.village(connection))
        visits.write(connection, [making.click(link, visitor=1), making.click(link, visitor=2)])
        assert rollups.close_days(connection, NOW) == []
        assert rollups.close_days(connection, NOW + timedelta(days=3)) == [TODAY]
        assert connection.scalar(sa.select(sa.func.count()).select_from(day_visitor)) == 0
        assert connection.scalar(sa.select(unique_day.c.visitors).where(unique_day.c.scope == "village")) == 2
        assert rollups.close_days(connection, NOW + timedelta(days=3)) == []


@pytest.mark.parametrize(("hour_utc", "closes"), [(18, False), (19, True)])
def test_a_day_is_closed_two_hours_after_the_last_midnight_of_the_country(engine: sa.Engine, hour_utc: int, closes: bool) -> None:
    with engine.begin() as connection:
        visits.write(connection, [making.click(making.link(connection, making.village(connection)), visitor=1)])
        assert bool(rollups.close_days(connection, NOW.replace(hour=hour_utc, minute=30))) == closes


def test_clicks_that_come_in_after_the_day_was_closed_count_each_visitor_once(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        link = making.link(connection, making.village(connection), attraction_id=3, campaign_id=4)
        visits.write(connection, [making.click(link, visitor=1)])
        rollups.close_days(connection, NOW + timedelta(days=2))
        visits.write(connection, [making.click(link, visitor=1), making.click(link, visitor=2), making.click(link, visitor=2)])
        assert set(connection.scalars(sa.select(unique_day.c.visitors))) == {2}
        assert recounts.recount(connection) == []


def test_a_recount_finds_what_somebody_changed_by_hand(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        link = making.link(connection, village)
        visits.write(connection, [making.click(link), making.click(link)])
        connection.execute(roll_day.update().values(clicks=9))
        connection.execute(roll_hour.delete())
        hour = int(NOW.timestamp()) // 3600
        assert recounts.recount(connection, village) == [
            recounts.Difference("roll_day", (village, TODAY, link.id, 0), (9,), (2,)),
            recounts.Difference("roll_hour", (link.id, hour, 0), (0,), (2,)),
            recounts.Difference("roll_village_hour", (village, hour), (2,), (0,)),
            recounts.Difference("roll_month", (2026 * 12 + 10, village), (2, 0, 0, 0), (9, 0, 0, 0)),
        ]


def test_a_recount_leaves_out_days_whose_raw_clicks_are_gone(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        link = making.link(connection, making.village(connection))
        visits.write(connection, [making.click(link, at=NOW - timedelta(days=40), visitor=1), making.click(link, visitor=2)])
        connection.execute(click.delete().where(click.c.visitor == 1))
        assert recounts.recount(connection) != []
        assert recounts.recount(connection, since=TODAY - timedelta(days=35)) == []


def test_a_month_of_eight_thousand_clicks_is_counted_as_it_was(engine: sa.Engine) -> None:
    chance = random.Random(8)
    with engine.begin() as connection:
        village = making.village(connection)
        signs = [making.link(connection, village, attraction_id=chance.choice([None, 1, 2])) for _ in range(12)]
        clicks = [
            making.click(
                chance.choice(signs),
                at=NOW - timedelta(minutes=chance.randrange(60 * 24 * 30)),
                kind=chance.choices(list(Kind), [80, 8, 6, 3, 2, 1, 1])[0],
                visitor=chance.randrange(900),
            )
            for _ in range(8_000)
        ]
        for start in range(0, len(clicks), 700):
            visits.write(connection, clicks[start : start + 700])
        assert connection.scalar(sa.select(sa.func.sum(roll_day.c.clicks))) == 8_000
        assert recounts.recount(connection, village) == []


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("clicks"),
            st.lists(
                st.tuples(st.integers(0, 2), st.integers(0, 6), st.integers(0, 4), st.integers(0, 60)), min_size=1, max_size=6
            ),  # link, kind, visitor, hours ago
        ),
        st.tuples(st.just("outcome"), st.sampled_from(["view", "cart", "whatsapp", "order", "cancelled", "done"]), st.integers(0, 90_000)),
        st.tuples(st.just("close"), st.integers(0, 3)),
        st.tuples(st.just("undone"), st.integers(0, 2)),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_sequence_of_clicks_outcomes_and_closed_days_makes_counts_and_raw_rows_differ(engine: sa.Engine, steps: list) -> None:
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        village = making.village(connection)
        links = [making.link(connection, village, attraction_id=attraction, campaign_id=1) for attraction in (None, 1, 1)]
    for step in steps:
        _take(engine, village, links, step)
    with engine.begin() as connection:
        assert recounts.recount(connection) == []


def _take(engine: sa.Engine, village: int, links: list, step: tuple) -> None:
    what, *details = step
    with engine.connect() as connection, connection.begin() as transaction:
        if what == "clicks":
            found = [(links[on], kind, visitor, NOW - timedelta(hours=ago)) for on, kind, visitor, ago in details[0]]
            visits.write(connection, [making.click(link, kind=kind, visitor=visitor, at=at) for link, kind, visitor, at in found])
        elif what == "outcome":
            kind, rupiah = details
            visits.record(connection, village_id=village, zone="Asia/Jakarta", kind=kind, link_id=links[0].id, rupiah=rupiah, at=NOW)
        elif what == "close":
            rollups.close_days(connection, NOW + timedelta(days=details[0]))
        else:
            visits.write(connection, [making.click(links[details[0]])])
            transaction.rollback()


def test_a_click_that_waits_in_a_file_comes_back_as_it_was() -> None:
    one = Click(1_763_866_800_123, 1, 2, "Asia/Jakarta", Kind.PERSON, 2**62, 1, 2, "id", 2**63 - 1, None, 9)
    assert from_plain(to_plain(one)) == one


@given(
    st.integers(0, 6),
    st.integers(0, 3),
    st.one_of(st.none(), st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=2)),
)
def test_what_a_click_looked_like_is_packed_and_comes_back(app: int, device: int, language: str | None) -> None:
    packed = pack_looks(app, device, language)
    assert -(2**15) <= packed < 2**15
    assert unpack_looks(packed) == (app, device, language)


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Jayapura", "Pacific/Honolulu", "Asia/Kathmandu", "UTC"])
def test_the_day_and_the_second_of_a_click_are_read_from_one_number(engine: sa.Engine, zone: str) -> None:
    moments = [NOW + timedelta(hours=hours, milliseconds=hours * 37) for hours in range(0, 60, 5)]
    with engine.begin() as connection:
        link = making.link(connection, making.village(connection))
        visits.write(connection, [making.click(link, at=at, zone=zone) for at in moments])
        kept = connection.execute(sa.select(click.c.at_ms, click.c.day).order_by(click.c.id)).all()
    assert [at_ms for at_ms, _ in kept] == [int(at.timestamp()) * 1000 for at in moments]
    assert [day for _, day in kept] == [days.number(int(at.timestamp() * 1000), zone) for at in moments]
