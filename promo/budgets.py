"""The calls that an app may make in an hour, shared between the villages that use it: each has a part of its own, what nobody else has
a post for is lent, and what the network itself says of its use corrects our count.

One village connects its accounts through an app of its own, a province all of them through one; then a village with a thousand posts
due must not leave the others without a call. Every worker counts into the same rows, under one lock for each app.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from promo import networks
from promo.accounts import Account
from promo.networks import Access, Usage
from promo.tables import account, app, spending, target
from promo.targets import OPEN
from promo.writing import writing

HOUR, SLOT = timedelta(hours=1), timedelta(minutes=10)
CALLS = 200  # an hour and account: what Meta gives an app for each of its users
A_POST = 4  # calls that a post may want, as far as can be said before it is begun
_NEVER_LENT = 2  # one part in so many of what is the others': for what they think of within the hour
_TELLS_MUCH = 25  # percent; below it one more call does not show in Meta's whole numbers
_COUNTED = 20  # calls; fewer say nothing about how large the hour is
_FULL = 80  # percent of an account's own use, at which it rests before it is refused


class Rest(NamedTuple):
    """Until when nothing is asked, and why: rate where the network wants it, share where the village's part is used up."""

    until: datetime
    reason: str


@dataclass(frozen=True)
class Hour:
    """The last hour of an app: the calls it has, those made by all villages and by this one, this one's own part, and what is kept for
    the others."""

    size: int
    spent: int
    own: int
    part: int
    kept: int = 0

    def has(self, calls: int) -> bool:
        """May this village make so many calls now? Within its part, as long as there are any; beyond it, of what is not kept."""
        if self.spent + calls > self.size:
            return False
        return self.own + calls <= self.part or self.spent + calls + self.kept <= self.size


