"""The guard against saying the same twice on one account."""

from datetime import datetime, timedelta

import making
import pytest
import sqlalchemy as sa

from promo import posts, twins


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("Keripik apel, renyah! http://a.id/Q/AAA", "keripik APEL renyah http://a.id/Q/BBB", True),
        ("Keripik apel {link}", "Keripik apel http://a.id/Q/BBB", True),
        ("Kopi tubruk", "Kopi túbruk", True),
        ("Keripik apel", "Keripik nangka", False),
    ],
)
def test_words_are_the_same_whatever_the_link_case_or_signs(first: str, second: str, is_same: bool) -> None:
    assert (twins.same_words(first) == twins.same_words(second)) is is_same


@pytest.mark.parametrize(
    ("caption", "picture", "later", "why"),
    [
        ("Keripik apel", "1", timedelta(days=6), {"text"}),
        ("Lain", "0", timedelta(days=-6), {"picture"}),
        ("Lain", "1", timedelta(minutes=59), {"hour"}),
        ("Keripik apel!", "0", timedelta(minutes=-30), {"text", "picture", "hour"}),
        ("Keripik apel", "0", timedelta(days=8), set()),
        ("Lain", "1", timedelta(hours=2), set()),
    ],
)
def test_a_new_post_is_told_what_it_would_repeat(
    engine: sa.Engine, now: datetime, caption: str, picture: str, later: timedelta, why: set[str]
) -> None:
    with engine.begin() as connection:
        village_id = making.village(connection)
        account_id, other = (making.account(connection, village_id, title=title).id for title in ("Satu", "Dua"))
        due = now + timedelta(days=10)
        values = {"village_id": village_id, "post_id": making.post(connection, village_id).id, "account_id": account_id}
        values |= {"network": "practice", "format": "portrait", "caption": "Keripik apel http://a.id/Q/A", "marker": "A"}
        values |= {"media": [{"sha256": "0" * 64, "alt": ""}], "link_id": None, "link_url": None, "at": now, "due_at": due}
        of = posts.schedule(connection, clock=making.StillClock(), **values)
        wish = {"caption": caption, "pictures": [picture * 64], "due_at": due + later}
        assert {twin.why for twin in twins.find(connection, village_id, [account_id], **wish)} == why
        assert twins.find(connection, village_id, [other], **wish) == []
        assert twins.find(connection, village_id, [account_id], **wish, but=of.id) == []
        posts.cancel(connection, village_id, of.id, at=now, clock=making.StillClock())
        assert twins.find(connection, village_id, [account_id], **wish) == []
