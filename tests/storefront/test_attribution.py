"""The whole joining: what a guest looks at, asks and orders is counted for the last link she really came by within seven days."""

import re
import time
from datetime import date, timedelta

import making
import pytest
import sqlalchemy as sa
from desk_hands import Hands

from campaigns import links, recounts, reports, visits
from campaigns.reports import Figures
from campaigns.tables import outcome
from storefront import database, orders

PHONE = "Mozilla/5.0 (Linux; Android 14; SM-A546E) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
GUEST = {"user-agent": PHONE, "accept-language": "id-ID,id;q=0.9"}
TODAY = date(2026, 11, 23)


class Tourist:
    """A guest's phone in the shop of `hands`."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands
        hands.browser.cookies.clear()
        self.page = f"/produk/{hands.product.slug}"

    def scan(self, link: links.Link, **headers: str) -> int:
        return self.hands.browser.get(f"/Q/{link.code}", headers={**GUEST, **headers}).status_code

    def look(self) -> None:
        """Look at the product, and wait until that is counted: views are written a moment later."""
        before, until = self.views(), time.monotonic() + 20
        assert self.hands.browser.get(self.page, headers=GUEST).status_code == 200
        while self.views() == before:
            assert time.monotonic() < until, "the view was not counted within 20 s"
            time.sleep(0.02)

    def views(self) -> int:
        with database.reading(self.hands.engine) as connection:
            return connection.scalar(sa.select(sa.func.count()).where(outcome.c.kind == "view")) or 0

    def ask(self) -> None:
        assert "wa.me" in self.hands.browser.post(f"{self.page}/pertanyaan", headers=GUEST).headers["location"]

    def order(self) -> None:
        put = self.hands.browser.post("/keranjang/barang", data={"product": self.hands.product.slug}, headers=GUEST)
        assert put.status_code == 303
        form = self.hands.browser.get("/pesan", headers=GUEST).text
        fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))
        self.hands.clock[0] += timedelta(minutes=1)  # nobody types so fast
        given = {"name": "Dewi", "whatsapp": "0813-1111-2222", "delivery": "pickup", "payment": "cash"}
        placed = self.hands.browser.post("/pesan", data={**fields, **given}, headers=GUEST)
        assert placed.status_code == 303, re.findall(r'class="wrong"[^>]*>([^<]+)', placed.text)


@pytest.fixture
def tourist(hands: Hands) -> Tourist:
    return Tourist(hands)


def make(hands: Hands, **given: object) -> links.Link:
    with database.writing(hands.engine) as connection:
        return making.link(connection, hands.village_id, **given)


def figures(hands: Hands) -> dict[int, Figures]:
    with database.reading(hands.engine) as connection:
        assert recounts.recount(connection) == []
        return reports.by_link(connection, hands.village_id, TODAY - timedelta(days=1), TODAY + timedelta(days=30))


def told(hands: Hands) -> list[tuple[str, int]]:
    with database.reading(hands.engine) as connection:
        return [
            (kind, link_id) for kind, link_id in connection.execute(sa.select(outcome.c.kind, outcome.c.link_id).order_by(outcome.c.id))
        ]


def test_look_question_and_order_are_the_scanned_signs(hands: Hands, tourist: Tourist) -> None:
    sign = make(hands)
    assert tourist.scan(sign) == 302
    tourist.look()
    tourist.look()
    tourist.ask()
    tourist.order()
    found = figures(hands)[sign.id]
    assert (found.people, found.visitors, found.views, found.whatsapps, found.carts, found.orders) == (1, 1, 2, 1, 1, 1)
    assert (found.viewers, found.interested, found.buyers, found.rupiah) == (1, 1, 1, 15_000)
    with database.reading(hands.engine) as connection:
        placed = orders.listed(connection, hands.village_id)[0]
        click_keys = set(connection.scalars(sa.select(outcome.c.click_key)))
    assert placed.link_id == sign.id
    assert click_keys == {placed.click_key}


def test_the_last_link_a_person_came_by_counts(hands: Hands, tourist: Tourist) -> None:
    sign, post = make(hands), make(hands, kind="post", network="instagram", placement="bio")
    tourist.scan(sign)
    tourist.look()
    hands.clock[0] += timedelta(days=2)
    tourist.scan(post)
    tourist.look()
    assert told(hands) == [("view", sign.id), ("view", post.id)]


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-purpose": "prefetch;prerender"},
        {"user-agent": "WhatsApp/2.23.20.0"},
        {"user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"},
    ],
)
def test_what_is_no_person_takes_over_nothing(hands: Hands, tourist: Tourist, headers: dict[str, str]) -> None:
    sign, other = make(hands), make(hands)
    tourist.scan(sign)
    tourist.scan(other, **headers)
    tourist.look()
    assert told(hands) == [("view", sign.id)]
    assert figures(hands)[other.id].people == 0


@pytest.mark.parametrize(("after", "is_joined"), [(timedelta(days=6, hours=23), True), (timedelta(days=7, minutes=1), False)])
def test_a_click_is_remembered_for_seven_days(hands: Hands, tourist: Tourist, after: timedelta, is_joined: bool) -> None:
    sign = make(hands)
    tourist.scan(sign)
    hands.clock[0] += after
    tourist.look()
    assert told(hands) == [("view", sign.id if is_joined else 0)]


def test_a_withdrawn_sign_and_no_link_at_all_earn_nothing(hands: Hands, tourist: Tourist) -> None:
    sign = make(hands)
    with database.writing(hands.engine) as connection:
        links.withdraw(connection, hands.village_id, sign.id, at=making.NOW)
    tourist.scan(sign)
    tourist.look()
    tourist.order()
    assert {link_id for _, link_id in told(hands)} == {0}
    found = figures(hands)
    assert (found[0].orders, found[0].buyers) == (1, 0), "an order by no click is no step of a scan"


def test_a_sign_of_the_neighbouring_village_earns_nothing_here(hands: Hands, tourist: Tourist) -> None:
    with database.writing(hands.engine) as connection:
        theirs = making.village(connection, name="Sumberejo")
        sign = making.link(connection, theirs)
        ours = making.link(connection, hands.village_id)
    tourist.page = f"/desa/wonorejo/produk/{hands.product.slug}"
    tourist.scan(sign)
    tourist.look()
    tourist.ask()
    assert {link_id for _, link_id in told(hands)} == {0}
    tourist.scan(ours)
    tourist.look()
    assert told(hands)[-1] == ("view", ours.id)


def test_each_post_network_and_placement_has_its_own_row(hands: Hands, tourist: Tourist) -> None:
    made = [make(hands, kind="post", post_id=1, network=network, placement=place) for network, place in PLACES]
    for place, link in enumerate(made):
        for _ in range(place + 1):
            tourist.scan(link)
    found = figures(hands)
    assert [found[link.id].people for link in made] == [1, 2, 3]
    with database.reading(hands.engine) as connection:
        assert {(link.network, link.placement) for link in links.listed(connection, hands.village_id)} == set(PLACES)


PLACES = [("instagram", "feed"), ("instagram", "story"), ("facebook", "feed")]


def test_an_outcome_is_recorded_even_where_the_click_itself_is_still_in_a_spill(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        sign = making.link(connection, hands.village_id)
        row = {"village_id": hands.village_id, "zone": "Asia/Jakarta", "link_id": sign.id, "click_key": 77, "at": making.NOW}
        visits.record(connection, kind="view", **row)
        visits.write(connection, [making.click(sign, key=77)])
    found = figures(hands)[sign.id]
    assert (found.people, found.viewers) == (1, 1)
