"""Staff of a village: who may come to the desk, what each role may do, and the sessions they hold."""

import hashlib
import math
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from storefront import database, passwords, villages
from storefront import tables as t
from storefront.problems import Collected, Problem, Problems
from storefront.villages import Village

IDLE, ABSOLUTE = timedelta(hours=12), timedelta(days=14)
SEEN_EVERY = timedelta(minutes=5)  # a session is marked as used no oftener: reading a page seldom writes
LOGIN_MOST = NAME_MOST = 80

# What a role may do beside looking: operator of the village or its enterprise; village head; youth group and others who help.
RIGHTS = {
    "operator": frozenset({"draft", "live", "sell", "publish", "set_up"}),
    "head": frozenset({"publish", "approve"}),
    "contributor": frozenset({"draft"}),
}


class WrongSignIn(Problem):
    """No open member of staff has this login and password; it does not say which of the two is wrong."""


class UnknownStaff(LookupError):
    """No such member of staff in this village."""


class ThrottledSignIn(Problem):
    """Too many attempts; `seconds` until the next one is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__("staff.throttled", minutes=math.ceil(seconds / 60))
        self.seconds = seconds


@dataclass(frozen=True)
class Staff:
    """A member of staff and the one village they work for."""

    id: int
    login: str
    name: str
    role: str
    language: str
    village: Village
    is_open: bool = True

    @property
    def village_id(self) -> int:
        return self.village.id

    def may(self, right: str) -> bool:
        return right in RIGHTS.get(self.role, ())

    @property
    def asks_first(self) -> bool:
        """Do this person's posts wait until the village head has approved them?"""
        return self.village.needs_approval and not self.may("approve")


@dataclass(frozen=True)
class Session:
    """One sign-in that still holds; `id_hash` is the SHA-256 of its cookie and opens nothing."""

    id_hash: str
    made_at: datetime
    seen_at: datetime
    ends_at: datetime


class Throttle:
    """Counts sign-ins in this process: a guesser is slowed down by login and address, so nobody is locked out from elsewhere."""

    def __init__(self, *, by_login: RateLimitItem | None = None, by_address: RateLimitItem | None = None) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())
        self._by_login = by_login or RateLimitItemPerMinute(8, 5)
        self._by_address = by_address or RateLimitItemPerMinute(60, 15)  # a whole office stands behind one address

    def enter(self, login: str, address: str) -> None:
        """Count one attempt before it is looked at. Raises ThrottledSignIn."""
        for limit, names in ((self._by_login, ("login", login, address)), (self._by_address, ("address", address))):
            if not self._window.hit(limit, *names):
                reset_at = self._window.get_window_stats(limit, *names).reset_time
                raise ThrottledSignIn(max(1, math.ceil(reset_at - time.time())))

    def forget(self, login: str, address: str) -> None:
        """The right password was given: its wrong tries before are forgiven."""
        self._window.clear(self._by_login, "login", login, address)


# ---- people ---------------------------------------------------------------------------------------------------------------------


def create(
    connection: sa.Connection, *, village_id: int, login: str, name: str, role: str, password: str, language: str = "id", at: datetime
) -> Staff:
    """A new member of staff. Raises Problem for a login that is taken or empty, an unknown role, a weak password."""
    typed = {"login": login, "name": name, "role": role}
    for problem in problems(connection, typed, password):
        raise problem
    return _insert(connection, typed, village_id=village_id, language=language, password_hash=passwords.hashed(password), at=at)


def add(engine: sa.Engine, typed: Mapping[str, str], *, village_id: int, password: str, language: str, at: datetime) -> Staff:
    """The same for a form with login, name and role: raises Problems, all at once. It takes the engine: no transaction is open while
    the password is hashed."""
    with database.reading(engine) as connection:
        wrong = problems(connection, typed, password)
    if wrong:
        raise Problems(wrong)
    password_hash = passwords.hashed(password)
    with database.writing(engine) as connection:
        if _is_taken(connection, plain_login(typed["login"])):
            raise Problems([Problem("staff.login_taken", field="login")])
        return _insert(connection, typed, village_id=village_id, language=language, password_hash=password_hash, at=at)


