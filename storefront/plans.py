"""The plan of a week or a month: what the village has to tell, joined with its good hours and with who had how many turns already."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from promo import days, planner, posts
from promo.planner import Candidate, Proposal, Shown
from storefront import attractions, languages, makers, products, subjects
from storefront.subjects import Subject
from storefront.villages import Village

HISTORY = 300  # so many of the newest posts say whose turn it is
MOST = 62  # proposals of one plan


@dataclass(frozen=True)
class Plan:
    """Proposals in order of time, what each is about, and the turns of every maker: before this plan and with it."""

    proposals: Sequence[Proposal]
    about: Mapping[str, Subject]
    turns: Sequence[tuple[str, int, int]]  # (maker, before, with this plan)


def make(
    connection: sa.Connection,
    village: Village,
    *,
    first: date,
    count: int,
    a_day: int,
    clicks: Sequence[int],
    taken: Sequence[datetime],
    at: datetime,
    language: str,
) -> Plan:
    """Fill `count` days from `first` with at most `a_day` posts a day, in good hours that are free. Nothing is kept."""
    about, candidates = _things(connection, village, first, count, language)
    slots = days.free_slots(first, count, village.zone, clicks, taken, at + timedelta(minutes=30), a_day=a_day)
    history = _history(connection, village, {one.key: one for one in candidates})
    found = planner.fill(candidates, slots[:MOST], history)
    names = {one.id: one.name for one in makers.listed(connection, village.id)}
    able = {one.maker for one in candidates if one.maker is not None}
    before, now = Counter(one.maker for one in history), Counter(one.candidate.maker for one in found)
    turns = sorted((names[maker], before[maker], before[maker] + now[maker]) for maker in able if maker in names)
    return Plan(found, about, turns)


def _things(
    connection: sa.Connection, village: Village, first: date, count: int, language: str
) -> tuple[dict[str, Subject], list[Candidate]]:
    about: dict[str, Subject] = {}
    candidates: list[Candidate] = []
    for one in products.listed(connection, village.id):
        of = subjects.of_product(one)
        about[of.key] = of
        title, photo = languages.pick(of.name, language), one.photo is not None
        candidates.append(
            Candidate(of.key, of.kind, title, one.maker_id, is_live=one.state == "live", is_sold_out=one.is_sold_out, has_photo=photo)
        )
    for place in attractions.listed(connection, village.id):
        of = subjects.of_attraction(place)
        about[of.key] = of
        candidates.append(Candidate(of.key, of.kind, languages.pick(of.name, language), has_photo=place.photo is not None))
    for maker in makers.listed(connection, village.id, only_public=True):
        of = subjects.of_maker(maker)
        about[of.key] = of
        candidates.append(Candidate(of.key, of.kind, maker.name, maker.id, has_photo=bool(maker.photo and maker.story)))
    for key, of, when in _feasts(village, first, count, language):
        about[key] = of
        candidates.append(Candidate(key, of.kind, languages.pick(of.name, language), day=when))
    return about, candidates


def _feasts(village: Village, first: date, count: int, language: str) -> list[tuple[str, Subject, datetime]]:
    """Holidays to greet people on, as events of the village."""
    found = []
    for number in range(count + 7):
        day = first + timedelta(days=number)
        if name := days.holidays(day.year, language).get(day):
            when = datetime.combine(day, time(18), ZoneInfo(village.zone))
            found.append((f"event:{day}", subjects.event(name, date=languages.day(language, day)), when))
    return found


def _history(connection: sa.Connection, village: Village, known: Mapping[str, Candidate]) -> list[Shown]:
    """What was posted or is scheduled: each counts as a turn of its maker."""
    past = [one for one in posts.listed(connection, village.id, most=HISTORY) if one.state not in ("cancelled", "draft")]
    gone = {one.subject_id for one in past if one.subject_kind == "product" and f"product:{one.subject_id}" not in known}
    lost = products.by_id(connection, village.id, {number for number in gone if number})
    found = []
    for one in past:
        key = f"{one.subject_kind}:{one.subject_id or 0}"
        maker = known[key].maker if key in known else None
        if maker is None and one.subject_kind == "product" and one.subject_id in lost:
            maker = lost[one.subject_id].maker_id
        found.append(Shown(key, maker, min((target.due_at for target in one.targets), default=one.made_at)))
    return found


def next_up(connection: sa.Connection, village: Village, when: datetime) -> Subject | None:
    """What has its fair turn at this moment: a product or a maker's story or a place; None when there is nothing to tell."""
    about, candidates = _things(connection, village, when.date(), 0, languages.FIRST)
    candidates = [one for one in candidates if one.kind != "event"]
    found = planner.fill(candidates, [when], _history(connection, village, {one.key: one for one in candidates}))
    return about[found[0].candidate.key] if found else None
