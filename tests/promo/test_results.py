"""How a published post is received: read back on a schedule, its first comment too, and the unknown kept apart from nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import graph_stand_in
import making
import pytest
import sqlalchemy as sa

from promo import journal, posts, results
from promo.accounts import Sealer
from promo.results import Result
from promo.tables import target
from promo.watch import Watch

SEALER = Sealer("a secret for the tests only")
TOKEN = "token-that-must-never-be-seen"
START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@dataclass
class Office:
    """A village with one published post on its Page, and what reads it back."""

    engine: sa.Engine
    page: graph_stand_in.StandIn
    now: datetime = START
    heard: list[Result] = field(default_factory=list)
    target_id: int = 0
    village_id: int = 0

    def publish(self, network: str = "facebook", remote_id: str = "1234_1", **fields: str) -> None:
        own = {"page_id": graph_stand_in.PAGE, "ig_user_id": graph_stand_in.INSTAGRAM}
        secrets = {"token": TOKEN, "app_secret": "s3cret"}
        with self.engine.begin() as connection:
            self.village_id = making.village(connection)
            account = making.account(connection, self.village_id, network=network, fields={**own, **fields}, secrets=secrets, sealer=SEALER)
            link = making.link(connection, self.village_id, kind="post", title="Keripik apel")
            of = posts.schedule(
                connection,
                village_id=self.village_id,
                post_id=making.post(connection, self.village_id).id,
                account_id=account.id,
                network=network,
                format="portrait",
                caption="Keripik apel https://desa.id/Q/ABC123",
                media=[{"sha256": "0" * 64, "alt": ""}],
                link_id=link.id,
                link_url="https://desa.id/Q/ABC123",
                marker="ABC123",
                due_at=START,
                at=START,
                clock=making.StillClock(),
            )
            self.target_id = of.id
            done = {"state": "published", "remote_id": remote_id, "published_at": START, "sending_at": START, "next_at": None}
            connection.execute(target.update().where(target.c.id == of.id).values(**done))

    def look(self, after: timedelta = timedelta()) -> int:
        self.now = START + after
        watch = Watch(
            self.engine,
            making.StillClock(),
            SEALER,
            worker="w",
            now=lambda: self.now,
            given={"graph_url": self.page.url},
            told=self.hear,
        )
        return watch.look_at_results()

    def hear(self, connection: sa.Connection, told: Result, at: datetime) -> None:
        assert connection.in_transaction()
        assert at == self.now
        self.heard.append(told)

    def result(self) -> Result:
        with self.engine.begin() as connection:
            return results.of_targets(connection, self.village_id, [self.target_id])[self.target_id]

    def story(self) -> list[str]:
        with self.engine.begin() as connection:
            return [call.word(self.now) for call in journal.of_target(connection, self.village_id, self.target_id)]


@pytest.fixture
def office(engine: sa.Engine) -> Iterator[Office]:
    with graph_stand_in.running(app_secret="s3cret") as page:
        page.tell_about(TOKEN)
        page.every["1234_1"] = {
            "id": "1234_1",
            "is_published": True,
            "permalink_url": "x",
            "scheduled": None,
            "seen_at": 0.0,
            "message": "",
        }
        yield Office(engine, page)


def test_figures_are_read_on_a_schedule_and_each_look_is_taken_once(office: Office) -> None:
    office.publish()
    minutes = (0, 1, 15, 16, 60, 359, 360, 60 * 24, 60 * 24 * 28, 60 * 24 * 29)
    assert [office.look(timedelta(minutes=after)) for after in minutes] == [1, 0, 1, 0, 1, 0, 1, 1, 1, 0]


def test_what_is_not_told_is_unknown_and_a_nought_is_a_nought(office: Office) -> None:
    office.publish()
    office.page.insights = {"likes": 7, "comments": 0}
    office.look()
    told = office.result()
    assert (told.likes, told.comments, told.shares, told.reach, told.views, told.saves) == (7, 0, 0, None, None, None)
    assert (told.engagement, told.impressions) == (7, None)
    with office.engine.begin() as connection:
        assert set(results.of_links(connection, office.village_id)) == {told.link_id}
        assert results.of_links(connection, office.village_id + 1) == {}


def test_what_was_known_stays_when_the_network_falls_silent_about_it(office: Office) -> None:
    office.publish()
    office.page.insights = {"likes": 7, "post_total_media_view_unique": 240}
    office.look()
    office.page.insights = {"likes": 9}
    office.look(timedelta(minutes=15))
    assert (office.result().likes, office.result().reach, office.result().impressions) == (9, 240, 240)
    assert [told.impressions for told in office.heard] == [240, 240]


def test_nothing_known_is_not_none_at_all() -> None:
    unknown = dict.fromkeys(("views", "reach", "likes", "comments", "shares", "saves", "clicks"))
    nothing = Result(1, 1, 1, 1, "facebook", None, None, 0, None, None, **unknown)
    assert (nothing.engagement, nothing.impressions) == (None, None)


def test_a_look_without_an_answer_is_tried_again_in_an_hour(office: Office) -> None:
    office.publish()
    office.page.dead = (190, 463)
    office.look()
    assert (office.result().trouble, office.result().looks) == ("account", 0)
    office.page.dead = None
    assert [office.look(timedelta(minutes=59)), office.look(timedelta(minutes=61))] == [0, 1]
    assert (office.result().trouble, office.result().likes) == (None, 0)


def test_the_first_comment_is_written_once_with_the_posts_own_link(office: Office) -> None:
    office.publish(first_comment="Pesan: {link}")
    for after in (0, 15, 60):
        office.look(timedelta(minutes=after))
    assert office.page.comments == [("1234_1", "Pesan: https://desa.id/Q/ABC123")]
    assert office.story() == ["journal.comment_done"]


@pytest.mark.parametrize("fault", ["drop_after", "after", "drop_before"])
def test_a_comment_that_may_be_there_is_never_written_again(office: Office, fault: str) -> None:
    office.publish(first_comment="Pesan: {link}")
    office.page.faults.next_ones = [(fault, {})]
    for after in (0, 15, 60):
        office.look(timedelta(minutes=after))
    assert len(office.page.comments) == (0 if fault == "drop_before" else 1)
    assert office.story() == ["journal.comment_maybe"]


def test_a_comment_that_was_refused_for_now_is_tried_at_the_next_look(office: Office) -> None:
    office.publish(first_comment="Pesan: {link}")
    office.page.faults.next_ones = [("before", {"error": {"code": 32}})]
    for after in (0, 15):
        office.look(timedelta(minutes=after))
    assert len(office.page.comments) == 1
    assert office.story() == ["journal.failed_rate", "journal.comment_done"]


def test_a_post_known_only_by_its_container_is_found_when_the_list_shows_it(office: Office) -> None:
    office.publish("instagram", "container:30000")
    office.look()
    assert (office.result().looks, office.result().views) == (1, None)
    office.page.instagram.posts.append(
        {"id": "17030000", "caption": "https://desa.id/Q/ABC123", "permalink": "https://ig.example/p/1/", "at": 0.0}
    )
    office.page.instagram.posts[0]["media_type"] = None
    office.page.insights = {"views": 240, "reach": 200}
    office.look(timedelta(minutes=15))
    assert office.result().views == 240
    with office.engine.begin() as connection:
        (of,) = connection.execute(sa.text("SELECT remote_id, permalink FROM target")).all()
    assert tuple(of) == ("17030000", "https://ig.example/p/1/")


def test_two_workers_do_not_take_the_same_look(office: Office) -> None:
    office.publish()
    with office.engine.begin() as connection:
        assert results.begin(connection, START) == 1
        assert results.begin(connection, START) == 0
        ((one, when),) = results.due(connection, START)
        assert results.claim(connection, one, when, START)
        assert not results.claim(connection, one, when, START)


def test_what_a_person_posted_by_hand_is_not_asked_about(office: Office) -> None:
    office.publish()
    with office.engine.begin() as connection:
        connection.execute(sa.text("UPDATE target SET remote_id = NULL"))
    assert office.look() == 0
