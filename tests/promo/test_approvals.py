"""Approval: what was looked at is what goes out, and every change is asked for anew."""

from datetime import datetime, timedelta

import making
import pytest
import sqlalchemy as sa

from promo import approvals, posts
from promo.approvals import Changed, NothingToApprove
from promo.posts import NoCaption, Post, TooLate
from promo.tables import target

PICTURE = {"sha256": "0" * 64, "alt": "Keripik apel"}


def asked(connection: sa.Connection, now: datetime, *, stage: str = "in_review", **given: object) -> tuple[int, Post]:
    village_id = making.village(connection)
    post_id = making.post(connection, village_id).id
    for number in range(2):
        values = {"network": "practice", "format": "portrait", "caption": "Keripik apel", "link_id": None, "link_url": None}
        values |= {"account_id": making.account(connection, village_id, title=f"Akun {number}").id, "marker": f"A{number}"}
        values |= {"media": [PICTURE], "due_at": now + timedelta(hours=1), "at": now, "clock": making.StillClock(), **given}
        posts.schedule(connection, village_id=village_id, post_id=post_id, stage=stage, **values)
    return village_id, posts.get(connection, village_id, post_id)


def test_nothing_wakes_before_the_village_head_has_approved_and_then_all_of_it_does(engine: sa.Engine, now: datetime) -> None:
    clock = making.StillClock()
    with engine.begin() as connection:
        village_id, of = asked(connection, now, clock=clock)
        assert (of.state, clock.woken) == ("in_review", [])
        assert [one.id for one in approvals.waiting(connection, village_id)] == [of.id]
        done = approvals.approve(connection, village_id, of.id, sha=of.fingerprint, by="Pak Lurah", at=now, clock=clock)
        assert (done.state, done.approved_by, done.approved_at) == ("scheduled", "Pak Lurah", now)
        assert [one.frozen_sha for one in done.targets] == [one.fingerprint for one in done.targets]
        assert [when for _, _, when in clock.woken] == [now + timedelta(hours=1)] * 2
        assert approvals.waiting(connection, village_id) == []
        with pytest.raises(NothingToApprove):
            approvals.approve(connection, village_id, of.id, sha=done.fingerprint, by="Pak Lurah", at=now, clock=clock)


@pytest.mark.parametrize(
    "change", [{"caption": "Lain"}, {"media": [{"sha256": "1" * 64, "alt": "Keripik apel"}]}, {"media": [PICTURE, PICTURE]}]
)
def test_what_was_changed_since_the_page_was_opened_is_not_approved(engine: sa.Engine, now: datetime, change: dict[str, object]) -> None:
    with engine.begin() as connection:
        village_id, of = asked(connection, now)
        connection.execute(target.update().where(target.c.id == of.targets[0].id).values(**change))
        with pytest.raises(Changed):
            approvals.approve(connection, village_id, of.id, sha=of.fingerprint, by="Pak Lurah", at=now, clock=making.StillClock())


def test_an_edit_takes_the_approval_back_and_asks_anew(engine: sa.Engine, now: datetime) -> None:
    given = {"at": now, "clock": making.StillClock()}
    with engine.begin() as connection:
        village_id, of = asked(connection, now)
        approvals.approve(connection, village_id, of.id, sha=of.fingerprint, by="Pak Lurah", **given)
        changed = approvals.rewrite(connection, village_id, of.targets[0].id, caption="Keripik apel baru", asks_first=True, **given)
        now_is = posts.get(connection, village_id, of.id)
        assert (changed.state, changed.next_at, changed.frozen_sha) == ("in_review", None, changed.fingerprint)
        assert (now_is.approved_by, now_is.state) == (None, "in_review")
        free = approvals.rewrite(connection, village_id, of.targets[1].id, caption="Keripik apel baru", asks_first=False, **given)
        assert (free.state, free.next_at) == ("scheduled", of.targets[1].due_at)
        with pytest.raises(NoCaption):
            approvals.rewrite(connection, village_id, of.targets[1].id, caption=" ", asks_first=False, **given)


def test_what_may_be_visible_is_not_edited(engine: sa.Engine, now: datetime) -> None:
    with engine.begin() as connection:
        village_id, of = asked(connection, now, stage="scheduled")
        for state, reason in (("sending", None), ("reconciling", "maybe"), ("published", None), ("needs_person", "cannot_tell")):
            connection.execute(target.update().where(target.c.id == of.targets[0].id).values(state=state, reason=reason))
            given = {"caption": "Lain", "asks_first": False, "at": now, "clock": making.StillClock()}
            with pytest.raises(TooLate):
                approvals.rewrite(connection, village_id, of.targets[0].id, **given)


def test_sent_back_it_is_a_draft_with_a_note_until_it_is_handed_in_again(engine: sa.Engine, now: datetime) -> None:
    clock = making.StillClock()
    with engine.begin() as connection:
        village_id, of = asked(connection, now)
        back = approvals.send_back(connection, village_id, of.id, note="Harganya salah", by="Pak Lurah")
        assert (back.state, back.note) == ("draft", "Pak Lurah: Harganya salah")
        with pytest.raises(NothingToApprove):
            approvals.send_back(connection, village_id, of.id, note="", by="Pak Lurah")
        assert approvals.submit(connection, village_id, of.id, asks_first=True, at=now, clock=clock).state == "in_review"
        assert clock.woken == []


def test_approved_after_its_time_it_is_looked_at_at_once(engine: sa.Engine, now: datetime) -> None:
    clock, later = making.StillClock(), now + timedelta(days=2)
    with engine.begin() as connection:
        village_id, of = asked(connection, now)
        approvals.approve(connection, village_id, of.id, sha=of.fingerprint, by="Pak Lurah", at=later, clock=clock)
    assert [when for _, _, when in clock.woken] == [later] * 2
