"""A campaign groups links; its visitors are exact whenever a link joins or leaves, also when its clicks came before."""

from datetime import date, timedelta

import making
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import campaigns, links, recounts, reports, rollups, visits
from campaigns.tables import metadata
from campaigns.visits import Log

NOW, TODAY = making.NOW, date(2026, 11, 23)
DAY = timedelta(days=1)


def harvest(connection: sa.Connection, village: int, name: str = "Panen raya") -> campaigns.Campaign:
    return campaigns.create(connection, village_id=village, name=name, since=TODAY - 7 * DAY, until=TODAY, at=NOW)


def test_a_campaign_can_be_made_renamed_and_found(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        first, second = harvest(connection, village), harvest(connection, village, "Lebaran")
        campaigns.change(connection, village, second.id, name="Lebaran 2027", since=TODAY, until=TODAY + 30 * DAY, at=NOW)
        assert [(one.name, one.until) for one in campaigns.listed(connection, village)] == [
            ("Lebaran 2027", TODAY + 30 * DAY),
            ("Panen raya", TODAY),
        ]
        with pytest.raises(campaigns.UnknownCampaign):
            campaigns.get(connection, village + 1, first.id)
        with pytest.raises(campaigns.UnknownCampaign):
            campaigns.change(connection, village + 1, first.id, name="x", since=TODAY, until=TODAY, at=NOW)


def test_clicks_go_with_their_link_and_one_guest_of_two_links_is_one_visitor(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        gate, post = making.link(connection, village), making.link(connection, village, kind="post")
        visits.write(connection, [making.click(gate, visitor=1), making.click(post, visitor=1), making.click(post, visitor=2)])
        one = harvest(connection, village)
        campaigns.set_links(connection, village, one.id, [gate.id, post.id], at=NOW)
        found = reports.by_campaign(connection, village, TODAY, TODAY)[one.id]
        assert (found.people, found.visitors) == (3, 2)
        visits.write(connection, [making.click(links.get(connection, village, gate.id), visitor=2)])
        assert reports.by_campaign(connection, village, TODAY, TODAY)[one.id].visitors == 2, "a guest of this morning is known"
        campaigns.set_links(connection, village, one.id, [gate.id], at=NOW)
        assert reports.by_campaign(connection, village, TODAY, TODAY)[one.id].visitors == 2
        assert recounts.recount(connection, village) == []


def test_a_link_belongs_to_one_campaign_and_leaves_the_other_whole(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        gate, stall = making.link(connection, village), making.link(connection, village)
        visits.write(connection, [making.click(gate, visitor=1), making.click(stall, visitor=2)])
        first, second = harvest(connection, village), harvest(connection, village, "Lebaran")
        campaigns.set_links(connection, village, first.id, [gate.id, stall.id], at=NOW)
        campaigns.add_links(connection, village, second.id, [stall.id], at=NOW)
        found = reports.by_campaign(connection, village, TODAY, TODAY)
        assert {key: (each.people, each.visitors) for key, each in found.items()} == {first.id: (1, 1), second.id: (1, 1)}
        campaigns.remove(connection, village, first.id, at=NOW)
        assert {link.campaign_id for link in links.listed(connection, village)} == {None, second.id}
        assert recounts.recount(connection, village) == []


def test_another_villages_links_stay_its_own(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        ours, theirs = making.village(connection), making.village(connection, name="Sumberjo")
        sign = making.link(connection, theirs)
        one = harvest(connection, ours)
        campaigns.set_links(connection, ours, one.id, [sign.id], at=NOW)
        assert links.get(connection, theirs, sign.id).campaign_id is None
        with pytest.raises(campaigns.UnknownCampaign):
            campaigns.set_links(connection, theirs, one.id, [sign.id], at=NOW)


def test_a_click_that_was_under_way_when_its_link_moved_is_settled_later(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        gate = making.link(connection, village)
        one = harvest(connection, village)
        campaigns.set_links(connection, village, one.id, [gate.id], at=NOW)
        visits.write(connection, [making.click(gate, visitor=1)])  # as the link was before
        assert campaigns.settle(connection, NOW + DAY) == [one.id]
        assert reports.by_campaign(connection, village, TODAY, TODAY)[one.id].visitors == 1
        assert recounts.recount(connection, village) == []
        assert campaigns.settle(connection, NOW + 10 * DAY) == []


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("click"), st.integers(0, 2), st.integers(0, 3), st.integers(0, 50)),
        st.tuples(st.just("group"), st.integers(0, 1), st.sets(st.integers(0, 2))),
        st.tuples(st.just("close"), st.integers(0, 2), st.none()),
    ),
    max_size=10,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_no_sequence_of_clicks_and_regroupings_makes_counts_and_raw_clicks_differ(engine: sa.Engine, moves: list) -> None:
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        village = making.village(connection)
        ids = [making.link(connection, village).id for _ in range(3)]
        groups = [harvest(connection, village, name).id for name in ("Panen raya", "Lebaran")]
        for what, first, *rest in moves:
            if what == "click":
                link = links.get(connection, village, ids[first])
                visits.write(connection, [making.click(link, visitor=rest[0], at=NOW - timedelta(hours=rest[1]))])
            elif what == "group":
                campaigns.set_links(connection, village, groups[first], [ids[place] for place in rest[0]], at=NOW)
            else:
                rollups.close_days(connection, NOW + first * DAY)
        assert recounts.recount(connection) == []


def test_a_log_that_has_met_a_guest_counts_her_again_for_the_campaign_her_link_joined(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        gate = making.link(connection, village)
        one = harvest(connection, village)
    log = Log(engine)
    making.awaited(log.put(making.click(gate, visitor=1)))
    with engine.begin() as connection:
        campaigns.set_links(connection, village, one.id, [gate.id], at=NOW)
        moved = links.get(connection, village, gate.id)
    making.awaited(log.put(making.click(moved, visitor=1)))
    making.awaited(log.put(making.click(moved, visitor=2)))
    log.close()
    with engine.begin() as connection:
        assert reports.by_campaign(connection, village, TODAY, TODAY)[one.id].visitors == 2
        assert recounts.recount(connection, village) == []
