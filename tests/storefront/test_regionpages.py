"""A regency's own page: sums of its villages and nothing else, under a signed address that opens nothing of the desk."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path

import making
import pytest
import sqlalchemy as sa
from making import NOW
from starlette.testclient import TestClient
from typer.testing import CliRunner

from campaigns import visits
from storefront import app as web_app
from storefront import cli, database, regionlinks
from storefront.media import Store
from storefront.regionlinks import Scope
from storefront.settings import Settings

UNTIL = NOW.date() + timedelta(days=90)
PLACES = [("Wonorejo", "Bumiaji", "Kota Batu"), ("Sumberejo", "Bumiaji", "Kota Batu"), ("Ambulu", "Ambulu", "Jember")]


class Office:
    """Somebody of a province or a regency with a browser."""

    def __init__(self, engine: sa.Engine, database_url: str, folder: Path) -> None:
        self.config = Settings(data=folder, database_url=database_url, public_url="http://testserver", secret="s" * 40)
        self.browser = TestClient(web_app.build(self.config, engine, Store(folder / "media"), clock=lambda: NOW), follow_redirects=False)

    def key(self, province: str = "", regency: str = "", until: date = UNTIL) -> str:
        return regionlinks.sign(Scope(province, regency, until), self.config.secret.get_secret_value())

    def see(self, key: str, **query: str) -> str:
        answer = self.browser.get(f"/wilayah/{key}", params=query)
        assert answer.status_code == 200
        return unescape(answer.text)


@pytest.fixture
def office(engine: sa.Engine, database_url: str, tmp_path: Path) -> Iterator[Office]:
    """Three villages in East Java: the first with 3 guests and an order by Dewi, the second with a guest last month only."""
    with database.writing(engine) as connection:
        ids = [making.village(connection, name=name, district=district, regency=regency) for name, district, regency in PLACES]
        gate, other = making.link(connection, ids[0], title="Papan rahasia"), making.link(connection, ids[1])
        visits.write(connection, [making.click(gate, visitor=visitor) for visitor in (1, 2, 3)])
        visits.write(connection, [making.click(other, visitor=1, at=NOW - timedelta(days=30))])
        product = making.product(connection, ids[0], making.maker(connection, ids[0]))
        making.order(connection, ids[0], {product.id: 1}, name="Dewi Anggraini")
    office = Office(engine, database_url, tmp_path)
    with office.browser:
        yield office


def rows(page: str) -> list[tuple[str, list[str]]]:
    """(name, figures) of each row of the table."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("</tr>")[:-1]]
    return [(re.sub(r"<[^>]+>", " ", row[0]).split("  ")[0].strip(), row[1:]) for row in found]


def test_a_province_is_read_by_regency_district_and_village(office: Office) -> None:
    key = office.key("Jawa Timur")
    one = ["3", "3", "1", "Rp\u00a015.000"]
    assert rows(office.see(key)) == [("Kota Batu", ["2", "1", *one]), ("Jember", ["1", "1", "0", "0", "0", "Rp\u00a00"])]
    assert rows(office.see(key, kabupaten="Kota Batu")) == [("Bumiaji", ["2", "1", *one])]
    villages = rows(office.see(key, kabupaten="Kota Batu", kecamatan="Bumiaji"))
    assert [(name, figures[0]) for name, figures in villages] == [("Wonorejo", "3"), ("Sumberejo", "0")]


def test_villages_are_searched_sorted_and_the_silent_ones_picked_out(office: Office) -> None:
    key = office.key("Jawa Timur")
    assert [name for name, _ in rows(office.see(key, cari="REJO"))] == ["Wonorejo", "Sumberejo"]
    assert [name for name, _ in rows(office.see(key, cari="rejo", urut="name"))] == ["Sumberejo", "Wonorejo"]
    silent = office.see(key, sepi="1")
    assert [name for name, _ in rows(silent)] == ["Sumberejo", "Ambulu"]
    assert "bulan ini sepi" in silent
    assert "Tidak ada desa yang cocok" in office.see(key, cari="Atlantis")
    assert rows(office.see(key, bulan="2026-10"))[0][1][2] == "1"


def test_the_csv_has_every_village_of_the_region(office: Office) -> None:
    answer = office.browser.get(f"/wilayah/{office.key('Jawa Timur', 'Kota Batu')}/desa.csv")
    table = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert [(row["Desa"], row["Pindaian dan klik"], row["Nilai pesanan"]) for row in table] == [
        ("Wonorejo", "3", "15000"),
        ("Sumberejo", "0", "0"),
    ]


def test_an_address_of_one_regency_opens_no_other(office: Office) -> None:
    key = office.key("Jawa Timur", "Kota Batu")
    for query in ({"kabupaten": "Jember"}, {"provinsi": "Bali"}, {"cari": "Ambulu"}, {"sepi": "1"}):
        page = office.see(key, **query)
        assert "Jember" not in page
        assert "Ambulu" not in [name for name, _ in rows(page)]


def test_nothing_but_sums_is_on_the_page_and_nothing_of_the_desk_opens_by_it(office: Office) -> None:
    key = office.key()
    for query in ({}, {"provinsi": "Jawa Timur"}, {"provinsi": "Jawa Timur", "cari": "wonorejo"}):
        page = office.see(key, **query)
        for private in ("Dewi", "0813", "81311112222", "Papan rahasia", "Keripik"):
            assert private not in page
    for path in ("/desk", "/desk/laporan", "/desk/pesanan", "/desk/pesanan/1"):
        assert office.browser.get(path).status_code == 303
    headers = office.browser.get(f"/wilayah/{key}").headers
    assert headers["cache-control"] == "private, no-store"
    assert "set-cookie" not in headers


def test_an_address_that_is_not_ours_or_is_over_is_no_page(office: Office) -> None:
    good = office.key("Jawa Timur")
    body, _, signature = good.partition(".")
    wider = office.key().partition(".")[0]
    for wrong in (
        f"{wider}.{signature}",
        f"{body}.",
        body,
        "x",
        "%C3%A9.x",
        office.key("Jawa Timur", until=NOW.date() - timedelta(days=1)),
    ):
        assert office.browser.get(f"/wilayah/{wrong}").status_code == 404
        assert office.browser.get(f"/wilayah/{wrong}/desa.csv").status_code == 404


def test_what_is_asked_wrongly_shows_the_usual(office: Office) -> None:
    key = office.key("Jawa Timur")
    for query in ({"bulan": "9999-99"}, {"urut": "salah"}, {"hal": "-1"}, {"hal": "x"}):
        assert len(rows(office.see(key, **query))) == 2


def test_the_command_line_gives_out_the_address(tmp_path: Path) -> None:
    engine = database.open_engine(f"sqlite:///{tmp_path / 'gapura.db'}")
    database.migrate(engine)
    with database.writing(engine) as connection:
        making.village(connection)
    given = ["regions", "--regency", "Kota Batu", "--link", "--data", str(tmp_path)]
    assert CliRunner().invoke(cli.app, given, env={"GAPURA_SECRET": "kurang"}).exit_code == 1, "anybody could sign with no secret"
    shown = CliRunner().invoke(cli.app, given, env={"GAPURA_SECRET": "s" * 40})
    key = shown.stdout.split("/wilayah/")[1].strip()
    assert regionlinks.read(key, "s" * 40, at=datetime.now(UTC)).regency == "Kota Batu"
    engine.dispose()
