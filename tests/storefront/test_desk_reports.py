"""The report and the signs: the figures are those that were recorded, readable as a page, a chart and a CSV."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import making
import pytest
import zxingcpp
from desk_hands import Hands
from making import NOW
from PIL import Image

from campaigns import links, visits
from storefront import charts, database, orders
from storefront.attribution import Source
from storefront.reportfiles import harmless


@pytest.fixture
def sign(hands: Hands) -> links.Link:
    """A sign with 3 scans today, 2 of one phone, a robot, an order of Rp 30.000 and one of Rp 15.000 that was called off."""
    with database.writing(hands.engine) as connection:
        sign = making.link(connection, hands.village_id, title="Gapura timur")
        clicks = [making.click(sign, visitor=visitor) for visitor in (1, 1, 2)] + [making.click(sign, kind=1)]
        visits.write(connection, [*clicks, making.click(sign, visitor=5, at=NOW - timedelta(days=40))])
        source = Source(sign.id, 7)
        making.order(connection, hands.village_id, {hands.product.id: 2}, source=source)
        gone = making.order(connection, hands.village_id, {hands.product.id: 1}, source=source)
        making.order(connection, hands.village_id, {hands.product.id: 1})
        orders.move(connection, hands.village_id, gone.parts[0].id, "cancelled", by="wati", at=NOW)
    return sign


def table(hands: Hands, query: str = "") -> list[dict[str, str]]:
    answer = hands.get(f"/desk/laporan.csv{query}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))


def test_the_report_shows_what_the_sign_brought(hands: Hands, sign: links.Link) -> None:
    row = table(hands)[0]
    assert row["Tautan"] == "Gapura timur"
    assert row["Kode"] == sign.code
    assert (row["Pindaian dan klik"], row["Pengunjung (paling sedikit)"], row["Robot"]) == ("3", "2", "1")
    assert (row["Pesanan"], row["Nilai pesanan (Rp)"], row["Dibatalkan"]) == ("1", "30000", "1")


@pytest.mark.usefixtures("sign")
def test_what_came_by_no_link_is_a_row_of_its_own_and_the_village_has_all(hands: Hands) -> None:
    assert [row["Nilai pesanan (Rp)"] for row in table(hands) if row["Tautan"] == "Tidak lewat tautan"] == ["15000"]
    page = hands.get("/desk/laporan").text
    assert "Rp\u00a045.000" in page
    assert "1 dibatalkan" in page


@pytest.mark.usefixtures("sign")
def test_the_first_page_shows_today(hands: Hands) -> None:
    today = re.sub(r"\s+", "", hands.get("/desk").text.partition('id="hari-ini"')[2].partition("</dl>")[0])
    for figure in ("<dd>3</dd>", "<dd>2</dd><dd>palingsedikit</dd>", "Rp\u00a045.000"):
        assert figure.replace("\u00a0", "") in today


@pytest.mark.usefixtures("sign")
def test_only_the_days_that_were_asked_for_count(hands: Hands) -> None:
    assert table(hands, "?dari=2026-10-14&sampai=2026-10-14")[0]["Pindaian dan klik"] == "1"
    assert table(hands, "?dari=2026-10-01&sampai=2026-11-23")[0]["Pindaian dan klik"] == "4"


NONSENSE = ["dari=2026-11-23&sampai=2026-11-01", "dari=kemarin&sampai=x", "dari=1990-01-01&sampai=2026-11-01", "dari=2026-11-01"]


@pytest.mark.parametrize("query", NONSENSE)
def test_a_time_that_makes_no_sense_is_said_and_the_usual_one_shown(hands: Hands, query: str) -> None:
    page = hands.get(f"/desk/laporan?{query}").text
    assert "harus sebelum" in page
    assert 'value="2026-10-25"' in page


@pytest.mark.usefixtures("sign")
def test_the_chart_has_words_for_who_cannot_see_and_a_table_with_the_same_figures(hands: Hands) -> None:
    page = unescape(hands.get("/desk/laporan?dari=2026-11-17&sampai=2026-11-23").text)
    assert "Diagram batang: 3 pindaian dan klik dalam 7 hari, terbanyak 3 pada 23 November 2026." in page
    svg = page.partition("<svg role")[2].partition("</svg>")[0]
    assert svg.count('class="bar"') == 1
    assert '<text class="value"' in svg
    assert page.count('<th scope="row">') >= 7


STEPS = [(0, 1), (3, 1), (5, 1), (6, 2), (23, 5), (27, 10), (51, 20), (100, 20), (999, 200), (12_345, 5_000)]


@pytest.mark.parametrize(("most", "step"), STEPS)
def test_the_lines_of_a_chart_stand_at_round_numbers(most: int, step: int) -> None:
    assert charts.round_step(most) == step


def test_a_chart_escapes_its_words() -> None:
    assert "<script>" not in charts.bars([("<script>", 1)], title="<script>", desc="<script>")


CELLS = [("=1+1", "'=1+1"), ("+62", "'+62"), ("-x", "'-x"), ("@SUM", "'@SUM"), ("\tx", "'\tx"), ("Gapura", "Gapura")]


@pytest.mark.parametrize(("cell", "shown"), CELLS)
def test_no_cell_of_the_csv_acts_as_a_formula(cell: str, shown: str) -> None:
    assert harmless(cell) == shown


def test_a_sign_named_like_a_formula_is_quoted_in_the_csv(hands: Hands) -> None:
    hands.post("/desk/papan", title='=HYPERLINK("http://evil")', target="village:0")
    assert table(hands)[0]["Tautan"] == '\'=HYPERLINK("http://evil")'


def test_a_sign_is_made_and_its_code_leads_where_it_says(hands: Hands) -> None:
    made = hands.post("/desk/papan", title="Meja warung", target=f"product:{hands.product.id}", placement="stiker")
    path = made.headers["location"].partition("?")[0]
    picture = hands.get(f"{path}/kode.png")
    assert picture.headers["content-type"] == "image/png"
    text = zxingcpp.read_barcode(Image.open(io.BytesIO(picture.content))).text
    with database.reading(hands.engine) as connection:
        link = links.follow(connection, text.rpartition("/")[2])
    assert text == f"HTTP://TESTSERVER/Q/{link.code}"
    assert (link.target_kind, link.target_id, link.placement) == ("product", hands.product.id, "stiker")
    assert hands.get(f"{path}/kode.svg").text.startswith("<svg")
    assert hands.get(f"{path}/kode.pdf").content.startswith(b"%PDF")
    assert hands.get(f"{path}/kode.exe").status_code == 404


LACKING = [("", "village:0"), ("Papan", "product:999"), ("Papan", "nonsense"), ("x" * 121, "village:0")]


@pytest.mark.parametrize(("title", "target"), LACKING)
def test_a_sign_that_lacks_something_is_not_made(hands: Hands, title: str, target: str) -> None:
    answer = hands.post("/desk/papan", title=title, target=target, placement="di loket")
    assert answer.status_code == 422
    assert "di loket" in answer.text


def test_a_withdrawn_sign_leads_to_the_village_and_says_so(hands: Hands, sign: links.Link) -> None:
    hands.post(f"/desk/papan/{sign.id}/penarikan")
    assert "Ditarik" in hands.get("/desk/papan").text
    with database.reading(hands.engine) as connection:
        assert links.follow(connection, sign.code).state == "withdrawn"
