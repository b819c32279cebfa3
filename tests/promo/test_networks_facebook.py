"""The Facebook Page over real HTTP against a stand-in of the Graph API."""

import hashlib
import hmac
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import graph_stand_in
import pytest

from promo import graph
from promo.decisions import decide
from promo.networks import Absent, Access, Failure, Found, Held, Outgoing, Picture, facebook

TOKEN = "token-that-must-never-be-seen"
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)
CAPTION = "Keripik apel, renyah. https://desa.id/Q/ABC123 #wonorejo"


@pytest.fixture
def page() -> Iterator[graph_stand_in.StandIn]:
    with graph_stand_in.running(app_secret="s3cret") as stand_in:
        stand_in.tell_about(TOKEN)
        yield stand_in


def access_to(page: graph_stand_in.StandIn, *, given: dict[str, str] | None = None, **fields: str) -> Access:
    secrets = {"token": TOKEN, "app_secret": "s3cret"}
    return Access({"page_id": "1234", **fields}, secrets, 1.0, {"graph_url": page.url, "graph_version": "v26.0", **(given or {})})


def outgoing(pictures: int = 0, caption: str = CAPTION) -> Outgoing:
    return Outgoing(caption, tuple(Picture(f"{number:064}", f"Gambar {number}", JPEG) for number in range(pictures)), "ABC123")


def drafted(access: Access, what: Outgoing) -> tuple[str, ...]:
    draft: tuple[str, ...] = ()
    while facebook.calls_left(access, what, draft):
        draft = facebook.prepare(access, what, draft)
    return draft


def send(page: graph_stand_in.StandIn, what: Outgoing) -> str:
    return facebook.publish(access_to(page), what, drafted(access_to(page), what)).remote_id


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
    page.faults.next_ones = [("after", {"status": 500, "error": {"code": 1, "is_transient": True}})]
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
    page.faults.next_ones = [(when, answer)]
    with pytest.raises(Failure) as told:
        facebook.publish(access_to(page), outgoing(), ())
    assert (told.value.kind, told.value.sent) == (kind, sent)
    assert decide("publish", told.value, 0).action == action


def test_a_throttled_page_waits_as_long_as_facebook_says(page: graph_stand_in.StandIn) -> None:
    page.headers = {"x-business-use-case-usage": '{"1234": [{"type": "pages", "estimated_time_to_regain_access": 25}]}'}
    page.faults.next_ones = [("before", {"error": {"code": 32}})]
    with pytest.raises(Failure) as told:
        facebook.publish(access_to(page), outgoing(), ())
    assert told.value.retry_after == 1_500
    assert decide("publish", told.value, 0).after == 1_500


def test_an_older_version_that_answers_is_noticed(page: graph_stand_in.StandIn, caplog: pytest.LogCaptureFixture) -> None:
    page.served = "v21.0"
    send(page, outgoing())
    assert "asked Graph v26.0, served by v21.0" in caplog.text


@pytest.mark.parametrize("pictures", [0, 2])
def test_in_two_phases_the_post_is_brought_unseen_and_asked_for_by_its_own_id(page: graph_stand_in.StandIn, pictures: int) -> None:
    access = access_to(page, given={"facebook_two_phase": "yes"})
    what, began = outgoing(pictures), datetime.now(UTC)
    draft = drafted(access, what)
    assert page.posts == []
    assert facebook.reconcile(access, what, draft, began) == Absent(is_proof=True)
    page.faults.next_ones = [("drop_after", {})]
    with pytest.raises(Failure) as told:
        facebook.publish(access, what, draft)
    assert told.value.sent == "maybe"
    page.hidden = 100  # no list would show it
    assert facebook.reconcile(access, what, draft, began) == Found("1234_1", "https://facebook.example/1234_1")
    facebook.publish(access, what, draft)  # the same unseen post again
    assert len(page.posts) == 1


def test_an_unseen_post_that_somebody_threw_away_proves_nothing_and_is_made_anew(page: graph_stand_in.StandIn) -> None:
    access = access_to(page, given={"facebook_two_phase": "yes"})
    draft = drafted(access, outgoing())
    page.every.clear()
    assert facebook.reconcile(access, outgoing(), draft, datetime.now(UTC)) == Absent(is_proof=False, draft_is_gone=True)


