"""Pages behind an address that cannot be guessed: people see them, and nothing that reads for somebody else ever does."""

import re

import making
import pytest
from desk_hands import Hands
from scan_gate import PHONE

from storefront import database, keys, makers, orders, secretpages
from storefront.orders import Order

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

READERS = {
    "whatsapp": {"user-agent": "WhatsApp/2.23.20.0 A"},
    "facebook": {"user-agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"},
    "telegram": {"user-agent": "TelegramBot (like TwitterBot)"},
    "google": {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
    "google as a phone": {"user-agent": f"{PHONE} (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
    "bing": {"user-agent": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"},
    "a model's reader": {
        "user-agent": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)"
    },
    "an archive": {"user-agent": "heritrix/3.4.0 (+https://archive.example)"},
    "a browser that fetches ahead": {"user-agent": PHONE, "sec-purpose": "prefetch;prerender"},
    "a preview of top sites": {"user-agent": PHONE, "x-purpose": "preview"},
}


@pytest.fixture
def order(hands: Hands) -> Order:
    """Two crisps for Dewi, sent to her; nobody is signed in at this browser."""
    hands.browser.cookies.clear()
    with database.writing(hands.engine) as connection:
        home = {"delivery": "send", "address": "Jalan Melati 5, Surabaya"}
        return making.order(connection, hands.village_id, {hands.product.id: 2}, name="Dewi Anggraini", note="Tanpa cabai", **home)


@pytest.fixture
def paths(hands: Hands, order: Order) -> list[str]:
    """The page of the order for its buyer, in both languages, and for its maker."""
    with database.reading(hands.engine) as connection:
        key = keys.sign(makers.get(connection, hands.village_id, hands.product.maker_id), "s" * 40, at=making.NOW)
    return [f"/pesanan/{order.token}", f"/en/pesanan/{order.token}", f"/penjual/{key}"]


def hidden(order: Order) -> list[str]:
    return ["Dewi", "Anggraini", "81311112222", "Melati", "cabai", "Keripik", "30.000", order.code]


@pytest.mark.parametrize("reader", READERS)
def test_no_reader_sees_who_ordered_what(hands: Hands, order: Order, paths: list[str], reader: str) -> None:
    for path in paths:
        answer = hands.browser.get(path, headers=READERS[reader])
        assert answer.status_code in (200, 503)
        assert not [word for word in hidden(order) if word in answer.text], path
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert 'name="robots" content="noindex"' in answer.text
        assert "no-store" in answer.headers["cache-control"]
        assert re.search(r'property="og:title" content="[^"]*Wonorejo', answer.text), "a link in a chat still says whose it is"
        assert hands.browser.head(path, headers=READERS[reader]).text == ""


def test_what_a_browser_fetched_ahead_is_thrown_away_and_the_page_comes_when_it_is_opened(hands: Hands, paths: list[str]) -> None:
    assert hands.browser.get(paths[0], headers=READERS["a browser that fetches ahead"]).status_code == 503
    assert "Dewi" in hands.get(paths[0]).text


def test_people_see_it_and_their_browsers_pass_its_address_on_to_nobody(hands: Hands, paths: list[str]) -> None:
    for path in paths:
        answer = hands.get(path)
        assert "Dewi Anggraini" in answer.text
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "no-store" in answer.headers["cache-control"]
        assert "private" in answer.headers["cache-control"]
        assert 'name="robots"' not in answer.text
        assert "og:" not in answer.text


@pytest.mark.parametrize(("accepted", "sent"), [("gzip, br", "br"), ("gzip", "gzip"), ("identity", None)])
def test_an_order_is_light_on_a_weak_signal_too(hands: Hands, paths: list[str], accepted: str, sent: str | None) -> None:
    answer = hands.browser.get(paths[0], headers={"accept-encoding": accepted})
    assert "Dewi Anggraini" in answer.text
    assert answer.headers.get("content-encoding") == sent
    assert sent is None or int(answer.headers["content-length"]) < 8_000


def test_a_robot_cannot_put_an_order_together_either(hands: Hands, order: Order) -> None:
    for path in ("/pesan", "/keranjang"):
        answer = hands.browser.get(path, headers=READERS["google"], follow_redirects=True)
        assert not [word for word in hidden(order) if word in answer.text]
        assert answer.headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize("agent", ["curl/8.5.0", "", "python-httpx/0.28.1", PHONE.replace("Chrome/", "HeadlessChrome/")])
def test_a_program_that_was_given_the_address_sees_the_page_and_is_asked_not_to_keep_it(hands: Hands, paths: list[str], agent: str) -> None:
    for path in paths:
        answer = hands.browser.get(path, headers={"user-agent": agent})
        assert "Dewi Anggraini" in answer.text
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"


def test_whoever_is_taken_for_a_robot_is_one_tap_away_from_their_order(hands: Hands, paths: list[str]) -> None:
    odd = {"user-agent": "Rumahanbot/1.0 (peramban buatan sendiri)"}
    closed = hands.browser.get(paths[0], headers=odd)
    action, there = re.search(r'action="([^"]+)"><input type="hidden" name="ke" value="([^"]+)"', closed.text).groups()  # type: ignore[union-attr]
    opened = hands.browser.post(action, data={"ke": there}, headers=odd)
    assert (opened.status_code, opened.headers["location"]) == (303, paths[0])
    assert "HttpOnly" in opened.headers["set-cookie"]
    assert "Dewi Anggraini" in hands.browser.get(paths[0], headers=odd).text


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_the_button_leads_to_no_other_site(hands: Hands, elsewhere: str) -> None:
    assert hands.post("/orang", ke=elsewhere).headers["location"] == "/"


def test_a_mistake_on_the_page_of_an_order_is_told_to_whoever_pressed_the_button(hands: Hands, order: Order, paths: list[str]) -> None:
    part = order.parts[0]
    hands.browser.cookies.set(secretpages.COOKIE, "1")
    answer = hands.browser.post(f"{paths[0]}/bukti/{part.id}", headers={"user-agent": "Rumahanbot/1.0"})
    assert answer.status_code in (409, 422)
    assert "Dewi Anggraini" in answer.text
    with database.reading(hands.engine) as connection:
        assert orders.get(connection, hands.village_id, order.id).parts[0].paid_at is None
