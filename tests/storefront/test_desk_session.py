"""Coming to the desk: the sign-in page, the cookie, posts from other sites, and one's own account."""

from datetime import timedelta

import pytest
from desk_hands import Hands
from making import PASSWORD

ELSEWHERE = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}


def test_a_clerk_signs_in_and_lands_where_she_wanted_to_go(hands: Hands) -> None:
    hands.browser.cookies.clear()
    asked = hands.get("/desk/pesanan?keadaan=intent")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/desk/masuk?ke=%2Fdesk%2Fpesanan%3Fkeadaan%3Dintent"
    answer = hands.post("/desk/masuk", login="Wati", password=PASSWORD, ke="/desk/pesanan?keadaan=intent")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/desk/pesanan?keadaan=intent"
    assert hands.get("/desk/pesanan").status_code == 200


def test_the_cookie_is_for_this_site_alone_and_out_of_reach_of_scripts(hands: Hands) -> None:
    hands.browser.cookies.clear()
    cookie = hands.post("/desk/masuk", login="wati", password=PASSWORD).headers["set-cookie"]
    assert cookie.startswith("gapura_desk=")
    for part in ("HttpOnly", "SameSite=lax", "Path=/"):
        assert part in cookie


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(hands: Hands) -> None:
    hands.browser.cookies.clear()
    answer = hands.post("/desk/masuk", login="wati", password="not this one")
    assert answer.status_code == 401
    assert 'value="wati"' in answer.text
    assert "tidak cocok" in answer.text
    assert "not this one" not in answer.text


def test_a_guesser_is_told_how_long_to_wait(hands: Hands) -> None:
    hands.browser.cookies.clear()
    answers = [hands.post("/desk/masuk", login="wati", password="guess guess") for _ in range(9)]
    assert [answer.status_code for answer in answers] == [401] * 8 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "Coba lagi" in answers[-1].text


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/desk\\evil", "/produk/x", "javascript:alert(1)", "/desk/masuk", ""]
)
def test_a_sign_in_leads_nowhere_but_into_the_desk(hands: Hands, to: str) -> None:
    hands.browser.cookies.clear()
    assert hands.post("/desk/masuk", login="wati", password=PASSWORD, ke=to).headers["location"] == "/desk"


def test_signing_out_ends_the_session_for_a_copied_cookie_too(hands: Hands) -> None:
    copied = hands.browser.cookies.get("gapura_desk")
    assert hands.post("/desk/keluar").headers["location"] == "/desk/masuk"
    hands.browser.cookies.set("gapura_desk", copied)
    assert hands.get("/desk").headers["location"].startswith("/desk/masuk")


def test_a_session_left_alone_for_twelve_hours_is_over_and_one_in_use_is_not(hands: Hands) -> None:
    for _ in range(3):
        hands.clock[0] += timedelta(hours=11)
        assert hands.get("/desk").status_code == 200
    hands.clock[0] += timedelta(hours=12)
    assert hands.get("/desk").status_code == 303


@pytest.mark.parametrize("path", ["/desk/keluar", "/desk/produk", "/desk/unggahan", "/desk/papan", "/desk/masuk"])
def test_a_form_from_another_site_changes_nothing(hands: Hands, path: str) -> None:
    answer = hands.browser.post(path, data={"name_id": "Dari situs lain", "title": "x", "target": "village:0"}, headers=ELSEWHERE)
    assert answer.status_code == 403
    assert hands.get("/desk").status_code == 200
    assert "Dari situs lain" not in hands.get("/desk/produk").text


def test_a_new_password_is_told_to_be_better_and_then_taken(hands: Hands) -> None:
    weak = hands.post("/desk/saya/sandi", old=PASSWORD, new="12345678")
    assert weak.status_code == 422
    assert "pertama ditebak orang" in weak.text
    wrong = hands.post("/desk/saya/sandi", old="something else", new="perahu di atas bukit")
    assert "tidak cocok" in wrong.text
    assert hands.post("/desk/saya/sandi", old=PASSWORD, new="perahu di atas bukit").status_code == 303


def test_a_lost_phone_is_signed_out_from_the_list(hands: Hands) -> None:
    lost = hands.browser.cookies.get("gapura_desk")
    hands.sign_in(hands.who)
    page = hands.get("/desk/saya").text
    assert page.count("/penutupan") == 1
    hands.post(page.partition('action="')[2] and page[page.index("/desk/saya/sesi/") :].partition('"')[0])
    hands.browser.cookies.set("gapura_desk", lost)
    assert hands.get("/desk").status_code == 303


def test_the_desk_speaks_english_to_who_wants_it(hands: Hands) -> None:
    hands.post("/desk/bahasa", bahasa="en")
    page = hands.get("/desk").text
    assert '<html lang="en">' in page
    assert "Orders waiting for an answer" in page


def test_pages_of_the_desk_are_kept_by_nobody(hands: Hands) -> None:
    assert hands.get("/desk").headers["cache-control"] == "private, no-store"
    assert "default-src 'none'" in hands.get("/desk").headers["content-security-policy"]


def test_a_new_village_is_told_what_to_do_first(hands: Hands) -> None:
    page = hands.get("/desk").text
    assert "Langkah pertama" in page
    assert "Buat papan QR untuk satu tempat" in page


@pytest.mark.parametrize("path", ["/desk", "/desk/masuk", "/", "/tidak-ada", "/desk/produk/999999"])
def test_every_page_brings_its_own_sign_for_the_browsers_tab(hands: Hands, path: str) -> None:
    if path == "/desk/masuk":
        hands.browser.cookies.clear()
    assert '<link rel="icon" href="data:image/svg+xml,%3Csvg' in hands.get(path).text
