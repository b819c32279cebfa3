"""Links at the desk: made, led elsewhere, by season and language, ended and withdrawn; each with codes that a decoder has read."""

import io
import re
from html import unescape

import making
import pytest
import zxingcpp
from desk_hands import Hands
from PIL import Image

from campaigns import links, visits
from campaigns.rules import Rule, Target
from storefront import database, villages


def make(hands: Hands, **given: str) -> links.Link:
    row = {"kind": "bio", "title": "Bio Instagram", "network": "instagram", "placement": "bio", "target": "village:0"}
    made = hands.post("/desk/tautan", **{**row, **given})
    assert made.status_code == 303, unescape(made.text)
    with database.reading(hands.engine) as connection:
        return links.get(connection, hands.village_id, int(re.search(r"tautan/(\d+)", made.headers["location"])[1]))


def again(hands: Hands, link: links.Link) -> links.Link:
    with database.reading(hands.engine) as connection:
        return links.get(connection, hands.village_id, link.id)


def test_a_link_is_made_for_a_network_and_a_placement_and_listed(hands: Hands) -> None:
    made = make(hands, ends_on="2026-12-31")
    assert (made.kind, made.network, made.placement, made.target, str(made.ends_on)) == (
        "bio",
        "instagram",
        "bio",
        Target("village"),
        "2026-12-31",
    )
    for path in ("/desk/tautan", "/desk/tautan?jenis=bio"):
        page = hands.get(path).text
        assert "Bio Instagram" in page
        assert made.code in page
    assert "Bio Instagram" not in hands.get("/desk/tautan?jenis=wa").text
    assert f"http://testserver/Q/{made.code}" in hands.get(f"/desk/tautan/{made.id}").text


LACKING = [
    ({"title": ""}, "perlu diisi"),
    ({"kind": "x"}, "tidak ada. Pilih"),
    ({"target": "product:999"}, "tidak ada. Pilih"),
    ({"network": "x" * 121}, "paling banyak 120"),
    ({"ends_on": "besok"}, "Tulis seperti 2026-12-31"),
    ({"campaign": "77"}, "tidak ada. Pilih"),
    ({"target": "url", "url": "http://tiket.example/", "url_seen": "1"}, "harus mulai dengan https"),
    ({"target": "url", "url": "https://tiket.example/"}, "Buka dulu tiket.example"),
    ({"target": "url", "url": "https://testserver/produk", "url_seen": "1"}, "toko kita sendiri"),
    ({"target": "url", "url": "javascript:alert(1)", "url_seen": "1"}, "harus mulai dengan https"),
]


@pytest.mark.parametrize(("given", "sentence"), LACKING)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(hands: Hands, given: dict[str, str], sentence: str) -> None:
    row = {"kind": "bio", "title": "Bio", "network": "instagram", "placement": "di bio kami", "target": "village:0"}
    answer = hands.post("/desk/tautan", **{**row, **given})
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert "di bio kami" in answer.text
    with database.reading(hands.engine) as connection:
        assert links.listed(connection, hands.village_id) == []


def test_a_link_outside_says_where_from_in_its_address_and_never_in_its_code(hands: Hands) -> None:
    made = make(hands, target="url", url="https://tiket.example/air?a=1", url_seen="1", utm="1")
    answer = hands.get(f"/Q/{made.code}")
    assert answer.headers["location"] == (
        "https://tiket.example/air?a=1&utm_source=instagram&utm_medium=social&utm_campaign=gapura&utm_content=bio-instagram"
    )
    page = hands.get(f"/desk/tautan/{made.id}").text
    assert "HTTP://TESTSERVER/Q/" + made.code in page
    assert "tiket.example" in page
    silent = make(hands, target="url", url="https://tiket.example/air", url_seen="1")
    assert hands.get(f"/Q/{silent.code}").headers["location"] == "https://tiket.example/air"


