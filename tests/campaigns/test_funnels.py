"""A funnel counts each click once a step, however much its person looks, asks and orders; and whoever orders was interested."""

from datetime import date, timedelta

import making
import pytest
import sqlalchemy as sa

from campaigns import links, recounts, reports, visits

NOW, TODAY = making.NOW, date(2026, 11, 23)
Deeds = list[tuple[int | None, str]]


def reached(engine: sa.Engine, deeds: Deeds) -> tuple[int, int, int]:
    """(viewers, interested, buyers) after these (click key, outcome) by one link."""
    with engine.begin() as connection:
        village = making.village(connection)
        gate = making.link(connection, village)
        for after, (key, kind) in enumerate(deeds):
            record(connection, village, gate, key, kind, after)
        found = reports.by_link(connection, village, TODAY, TODAY + timedelta(days=3))[gate.id]
        assert recounts.recount(connection, village) == []
    return found.viewers, found.interested, found.buyers


def record(connection: sa.Connection, village: int, gate: links.Link, key: int | None, kind: str, after: int) -> None:
    at = NOW + timedelta(hours=9 * after)
    visits.record(connection, village_id=village, zone="Asia/Jakarta", kind=kind, link_id=gate.id, click_key=key, at=at)


@pytest.mark.parametrize(
    ("deeds", "counts"),
    [
        ([(1, "view"), (1, "view"), (1, "view"), (2, "view")], (2, 0, 0)),
        ([(1, "view"), (1, "whatsapp"), (1, "cart"), (1, "cart")], (1, 1, 0)),
        ([(1, "view"), (1, "cart"), (1, "order"), (1, "handover"), (1, "handover"), (1, "order")], (1, 1, 1)),
        ([(1, "order")], (1, 1, 1)),  # a second scan on the way to the checkout: who orders was interested
        ([(1, "order"), (1, "view"), (1, "cart")], (1, 1, 1)),
        ([(1, "order"), (1, "cancelled"), (1, "reduced"), (1, "done")], (1, 1, 1)),
        ([(1, "handover"), (1, "done")], (0, 0, 0)),
        ([(None, "view"), (None, "order")], (0, 0, 0)),  # by no click: no step of a scan
    ],
)
def test_each_click_counts_once_for_each_step_it_reaches(engine: sa.Engine, deeds: Deeds, counts: tuple[int, int, int]) -> None:
    assert reached(engine, deeds) == counts


def test_an_order_taken_to_whatsapp_is_no_question(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        gate = making.link(connection, village)
        for kind in ("view", "cart", "order", "handover"):
            record(connection, village, gate, 5, kind, 0)
        found = reports.by_link(connection, village, TODAY, TODAY)[gate.id]
    assert (found.whatsapps, found.handovers, found.orders) == (0, 1, 1)
