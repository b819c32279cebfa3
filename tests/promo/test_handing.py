"""A post left in Facebook's own calendar: handed over early, minded, moved, taken back, and never sent a second time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import graph_stand_in
import making
import pytest
import sqlalchemy as sa

from promo import handing, journal, posts, targets
from promo.accounts import Sealer
from promo.handing import HandingRunner
from promo.runs import Pace
from promo.targets import Target
from promo.turns import Turns

SEALER = Sealer("a secret for the tests only")
TOKEN = "token-that-must-never-be-seen"


@dataclass
class Office:
    """A village whose Page keeps posts, a clock that can be put on, and one worker."""

    engine: sa.Engine
    page: graph_stand_in.StandIn
    later: timedelta = timedelta()
    clock: making.StillClock = field(default_factory=making.StillClock)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    def schedule(self, *, due_in: timedelta, hand_over: str = "yes") -> Target:
        with self.engine.begin() as connection:
            village_id = making.village(connection)
            fields = {"page_id": graph_stand_in.PAGE, "hand_over": hand_over}
            secrets = {"token": TOKEN, "app_secret": "s3cret"}
            account = making.account(
                connection, village_id, network="facebook", title="Halaman", fields=fields, secrets=secrets, sealer=SEALER
            )
            return posts.schedule(
                connection,
                village_id=village_id,
                post_id=making.post(connection, village_id).id,
                account_id=account.id,
                network="facebook",
                format="portrait",
                caption="Keripik apel https://desa.id/Q/ABC123",
                media=[{"sha256": "0" * 64, "alt": "Keripik"}],
                link_id=None,
                link_url="https://desa.id/Q/ABC123",
                marker="ABC123",
                due_at=self.now() + due_in,
                at=self.now(),
                clock=self.clock,
            )

    def run(self, of: Target) -> Target:
        """One run of it, as the publisher does when it is woken."""
        given = {"graph_url": self.page.url}
        runner = HandingRunner(
            self.engine,
            self.clock,
            lambda _: b"\xff\xd8\xff",
            SEALER,
            worker="w",
            pace=Pace(timeout=1.0, settle=2.0),
            now=self.now,
            stopping=lambda: False,
            given=given,
        )
        turns = Turns(self.engine, "w", self.now, lambda _: None)
        taken = turns.take(of.id, self.look(of).generation)
        if taken is not None:
            runner.run(taken)
        return self.look(of)

    def sweep(self) -> int:
        with self.engine.begin() as connection:
            return handing.begin(connection, self.clock, self.now())

    def look(self, of: Target) -> Target:
        with self.engine.begin() as connection:
            return targets.get(connection, of.village_id, of.id)

    def story(self, of: Target) -> list[str]:
        with self.engine.begin() as connection:
            return [call.word(self.now()) for call in journal.of_target(connection, of.village_id, of.id)]


@pytest.fixture
def office(engine: sa.Engine) -> Iterator[Office]:
    with graph_stand_in.running(app_secret="s3cret") as page:
        page.tell_about(TOKEN)
        yield Office(engine, page)


@pytest.fixture
def handed(office: Office) -> Target:
    """A post that lies in the Page's calendar for two hours from now."""
    of = office.schedule(due_in=timedelta(hours=2))
    assert office.sweep() == 1
    return office.run(of)


def test_it_is_handed_over_as_soon_as_it_may_go_out_and_read_back_when_it_is_out(office: Office, handed: Target) -> None:
    assert (handed.state, handed.remote_id, handed.next_at) == ("handed_over", "1234_1", handed.due_at + handing.AFTER)
    assert office.page.posts == []
    assert office.sweep() == 0
    office.later = timedelta(hours=2, minutes=3)
    office.page.every["1234_1"]["scheduled"] = 1
    done = office.run(handed)
    assert (done.state, done.permalink) == ("published", "https://facebook.example/1234_1")
    assert office.story(handed) == ["journal.prepare_done", "journal.hand_over_done", "journal.held_found"]
    assert len(office.page.posts) == 1


@pytest.mark.parametrize(("due_in", "hand_over"), [(timedelta(minutes=5), "yes"), (timedelta(days=40), "yes"), (timedelta(hours=2), "no")])
def test_what_the_calendar_does_not_take_or_nobody_wants_there_waits_for_its_time_here(
    office: Office, due_in: timedelta, hand_over: str
) -> None:
    of = office.schedule(due_in=due_in, hand_over=hand_over)
    assert office.sweep() == 0
    assert office.look(of).state == "scheduled"
    office.later = due_in + timedelta(seconds=1)
    assert office.run(of).state == "published"


