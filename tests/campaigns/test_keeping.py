"""Single clicks go after their time and leave their counts; what somebody judges anew or put wrong by hand is counted right again."""

from datetime import date, timedelta
from pathlib import Path

import making
import pytest
import sqlalchemy as sa

from campaigns import keeping, rebuilding, recounts, rollups, visits
from campaigns.clicks import Kind
from campaigns.tables import click, day_visitor, roll_day, roll_hour, unique_day
from campaigns.visits import Log

NOW = making.NOW
TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def visitors(connection: sa.Connection, day: date = TODAY, scope: str = "village") -> int:
    query = sa.select(sa.func.sum(unique_day.c.visitors)).where(unique_day.c.scope == scope, unique_day.c.day == day)
    return connection.scalar(query) or 0


def agrees(connection: sa.Connection) -> bool:
    return recounts.recount(connection, since=keeping.kept_since(connection)) == []


def test_clicks_older_than_they_are_kept_go_and_their_counts_stay(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        sign = making.link(connection, making.village(connection))
        visits.write(connection, [making.click(sign, at=NOW - ago * DAY, visitor=ago) for ago in range(60)])
        assert keeping.kept_since(connection) is None
        assert keeping.drop_clicks(connection, NOW, keep_days=35) == 24
        assert keeping.drop_clicks(connection, NOW, keep_days=35) == 0
        assert connection.scalar(sa.select(sa.func.count()).select_from(click)) == 36
        assert connection.scalar(sa.select(sa.func.sum(roll_day.c.clicks))) == 60
        assert keeping.kept_since(connection) == TODAY - 35 * DAY
        assert agrees(connection)


def test_nothing_of_a_day_whose_clicks_are_gone_is_counted_anew_even_when_clicks_are_kept_longer_from_now_on(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        sign = making.link(connection, making.village(connection))
        visits.write(connection, [making.click(sign, at=NOW - ago * DAY, visitor=ago) for ago in (0, 20, 50)])
        keeping.drop_clicks(connection, NOW, keep_days=35)
        keeping.drop_clicks(connection, NOW, keep_days=90)
        assert keeping.kept_since(connection) == TODAY - 35 * DAY
        assert rebuilding.rebuild(connection) == []
        assert connection.scalar(sa.select(sa.func.sum(roll_day.c.clicks))) == 3


def test_whatever_was_changed_by_hand_is_put_right_and_told(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        sign = making.link(connection, village, attraction_id=4)
        visits.write(connection, [making.click(sign, visitor=one) for one in (1, 1, 2)])
        visits.record(connection, village_id=village, zone="Asia/Jakarta", kind="order", link_id=sign.id, rupiah=9_000, at=NOW)
        connection.execute(roll_day.update().values(clicks=9))
        connection.execute(roll_hour.delete())
        connection.execute(unique_day.update().values(visitors=7))
        connection.execute(day_visitor.delete())
        told = {(one.table, one.rolled, one.counted) for one in rebuilding.rebuild(connection)}
        assert {("roll_day", (9,), (3,)), ("roll_hour", (0,), (3,)), ("unique_day", (7,), (2,))} <= told
        assert rebuilding.rebuild(connection) == []
        visits.write(connection, [making.click(sign, visitor=one) for one in (1, 2, 3)])
        assert visitors(connection) == 3
        assert agrees(connection)


@pytest.mark.parametrize(("of", "into", "people", "came"), [(Kind.ROBOT, Kind.PERSON, 5, 3), (Kind.PERSON, Kind.ROBOT, 0, 0)])
def test_a_click_judged_anew_is_counted_as_what_it_is(engine: sa.Engine, of: Kind, into: Kind, people: int, came: int) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        sign = making.link(connection, village, campaign_id=5)
        visits.write(connection, [making.click(sign, visitor=one) for one in (1, 2, 2)])
        visits.write(connection, [making.click(sign, kind=Kind.ROBOT, visitor=one) for one in (2, 3)])
        chosen = [one.id for one in rebuilding.clicks_of(connection, village, sign.id, TODAY) if one.kind == of]
        assert rebuilding.rejudge(connection, village, sign.id, chosen, into) == len(chosen)
        query = sa.select(sa.func.sum(roll_day.c.clicks)).where(roll_day.c.kind == int(Kind.PERSON))
        assert (connection.scalar(query) or 0) == people
        assert (visitors(connection), visitors(connection, scope="campaign")) == (came, came)
        assert agrees(connection)


def test_clicks_of_another_village_and_of_dropped_days_are_not_judged_anew(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        ours, theirs = making.village(connection), making.village(connection, name="Sumberejo")
        sign, other = making.link(connection, ours), making.link(connection, theirs)
        visits.write(connection, [making.click(sign, at=NOW - 40 * DAY), making.click(other, at=NOW)])
        ids = list(connection.scalars(sa.select(click.c.id)))
        assert rebuilding.rejudge(connection, ours, other.id, ids, Kind.STAFF) == 0
        keeping.drop_clicks(connection, NOW, keep_days=35)
        assert rebuilding.rejudge(connection, ours, sign.id, ids, Kind.STAFF) == 0
        assert agrees(connection)


def test_a_log_that_remembers_a_visitor_forgets_them_when_they_are_judged_anew(engine: sa.Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        sign = making.link(connection, village)
    log = Log(engine, spill=tmp_path)
    try:
        log.put_now(making.click(sign, visitor=1))
        with engine.begin() as connection:
            (only,) = rebuilding.clicks_of(connection, village, sign.id, TODAY)
            rebuilding.rejudge(connection, village, sign.id, [only.id], Kind.ROBOT)
        log.put_now(making.click(sign, visitor=1))
    finally:
        log.close()
    with engine.begin() as connection:
        assert visitors(connection) == 1
        assert agrees(connection)


def test_a_day_that_is_closed_can_still_be_judged_anew(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        sign = making.link(connection, village)
        visits.write(connection, [making.click(sign, visitor=1), making.click(sign, visitor=2)])
        rollups.close_days(connection, NOW + 3 * DAY)
        first = rebuilding.clicks_of(connection, village, sign.id, TODAY)[0]
        assert rebuilding.rejudge(connection, village, sign.id, [first.id], Kind.BURST) == 1
        assert visitors(connection) == 1
        assert connection.scalar(sa.select(sa.func.count()).select_from(day_visitor)) == 0
        assert agrees(connection)
