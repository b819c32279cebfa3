"""Reports say what happened: to the village, by link, day, attraction and campaign, and what it means."""

import random
from datetime import UTC, date, datetime, timedelta

import making
import sqlalchemy as sa

from campaigns import impressions, links, reports, visits
from campaigns.clicks import Kind
from campaigns.reports import Figures

NOW, TODAY = making.NOW, date(2026, 11, 23)
DAY = timedelta(days=1)


def deed(connection: sa.Connection, to: links.Link | None, village: int, kind: str, *, rupiah: int = 0, at: datetime = NOW) -> None:
    link_id = to.id if to else 0
    visits.record(connection, village_id=village, zone="Asia/Jakarta", kind=kind, link_id=link_id, rupiah=rupiah, at=at)


def test_every_kind_of_click_has_its_own_figure(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        gate = making.link(connection, village)
        clicks = [making.click(gate, kind=kind, visitor=5) for kind in Kind for _ in range(int(kind) + 1)]
        visits.write(connection, clicks)
        found = reports.village(connection, village, TODAY, TODAY)
    assert found == Figures(people=1, robots=2, previews=3, prefetches=4, heads=5, staff=6, bursts=7, visitors=1)


def test_orders_and_rupiah_are_net_of_what_was_called_off(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        for rupiah in (40_000, 25_000, 10_000):
            deed(connection, None, village, "order", rupiah=rupiah)
        deed(connection, None, village, "reduced", rupiah=15_000)  # one maker's part of the first
        deed(connection, None, village, "cancelled", rupiah=25_000)
        deed(connection, None, village, "done", rupiah=10_000)
        found = reports.village(connection, village, TODAY, TODAY)
    assert found == Figures(orders=2, cancelled=1, rupiah=35_000, done_rupiah=10_000)


def test_each_link_has_its_figures_and_the_rest_is_under_0(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        gate, post, _unused = (making.link(connection, village) for _ in range(3))
        visits.write(connection, [making.click(gate, visitor=1), making.click(gate, visitor=2), making.click(post, visitor=1)])
        deed(connection, gate, village, "view")
        deed(connection, post, village, "order", rupiah=15_000)
        deed(connection, None, village, "view")
        found = reports.by_link(connection, village, TODAY, TODAY)
        whole = reports.village(connection, village, TODAY, TODAY)
    assert found == {
        gate.id: Figures(people=2, visitors=2, views=1),
        post.id: Figures(people=1, visitors=1, orders=1, rupiah=15_000),
        0: Figures(views=1),
    }
    assert whole.visitors == 2, "who used both links came once"
    assert whole.people == sum(figures.people for figures in found.values())


def test_every_day_of_the_span_is_there_on_the_villages_own_calendar(engine: sa.Engine) -> None:
    late = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)  # half past midnight of the 23rd in Wonorejo
    with engine.begin() as connection:
        village = making.village(connection)
        gate, post = making.link(connection, village), making.link(connection, village)
        visits.write(connection, [making.click(gate, at=late, visitor=1), making.click(post, at=NOW - 2 * DAY, visitor=1)])
        deed(connection, gate, village, "whatsapp", at=late)
        days = reports.by_day(connection, village, TODAY - 3 * DAY, TODAY)
        of_gate = reports.by_day(connection, village, TODAY - DAY, TODAY, link_id=gate.id)
    one = Figures(people=1, visitors=1)
    assert days == [(TODAY - 3 * DAY, Figures()), (TODAY - 2 * DAY, one), (TODAY - DAY, Figures()), (TODAY, one + Figures(whatsapps=1))]
    assert of_gate == [(TODAY - DAY, Figures()), (TODAY, one + Figures(whatsapps=1))]


def test_an_attraction_and_a_campaign_sum_their_links_but_count_each_visitor_once(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        gate, stall = (making.link(connection, village, attraction_id=7, campaign_id=4) for _ in range(2))
        post = making.link(connection, village, campaign_id=4)
        visits.write(connection, [making.click(link, visitor=1) for link in (gate, stall, post)])
        deed(connection, stall, village, "cart")
        assert reports.by_attraction(connection, village, TODAY, TODAY) == {7: Figures(people=2, visitors=1, carts=1)}
        assert reports.by_campaign(connection, village, TODAY, TODAY) == {4: Figures(people=3, visitors=1, carts=1)}


def test_another_villages_figures_stay_its_own(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        ours, theirs = making.village(connection), making.village(connection, name="Sumberjo")
        sign = making.link(connection, theirs, attraction_id=7)
        visits.write(connection, [making.click(sign, visitor=1)])
        deed(connection, sign, theirs, "view")
        assert reports.village(connection, ours, TODAY, TODAY) == Figures()
        assert reports.by_link(connection, ours, TODAY, TODAY) == {}
        assert reports.by_attraction(connection, ours, TODAY, TODAY) == {}
        assert reports.by_day(connection, ours, TODAY, TODAY, link_id=sign.id) == [(TODAY, Figures())]
        assert reports.last_scans(connection, ours) == {}


def test_a_span_equals_the_sum_of_its_days_whatever_happened(engine: sa.Engine) -> None:
    dice = random.Random(23)
    with engine.begin() as connection:
        village = making.village(connection)
        signs = [making.link(connection, village, attraction_id=number % 2) for number in range(4)]
        for _ in range(200):
            sign, at = dice.choice(signs), NOW - dice.randrange(10) * DAY
            visits.write(connection, [making.click(sign, at=at, kind=dice.choice(list(Kind)), visitor=dice.randrange(30))])
            if dice.random() < 0.4:
                kind = dice.choice(["view", "cart", "whatsapp", "order", "reduced", "cancelled", "done"])
                deed(connection, dice.choice([sign, None]), village, kind, rupiah=dice.randrange(1_000), at=at)
        since = TODAY - 6 * DAY
        whole = reports.village(connection, village, since, TODAY)
        days = reports.by_day(connection, village, since, TODAY)
        by_link = reports.by_link(connection, village, since, TODAY)
    assert sum((figures for _, figures in days), Figures()) == whole
    assert sum((each.people for each in by_link.values()), 0) == whole.people
    assert sum((each.rupiah for each in by_link.values()), 0) == whole.rupiah


def test_today_is_compared_with_the_same_weekday_of_the_weeks_before(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        gate = making.link(connection, village)
        assert reports.same_weekday_mean(connection, village, TODAY) is None, "there is nothing to compare with"
        for weeks, people in ((1, 4), (2, 6), (3, 0)):
            visits.write(connection, [making.click(gate, at=NOW - weeks * 7 * DAY) for _ in range(people)])
        visits.write(connection, [making.click(gate, at=NOW - 21 * DAY - DAY) for _ in range(50)])  # the day it opened, a Sunday
        usual = reports.same_weekday_mean(connection, village, TODAY)
    assert usual is not None
    assert usual.people == 3, "(4 + 6 + 0) / 3: the week before it opened is no zero"


def test_the_last_scan_is_a_persons(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        gate, stall, unused = (making.link(connection, village) for _ in range(3))
        at = datetime(2026, 11, 20, 5, 42, tzinfo=UTC)
        visits.write(connection, [making.click(gate, at=at), making.click(gate, at=at - DAY), making.click(stall, at=at)])
        visits.write(connection, [making.click(gate, kind=Kind.ROBOT), making.click(unused, kind=Kind.STAFF)])
        hour = at.replace(minute=0)
        assert reports.last_scans(connection, village) == {gate.id: hour, stall.id: hour}


def test_a_funnel_gives_each_step_as_a_share_of_the_one_before() -> None:
    steps = reports.funnel(Figures(people=200, viewers=80, interested=16, buyers=4, views=190, carts=30))
    assert [(step.step, step.count, step.share, step.lost) for step in steps] == [
        ("people", 200, None, 0),
        ("viewers", 80, 0.4, 120),
        ("interested", 16, 0.2, 64),
        ("buyers", 4, 0.25, 12),
    ]


def test_click_through_counts_the_clicks_of_the_days_before_the_impressions_were_read(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        post, other = (making.link(connection, village, kind="post") for _ in range(2))
        visits.write(connection, [making.click(post, at=NOW - DAY), making.click(post), making.click(post, kind=Kind.ROBOT, at=NOW - DAY)])
        impressions.note(connection, village, post.id, 120, day=TODAY - DAY)
        impressions.note(connection, village, other.id, 80, day=TODAY)
        read = impressions.latest(connection, village)
        assert reports.clicks_until(connection, village, read.values(), "Asia/Jakarta") == {post.id: 1, other.id: 0}


def test_a_funnel_of_nothing_divides_by_nothing() -> None:
    assert [(step.count, step.share) for step in reports.funnel(Figures())] == [(0, None)] * 4
