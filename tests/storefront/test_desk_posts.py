"""Posts at the desk: pictures and words before anything is sent, scheduled, moved, cancelled, and what became of them in plain words."""

from datetime import timedelta
from html import unescape
from io import BytesIO

import making
import pytest
import sqlalchemy as sa
from desk_hands import Hands
from PIL import Image

from promo import journal, posts, targets
from promo.networks import Failure
from promo.posts import Post
from promo.tables import target as target_table
from storefront import database, products

FORM = {
    "poster": "foto-penuh",
    "style": "hangat",
    "language": "id",
    "seed": "3",
    "caption": "Keripik apel {link}",
    "date": "2026-11-24",
    "time": "07:00",
}


@pytest.fixture
def account_id(hands: Hands) -> int:
    with database.writing(hands.engine) as connection:
        return making.account(connection, hands.village_id, title="Linimasa desa").id


def form(hands: Hands, account_id: int, **changed: str) -> dict[str, str]:
    return {**FORM, "produk": str(hands.product.id), "account": str(account_id), **changed}


def all_posts(hands: Hands) -> list[Post]:
    with database.reading(hands.engine) as connection:
        return posts.listed(connection, hands.village_id)


@pytest.fixture
def post(hands: Hands, account_id: int) -> Post:
    hands.post("/desk/unggahan", **form(hands, account_id))
    return all_posts(hands)[0]


def set_state(hands: Hands, post: Post, state: str, reason: str | None = None) -> None:
    with database.writing(hands.engine) as connection:
        connection.execute(sa.update(target_table).where(target_table.c.post_id == post.id).values(state=state, reason=reason))


@pytest.mark.usefixtures("account_id")
def test_a_product_is_picked_and_its_pictures_and_words_are_there(hands: Hands) -> None:
    assert f"/desk/unggahan/baru?produk={hands.product.id}" in hands.get("/desk/unggahan/baru").text
    page = unescape(hands.get(f"/desk/unggahan/baru?produk={hands.product.id}").text)
    for format in ("square", "portrait", "story", "landscape"):  # noqa: A001
        assert f'&format={format}" alt=' in page
    for text in ("Rp\u00a015.000", "Wonorejo", "{link}", "Linimasa desa", "Sekarang di desa pukul 10.00 WIB", 'value="2026-11-23"'):
        assert text in page


@pytest.mark.parametrize(("format", "size"), [("square", (540, 540)), ("portrait", (540, 675)), ("story", (540, 960))])
def test_a_preview_is_a_picture_of_half_the_size_that_nobody_keeps(hands: Hands, format: str, size: tuple[int, int]) -> None:  # noqa: A002
    answer = hands.get(f"/desk/unggahan/pratinjau.jpg?produk={hands.product.id}&poster=foto-penuh&format={format}")
    assert Image.open(BytesIO(answer.content)).size == size
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("query", ["poster=none&format=square", "poster=foto-penuh&format=huge", "poster=../x&format=square"])
def test_a_preview_that_cannot_be_drawn_is_not_there(hands: Hands, query: str) -> None:
    assert hands.get(f"/desk/unggahan/pratinjau.jpg?produk={hands.product.id}&{query}").status_code == 404


def test_looking_again_keeps_every_edited_word(hands: Hands, account_id: int) -> None:
    typed = form(hands, account_id, caption="Kata saya <sendiri> {link}", poster="bingkai")
    page = unescape(hands.post("/desk/unggahan/pratinjau", **typed).text)
    assert "Kata saya <sendiri> {link}" in page
    assert "poster=bingkai&format=square" in page
    assert 'value="2026-11-24"' in page
    assert all_posts(hands) == []


def test_the_caption_is_written_anew_in_another_style(hands: Hands, account_id: int) -> None:
    page = unescape(hands.post("/desk/unggahan/pratinjau", **form(hands, account_id, caption="Kata lama", style="polos", anew="1")).text)
    assert "Kata lama" not in page
    assert "{link}" in page