def problems(connection: sa.Connection, typed: Mapping[str, str], password: str) -> list[Problem]:
    """Everything that speaks against a new member of staff with this login, name and role."""
    login, wrong = plain_login(typed["login"]), Collected()
    for field, text in (("login", login), ("name", typed["name"].strip())):
        if not text:
            wrong.problems.append(Problem("form.empty", field=field))
        elif len(text) > LOGIN_MOST:
            wrong.problems.append(Problem("form.too_long", field=field, most=LOGIN_MOST))
    if typed["role"] not in RIGHTS:
        wrong.problems.append(Problem("form.unknown_choice", field="role"))
    with wrong.of("password"):
        passwords.check(password, login=login)
    if _is_taken(connection, login):
        wrong.problems.append(Problem("staff.login_taken", field="login"))
    return wrong.problems


def _is_taken(connection: sa.Connection, login: str) -> bool:
    return connection.execute(sa.select(t.staff.c.id).where(t.staff.c.login == login)).first() is not None


def _insert(
    connection: sa.Connection, typed: Mapping[str, str], *, village_id: int, language: str, password_hash: str, at: datetime
) -> Staff:
    row = {"login": plain_login(typed["login"]), "name": typed["name"].strip(), "role": typed["role"], "state": "open", "made_at": at}
    query = t.staff.insert().values(village_id=village_id, password_hash=password_hash, language=language, **row)
    return get(connection, connection.execute(query.returning(t.staff.c.id)).scalar_one())


def get(connection: sa.Connection, staff_id: int) -> Staff:
    return _of_row(connection, connection.execute(sa.select(t.staff).where(t.staff.c.id == staff_id)).one())


def member(connection: sa.Connection, village_id: int, staff_id: int) -> Staff:
    """A member of this village's staff, closed ones too. Raises UnknownStaff."""
    found = [one for one in listed(connection, village_id) if one.id == staff_id]
    if not found:
        raise UnknownStaff(staff_id)
    return found[0]


def listed(connection: sa.Connection, village_id: int) -> list[Staff]:
    """Everybody who works or worked at this village's desk: those who may come in first, by name."""
    query = sa.select(t.staff).where(t.staff.c.village_id == village_id).order_by(t.staff.c.state.desc(), t.staff.c.name, t.staff.c.id)
    return [_of_row(connection, row) for row in connection.execute(query).all()]


def _of_row(connection: sa.Connection, row: sa.Row[Any]) -> Staff:
    return Staff(row.id, row.login, row.name, row.role, row.language, villages.get(connection, row.village_id), row.state == "open")


def close(connection: sa.Connection, village_id: int, staff_id: int) -> None:
    """End somebody's time at the desk: no new sign-in, and those they hold are over. Raises Problem for the last operator."""
    operators = sa.select(t.staff.c.id).where(t.staff.c.village_id == village_id, t.staff.c.state == "open", t.staff.c.role == "operator")
    if connection.execute(operators.with_for_update()).scalars().all() == [staff_id]:
        raise Problem("staff.last_operator")
    connection.execute(t.staff.update().where(t.staff.c.village_id == village_id, t.staff.c.id == staff_id).values(state="closed"))
    _end_sessions(connection, village_id, staff_id)


def let_in(engine: sa.Engine, village_id: int, staff_id: int, *, password: str) -> None:
    """A new password for somebody who forgot theirs or comes back; whoever is signed in with the old one is out. Raises Problem."""
    with database.reading(engine) as connection:
        passwords.check(password, login=member(connection, village_id, staff_id).login)
    password_hash = passwords.hashed(password)
    with database.writing(engine) as connection:
        is_theirs = (t.staff.c.village_id == village_id, t.staff.c.id == staff_id)
        connection.execute(t.staff.update().where(*is_theirs).values(password_hash=password_hash, state="open"))
        _end_sessions(connection, village_id, staff_id)


def _end_sessions(connection: sa.Connection, village_id: int, staff_id: int) -> None:
    connection.execute(t.session.delete().where(t.session.c.village_id == village_id, t.session.c.staff_id == staff_id))


def set_language(connection: sa.Connection, staff: Staff, language: str) -> None:
    connection.execute(t.staff.update().where(t.staff.c.id == staff.id).values(language=language))


def plain_login(login: str) -> str:
    """Logins differ neither by letter case nor by spaces around them: phones like to add both."""
    return login.strip().lower()