def test_a_link_is_led_elsewhere_and_its_history_says_by_whom(hands: Hands) -> None:
    made = make(hands)
    answer = hands.post(f"/desk/tautan/{made.id}/tujuan", target=f"product:{hands.product.id}")
    assert answer.status_code == 303
    page = unescape(hands.get(f"/desk/tautan/{made.id}").text)
    assert "Diantar ke Keripik apel" in page
    assert "Dibuat, mengantar ke Halaman desa" in page
    assert "wati" in page
    assert hands.get(f"/Q/{made.code}").headers["location"] == "/produk/keripik-apel"
    assert hands.post(f"/desk/tautan/{made.id}/tujuan", target="product:9999").status_code == 422
    assert again(hands, made).target == Target("product", hands.product.id)


def test_seasons_and_languages_lead_guests_to_different_pages(hands: Hands) -> None:
    made = make(hands)
    goods, until = f"product:{hands.product.id}", ["2026-11-30", ""]
    rows = {"rule_target": [goods, goods], "rule_since": ["2026-11-01", ""], "rule_until": until, "rule_language": ["id", "zh"]}
    assert hands.post(f"/desk/tautan/{made.id}/aturan", **rows).status_code == 303
    assert len(again(hands, made).rules) == 2

    def led(accept: str) -> str:
        return hands.browser.get(f"/Q/{made.code}", headers={"accept-language": accept}).headers["location"]

    assert led("id-ID") == "/produk/keripik-apel"
    assert led("zh-CN,zh;q=0.9") == "/en/produk/keripik-apel"
    assert led("de-DE") == "/en/"
    emptied = {"rule_target": [""], "rule_since": [""], "rule_until": [""], "rule_language": [""]}
    assert hands.post(f"/desk/tautan/{made.id}/aturan", **emptied).status_code == 303
    assert again(hands, made).rules == ()


def test_a_rule_that_says_nothing_is_asked_for_again_and_kept_as_typed(hands: Hands) -> None:
    made = make(hands)
    rows = {"rule_target": ["village:0"], "rule_since": ["2026-12-31"], "rule_until": ["2026-12-01"], "rule_language": [""]}
    answer = hands.post(f"/desk/tautan/{made.id}/aturan", **rows)
    assert answer.status_code == 422
    assert "Aturan 1 belum lengkap" in answer.text
    assert 'value="2026-12-31"' in answer.text
    assert again(hands, made).rules == ()


def test_after_its_last_day_a_link_leads_to_the_village(hands: Hands) -> None:
    made = make(hands, target=f"product:{hands.product.id}")
    hands.post(f"/desk/tautan/{made.id}/akhir", ends_on="2026-11-22")
    assert hands.get(f"/Q/{made.code}").headers["location"] == "/"
    assert "Masanya habis" in hands.get(f"/desk/tautan/{made.id}").text
    hands.post(f"/desk/tautan/{made.id}/akhir", ends_on="")
    assert again(hands, made).ends_on is None
    assert hands.post(f"/desk/tautan/{made.id}/akhir", ends_on="besok").status_code == 422


def test_a_withdrawn_link_offers_nothing_to_print_or_change(hands: Hands) -> None:
    made = make(hands)
    hands.post(f"/desk/tautan/{made.id}/penarikan")
    page = hands.get(f"/desk/tautan/{made.id}").text
    assert "Ditarik" in page
    assert "kode.svg" not in page
    assert "tautan-tidak-ditemukan" in hands.get(f"/Q/{made.code}").headers["location"]


def decoded(png: bytes) -> zxingcpp.Barcode:
    found = zxingcpp.read_barcode(Image.open(io.BytesIO(png)).convert("L"))
    assert found is not None
    return found


