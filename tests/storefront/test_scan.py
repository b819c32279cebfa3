"""A scan leads into the shop, is kept before it is answered, and never leads anywhere else."""

import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import making
import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st
from scan_gate import PHONE, SECRET, Gate

from campaigns import links
from campaigns.clicks import Kind
from campaigns.tables import click, metadata, unique_day
from storefront import addresses, asking, attribution, scan
from storefront.attribution import Source


def test_a_scan_is_kept_and_leads_into_the_shop(gate: Gate) -> None:
    answer = gate.ask()
    assert (answer.status, answer.headers["location"]) == (302, "/")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert gate.kinds() == [Kind.PERSON]


@pytest.mark.parametrize("write", [str.lower, str.upper, lambda code: code.replace("0", "o").replace("1", "l"), lambda code: code + "/"])
def test_a_code_is_read_however_it_is_written(gate: Gate, write: Callable[[str], str]) -> None:
    assert gate.ask(f"/q/{write(gate.sign.code)}").headers["location"] == "/"
    assert gate.kinds() == [Kind.PERSON]


def test_what_a_guest_says_at_any_length_is_read_and_only_what_is_short_is_remembered(gate: Gate) -> None:
    before = asking._remembered.cache_info().currsize
    assert gate.ask(user_agent=PHONE + " x" * 5_000, accept_language="en").headers["location"] == "/en/"
    assert gate.ask(accept_language="en," + "x" * 5_000).headers["location"] == "/en/"
    assert asking._remembered.cache_info().currsize == before
    assert gate.ask(user_agent="WhatsApp/2.23.20.0 A", purpose="prefetch").status == 302  # whoever shows a link never comes back for it
    assert gate.kinds() == [Kind.PERSON, Kind.PERSON, Kind.PREVIEW]


@pytest.mark.parametrize("code", ["ZZZZZZ", "", "x", "../../etc", "%2f%2fevil.example", "K7Q2X' OR 1=1", "é" * 6, "A" * 5_000])
def test_an_unknown_code_leads_to_the_villages_friendly_page(gate: Gate, code: str) -> None:
    answer = gate.ask(f"/Q/{code}")
    assert (answer.status, answer.headers["location"]) == (302, addresses.LOST)
    assert "set-cookie" not in answer.headers
    assert gate.kinds() == []


def test_a_withdrawn_code_leads_to_the_friendly_page_and_is_still_counted(gate: Gate) -> None:
    with gate.engine.begin() as connection:
        links.withdraw(connection, gate.village, gate.sign.id, at=making.NOW)
    answer = gate.ask(accept_language="en-GB")
    assert answer.headers["location"] == f"/en{addresses.LOST}"
    assert "set-cookie" not in answer.headers
    assert gate.kinds() == [Kind.PERSON]


@pytest.mark.parametrize(
    ("headers", "location"),
    [
        ({}, "/"),
        ({"accept_language": "id-ID,id;q=0.9,en;q=0.8"}, "/"),
        ({"accept_language": "nl-NL,nl;q=0.9"}, "/en/"),
        ({"accept_language": "en", "cookie": "a=b; gapura_language=id"}, "/"),
        ({"accept_language": "id", "cookie": "gapura_language=en"}, "/en/"),
        ({"accept_language": "id", "cookie": "gapura_language=//evil.example"}, "/"),
    ],
)
def test_a_guest_is_led_to_the_page_in_their_language(gate: Gate, headers: dict[str, str], location: str) -> None:
    assert gate.ask(**headers).headers["location"] == location


def test_a_person_takes_along_which_sign_they_came_by(gate: Gate) -> None:
    answer = gate.ask()
    with gate.engine.begin() as connection:
        key = connection.scalar(sa.select(click.c.key))
    assert answer.source == Source(gate.sign.id, key)
    assert answer.headers["set-cookie"].endswith("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure")


def test_the_cookie_is_sent_without_encryption_only_where_there_is_none(open_gate: Callable[..., Gate]) -> None:
    assert "Secure" not in open_gate(settings={"public_url": "http://127.0.0.1:8000"}).ask().headers["set-cookie"]


def test_a_browser_that_fetches_ahead_is_told_to_come_back(gate: Gate) -> None:
    answer = gate.ask(sec_purpose="prefetch;prerender")
    assert answer.status == 503
    assert answer.headers["cache-control"] == "private, no-store"
    assert gate.ask().status == 302
    assert gate.kinds() == [Kind.PREFETCH, Kind.PERSON]


def test_a_look_without_a_body_is_answered_and_is_nobodys_visit(gate: Gate) -> None:
    answer = gate.ask(method="HEAD")
    assert (answer.status, answer.headers["location"], answer.body) == (302, "/", b"")
    assert gate.ask(method="OPTIONS").status == 204
    assert gate.ask(method="POST").status == 405
    assert gate.kinds() == [Kind.HEAD, Kind.HEAD]
    assert "set-cookie" not in answer.headers


def test_a_messenger_gets_the_links_own_card(open_gate: Callable[..., Gate]) -> None:
    gate = open_gate(preview=lambda link, _target, language: f"<title>{link.title} ({language})</title>".encode())
    answer = gate.ask(user_agent="WhatsApp/2.23.20.0 A")
    assert (answer.status, answer.body) == (200, b"<title>Papan gerbang timur (id)</title>")
    assert "set-cookie" not in answer.headers
    assert gate.kinds() == [Kind.PREVIEW]


