"""The journal: one row for each call to a network, begun before the call and ended after it, never changed again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from promo.networks import Failure
from promo.tables import attempt

GOOD = ("done", "found", "held", "absent")
_STALE = timedelta(minutes=2)  # a call without an end that is older than this was cut off


@dataclass(frozen=True)
class Attempt:
    """One call. `outcome` is done, found, absent, cannot_tell, the kind of a failure, or cut_off; None while it is under way."""

    id: int
    village_id: int
    target_id: int
    step: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    sent: str | None
    status: int | None
    code: int | None
    subcode: int | None
    trace: str | None
    worker: str

    def word(self, at: datetime) -> str:
        """The key of the sentence that tells staff what happened, as seen at this moment."""
        if self.outcome is None:
            return "journal.under_way" if at - self.started_at < _STALE else "journal.cut_off"
        if self.outcome == "cut_off":
            return "journal.cut_off"
        if self.outcome in GOOD or self.outcome == "cannot_tell":
            return f"journal.{self.step}_{self.outcome}"
        if self.step in ("hand_over", "comment") and self.sent != "no":
            return f"journal.{self.step}_maybe"
        if self.step == "publish" and self.sent != "no":
            return "journal.duplicate" if self.outcome == "duplicate" else "journal.maybe"
        return "journal.look_failed" if self.step == "reconcile" else f"journal.failed_{self.outcome}"


def begin(connection: sa.Connection, *, village_id: int, target_id: int, step: str, worker: str, at: datetime) -> int:
    """Write down that a call is about to be made; its id. Commit before calling. An earlier call without an end was cut off."""
    connection.execute(attempt.update().where(attempt.c.target_id == target_id, attempt.c.outcome.is_(None)).values(outcome="cut_off"))
    values = {"village_id": village_id, "target_id": target_id, "step": step, "worker": worker, "started_at": at}
    return int(connection.execute(attempt.insert().values(**values).returning(attempt.c.id)).scalar_one())


def end(connection: sa.Connection, attempt_id: int, *, outcome: str, at: datetime, failure: Failure | None = None) -> None:
    """Write down how the call ended."""
    values: dict[str, object] = {"outcome": outcome, "finished_at": at}
    if failure is not None:
        values |= {name: getattr(failure, name) for name in ("sent", "status", "code", "subcode", "trace")}
    connection.execute(attempt.update().where(attempt.c.id == attempt_id, attempt.c.finished_at.is_(None)).values(**values))


def of_target(connection: sa.Connection, village_id: int, target_id: int) -> list[Attempt]:
    """Every call made for a target, oldest first."""
    where = (attempt.c.village_id == village_id, attempt.c.target_id == target_id)
    return [Attempt(**row._mapping) for row in connection.execute(sa.select(attempt).where(*where).order_by(attempt.c.id))]


def failures_in_a_row(calls: Sequence[Attempt]) -> int:
    """How many of the last calls went wrong, one after the other; what was cut off is nobody's fault and does not count."""
    count = 0
    for call in reversed(calls):
        if call.outcome in GOOD:
            break
        count += call.outcome not in (None, "cut_off")
    return count