def size(assumed: int, spent: int, usage: int | None) -> int:
    """The calls of an hour: what is assumed, or less where the network says that more of it is used than that. `usage` is its percent."""
    if usage is None:
        return assumed
    told = spent * 100 // usage if usage >= _TELLS_MUCH and spent >= _COUNTED else assumed
    whole = min(assumed, told)
    return spent + max(0, min(whole - spent, whole * (100 - usage) // 100))


def take(connection: sa.Connection, of: Account, calls: int, *, given: Mapping[str, str], now: datetime) -> Rest | None:
    """Take so many calls out of the village's part of the hour. None: they are taken; else when to ask again, and nothing is taken."""
    if of.app is None:
        return None
    row = _locked(connection, of.app)
    rests = [until for until in (row.rests_until, of.rests_until) if until is not None and until > now]
    if rests:
        return Rest(max(rests), "rate")
    if not _hour(connection, of, row, calls, given, now).has(calls):
        return Rest(_slot(now) + SLOT, "share")
    _spend(connection, of.app, of.village_id, calls, now)
    return None


def settle(connection: sa.Connection, of: Account, usage: Usage, *, taken: int, now: datetime) -> None:
    """What a run really used, after it, and what the network said about it meanwhile."""
    if of.app is None:
        return
    _locked(connection, of.app)
    if usage.calls != taken:
        _spend(connection, of.app, of.village_id, usage.calls - taken, now)
    if usage.of_app is not None:
        connection.execute(app.update().where(app.c.id == of.app).values(usage=usage.of_app, usage_at=now))
    if usage.is_refused:
        rest = max(timedelta(minutes=5), timedelta(seconds=usage.regain))
        connection.execute(app.update().where(app.c.id == of.app).values(rests_until=now + rest))
    if usage.of_account is not None and usage.of_account >= _FULL:
        rest = max(SLOT, timedelta(seconds=usage.regain))
        connection.execute(account.update().where(account.c.id == of.id).values(rests_until=now + rest))


@contextmanager
def counted(engine: sa.Engine, of: Account, access: Access, calls: int, now: Callable[[], datetime]) -> Iterator[Rest | None]:
    """Around what asks a network: so many calls are taken before it, and what was really used is written down after it. Gives None, or
    when to ask again because there are not so many; with no calls to take, none are asked for."""
    of = _known(engine, of, access)
    if of.app is None:
        yield None
        return
    rest = None
    if calls > 0:
        with writing(engine) as connection:
            rest = take(connection, of, calls, given=access.given, now=now())
    try:
        yield rest
    finally:
        if rest is None and access.usage != Usage(calls):
            with writing(engine) as connection:
                settle(connection, of, access.usage, taken=calls, now=now())


def _known(engine: sa.Engine, of: Account, access: Access) -> Account:
    """An account from before its calls were counted is put down under its app the first time it is used."""
    name = of.app or networks.app_of(of.network, access.secrets)
    if of.app == name:
        return of
    with writing(engine) as connection:
        connection.execute(account.update().where(account.c.id == of.id).values(app=name))
    return replace(of, app=name)


def prune(connection: sa.Connection, now: datetime) -> None:
    """Forget the hours that are over."""
    connection.execute(spending.delete().where(spending.c.slot < now - 2 * HOUR))


def _hour(connection: sa.Connection, of: Account, row: sa.Row, calls: int, given: Mapping[str, str], now: datetime) -> Hour:  # type: ignore[type-arg]
    in_hour = (spending.c.app == of.app, spending.c.slot > now - HOUR - SLOT)
    is_own = sa.case((spending.c.village_id == of.village_id, spending.c.calls), else_=0)
    sums = sa.select(sa.func.coalesce(sa.func.sum(spending.c.calls), 0), sa.func.coalesce(sa.func.sum(is_own), 0))
    spent, own = connection.execute(sums.where(*in_hour)).one()
    living = (account.c.app == of.app, account.c.state != "removed")
    is_ours = sa.case((account.c.village_id == of.village_id, 1), else_=0)
    all_of_them, ours = connection.execute(sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(is_ours), 0)).where(*living)).one()
    each = int(given.get("calls_an_hour") or CALLS)
    fresh = row.usage if row.usage_at is not None and row.usage_at > now - SLOT else None
    whole = size(each * max(1, all_of_them), int(spent), fresh)
    hour = Hour(whole, int(spent), int(own), whole * max(1, ours) // max(1, all_of_them))
    if hour.own + calls <= hour.part or hour.spent + calls > hour.size:
        return hour
    unplanned = (hour.size - hour.part) // _NEVER_LENT - (hour.spent - hour.own)
    kept = max(unplanned, _wanted_by_others(connection, of, whole, max(1, all_of_them), now))
    return Hour(hour.size, hour.spent, hour.own, hour.part, kept)


def _wanted_by_others(connection: sa.Connection, of: Account, whole: int, all_of_them: int, now: datetime) -> int:
    """The calls that the other villages may still want out of their parts for what they have due before today's lending is forgotten."""
    due = (target.c.state.in_(OPEN), target.c.due_at <= now + HOUR + SLOT, target.c.village_id != of.village_id)
    posts = sa.select(target.c.village_id, sa.func.count()).join(account, account.c.id == target.c.account_id)
    wanted = _by_village(connection, posts.where(account.c.app == of.app, *due).group_by(target.c.village_id))
    if not wanted:
        return 0
    held = sa.select(account.c.village_id, sa.func.count()).where(account.c.app == of.app, account.c.state != "removed")
    accounts_of = _by_village(connection, held.group_by(account.c.village_id))
    used = sa.select(spending.c.village_id, sa.func.sum(spending.c.calls)).where(
        spending.c.app == of.app, spending.c.slot > now - HOUR - SLOT
    )
    spent = _by_village(connection, used.group_by(spending.c.village_id))
    return sum(
        max(0, min(posts_due * A_POST, whole * accounts_of.get(village, 1) // all_of_them - spent.get(village, 0)))
        for village, posts_due in wanted.items()
    )


def _by_village(connection: sa.Connection, query: sa.Select[int, int]) -> dict[int, int]:
    return {village: int(number) for village, number in connection.execute(query)}


def _locked(connection: sa.Connection, name: str) -> sa.Row:  # type: ignore[type-arg]
    """The app's row, which no other worker changes before we are done; on SQLite whoever writes is alone anyhow."""
    found = connection.execute(sa.select(app).where(app.c.id == name).with_for_update()).one_or_none()
    if found is not None:
        return found
    insert = postgresql.insert(app) if connection.dialect.name == "postgresql" else sqlite.insert(app)
    connection.execute(insert.values(id=name).on_conflict_do_nothing(index_elements=["id"]))
    return connection.execute(sa.select(app).where(app.c.id == name).with_for_update()).one()


def _spend(connection: sa.Connection, name: str, village_id: int, calls: int, now: datetime) -> None:
    insert = postgresql.insert(spending) if connection.dialect.name == "postgresql" else sqlite.insert(spending)
    values = {"app": name, "slot": _slot(now), "village_id": village_id, "calls": calls}
    more = {"calls": spending.c.calls + calls}
    connection.execute(insert.values(**values).on_conflict_do_update(index_elements=["app", "slot", "village_id"], set_=more))


def _slot(now: datetime) -> datetime:
    return datetime.fromtimestamp(now.timestamp() // SLOT.total_seconds() * SLOT.total_seconds(), now.tzinfo)
