"""The demo village: whole in both languages, with honest figures; loaded once, and only looked up after that."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import campaigns.tables
import promo.tables
import storefront.tables
from campaigns import links, reports
from promo import captions, posters, posts
from promo.photos import BadPhoto
from storefront import attractions, database, languages, makers, orders, passwords, phones, prices, products, samples, settings, villages
from storefront.media import Store
from storefront.problems import Problem
from storefront.samples import Loaded, Progress

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # Monday, 10.00 WIB
PASSWORD = "bukit-fajar-04.30"
PRACTICE = "http://127.0.0.1:8010"
ROWS = samples.read()
PHOTOS = samples.FOLDER / "photos"
NOUNS = ("makers", "products", "attractions")
TEXTS = {"makers": ("story", "place"), "products": ("name", "unit", "story"), "attractions": ("name", "story", "safety")}


def load(
    engine: sa.Engine,
    folder: Path,
    at: datetime = NOW,
    *,
    out_of: Path = samples.FOLDER,
    progress: Progress = lambda _what, _done, _of: None,
) -> Loaded:
    chosen = settings.load(folder, database_url=engine.url.render_as_string(hide_password=False), secret="x" * 40)
    store = Store(folder / "media")
    return samples.load(engine, store, settings=chosen, at=at, password=PASSWORD, practice_url=PRACTICE, folder=out_of, progress=progress)


@pytest.fixture(scope="module")
def home(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sa.Engine, Loaded]]:
    """The demo village in a database of its own: looked at by many tests, changed by none."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copyfile(sqlite_template, folder / "gapura.db")
    engine = database.open_engine(f"sqlite:///{folder / 'gapura.db'}")
    yield engine, load(engine, folder)
    engine.dispose()


@pytest.fixture
def empty(sqlite_template: Path, tmp_path: Path) -> Iterator[sa.Engine]:
    """A SQLite database of a test's own."""
    shutil.copyfile(sqlite_template, tmp_path / "gapura.db")
    engine = database.open_engine(f"sqlite:///{tmp_path / 'gapura.db'}")
    yield engine
    engine.dispose()


def rows_of(engine: sa.Engine) -> dict[str, int]:
    with database.reading(engine) as connection:
        tables = [table for house in (campaigns.tables, promo.tables, storefront.tables) for table in house.metadata.sorted_tables]
        return {table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables}


# ---- what is written in assets/samples -----------------------------------------------------------------------------------------


def test_there_is_enough_to_look_at() -> None:
    assert len(ROWS["makers"]) == 6
    assert {row["kind"] for row in ROWS["makers"]} == set(makers.KINDS)
    assert len(ROWS["products"]) >= 24
    assert len({row["kind"] for row in ROWS["products"]}) >= 8
    assert len(ROWS["attractions"]) == 3
    assert len(ROWS["signs"]) == 8
    assert {row["maker"] for row in ROWS["products"]} == {row["key"] for row in ROWS["makers"]}


def test_exactly_two_products_are_sold_out_and_nothing_else_is_out_of_stock() -> None:
    assert [row["key"] for row in ROWS["products"] if row.get("stock_state") == "sold_out"] == ["jeruk-keprok", "cangkir-gerabah"]
    assert all(row.get("stock", 1) > 0 for row in ROWS["products"])


@pytest.mark.parametrize("noun", NOUNS)
def test_every_text_is_there_in_indonesian_and_english(noun: str) -> None:
    for row in ROWS[noun]:
        for column in (*TEXTS[noun], "alt" if noun == "products" else "photo_alt"):
            assert row[column].keys() == {"id", "en"}, (row["key"], column)
            assert all(text.strip() == text.strip("\n").strip() != "" for text in row[column].values()), (row["key"], column)


def test_the_village_speaks_both_languages_too() -> None:
    village = ROWS["village"]
    for texts in (village["story"], village["photo_alt"], village["brand"]["tagline"]):
        assert texts.keys() == {"id", "en"}


@pytest.mark.parametrize("row", ROWS["products"], ids=lambda row: row["key"])
def test_a_product_is_described_well_enough_to_buy_it(row: dict[str, Any]) -> None:
    assert 40 <= len(row["story"]["id"].split()) <= 80
    assert 40 <= len(row["story"]["en"].split()) <= 95
    assert row["price_idr"] > 0
    assert row["price_idr"] % 500 == 0
    assert all(len(text) <= products.UNIT_MOST for text in row["unit"].values())


