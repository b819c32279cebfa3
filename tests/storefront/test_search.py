"""Search: found however it is spelt, and only what tourists may see."""

import time
from collections.abc import Callable

import making
import pytest
import sqlalchemy as sa

from storefront import attractions, database, search

Search = Callable[[str], search.Found]


@pytest.fixture
def found(engine: sa.Engine) -> Search:
    with database.writing(engine) as connection:
        village = making.village(connection)
        sri = making.maker(connection, village, story={"id": "Menggoreng sejak 1998"})
        joko = making.maker(connection, village, name="Pak Jumadi", consent_at=None)
        making.product(connection, village, sri, name="Keripik apel", story={"id": "Renyah, tanpa pengawet"})
        making.product(connection, village, sri, name='Batik Ra"as', kind="batik", price_idr=200_000)
        making.product(connection, village, joko, name="Kopi robusta", kind="coffee")
        making.product(connection, village, sri, name="Kopi rahasia", kind="coffee", state="hidden")
        for name in ({"id": "Air terjun Ja’an", "en": "Waterfall"}, {"id": "Petik apel", "en": "Apple picking"}):
            attractions.create(connection, village_id=village, name=name, at=making.NOW)
        other = making.village(connection, name="Sumberejo")
        making.product(connection, other, making.maker(connection, other, name="Bu Lain"), name="Keripik singkong")

    def find(text: str) -> search.Found:
        with database.reading(engine) as connection:
            return search.find(connection, village, text)

    return find


def names(found: search.Found) -> list[str]:
    return [
        *(product.name["id"] for product in found.products),
        *(maker.name for maker in found.makers),
        *(sight.name["id"] for sight in found.attractions),
    ]


def test_goods_makers_and_places_are_found_by_what_one_remembers_of_them(found: Search) -> None:
    for asked, name in {
        "keripik": "Keripik apel",
        "KERIPIK": "Keripik apel",
        "kripik": "Keripik apel",
        "keirpik": "Keripik apel",
        "ker": "Keripik apel",
        "kpoi": "Kopi robusta",
        "renyah": "Keripik apel",
        "raas": 'Batik Ra"as',
        "ra'as": 'Batik Ra"as',
        "RA’AS": 'Batik Ra"as',
        'ja"an': "Air terjun Ja’an",
        "waterfal": "Air terjun Ja’an",
        "coffee": "Kopi robusta",
        "sri": "Bu Sri",
        "1998": "Bu Sri",
    }.items():
        assert name in names(found(asked)), asked


def test_the_best_comes_first_and_every_word_counts(found: Search) -> None:
    assert names(found("apel"))[0] == "Keripik apel"
    both = found("petik apel")
    assert names(both) == ["Petik apel"]
    assert both.is_exact


def test_what_comes_near_is_shown_and_called_so_when_nothing_holds_every_word(found: Search) -> None:
    near = found("keripik durian")
    assert names(near) == ["Keripik apel"]
    assert not near.is_exact


def test_what_tourists_may_not_see_is_not_found(found: Search) -> None:
    for hidden in ("rahasia", "jumadi", "lain", "singkong"):
        assert "Kopi rahasia" not in names(found(hidden))
        assert "Pak Jumadi" not in names(found(hidden))
        assert found(hidden).count == 0, hidden


@pytest.mark.parametrize("nothing", ["", "   ", '"', "%", "_", "'; DROP TABLE product; --", "zzzz", "\u200b", "🍏", "x" * 5_000])
def test_nonsense_finds_nothing_and_breaks_nothing(found: Search, nothing: str) -> None:
    assert found(nothing).count == 0


def test_four_hundred_names_are_looked_through_in_a_moment() -> None:
    known = [
        (number, [(search.NAME, search.words(f"Barang keripik{number} enak")), (search.STORY, ("cerita",) * 200)]) for number in range(400)
    ]
    since = time.perf_counter()
    assert search.rank(search.words("kripik17 barng enk"), known)
    assert time.perf_counter() - since < 0.5
