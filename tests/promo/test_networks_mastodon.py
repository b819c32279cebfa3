"""Mastodon over real HTTP against a stand-in that keeps keys against repeats, and one that does not."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import mastodon_stand_in
import pytest
from mastodon_stand_in import StandIn

from promo.decisions import decide
from promo.networks import Absent, Access, Failure, Found, Outgoing, Picture, mastodon

TOKEN = "token-that-must-never-be-seen"
CAPTION = "Keripik apel, renyah. https://desa.id/q/ABC123 #wonorejo"


@pytest.fixture(params=[True, False], ids=["keeps keys", "ignores keys"])
def server(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    with mastodon_stand_in.running(TOKEN, keeps_keys=request.param) as stand_in:
        yield stand_in


@pytest.fixture
def keeper() -> Iterator[StandIn]:
    with mastodon_stand_in.running(TOKEN) as stand_in:
        yield stand_in


def access_to(server: StandIn, token: str = TOKEN) -> Access:
    return Access({"base_url": server.url + "/"}, {"token": token}, 1.0)


def outgoing(pictures: int = 0, caption: str = CAPTION, marker: str = "ABC123") -> Outgoing:
    return Outgoing(caption, tuple(Picture("0" * 64, f"Gambar {number}", bytes([number])) for number in range(pictures)), marker)


def prepared(server: StandIn, what: Outgoing) -> tuple[str, ...]:
    draft: tuple[str, ...] = ()
    while mastodon.calls_left(access_to(server), what, draft):
        draft = mastodon.prepare(access_to(server), what, draft)
    return draft


@pytest.mark.parametrize("pictures", [0, 1, 4])
def test_words_and_pictures_arrive_whole_and_in_order(keeper: StandIn, pictures: int) -> None:
    what = outgoing(pictures)
    sent = mastodon.publish(access_to(keeper), what, prepared(keeper, what))
    (post,) = keeper.posts
    assert post["text"] == CAPTION
    assert [one["alt"] for one in post["pictures"]] == [f"Gambar {number}" for number in range(pictures)]
    assert sent.permalink == post["url"]


def test_after_a_dropped_answer_a_repeat_with_the_same_key_is_one_post(keeper: StandIn) -> None:
    what = outgoing(1)
    draft = prepared(keeper, what)
    keeper.faults.next_ones = [("slow", {})]
    with pytest.raises(Failure) as told:
        mastodon.publish(access_to(keeper), what, draft)
    assert (told.value.kind, told.value.sent) == ("network", "maybe")
    sent = mastodon.publish(access_to(keeper), what, draft)
    assert [post["id"] for post in keeper.posts] == [sent.remote_id]


def test_another_post_and_one_that_a_person_sends_anew_have_other_keys(keeper: StandIn) -> None:
    for what in (outgoing(1), outgoing(1), outgoing(1, marker="ABC124")):  # each prepared for itself
        mastodon.publish(access_to(keeper), what, prepared(keeper, what))
    assert len(keeper.posts) == len(keeper.keys) == 3


@pytest.mark.parametrize(
    ("fault", "kind", "sent", "is_there"),
    [
        (("before", 500), "server", "maybe", False),
        (("after", 500), "server", "maybe", True),
        (("after", 503), "server", "maybe", True),
        (("slow", 0), "network", "maybe", True),
        (("html", 502), "server", "maybe", True),
        (("html", 200), "unknown", "maybe", True),
    ],
)
def test_an_unclear_answer_is_settled_by_looking_whether_or_not_keys_are_kept(
    server: StandIn, fault: tuple[str, int], kind: str, sent: str, is_there: bool
) -> None:
    server.faults.next_ones = [(fault[0], {"status": fault[1]})]
    began = datetime.now(UTC)
    with pytest.raises(Failure) as told:
        mastodon.publish(access_to(server), outgoing(), ())
    assert (told.value.kind, told.value.sent) == (kind, sent)
    assert decide("publish", told.value, 0, exactly_once=mastodon.LIMITS.exactly_once).action == "reconcile"
    seen = mastodon.reconcile(access_to(server), outgoing(), (), began)
    is_proof = server.keeps_keys  # there a repeat with the same key cannot double, so nothing needs to settle
    assert seen == (Found("1", "https://mastodon.example/@desa/1") if is_there else Absent(is_proof=is_proof))


def test_a_post_is_found_behind_pages_of_newer_ones_and_no_other_is_taken_for_it(keeper: StandIn) -> None:
    began = datetime.now(UTC)
    mastodon.publish(access_to(keeper), outgoing(caption="https://desa.id/q/ABC1234"), ())
    assert mastodon.reconcile(access_to(keeper), outgoing(), (), began) == Absent(is_proof=True)
    mastodon.publish(access_to(keeper), outgoing(marker="1"), ())
    keeper.posts += [{**keeper.posts[0], "id": str(number)} for number in range(3, 60)]
    assert mastodon.reconcile(access_to(keeper), outgoing(), (), began) == Found("2", "https://mastodon.example/@desa/2")


def test_a_look_goes_no_further_back_than_the_call(keeper: StandIn) -> None:
    old = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    keeper.posts = [{"id": str(number), "url": "", "content": "<p>lama</p>", "created_at": old} for number in range(1, 100)]
    assert mastodon.reconcile(access_to(keeper), outgoing(), (), datetime.now(UTC)) == Absent(is_proof=True)
    assert [path for path in keeper.asked if path.endswith("/statuses")] == ["/api/v1/accounts/42/statuses"]


def test_a_picture_that_is_worked_on_is_waited_for(keeper: StandIn) -> None:
    keeper.works_for = 2
    what = outgoing(1)
    draft = mastodon.prepare(access_to(keeper), what, ())
    assert mastodon.calls_left(access_to(keeper), what, draft) == 1
    with pytest.raises(Failure) as told:
        mastodon.prepare(access_to(keeper), what, draft)
    assert (told.value.kind, decide("prepare", told.value, 0).action) == ("not_ready", "resend")
    draft = mastodon.prepare(access_to(keeper), what, draft)
    assert mastodon.calls_left(access_to(keeper), what, draft) == 0
    assert mastodon.publish(access_to(keeper), what, draft).remote_id == "1"


def test_a_picture_that_was_thrown_away_meanwhile_is_brought_anew(keeper: StandIn) -> None:
    what = outgoing(2)
    draft = prepared(keeper, what)
    del keeper.media[draft[1]]
    with pytest.raises(Failure) as told:
        mastodon.publish(access_to(keeper), what, draft)
    assert (told.value.kind, told.value.sent) == ("draft_gone", "no")


@pytest.mark.parametrize(("status", "kind", "action"), [(422, "content", "reject"), (429, "rate", "wait"), (403, "account", "wait")])
def test_a_clear_refusal_is_told_as_nothing_sent(keeper: StandIn, status: int, kind: str, action: str) -> None:
    keeper.faults.next_ones = [("before", {"status": status})]
    with pytest.raises(Failure) as told:
        mastodon.publish(access_to(keeper), outgoing(), ())
    assert (told.value.kind, told.value.sent) == (kind, "no")
    assert decide("publish", told.value, 0).action == action


def test_after_the_hour_in_which_keys_are_kept_a_look_proves_no_more_than_elsewhere(keeper: StandIn) -> None:
    assert mastodon.reconcile(access_to(keeper), outgoing(), (), datetime.now(UTC) - timedelta(minutes=55)) == Absent()


def test_a_login_is_looked_at_without_posting(keeper: StandIn) -> None:
    assert [one.key for one in mastodon.health(access_to(keeper)).findings] == ["token_alive", "account"]
    keeper.scopes = ("read", "write:media")
    bad = [one.facts["scope"] for one in mastodon.health(access_to(keeper)).findings if one.level == "bad"]
    assert bad == ["write:statuses"]
    assert not mastodon.health(access_to(keeper, "another-" + TOKEN)).is_usable
    assert keeper.posts == []


def test_what_the_server_counts_is_read_and_who_saw_it_is_not_known(keeper: StandIn) -> None:
    remote_id = mastodon.publish(access_to(keeper), outgoing(), ()).remote_id
    assert mastodon.metrics(access_to(keeper), remote_id) == {"likes": 3, "comments": 0, "shares": 1}


def test_an_address_counts_23_and_a_far_name_without_its_server() -> None:
    address = "https://desa-wonorejo.sleman.example/q/ABC123?and=much&more=of&it=" + "x" * 300
    assert mastodon.length(f"Keripik {address}") == len("Keripik ") + 23
    assert mastodon.length("oleh @sri@mastodon.example.") == len("oleh @sri.")
    assert mastodon.check(f"{'a' * 476} {address}", 4) == []
    assert [unfit.key for unfit in mastodon.check(f"{'a' * 477} {address}", 5)] == ["publish.caption_too_long", "publish.too_many_pictures"]


def test_the_token_is_in_no_log_and_no_error(keeper: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Failure) as told:
        mastodon.publish(access_to(keeper, "another-" + TOKEN), outgoing(), ())
    assert (told.value.kind, told.value.sent) == ("account", "no")
    assert TOKEN not in caplog.text + str(told.value) + repr(told.value)
