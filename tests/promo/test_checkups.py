"""Logins looked at before posts depend on them: when, what follows from a dead one, and how what waited goes on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import graph_stand_in
import making
import pytest
import sqlalchemy as sa

from promo import accounts, checkups, posts, targets
from promo.accounts import Account, Sealer
from promo.networks import Finding, Health
from promo.targets import Target
from promo.watch import Watch

SEALER = Sealer("a secret for the tests only")
TOKEN = "token-that-must-never-be-seen"
START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
GOOD = Health((Finding("token_alive"),))


@dataclass
class Office:
    """A village with a Page, a clock that is put on by hand, and what looks after logins."""

    engine: sa.Engine
    page: graph_stand_in.StandIn
    account: Account
    now: datetime = START
    clock: making.StillClock = field(default_factory=making.StillClock)

    def look(self) -> int:
        given = {"graph_url": self.page.url}
        return Watch(self.engine, self.clock, SEALER, worker="w", now=lambda: self.now, given=given).look_at_logins()

    def schedule(self, due_in: timedelta) -> Target:
        with self.engine.begin() as connection:
            return posts.schedule(
                connection,
                village_id=self.account.village_id,
                post_id=making.post(connection, self.account.village_id).id,
                account_id=self.account.id,
                network="facebook",
                format="portrait",
                caption="Keripik apel",
                media=[{"sha256": "0" * 64, "alt": ""}],
                link_id=None,
                link_url=None,
                marker="ABC123",
                due_at=self.now + due_in,
                at=self.now,
                clock=self.clock,
            )

    def held(self) -> Account:
        with self.engine.begin() as connection:
            return accounts.get(connection, self.account.village_id, self.account.id)


@pytest.fixture
def office(engine: sa.Engine) -> Iterator[Office]:
    with graph_stand_in.running(app_secret="s3cret") as page:
        page.tell_about(TOKEN)
        with engine.begin() as connection:
            secrets, fields = {"token": TOKEN, "app_secret": "s3cret"}, {"page_id": graph_stand_in.PAGE}
            village_id = making.village(connection)
            account = making.account(
                connection, village_id, network="facebook", title="Halaman", fields=fields, secrets=secrets, sealer=SEALER
            )
        yield Office(engine, page, account)


def test_a_new_account_is_looked_at_at_once_then_daily(office: Office) -> None:
    looks = []
    for hours in (0, 1, 23, 24, 25, 48):
        office.now = START + timedelta(hours=hours)
        looks.append(office.look())
    assert looks == [1, 0, 0, 1, 0, 1]


def test_and_again_a_day_and_an_hour_before_a_post_is_due(office: Office) -> None:
    office.look()
    office.schedule(timedelta(hours=30))
    looks = []
    for hours in (5.9, 6, 7, 28.9, 29, 29.5):
        office.now = START + timedelta(hours=hours)
        looks.append(office.look())
    assert looks == [0, 1, 0, 0, 1, 0]


def test_a_dead_token_parks_the_account_at_once_and_says_why(office: Office) -> None:
    office.page.dead = (190, 463)
    office.look()
    held = office.held()
    assert (held.state, held.checked_at) == ("needs_login", START)
    assert held.findings == [{"key": "token_dead", "level": "bad", "facts": {"number": "190/463"}}]


def test_a_login_that_came_back_lets_what_waited_go_on(office: Office) -> None:
    of = office.schedule(timedelta(hours=1))
    office.page.dead = (190, 459)  # a checkpoint: the person answers it over there, and the same token works again
    office.look()
    with office.engine.begin() as connection:
        connection.execute(sa.text("UPDATE target SET state = 'waiting', reason = 'account', next_at = NULL"))
    office.page.dead = None
    office.now += timedelta(days=1)
    assert office.look() == 1
    with office.engine.begin() as connection:
        assert targets.get(connection, of.village_id, of.id).state == "scheduled"
    assert office.held().state == "open"


@pytest.mark.parametrize("ends_in", [3, 40])
def test_how_long_a_token_still_lasts_is_written_down(office: Office, ends_in: int) -> None:
    ends = datetime.now(UTC) + timedelta(days=ends_in, hours=1)
    office.page.tell_about(TOKEN, expires_at=int(ends.timestamp()))
    office.look()
    held = office.held()
    assert held.expires_at == ends.replace(microsecond=0)
    (told,) = [one for one in held.findings or () if one["key"] == "token_ends"]
    assert (told["level"], told["facts"]) == ("heed" if ends_in < 14 else "good", {"days": ends_in})


def test_a_network_that_does_not_answer_says_nothing_about_the_login(office: Office) -> None:
    office.page.url = "http://127.0.0.1:9"
    office.look()
    assert (office.held().state, office.held().findings) == ("open", None)


def test_two_workers_do_not_look_at_the_same_login(office: Office) -> None:
    with office.engine.begin() as connection:
        (of,) = checkups.due(connection, START)
        assert checkups.claim(connection, of, START)
        assert not checkups.claim(connection, of, START)
        assert checkups.keep(connection, of, GOOD, at=START, clock=office.clock) == 0


def test_what_no_key_opens_is_dead_and_nobody_is_called(office: Office) -> None:
    seen = checkups.look(
        office.account, Sealer("another secret of this village"), {"graph_url": office.page.url}, office.engine, lambda: START
    )
    assert seen is not None
    assert not seen.is_usable
    assert office.page.asked == []


def test_a_network_that_fetches_is_told_about_an_address_nobody_can_open(office: Office) -> None:
    with office.engine.begin() as connection:
        fields, secrets = {"ig_user_id": graph_stand_in.INSTAGRAM}, {"token": TOKEN, "app_secret": "s3cret"}
        account = making.account(connection, office.account.village_id, network="instagram", fields=fields, secrets=secrets, sealer=SEALER)
    given = {"graph_url": office.page.url, "sample_url": "http://127.0.0.1:9/m/percobaan.jpg"}
    from_here = checkups.look(account, SEALER, given, office.engine, lambda: START)
    from_outside = checkups.look(account, SEALER, {**given, "outside_proxy": "http://127.0.0.1:9"}, office.engine, lambda: START)
    assert from_here is not None
    assert from_outside is not None
    assert [(one.key, one.level) for one in from_here.findings][-1] == ("picture_closed", "heed")
    assert from_here.is_usable
    assert not from_outside.is_usable
