"""Attractions at the desk: hours by weekday, ticket, map point and photo; and whatever is wrong, nothing typed is lost."""

from html import unescape
from typing import Any

import making
import pytest
from desk_hands import Hands

from storefront import attractions, database
from storefront.attractions import DAYS, Attraction

GOOD: dict[str, Any] = {
    "name_id": "Air Terjun “Sumber Arum”",
    "name_en": "Sumber Arum Waterfall",
    "story_id": "Dua puluh menit berjalan kaki.",
    "safety_id": "Batunya licin.",
    "open_mon": "07:00",
    "close_mon": "16:30",
    "closed_tue": "1",
    "open_sun": "6.00",
    "close_sun": "18.00",
    "same": "1",
    "last_entry": "16:00",
    "ticket": "10rb",
    "facility": ["toilet", "parking"],
    "point": "https://www.google.com/maps/@-7.8079,112.5572,17z",
}


def made(hands: Hands) -> list[Attraction]:
    with database.reading(hands.engine) as connection:
        return attractions.listed(connection, hands.village_id)


def send(hands: Hands, path: str = "/desk/wisata", **changed: Any) -> Any:
    return hands.browser.post(path, data={**GOOD, **changed})


def test_an_attraction_is_made_with_everything_a_tourist_asks_for(hands: Hands) -> None:
    files = [("photo", ("air.jpg", making.picture(colour="#336699")))]
    assert hands.browser.post("/desk/wisata", data=GOOD, files=files).status_code == 303
    (spot,) = made(hands)
    assert spot.name == {"id": "Air Terjun “Sumber Arum”", "en": "Sumber Arum Waterfall"}
    assert spot.hours == {**{day: ["07:00", "16:30"] for day in ("mon", "wed", "thu", "fri", "sat")}, "sun": ["06:00", "18:00"]}
    assert (spot.last_entry, spot.ticket_idr, spot.facilities) == ("16:00", 10_000, ["parking", "toilet"])
    assert (spot.latitude, spot.longitude) == (-7.8079, 112.5572)
    assert spot.photo is not None
    assert spot.photo.alt["en"] == "Sumber Arum Waterfall"
    assert "Batunya licin." in hands.get(f"/wisata/{spot.slug}").text


def test_what_the_form_shows_is_what_is_kept_when_it_is_sent_back(hands: Hands) -> None:
    files = [("photo", ("air.jpg", making.picture(colour="#336699")))]
    hands.browser.post("/desk/wisata", data=GOOD, files=files)
    (before,) = made(hands)
    page = unescape(hands.get(f"/desk/wisata/{before.id}").text)
    assert 'value="10.000"' in page
    assert "-7.8079, 112.5572" in page
    assert 'name="closed_tue" value="1" checked' in page
    shown = {**GOOD, "ticket": "10.000", "point": "-7.8079, 112.5572", "photo_id": str(before.photo_id)}
    assert hands.browser.post(f"/desk/wisata/{before.id}", data=shown).headers["location"].endswith("kabar=saved")
    assert made(hands) == [before]


def test_a_photo_is_taken_away_and_entry_becomes_free(hands: Hands) -> None:
    files = [("photo", ("air.jpg", making.picture(colour="#336699")))]
    hands.browser.post("/desk/wisata", data=GOOD, files=files)
    (spot,) = made(hands)
    send(hands, f"/desk/wisata/{spot.id}", photo_id=str(spot.photo_id), drop_photo="1", ticket="gratis")
    (spot,) = made(hands)
    assert (spot.photo_id, spot.ticket_idr) == (None, 0)


def test_a_place_that_is_closed_for_now_says_so(hands: Hands) -> None:
    assert send(hands, **{f"closed_{day}": "1" for day in DAYS}).status_code == 303
    assert made(hands)[0].hours == {}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name_id": "", "name_en": ""}, "Tulis nama tempatnya"),
        ({"name_id": "A" * 121}, "paling banyak 120 huruf"),
        ({"close_mon": ""}, "harus diisi dua-duanya"),
        ({"close_mon": "06:00"}, "Buka 07.00 tetapi tutup 06.00?"),
        ({"open_sun": "pagi"}, "“pagi” bukan jam"),
        ({"last_entry": "19:00"}, "sesudah tempatnya tutup"),
        ({"ticket": "sukarela"}, "“sukarela” bukan harga"),
        ({"point": "dekat musala"}, "belum bisa kami baca sebagai titik peta"),
        ({"point": "https://maps.app.goo.gl/abc"}, "Tautan pendek ini"),
        ({"open_mon": "", "close_mon": "", "open_sun": "", "close_sun": ""}, "Isi jam buka paling sedikit satu hari"),
    ],
)
def test_a_wrong_field_gets_a_sentence_and_nothing_typed_is_lost(hands: Hands, changed: dict[str, str], sentence: str) -> None:
    typed = {**GOOD, **changed}
    answer = hands.browser.post("/desk/wisata", data=typed)
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert sentence in page
    for name in ("name_id", "name_en", "story_id", "safety_id", "open_sun", "last_entry", "ticket", "point"):
        assert typed[name] in page
    assert 'value="toilet" checked' in page
    assert made(hands) == []


def test_a_bad_photo_gets_a_sentence_and_a_good_one_stays_while_the_rest_is_mended(hands: Hands) -> None:
    bad = hands.browser.post("/desk/wisata", data=GOOD, files=[("photo", ("a.jpg", b"ini bukan gambar"))])
    assert bad.status_code == 422
    assert "bukan foto" in bad.text
    good = hands.browser.post("/desk/wisata", data={**GOOD, "ticket": "x"}, files=[("photo", ("a.jpg", making.picture()))])
    kept = good.text.partition('name="photo_id" value="')[2].partition('"')[0]
    assert send(hands, photo_id=kept).status_code == 303
    assert made(hands)[0].photo_id == int(kept)


def test_only_the_operator_changes_what_tourists_read(hands: Hands) -> None:
    send(hands)
    (spot,) = made(hands)
    hands.as_member(login="budi", role="head")
    assert send(hands, f"/desk/wisata/{spot.id}", name_id="Lain").status_code == 403
    assert hands.get("/desk/wisata/baru").status_code == 403
    page = hands.get(f"/desk/wisata/{spot.id}")
    assert page.status_code == 200
    assert "Simpan</button>" not in page.text