def test_marks_have_a_number_of_the_right_form_and_no_text_claims_one_without_it() -> None:
    forms = {"pirt": r"[1-8]\d{12}-\d{2}", "halal": r"ID\d{17}"}
    for row in ROWS["products"]:
        for mark, number in row.get("marks", {}).items():
            assert re.fullmatch(forms[mark], number), row["key"]
        assert not re.search(r"\bhalal\b", " ".join(row["story"].values()), re.IGNORECASE), row["key"]


def test_every_picture_is_there_and_each_is_shown_once() -> None:
    shown = [ROWS["village"]["photo"], *(row["photo"] for noun in NOUNS for row in ROWS[noun])]
    assert sorted(shown) == sorted(path.name for path in PHOTOS.iterdir())
    assert (samples.FOLDER / ROWS["village"]["logo"]).exists()


def test_all_numbers_are_whatsapp_numbers_and_belong_to_nobody() -> None:
    numbers = [ROWS["village"]["whatsapp"], *(row["whatsapp"] for row in ROWS["makers"])]
    assert len(set(numbers)) == 7
    assert all(phones.normalise(number).startswith("62810" + "0000") for number in numbers)


@pytest.mark.parametrize("code", languages.known()[:2])
def test_every_kind_and_facility_has_its_words(code: str) -> None:
    words = languages.words(code)
    for row in ROWS["products"]:
        assert words[f"kinds.{row['kind']}"]
    for row in ROWS["attractions"]:
        assert all(words[f"facilities.{name}"] for name in row["facilities"])


def test_a_last_entry_lies_within_the_hours_of_every_day() -> None:
    for row in ROWS["attractions"]:
        for opens, closes in row["hours"].values():
            assert opens < row.get("last_entry", closes) <= closes


def test_baskets_hold_only_what_can_be_bought() -> None:
    for_sale = {row["key"] for row in ROWS["products"] if row.get("stock_state") != "sold_out"}
    assert all(row["goods"].keys() <= for_sale for row in ROWS["history"]["basket"])


def test_posts_are_made_with_templates_and_styles_that_there_are() -> None:
    for row in ROWS["history"]["post"]:
        assert row["poster"] in posters.names()
        assert row["style"] in captions.names()


# ---- loaded --------------------------------------------------------------------------------------------------------------------


def test_loading_again_changes_nothing(engine: sa.Engine, tmp_path: Path) -> None:
    first = load(engine, tmp_path)
    before = rows_of(engine)
    again = load(engine, tmp_path, NOW + timedelta(hours=30))
    assert again == first
    assert rows_of(engine) == before
    assert len(first.signs) == 8


def test_a_load_that_fails_leaves_nothing_behind(engine: sa.Engine, tmp_path: Path) -> None:
    folder = shutil.copytree(samples.FOLDER, tmp_path / "samples")
    (folder / "photos" / "selendang-batik.jpg").write_bytes(b"no picture")
    with pytest.raises((BadPhoto, Problem)):
        load(engine, tmp_path, out_of=folder)
    with database.reading(engine) as connection:
        assert villages.listed(connection) == []


def test_a_load_that_is_cut_off_is_finished_by_the_next(empty: sa.Engine, tmp_path: Path) -> None:
    few_days = shutil.copytree(samples.FOLDER, tmp_path / "samples")
    history = few_days / "history.toml"
    history.write_text(history.read_text(encoding="utf-8").replace("days = 30 ", "days = 3 "), encoding="utf-8")

    def cut_off(what: str, _done: int, _of: int) -> None:
        if what == "history":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(empty, tmp_path, out_of=few_days, progress=cut_off)
    assert rows_of(empty)["click"] == 0
    finished = load(empty, tmp_path, out_of=few_days)
    counted = rows_of(empty)
    assert len(finished.signs) == 8
    assert counted["post"] == len(ROWS["history"]["post"])
    assert counted["product"] == len(ROWS["products"])
    assert counted["click"] > 100


def test_some_posts_are_out_and_the_others_wait_in_the_calendar(home: tuple[sa.Engine, Loaded]) -> None:
    engine, loaded = home
    with database.reading(engine) as connection:
        made = posts.listed(connection, loaded.village_id)
        clicks = reports.by_link(connection, loaded.village_id, NOW.date() - timedelta(days=30), NOW.date())
    out = [post.targets[0] for post in made if post.state == "published"]
    waiting = [post.targets[0] for post in made if post.state == "scheduled"]
    assert (len(out), len(waiting)) == (4, 3)
    assert all(target.published_at and target.published_at < NOW and clicks[target.link_id or 0].people > 20 for target in out)
    first, *later = sorted(target.due_at for target in waiting)
    assert timedelta(hours=1) < NOW - first < timedelta(hours=2), "goes out at once, and is no hindrance to a clerk's first post"
    assert all(due_at > NOW for due_at in later)
    assert all(target.link_url and target.link_url in target.caption for target in (*out, *waiting))


