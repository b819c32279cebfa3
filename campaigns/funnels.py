"""How far a visit goes: each click is counted once for each step it reaches, however many products its person looks at or asks about."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from campaigns.tables import outcome

STEPS = ("reached_view", "reached_interest", "reached_order")  # kinds of roll_outcome that no raw row has
LEVELS = {"view": 1, "cart": 2, "whatsapp": 2, "order": 3}  # how many of the steps an outcome reaches; who orders was interested


@dataclass(frozen=True)
class Step:
    """One step of a funnel; `share` is of the step before, None where there was nothing before; `lost` is how many went no further."""

    step: str
    count: int
    share: float | None
    lost: int


def newly_reached(connection: sa.Connection, village_id: int, click_key: int | None, kind: str) -> Sequence[str]:
    """The steps that an outcome of this kind reaches and no earlier one of the same click has: to be asked before it is stored."""
    level = LEVELS.get(kind, 0)
    if click_key is None or not level:
        return ()
    if connection.dialect.name == "postgresql":  # two tabs of one guest: the second waits until the first has been stored
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": click_key})
    mine = outcome.c.click_key == click_key, outcome.c.village_id == village_id, outcome.c.kind.in_(LEVELS)
    before = max((LEVELS[kind] for kind in connection.scalars(sa.select(outcome.c.kind).distinct().where(*mine))), default=0)
    return STEPS[before:level]


def steps(counts: Sequence[tuple[str, int]]) -> list[Step]:
    """(name, count) of each step in their order, with each one's share of the one before."""
    made, before = [], 0
    for name, count in counts:
        made.append(Step(name, count, count / before if before else None, max(before - count, 0)))
        before = count
    return made
