"""The post editor: pictures that follow what is typed, drafts that keep themselves, the point every crop keeps, albums, events, a ZIP."""

import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import making
import pytest
from desk_hands import Hands
from PIL import Image

from campaigns import links, qrcodes
from promo import photos, posters, posts
from storefront import database, drafts, makers, media, products
from storefront.drafts import Draft

ALL = "/desk/unggahan"

# What the pages say does not depend on the kind of database; the drafts themselves are tried on both in test_packs.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def form(hands: Hands) -> Callable[..., dict[str, Any]]:
    """form(judul="Manis") is the editor's form about the product, with one account."""
    with database.writing(hands.engine) as connection:
        account = making.account(connection, hands.village_id, title="Linimasa desa")
    photo = hands.product.photos[0]

    def filled(**changed: Any) -> dict[str, Any]:
        row = {"produk": hands.product.id, "foto": photo.id, "poster": "foto-penuh", "style": "hangat", "language": "id", "seed": 3}
        row |= {"caption": "Keripik apel {link}", "account": account.id, "date": "2026-11-24", "time": "07:00", "draf": ""}
        return {**row, **changed}

    return filled


Form = Callable[..., dict[str, Any]]


def kept(hands: Hands) -> list[Draft]:
    with database.reading(hands.engine) as connection:
        return drafts.listed(connection, hands.village_id)


def all_posts(hands: Hands) -> list[posts.Post]:
    with database.reading(hands.engine) as connection:
        return posts.listed(connection, hands.village_id)


# ---- pictures while somebody types ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(posters.FORMATS))
def test_a_live_picture_shows_what_is_typed_at_540_pixels(hands: Hands, form: Form, name: str) -> None:
    path = f"{ALL}/pratinjau.jpg?format={name}"
    plain, typed = hands.post(path, **form()), hands.post(path, **form(judul="Renyah sekali"))
    wide = 600 if name == "landscape" else 540
    assert Image.open(BytesIO(typed.content)).width == wide
    assert plain.content != typed.content
    assert hands.post(path, **form()).content == plain.content
    assert kept(hands) == []


def test_what_a_live_picture_lacks_is_told_beside_it(hands: Hands, form: Form) -> None:
    answer = hands.post(f"{ALL}/pratinjau.jpg?format=square", **form(judul="Keripik \U00012000"))
    assert "letter" not in answer.headers["gapura-told"]
    assert any("tidak dikenal huruf poster" in one for one in json.loads(unquote(answer.headers["gapura-told"])))
    assert json.loads(unquote(hands.post(f"{ALL}/pratinjau.jpg?format=square", **form()).headers["gapura-told"])) == []


def test_a_code_on_a_preview_can_be_read(hands: Hands, form: Form) -> None:
    jpeg = hands.post(f"{ALL}/pratinjau.jpg?format=square", **form(kode="1")).content
    assert qrcodes.read(*photos.grey(jpeg)) == ["HTTP://TESTSERVER/Q/000000"]


def test_the_words_are_counted_as_each_network_counts(hands: Hands, form: Form) -> None:
    answer = hands.post(f"{ALL}/hitung", **form(caption="😀" * 2_200 + "{link}")).json()
    assert answer["accounts"][0]["length"] == 2_200 + len("http://testserver/Q/000000")
    assert answer["accounts"][0]["most"] == 2_200
    assert "paling banyak 2200" in answer["told"][0]
    assert hands.post(f"{ALL}/hitung", **form()).json()["told"] == []


@pytest.mark.parametrize("path", ["pratinjau.jpg?format=square", "hitung", "draf", "berkas.zip"])
def test_nothing_of_it_is_for_strangers_or_about_nothing(hands: Hands, form: Form, path: str) -> None:
    assert hands.post(f"{ALL}/{path}", **form(produk=999_999)).status_code == 404
    hands.browser.cookies.clear()
    assert hands.post(f"{ALL}/{path}", **form()).status_code == 303


def test_a_look_that_has_no_place_for_a_text_says_so(hands: Hands, form: Form) -> None:
    page = hands.post(f"{ALL}/pratinjau", **form(poster="foto-penuh")).text
    for field in ("title", "kicker", "badge", "body"):
        part = page.partition(f'data-needs="{field}"')[2].partition("unseen-here")[2].partition(">")[0]
        assert ("hidden" in part) == (field in re.search(r'value="foto-penuh" data-shows="([^"]*)"', page)[1].split())  # type: ignore[index]


