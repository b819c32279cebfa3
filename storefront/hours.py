"""Opening hours in the form a tourist asks for them: open now, until when, or when next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from storefront.attractions import DAYS, Attraction


@dataclass(frozen=True)
class Today:
    """How an attraction stands at a moment of the village's clock.

    `state`: open | last_entry_over | opens_today | closed. `at` is when that ends: the closing time, or the next opening time, which is
    in `days` days (0 = today, None = nobody knows) on `day`, a key of attractions.DAYS.
    """

    state: str
    at: time | None = None
    days: int | None = None
    day: str = ""
    last_entry: time | None = None

    @property
    def is_open(self) -> bool:
        return self.state == "open"


def today(attraction: Attraction, local: datetime) -> Today:
    """How an attraction stands at this local time."""
    last = time.fromisoformat(attraction.last_entry) if attraction.last_entry else None
    span = attraction.open_hours(local)
    if span and span[0] <= local.time() < span[1]:
        return Today("last_entry_over" if last and local.time() >= last else "open", span[1], last_entry=last)
    if span and local.time() < span[0]:
        return Today("opens_today", span[0], 0, DAYS[local.weekday()], last)
    return _next(attraction, local, last)


def _next(attraction: Attraction, local: datetime, last: time | None) -> Today:
    for days in range(1, 8):
        later = local + timedelta(days=days)
        span = attraction.open_hours(later)
        if span:
            return Today("closed", span[0], days, DAYS[later.weekday()], last)
    return Today("closed")


def turn(attractions: Iterable[Attraction], local: datetime) -> datetime:
    """When the standing of one of them changes next: it opens, closes, lets nobody in any more, or another day begins."""
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    clocks: set[time] = set()
    for seen in attractions:
        clocks.update(seen.open_hours(local) or ())
        if seen.last_entry:
            clocks.add(time.fromisoformat(seen.last_entry))
    turns = [midnight + timedelta(days=1), *(midnight.replace(hour=at.hour, minute=at.minute) for at in clocks)]
    return min(at for at in turns if at > local)


Week = Mapping[str, Sequence[str]]  # {"mon": ["07:00", "17:00"]}; a day left out is closed


def fits(local: datetime, weeks: Iterable[Week]) -> bool:
    """Whether all are there at this local time. A week that nobody has filled in says nothing against any time."""
    clock = f"{local:%H:%M}"
    spans = [week.get(DAYS[local.weekday()]) for week in weeks if week]
    return all(span is not None and span[0] <= clock <= span[1] for span in spans)


def slots(local: datetime, weeks: Iterable[Week] = (), *, days: int = 3, clocks: tuple[int, ...] = (9, 12, 15)) -> list[datetime]:
    """Times at which goods may be collected from all who keep these weeks: at these hours, none sooner than in half an hour.

    On a day when all are there, but at none of these hours, the first and the last whole hour. Days on which one is closed are passed over,
    a week at most.
    """
    known = [week for week in weeks if week]
    soonest = local + timedelta(minutes=30)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    found: list[list[datetime]] = []
    for day in range(8):
        every = [(midnight + timedelta(days=day, hours=hour)).replace(tzinfo=local.tzinfo) for hour in range(24)]
        there = [slot for slot in every if slot >= soonest and fits(slot, known)]
        usual = [slot for slot in there if slot.hour in clocks]
        if (usual or (there and known)) and len(found) < days:
            found.append(usual or sorted({there[0], there[-1]}))
        elif not known and day + 1 >= days:
            break
    return [slot for slots_of_day in found for slot in slots_of_day]
