"""Campaigns at the desk, two things compared honestly, the month on one sheet, its public address, and the report's files."""

import io
import json
import re
from datetime import timedelta
from html import unescape

import making
import pytest
from desk_hands import Hands
from openpyxl import load_workbook
from typer.testing import CliRunner

from campaigns import campaigns, links, reports, visits
from storefront import cli, database, figures, reportfiles, reporting, villages

DAY = timedelta(days=1)
DAY_ONE = making.NOW.date()
FIELDS = {"name": "Panen raya", "since": "2026-11-01", "until": "2026-11-30"}


@pytest.fixture
def signs(hands: Hands) -> list[links.Link]:
    """Two signs with 3 scans of 2 phones and 1 scan, an order of Rp 30.000 by the first, and one by no link."""
    with database.writing(hands.engine) as connection:
        made = [making.link(connection, hands.village_id, title=title) for title in ("Gapura timur", "Pasar pagi")]
        clicks = [making.click(made[0], visitor=visitor, key=visitor) for visitor in (1, 1, 2)]
        visits.write(connection, [*clicks, making.click(made[1], visitor=2)])
        place = {"village_id": hands.village_id, "zone": "Asia/Jakarta", "link_id": made[0].id, "click_key": 1, "at": making.NOW}
        for kind in ("view", "view", "cart"):
            visits.record(connection, kind=kind, **place)
        visits.record(connection, kind="order", rupiah=30_000, **place)
        making.order(connection, hands.village_id, {hands.product.id: 1})
    return made


def make(hands: Hands, signs: list[links.Link], **given: str) -> int:
    answer = hands.post("/desk/kampanye", **{**FIELDS, **given}, link=[str(sign.id) for sign in signs])
    assert answer.status_code == 303
    return int(re.search(r"kampanye/(\d+)", answer.headers["location"])[1])


def test_a_campaign_shows_what_its_links_brought_together(hands: Hands, signs: list[links.Link]) -> None:
    campaign_id = make(hands, signs)
    page = re.sub(r"\s+", " ", unescape(hands.get(f"/desk/kampanye/{campaign_id}").text))
    for shown in ("<dd>4</dd>", "<dd>2</dd><dd>paling sedikit</dd>", "Rp 30.000", "Gapura timur", "Pasar pagi", "Melihat produk"):
        assert shown.replace(" ", "") in page.replace("\u00a0", "").replace(" ", ""), shown
    assert "Panen raya" in hands.get("/desk/kampanye").text
    assert "Panen raya" in hands.get("/desk/laporan").text
    assert "Panen raya" in hands.get(f"/desk/tautan/{signs[0].id}").text


def test_a_campaign_is_changed_and_dissolved_and_its_links_stay(hands: Hands, signs: list[links.Link]) -> None:
    campaign_id = make(hands, signs)
    changed = {**FIELDS, "name": "Panen apel", "link": [str(signs[1].id)]}
    assert hands.post(f"/desk/kampanye/{campaign_id}", **changed).status_code == 303
    page = hands.get(f"/desk/kampanye/{campaign_id}/ubah").text
    assert 'value="Panen apel"' in page
    assert page.count(" checked>") == 1
    assert hands.post(f"/desk/kampanye/{campaign_id}/penghapusan").status_code == 303
    assert hands.get(f"/desk/kampanye/{campaign_id}").status_code == 404
    with database.reading(hands.engine) as connection:
        assert [link.campaign_id for link in links.listed(connection, hands.village_id)] == [None, None]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": ""}, "perlu diisi"),
        ({"until": ""}, "perlu diisi"),
        ({"until": "2026-10-01"}, "tidak boleh sebelum"),
        ({"since": "x"}, "Tulis seperti"),
    ],
)
def test_a_campaign_that_lacks_something_is_not_made(hands: Hands, signs: list[links.Link], given: dict[str, str], sentence: str) -> None:
    answer = hands.post("/desk/kampanye", **{**FIELDS, **given}, link=[str(signs[0].id)])
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert " checked>" in answer.text, "what was ticked stays ticked"


