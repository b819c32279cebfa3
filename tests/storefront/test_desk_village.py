"""The village at the desk: its words, colours told in words, its point on the map; and whatever is wrong, nothing typed is lost."""

from html import unescape
from io import BytesIO
from typing import Any

import making
import pytest
from desk_hands import Hands
from PIL import Image

from storefront import database, palettes, promotion, villages
from storefront.villages import Village

GOOD: dict[str, str] = {
    "name": "Wonorejo",
    "district": "Bumiaji",
    "regency": "Kota Batu",
    "province": "Jawa Timur",
    "zone": "Asia/Makassar",
    "tagline_id": "Hasil lereng & “kebun”",
    "tagline_en": "From the slope",
    "story_id": "Di lereng selatan.",
    "whatsapp": "0812-0000-1111",
    "hashtags": "#DesaWonorejo, wisata batu",
    "primary": "#2B6140",
    "dark": "#16302a",
    "accent": "#b1481f",
    "light": "#f7f0e3",
    "pattern": "parang",
    "point": "-7.8068, 112.5561",
}


def village(hands: Hands) -> Village:
    with database.reading(hands.engine) as connection:
        return villages.get(connection, hands.village_id)


def test_the_village_gets_its_face_and_the_shop_shows_it(hands: Hands) -> None:
    before = village(hands).revision
    files = [("photo", ("gapura.jpg", making.picture(colour="#336699")))]
    assert hands.browser.post("/desk/desa", data=GOOD, files=files).headers["location"] == "/desk/desa?kabar=saved"
    now = village(hands)
    assert now.revision > before
    assert (now.zone, now.whatsapp, now.latitude, now.longitude) == ("Asia/Makassar", "6281200001111", -7.8068, 112.5561)
    assert now.brand["tagline"] == {"id": "Hasil lereng & “kebun”", "en": "From the slope"}
    assert now.brand["hashtags"] == ["#DesaWonorejo", "#Wisata", "#Batu"]
    assert (now.brand["colours"]["primary"], now.brand["pattern"]) == ("#2b6140", "parang")
    assert now.photo_id is not None
    assert "Di lereng selatan." in hands.get("/").text


def logo(colours: tuple[str, ...] = ("#7a1f3d", "#e0a020"), side: int = 400, kind: str = "PNG") -> bytes:
    """A logo in stripes on a see-through ground."""
    drawn = Image.new("RGBA" if kind == "PNG" else "RGB", (side, side))
    for place, colour in enumerate(colours):
        drawn.paste(colour, (side // 8, side // 8 + place * side // 3, side - side // 8, side // 8 + (place + 1) * side // 3 - side // 30))
    out = BytesIO()
    drawn.save(out, kind)
    return out.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 60"><rect width="100" height="60" fill="#123f8a"/></svg>'


@pytest.mark.parametrize("data", [logo(), SVG], ids=["png", "svg"])
def test_a_logo_is_kept_shown_and_worn_by_posters_until_it_is_dropped(hands: Hands, data: bytes) -> None:
    hands.browser.post("/desk/desa", data=GOOD, files=[("logo", ("logo.png", data))])
    sha256 = village(hands).brand["logo"]
    page = unescape(hands.get("/desk/desa").text)
    assert f"/desk/desa/logo-{sha256}.png" in page
    shown = hands.get(f"/desk/desa/logo-{sha256}.png")
    assert shown.headers["content-type"] == "image/png"
    assert max(Image.open(BytesIO(shown.content)).size) <= 768
    hands.post("/desk/desa", **GOOD, logo_sha=sha256)
    assert village(hands).brand["logo"] == sha256
    worn = promotion.facts(hands.store, village(hands), hands.product, "id").logo
    assert worn == shown.content
    hands.post("/desk/desa", **GOOD, logo_sha=sha256, drop_logo="1")
    assert village(hands).brand["logo"] == ""


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"not a picture", "bukan gambar yang bisa kami buka"),
        (SVG.replace(b"<rect", b"<image href='x'/><rect"), "SVG ini berisi gambar tempelan"),
        (logo(side=20), "terlalu kecil"),
        (making.picture(6_000, 6_000, kind="PNG"), "terlalu besar untuk dibuka"),
        (logo(()), "tidak ada yang terlihat"),
    ],
    ids=["text", "svg", "tiny", "huge", "empty"],
)
def test_a_logo_that_cannot_be_used_is_told_in_a_sentence_and_nothing_typed_is_lost(hands: Hands, data: bytes, sentence: str) -> None:
    answer = hands.browser.post("/desk/desa", data={**GOOD, "story_id": "Kata baru"}, files=[("logo", ("logo.png", data))])
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert sentence in page
    assert "Kata baru" in page
    assert not village(hands).brand.get("logo")


def test_colours_are_proposed_from_the_logo_and_nothing_is_changed_yet(hands: Hands) -> None:
    before = village(hands)
    files = [("logo", ("logo.png", logo()))]
    page = unescape(hands.browser.post("/desk/desa/pratinjau", data={**GOOD, "usul": "1"}, files=files).text)
    assert village(hands) == before
    found = {role: page.partition(f'id="{role}" name="{role}" value="')[2][:7] for role in ("primary", "dark", "accent", "light")}
    assert found != {role: GOOD[role] for role in found}
    red, green, blue = (int(found["primary"][place : place + 2], 16) for place in (1, 3, 5))
    assert red > green
    assert red > blue
    assert all(not one.is_mended for one in palettes.judged({"colours": found}) if one.role == "dark")
    assert 'name="logo_sha"' in page
    assert hands.get(page.partition('data-kit src="')[2].partition('"')[0]).headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("files", "sentence"), [([], "Unggah logo dulu"), ([("logo", ("l.png", logo(("#222222",))))], "hitam, putih atau abu-abu")]
)
def test_without_a_logo_or_its_colours_the_clerk_is_told(hands: Hands, files: list[Any], sentence: str) -> None:
    page = unescape(hands.browser.post("/desk/desa/pratinjau", data={**GOOD, "usul": "1"}, files=files).text)
    assert sentence in page
    assert 'value="#2b6140"' in page.lower()


