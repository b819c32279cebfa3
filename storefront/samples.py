"""The demo village out of assets/samples, loaded through the functions that people use; a demo village that is there is left alone."""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from campaigns import links, rollups
from campaigns.links import Link
from promo import logos
from promo.clock import DurableClock
from storefront import attractions, database, makers, media, payments, phones, products, sample_month, sample_posts, staff, villages
from storefront.media import Store
from storefront.products import Product
from storefront.settings import Settings
from storefront.villages import Village

FOLDER = Path(__file__).parent.parent / "assets" / "samples"
LOGIN = "operator"

Progress = Callable[[str, int, int], None]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Loaded:
    """The demo village and its clerk; `signs` is {title: code}."""

    village_id: int
    login: str
    password: str
    signs: Mapping[str, str]


def _silent(_what: str, _done: int, _of: int) -> None:
    """Nobody watches."""


def load(
    engine: sa.Engine,
    store: Store,
    *,
    settings: Settings,
    at: datetime,
    password: str,
    practice_url: str,
    folder: Path = FOLDER,
    progress: Progress = _silent,
) -> Loaded:
    """Make the demo village with its month of history; the second time it is only looked up, and one cut off half-way is finished.

    The month ends at `at` and is drawn with a fixed seed. `password` becomes the demo clerk's; `practice_url` is where the practice
    network will listen. `progress` hears (what, done, of), what being a key of [cli.progress] in assets/languages.
    """
    rows = read(folder)
    with database.writing(engine) as connection:
        village = _known(connection, rows["village"]["slug"])
        village = village or _found(connection, store, settings, rows, folder, password, practice_url, at, progress)
        signs = links.listed(connection, village.id, kind="qr")
        goods = {row["key"]: products.by_slug(connection, village.id, row["slug"]) for row in rows["products"]} if not signs else {}
    if not signs:  # they are put up last, with the month that they were scanned in
        _post(engine, store, settings, village, goods, rows["history"]["post"], at, progress)
        with database.writing(engine) as connection:
            signs = _live(connection, village, goods, rows, at, progress)
    return Loaded(village.id, LOGIN, password, {link.title: link.code for link in signs})


def read(folder: Path = FOLDER) -> dict[str, Any]:
    """The files as they are written: village and history as tables, makers, products, attractions and signs as lists of tables."""
    parsed = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml"))}
    one_of = {"makers": "maker", "products": "product", "attractions": "attraction", "signs": "sign"}
    return {stem: table[one_of[stem]] if stem in one_of else table for stem, table in parsed.items()}


def _known(connection: sa.Connection, slug: str) -> Village | None:
    try:
        return villages.by_slug(connection, slug)
    except villages.UnknownVillage:
        return None


# ---- the village and what is in it ---------------------------------------------------------------------------------------------


def _found(
    connection: sa.Connection,
    store: Store,
    settings: Settings,
    rows: Row,
    folder: Path,
    password: str,
    practice_url: str,
    at: datetime,
    progress: Progress,
) -> Village:
    began = _began(rows, at)
    photos = _Photos(connection, store, folder / "photos", began)
    progress("village", 0, 1)
    village = _village(connection, rows["village"], photos, began)
    staff.create(connection, village_id=village.id, login=LOGIN, name="Operator Demo", role="operator", password=password, at=began)
    sample_posts.connect(connection, village, settings, practice_url, began)
    for row in rows["attractions"]:
        _attraction(connection, village.id, row, photos, began)
    progress("village", 1, 1)
    people = {row["key"]: _maker(connection, village, row, photos, began) for row in _counted(rows["makers"], "makers", progress)}
    for row in _counted(rows["products"], "products", progress):
        _product(connection, village.id, people[row["maker"]], row, photos, began)
    return village


def _began(rows: Row, at: datetime) -> datetime:
    """The village was there the day before its month begins."""
    return sample_month.began(rows["history"], at, rows["village"]["zone"]) - timedelta(days=1)


def _counted(rows: list[Row], what: str, progress: Progress) -> Iterator[Row]:
    for done, row in enumerate(rows):
        progress(what, done, len(rows))
        yield row
    progress(what, len(rows), len(rows))


class _Photos:
    """Takes pictures in from one folder."""

    def __init__(self, connection: sa.Connection, store: Store, folder: Path, at: datetime) -> None:
        self._connection, self._store, self._folder, self._at = connection, store, folder, at

    def logo(self, row: Row) -> str:
        """The SHA-256 of the village's logo; it lies beside the folder of photos."""
        png, _ = logos.cleaned((self._folder.parent / row["logo"]).read_bytes(), 768)
        return self._store.save(png)

    def add(self, village_id: int, row: Row, alt: str = "photo_alt") -> int:
        data = (self._folder / row["photo"]).read_bytes()
        photo = media.add_photo(self._connection, self._store, village_id, data, alt=row[alt], at=self._at)
        if "focus" in row:
            media.set_focus(self._connection, village_id, photo.id, tuple(row["focus"]))
        return photo.id