# ---- sessions -------------------------------------------------------------------------------------------------------------------


def sign_in(engine: sa.Engine, login: str, password: str, *, address: str, throttle: Throttle, at: datetime) -> str:
    """The value of a new session's cookie. Raises ThrottledSignIn, WrongSignIn.

    It takes the engine: the password is hashed for a fifth of a second, and no transaction may stay open meanwhile.
    """
    login = plain_login(login)[: LOGIN_MOST + 1]
    throttle.enter(login, address)
    with database.reading(engine) as connection:
        known = connection.execute(sa.select(t.staff).where(t.staff.c.login == login, t.staff.c.state == "open")).first()
    if not passwords.is_right(password, known.password_hash if known else None) or known is None:
        raise WrongSignIn("staff.wrong_sign_in")
    throttle.forget(login, address)
    with database.writing(engine) as connection:
        connection.execute(t.session.delete().where(t.session.c.ends_at < at))
        return open_session(connection, known.id, known.village_id, at)


def open_session(connection: sa.Connection, staff_id: int, village_id: int, at: datetime) -> str:
    """A session for somebody who has proved who they are; the value of its cookie, 256 random bits of which only the hash is kept."""
    cookie = secrets.token_urlsafe(32)
    row = {"id_hash": _digest(cookie), "staff_id": staff_id, "village_id": village_id}
    connection.execute(t.session.insert().values(**row, made_at=at, seen_at=at, ends_at=at + ABSOLUTE))
    return cookie


def session(connection: sa.Connection, cookie: str, at: datetime) -> tuple[Staff, Session] | None:
    """Whose session this cookie holds; None when it is nobody's, has been idle for 12 hours, is 14 days old or was ended."""
    if not cookie:
        return None
    query = sa.select(t.session).join(t.staff, t.staff.c.id == t.session.c.staff_id).where(t.staff.c.state == "open")
    row = connection.execute(query.where(t.session.c.id_hash == _digest(cookie))).first()
    if row is None or at >= row.ends_at or at - row.seen_at >= IDLE:
        return None
    return get(connection, row.staff_id), Session(row.id_hash, row.made_at, row.seen_at, row.ends_at)


def mark_seen(connection: sa.Connection, id_hash: str, at: datetime) -> None:
    connection.execute(t.session.update().where(t.session.c.id_hash == id_hash).values(seen_at=at))


def sign_out(connection: sa.Connection, cookie: str) -> None:
    connection.execute(t.session.delete().where(t.session.c.id_hash == _digest(cookie)))


def sessions(connection: sa.Connection, staff: Staff, at: datetime) -> list[Session]:
    """The sign-ins of this member of staff that still hold, the one used last first."""
    still = sa.and_(t.session.c.ends_at > at, t.session.c.seen_at > at - IDLE)
    columns = [t.session.c[name] for name in Session.__dataclass_fields__]
    rows = connection.execute(sa.select(*columns).where(t.session.c.staff_id == staff.id, still).order_by(t.session.c.seen_at.desc()))
    return [Session(*row) for row in rows]


def end_session(connection: sa.Connection, staff: Staff, id_hash: str) -> None:
    """End one of one's own sessions."""
    connection.execute(t.session.delete().where(t.session.c.staff_id == staff.id, t.session.c.id_hash == id_hash))


def change_password(engine: sa.Engine, staff: Staff, *, old: str, new: str, cookie: str, throttle: Throttle) -> None:
    """Set a new password and end every other session. Raises WrongSignIn (the old one), Problem (the new one), ThrottledSignIn."""
    throttle.enter(staff.login, "desk")  # an unwatched desk is no place to guess at the old one
    with database.reading(engine) as connection:
        stored = connection.execute(sa.select(t.staff.c.password_hash).where(t.staff.c.id == staff.id)).scalar_one()
    if not passwords.is_right(old, stored):
        raise WrongSignIn("staff.wrong_password", field="old")
    passwords.check(new, login=staff.login, field="new")
    password_hash = passwords.hashed(new)
    with database.writing(engine) as connection:
        connection.execute(t.staff.update().where(t.staff.c.id == staff.id).values(password_hash=password_hash))
        connection.execute(t.session.delete().where(t.session.c.staff_id == staff.id, t.session.c.id_hash != _digest(cookie)))


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