def test_another_picture_of_the_folder_is_no_logo(hands: Hands) -> None:
    photo = hands.product.photos[0].sha256
    hands.post("/desk/desa", **GOOD, logo_sha=photo)
    assert not village(hands).brand.get("logo")
    assert hands.get(f"/desk/desa/logo-{photo}.png").status_code == 404


def test_the_tone_is_the_style_that_new_posts_begin_with(hands: Hands) -> None:
    hands.post("/desk/desa", **GOOD, tone="polos")
    assert village(hands).brand["tone"] == "polos"
    page = hands.get(f"/desk/unggahan/baru?produk={hands.product.id}").text
    assert '<option value="polos" selected>' in page
    assert hands.post("/desk/desa", **GOOD, tone="galak").status_code == 422


def test_what_the_form_shows_is_what_is_kept_when_it_is_sent_back(hands: Hands) -> None:
    hands.post("/desk/desa", **GOOD)
    before = village(hands)
    page = unescape(hands.get("/desk/desa").text)
    for text in ("+62 812-0000-1111", "#DesaWonorejo #Wisata #Batu", "-7.8068, 112.5561"):
        assert text in page
    hands.post("/desk/desa", **{**GOOD, "whatsapp": "+62 812-0000-1111", "hashtags": "#DesaWonorejo #Wisata #Batu"})
    after = village(hands)
    assert (after.brand, after.whatsapp, after.story) == (before.brand, before.whatsapp, before.story)


def test_what_the_form_does_not_know_of_the_brand_is_kept(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        villages.change(connection, hands.village_id, brand={"logo": "f" * 64, "tagline": {"jv": "Saking lereng"}})
    hands.post("/desk/desa", **GOOD)
    brand = village(hands).brand
    assert brand["logo"] == "f" * 64
    assert brand["tagline"]["jv"] == "Saking lereng"


@pytest.mark.parametrize(
    ("colours", "told"),
    [
        ({}, "Tulisan putih di atasnya mudah dibaca (7,2 banding 1)."),
        ({"primary": "#ffee00"}, "Terlalu terang untuk tulisan putih (1,2 banding 1)."),
        ({"accent": "#ffee00"}, "Sulit dibaca di atas latar toko"),
        ({"light": "#333333"}, "Terlalu gelap untuk latar"),
    ],
)
def test_colours_are_tried_without_being_kept_and_their_contrast_is_told_in_words(hands: Hands, colours: dict[str, str], told: str) -> None:
    before = village(hands)
    page = unescape(hands.post("/desk/desa/pratinjau", **{**GOOD, **colours}).text)
    assert told in page
    assert ("Di toko kami pakai" in page) is bool(colours)
    assert "Hasil lereng & “kebun”" in page
    assert village(hands) == before


@pytest.mark.parametrize("query", ["", "?primary=%23ffee00&dark=%23ffffff&accent=red&motif=mega"])
def test_a_poster_is_drawn_in_the_colours_of_the_address(hands: Hands, query: str) -> None:
    answer = hands.get(f"/desk/desa/pratinjau.jpg{query}")
    assert Image.open(BytesIO(answer.content)).size == (378, 378)


def test_a_village_without_goods_sees_its_colours_too(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        empty = making.village(connection, name="Sumberejo")
        somebody = making.member(connection, empty, login="sari")
    hands.sign_in(somebody)
    assert hands.get("/desk/desa/pratinjau.jpg").status_code == 200


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "Bagian ini perlu diisi"),
        ({"tagline_id": "A" * 81}, "paling banyak 80 huruf"),
        ({"whatsapp": "(0341) 551234"}, "nomor telepon rumah"),
        ({"point": "52.37, 4.89"}, "berada di luar Indonesia"),
        ({"zone": "Europe/Paris"}, "Pilihan ini tidak ada"),
        ({"pattern": "polkadot"}, "Pilihan ini tidak ada"),
        ({"accent": "merah bata"}, "“merah bata” bukan warna"),
        ({"hashtags": " ".join(f"tagar{number}a" for number in range(11))}, "Paling banyak 10 tagar"),
    ],
)
def test_a_wrong_field_gets_a_sentence_and_nothing_typed_is_lost(hands: Hands, changed: dict[str, Any], sentence: str) -> None:
    before = village(hands)
    answer = hands.post("/desk/desa", **{**GOOD, **changed})
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert sentence in page
    for name in ("story_id", "tagline_en", "point", "hashtags", "whatsapp"):
        assert {**GOOD, **changed}[name] in page
    assert village(hands) == before


def test_only_the_operator_changes_the_village(hands: Hands) -> None:
    hands.as_member(login="budi", role="contributor")
    assert hands.post("/desk/desa", **GOOD).status_code == 403
    page = hands.get("/desk/desa")
    assert page.status_code == 200
    assert "Simpan</button>" not in page.text
