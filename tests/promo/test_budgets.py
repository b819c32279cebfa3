"""The calls of an app in an hour: no village can use them up, what nobody needs is lent, and the network's own count is believed."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import graph_stand_in
import making
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from promo import accounts, budgets, posts
from promo.accounts import Account, Sealer
from promo.budgets import A_POST, Hour
from promo.handing import HandingRunner
from promo.networks import Access, Usage
from promo.runs import Pace
from promo.tables import account, app, spending, target
from promo.turns import Turns

SEALER, TOKEN = Sealer("a secret for the tests only"), "token-that-must-never-be-seen"
START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
FEW = {"calls_an_hour": "10"}


def page(connection: sa.Connection, village_id: int, app: str = "s3cret") -> Account:
    secrets, fields = {"token": TOKEN, "app_secret": app}, {"page_id": graph_stand_in.PAGE}
    return making.account(connection, village_id, network="facebook", fields=fields, secrets=secrets, sealer=SEALER)


def schedule(connection: sa.Connection, of: Account, marker: str, due_at: datetime = START) -> None:
    about = {"village_id": of.village_id, "post_id": making.post(connection, of.village_id).id, "account_id": of.id, "link_id": None}
    about |= {"network": of.network, "format": "portrait", "caption": f"Keripik https://desa.id/Q/{marker}", "marker": marker}
    about |= {"media": [{"sha256": "0" * 64, "alt": ""}], "link_url": f"https://desa.id/Q/{marker}"}
    posts.schedule(connection, **about, due_at=due_at, at=START, clock=making.StillClock())  # type: ignore[arg-type]


counts = st.integers(0, 500)


@given(size=counts, spent=counts, own=counts, part=counts, kept=counts, calls=st.integers(1, 20))
def test_an_hour_is_never_overdrawn_and_nothing_is_lent_that_is_kept(
    size: int, spent: int, own: int, part: int, kept: int, calls: int
) -> None:
    hour = Hour(size, spent, own, part, kept)
    if hour.has(calls):
        assert spent + calls <= size
        assert own + calls <= part or spent + calls + kept <= size
    elif own + calls <= part:
        assert spent + calls > size, "a village was refused within its own part although there were calls"


@given(assumed=st.integers(1, 5_000), spent=st.integers(0, 10_000), usage=st.none() | st.integers(0, 150))
def test_the_size_of_an_hour_is_never_more_than_is_assumed_or_the_network_leaves(assumed: int, spent: int, usage: int | None) -> None:
    whole = budgets.size(assumed, spent, usage)
    assert whole <= max(assumed, spent)
    if usage is not None and usage >= 100:
        assert whole <= spent
    if usage == 0:
        assert whole == max(assumed, spent)


@pytest.mark.parametrize("seed", range(making.rounds(3, 60)))
def test_whatever_one_village_wants_every_other_gets_its_part(engine: sa.Engine, seed: int) -> None:
    dice = random.Random(seed)
    each = dice.randrange(8, 80)
    with engine.begin() as connection:
        pages = [page(connection, making.village(connection, name=f"Desa {number}")) for number in range(dice.randrange(2, 9))]
        wanted = {of.village_id: dice.randrange(12) for of in pages[1:]}
        for of in pages[1:]:
            for number in range(wanted[of.village_id]):
                schedule(connection, of, f"V{of.village_id}N{number}", START + timedelta(minutes=dice.randrange(60)))
        greedy = 0
        while budgets.take(connection, pages[0], A_POST, given={"calls_an_hour": str(each)}, now=START) is None:
            greedy += 1
        got: Counter[int] = Counter()
        for of in sorted(pages[1:] * 12, key=lambda _: dice.random()):
            if got[of.village_id] < wanted[of.village_id]:
                late = START + timedelta(minutes=dice.randrange(60))
                got[of.village_id] += budgets.take(connection, of, A_POST, given={"calls_an_hour": str(each)}, now=late) is None
        spent = connection.execute(sa.select(sa.func.sum(spending.c.calls))).scalar_one()
    assert greedy >= each // A_POST
    assert spent <= each * len(pages)
    assert {village: got[village] for village in wanted} == {village: min(posts, each // A_POST) for village, posts in wanted.items()}


def test_the_hour_moves_on_and_what_was_used_comes_back(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        of = page(connection, making.village(connection))
        assert budgets.take(connection, of, 10, given=FEW, now=START + timedelta(minutes=12)) is None
        assert budgets.take(connection, of, 1, given=FEW, now=START + timedelta(minutes=13)) == (START + timedelta(minutes=20), "share")
        assert budgets.take(connection, of, 1, given=FEW, now=START + timedelta(minutes=69)) is not None
        assert budgets.take(connection, of, 10, given=FEW, now=START + timedelta(minutes=81)) is None
        budgets.prune(connection, START + timedelta(hours=4))
        assert connection.execute(sa.select(sa.func.count()).select_from(spending)).scalar_one() == 0


def test_what_was_taken_and_not_used_is_given_back_and_what_was_used_beyond_it_counts(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        of = page(connection, making.village(connection))
        budgets.take(connection, of, 8, given=FEW, now=START)
        budgets.settle(connection, of, Usage(calls=2), taken=8, now=START)
        assert budgets.take(connection, of, 8, given=FEW, now=START) is None
        budgets.settle(connection, of, Usage(calls=12), taken=8, now=START)
        assert budgets.take(connection, of, 1, given=FEW, now=START) is not None


def test_a_refused_app_rests_for_everybody_and_a_full_account_for_itself(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        one, two = (page(connection, making.village(connection, name=name)) for name in ("Wonorejo", "Sumberejo"))
        budgets.settle(connection, one, Usage(calls=1, is_refused=True, regain=1_800), taken=0, now=START)
        assert budgets.take(connection, two, 1, given={}, now=START) == (START + timedelta(minutes=30), "rate")
        late = START + timedelta(minutes=31)
        assert budgets.take(connection, two, 1, given={}, now=late) is None
        budgets.settle(connection, two, Usage(calls=1, of_account=85), taken=0, now=late)
        full, other = (accounts.get(connection, of.village_id, of.id) for of in (two, one))
        assert budgets.take(connection, full, 1, given={}, now=late) == (late + timedelta(minutes=10), "rate")
        assert budgets.take(connection, other, 1, given={}, now=late) is None


def test_villages_with_apps_of_their_own_share_nothing(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        one, two = (page(connection, making.village(connection, name=name), app=name) for name in ("Wonorejo", "Sumberejo"))
        other = making.account(connection, one.village_id)
        assert one.app != two.app
        assert "Wonorejo" not in str(one.app)
        assert other.app is None
        assert budgets.take(connection, one, 10, given=FEW, now=START) is None
        assert budgets.take(connection, one, 1, given=FEW, now=START) is not None
        assert budgets.take(connection, two, 10, given=FEW, now=START) is None
        assert budgets.take(connection, other, 1_000, given=FEW, now=START) is None


def test_an_account_from_before_calls_were_counted_is_counted_from_its_first_use(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        of = page(connection, making.village(connection))
        connection.execute(account.update().values(app=None))
        old = accounts.get(connection, of.village_id, of.id)
    access = Access({}, {"app_secret": "s3cret"}, given=FEW)
    with budgets.counted(engine, old, access, 4, lambda: START) as rest:
        assert rest is None
        access.usage.calls = 6
    with engine.begin() as connection:
        assert accounts.get(connection, of.village_id, of.id).app == of.app
        assert connection.execute(sa.select(spending.c.calls)).scalar_one() == 6


@dataclass
class Province:
    """Four villages on one app with forty calls an hour, and workers that share nothing but the database."""

    engine: sa.Engine
    page: graph_stand_in.StandIn
    pages: list[Account]
    now: list[datetime] = field(default_factory=lambda: [START])

    def work(self, number: int) -> None:
        name = f"worker-{number}"
        runner = HandingRunner(
            self.engine,
            making.StillClock(),
            lambda _: b"\xff\xd8\xff",
            SEALER,
            worker=name,
            pace=Pace(timeout=5.0),
            now=lambda: self.now[0],
            stopping=lambda: False,
            given={"graph_url": self.page.url, **FEW},
        )
        turn = Turns(self.engine, name, lambda: self.now[0], lambda _: None)
        while (of := turn.next()) is not None:
            runner.run(of)

    def work_all(self, workers: int = 3) -> None:
        threads = [threading.Thread(target=self.work, args=(number,)) for number in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)

    def ends(self) -> Counter[tuple[int, str, str | None]]:
        with self.engine.begin() as connection:
            rows = connection.execute(sa.select(target.c.village_id, target.c.state, target.c.reason)).all()
        return Counter((row.village_id, row.state, row.reason) for row in rows)


@pytest.fixture
def province(engine: sa.Engine) -> Iterator[Province]:
    with graph_stand_in.running(app_secret="s3cret", calls_an_hour=40) as stand_in:
        stand_in.tell_about(TOKEN)
        with engine.begin() as connection:
            pages = [page(connection, making.village(connection, name=f"Desa {number}")) for number in range(4)]
        yield Province(engine, stand_in, pages)


def test_a_village_with_very_many_posts_leaves_room_for_the_others_whoever_works(province: Province) -> None:
    large, *small = province.pages
    with province.engine.begin() as connection:
        for number in range(making.rounds(40, 1_000)):
            schedule(connection, large, f"LARGE{number}")
    province.work_all()
    with province.engine.begin() as connection:  # they come when the large one has long begun
        for of in small:
            for number in range(2):
                schedule(connection, of, f"SMALL{of.id}N{number}")
    province.work_all()
    ends = province.ends()
    assert {ends[of.village_id, "published", None] for of in small} == {2}, "somebody else's posts ate theirs"
    assert province.page.refused == 0, "the app was used up"
    out = ends[large.village_id, "published", None]
    assert 5 <= out < 20
    assert ends[large.village_id, "waiting", "share"] == making.rounds(40, 1_000) - out
    with province.engine.begin() as connection:
        assert connection.execute(sa.select(sa.func.sum(spending.c.calls))).scalar_one() == len(province.page.asked)
        assert connection.execute(sa.select(app.c.usage)).scalar_one() == len(province.page.asked) * 100 // 40
    province.page.asked.clear()  # an hour later Meta has forgotten, and what waited goes on
    province.now[0] += timedelta(minutes=75)
    province.work_all()
    assert province.ends()[large.village_id, "published", None] > out
    assert province.page.refused == 0
