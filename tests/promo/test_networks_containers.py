"""Instagram and Threads over real HTTP: Meta fetches our pictures into containers, and a container is shown once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType

import graph_stand_in
import pytest
from containers_stand_in import Containers
from serving_thread import serving
from starlette.applications import Starlette
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from promo.decisions import decide
from promo.networks import Absent, Access, CannotTell, Failure, Found, Outgoing, Picture, instagram, threads

TOKEN = "token-that-must-never-be-seen"
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)
CAPTION = "Keripik apel, renyah. https://desa.id/Q/ABC123 #wonorejo"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@dataclass
class There:
    """One network of the two, what it holds, and our own storefront as Meta sees it."""

    network: ModuleType
    graph: graph_stand_in.StandIn
    held: Containers
    media: str

    def access(self, **fields: str) -> Access:
        own = {"ig_user_id": graph_stand_in.INSTAGRAM, "threads_user_id": graph_stand_in.THREADS, **fields}
        return Access(own, {"token": TOKEN, "app_secret": "s3cret"}, 1.0, {"graph_url": self.graph.url, "threads_url": self.graph.url})

    def outgoing(self, pictures: int = 1, *, of: str = "jpeg", **given: str) -> Outgoing:
        shown = tuple(Picture("0" * 64, f"Gambar {number}", JPEG, f"{self.media}/{of}/{number}.jpg") for number in range(pictures))
        return Outgoing(CAPTION, shown, "ABC123", "https://desa.id/Q/ABC123", **given)

    def prepared(self, what: Outgoing) -> tuple[str, ...]:
        draft: tuple[str, ...] = ()
        while self.network.calls_left(self.access(), what, draft):
            draft = self.network.prepare(self.access(), what, draft)
        return draft


@pytest.fixture(scope="module")
def media() -> Iterator[str]:
    """Our storefront: pictures, and addresses that are none."""
    answers = {
        "jpeg": lambda: Response(JPEG, media_type="image/jpeg"),
        "moved": lambda: RedirectResponse("/jpeg/0.jpg"),
        "html": lambda: Response("<html>Are you a robot?</html>", media_type="text/html"),
        "none": lambda: Response("", 404),
    }
    with serving(Starlette(routes=[Route("/{kind}/{name}", lambda request: answers[request.path_params["kind"]]())])) as url:
        yield url


@pytest.fixture(params=["instagram", "threads"])
def there(request: pytest.FixtureRequest, media: str) -> Iterator[There]:
    with graph_stand_in.running(app_secret="s3cret") as graph:
        graph.tell_about(TOKEN)
        network, held = (instagram, graph.instagram) if request.param == "instagram" else (threads, graph.threads)
        yield There(network, graph, held, media)


@pytest.mark.parametrize("pictures", [1, 2, 5])
def test_pictures_are_fetched_from_us_shown_whole_and_told_to_who_cannot_see(there: There, pictures: int) -> None:
    what = there.outgoing(pictures)
    sent = there.network.publish(there.access(), what, there.prepared(what))
    (post,) = there.held.posts
    assert (post[there.held.text], len(post["shas"])) == (CAPTION, pictures)
    assert post["alts"] == [f"Gambar {number}" for number in range(pictures)]
    assert [url for url, _ in there.held.fetched] == [picture.url for picture in what.pictures]
    assert (sent.remote_id, sent.permalink) == (post["id"], post["permalink"])


def test_words_alone_go_to_threads_and_not_to_instagram(there: There) -> None:
    if there.network is instagram:
        assert [unfit.key for unfit in instagram.check(CAPTION, 0)] == ["publish.no_picture"]
        return
    assert threads.check(CAPTION, 0) == []
    threads.publish(there.access(), there.outgoing(0), there.prepared(there.outgoing(0)))
    assert there.held.posts[0]["text"] == CAPTION


def test_a_container_that_is_worked_on_is_waited_for(there: There) -> None:
    there.held.works_for = 2
    what = there.outgoing()
    draft: tuple[str, ...] = ()
    while len(draft) < 3:
        draft = there.network.prepare(there.access(), what, draft)
    for _ in range(2):
        with pytest.raises(Failure) as told:
            there.network.prepare(there.access(), what, draft)
        assert (told.value.kind, told.value.sent) == ("not_ready", "no")
        assert decide("prepare", told.value, 0).after == 5
    assert there.network.prepare(there.access(), what, draft)[-1] == "ready"


@pytest.mark.parametrize("fault", ["after", "drop_after", "html", "slow"])
def test_shown_behind_a_lost_answer_the_container_says_so(there: There, fault: str) -> None:
    what = there.outgoing()
    draft = there.prepared(what)
    there.graph.faults.next_ones = [(fault, {})]
    with pytest.raises(Failure) as told:
        there.network.publish(there.access(), what, draft)
    assert told.value.sent == "maybe"
    found = there.network.reconcile(there.access(), what, draft, NOW)
    assert found == Found(there.held.posts[0]["id"], there.held.posts[0]["permalink"])
    there.graph.hidden = 1  # no list shows it yet, and it is out all the same
    unlisted = there.network.reconcile(there.access(), what, draft, NOW)
    assert unlisted == Found(f"container:{draft[-2]}")
    assert set(there.network.metrics(there.access(), unlisted.remote_id).values()) == {None}
    assert there.network.trace(there.access(), what, unlisted.remote_id, NOW) == found


@pytest.mark.parametrize("fault", ["before", "drop_before"])
def test_not_shown_the_same_container_is_shown_once_however_often(there: There, fault: str) -> None:
    what = there.outgoing()
    draft = there.prepared(what)
    there.graph.faults.next_ones = [(fault, {})]
    with pytest.raises(Failure):
        there.network.publish(there.access(), what, draft)
    assert there.network.reconcile(there.access(), what, draft, NOW) == Absent(is_proof=True)
    there.network.publish(there.access(), what, draft)
    with pytest.raises(Failure) as again:
        there.network.publish(there.access(), what, draft)
    assert again.value.sent == "maybe"
    assert isinstance(there.network.reconcile(there.access(), what, draft, NOW), Found)
    assert len(there.held.posts) == 1


def test_an_expired_container_is_proved_not_shown_and_made_anew(there: There) -> None:
    what = there.outgoing()
    draft = there.prepared(what)
    there.held.lives = -1
    with pytest.raises(Failure) as told:
        there.network.publish(there.access(), what, draft)
    assert (told.value.sent, decide("publish", told.value, 0).action) == ("maybe", "reconcile")
    assert there.network.reconcile(there.access(), what, draft, NOW) == Absent(is_proof=True, draft_is_gone=True)


def test_a_container_nobody_knows_any_more_proves_nothing(there: There) -> None:
    what = there.outgoing()
    draft = there.prepared(what)
    there.graph.dead = (100, 33)
    with pytest.raises(Failure):
        there.network.reconcile(there.access(), what, draft, NOW)
    there.graph.dead = None
    there.held.made.clear()
    seen = there.network.reconcile(there.access(), what, ("seen", "room"), NOW)
    assert seen == Absent(is_proof=False, draft_is_gone=True)


@pytest.mark.parametrize("of", ["moved", "html", "none"])
def test_an_address_that_does_not_give_the_picture_is_seen_before_meta_is_asked(there: There, of: str) -> None:
    with pytest.raises(Failure) as told:
        there.network.prepare(there.access(), there.outgoing(2, of=of), ())
    assert (told.value.kind, told.value.sent) == ("media_fetch", "no")
    assert there.graph.asked == []


@pytest.mark.parametrize("url", [None, "", "ftp://desa.id/x.jpg", "http://127.0.0.1:9/x.jpg"])
def test_without_an_address_nothing_is_begun(there: There, url: str | None) -> None:
    what = Outgoing(CAPTION, (Picture("0" * 64, "", JPEG, url),), "ABC123")
    with pytest.raises(Failure) as told:
        there.network.prepare(there.access(), what, ())
    assert told.value.kind == "media_fetch"


def test_the_days_quota_is_asked_for_and_waited_for(there: There) -> None:
    there.held.quota = (100, 100)
    draft = there.network.prepare(there.access(), there.outgoing(), ())
    with pytest.raises(Failure) as told:
        there.network.prepare(there.access(), there.outgoing(), draft)
    assert (told.value.kind, decide("prepare", told.value, 0).action) == ("quota", "wait")


@pytest.mark.parametrize(("subcode", "kind"), [(2_207_003, "draft_gone"), (2_207_053, "draft_gone"), (2_207_009, "content")])
def test_a_container_that_failed_is_judged_by_its_number(there: There, subcode: int, kind: str) -> None:
    there.held.broken = [subcode]
    draft: tuple[str, ...] = ()
    while len(draft) < 3:
        draft = there.network.prepare(there.access(), there.outgoing(), draft)
    with pytest.raises(Failure) as told:
        there.network.prepare(there.access(), there.outgoing(), draft)
    assert (told.value.kind, told.value.subcode) == (kind, subcode)


def test_a_story_has_no_words_and_only_its_container_tells_of_it(there: There) -> None:
    if there.network is not instagram:
        return
    what = there.outgoing(1, format="story")
    draft = there.prepared(what)
    instagram.publish(there.access(), what, draft)
    assert there.held.posts[0]["media_type"] == "STORIES"
    assert there.held.posts[0]["alts"] == [None]
    assert instagram.reconcile(there.access(), what, draft, NOW) == Found(f"container:{draft[-2]}")
    assert instagram.reconcile(there.access(), what, (), NOW) == CannotTell()


def test_a_login_is_looked_at_without_publishing(there: There) -> None:
    found = there.network.health(there.access())
    assert found.is_usable
    assert "room" in [one.key for one in found.findings]
    there.graph.dead = (190, 460)
    assert [one.key for one in there.network.health(there.access()).findings] == ["token_dead"]
    assert there.held.made == {}


def test_one_dropped_metric_does_not_cost_the_others(there: There) -> None:
    there.graph.insights = {"views": 240, "likes": 0}
    sent = there.network.publish(there.access(), there.outgoing(), there.prepared(there.outgoing()))
    told = there.network.metrics(there.access(), sent.remote_id)
    assert (told["views"], told["likes"], told["comments"]) == (240, 0, None)


def test_the_token_is_in_no_address_and_no_form(there: There) -> None:
    there.network.publish(there.access(), there.outgoing(2), there.prepared(there.outgoing(2)))
    there.network.reconcile(there.access(), there.outgoing(2), (), NOW)
    assert all(TOKEN not in call["url"] + str(call["fields"]) for call in there.graph.asked)
