"""Bluesky over real HTTP against a stand-in: a record key of our own, so that no repeat makes two."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import bluesky_stand_in
import pytest
from bluesky_stand_in import StandIn
from hypothesis import given
from hypothesis import strategies as st

from promo.decisions import decide
from promo.networks import Absent, Access, Failure, Found, Outgoing, Picture, bluesky

PASSWORD = "password-that-must-never-be-seen"
CAPTION = "Keripik apel, renyah \N{HOT PEPPER}. https://desa.id/q/ABC123 #wonorejo"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[StandIn]:
    with bluesky_stand_in.running(PASSWORD) as stand_in:
        yield stand_in


def access_to(server: StandIn, password: str = PASSWORD) -> Access:
    return Access({"handle": "@wonorejo.example", "base_url": server.url + "/"}, {"app_password": password}, 1.0)


def outgoing(pictures: int = 0, marker: str = "ABC123") -> Outgoing:
    return Outgoing(CAPTION, tuple(Picture("0" * 64, f"Gambar {number}", bytes([number])) for number in range(pictures)), marker)


def prepared(server: StandIn, what: Outgoing) -> tuple[str, ...]:
    draft: tuple[str, ...] = ()
    while bluesky.calls_left(access_to(server), what, draft):
        draft = bluesky.prepare(access_to(server), what, draft)
    return draft


@pytest.mark.parametrize("pictures", [0, 1, 4])
def test_words_links_tags_and_pictures_arrive_whole_and_in_order(server: StandIn, pictures: int) -> None:
    what = outgoing(pictures)
    sent = bluesky.publish(access_to(server), what, prepared(server, what))
    ((key, post),) = server.records.items()
    assert sent.permalink == f"https://bsky.app/profile/wonorejo.example/post/{key}"
    assert post["record"]["text"] == CAPTION
    assert post["pictures"] == [bytes([number]) for number in range(pictures)]
    assert [one["alt"] for one in post["record"].get("embed", {}).get("images", [])] == [f"Gambar {number}" for number in range(pictures)]
    shown = [CAPTION.encode()[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode() for one in post["record"]["facets"]]
    assert shown == ["https://desa.id/q/ABC123", "#wonorejo"]


@pytest.mark.parametrize("fault", ["after", "drop_after", "slow", "html"])
def test_a_repeat_after_a_lost_answer_is_refused_by_the_network_itself_and_found(server: StandIn, fault: str) -> None:
    server.faults.next_ones = [(fault, {})]
    with pytest.raises(Failure) as told:
        bluesky.publish(access_to(server), outgoing(), ())
    assert told.value.sent == "maybe"
    before = dict(server.records)
    with pytest.raises(Failure) as again:
        bluesky.publish(access_to(server), outgoing(), ())
    assert (again.value.kind, again.value.sent) == ("duplicate", "no")
    assert decide("publish", again.value, 0, exactly_once="key").action == "reconcile"
    assert isinstance(bluesky.reconcile(access_to(server), outgoing(), (), NOW), Found)
    assert server.records == before


@pytest.mark.parametrize("fault", ["before", "drop_before"])
def test_what_never_arrived_is_proved_absent_by_its_own_key(server: StandIn, fault: str) -> None:
    server.faults.next_ones = [(fault, {})]
    with pytest.raises(Failure):
        bluesky.publish(access_to(server), outgoing(), ())
    assert bluesky.reconcile(access_to(server), outgoing(), (), NOW) == Absent(is_proof=True)


def test_a_session_that_ends_early_is_opened_anew_and_few_are_opened(server: StandIn) -> None:
    server.ends_after = 3
    bluesky.publish(access_to(server), outgoing(4), prepared(server, outgoing(4)))
    assert len(server.records) == 1
    assert [name for _, _, name in server.asked].count("com.atproto.server.createSession") == 2


def test_pictures_the_network_forgot_are_brought_anew(server: StandIn) -> None:
    draft = prepared(server, outgoing(1))
    server.blobs.clear()
    with pytest.raises(Failure) as told:
        bluesky.publish(access_to(server), outgoing(1), draft)
    assert (told.value.kind, told.value.sent) == ("draft_gone", "no")


def test_a_changed_password_parks_the_account(server: StandIn) -> None:
    with pytest.raises(Failure) as told:
        bluesky.publish(access_to(server, "another"), outgoing(), ())
    assert (told.value.kind, told.value.sent) == ("account", "no")
    assert not bluesky.health(access_to(server, "another")).is_usable
    assert bluesky.health(access_to(server)).is_usable


def test_what_it_counts_is_read_and_who_saw_it_is_not_known(server: StandIn) -> None:
    sent = bluesky.publish(access_to(server), outgoing(), ())
    assert bluesky.metrics(access_to(server), sent.remote_id) == {"likes": 5, "comments": 0, "shares": 2}


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_every_marker_has_a_key_of_its_own_that_the_network_accepts(one: str, other: str) -> None:
    key = bluesky.record_key(one)
    assert bluesky_stand_in._TID.fullmatch(key)
    assert (key == bluesky.record_key(other)) == (one == other)


def test_neither_password_nor_session_is_in_a_log_an_error_or_an_address(server: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.faults.next_ones = [("before", {}), ("", {}), ("drop_after", {})]
    told = ""
    for password in (PASSWORD, "another-" + PASSWORD):
        for _ in range(2):
            try:
                bluesky.publish(access_to(server, password), outgoing(marker=password), ())
            except Failure as failure:
                told += repr(failure) + str(failure) + repr(failure.__context__)
    assert told
    addresses = str([url for url, _, _ in server.asked])
    for secret in (PASSWORD, "session-that-must-never-be-seen"):
        assert secret not in caplog.text + told + addresses
