"""The demo village's month: scans, looks and orders drawn from assets/samples/history.toml, kept by the functions that count real ones."""

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from campaigns import visits
from campaigns.links import Link
from campaigns.robots import App, Device, Kind
from campaigns.visits import Click
from storefront import orders
from storefront.attribution import Source
from storefront.orders import Order
from storefront.products import Product
from storefront.villages import Village

History = Mapping[str, Any]
Progress = Callable[[str, int, int], None]

OTHERS = {"robot": Kind.ROBOT, "preview": Kind.PREVIEW, "prefetch": Kind.PREFETCH, "head": Kind.HEAD, "staff": Kind.STAFF}
SAME_VISITOR = 0.25  # who scans one sign often scans the next one too
FADING = (0.44, 0.22, 0.12, 0.08, 0.05, 0.04, 0.03, 0.02)  # a post's clicks, day by day
EVENING = {"6": 3, "7": 5, "9": 3, "12": 7, "13": 5, "16": 4, "18": 7, "19": 10, "20": 11, "21": 8, "22": 4}


@dataclass(frozen=True)
class Spot:
    """A link and how many people come by it: mean per day, and weights of the hours on the village's clock."""

    link: Link
    people: Mapping[date, float]
    hours: Mapping[str, float]
    since: datetime | None = None  # nobody came before


@dataclass(frozen=True)
class Visit:
    """One thing that asked for a link, and what a person did after it."""

    at: datetime
    link: Link
    kind: Kind
    visitor: int
    key: int
    language: str
    goods: Mapping[str, int]  # what the person has in mind: {product: pieces}
    looks: tuple[str, ...]
    deed: str  # "", cart, whatsapp or order: how far the person goes


def began(history: History, at: datetime, zone: str) -> datetime:
    """The first moment of the month: midnight of the village's clock, so many whole days before today."""
    today = at.astimezone(ZoneInfo(zone)).date()
    return datetime.combine(today - timedelta(days=history["days"]), time(), ZoneInfo(zone))


def of_signs(signs: Mapping[str, Link], history: History, at: datetime, zone: str) -> list[Spot]:
    """How many people each sign brings, weekday by weekday, less when it rains."""
    today = at.astimezone(ZoneInfo(zone)).date()
    rain = {today - timedelta(days=int(ago)): share for ago, share in history["weather"].items()}
    days = [today - timedelta(days=ago) for ago in range(history["days"], -1, -1)]
    return [
        Spot(signs[row["key"]], {day: row["people"][day.weekday()] * rain.get(day, 1.0) for day in days}, row["hours"])
        for row in history["sign"]
    ]


def of_post(link: Link, published_at: datetime, clicks: int, zone: str) -> Spot:
    """How many people a post brings: most on its first day, then fewer."""
    first = published_at.astimezone(ZoneInfo(zone)).date()
    return Spot(link, {first + timedelta(days=after): clicks * share for after, share in enumerate(FADING)}, EVENING, published_at)


def draw(spots: Sequence[Spot], history: History, at: datetime, zone: str) -> Iterator[list[Visit]]:
    """The visits of each day up to `at`, oldest first; the same for the same figures and time."""
    start, now = began(history, at, zone), at.astimezone(ZoneInfo(zone))
    for day in (start.date() + timedelta(days=after) for after in range(history["days"] + 1)):
        chance = random.Random(f"{history['seed']}:{day}")  # noqa: S311 - a demo's dice
        seen: list[int] = []
        drawn = [
            visit
            for spot in spots
            for visit in _at_spot(chance, spot, day, history, zone, seen)
            if spot.since is None or visit.at >= spot.since
        ]
        yield sorted((visit for visit in drawn if visit.at <= now), key=lambda visit: (visit.at, visit.key))


