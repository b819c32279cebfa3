"""Sharing by hand: when it is time a person is asked, and nobody is called."""

from datetime import UTC, datetime, timedelta

import making
import pytest
import sqlalchemy as sa

from promo import posts
from promo.accounts import Sealer
from promo.networks import Absent, Access, Failure, Outgoing, share_kit
from promo.runs import Pace, Runner
from promo.targets import Target
from promo.turns import Turns


def test_it_never_sends_anything_itself() -> None:
    access, what = Access({}, {}), Outgoing("Keripik apel", (), "ABC123")
    with pytest.raises(Failure) as told:
        share_kit.publish(access, what, ())
    assert (told.value.kind, told.value.sent) == ("by_hand", "no")
    assert share_kit.reconcile(access, what, (), datetime.now(UTC)) == Absent()


@pytest.fixture
def due(engine: sa.Engine) -> Target:
    """A target of a kit whose time has come."""
    with engine.begin() as connection:
        village_id = making.village(connection)
        account = making.account(connection, village_id, network="share_kit", title="Grup WhatsApp RT 03", secrets={})
        post = making.post(connection, village_id)
        return posts.schedule(
            connection,
            village_id=village_id,
            post_id=post.id,
            account_id=account.id,
            network="share_kit",
            format="portrait",
            caption="Keripik apel https://desa.id/Q/ABC123",
            media=[{"sha256": "0" * 64, "alt": ""}],
            link_id=None,
            link_url="https://desa.id/Q/ABC123",
            marker="ABC123",
            due_at=making.NOW,
            at=making.NOW,
            clock=making.StillClock(),
        )


def run(engine: sa.Engine, of: Target, at: datetime) -> Target:
    sealer = Sealer("a secret for the tests only")
    runner = Runner(
        engine, making.StillClock(), lambda _: b"\xff\xd8", sealer, worker="w", pace=Pace(), now=lambda: at, stopping=lambda: False
    )
    taken = Turns(engine, "w", lambda: at, lambda _: None).take(of.id, of.generation)
    assert taken is not None
    runner.run(taken)
    return now_of(engine, of)


def now_of(engine: sa.Engine, of: Target) -> Target:
    with engine.begin() as connection:
        return posts.targets(connection, of.village_id, of.post_id)[0]


def test_when_it_is_time_it_waits_for_a_person_and_says_why(engine: sa.Engine, due: Target) -> None:
    waiting = run(engine, due, making.NOW)
    assert (waiting.state, waiting.reason, waiting.next_at) == ("needs_person", "by_hand", None)
    with engine.begin() as connection:
        (call,) = posts.attempts(connection, due.village_id, due.id)
    assert call.word(making.NOW) == "journal.failed_by_hand"


def test_who_has_shared_it_says_so_with_its_address(engine: sa.Engine, due: Target) -> None:
    run(engine, due, making.NOW)
    later = making.NOW + timedelta(hours=1)
    with engine.begin() as connection:
        found = {"is_there": True, "permalink": "https://www.tiktok.com/@desa/video/1"}
        done = posts.settle(connection, due.village_id, due.id, **found, at=later, clock=making.StillClock())
    assert (done.state, done.permalink, done.published_at) == ("published", "https://www.tiktok.com/@desa/video/1", later)


def test_it_can_still_be_moved_or_dropped_for_nobody_has_seen_it(engine: sa.Engine, due: Target) -> None:
    run(engine, due, making.NOW)
    tomorrow = making.NOW + timedelta(days=1)
    with engine.begin() as connection:
        moved = posts.move(connection, due.village_id, due.id, due_at=tomorrow, at=making.NOW, clock=making.StillClock())
    assert (moved.state, moved.reason) == ("scheduled", None)
    assert run(engine, moved, tomorrow).reason == "by_hand"
    with engine.begin() as connection:
        assert posts.cancel(connection, due.village_id, due.id, at=tomorrow, clock=making.StillClock()).state == "cancelled"


def test_a_power_cut_at_the_moment_itself_ends_with_the_same_question(engine: sa.Engine, due: Target) -> None:
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE target SET state = 'sending', sending_at = :at").bindparams(
                sa.bindparam("at", making.NOW, type_=sa.DateTime(timezone=True))
            )
        )
    later = making.NOW + timedelta(minutes=5)
    looked = run(engine, now_of(engine, due), later)
    assert looked.state == "ready"
    assert run(engine, looked, later).reason == "by_hand"
