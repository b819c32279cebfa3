"""Days as an Indonesian village counts them: the Javanese market week, the holidays of the country, and good hours of a week."""

import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PASARAN = ("legi", "pahing", "pon", "wage", "kliwon")
USUAL = (time(7, 0), time(12, 0), time(17, 0), time(19, 30))  # when people look at their phones, until a village has clicks of its own
ENOUGH = 50  # clicks, before a village's own hours are believed
_LEGI = date(1945, 8, 17)  # the day of the proclamation was a Friday Legi
_AWAKE = range(6, 22)
_APART = 3  # hours between two good ones


def pasaran(day: date) -> str:
    """The day of the five-day market week."""
    return PASARAN[(day - _LEGI).days % 5]


@functools.lru_cache(maxsize=64)
def holidays(year: int, language: str) -> Mapping[date, str]:
    """{day: name} of the public holidays of Indonesia, in Indonesian or English."""
    import holidays as calendar  # a large package that only the calendar needs

    return dict(calendar.country_holidays("ID", years=[year], language="id" if language == "id" else "en_US").items())


def best_hours(counts: Sequence[int], weekday: int, *, most: int = 4) -> list[time]:
    """Good hours of a weekday (0 is Monday) out of the 168 hours of a week, in order of the clock; USUAL while there are too few clicks.

    Neighbouring hours count a half each, so that one lucky click makes no good hour; hours lie at least three apart.
    """
    if sum(counts) < ENOUGH:
        return list(USUAL)
    week = len(counts)
    start = weekday * 24

    def weight(hour: int) -> float:
        at = start + hour
        return counts[at] + (counts[(at - 1) % week] + counts[(at + 1) % week]) / 2

    chosen: list[int] = []
    for hour in sorted(_AWAKE, key=lambda hour: (-weight(hour), hour)):
        if all(abs(hour - other) >= _APART for other in chosen):
            chosen.append(hour)
    return [time(hour) for hour in sorted(chosen[:most])]


def free_slots(
    first: date, days: int, zone: str, counts: Sequence[int], taken: Collection[datetime], after: datetime, *, a_day: int = 2
) -> list[datetime]:
    """Good moments from `first` on, so many a day at most, that are to come and an hour or more away from all that is `taken`."""
    found: list[datetime] = []
    for day in _days(first, days):
        good = [datetime.combine(day, clock, ZoneInfo(zone)) for clock in best_hours(counts, day.weekday())]
        free = [slot for slot in good if slot > after and all(abs(slot - other) >= timedelta(hours=1) for other in taken)]
        already = sum(other.astimezone(ZoneInfo(zone)).date() == day for other in taken)
        found += free[: max(0, a_day - already)]
    return found


def _days(first: date, days: int) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range(days))


def weekly(weekday: int, clock: time, zone: str, after: datetime, until: datetime) -> list[datetime]:
    """Every occurrence of a weekday and a time on the zone's own clock, after one moment and up to another."""
    local = after.astimezone(ZoneInfo(zone)).date()
    first = local + timedelta(days=(weekday - local.weekday()) % 7)
    found, day = [], first
    while (when := datetime.combine(day, clock, ZoneInfo(zone))) <= until:
        found += [when] if when > after else []
        day += timedelta(days=7)
    return found
