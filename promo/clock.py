"""The engine that wakes the publisher, behind five verbs: at, move, cancel, adopt, prune. Today it is DBOS on the same database.

Our own rows are the truth and the clock only wakes: a run that comes twice, late or for nothing does no harm.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions

APPLICATION = "gapura"  # never renamed: a run belongs to the application that scheduled it
WORKFLOW = "publish_target"  # never renamed, and its one argument stays the target's id: old runs meet new code
QUEUE = "publisher"
_BATCH = 500


class Clock(Protocol):
    """What posts.py needs: to be woken for a target, in the transaction that writes the target."""

    def at(self, connection: sa.Connection, target_id: int, generation: int, when: datetime, *, now: datetime) -> None:
        """Wake the publisher for this generation of the target; kept or forgotten together with the caller's transaction."""

    def move(self, connection: sa.Connection, target_id: int, generation: int, when: datetime, *, now: datetime) -> None:
        """Wake for a new generation instead of all earlier ones."""

    def cancel(self, connection: sa.Connection, target_id: int, generation: int) -> None:
        """The target needs no waking any more."""


class DurableClock:
    """The five verbs on DBOS. `url` is the database's own; nothing is opened before it is used."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = DBOSClient(
            system_database_url=url,
            application_name=APPLICATION,
            serializer=DBOSPortableJSONSerializer(),  # the default is pickle: whoever can write the database could run code
            system_database_pool_size=2,
            retry_connection_errors=False,
            lazy=True,
        )

    def lay(self) -> None:
        """Make or bring up to date the engine's own tables. Needed once before the first `at`; a second time costs nothing."""
        DBOS.migrate(self.url)

    def at(self, connection: sa.Connection, target_id: int, generation: int, when: datetime, *, now: datetime) -> None:
        """Wake the publisher for this generation of the target; kept or forgotten together with the caller's transaction."""
        # No app_version: a run scheduled by one release must be woken by the next.
        options = EnqueueOptions(workflow_name=WORKFLOW, queue_name=QUEUE, workflow_id=run_id(target_id, generation))
        delay = (when - now).total_seconds()
        if delay > 0:
            options["delay_seconds"] = delay
        self._client.enqueue_in_transaction(connection, options, target_id)

    move = at  # a run of an earlier generation sees, when it wakes, that it is over

    def cancel(self, connection: sa.Connection, target_id: int, generation: int) -> None:
        """Nothing to undo: the run sees, when it wakes, that the target is cancelled. Undoing it here would take a second
        connection, which on SQLite would wait for the caller's own transaction."""

    def adopt(self, dead: Iterable[str]) -> int:
        """Give the runs of dead workers to the living; how many."""
        adopted = 0
        for worker in dead:
            while True:
                runs = self._client.list_workflows(
                    status="PENDING", executor_id=worker, load_input=False, load_output=False, limit=_BATCH, queue_name=QUEUE
                )
                if not runs:
                    break
                self._client.resume_workflows([run.workflow_id for run in runs], queue_name=QUEUE)
                adopted += len(runs)
        return adopted

    def forget(self, targets: Sequence[tuple[int, int]]) -> None:
        """These (target, generation) are in somebody's hand: the runs that still wait for them need not come."""
        names = [run_id(*target) for target in targets]
        still = self._client.list_workflows(workflow_ids=names, status=["ENQUEUED", "DELAYED"], load_input=False, load_output=False)
        if still:  # one that has just begun sees by itself that it is over
            self._client.cancel_workflows([run.workflow_id for run in still])

    def prune(self, before: datetime) -> int:
        """Forget the engine's own record of runs that ended before this time; how many. Our journal stays."""
        pruned = 0
        while True:
            runs = self._client.list_workflows(completed_before=before.isoformat(), load_input=False, load_output=False, limit=_BATCH)
            if not runs:
                return pruned
            self._client.delete_workflows([run.workflow_id for run in runs])
            pruned += len(runs)

    def lost(self, targets: Sequence[tuple[int, int]], living: Iterable[str], *, may_sleep: bool = True) -> list[tuple[int, int]]:
        """Of these (target, generation), the ones for which no run waits, is queued, or is under way in one of the `living` workers; what
        is long overdue has no run that `may_sleep`."""
        if not targets:
            return []
        alive = set(living)
        runs = self._client.list_workflows(workflow_ids=[run_id(*target) for target in targets], load_input=False, load_output=False)
        waiting = {run.workflow_id for run in runs if run.status in ("ENQUEUED", *(("DELAYED",) if may_sleep else ()))}
        under_way = {run.workflow_id for run in runs if run.status == "PENDING" and run.executor_id in alive}
        return [target for target in targets if run_id(*target) not in waiting | under_way]

    def close(self) -> None:
        """Let go of the connections."""
        self._client.destroy()


def run_id(target_id: int, generation: int) -> str:
    """The name of the one run of this generation: the same name twice is the same run."""
    return f"target-{target_id}-{generation}"


def generation_of(name: str) -> int:
    """The generation in a run's name."""
    return int(name.rpartition("-")[2])


def long_ago(now: datetime, *, days: int = 7) -> datetime:
    """The time before which runs may be pruned."""
    return now.astimezone(UTC) - timedelta(days=days)