# ---- drafts -----------------------------------------------------------------------------------------------------------------------


def test_the_editor_keeps_a_draft_by_itself_and_goes_on_with_the_same_one(hands: Hands, form: Form) -> None:
    first = hands.browser.post(f"{ALL}/draf", data=form(judul="Satu"), headers={"Accept": "application/json"}).json()
    again = hands.browser.post(f"{ALL}/draf", data=form(judul="Dua", draf=first["id"]), headers={"Accept": "application/json"}).json()
    assert first["id"] == again["id"]
    assert "10.00" in again["told"]
    assert [(one.title, one.form["judul"]) for one in kept(hands)] == [("Dua", ["Dua"])]
    page = unescape(hands.get(f"{ALL}/draf/{first['id']}").text)
    for text in ('value="Dua"', "Keripik apel {link}", 'value="2026-11-24"'):
        assert text in page
    assert f"{ALL}/draf/{first['id']}" in hands.get(ALL).text


def test_without_javascript_the_buttons_keep_it_too(hands: Hands, form: Form) -> None:
    answer = hands.post(f"{ALL}/draf", **form(isi="Baru digoreng."))
    (one,) = kept(hands)
    assert answer.headers["location"] == f"{ALL}/draf/{one.id}?kabar=draft_kept"
    assert "Baru digoreng." in hands.get(answer.headers["location"]).text
    page = hands.post(f"{ALL}/pratinjau", **form(isi="Lain.", draf=one.id)).text
    assert f'name="draf" value="{one.id}"' in page
    assert [draft.form["isi"] for draft in kept(hands)] == [["Lain."]]


def test_a_draft_that_became_a_post_is_gone_and_one_that_could_not_is_kept(hands: Hands, form: Form) -> None:
    wrong = hands.post(ALL, **form(caption="tanpa tautan"))
    assert wrong.status_code == 422
    (one,) = kept(hands)
    hands.post(ALL, **form(draf=one.id))
    assert len(all_posts(hands)) == 1
    assert kept(hands) == []


def test_a_draft_is_thrown_away_and_of_another_village_nobody_sees_it(hands: Hands, form: Form) -> None:
    hands.post(f"{ALL}/draf", **form())
    with database.writing(hands.engine) as connection:
        other = making.village(connection, name="Sumberejo")
        theirs = drafts.keep(connection, village_id=other, draft_id=None, title="X", form={}, due_at=None, at=making.NOW, made_by=None)
    assert hands.get(f"{ALL}/draf/{theirs}").status_code == 404
    hands.post(f"{ALL}/draf/{theirs}/pembuangan")
    (one,) = kept(hands)
    hands.post(f"{ALL}/draf/{one.id}/pembuangan")
    assert kept(hands) == []
    with database.reading(hands.engine) as connection:
        assert drafts.get(connection, other, theirs).title == "X"


def test_writing_anew_never_repeats_what_the_village_has_said(hands: Hands, form: Form) -> None:
    said: list[str] = []
    for _ in range(4):
        page = unescape(hands.post(f"{ALL}/pratinjau", **form(caption=said[-1] if said else "", anew="1", style="polos")).text)
        words = page.partition('<textarea id="caption"')[2].partition(">")[2].partition("</textarea>")[0].strip()
        hands.post(ALL, **form(caption=words))
        said.append(words)
    assert len({words.split("\n")[0] for words in said}) == 4


# ---- photos -----------------------------------------------------------------------------------------------------------------------


def focus(hands: Hands) -> tuple[float, float]:
    with database.reading(hands.engine) as connection:
        return media.get(connection, hands.village_id, hands.product.photos[0].id).focus


def test_a_tap_on_the_photo_moves_its_point_and_is_kept_with_it(hands: Hands, form: Form) -> None:
    tapped = {"fokus_foto": hands.product.photos[0].id, "fokus_w": 280, "fokus_h": 210, "fokus.x": 28, "fokus.y": 189}
    page = hands.post(f"{ALL}/pratinjau", **form(**tapped, fokus_kiri=50, fokus_atas=50)).text
    assert focus(hands) == (0.1, 0.9)
    assert 'cx="10%" cy="90%"' in page