def test_a_messenger_is_led_on_where_there_is_no_card(gate: Gate) -> None:
    assert gate.ask(user_agent="WhatsApp/2.23.20.0 A").status == 302
    assert gate.kinds() == [Kind.PREVIEW]


def test_two_scans_by_one_phone_are_one_visitor_and_another_phone_is_another(gate: Gate) -> None:
    for address in ("36.68.0.1", "36.68.0.1", "36.68.0.2"):
        gate.ask(address=address)
    with gate.engine.begin() as connection:
        assert connection.scalar(sa.select(unique_day.c.visitors).where(unique_day.c.scope == "village")) == 2


@pytest.mark.parametrize(
    ("trusted", "forwarded", "visitors"),
    [
        ("", ["1.1.1.1", "2.2.2.2"], 1),  # anybody can write a header
        ("36.68.0.1", ["1.1.1.1", "2.2.2.2"], 2),
        ("36.68.0.0/16", ["9.9.9.9, 1.1.1.1", "8.8.8.8, 1.1.1.1"], 1),  # what stands left of the last foreign address is hearsay
        ("36.68.0.0/16", ["1.1.1.1, 36.68.0.9", "2.2.2.2, 36.68.0.9"], 2),
        ("36.68.0.1", ["", "1.1.1.1"], 2),
    ],
)
def test_only_our_own_proxies_are_believed(open_gate: Callable[..., Gate], trusted: str, forwarded: list[str], visitors: int) -> None:
    gate = open_gate(settings={"trusted_proxies": trusted})
    for said in forwarded:
        gate.ask(x_forwarded_for=said)
    with gate.engine.begin() as connection:
        assert connection.scalar(sa.select(unique_day.c.visitors).where(unique_day.c.scope == "village")) == visitors


def test_no_address_and_no_browsers_name_is_kept(gate: Gate) -> None:
    gate.ask(address="36.68.77.99", referer="https://www.instagram.com/someone", user_agent=PHONE + " TELLTALE")
    with gate.engine.begin() as connection:
        kept = "".join(str(row) for table in metadata.sorted_tables for row in connection.execute(table.select()))
    assert not any(text in kept for text in ("36.68.77.99", "TELLTALE", "instagram.com"))


def test_an_edit_holds_within_a_second(gate: Gate) -> None:
    assert gate.ask().headers["location"] == "/"
    with gate.engine.begin() as connection:
        product = making.product(connection, gate.village, making.maker(connection, gate.village))
        links.retarget(connection, gate.village, gate.sign.id, target_kind="product", target_id=product.id, at=making.NOW)
    time.sleep(1)
    assert gate.ask().headers["location"] == f"/produk/{product.slug}"


def test_a_link_scanned_without_a_pause_is_followed_to_its_new_place_too(gate: Gate) -> None:
    gate.ask()
    with gate.engine.begin() as connection:
        links.withdraw(connection, gate.village, gate.sign.id, at=making.NOW)
    until = time.monotonic() + 1
    while time.monotonic() < until:
        answer = gate.ask()
    assert answer.headers["location"] == addresses.LOST


def test_a_known_link_leads_on_while_the_database_fails(gate: Gate) -> None:
    gate.ask()
    for table in ("link", "click"):
        with gate.engine.begin() as connection:
            connection.execute(sa.text(f"ALTER TABLE {table} RENAME TO gone_{table}"))
    time.sleep(1)
    started = time.monotonic()
    assert (gate.ask().status, gate.ask().headers["location"]) == (302, "/")
    assert time.monotonic() - started < 2
    for table in ("link", "click"):
        with gate.engine.begin() as connection:
            connection.execute(sa.text(f"ALTER TABLE gone_{table} RENAME TO {table}"))
    until = time.monotonic() + 10
    while len(gate.kinds()) < 3 and time.monotonic() < until:
        time.sleep(0.05)
    assert gate.kinds() == [Kind.PERSON] * 3


@given(st.text(max_size=40), st.sampled_from(["id", "en"]))
@example("//evil.example/x", "id")
@example("/\\evil.example", "id")
@example("https://evil.example", "id")
@example("\t//evil.example", "en")
@example("/x\r\nSet-Cookie: a=b", "id")
def test_no_place_leads_out_of_the_shop(place: str, language: str) -> None:
    location = scan.location(place, language).decode("ascii")
    assert location.startswith("/")
    assert not any(character in location for character in "\r\n\t\\ ")
    assert urlsplit(urljoin("https://wonorejo.desa.id/Q/K7Q2XA", location))[:2] == ("https", "wonorejo.desa.id")


def test_a_source_is_forgotten_after_a_week_and_cannot_be_made_up() -> None:
    signed = attribution.sign_source(Source(3, 2**62), SECRET, at=making.NOW)
    assert attribution.read_source(signed, SECRET, at=making.NOW + timedelta(days=6)) == Source(3, 2**62)
    assert attribution.read_source(signed, SECRET, at=making.NOW + timedelta(days=8)) is None
    assert attribution.read_source(signed, "t" * 40, at=making.NOW) is None
    for made_up in ("", ".", "4" + signed[1:], signed[:-1], signed + "x", "3.4.5", "é.é"):
        assert attribution.read_source(made_up, SECRET, at=making.NOW) is None