def test_another_villages_links_cannot_be_taken_into_a_campaign(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        theirs = making.link(connection, making.village(connection, name="Sumberejo"))
    make(hands, [theirs])
    with database.reading(hands.engine) as connection:
        assert links.get(connection, theirs.village_id, theirs.id).campaign_id is None


def test_too_little_is_said_to_be_too_little_with_about_how_many_more(hands: Hands, signs: list[links.Link]) -> None:
    page = unescape(hands.get(f"/desk/laporan/banding?a=link:{signs[0].id}&b=link:{signs[1].id}").text)
    assert "Belum cukup data: perlu sekitar" in page
    assert "1 dari 3" in page
    assert "Pilih dua yang berbeda" in hands.get(f"/desk/laporan/banding?a=link:{signs[0].id}&b=link:{signs[0].id}").text
    assert hands.get("/desk/laporan/banding?a=link:9999&b=nonsense").status_code == 200


def test_a_campaign_that_does_better_is_named(hands: Hands, signs: list[links.Link]) -> None:
    with database.writing(hands.engine) as connection:
        for sign, buyers in zip(signs, (20, 120), strict=True):
            visits.write(connection, [making.click(sign, key=sign.id * 10_000 + number) for number in range(600)])
            for number in range(buyers):
                row = {"village_id": hands.village_id, "zone": "Asia/Jakarta", "link_id": sign.id, "at": making.NOW}
                visits.record(connection, kind="order", click_key=sign.id * 10_000 + number, rupiah=15_000, **row)
    first, second = make(hands, signs[:1]), make(hands, signs[1:], name="Lebaran")
    page = unescape(hands.get(f"/desk/laporan/banding?a=campaign:{first}&b=campaign:{second}").text)
    assert "“Lebaran” lebih baik" in page


def test_the_workbook_has_links_days_and_hours_and_no_formula(hands: Hands, signs: list[links.Link]) -> None:
    hands.post("/desk/papan", title="=1+1", target="village:0")
    answer = hands.get("/desk/laporan.xlsx")
    assert answer.headers["content-type"] == reportfiles.XLSX
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Per tautan", "Per hari", "Jam ramai"]
    rows = list(book["Per tautan"].values)
    by_name = {row[1]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    assert by_name["Gapura timur"]["Pindaian dan klik"] == 3
    assert by_name["Gapura timur"]["Nilai pesanan (Rp)"] == 30_000
    assert {cell.data_type for row in book["Per tautan"].iter_rows() for cell in row} == {"s", "n", "inlineStr"}, "no formula"
    assert by_name["=1+1"]["Kode"]
    assert sum(row[3] for row in list(book["Per hari"].values)[1:]) == 2, "views"
    assert [row[1] for row in book["Jam ramai"].values][11] == 4, "Monday, 10.00 WIB"
    assert signs


def test_the_month_stands_on_one_sheet_with_the_month_before(hands: Hands, signs: list[links.Link]) -> None:
    with database.writing(hands.engine) as connection:
        visits.write(connection, [making.click(signs[0], at=making.NOW - 30 * DAY) for _ in range(7)])
    page = unescape(hands.get("/desk/laporan/bulan").text)
    for shown in ("Laporan bulan November 2026", "bulan sebelumnya 7", "Gapura timur", "sampai 23 November 2026", "sedikitnya"):
        assert shown in page, shown
    assert "Laporan bulan Oktober 2026" in hands.get("/desk/laporan/bulan?bulan=2026-10").text
    for odd in ("2027-01", "x", "0001-01", "2026-13"):
        assert "Laporan bulan November 2026" in hands.get(f"/desk/laporan/bulan?bulan={odd}").text


def test_whoever_holds_the_address_reads_the_month_until_it_is_closed(hands: Hands, signs: list[links.Link]) -> None:
    assert hands.post("/desk/laporan/bagikan", title="").status_code == 422
    assert hands.post("/desk/laporan/bagikan", title="Kepala desa").status_code == 303
    page = hands.get("/desk/laporan/bagikan").text
    path = re.search(r"http://testserver(/laporan/[\w-]{22})", page)[1]
    cookies = dict(hands.browser.cookies)
    hands.browser.cookies.clear()
    answer = hands.get(path)
    assert answer.status_code == 200
    assert signs[0].title in answer.text
    assert "Dewi" not in answer.text, "no buyer is named"
    assert "/desk" not in answer.text
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("private, no-store", "no-referrer")
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "November 2026" in hands.get(f"/en{path}").text
    assert hands.get("/laporan/" + "A" * 22).status_code == 404
    assert hands.post(f"{path}").status_code in (404, 405)
    hands.browser.cookies.update(cookies)
    share_id = re.search(r"bagikan/(\d+)/penutupan", page)[1]
    assert hands.post(f"/desk/laporan/bagikan/{share_id}/penutupan").status_code == 303
    assert hands.get(path).status_code == 404
    assert "Ditutup" in hands.get("/desk/laporan/bagikan").text


def test_days_are_the_villages_own(hands: Hands) -> None:
    late = making.NOW.replace(hour=16, minute=30)  # 1.30 of the 24th in Jayapura, 23.30 in Jakarta
    with database.writing(hands.engine) as connection:
        east = villages.get(connection, making.village(connection, name="Sentani", zone="Asia/Jayapura"))
        visits.write(connection, [making.click(making.link(connection, east.id), at=late, zone=east.zone)])
        found = figures.of_installation(connection, late)
        told = reporting.gather(connection, east, found[0]["until"], found[0]["until"], late, "id")
    by_name = {row["name"]: row for row in found}
    assert str(by_name["Sentani"]["until"]) == "2026-11-24"
    assert str(by_name["Wonorejo"]["until"]) == "2026-11-23"
    assert by_name["Sentani"]["people"] == 1
    assert told.week[25] == 1, "Tuesday, the hour after one"


def test_the_sums_of_a_report_are_those_of_its_rows(hands: Hands, signs: list[links.Link]) -> None:
    with database.reading(hands.engine) as connection:
        village = villages.get(connection, hands.village_id)
        today = village.local(making.NOW).date()
        found = reporting.gather(connection, village, today - 6 * DAY, today, making.NOW, "id")
    rows = [row for group in found.groups.values() for row in group]
    assert sum((row.figures.people for row in rows), 0) == found.total.people == sum(found.week) == 4
    assert sum((row.figures.rupiah for row in rows), 0) == found.total.rupiah
    assert [step.count for step in found.funnel] == [4, 1, 1, 1]
    assert signs


def test_the_report_for_machines_names_every_link_and_kind(hands: Hands, signs: list[links.Link]) -> None:
    with database.writing(hands.engine) as connection:
        visits.write(connection, [making.click(signs[0], kind=kind) for kind in (1, 2, 3, 4, 5)])
        one = campaigns.create(connection, village_id=hands.village_id, name="Panen", since=DAY_ONE, until=DAY_ONE, at=making.NOW)
        campaigns.set_links(connection, hands.village_id, one.id, [signs[0].id], at=making.NOW)
        found = figures.of_installation(connection, making.NOW)[0]
    assert found["visitors_are"] == "at least"
    first = next(row for row in found["links"] if row["code"] == signs[0].code)
    wanted = {
        "people": 3,
        "robots": 1,
        "previews": 1,
        "prefetches": 1,
        "heads": 1,
        "staff": 1,
        "visitors": 2,
        "orders": 1,
        "rupiah": 30_000,
    }
    assert {name: first[name] for name in wanted} == wanted
    assert first["campaign"] == "Panen"
    assert found["links"][-1]["code"] is None
    assert found["links"][-1]["orders"] == 1


def test_an_alarming_sign_is_said_on_the_first_page_the_signs_and_the_report(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        sign = making.link(connection, hands.village_id, title="Papan jembatan")
        for ago in range(4, 32):
            visits.write(connection, [making.click(sign, at=making.NOW - ago * DAY) for _ in range(4)])
    for path in ("/desk", "/desk/laporan", f"/desk/papan/{sign.id}"):
        page = unescape(hands.get(path).text)
        assert "Papan diam" in page, path
        assert "Papan jembatan" in page
    assert "Diam, periksa" in hands.get("/desk/papan").text
    with database.writing(hands.engine) as connection:
        visits.write(connection, [making.click(sign)])
    assert "Papan diam" not in hands.get("/desk").text


def test_the_command_prints_json_of_the_villages_own_days(hands: Hands, signs: list[links.Link]) -> None:
    data = hands.store.folder.parent
    given = ["report", "--json", "--data", str(data), "--since", "2026-11-23", "--until", "2026-11-23"]
    told = CliRunner().invoke(
        cli.app, given, env={"GAPURA_DATABASE_URL": hands.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")}
    )
    assert told.exit_code == 0, told.output
    found = json.loads(told.output)
    assert [row["people"] for row in found[0]["links"][:2]] == [3, 1]
    assert found[0]["people"] == 4
    assert reports.Figures(people=found[0]["people"]).people == sum(row["people"] for row in found[0]["links"])
    assert signs