def test_the_sliders_do_the_same_and_a_live_picture_moves_before_it_is_kept(hands: Hands, form: Form) -> None:
    with database.writing(hands.engine) as connection:
        lively = making.photo(connection, hands.store, hands.village_id, width=900, height=600)
        products.set_photos(connection, hands.village_id, hands.product.id, [lively.id])
        media.set_focus(connection, hands.village_id, lively.id, (0.5, 0.5))
    hands.product = replace(hands.product, photos=(lively,))
    there = {"foto": lively.id, "fokus_foto": lively.id, "fokus_kiri": 100, "fokus_atas": 0}
    hands.post(f"{ALL}/pratinjau.jpg?format=square", **form(**there))
    assert focus(hands) == (0.5, 0.5)
    hands.post(f"{ALL}/draf", **form(**there))
    assert focus(hands) == (1.0, 0.0)


@pytest.mark.parametrize(
    "spot",
    [
        {"fokus.x": "0", "fokus.y": "0", "fokus_w": "280", "fokus_h": "210"},  # a key press on the picture
        {"fokus_kiri": "x", "fokus_atas": "1"},
        {"fokus_kiri": "140", "fokus_atas": "1"},
        {"fokus_kiri": "nan", "fokus_atas": "1"},
        {"fokus.x": "9", "fokus.y": "9", "fokus_w": "0", "fokus_h": "0"},
    ],
)
def test_what_is_no_point_moves_nothing(hands: Hands, form: Form, spot: dict[str, str]) -> None:
    before = focus(hands)
    answer = hands.post(f"{ALL}/pratinjau", **form(fokus_foto=hands.product.photos[0].id, **spot))
    assert answer.status_code == 200
    assert focus(hands) == before


def test_another_photo_is_uploaded_for_this_post_only(hands: Hands, form: Form) -> None:
    files = [("photo", ("lain.jpg", making.picture(colour="#2244aa")))]
    page = hands.browser.post(f"{ALL}/pratinjau", data=form(), files=files).text
    number = re.search(r'name="lain" value="(\d+)"', page)
    assert number is not None
    assert re.search(rf'name="foto" value="{number[1]}" checked', page)
    typed = form(lain=number[1], foto=number[1])
    assert (
        hands.post(f"{ALL}/pratinjau.jpg?format=square", **typed).content
        != hands.post(f"{ALL}/pratinjau.jpg?format=square", **form()).content
    )
    with database.reading(hands.engine) as connection:
        assert len(products.get(connection, hands.village_id, hands.product.id).photos) == 1
    broken = hands.browser.post(f"{ALL}/pratinjau", data=form(judul="Tetap"), files=[("photo", ("x.jpg", b"no"))])
    assert broken.status_code == 422
    assert 'value="Tetap"' in broken.text


