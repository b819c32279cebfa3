"""Whose turn it is: what is due is taken up in a fair round, one of each village and of each of its accounts before a second of any.

A worker takes a handful at a time under a lease. The lease holds as long as the worker lives: whoever finds it dead lets go of it.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from promo import targets
from promo.budgets import Rest
from promo.tables import target
from promo.targets import OPEN, Target
from promo.writing import writing

HANDFUL = 100  # taken at once: a few seconds of work, so that little is held back from the others
LEASE = timedelta(minutes=10)  # beyond this even a living worker is not believed to be at it
_SOON = timedelta(seconds=2)
_RESTS = ("rate", "quota", "share")  # reasons that are the whole account's


class Turns:
    """What one worker has taken up and not yet begun; shared by its threads."""

    def __init__(
        self, engine: sa.Engine, worker: str, now: Callable[[], datetime], forget: Callable[[Sequence[tuple[int, int]]], None]
    ) -> None:
        self._engine, self._worker, self._now, self._forget = engine, worker, now, forget
        self._held: deque[Target] = deque()
        self._lock = threading.Lock()

    def take(self, target_id: int, generation: int) -> Target | None:
        """The very target a run was woken for; None if there is nothing to do for it, or another has it in hand."""
        with writing(self._engine) as connection:
            found = _claim(connection, [target_id], self._worker, self._now(), generation=generation)
        return found[0] if found else None

    def next(self) -> Target | None:
        """The next target in the fair round; None when nothing is due that nobody has in hand."""
        with self._lock:
            if not self._held:
                self._held.extend(self._handful())
            return self._held.popleft() if self._held else None

    def _handful(self) -> list[Target]:
        now = self._now()
        with self._engine.connect() as connection, connection.execution_options(reading=True).begin():
            wanted = in_turn(connection, now, most=HANDFUL)
        if not wanted:
            return []
        with writing(self._engine) as connection:
            taken = _claim(connection, wanted, self._worker, now)
        if taken:
            self._forget([(of.id, of.generation) for of in taken])
        place = {target_id: number for number, target_id in enumerate(wanted)}
        return sorted(taken, key=lambda of: place[of.id])


def in_turn(connection: sa.Connection, now: datetime, *, most: int = HANDFUL) -> list[int]:
    """The ids of what is due and in nobody's hand: the first of every village, then the second ..., in a village by account likewise."""
    free = (target.c.next_at <= now, target.c.state.in_(OPEN), target.c.lease_by.is_(None))
    due = sa.select(
        target.c.id,
        target.c.village_id,
        target.c.next_at,
        sa.func.row_number().over(partition_by=target.c.account_id, order_by=(target.c.next_at, target.c.id)).label("of_account"),
    )
    of_accounts = due.where(*free).subquery()
    order = (of_accounts.c.of_account, of_accounts.c.next_at, of_accounts.c.id)
    turn = sa.func.row_number().over(partition_by=of_accounts.c.village_id, order_by=order).label("turn")
    of_villages = sa.select(of_accounts.c.id, of_accounts.c.next_at, turn).subquery()
    query = sa.select(of_villages.c.id).order_by(of_villages.c.turn, of_villages.c.next_at, of_villages.c.id).limit(most)
    return list(connection.execute(query).scalars())


def _claim(
    connection: sa.Connection, target_ids: Sequence[int], worker: str, now: datetime, *, generation: int | None = None
) -> list[Target]:
    free = sa.or_(target.c.lease_by.is_(None), target.c.lease_until < now)
    wanted = [target.c.id.in_(target_ids), target.c.state.in_(OPEN), target.c.next_at <= now + _SOON, free]
    if generation is not None:
        wanted.append(target.c.generation == generation)
    where = sa.and_(*wanted)
    if connection.dialect.name == "postgresql":  # what another worker is just taking is left to it, without waiting
        where = target.c.id.in_(sa.select(target.c.id).where(where).with_for_update(skip_locked=True))
    begun = sa.case((target.c.state == "scheduled", "claimed"), else_=target.c.state)
    query = target.update().where(where).values(lease_by=worker, lease_until=now + LEASE, state=begun).returning(target)
    return [targets.of_row(row) for row in connection.execute(query)]


def let_go(connection: sa.Connection, workers: Iterable[str], now: datetime, *, most: int = 500) -> list[tuple[int, int]]:
    """Take what these workers had in hand away from them; [(id, new generation)] of what is to be woken anew. Ask until it is empty."""
    held = sa.select(target.c.id).where(target.c.lease_by.in_(list(workers)), target.c.state.in_(OPEN)).limit(most)
    freed = {"lease_by": None, "lease_until": None, "generation": target.c.generation + 1}
    freed["state"] = sa.case((target.c.state == "claimed", "scheduled"), else_=target.c.state)
    query = target.update().where(target.c.id.in_(held)).values(**freed, next_at=now).returning(target.c.id, target.c.generation)
    return [(row.id, row.generation) for row in connection.execute(query)]


def rest_of(connection: sa.Connection, account_id: int, now: datetime) -> Rest | None:
    """Until when and why an account is not used, because one of its posts was told to wait for all of them; None if it may be used."""
    asked = (target.c.account_id == account_id, target.c.state == "waiting", target.c.reason.in_(_RESTS), target.c.next_at > now)
    longest = sa.select(target.c.next_at, target.c.reason).where(*asked).order_by(target.c.next_at.desc()).limit(1)
    row = connection.execute(longest).one_or_none()
    return Rest(row.next_at, row.reason) if row else None