@pytest.mark.parametrize(("query", "level"), [("", "Q"), ("?untuk=indoors", "Q"), ("?untuk=outdoors", "H"), ("?untuk=nonsense", "Q")])
def test_a_code_has_the_level_of_its_use(hands: Hands, query: str, level: str) -> None:
    made = make(hands)
    code = decoded(hands.get(f"/desk/tautan/{made.id}/kode.png{query}").content)
    assert code.text == f"HTTP://TESTSERVER/Q/{made.code}"
    assert code.ec_level == level
    assert hands.get(f"/desk/tautan/{made.id}/kode.svg{query}").text.startswith("<svg")
    assert hands.get(f"/desk/tautan/{made.id}/kode.pdf{query}").content.startswith(b"%PDF")
    assert f"Tingkat koreksi {level}" in hands.get(f"/desk/tautan/{made.id}{query}").text


def wear(hands: Hands, logo: bytes) -> None:
    with database.writing(hands.engine) as connection:
        village = villages.get(connection, hands.village_id)
        villages.change(connection, village.id, brand={**village.brand, "logo": hands.store.save(logo)})


def test_a_code_carries_the_villages_logo_at_level_h(hands: Hands) -> None:
    made = make(hands)
    page = hands.get(f"/desk/tautan/{made.id}?logo=1").text
    assert "belum punya logo" in page
    assert hands.get(f"/desk/tautan/{made.id}/kode.png?logo=1").status_code == 404
    wear(hands, making.picture(200, 200, "#b5121b"))
    code = decoded(hands.get(f"/desk/tautan/{made.id}/kode.png?logo=1").content)
    assert (code.text, code.ec_level) == (f"HTTP://TESTSERVER/Q/{made.code}", "H")
    assert "<image" in hands.get(f"/desk/tautan/{made.id}/kode.svg?logo=1").text
    assert b"/Logo Do" not in hands.get(f"/desk/tautan/{made.id}/kode.pdf").content
    assert "Dengan logo desa" in hands.get(f"/desk/tautan/{made.id}").text


def test_impressions_are_typed_in_and_shown_beside_the_clicks(hands: Hands) -> None:
    made = make(hands, kind="post", title="Keripik, cerita")
    with database.writing(hands.engine) as connection:
        visits.write(connection, [making.click(made, visitor=number) for number in range(30)])
    assert hands.post(f"/desk/tautan/{made.id}/tayangan", shown="1.240").status_code == 303
    page = unescape(hands.get("/desk/laporan").text)
    for shown in ("1.240", "2,4\u00a0%", "1,7\u00a0% – 3,4\u00a0%"):
        assert shown in page, shown
    wrong = hands.post(f"/desk/tautan/{made.id}/tayangan", shown="seribu")
    assert wrong.status_code == 422
    assert 'value="seribu"' in wrong.text
    assert hands.post(f"/desk/tautan/{made.id}/tayangan", shown="").status_code == 303
    assert "1.240" not in hands.get(f"/desk/tautan/{made.id}").text


def test_more_clicks_than_impressions_ask_for_a_newer_number(hands: Hands) -> None:
    made = make(hands, kind="post")
    with database.writing(hands.engine) as connection:
        visits.write(connection, [making.click(made) for _ in range(3)])
    hands.post(f"/desk/tautan/{made.id}/tayangan", shown="2")
    assert "lebih banyak klik daripada tayangan" in hands.get("/desk/laporan").text


def test_who_may_not_set_up_sees_a_link_and_cannot_lead_it(hands: Hands) -> None:
    made = make(hands)
    hands.as_member(login="rangga", role="contributor")
    page = hands.get(f"/desk/tautan/{made.id}").text
    assert "Antar ke tempat lain" not in page
    assert hands.post(f"/desk/tautan/{made.id}/tujuan", target="village:0").status_code == 403
    assert hands.post("/desk/tautan", title="x").status_code == 403


def test_rules_are_read_the_same_from_the_form_as_they_were_kept(hands: Hands) -> None:
    made = make(hands)
    with database.writing(hands.engine) as connection:
        links.set_rules(connection, hands.village_id, made.id, [Rule(Target("product", hands.product.id), language="en")], at=making.NOW)
    page = unescape(hands.get(f"/desk/tautan/{made.id}").text)
    assert "tamu berbahasa Inggris" in page
    assert page.count('name="rule_target"') == 2, "the rule, and an empty row to add one"