def write(
    connection: sa.Connection,
    village: Village,
    days: Iterator[list[Visit]],
    goods: Mapping[str, Product],
    history: History,
    by: str,
    at: datetime,
    progress: Progress,
) -> None:
    """Keep the visits and let their people look, ask and order; nothing happens after `at`.

    `by` is the login of who handles orders; those that came last still wait for her.
    """
    month = list(days)
    unanswered = _newest(month, history["waiting"], at)
    for done, drawn in enumerate(month):
        progress("history", done, history["days"] + 1)
        visits.write(connection, [_click(village, visit) for visit in drawn])
        for visit in drawn:
            _looks(connection, village, visit, goods, at)
            if visit.deed == "order":
                _order(connection, village, visit, goods, history, "" if visit.key in unanswered else by, at)
    progress("history", history["days"] + 1, history["days"] + 1)


def _newest(month: Sequence[Sequence[Visit]], many: int, at: datetime) -> set[int]:
    """The keys of the last visits that ended in an order: nobody has answered those yet."""
    ordered = [visit for drawn in month for visit in drawn if visit.deed == "order" and _placed_at(visit) <= at]
    return {visit.key for visit in sorted(ordered, key=_placed_at)[-many:]}


def _placed_at(visit: Visit, dice: random.Random | None = None) -> datetime:
    """When the order is sent; it is the first thing that a visit's dice are thrown for."""
    return visit.at + timedelta(minutes=4, seconds=(dice or random.Random(visit.key)).randrange(240))  # noqa: S311 - a demo's dice


# ---- drawing -------------------------------------------------------------------------------------------------------------------


def _at_spot(chance: random.Random, spot: Spot, day: date, history: History, zone: str, seen: list[int]) -> Iterator[Visit]:
    mean = spot.people.get(day, 0.0)
    for kind, share in ((Kind.PERSON, 1.0), *((OTHERS[name], share) for name, share in history["others"].items())):
        for _ in range(_poisson(chance, mean * share)):
            yield _visit(chance, spot, day, kind, history, zone, seen)


def _visit(chance: random.Random, spot: Spot, day: date, kind: Kind, history: History, zone: str, seen: list[int]) -> Visit:
    hour = int(_weighted(chance, spot.hours))
    moment = datetime.combine(day, time(hour, chance.randrange(60), chance.randrange(60)), ZoneInfo(zone))
    visitor = chance.choice(seen) if seen and chance.random() < SAME_VISITOR else chance.getrandbits(62)
    key, language = chance.getrandbits(62), "en" if chance.random() < 0.15 else "id"
    goods = chance.choices(history["basket"], [row["weight"] for row in history["basket"]])[0]["goods"]
    if kind is not Kind.PERSON:
        return Visit(moment, spot.link, kind, visitor, key, language, {}, (), "")
    seen.append(visitor)
    deed = _deed(chance, history["funnel"])
    looks = _looked_at(chance, goods, deed, history)
    return Visit(moment, spot.link, kind, visitor, key, language, goods, looks, deed)


def _deed(chance: random.Random, funnel: Mapping[str, Any]) -> str:
    drawn = chance.random()
    if drawn < funnel["order"]:
        return "order"
    if drawn < funnel["order"] + funnel["whatsapp"]:
        return "whatsapp"
    return "cart" if drawn < funnel["cart"] + funnel["whatsapp"] else ""


def _looked_at(chance: random.Random, goods: Mapping[str, int], deed: str, history: History) -> tuple[str, ...]:
    """Nobody orders what she has not looked at; the curious look at what others have in mind too."""
    wanted = list(goods)
    many = chance.choices(range(len(history["funnel"]["views"])), history["funnel"]["views"])[0]
    while len(wanted) < many:
        wanted.append(chance.choice(list(chance.choice(history["basket"])["goods"])))
    return tuple(wanted[: max(many, len(goods) if deed else 0)])


def _poisson(chance: random.Random, mean: float) -> int:
    """Knuth's way; means here are below a hundred."""
    limit, count, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        count, product = count + 1, product * chance.random()
    return count


