"""The decision table: nothing that may be visible is ever sent again without a look."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promo.decisions import ACTIONS, BACK_OFF, TABLE, decide
from promo.networks import KINDS, SENT, Failure

numbers = st.none() | st.sampled_from([4, 9, 190, 368, 506, 2207051, 1390008]) | st.integers(0, 3_000_000)
failures = st.builds(
    Failure,
    st.sampled_from(KINDS),
    sent=st.sampled_from(SENT),
    status=st.none() | st.integers(100, 599),
    code=numbers,
    subcode=numbers,
    retry_after=st.none() | st.floats(0, 100_000),
)


@given(failure=failures, before=st.integers(0, 50), protection=st.sampled_from(["marker", "two_phase", "none"]))
def test_a_publishing_call_is_repeated_only_when_nothing_was_sent(failure: Failure, before: int, protection: str) -> None:
    decision = decide("publish", failure, before, exactly_once=protection)
    if failure.sent != "no":
        assert decision.action == "reconcile"


@given(failure=failures, before=st.integers(0, 50))
def test_only_a_network_that_keeps_keys_may_be_asked_again_without_a_look(failure: Failure, before: int) -> None:
    decision = decide("publish", failure, before, exactly_once="key")
    if failure.sent != "no":
        assert decision.action in ("reconcile", "resend", "person")


@given(failure=failures, before=st.integers(0, 50), step=st.sampled_from(["prepare", "publish", "reconcile"]))
def test_every_failure_has_an_answer_and_no_network_is_hurried(failure: Failure, before: int, step: str) -> None:
    decision = decide(step, failure, before)
    assert decision.action in ACTIONS
    assert decision.reason
    if decision.after is not None and decision.action in ("wait", "resend"):
        assert decision.after >= (failure.retry_after or 0)
    if step == "reconcile":
        assert decision.action in ("reconcile", "wait")


@pytest.mark.parametrize(
    ("step", "failure", "action", "reason"),
    [
        ("publish", Failure("network", sent="no"), "resend", "network"),
        ("publish", Failure("account", sent="no", code=190), "wait", "account"),
        ("publish", Failure("content", sent="no", code=100), "reject", "content"),
        ("publish", Failure("policy", sent="no", code=368), "person", "policy"),
        ("publish", Failure("duplicate", sent="no", code=506), "reconcile", "duplicate"),
        ("publish", Failure("server", sent="maybe", status=500), "reconcile", "maybe"),
        ("prepare", Failure("server", sent="maybe", status=500), "resend", "server"),
        ("prepare", Failure("rate", sent="no", code=368, subcode=1390008), "wait", "rate"),
        ("prepare", Failure("unknown", sent="maybe"), "resend", "unknown"),
    ],
)
def test_what_follows_from_the_common_failures(step: str, failure: Failure, action: str, reason: str) -> None:
    decision = decide(step, failure, 0)
    assert (decision.action, decision.reason) == (action, reason)


def test_a_restricted_account_rests_for_a_day_and_a_hasty_one_for_an_hour() -> None:
    assert decide("publish", Failure("rate", sent="no", code=4, subcode=2207051), 0).after == 86_400
    assert decide("publish", Failure("rate", sent="no", code=368, subcode=1390008), 0).after == 3_600


def test_pauses_grow_and_end_with_a_person() -> None:
    failure = Failure("server", sent="no")
    pauses = [decide("prepare", failure, before).after for before in range(len(BACK_OFF))]
    assert pauses == sorted(BACK_OFF)
    assert decide("prepare", failure, 100).action == "person"


def test_every_line_of_the_table_can_be_reached() -> None:
    for place, rule in enumerate(TABLE):
        earlier = TABLE[:place]
        assert not any(
            all(getattr(one, name) in ("*", None, getattr(rule, name)) for name in ("step", "kind", "sent", "code", "subcode"))
            for one in earlier
        ), rule
