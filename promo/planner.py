"""A fair, filled calendar: out of what there is to tell and free moments, what to post when. Pure: nothing is read, nothing is made."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MIX: Mapping[str, int] = {"product": 6, "attraction": 2, "maker": 1, "event": 1}  # shares of ten posts; what a village lacks is left out
APART = timedelta(days=7)  # the same thing is not shown again sooner, if anything else is there


@dataclass(frozen=True)
class Candidate:
    """Something to tell. `maker` is whose turn it takes (None: the village's own); `key` names it for ever, like "product:12"."""

    key: str
    kind: str
    title: str
    maker: int | None = None
    is_live: bool = True
    is_sold_out: bool = False
    has_photo: bool = True
    day: datetime | None = None  # an event's own: told in the week before it, never after


@dataclass(frozen=True)
class Shown:
    """What was posted or is scheduled already: it counts as a turn of its maker."""

    key: str
    maker: int | None
    at: datetime


@dataclass(frozen=True)
class Proposal:
    """What to post at a moment, and the turn of its maker that this is."""

    at: datetime
    candidate: Candidate
    turn: int


def fill(candidates: Sequence[Candidate], slots: Sequence[datetime], history: Sequence[Shown] = ()) -> list[Proposal]:
    """One proposal a slot as long as there is something to tell: makers in turn, kinds mixed, never what is sold out, hidden or unseen.

    The turn of a maker is visible in each proposal: nobody gets the next before all who have something to show had theirs, counting
    what was posted before.
    """
    able = [one for one in candidates if one.is_live and one.has_photo and not one.is_sold_out]
    told, turns, kinds = _last_times(history), _turns(history), Counter[str]()
    found: list[Proposal] = []
    for slot in sorted(slots):
        fitting = [one for one in able if _fits(one, slot, told)]
        if not fitting:
            continue
        kind = _kind(fitting, kinds)
        chosen = min((one for one in fitting if one.kind == kind), key=lambda one: _order(one, slot, turns, told))
        kinds[kind] += 1
        if chosen.maker is not None:
            turns[chosen.maker] += 1
        told[chosen.key] = slot
        found.append(Proposal(slot, chosen, turns[chosen.maker] if chosen.maker is not None else 0))
    return found


def _last_times(history: Sequence[Shown]) -> dict[str, datetime]:
    told: dict[str, datetime] = {}
    for one in history:
        told[one.key] = max(one.at, told.get(one.key, one.at))
    return told


def _turns(history: Sequence[Shown]) -> Counter[int]:
    return Counter(one.maker for one in history if one.maker is not None)


def _fits(one: Candidate, slot: datetime, told: Mapping[str, datetime]) -> bool:
    if one.kind == "event":
        return one.key not in told and one.day is not None and timedelta(0) < one.day - slot <= APART
    last = told.get(one.key)
    return last is None or abs(slot - last) >= APART


def _kind(fitting: Sequence[Candidate], kinds: Counter[str]) -> str:
    """The kind that is furthest behind its share."""
    there = sorted({one.kind for one in fitting}, key=lambda kind: (list(MIX).index(kind) if kind in MIX else len(MIX), kind))
    return min(there, key=lambda kind: (kinds[kind] + 0.5) / MIX.get(kind, 1))


def _order(one: Candidate, slot: datetime, turns: Counter[int], told: Mapping[str, datetime]) -> tuple[float, float, str]:
    """Whose maker had the fewest turns; then what was not told for the longest time."""
    last = told.get(one.key)
    since = (slot - last).total_seconds() if last else float("inf")
    return (turns[one.maker] if one.maker is not None else 0.0, -since, one.key)
