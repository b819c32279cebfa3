"""The Facebook Page over real HTTP against a stand-in of the Graph API."""

import hashlib
import hmac
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import graph_stand_in
import pytest

from promo import graph
from promo.decisions import decide
from promo.networks import Absent, Access, Failure, Found, Outgoing, Picture, facebook

TOKEN = "token-that-must-never-be-seen"
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)
CAPTION = "Keripik apel, renyah. https://desa.id/Q/ABC123 #wonorejo"


@pytest.fixture
def page() -> Iterator[graph_stand_in.StandIn]:
    stand_in, server, thread = graph_stand_in.start()
    yield stand_in
    server.should_exit = True
    thread.join(timeout=10)


def access_to(page: graph_stand_in.StandIn, **given: object) -> Access:
    return Access(
        {"page_id": "1234"}, {"token": TOKEN, "app_secret": "s3cret"}, 1.0, {"graph_url": page.url, "graph_version": "v26.0", **given}
    )


def outgoing(pictures: int = 0, caption: str = CAPTION) -> Outgoing:
    return Outgoing(caption, tuple(Picture(f"{number:064}", f"Gambar {number}", JPEG) for number in range(pictures)), "ABC123")


def send(page: graph_stand_in.StandIn, what: Outgoing) -> str:
    draft: tuple[str, ...] = ()
    while facebook.calls_left(what, draft):
        draft = facebook.prepare(access_to(page), what, draft)
    return facebook.publish(access_to(page), what, draft).remote_id


@pytest.mark.parametrize("pictures", [0, 1, 3])
def test_words_and_pictures_arrive_whole_and_in_order(page: graph_stand_in.StandIn, pictures: int) -> None:
    assert send(page, outgoing(pictures)) == "1234_1"
    (post,) = page.posts
    assert post["message"] == CAPTION
    assert [one["alt"] for one in post["pictures"]] == [f"Gambar {number}" for number in range(pictures)]
    assert all(one["published"] == "false" and one["data"] == JPEG for one in post["pictures"])


def test_the_token_is_in_the_header_and_nowhere_else_and_the_proof_beside_it(page: graph_stand_in.StandIn) -> None:
    send(page, outgoing(1))
    facebook.reconcile(access_to(page), outgoing(), (), datetime.now(UTC))
    proof = hmac.new(b"s3cret", TOKEN.encode(), hashlib.sha256).hexdigest()
    for call in page.asked:
        assert call["token"] == f"Bearer {TOKEN}"
        assert TOKEN not in call["url"] + str(call["fields"])
        assert proof in call["url"] + str(call["fields"])


def test_a_post_that_went_live_behind_an_error_is_found_by_its_link(page: graph_stand_in.StandIn) -> None:
    page.faults = [("after", {"status": 500, "error": {"code": 1, "is_transient": True}})]
    began = datetime.now(UTC)
    with pytest.raises(Failure) as told:
        facebook.publish(access_to(page), outgoing(), ())
    assert (told.value.kind, told.value.sent, told.value.code, told.value.trace) == ("server", "maybe", 1, "AbCdEf")
    assert TOKEN not in str(told.value) + repr(told.value)
    for number in range(3):  # pages of the list: ours is on the second
        facebook.publish(access_to(page), outgoing(caption=f"another one {number}"), ())
    found = facebook.reconcile(access_to(page), outgoing(), (), began)
    assert found == Found("1234_1", "https://facebook.example/1234_1")


def test_what_is_not_there_is_absent(page: graph_stand_in.StandIn) -> None:
    send(page, outgoing(caption="https://desa.id/Q/ABC124"))
    assert facebook.reconcile(access_to(page), outgoing(), (), datetime.now(UTC)) == Absent()


@pytest.mark.parametrize(
    ("when", "answer", "kind", "sent", "action"),
    [
        ("before", {"error": {"code": 190, "error_subcode": 463}}, "account", "no", "wait"),
        ("before", {"error": {"code": 200}}, "account", "no", "wait"),
        ("before", {"error": {"code": 100}}, "content", "no", "reject"),
        ("before", {"error": {"code": 368, "error_subcode": 1390008}}, "rate", "no", "wait"),
        ("before", {"error": {"code": 368, "error_subcode": 1346003}}, "policy", "no", "person"),
        ("before", {"error": {"code": 506}}, "duplicate", "no", "reconcile"),
        ("before", {"error": {"code": 4, "error_subcode": 2207051}}, "policy", "maybe", "reconcile"),
        ("before", {"error": {"code": 4}}, "rate", "no", "wait"),
        ("before", {"error": {"code": 987_654}}, "unknown", "maybe", "reconcile"),
        ("html", {"status": 502}, "server", "maybe", "reconcile"),
        ("html", {"status": 200}, "unknown", "maybe", "reconcile"),
        ("slow", {"seconds": 1.5}, "network", "maybe", "reconcile"),
    ],
)
def test_errors_are_told_by_their_numbers(
    page: graph_stand_in.StandIn, when: str, answer: dict[str, object], kind: str, sent: str, action: str
) -> None:
    page.faults = [(when, answer)]
    with pytest.raises(Failure) as told:
        facebook.publish(access_to(page), outgoing(), ())
    assert (told.value.kind, told.value.sent) == (kind, sent)
    assert decide("publish", told.value, 0).action == action


def test_a_throttled_page_waits_as_long_as_facebook_says(page: graph_stand_in.StandIn) -> None:
    page.headers = {"x-business-use-case-usage": '{"1234": [{"type": "pages", "estimated_time_to_regain_access": 25}]}'}
    page.faults = [("before", {"error": {"code": 32}})]
    with pytest.raises(Failure) as told:
        facebook.publish(access_to(page), outgoing(), ())
    assert told.value.retry_after == 1_500
    assert decide("publish", told.value, 0).after == 1_500


def test_an_older_version_that_answers_is_noticed(page: graph_stand_in.StandIn, caplog: pytest.LogCaptureFixture) -> None:
    page.served = "v21.0"
    send(page, outgoing())
    assert "asked Graph v26.0, served by v21.0" in caplog.text


def test_an_unknown_number_is_never_a_reason_to_send_again() -> None:
    assert graph.kind_of(None, None) == "unknown"
    assert graph.kind_of(190, 460) == "account"
    assert graph.kind_of(4, 2_207_051) == "policy"


def test_the_old_sdk_is_imported_without_a_warning() -> None:
    ran = subprocess.run([sys.executable, "-W", "always", "-c", "import promo.graph"], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