def _weighted(chance: random.Random, weights: Mapping[str, float]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


# ---- keeping -------------------------------------------------------------------------------------------------------------------


def _click(village: Village, visit: Visit) -> Click:
    dice = random.Random(visit.key)  # noqa: S311 - a demo's dice
    is_human = visit.kind in (Kind.PERSON, Kind.STAFF)
    device = dice.choices([Device.ANDROID, Device.IOS, Device.OTHER], [84, 14, 2])[0] if is_human else Device.OTHER
    app = App.INSTAGRAM if visit.link.kind == "post" and is_human and dice.random() < 0.4 else App.NONE
    return Click(
        at_ms=round(visit.at.timestamp() * 1000),
        link_id=visit.link.id,
        village_id=village.id,
        zone=village.zone,
        kind=visit.kind,
        visitor=visit.visitor,
        app=app,
        device=device,
        language=visit.language,
        key=visit.key,
        attraction_id=visit.link.attraction_id,
    )


def _looks(connection: sa.Connection, village: Village, visit: Visit, goods: Mapping[str, Product], now: datetime) -> None:
    deeds = [("view", name) for name in visit.looks]
    if visit.deed in ("cart", "order"):
        deeds += [("cart", name) for name in visit.goods]
    elif visit.deed == "whatsapp":
        deeds.append(("whatsapp", visit.looks[0]))
    for after, (kind, name) in enumerate(deeds):
        moment = visit.at + timedelta(seconds=25 + 40 * after)
        if moment <= now:
            visits.record(
                connection,
                village_id=village.id,
                zone=village.zone,
                kind=kind,
                link_id=visit.link.id,
                click_key=visit.key,
                subject_id=goods[name].id,
                at=moment,
            )


@dataclass(frozen=True)
class _Buyer:
    """Who orders: a first name, and a number that nobody has."""

    name: str
    whatsapp: str
    language: str
    delivery: str
    address: str
    note: str


def _buyer(row: Mapping[str, Any], dice: random.Random) -> _Buyer:
    place = dice.randrange(len(row["names"]))
    language = "en" if place >= row["names"].index(row["foreign_from"]) else "id"
    delivery = "send" if dice.random() < row["send_home"] else "pickup"
    address = dice.choice(row["addresses"]) if delivery == "send" else ""
    note = dice.choice(row["notes"]) if language == "id" else ""
    return _Buyer(row["names"][place], f"0810-0000-{dice.randrange(1_000, 10_000)}", language, delivery, address, note)


def _order(
    connection: sa.Connection, village: Village, visit: Visit, goods: Mapping[str, Product], history: History, by: str, now: datetime
) -> None:
    dice = random.Random(visit.key)  # noqa: S311 - a demo's dice
    placed_at = _placed_at(visit, dice)
    if placed_at > now:
        return
    buyer = _buyer(history["buyers"], dice)
    placed = orders.place(
        connection,
        village_id=village.id,
        cart={goods[name].id: pieces for name, pieces in visit.goods.items()},
        name=buyer.name,
        whatsapp=buyer.whatsapp,
        delivery=buyer.delivery,
        address=buyer.address,
        note=buyer.note,
        language=buyer.language,
        source=Source(visit.link.id, visit.key),
        form_key=f"demo-{visit.key}",
        at=placed_at,
    )
    _finish(connection, placed, _weighted(dice, history["endings"]), dice, by, now)


def _finish(connection: sa.Connection, placed: Order, ending: str, dice: random.Random, by: str, now: datetime) -> None:
    """What becomes of an order until now: the buyer writes to the makers, they confirm, hand over or call off; without `by` nobody did."""
    steps = {"done": ("confirmed", "done"), "confirmed": ("confirmed",), "cancelled": ("cancelled",)}[ending] if by else ()
    for part in placed.parts:
        moment = placed.placed_at + timedelta(seconds=40 + dice.randrange(60))
        if moment <= now and dice.random() < 0.8:
            orders.hand_over(connection, placed.village_id, part.id, at=moment)
        for step in steps:
            moment += timedelta(minutes=15 + dice.randrange(240 if step == "confirmed" else 1_500))
            if moment <= now:
                orders.move(connection, placed.village_id, part.id, step, by=by, at=moment)
