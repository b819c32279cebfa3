"""Looking at logins before posts depend on them: daily, and again a day and an hour before a post is due; a dead one parks its posts and
says so at once, and one that came back to life lets them go on."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from promo import accounts, budgets, networks, posts, wire
from promo.accounts import Account, Sealer
from promo.clock import Clock
from promo.networks import Access, Checked, Failure, Finding, Health
from promo.tables import account, target

DAILY = timedelta(days=1)
BEFORE = (timedelta(days=1), timedelta(hours=1))  # before a post is due
_STILL_TO_COME = ("scheduled", "claimed", "preparing", "ready", "waiting", "handed_over")
_TIMEOUT = 20.0


def due(connection: sa.Connection, now: datetime, *, most: int = 20) -> list[Account]:
    """The accounts whose login should be looked at now, those with a post soon first."""
    checked = [name for name in networks.names() if isinstance(networks.get(name), Checked)]
    soonest = (
        sa.select(target.c.account_id, sa.func.min(target.c.due_at).label("due_at"))
        .where(target.c.due_at > now, target.c.due_at <= now + BEFORE[0], target.c.state.in_(_STILL_TO_COME))
        .group_by(target.c.account_id)
        .subquery()
    )
    is_old = sa.or_(account.c.checked_at.is_(None), account.c.checked_at <= now - DAILY, soonest.c.due_at.is_not(None))
    rows = connection.execute(
        sa.select(account, soonest.c.due_at)
        .join(soonest, soonest.c.account_id == account.c.id, isouter=True)
        .where(account.c.network.in_(checked), account.c.state.in_(("open", "needs_login")), is_old)
        .order_by(soonest.c.due_at.is_(None), soonest.c.due_at, account.c.checked_at, account.c.id)
    )
    found = []
    for row in rows:
        values = dict(row._mapping)
        if _is_due(values["checked_at"], values.pop("due_at"), now):
            found.append(Account(**values))
        if len(found) == most:
            break
    return found


def _is_due(checked_at: datetime | None, due_at: datetime | None, now: datetime) -> bool:
    if checked_at is None or checked_at <= now - DAILY:
        return True
    return due_at is not None and any(checked_at < due_at - before <= now for before in BEFORE)


def claim(connection: sa.Connection, of: Account, now: datetime) -> bool:
    """Write down that it is being looked at; False if another was faster."""
    was = account.c.checked_at.is_(None) if of.checked_at is None else account.c.checked_at == of.checked_at
    return connection.execute(account.update().where(account.c.id == of.id, was).values(checked_at=now)).rowcount == 1


def look(of: Account, sealer: Sealer, given: Mapping[str, str], engine: sa.Engine, now: Callable[[], datetime]) -> Health | None:
    """How the login stands, asked over the network: hold no transaction meanwhile. None: the network did not say, or has nothing to ask."""
    try:
        access = accounts.access(of, sealer, timeout=_TIMEOUT, given=given)
    except accounts.CannotUnseal:
        return Health((Finding("token_dead", "bad", {"number": "-"}),))
    with budgets.counted(engine, of, access, 0, now):
        return ask(of.network, access)


def ask(name: str, access: Access) -> Health | None:
    """The same about something that is no account yet."""
    network = networks.get(name)
    if not isinstance(network, Checked):
        return None
    try:
        found = network.health(access)
    except Failure as failure:
        if failure.kind != "account":
            return None
        return Health((Finding("token_dead", "bad", {"number": f"{failure.code or failure.status or '-'}"}),))
    return Health((*found.findings, *_about_pictures(network.LIMITS.fetches, access)), found.expires_at)


def _about_pictures(fetches: bool, access: Access) -> tuple[Finding, ...]:
    """Can a network fetch our pictures? Seen from outside where there is a proxy for it, else as well as it can be seen from here."""
    sample, proxy = access.given.get("sample_url", ""), access.given.get("outside_proxy") or None
    if not fetches or not sample:
        return ()
    try:
        wire.look(sample, timeout=10.0, proxy=proxy)
    except Failure:
        return (Finding("picture_closed", "bad" if proxy else "heed", {"url": sample}),)
    is_inside = any(name in sample for name in ("//127.", "//localhost", "//[::1]", "//10.", "//192.168."))
    return (Finding("not_public", "heed", {"url": sample}),) if is_inside else ()


def keep(connection: sa.Connection, of: Account, seen: Health | None, *, at: datetime, clock: Clock) -> int:
    """Write down what a look found. A dead login parks what depends on it; a living one lets what waited go on: how many did."""
    if seen is None:
        return 0
    told = [{"key": one.key, "level": one.level, "facts": dict(one.facts)} for one in seen.findings]
    values = {"findings": told, "expires_at": seen.expires_at, "checked_at": at}
    connection.execute(account.update().where(account.c.id == of.id, account.c.state != "removed").values(**values))
    if not seen.is_usable:
        accounts.needs_login(connection, of.village_id, of.id)
        return 0
    revived = account.update().where(account.c.id == of.id, account.c.state == "needs_login").values(state="open")
    if connection.execute(revived).rowcount == 0:
        return 0
    return posts.wake(connection, of.village_id, of.id, at=at, clock=clock)