def _village(connection: sa.Connection, row: Row, photos: _Photos, at: datetime) -> Village:
    plain = ("slug", "name", "code10", "district", "regency", "province", "zone", "latitude", "longitude", "story", "brand")
    given = {name: row[name] for name in plain}
    given["brand"] = {**row["brand"], "logo": photos.logo(row)}
    made = villages.create(connection, at=at, whatsapp=phones.normalise(row["whatsapp"]), is_demo=True, **given)
    villages.change(connection, made.id, photo_id=photos.add(made.id, row))
    return villages.get(connection, made.id)


def _attraction(connection: sa.Connection, village_id: int, row: Row, photos: _Photos, at: datetime) -> None:
    given = {name: row[name] for name in row.keys() - {"key", "photo", "photo_alt", "focus"}}
    attractions.create(connection, village_id=village_id, at=at, photo_id=photos.add(village_id, row), **given)


def _maker(connection: sa.Connection, village: Village, row: Row, photos: _Photos, at: datetime) -> int:
    given = {name: row[name] for name in ("slug", "name", "kind", "whatsapp", "story", "place")}
    consent_at = datetime.combine(row["consent_on"], time(9), ZoneInfo(village.zone))
    photo_id = photos.add(village.id, row)
    given |= {"photo_id": photo_id, "consent_at": consent_at, "payments": _payments()}
    return makers.create(connection, village_id=village.id, at=at, **given).id


def _payments() -> dict[str, dict[str, str]]:
    """Every way to pay, with a merchant and an account that do not exist: nobody's money can go anywhere."""
    ways = {name: payments.get(name) for name in payments.names()}
    return {name: way.check(way.EXAMPLE) for name, way in ways.items() if way.FIELDS and not payments.gateway(name)}


def _product(connection: sa.Connection, village_id: int, maker_id: int, row: Row, photos: _Photos, at: datetime) -> None:
    """Its stock comes last: until then the month's orders take from an uncounted heap."""
    given = {name: row[name] for name in ("slug", "kind", "name", "unit", "story", "price_idr")}
    given |= {"stock_state": row.get("stock_state", "ready"), "marks": row.get("marks", {}), "state": "live"}
    photo_ids = [photos.add(village_id, row, "alt")]
    products.create(connection, village_id=village_id, maker_id=maker_id, photo_ids=photo_ids, at=at, **given)


# ---- its month -----------------------------------------------------------------------------------------------------------------


def _post(
    engine: sa.Engine,
    store: Store,
    settings: Settings,
    village: Village,
    goods: Mapping[str, Product],
    rows: list[Row],
    at: datetime,
    progress: Progress,
) -> None:
    clock = DurableClock(settings.database_url)
    clock.lay()
    try:
        for seed, row in enumerate(_counted(rows, "posts", progress)):
            sample_posts.make(engine, store, settings, village, goods[row["product"]], row, seed=seed, by=LOGIN, at=at, clock=clock)
    finally:
        clock.close()


def _live(
    connection: sa.Connection, village: Village, goods: Mapping[str, Product], rows: Row, at: datetime, progress: Progress
) -> list[Link]:
    history = rows["history"]
    signs = {
        row["key"]: _sign(connection, village, goods, row, rows, _began(rows, at)) for row in _counted(rows["signs"], "signs", progress)
    }
    spots = sample_month.of_signs(signs, history, at, village.zone)
    for row in _past(history["post"]):
        link = sample_posts.publish(connection, village, goods[row["product"]], row, at)
        spots.append(sample_month.of_post(link, sample_posts.due(row, at, village.zone), row["clicks"], village.zone))
    sample_month.write(connection, village, sample_month.draw(spots, history, at, village.zone), goods, history, LOGIN, at, progress)
    rollups.close_days(connection, at)
    for row in rows["products"]:
        if "stock" in row:
            products.change(connection, village.id, goods[row["key"]].id, at=at, stock=row["stock"])
    return list(signs.values())


def _past(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if "days_ago" in row]


def _sign(connection: sa.Connection, village: Village, goods: Mapping[str, Product], row: Row, rows: Row, at: datetime) -> Link:
    kind, key = row["target"]["kind"], row["target"].get("key")
    slugs = {noun: {each["key"]: each["slug"] for each in rows[noun]} for noun in ("makers", "attractions")}
    stands_at = attractions.by_slug(connection, village.id, slugs["attractions"][row["attraction"]])
    target_id = None
    if kind == "maker":
        target_id = makers.by_slug(connection, village.id, slugs["makers"][key]).id
    elif kind == "attraction":
        target_id = attractions.by_slug(connection, village.id, slugs["attractions"][key]).id
    elif kind == "product":
        target_id = goods[key].id
    return links.create(
        connection,
        village_id=village.id,
        kind="qr",
        title=row["title"],
        target_kind=kind,
        target_id=target_id,
        attraction_id=stands_at.id,
        placement=row["placement"],
        at=at,
    )