def test_cancelled_here_it_is_taken_back_there(office: Office, handed: Target) -> None:
    with office.engine.begin() as connection:
        wished = posts.cancel(connection, handed.village_id, handed.id, at=office.now(), clock=office.clock)
    assert (wished.state, wished.reason) == ("handed_over", "taking_back")
    assert office.run(handed).state == "cancelled"
    assert office.page.every == {}


def test_moved_here_it_is_moved_there_and_outside_the_calendar_it_comes_home(office: Office, handed: Target) -> None:
    later, far = office.now() + timedelta(days=1), office.now() + timedelta(days=60)
    with office.engine.begin() as connection:
        posts.move(connection, handed.village_id, handed.id, due_at=later, at=office.now(), clock=office.clock)
    moved = office.run(handed)
    assert (moved.state, moved.reason, office.page.every["1234_1"]["scheduled"]) == ("handed_over", None, int(later.timestamp()))
    with office.engine.begin() as connection:
        posts.move(connection, handed.village_id, handed.id, due_at=far, at=office.now(), clock=office.clock)
    home = office.run(handed)
    assert (home.state, home.next_at, home.remote_id, office.page.every) == ("scheduled", far, None, {})


@pytest.mark.parametrize("fault", ["after", "drop_after", "html", "slow"])
def test_taken_behind_a_lost_answer_it_is_found_in_the_calendar_and_not_left_there_twice(office: Office, fault: str) -> None:
    of = office.schedule(due_in=timedelta(hours=2))
    office.sweep()
    office.page.faults.next_ones = [(fault, {})]
    assert office.run(of).state == "reconciling"
    office.later = timedelta(seconds=4)
    found = office.run(of)
    assert (found.state, found.remote_id) == ("handed_over", "1234_1")
    assert len(office.page.every) == 1


def test_a_call_that_never_arrived_is_made_again_once_the_calendar_has_settled(office: Office) -> None:
    of = office.schedule(due_in=timedelta(hours=2))
    office.sweep()
    office.page.faults.next_ones = [("drop_before", {})]
    assert office.run(of).state == "reconciling"
    for office.later in (timedelta(seconds=4), timedelta(seconds=8)):
        office.run(of)
    assert (office.look(of).state, len(office.page.every)) == ("handed_over", 1)


def test_deleted_over_there_a_person_is_told(office: Office, handed: Target) -> None:
    office.page.every.clear()
    office.later = timedelta(hours=2, minutes=3)
    left = office.run(handed)
    assert (left.state, left.reason) == ("needs_person", "gone_there")


def test_a_dead_token_parks_the_account_and_what_is_handed_over_goes_on_being_minded(office: Office, handed: Target) -> None:
    office.page.dead = (190, 463)
    office.later = timedelta(hours=2, minutes=3)
    assert office.run(handed).state == "handed_over"
    with office.engine.begin() as connection:
        assert connection.execute(sa.text("SELECT state FROM account")).scalar_one() == "needs_login"


def test_still_there_long_after_its_time_a_person_is_asked(office: Office, handed: Target) -> None:
    office.later = timedelta(hours=2, minutes=3)
    assert office.run(handed).state == "handed_over"
    office.later = timedelta(hours=6)
    left = office.run(handed)
    assert (left.state, left.reason) == ("needs_person", "kept_too_long")


def test_after_a_restore_the_calendar_is_asked_before_anything_is_left_there_again(office: Office) -> None:
    of = office.schedule(due_in=timedelta(hours=2))
    office.sweep()
    assert office.run(of).state == "handed_over"
    with office.engine.begin() as connection:  # the backup was made before that
        connection.execute(sa.text("UPDATE target SET state = 'scheduled', remote_id = NULL, sending_at = NULL, next_at = due_at"))
        assert posts.doubt(connection, at=office.now()) == 1
    assert office.run(of).state == "handed_over"
    assert len(office.page.every) == 1


def test_everything_about_a_calendar_has_words(office: Office, handed: Target, said: Callable[[str], bool]) -> None:
    steps = {"hand_over": ("done",), "held": ("found", "held", "absent"), "move": ("done",), "take_back": ("done",), "reconcile": ("held",)}
    for step, outcomes in steps.items():
        assert said(f"journal.step.{step}")
        assert all(said(f"journal.{step}_{outcome}") for outcome in outcomes)
    for reason in ("taking_back", "moving", "kept_too_long", "gone_there"):
        assert said(f"journal.reason.{reason}")
    assert office.look(handed).is_kept


@pytest.fixture
def said() -> Callable[[str], bool]:
    from storefront import languages

    return lambda key: all(key in languages.words(code) for code in ("id", "en"))