def dim_photo(seed: int = 3) -> bytes:
    out = BytesIO()
    Image.effect_noise((900, 700), 30).point(lambda value: value // seed).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def test_a_dim_photo_may_be_brightened_and_both_are_shown(hands: Hands, form: Form) -> None:
    with database.writing(hands.engine) as connection:
        photo = media.add_photo(connection, hands.store, hands.village_id, dim_photo(), alt={}, at=making.NOW)
        products.set_photos(connection, hands.village_id, hands.product.id, [photo.id])
    page = hands.get(f"{ALL}/baru?produk={hands.product.id}").text
    assert f"/desk/unggahan/cerah/{photo.id}.jpg" in page
    assert re.search(r'name="cerah" value="1" checked', page)
    means = []
    for more in ({}, {"cerah": "1"}):
        jpeg = hands.post(f"{ALL}/pratinjau.jpg?format=story", **form(foto=photo.id, **more)).content
        means.append(sum(Image.open(BytesIO(jpeg)).convert("L").resize((1, 1)).tobytes()))
    assert means[1] > means[0] + 10
    assert Image.open(BytesIO(hands.get(f"/desk/unggahan/cerah/{photo.id}.jpg").content)).width == 320


@pytest.mark.parametrize("album", ["1", ""], ids=["an album", "one picture of several"])
def test_of_several_products_every_dim_photo_is_shown_before_and_after_and_the_choice_holds(hands: Hands, form: Form, album: str) -> None:
    with database.writing(hands.engine) as connection:
        dim = [media.add_photo(connection, hands.store, hands.village_id, dim_photo(n), alt={}, at=making.NOW) for n in (3, 4)]
        others = [
            making.product(connection, hands.village_id, hands.product.maker_id, name=f"Teh {one.id}", photo_ids=[one.id]).id for one in dim
        ]
    about = [hands.product.id, *others]
    page = unescape(hands.get(f"{ALL}/baru?{'&'.join(f'produk={one}' for one in about)}{'&album=1' if album else ''}").text)
    assert re.findall(r"/desk/unggahan/cerah/(\d+).jpg", page) == [str(one.id) for one in dim]
    assert "2 foto agak gelap" in page
    assert re.search(r'name="cerah" value="1" checked', page)
    poster = posters.carousels()[0] if album else "empat"
    typed = form(produk=about, foto=[], poster=poster, album=album)
    without = unescape(hands.post(f"{ALL}/pratinjau", **typed).text)
    assert re.search(r'name="cerah" value="1">', without)
    means = []
    for more in ({}, {"cerah": "1"}):
        jpeg = hands.post(f"{ALL}/pratinjau.jpg?format=portrait&nomor=3", **typed, **more).content
        means.append(sum(Image.open(BytesIO(jpeg)).convert("L").resize((1, 1)).tobytes()))
    assert means[1] > means[0] + 4


def test_the_small_pictures_of_all_looks_show_what_is_typed(hands: Hands, form: Form) -> None:
    page = unescape(hands.post(f"{ALL}/pratinjau", **form(judul="Renyah sekali", poster="foto-penuh")).text)
    tiles = re.findall(r'<img src="([^"]*)" width="135"', page)
    assert tiles
    assert all("judul=Renyah+sekali" in address for address in tiles)
    (source,) = [one for one in re.findall(r'data-tile="([^"]*)"', page) if one.endswith("poster=bingkai")]
    live = hands.post(source, **form(judul="Renyah sekali", poster="foto-penuh"))
    assert Image.open(BytesIO(live.content)).size == (270, 270)
    (still,) = [one for one in tiles if "poster=bingkai" in one]
    assert live.content == hands.get(still).content
    assert hands.post(source.replace("bingkai", "none"), **form()).status_code == 404


def test_a_code_on_a_preview_can_be_read_whatever_is_typed_beside_it(hands: Hands, form: Form) -> None:
    path = f"{ALL}/pratinjau.jpg?format=square"
    pictures = [hands.post(path, **form(kode="1", judul=f"Renyah {n}")).content for n in range(3)]
    assert len(set(pictures)) == 3
    assert all(qrcodes.read(*photos.grey(one)) == ["HTTP://TESTSERVER/Q/000000"] for one in pictures)


# ---- albums, places, makers, events -------------------------------------------------------------------------------------------------


def test_several_products_make_an_album_that_is_sent_as_one_post(hands: Hands, form: Form) -> None:
    with database.writing(hands.engine) as connection:
        photo = making.photo(connection, hands.store, hands.village_id, colour="#446622")
        more = making.product(connection, hands.village_id, hands.product.maker_id, name="Teh krisan", photo_ids=[photo.id])
    page = unescape(hands.get(f"{ALL}/baru?produk={hands.product.id}&produk={more.id}&album=1").text)
    assert page.count("data-source=") == 4
    assert "Keripik apel, Teh krisan" in page
    assert 'placeholder="2 pilihan dari Desa Wonorejo"' in page
    caption = page.partition('<textarea id="caption"')[2].partition("</textarea>")[0]
    for told in ("Keripik apel dan Teh krisan", "Keripik apel Rp\u00a015.000 per", "Teh krisan Rp\u00a015.000 per"):
        assert told in caption  # the words are about all of them, too
    typed = form(produk=[hands.product.id, more.id], album="1", poster=posters.carousels()[0], foto=[])
    for number in (1, 2, 3, 4):
        assert Image.open(BytesIO(hands.post(f"{ALL}/pratinjau.jpg?format=portrait&nomor={number}", **typed).content)).size == (540, 675)
    hands.post(ALL, **typed)
    (post,) = all_posts(hands)
    assert [one["alt"].split(",")[0] for one in post.targets[0].media][1:3] == ["Keripik apel", "Teh krisan"]
    assert len(post.targets[0].media) == 4
    shown = unescape(hands.get(f"{ALL}/{post.id}").text)
    assert post.pictures["portrait 3"] in shown


def test_several_products_stand_on_one_picture(hands: Hands, form: Form) -> None:
    with database.writing(hands.engine) as connection:
        photo = making.photo(connection, hands.store, hands.village_id, colour="#446622")
        ids = [
            making.product(connection, hands.village_id, hands.product.maker_id, name=f"Teh {n}", photo_ids=[photo.id]).id for n in range(3)
        ]
    page = hands.get(f"{ALL}/baru?produk={ids[0]}&produk={ids[1]}&produk={ids[2]}").text
    offered = set(re.findall(r'name="poster" value="([\w-]+)"', page))
    assert offered
    assert all(posters.wants(name)[0] <= 3 <= posters.wants(name)[1] for name in offered)
    hands.post(ALL, **form(produk=ids, poster=min(offered), foto=[]))
    assert len(all_posts(hands)[0].targets[0].media) == 1


def test_a_place_a_maker_and_an_event_have_their_own_editors(hands: Hands, form: Form) -> None:
    with database.writing(hands.engine) as connection:
        spot = making.attraction(connection, hands.village_id, photo_id=hands.product.photos[0].id)
        maker = makers.get(connection, hands.village_id, hands.product.maker_id)
    pick = hands.get(f"{ALL}/baru").text
    for path, text in (
        (f"wisata={spot.id}", "Air terjun"),
        (f"umkm={maker.id}", "Bu Sri"),
        ("acara=1&acara_judul=Pasar+Lereng", "Pasar Lereng"),
    ):
        assert f"{ALL}/baru?{path.partition('&')[0]}" in pick
        page = unescape(hands.get(f"{ALL}/baru?{path}").text)
        assert text in page.partition('<textarea id="caption"')[2].partition("</textarea>")[0]
    typed = form(produk=[], foto=[], acara="1", acara_judul="Pasar Lereng", acara_tempat="Balai desa", poster="acara")
    assert hands.post(ALL, **typed).status_code == 303
    assert all_posts(hands)[0].subject_kind == "event"


def test_an_event_without_a_name_asks_for_one(hands: Hands, form: Form) -> None:
    answer = hands.post(ALL, **form(produk=[], foto=[], acara="1", acara_judul="", poster="acara"))
    assert answer.status_code == 422
    assert "Pilih dulu apa yang mau diceritakan" in answer.text


def test_a_javanese_greeting_can_be_chosen_and_says_that_nobody_has_read_it_yet(hands: Hands, form: Form) -> None:
    page = unescape(hands.post(f"{ALL}/pratinjau", **form(language="jv", anew="1", caption="")).text)
    assert "belum diperiksa penutur asli" in page
    assert "Keripik apel" in page
    assert '<option value="jv" selected>Indonesia, sapaan Jawa' in page


# ---- files ------------------------------------------------------------------------------------------------------------------------


def test_all_pictures_and_the_words_come_in_one_zip_with_a_link_of_their_own(hands: Hands, form: Form) -> None:
    answer = hands.post(f"{ALL}/berkas.zip", **form(kode="1", judul="Keripik apel Manalagi"))
    archive = zipfile.ZipFile(BytesIO(answer.content))
    names = {f"keripik-apel-manalagi-{name}.jpg" for name in posters.FORMATS}
    assert set(archive.namelist()) == names | {"keripik-apel-manalagi.txt"}
    with database.reading(hands.engine) as connection:
        (link,) = links.listed(connection, hands.village_id, kind="post")
    text = archive.read("keripik-apel-manalagi.txt").decode()
    assert f"http://testserver/Q/{link.code}" in text
    assert "Keripik apel Manalagi, Keripik di tampah" in text
    for name, size in posters.FORMATS.items():
        jpeg = archive.read(f"keripik-apel-manalagi-{name}.jpg")
        assert Image.open(BytesIO(jpeg)).size == size
        assert qrcodes.read(*photos.grey(jpeg)) == [f"HTTP://TESTSERVER/Q/{link.code}"]
    hands.post(f"{ALL}/berkas.zip", **form(draf=kept(hands)[0].id))
    with database.reading(hands.engine) as connection:
        assert len(links.listed(connection, hands.village_id, kind="post")) == 1


def test_the_files_of_a_made_post_are_what_is_sent(hands: Hands, form: Form) -> None:
    hands.post(ALL, **form())
    (post,) = all_posts(hands)
    archive = zipfile.ZipFile(BytesIO(hands.get(f"{ALL}/{post.id}/berkas.zip").content))
    assert archive.read("keripik-apel-portrait.jpg") == hands.store.read(post.targets[0].media[0]["sha256"])
    assert post.targets[0].caption in archive.read("keripik-apel.txt").decode()


# ---- month packs --------------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("form")
def test_a_month_is_filled_looked_over_changed_and_scheduled(hands: Hands) -> None:
    assert "Desember 2026" in hands.get(f"{ALL}/paket").text
    answer = hands.post(f"{ALL}/paket", bulan="2026-12", jumlah="3")
    assert answer.headers["location"] == f"{ALL}/paket/2026-12?kabar=pack_made"
    page = unescape(hands.get(answer.headers["location"]).text)
    found = kept(hands)
    assert all(f"{ALL}/draf/{one.id}" in page for one in found)
    broken = {**dict(found[1].form.items()), "caption": "tanpa tautan", "draf": found[1].id}
    hands.post(f"{ALL}/draf", **broken)
    answer = hands.post(f"{ALL}/paket/2026-12/jadwal")
    assert answer.status_code == 422
    assert "tidak memuat {link}" in unescape(answer.text)
    assert len(all_posts(hands)) == 2
    assert [one.id for one in kept(hands)] == [found[1].id]
    hands.post(f"{ALL}/draf/{found[1].id}/pembuangan")
    assert hands.get(f"{ALL}/paket/2026-12").status_code == 404


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"bulan": "2026-12", "jumlah": "0"}, "1 sampai 31"),
        ({"bulan": "2026-12", "jumlah": "banyak"}, "1 sampai 31"),
        ({"bulan": "2031-12", "jumlah": "4"}, "Pilih"),
        ({"bulan": "../x", "jumlah": "4"}, "Pilih"),
    ],
)
def test_a_month_that_cannot_be_filled_is_told(hands: Hands, typed: dict[str, str], sentence: str) -> None:
    answer = hands.post(f"{ALL}/paket", **typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert kept(hands) == []


# ---- the script -----------------------------------------------------------------------------------------------------------------------


def test_the_script_has_an_address_of_its_text_and_is_kept_by_the_browser(hands: Hands) -> None:
    page = hands.get(f"{ALL}/baru?produk={hands.product.id}")
    found = re.search(r'<script type="module" src="(/desk/skrip/post-editor\.js\?v=\w+)"></script>', page.text)
    assert found is not None
    assert "script-src 'self'" in page.headers["content-security-policy"]
    answer = hands.get(found[1])
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert hands.get("/desk/skrip/none.js").status_code == 404
    assert "<script>" not in page.text
    assert not re.search(r"\sstyle=|\son\w+=", page.text)


def test_a_price_that_would_be_cut_is_told_with_nothing_lost_and_another_look_takes_it(hands: Hands, form: Form) -> None:
    with database.writing(hands.engine) as connection:
        products.change(connection, hands.village_id, hands.product.id, price_idr=999_999_999_999, at=making.NOW)
    typed = form(poster="belah", judul="Manis sekali", caption="Kata-kata saya {link}")
    answer = hands.post(ALL, **typed)
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert "tidak boleh terpotong. Pilih poster lain" in page
    assert "Kata-kata saya {link}" in page
    assert 'value="Manis sekali"' in page
    assert all_posts(hands) == []
    assert [one.form["judul"] for one in kept(hands)] == [["Manis sekali"]]
    assert hands.post(ALL, **{**typed, "poster": "bingkai", "draf": kept(hands)[0].id}).status_code == 303
    assert kept(hands) == []


def test_a_draft_of_a_month_whose_price_would_be_cut_stays_with_its_sentence(hands: Hands, form: Form) -> None:
    assert hands.post(f"{ALL}/paket", bulan="2026-12", jumlah="2").status_code == 303
    with database.writing(hands.engine) as connection:
        products.change(connection, hands.village_id, hands.product.id, price_idr=999_999_999_999, at=making.NOW)
        first, *_ = drafts.listed(connection, hands.village_id)
        account = form()["account"]
        for one in drafts.listed(connection, hands.village_id):
            look = "belah" if one.id == first.id else "bingkai"
            changed = {**one.form, "poster": [look], "account": [str(account)]}
            drafts.keep(
                connection,
                village_id=hands.village_id,
                draft_id=one.id,
                title=one.title,
                form=changed,
                due_at=one.due_at,
                at=making.NOW,
                made_by="wati",
                pack="2026-12",
            )
    page = hands.post(f"{ALL}/paket/2026-12/jadwal")
    assert page.status_code == 422
    assert "tidak boleh terpotong" in unescape(page.text)
    assert [one.id for one in kept(hands)] == [first.id]
    assert len(all_posts(hands)) == 1
