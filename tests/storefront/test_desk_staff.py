"""Staff at the desk: the operator lets people in, gives a new password, and ends somebody's time."""

from html import unescape

import making
import pytest
from desk_hands import Hands
from making import PASSWORD

from storefront import database, staff
from storefront.staff import Staff

NEW = "gunung bambu kopi"
GOOD = {"name": "Budi & Sari", "login": "Budi", "role": "head", "password": PASSWORD}


def members(hands: Hands) -> dict[str, Staff]:
    with database.reading(hands.engine) as connection:
        return {one.login: one for one in staff.listed(connection, hands.village_id)}


def signs_in(hands: Hands, login: str, password: str) -> bool:
    hands.browser.cookies.clear()
    return hands.post("/desk/masuk", login=login, password=password).status_code == 303


@pytest.fixture
def budi(hands: Hands) -> Staff:
    with database.writing(hands.engine) as connection:
        return making.member(connection, hands.village_id, login="budi", role="head")


def test_somebody_new_comes_in_with_the_first_password(hands: Hands) -> None:
    assert hands.post("/desk/staf", **GOOD).headers["location"] == "/desk/staf?kabar=staff_added"
    assert "Budi & Sari" in unescape(hands.get("/desk/staf").text)
    assert members(hands)["budi"].role == "head"
    assert signs_in(hands, "budi", PASSWORD)


def test_everything_wrong_is_told_at_once_and_nothing_but_the_password_is_lost(hands: Hands) -> None:
    answer = hands.post("/desk/staf", name="", login="wati", role="king", password="12345678")
    page = unescape(answer.text)
    assert answer.status_code == 422
    for sentence in ("Bagian ini perlu diisi", "sudah dipakai", "Pilihan ini tidak ada", "pertama ditebak orang"):
        assert sentence in page
    assert 'value="wati"' in page
    assert "12345678" not in page
    assert list(members(hands)) == ["wati"]


def test_a_forgotten_password_is_replaced_and_every_device_is_out(hands: Hands, budi: Staff) -> None:
    with database.writing(hands.engine) as connection:
        cookie = staff.open_session(connection, budi.id, budi.village_id, making.NOW)
    assert hands.post(f"/desk/staf/{budi.id}/sandi", password=NEW).headers["location"] == "/desk/staf?kabar=password_set"
    with database.reading(hands.engine) as connection:
        assert staff.session(connection, cookie, making.NOW) is None
    assert not signs_in(hands, "budi", PASSWORD)
    assert signs_in(hands, "budi", NEW)


def test_a_weak_new_password_is_explained(hands: Hands, budi: Staff) -> None:
    answer = hands.post(f"/desk/staf/{budi.id}/sandi", password="pendek")
    assert answer.status_code == 422
    assert "paling sedikit 8 huruf" in answer.text


def test_who_leaves_is_out_at_once_and_can_be_let_in_again(hands: Hands, budi: Staff) -> None:
    assert hands.post(f"/desk/staf/{budi.id}/penutupan").headers["location"] == "/desk/staf?kabar=staff_closed"
    assert not members(hands)["budi"].is_open
    assert "Ditutup" in hands.get("/desk/staf").text
    hands.post(f"/desk/staf/{budi.id}/sandi", password=NEW)
    assert members(hands)["budi"].is_open


@pytest.mark.parametrize("deed", ["penutupan", "sandi"])
def test_nobody_closes_the_door_behind_themselves_or_passes_by_their_old_password(hands: Hands, deed: str) -> None:
    assert hands.post(f"/desk/staf/{hands.who.id}/{deed}", password=NEW).status_code == 403
    assert members(hands)["wati"].is_open
    assert signs_in(hands, "wati", PASSWORD)


@pytest.mark.parametrize("role", ["head", "contributor"])
def test_staff_is_the_operators_alone(hands: Hands, role: str) -> None:
    hands.as_member(login="tono", role=role)
    assert [hands.get(path).status_code for path in ("/desk/staf", "/desk/staf/baru", f"/desk/staf/{hands.who.id}")] == [403] * 3
    assert hands.post("/desk/staf", **GOOD).status_code == 403
    assert "/desk/staf" not in hands.get("/desk").text