def test_the_pages_own_calendar_keeps_a_post_moves_it_gives_it_back_and_sends_it(page: graph_stand_in.StandIn) -> None:
    access, due = access_to(page, hand_over="yes"), datetime.now(UTC) + timedelta(hours=2)
    assert [facebook.keeps(access, timedelta(minutes=minutes)) for minutes in (5, 20, 60 * 24 * 27, 60 * 24 * 40)] == [
        False,
        True,
        True,
        False,
    ]
    assert not facebook.keeps(access_to(page), timedelta(hours=2))
    held = facebook.hand_over(access, outgoing(2), drafted(access, outgoing(2)), due)
    assert (page.posts, page.every[held.remote_id]["scheduled"]) == ([], int(due.timestamp()))
    assert facebook.reconcile(access, outgoing(2), (), datetime.now(UTC)) == held
    for _ in range(2):
        facebook.move(access, held.remote_id, due + timedelta(hours=1))
    assert page.every[held.remote_id]["scheduled"] == int(due.timestamp()) + 3_600
    assert facebook.held(access, held.remote_id) == held
    page.every[held.remote_id]["scheduled"] = 1  # its time has come
    assert facebook.held(access, held.remote_id) == Found("1234_1", "https://facebook.example/1234_1")
    other = facebook.hand_over(access, outgoing(), (), due)
    for _ in range(2):
        facebook.take_back(access, other.remote_id)
    assert facebook.held(access, other.remote_id) == Absent()


def test_a_post_that_the_calendar_took_behind_a_cut_line_is_found_there(page: graph_stand_in.StandIn) -> None:
    access = access_to(page, hand_over="yes")
    page.faults.next_ones = [("drop_after", {})]
    with pytest.raises(Failure) as told:
        facebook.hand_over(access, outgoing(), (), datetime.now(UTC) + timedelta(hours=2))
    assert told.value.sent == "maybe"
    assert facebook.reconcile(access, outgoing(), (), datetime.now(UTC)) == Held("1234_1")


def test_the_first_comment_carries_the_posts_own_link(page: graph_stand_in.StandIn) -> None:
    what = Outgoing(CAPTION, (), "ABC123", "https://desa.id/Q/ABC123")
    assert facebook.comment(access_to(page), what, "1234_1") is None
    assert facebook.comment(access_to(page, first_comment="Pesan di sini: {link}"), what, "1234_1") == "1234_1_c1"
    assert page.comments == [("1234_1", "Pesan di sini: https://desa.id/Q/ABC123")]


def test_what_facebook_does_not_say_is_unknown_and_not_nothing(page: graph_stand_in.StandIn) -> None:
    remote_id = send(page, outgoing())
    page.insights = {"likes": 7, "comments": 0, "post_total_media_view_unique": 240, "post_clicks": 12}  # post_media_view is unknown here
    told = facebook.metrics(access_to(page), remote_id)
    assert told == {"likes": 7, "comments": 0, "shares": 0, "reach": 240, "clicks": 12, "views": None}


@pytest.mark.parametrize(
    ("about", "bad", "shown"),
    [
        ({}, [], ["token_alive", "token_lasts", "page"]),
        ({"expires_at": 4_000_000_000}, [], ["token_alive", "token_ends", "page"]),
        ({"is_valid": False}, ["token_dead"], ["token_dead"]),
        ({"type": "USER", "of": "77"}, ["token_of_a_person"], []),
        ({"of": "1235"}, ["other_page"], []),
        ({"scopes": ["pages_show_list", "pages_read_engagement"]}, ["scope_missing"], []),
    ],
)
def test_a_login_is_looked_at_without_publishing_and_without_a_token_in_an_address(
    page: graph_stand_in.StandIn, about: dict[str, object], bad: list[str], shown: list[str]
) -> None:
    page.tell_about(TOKEN, **about)
    found = facebook.health(access_to(page))
    assert [one.key for one in found.findings if one.level == "bad"] == bad
    assert found.is_usable is not bool(bad)
    assert not shown or [one.key for one in found.findings] == shown
    assert page.every == {}
    assert all(TOKEN not in call["url"] for call in page.asked)


def test_a_dead_token_is_told_with_its_number_whatever_else_happens(page: graph_stand_in.StandIn) -> None:
    page.dead = (190, 460)
    (dead,) = facebook.health(access_to(page)).findings
    assert (dead.key, dead.level, dead.facts) == ("token_dead", "bad", {"number": "190/460"})


def test_an_unknown_number_is_never_a_reason_to_send_again() -> None:
    assert graph.kind_of(None, None) == "unknown"
    assert graph.kind_of(190, 460) == "account"
    assert graph.kind_of(4, 2_207_051) == "policy"


def test_the_old_sdk_is_imported_without_a_warning() -> None:
    ran = subprocess.run([sys.executable, "-W", "always", "-c", "import promo.graph"], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