def test_the_report_shows_what_the_month_brought(home: tuple[sa.Engine, Loaded]) -> None:
    engine, loaded = home
    with database.reading(engine) as connection:
        figures = reports.village(connection, loaded.village_id, NOW.date() - timedelta(days=30), NOW.date())
    assert figures.people > figures.visitors > 1_500
    assert figures.views > figures.carts > figures.orders > figures.cancelled > 0
    assert 5_000_000 < figures.rupiah < 30_000_000


def test_the_shop_has_what_the_files_say(home: tuple[sa.Engine, Loaded]) -> None:
    engine, loaded = home
    with database.reading(engine) as connection:
        village = villages.only(connection)
        assert village is not None
        assert village.is_demo
        assert len(makers.listed(connection, village.id, only_public=True)) == 6
        assert all(attraction.photo for attraction in attractions.listed(connection, village.id))
        goods = products.listed(connection, village.id)
        assert {product.slug: product.stock for product in goods} == {row["slug"]: row.get("stock") for row in ROWS["products"]}
        assert [product.slug for product in goods if product.is_sold_out] == ["jeruk-keprok-batu", "cangkir-gerabah"]
        assert all(product.photo and product.photo.alt["en"] for product in goods)
        signs = links.listed(connection, village.id, kind="qr")
        assert {sign.title: sign.code for sign in signs} == loaded.signs
        assert all(sign.attraction_id for sign in signs)


def test_the_clerk_can_sign_in(home: tuple[sa.Engine, Loaded]) -> None:
    engine, loaded = home
    with database.reading(engine) as connection:
        row = connection.execute(sa.select(storefront.tables.staff)).one()
    assert (row.login, row.role) == (loaded.login, "operator")
    assert passwords.is_right(loaded.password, row.password_hash)


def test_the_month_has_a_shape(home: tuple[sa.Engine, Loaded]) -> None:
    people = _people_by_day(home[0])
    weekend = [count for day, count in people.items() if day.weekday() >= 5]
    working = [count for day, count in people.items() if day.weekday() < 5 and day != NOW.date()]
    assert len(people) == 31
    assert sum(weekend) / len(weekend) > 2.5 * sum(working) / len(working)
    assert 0 < people[NOW.date()] < 60  # only the morning


def test_most_who_come_are_people_and_some_of_them_order(home: tuple[sa.Engine, Loaded]) -> None:
    engine, loaded = home
    with database.reading(engine) as connection:
        counted = campaigns.tables.roll_day
        kinds = dict(connection.execute(sa.select(counted.c.kind, sa.func.sum(counted.c.clicks)).group_by(counted.c.kind)).all())
        placed = orders.listed(connection, loaded.village_id, limit=1_000)
    assert kinds[0] > 0.8 * sum(kinds.values())
    assert len(kinds) == 6
    assert 0.03 < len(placed) / kinds[0] < 0.08
    assert all(order.link_id and order.click_key for order in placed)
    assert {order.state for order in placed} >= {"done", "confirmed", "cancelled"}


def test_the_newest_orders_wait_for_the_clerk(home: tuple[sa.Engine, Loaded]) -> None:
    engine, loaded = home
    with database.reading(engine) as connection:
        placed = orders.listed(connection, loaded.village_id, limit=10_000)
    newest = sorted(placed, key=lambda order: order.placed_at, reverse=True)
    assert [order.state for order in newest[:3]] == ["intent"] * 3
    assert NOW - newest[2].placed_at < timedelta(days=2)


def test_nothing_of_the_month_lies_in_the_future(home: tuple[sa.Engine, Loaded]) -> None:
    with database.reading(home[0]) as connection:
        for column in (campaigns.tables.outcome.c.at, storefront.tables.order.c.placed_at, storefront.tables.order_event.c.at):
            assert connection.execute(sa.select(sa.func.max(column))).scalar_one() <= NOW
        assert connection.execute(sa.select(sa.func.max(campaigns.tables.click.c.at_ms))).scalar_one() <= NOW.timestamp() * 1000


def test_prices_are_written_as_on_the_price_tag() -> None:
    for row in ROWS["products"]:
        assert prices.read(f"{row['price_idr']:,}".replace(",", ".")) == row["price_idr"]


def _people_by_day(engine: sa.Engine) -> dict[date, int]:
    table = campaigns.tables.roll_day
    query = sa.select(table.c.day, sa.func.sum(table.c.clicks)).where(table.c.kind == 0).group_by(table.c.day)
    with database.reading(engine) as connection:
        return dict(connection.execute(query).all())