def test_a_post_is_scheduled_in_the_villages_zone(hands: Hands, post: Post) -> None:
    target = post.targets[0]
    assert target.state == "scheduled"
    assert target.due_at.isoformat() == "2026-11-24T00:00:00+00:00"  # 07.00 WIB
    assert target.caption == f"Keripik apel http://testserver/Q/{target.marker}"
    page = hands.get(f"/desk/unggahan/{post.id}").text
    for text in ("Terjadwal", "24 Nov 2026 07.00 WIB", target.marker, "Linimasa desa"):
        assert text in page
    assert "Keripik apel" in hands.get("/desk").text.partition("Unggahan berikutnya")[2]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"date": "", "time": ""}, "Pilih tanggal dan jam tayang"),
        ({"time": ""}, "belum lengkap"),
        ({"date": "24 besok"}, "belum lengkap"),
        ({"date": "2026-11-23", "time": "09:30"}, "23-11-2026 09.30 WIB sudah lewat: di desa sekarang 23-11-2026 10.00 WIB"),
        ({"date": "2028-11-23"}, "Paling jauh satu tahun"),
        ({"account": ""}, "Pilih akun tujuan"),
        ({"caption": ""}, "Tulis keterangan"),
        ({"caption": "tanpa tautan"}, "tidak memuat {link}"),
        ({"caption": "x" * 3000 + "{link}"}, "paling banyak 2200"),
    ],
)
def test_a_post_that_lacks_something_is_not_made_and_nothing_typed_is_lost(
    hands: Hands, account_id: int, changed: dict[str, str], sentence: str
) -> None:
    typed = form(hands, account_id, **changed)
    answer = hands.post("/desk/unggahan", **typed)
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert sentence in page
    assert typed["caption"] in page
    assert f'value="{typed["date"]}"' in page
    assert all_posts(hands) == []


def test_a_post_of_a_product_without_a_photo_says_so_and_keeps_the_words(hands: Hands, account_id: int) -> None:
    with database.writing(hands.engine) as connection:
        bare = making.product(connection, hands.village_id, hands.product.maker_id, name="Tanpa foto")
    answer = hands.post("/desk/unggahan", **form(hands, account_id, produk=str(bare.id)))
    assert answer.status_code == 422
    assert "belum punya foto" in answer.text
    assert FORM["caption"] in unescape(answer.text)


def test_a_scheduled_post_is_moved(hands: Hands, post: Post) -> None:
    path = f"/desk/unggahan/{post.id}/sasaran/{post.targets[0].id}/jadwal"
    assert hands.post(path, date="2026-11-25", time="12:30").headers["location"].endswith("kabar=rescheduled")
    assert all_posts(hands)[0].targets[0].due_at.isoformat() == "2026-11-25T05:30:00+00:00"
    assert "sudah lewat" in hands.post(path, date="2026-11-01", time="12:30").text


def test_a_scheduled_post_is_cancelled_and_stays_cancelled(hands: Hands, post: Post) -> None:
    path = f"/desk/unggahan/{post.id}/sasaran/{post.targets[0].id}/pembatalan"
    assert hands.post(path).headers["location"].endswith("kabar=cancelled")
    assert all_posts(hands)[0].state == "cancelled"
    assert hands.post(path).status_code == 422


@pytest.mark.parametrize(("answer", "state"), [("ada", "published"), ("tidak", "scheduled")])
def test_a_person_says_whether_the_post_is_there(hands: Hands, post: Post, answer: str, state: str) -> None:
    set_state(hands, post, "needs_person", "cannot_tell")
    page = hands.get(f"/desk/unggahan/{post.id}").text
    assert "Sudah tayang" in page
    assert "Perlu Anda lihat" in hands.get("/desk").text
    path = f"/desk/unggahan/{post.id}/sasaran/{post.targets[0].id}/jawaban"
    assert hands.post(path, jawaban=answer, permalink="https://jaringan.example/p/1").status_code == 303
    assert all_posts(hands)[0].state == state


@pytest.mark.parametrize("permalink", ["javascript:alert(1)", "data:text/html,x", 'https://x"onclick=', "not an address"])
def test_a_permalink_that_is_no_address_never_becomes_a_link(hands: Hands, post: Post, permalink: str) -> None:
    set_state(hands, post, "needs_person")
    hands.post(f"/desk/unggahan/{post.id}/sasaran/{post.targets[0].id}/jawaban", jawaban="ada", permalink=permalink)
    assert all_posts(hands)[0].targets[0].permalink is None


