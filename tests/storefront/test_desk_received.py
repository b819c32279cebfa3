"""How posts were received stands in the report beside what they brought: as a page, a table, a workbook and for machines."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import making
import openpyxl
import pytest
from desk_hands import Hands
from making import NOW

from campaigns import links, visits
from promo import posts, results
from promo.tables import target
from storefront import database, figures, reception


@pytest.fixture
def link(hands: Hands) -> links.Link:
    """A post's link by which three came; Facebook tells of 240 people, 7 likes and not one comment, and nothing of what was saved."""
    with database.writing(hands.engine) as connection:
        account = making.account(connection, hands.village_id, network="facebook", fields={"page_id": "1"})
        link = making.link(connection, hands.village_id, kind="post", title="Keripik apel", network="facebook")
        of = posts.schedule(
            connection,
            village_id=hands.village_id,
            post_id=making.post(connection, hands.village_id).id,
            account_id=account.id,
            network="facebook",
            format="portrait",
            caption="Keripik apel",
            media=[{"sha256": "0" * 64, "alt": ""}],
            link_id=link.id,
            link_url="https://desa.id/Q/ABC123",
            marker="ABC123",
            due_at=NOW,
            at=NOW,
            clock=making.StillClock(),
        )
        done = {"state": "published", "remote_id": "1_1", "published_at": NOW - timedelta(hours=2), "next_at": None}
        connection.execute(target.update().where(target.c.id == of.id).values(**done))
        visits.write(connection, [making.click(link, visitor=visitor) for visitor in (1, 2, 3)])
        assert results.begin(connection, NOW) == 1
        told = {"reach": 240, "likes": 7, "comments": 0, "shares": None, "saves": None}
        results.keep(connection, of.id, told, published_at=NOW - timedelta(hours=2), at=NOW)
        reception.note(connection, results.of_links(connection, hands.village_id)[link.id], NOW)
    return link


def row(page: str) -> dict[str, str]:
    """{column: what stands in it} of the post in the table of how posts were received."""
    table = page.partition('aria-labelledby="received"')[2].partition("</table>")[0]
    cells = re.findall(r'data-label="([^"]+)">(.*?)</td>', table)
    return {label: re.sub(r"<[^>]+>", "", cell) for label, cell in cells}


@pytest.mark.usefixtures("link")
def test_the_report_tells_likes_and_keeps_the_unknown_apart_from_nought(hands: Hands) -> None:
    page = unescape(hands.get("/desk/laporan").text)
    told = row(page)
    assert told == {
        "Dijangkau": "240",
        "Suka": "7",
        "Komentar": "0",
        "Dibagikan": "– tidak diketahui",
        "Disimpan": "– tidak diketahui",
        "Tanggapan, jumlah": "7",
    }


@pytest.mark.usefixtures("link")
def test_how_often_a_network_says_it_has_shown_a_post_stands_beside_its_clicks(hands: Hands) -> None:
    posts_table = unescape(hands.get("/desk/laporan").text).partition('aria-labelledby="per_post"')[2].partition("</table>")[0]
    assert '<span class="num">240</span>' in posts_table
    assert "1,2\u00a0%" in posts_table  # 3 clicks of 240


def test_a_post_of_which_no_network_tells_has_dashes_only(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        link = making.link(connection, hands.village_id, kind="post", title="Di grup", network="share_kit")
        visits.write(connection, [making.click(link, visitor=1)])
    assert set(row(unescape(hands.get("/desk/laporan").text)).values()) == {"– tidak diketahui"}


def test_the_files_hold_the_same_and_leave_the_unknown_empty(hands: Hands, link: links.Link) -> None:
    text = hands.get("/desk/laporan.csv").text.removeprefix("\ufeff")
    found = next(one for one in csv.DictReader(io.StringIO(text), delimiter=";") if one["Kode"] == link.code)
    names = ("Tayangan", "Dijangkau (orang)", "Suka", "Komentar", "Dibagikan", "Disimpan", "Tanggapan, jumlah")
    assert [found[name] for name in names] == ["240", "240", "7", "0", "", "", "7"]
    sheet = openpyxl.load_workbook(io.BytesIO(hands.get("/desk/laporan.xlsx").content)).worksheets[0]
    heads, *rows = ([cell.value for cell in line] for line in sheet.iter_rows())
    typed = next(dict(zip(heads, one, strict=True)) for one in rows if link.code in one)
    assert [typed[name] or None if typed[name] == "" else typed[name] for name in names] == [240, 240, 7, 0, None, None, 7]


def test_machines_are_told_null_for_what_is_unknown(hands: Hands, link: links.Link) -> None:
    with database.reading(hands.engine) as connection:
        (village,) = figures.of_installation(connection, NOW)
    told = next(one for one in village["links"] if one["code"] == link.code)
    assert (told["people"], told["impressions"], told["impressions_by"]) == (3, 240, "network")
    names = ("reach", "likes", "comments", "shares", "saves", "engagement")
    assert [told[name] for name in names] == [240, 7, 0, None, None, 7]
