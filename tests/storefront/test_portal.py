"""The page over many villages: found by place, by name however it is spelt, told apart by the ministry's code."""

from collections.abc import Callable
from typing import Any

import httpx2
import making
import pytest
import sqlalchemy as sa

from storefront import database, portal

Get = Callable[[str], httpx2.Response]


@pytest.fixture
def get(engine: sa.Engine, serve: Callable[..., Any]) -> Get:
    with database.writing(engine) as connection:
        for code, name, district, regency in (
            ("3579012001", "Wonorejo", "Bumiaji", "Kota Batu"),
            ("3507012002", "Wonorejo", "Lawang", "Kabupaten Malang"),
            ("3507022003", "Sumberejo", "Singosari", "Kabupaten Malang"),
            ("3404012004", "Bangunkerto", "Turi", "Kabupaten Sleman"),
        ):
            province = "DI Yogyakarta" if code.startswith("34") else "Jawa Timur"
            making.village(connection, name=name, district=district, regency=regency, province=province, code10=code)
    url = serve(engine).url
    return lambda path: httpx2.get(url + path, trust_env=False, headers={"Accept-Language": "id"})


def test_villages_stand_by_province_regency_and_district(get: Get) -> None:
    page = get("/").text
    places = ["DI Yogyakarta", "Kabupaten Sleman", "Turi", "Jawa Timur", "Kabupaten Malang", "Lawang", "Singosari", "Kota Batu", "Bumiaji"]
    found = [page.index(f">{place}<") for place in places]
    assert found == sorted(found)
    assert "35.79.01.2001" in page
    assert "35.07.01.2002" in page


def test_a_regency_has_a_page_of_its_own_with_one_address_in_each_language(get: Get) -> None:
    page = get("/?kab=3507").text
    assert "<h1>Kabupaten Malang</h1>" in page
    assert "Kota Batu" not in page
    assert 'hreflang="en" href="http://127.0.0.1' in page
    assert "/en/?kab=3507" in page


def test_a_village_is_found_by_a_misspelt_name_and_its_district(get: Get) -> None:
    page = get("/?q=wonorjo+lawang").text
    assert "35.07.01.2002" in page
    assert "35.79.01.2001" not in page
    assert 'name="robots" content="noindex"' in page


def test_a_search_for_no_village_says_so_keeps_the_words_and_shows_the_list(get: Get) -> None:
    page = get("/?q=<q>zzzz").text
    assert "Tidak ada desa bernama “&lt;q&gt;zzzz”" in page
    assert 'value="&lt;q&gt;zzzz"' in page
    assert "Kabupaten Sleman" in page


def test_from_sixty_villages_on_the_front_page_lists_regencies_only(get: Get, engine: sa.Engine) -> None:
    with database.writing(engine) as connection:
        for number in range(portal.ALL_AT_ONCE):
            making.village(connection, name=f"Dukuh {number}", code10=f"35790120{number + 20}", regency="Kota Batu")
    page = get("/").text
    assert "?kab=3579" in page
    assert "Dukuh 7" not in page
    assert "Dukuh 7" in get("/?kab=3579").text


@pytest.mark.parametrize(
    "path", ["/?q=%00", "/?q=" + "a" * 5_000, "/?kab=%00", "/?kab=9999", "/?q=%22*%20OR", "/en/?q=wono", "/jv/?kab=3507"]
)
def test_whatever_is_asked_is_answered(get: Get, path: str) -> None:
    assert get(path).status_code == 200