def test_the_journal_is_told_in_plain_words(hands: Hands, post: Post) -> None:
    with database.writing(hands.engine) as connection:
        row = {"village_id": hands.village_id, "target_id": post.targets[0].id, "worker": "w"}
        first = journal.begin(connection, **row, step="prepare", at=making.NOW)
        journal.end(connection, first, outcome="done", at=making.NOW)
        second = journal.begin(connection, **row, step="publish", at=making.NOW)
        journal.end(connection, second, outcome="server", failure=Failure("server", sent="maybe", status=500, code=2), at=making.NOW)
    hands.clock[0] += timedelta(minutes=10)
    page = hands.get(f"/desk/unggahan/{post.id}").text
    for text in ("Gambar sampai di jaringan", "tidak mengirim ulang sebelum memeriksanya", "HTTP 500"):
        assert text in page


def test_every_state_of_a_post_has_its_page(hands: Hands, post: Post) -> None:
    for state in targets.STATES:
        set_state(hands, post, state)
        assert [hands.get(path).status_code for path in ("/desk", "/desk/unggahan", f"/desk/unggahan/{post.id}")] == [200, 200, 200]


def test_a_contributor_looks_and_writes_but_does_not_schedule(hands: Hands, account_id: int) -> None:
    hands.as_member(login="rangga", role="contributor")
    assert "Yang menjadwalkan adalah operator desa" in hands.get(f"/desk/unggahan/baru?produk={hands.product.id}").text
    assert hands.post("/desk/unggahan", **form(hands, account_id)).status_code == 403


def test_an_account_is_connected_by_the_form_of_its_network_and_its_key_is_never_shown(hands: Hands) -> None:
    assert 'name="base_url"' in hands.get("/desk/akun/baru/practice").text
    wrong = hands.post("/desk/akun/baru/practice", title="", base_url="http://127.0.0.1:9", handle="desa", token="kunci-rahasia")
    assert wrong.status_code == 422
    assert "kunci-rahasia" not in wrong.text
    assert 'value="http://127.0.0.1:9"' in wrong.text
    hands.post("/desk/akun/baru/practice", title="Latihan", base_url="http://127.0.0.1:9", handle="desa", token="kunci-rahasia")
    page = hands.get("/desk/akun").text
    assert "Latihan" in page
    assert "kunci-rahasia" not in page
    assert hands.get("/desk/akun/baru/none").status_code == 404


def test_a_removed_account_is_gone_from_the_list_and_the_form(hands: Hands, account_id: int) -> None:
    assert hands.post(f"/desk/akun/{account_id}/pelepasan").status_code == 303
    assert "Linimasa desa" not in hands.get("/desk/akun").text
    assert "Belum ada akun yang terhubung" in hands.get(f"/desk/unggahan/baru?produk={hands.product.id}").text


def test_what_does_not_fit_is_told_beside_the_pictures_in_plain_words(hands: Hands, account_id: int) -> None:
    calm = unescape(hands.get(f"/desk/unggahan/baru?produk={hands.product.id}").text)
    assert "huruf atau emoji" not in calm
    with database.writing(hands.engine) as connection:
        words = {"name": {"id": "Keripik apel \U00012000"}, "story": {"id": "Sudah bersertifikat halal."}}
        products.change(connection, hands.village_id, hands.product.id, **words, at=making.NOW)
    page = unescape(hands.post("/desk/unggahan/pratinjau", **form(hands, account_id, anew="1", style="cerita")).text)
    assert page.count("huruf atau emoji yang tidak dikenal") == 1
    assert "karena nomornya belum diisi" in page


def test_a_small_photo_is_told_and_the_missing_one_only_once(hands: Hands, account_id: int) -> None:
    with database.writing(hands.engine) as connection:
        small = making.photo(connection, hands.store, hands.village_id, width=200, height=160)
        products.set_photos(connection, hands.village_id, hands.product.id, [small.id])
    page = unescape(hands.post("/desk/unggahan/pratinjau", **form(hands, account_id)).text)
    assert page.count("bisa tampak kabur") == 1
    with database.writing(hands.engine) as connection:
        products.set_photos(connection, hands.village_id, hands.product.id, [])
    page = unescape(hands.post("/desk/unggahan/pratinjau", **form(hands, account_id)).text)
    assert "belum punya foto" in page
    assert "motif batik desa yang tampil" not in page
