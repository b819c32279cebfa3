"""Every network of the family, whatever the listing finds, and the practice network as a client sees it."""

from datetime import UTC, datetime, timedelta

import pytest

from promo import journal, networks
from promo.journal import Attempt
from promo.networks import Absent, Access, Failure, Found, Limits, Outgoing, Picture, UnknownNetwork
from promo.targets import STATES
from storefront import languages

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)


@pytest.mark.parametrize("name", networks.names())
def test_every_network_says_what_it_is_and_what_it_takes(name: str) -> None:
    network = networks.get(name)
    assert network.TITLE
    assert any(field.kind == "secret" for field in network.FIELDS) or not network.FIELDS  # nobody to knock at, nothing to hide
    assert set(network.FORMATS) <= {"square", "portrait", "story", "landscape"}
    assert isinstance(network.LIMITS, Limits)
    assert network.LIMITS.exactly_once in ("key", "two_phase", "marker", "none")
    assert network.check("Keripik apel", 1) == []
    assert [unfit.field for unfit in network.check("a" * (network.LIMITS.text + 1), 1)] == ["caption"]
    assert [unfit.field for unfit in network.check("a", network.LIMITS.pictures + 1)] == ["pictures"]
    outgoing = Outgoing("Keripik apel", (Picture("0" * 64, "Keripik", JPEG),), "ABC123")
    assert network.calls_left(Access({}, {}), outgoing, ()) >= 0


@pytest.mark.parametrize("name", networks.names())
@pytest.mark.parametrize("code", languages.known()[:2])
def test_every_field_of_a_connect_form_has_a_label(name: str, code: str) -> None:
    for field in networks.get(name).FIELDS:
        assert f"publish.field.{field.name}" in languages.words(code)
        assert not field.has_hint or f"publish.hint.{field.name}" in languages.words(code)


@pytest.mark.parametrize("name", networks.names())
def test_an_unreachable_network_is_told_as_nothing_sent_and_no_token_in_it(name: str) -> None:
    network = networks.get(name)
    secrets = {field.name: "hush-hush" for field in network.FIELDS if field.kind == "secret"}
    fields = {field.name: field.default or "1" for field in network.FIELDS if field.kind != "secret"}
    given = {"graph_url": "http://127.0.0.1:9", "threads_url": "http://127.0.0.1:9"}
    access = Access({**fields, "base_url": "http://127.0.0.1:9"}, secrets, 2, given)
    outgoing = Outgoing("Keripik apel", (), "ABC123")
    with pytest.raises(Failure) as told:
        network.publish(access, outgoing, ("1", "ready") if network.LIMITS.exactly_once == "two_phase" else ())
    assert told.value.kind in ("network", "by_hand")
    assert told.value.sent == "no"
    assert "hush" not in repr(told.value) + str(told.value) + repr(told.value.__context__) + repr(access)


def test_an_account_may_want_another_format_than_its_networks_first() -> None:
    assert networks.format_of("instagram", {"place": "story"}) == "story"
    assert networks.format_of("instagram", {"place": "feed"}) == networks.format_of("facebook", {}) == "portrait"


def test_a_network_nobody_wrote_is_unknown() -> None:
    for name in ("friendster", "__init__", "../accounts"):
        with pytest.raises(UnknownNetwork):
            networks.get(name)


@pytest.mark.parametrize("code", languages.known()[:2])
def test_everything_the_journal_can_say_has_words(code: str) -> None:
    words = languages.words(code)
    for state in (*STATES, "partly"):
        assert f"states.{state}" in words
    outcomes = {"prepare": ("done",), "publish": ("done",), "reconcile": ("found", "absent", "cannot_tell")}
    for step, good in outcomes.items():
        assert f"journal.step.{step}" in words
        for outcome in (*good, *networks.KINDS, "cut_off", None):
            for sent in (None, *networks.SENT):
                call = Attempt(1, 1, 1, step, NOW, NOW, outcome, sent, None, None, None, None, "worker")
                assert call.word(NOW) in words
                assert call.word(NOW + timedelta(hours=1)) in words


def test_failures_in_a_row_are_counted_from_the_last_success() -> None:
    outcomes = ["server", "done", "network", "cut_off", "rate"]
    calls = [Attempt(1, 1, 1, "prepare", NOW, NOW, outcome, "no", None, None, None, None, "worker") for outcome in outcomes]
    assert journal.failures_in_a_row(calls) == 2
    assert journal.failures_in_a_row(calls[:2]) == 0


@pytest.mark.parametrize(
    ("fault", "kind", "sent"),
    [
        ("error_before", "server", "maybe"),
        ("error_after", "server", "maybe"),
        ("drop_before", "network", "maybe"),
        ("drop_after", "network", "maybe"),
        ("slow", "network", "maybe"),
        ("full", "rate", "no"),
        ("token_dead", "account", "no"),
    ],
)
def test_each_fault_of_the_practice_network_is_told_in_its_kind(practice, fault: str, kind: str, sent: str) -> None:
    network = networks.get("practice")
    access = Access({"base_url": practice.url, "handle": "desa"}, {"token": "hush-hush"}, 0.5)
    outgoing = Outgoing("Keripik apel", (), "ABC123")
    practice.misbehave(seconds=1, **{fault: 1})
    before = datetime.now(UTC)
    with pytest.raises(Failure) as told:
        network.publish(access, outgoing, ())
    assert (told.value.kind, told.value.sent) == (kind, sent)
    is_there = fault in ("error_after", "drop_after", "slow")
    assert isinstance(network.reconcile(access, outgoing, (), before), Found if is_there else Absent)


def test_a_picture_that_is_gone_is_prepared_anew(practice) -> None:
    network = networks.get("practice")
    access = Access({"base_url": practice.url, "handle": "desa"}, {"token": "hush-hush"}, 5)
    with pytest.raises(Failure) as told:
        network.publish(access, Outgoing("Keripik apel", (), "ABC123"), ("4711",))
    assert (told.value.kind, told.value.sent) == ("draft_gone", "no")
