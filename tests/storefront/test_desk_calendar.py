"""The calendar at the desk: what is due when, moved, planned, repeated weekly, made out of a table, and approved by the village head."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from threading import Barrier
from typing import Any

import making
import pytest
import sqlalchemy as sa
from desk_hands import Hands

from promo import posts, recurring
from promo.posts import Post
from promo.tables import recurring as recurring_table
from promo.tables import target
from storefront import database, drafts, posttables, tables, villages, weekly

FORM = {"poster": "foto-penuh", "style": "hangat", "language": "id", "seed": "3", "caption": "Keripik apel {link}"}


@pytest.fixture
def account_id(hands: Hands) -> int:
    with database.writing(hands.engine) as connection:
        return making.account(connection, hands.village_id, title="Linimasa desa").id


def schedule(hands: Hands, account_id: int, **changed: str) -> Any:
    given = {**FORM, "produk": str(hands.product.id), "account": str(account_id), "date": "2026-11-24", "time": "07:00", **changed}
    return hands.post("/desk/unggahan", **given)


def all_posts(hands: Hands) -> list[Post]:
    with database.reading(hands.engine) as connection:
        return posts.listed(connection, hands.village_id)


def needs_approval(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        villages.change(connection, hands.village_id, needs_approval=True)
    with database.reading(hands.engine) as connection:
        assert villages.get(connection, hands.village_id).needs_approval


# ---- the calendar ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["bulan", "minggu", "daftar"])
def test_each_view_shows_a_post_at_the_villages_own_time_with_market_day_and_holiday(hands: Hands, account_id: int, view: str) -> None:
    schedule(hands, account_id)
    page = unescape(hands.get(f"/desk/kalender?tampil={view}&mulai=2026-11-24").text)
    assert "07.00</b> Keripik apel" in page
    assert "Kliwon" in page  # 24 November 2026 is a Selasa Kliwon
    month = unescape(hands.get("/desk/kalender?tampil=bulan&mulai=2026-12-01").text)
    assert "Hari Raya Natal" in month


@pytest.mark.parametrize(("zone", "clock"), [("Asia/Jakarta", "07.00"), ("Asia/Makassar", "08.00"), ("Asia/Jayapura", "09.00")])
def test_the_calendar_goes_by_the_clock_of_each_of_the_three_zones(hands: Hands, account_id: int, zone: str, clock: str) -> None:
    schedule(hands, account_id)
    with database.writing(hands.engine) as connection:
        villages.change(connection, hands.village_id, zone=zone)
    assert f"{clock}</b> Keripik apel" in unescape(hands.get("/desk/kalender?mulai=2026-11-24").text)


def test_dragged_to_another_day_a_post_keeps_its_time_and_by_form_it_takes_another(hands: Hands, account_id: int) -> None:
    schedule(hands, account_id)
    of = all_posts(hands)[0].targets[0]
    dragged = hands.post(f"/desk/kalender/sasaran/{of.id}/jadwal", date="2026-11-26", tampil="bulan", mulai="2026-11-24")
    assert dragged.headers["location"] == "/desk/kalender?tampil=bulan&mulai=2026-11-24&kabar=rescheduled"
    assert all_posts(hands)[0].targets[0].due_at == datetime(2026, 11, 26, 0, 0, tzinfo=UTC)
    hands.post(f"/desk/kalender/sasaran/{of.id}/jadwal", date="2026-11-26", time="19:30")
    assert all_posts(hands)[0].targets[0].due_at == datetime(2026, 11, 26, 12, 30, tzinfo=UTC)
    past = hands.post(f"/desk/kalender/sasaran/{of.id}/jadwal", date="2026-11-20", time="19:30")
    assert past.status_code == 422
    assert "Waktu itu sudah lewat" in past.text or "sudah lewat" in past.text
    assert all_posts(hands)[0].targets[0].due_at == datetime(2026, 11, 26, 12, 30, tzinfo=UTC)


def test_a_week_shows_free_good_hours_away_from_what_is_taken(hands: Hands, account_id: int) -> None:
    schedule(hands, account_id, time="12:00")
    page = unescape(hands.get("/desk/kalender?tampil=minggu&mulai=2026-11-24").text)
    day = page.split('data-date="2026-11-24"')[1].split('data-date="2026-11-25"')[0]
    assert "date=2026-11-24&time=07:00" in day
    assert "time=12:00" not in day


@pytest.mark.usefixtures("account_id")
def test_a_free_place_in_the_calendar_fills_the_time_in_whatever_is_picked(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        making.attraction(connection, hands.village_id, name="Sumber Arum")
    week = unescape(hands.get("/desk/kalender?tampil=minggu&mulai=2026-11-24").text)
    free = re.findall(r'href="(/desk/unggahan/baru[?]date=2026-11-26&time=[^"]+)"', week)[0]
    pick = unescape(hands.get(free).text)
    clock = free[-5:]
    assert f"26 November 2026, pukul {clock.replace(':', '.')} WIB" in pick
    ways = re.findall(r'href="(/desk/unggahan/baru[?](?:produk|wisata|umkm|acara)=[^"]+)"', pick)
    assert {one.partition("?")[2].partition("=")[0] for one in ways} == {"produk", "wisata", "umkm", "acara"}
    for way in ways:
        editor = hands.get(way).text
        assert 'name="date" value="2026-11-26"' in editor, way
        assert f'name="time" value="{clock}"' in editor, way
    together = pick.split('<form method="get" action="/desk/unggahan/baru">')[1].split("</form>")[0]
    assert f'name="date" value="2026-11-26"><input type="hidden" name="time" value="{clock}"' in together


@pytest.mark.parametrize("asked", ["date=2026-11-20&time=07:00", "date=31-12&time=x", "date=0001-01-01&time=00:00", "time=07:00"])
@pytest.mark.usefixtures("account_id")
def test_an_address_that_asks_for_no_time_to_come_gets_the_next_good_hour(hands: Hands, asked: str) -> None:
    assert "pukul" not in hands.get(f"/desk/unggahan/baru?{asked}").text
    usual = hands.get(f"/desk/unggahan/baru?produk={hands.product.id}").text
    given = hands.get(f"/desk/unggahan/baru?produk={hands.product.id}&{asked}").text
    for field in ("date", "time"):
        found = re.findall(rf'name="{field}" value="([^"]+)"', usual)
        assert found
        assert found == re.findall(rf'name="{field}" value="([^"]+)"', given)


def test_two_posts_of_an_account_within_the_hour_are_marked(hands: Hands, account_id: int) -> None:
    schedule(hands, account_id)
    schedule(hands, account_id, time="07:30", caption="Lain sekali {link}", poster="bingkai", tetap="1")
    assert unescape(hands.get("/desk/kalender?tampil=daftar&mulai=2026-11-24").text).count("berdekatan") == 2


def test_another_village_sees_and_moves_nothing_of_it(hands: Hands, account_id: int) -> None:
    schedule(hands, account_id)
    of = all_posts(hands)[0].targets[0]
    with database.writing(hands.engine) as connection:
        stranger = making.member(connection, making.village(connection, name="Sumberejo"), login="asing")
    hands.sign_in(stranger)
    assert "Keripik apel" not in hands.get("/desk/kalender?mulai=2026-11-24").text
    assert hands.post(f"/desk/kalender/sasaran/{of.id}/jadwal", date="2026-11-26").status_code == 404


# ---- the same twice ----------------------------------------------------------------------------------------------------------------


def test_a_repeat_within_a_week_is_a_warning_that_can_be_overruled(hands: Hands, account_id: int) -> None:
    schedule(hands, account_id)
    again = schedule(hands, account_id, date="2026-11-26")
    page = unescape(again.text)
    assert again.status_code == 422
    assert "Kata-katanya sama dengan unggahan di Linimasa desa" in page
    assert "Gambarnya sama dengan unggahan di Linimasa desa" in page
    assert "Keripik apel {link}" in page
    assert len(all_posts(hands)) == 1
    assert schedule(hands, account_id, date="2026-11-26", tetap="1").status_code == 303
    assert len(all_posts(hands)) == 2


@pytest.mark.parametrize("way", ["/desk/kalender", "/desk/unggahan/{post}"])
def test_a_post_moved_close_to_another_is_a_warning_that_can_be_overruled(hands: Hands, account_id: int, way: str) -> None:
    schedule(hands, account_id, date="2026-12-20")
    schedule(hands, account_id, caption="Lain sekali {link}", poster="bingkai")
    first = next(one for one in all_posts(hands) if "Lain" not in one.caption)
    path = f"{way.format(post=first.id)}/sasaran/{first.targets[0].id}/jadwal"
    wish = {"date": "2026-11-24", "time": "07:30", "tampil": "minggu", "mulai": "2026-11-24"}
    told = hands.post(path, **wish)
    page = unescape(told.text)
    assert told.status_code == 422
    assert "Kurang dari satu jam dari unggahan lain di Linimasa desa, 24-11-2026 07.00 WIB" in page
    assert all_posts(hands)[-1].targets[0].due_at == first.targets[0].due_at
    form = page.split('id="twins"')[1].split("</form>")[0]
    again = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    assert form.split('action="')[1].split('"')[0] == path
    assert hands.post(path, **again).status_code == 303
    assert all_posts(hands)[-1].targets[0].due_at == datetime(2026, 11, 24, 0, 30, tzinfo=UTC)


def test_what_was_agreed_to_is_not_asked_again_and_a_warning_shows_the_same_week(hands: Hands, account_id: int) -> None:
    schedule(hands, account_id)
    schedule(hands, account_id, date="2026-11-26", tetap="1")  # the same words and picture: agreed to
    of = all_posts(hands)[0].targets[0]
    path = f"/desk/kalender/sasaran/{of.id}/jadwal"
    assert hands.post(path, date="2026-11-27").status_code == 303
    page = unescape(hands.post(path, date="2026-11-24", time="07:10", tampil="minggu", mulai="2026-12-24").text)
    assert "Kurang dari satu jam" in page
    assert "Kata-katanya sama" not in page
    assert '<ol class="calendar minggu">' in page
    assert 'href="/desk/kalender?tampil=minggu&mulai=2026-12-24"' in page


def test_the_late_policy_of_the_form_is_kept_with_the_post(hands: Hands, account_id: int) -> None:
    schedule(hands, account_id, lambat="ask")
    schedule(hands, account_id, lambat="within", lambat_jam="900", date="2026-12-24", caption="Lain {link}", tetap="1")
    first, second = sorted((one.targets[0] for one in all_posts(hands)), key=lambda of: of.id)
    assert (first.late_policy, second.late_policy, second.late_hours) == ("ask", "within", 168)


# ---- approval ----------------------------------------------------------------------------------------------------------------------


def test_a_post_waits_for_the_village_head_who_sees_exactly_what_goes_out(hands: Hands, account_id: int) -> None:
    needs_approval(hands)
    assert schedule(hands, account_id).headers["location"].endswith("kabar=asked")
    of = all_posts(hands)[0]
    assert (of.state, of.targets[0].next_at) == ("in_review", None)
    assert hands.post(f"/desk/persetujuan/{of.id}", sha=of.fingerprint).status_code == 403, "the operator may not approve"
    hands.as_member(login="lurah", role="head")
    page = unescape(hands.get("/desk/persetujuan").text)
    assert of.targets[0].caption.splitlines()[0] in page
    assert of.targets[0].media[0]["sha256"] in page
    assert of.fingerprint[:12] in page
    assert hands.post(f"/desk/persetujuan/{of.id}", sha="0" * 64).status_code == 422
    assert all_posts(hands)[0].state == "in_review"
    assert hands.post(f"/desk/persetujuan/{of.id}", sha=of.fingerprint).headers["location"].endswith("kabar=approved")
    done = all_posts(hands)[0]
    assert (done.state, done.approved_by) == ("scheduled", "Lurah")


def test_who_may_not_approve_is_told_whom_the_post_waits_for_or_that_there_is_nobody_yet(hands: Hands, account_id: int) -> None:
    needs_approval(hands)
    schedule(hands, account_id)
    operator, alone = hands.who, unescape(hands.get("/desk/persetujuan").text)
    assert "Belum ada kepala desa di sini" in alone
    assert '<a href="/desk/staf/baru">' in alone
    hands.as_member(login="lurah", role="head")
    assert "Menunggu jawaban" not in hands.get("/desk/persetujuan").text
    hands.sign_in(operator)
    assert "Menunggu jawaban Lurah." in hands.get("/desk/persetujuan").text


def test_an_edit_asks_anew_and_its_link_cannot_be_lost(hands: Hands, account_id: int) -> None:
    needs_approval(hands)
    schedule(hands, account_id)
    of = all_posts(hands)[0]
    operator = hands.who
    hands.as_member(login="lurah", role="head")
    hands.post(f"/desk/persetujuan/{of.id}", sha=of.fingerprint)
    hands.sign_in(operator)
    path = f"/desk/unggahan/{of.id}/sasaran/{of.targets[0].id}/kata"
    lost = hands.post(path, kata="Tanpa tautan")
    assert lost.status_code == 422
    assert "Tanpa tautan" in lost.text
    assert all_posts(hands)[0].state == "scheduled"
    hands.post(path, kata=f"Kata baru {of.targets[0].link_url}")
    changed = all_posts(hands)[0]
    assert (changed.state, changed.approved_by) == ("in_review", None)
    assert changed.targets[0].caption.startswith("Kata baru")


def test_sent_back_with_a_note_it_can_be_handed_in_again(hands: Hands, account_id: int) -> None:
    needs_approval(hands)
    schedule(hands, account_id)
    of, operator = all_posts(hands)[0], hands.who
    hands.as_member(login="lurah", role="head")
    hands.post(f"/desk/persetujuan/{of.id}/pengembalian", catatan="Harganya belum benar")
    hands.sign_in(operator)
    assert "Lurah: Harganya belum benar" in hands.get(f"/desk/unggahan/{of.id}").text
    hands.post(f"/desk/unggahan/{of.id}/pengajuan")
    assert all_posts(hands)[0].state == "in_review"


def test_only_who_sets_the_village_up_says_whether_approval_is_needed(hands: Hands) -> None:
    hands.post("/desk/persetujuan/kebutuhan", perlu="1")
    with database.reading(hands.engine) as connection:
        assert villages.get(connection, hands.village_id).needs_approval
    hands.as_member(login="lurah", role="head")
    assert hands.post("/desk/persetujuan/kebutuhan").status_code == 403


# ---- the plan ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("account_id")
def test_a_plan_shows_whose_turn_it_is_and_what_is_ticked_becomes_drafts(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        second = making.maker(connection, hands.village_id, name="Pak Joko")
        photo = making.photo(connection, hands.store, hands.village_id, colour="#225577")
        for number, given in enumerate(({}, {"stock": 0}, {"state": "draft"})):
            making.product(connection, hands.village_id, second, name=f"Kopi {number}", photo_ids=[photo.id], **given)
    page = unescape(hands.get("/desk/rencana?panjang=bulan&sehari=1").text)
    assert "Kopi 0" in page
    assert "Kopi 1" not in page, "sold out"
    assert "Kopi 2" not in page, "not on show"
    assert "giliran ke-1" in page
    assert '<th scope="row">Pak Joko</th>' in page
    ticked = re.findall(r'name="pilih" value="([^"]+)"', page)
    assert len(ticked) >= 2
    none = hands.post("/desk/rencana", panjang="bulan", sehari="1")
    assert none.status_code == 422
    done = hands.post("/desk/rencana", panjang="bulan", sehari="1", pilih=ticked[:2])
    assert done.headers["location"].startswith("/desk/unggahan/paket/2026-1")
    with database.reading(hands.engine) as connection:
        kept = drafts.listed(connection, hands.village_id)
    assert [f"{one.due_at:%Y-%m-%dT%H:%M}" for one in kept if one.due_at] != []
    assert all("{link}" in one.form["caption"][0] for one in kept)
    assert len(kept) == 2
    month = unescape(hands.get("/desk/kalender?tampil=daftar&mulai=2026-11-24").text)
    assert f"/desk/unggahan/draf/{kept[0].id}" in month


# ---- weekly ------------------------------------------------------------------------------------------------------------------------


def weekly_form(hands: Hands, account_id: int, **changed: str) -> Any:
    given = {"tentang": str(hands.product.id), "hari": "4", "time": "16:00", "poster": "foto-penuh", "style": "hangat"}
    return hands.post("/desk/mingguan", account=str(account_id), **{**given, **changed})


def fill(hands: Hands, at: datetime) -> int:
    given: dict[str, Any] = {"public_url": "http://wonorejo.example", "clock": making.StillClock()}
    return weekly.fill(hands.engine, hands.store, at=at, **given)


def test_a_weekly_post_is_made_two_weeks_ahead_each_occurrence_once(hands: Hands, account_id: int) -> None:
    assert weekly_form(hands, account_id).status_code == 303
    dues = [one.targets[0].due_at for one in all_posts(hands)]
    assert sorted(dues) == [datetime(2026, 11, 27, 9, tzinfo=UTC), datetime(2026, 12, 4, 9, tzinfo=UTC)]  # Fridays, 16.00 WIB
    assert fill(hands, making.NOW + timedelta(days=1)) == 0
    with database.writing(hands.engine) as connection:  # as if the row had not been written after the posts were made
        connection.execute(sa.update(recurring_table).values(filled_until=making.NOW))
    assert fill(hands, making.NOW + timedelta(days=1)) == 0
    assert fill(hands, making.NOW + timedelta(days=8)) == 1
    assert len(all_posts(hands)) == 3
    assert "Jumat" in hands.get("/desk/mingguan").text


def test_an_occurrence_that_two_make_at_the_same_moment_is_made_once(hands: Hands, account_id: int) -> None:
    with database.writing(hands.engine) as connection:
        given: dict[str, Any] = {"subject_kind": "product", "subject_id": hands.product.id, "accounts": [account_id], "weekday": 4}
        words = {"poster": "foto-penuh", "style": "hangat", "language": "id", "clock": "16:00", "zone": "Asia/Jakarta", "made_by": "wati"}
        recurring.create(connection, village_id=hands.village_id, at=making.NOW, **given, **words)
    together = Barrier(4)

    def one(_: int) -> int:
        together.wait(timeout=10)
        return fill(hands, making.NOW)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(4))) == 2
    assert len(all_posts(hands)) == 2


def test_a_week_without_stock_is_left_out_and_says_so_and_an_ended_one_comes_no_more(hands: Hands, account_id: int) -> None:
    weekly_form(hands, account_id)
    with database.writing(hands.engine) as connection:
        connection.execute(sa.update(tables.product).values(stock=0))
    assert fill(hands, making.NOW + timedelta(days=8)) == 0
    page = hands.get("/desk/mingguan").text
    assert "jadi minggu ini dilewatkan" in page
    number = re.findall(r"/desk/mingguan/(\d+)/akhir", page)[0]
    hands.post(f"/desk/mingguan/{number}/akhir")
    with database.writing(hands.engine) as connection:
        connection.execute(sa.update(tables.product).values(stock=None))
    assert fill(hands, making.NOW + timedelta(days=30)) == 0


def test_what_is_wrong_with_a_weekly_post_is_said_and_nothing_typed_is_lost(hands: Hands, account_id: int) -> None:
    answer = weekly_form(hands, 999, time="25:00", hari="2")
    assert answer.status_code == 422
    assert 'value="25:00"' in answer.text
    assert '<option value="2" selected>' in answer.text
    assert hands.post(f"/desk/mingguan/{account_id}/akhir").status_code == 404


# ---- out of a table ----------------------------------------------------------------------------------------------------------------

TABLE = """tanggal;jam;produk;akun;kata
28-11-2026;07.00;Keripik apel;;Renyah dari kebun
2026-11-31;07:00;Keripik apel;;
29/11/2026;25:00;Kripik;Lain;
20-11-2026;07:00;keripik APEL;Linimasa desa;
"""


@pytest.mark.usefixtures("account_id")
def test_a_table_is_shown_row_by_row_before_anything_is_made(hands: Hands) -> None:
    page = unescape(hands.post("/desk/tabel/pratinjau", tabel=TABLE, kunci="k").text)
    assert "1 dari 4 baris siap" in page
    for sentence in (
        "“2026-11-31” bukan tanggal",
        "“25:00” bukan jam",
        "Produk “Kripik” tidak ada",
        "Akun “Lain” tidak ada",
        "sudah lewat",
    ):
        assert sentence in page
    assert TABLE.strip() in page
    assert all_posts(hands) == []


@pytest.mark.usefixtures("account_id")
def test_the_right_rows_are_made_once_and_the_others_stay_in_the_text(hands: Hands) -> None:
    for _ in range(2):
        answer = hands.post("/desk/tabel", tabel=TABLE, kunci="k")
        assert answer.status_code == 422
        page = unescape(answer.text)
        text = page.split('<textarea id="tabel"')[1].split("</textarea>")[0]
        assert "Renyah dari kebun" not in text
        assert "2026-11-31" in text
    made = all_posts(hands)
    assert len(made) == 1
    assert made[0].targets[0].due_at == datetime(2026, 11, 28, 0, 0, tzinfo=UTC)
    assert made[0].targets[0].caption.startswith("Renyah dari kebun")
    good = TABLE.splitlines()[0] + "\n30-11-2026;07.00;Keripik apel;;Kata yang lain\n"
    assert hands.post("/desk/tabel", tabel=good, kunci="n", tetap="1").headers["location"].startswith("/desk/kalender")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Tabelnya masih kosong"),
        ("tanggal;jam;produk\n", "Tabelnya masih kosong"),
        ("tanggal;produk\n1;2\n", "Kolom “jam” tidak ada"),
        ("tanggal,jam,produk\n" + "28-11-2026,07:00,Keripik apel\n" * 61, "Tabelnya 61 baris"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(hands: Hands, text: str, sentence: str) -> None:
    assert sentence in unescape(hands.post("/desk/tabel/pratinjau", tabel=text).text)


def test_a_file_is_read_however_excel_saved_it() -> None:
    assert posttables.text_of("\ufefftanggal;kata\n1;é".encode()) == "tanggal;kata\n1;é"
    assert posttables.text_of("tanggal;kata\n1;é".encode("cp1252")) == "tanggal;kata\n1;é"


def test_what_missed_its_time_can_be_sent_now_from_its_page(hands: Hands, account_id: int) -> None:
    schedule(hands, account_id)
    of = all_posts(hands)[0]
    with database.writing(hands.engine) as connection:
        connection.execute(sa.update(target).values(state="needs_person", reason="late_ask", next_at=None))
    page = hands.get(f"/desk/unggahan/{of.id}").text
    assert "Kirim sekarang" in page
    hands.post(f"/desk/unggahan/{of.id}/sasaran/{of.targets[0].id}/jawaban", jawaban="tidak")
    assert all_posts(hands)[0].targets[0].state == "scheduled"
