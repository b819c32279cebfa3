"""Pictures lent to networks: an address that nobody can guess, that asks nothing, and that ends."""

from datetime import timedelta

import making
import pytest
from desk_hands import Hands

from storefront import lent

SECRET = "s" * 40


@pytest.fixture
def sha256(hands: Hands) -> str:
    return hands.store.save(making.picture())


def path(sha256: str, **given: object) -> str:
    return lent.address("", sha256, SECRET, **{"at": making.NOW, **given})


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_network_gets_the_very_picture_without_a_question(hands: Hands, sha256: str, method: str) -> None:
    hands.browser.cookies.clear()
    answer = hands.browser.request(method, path(sha256), headers={"User-Agent": "facebookexternalhit/1.1", "Accept-Language": "en"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert not {"set-cookie", "location", "x-robots-tag"} & set(answer.headers)
    assert method == "HEAD" or answer.content == hands.store.read(sha256)


def test_the_address_ends_after_some_days_and_is_the_same_all_day(hands: Hands, sha256: str) -> None:
    assert path(sha256) == path(sha256, at=making.NOW + timedelta(hours=2))
    hands.clock[0] = making.NOW + lent.KEPT
    assert hands.get(path(sha256)).status_code == 200
    hands.clock[0] = making.NOW + lent.KEPT + timedelta(days=1)
    assert hands.get(path(sha256)).status_code == 404


def test_nobody_makes_such_an_address(hands: Hands, sha256: str) -> None:
    good = path(sha256)
    stem, day, signature = good.removeprefix("/m/").removesuffix(".jpg").split(".")
    wrong = [
        f"/m/{stem}.{int(day) + 300}.{signature}.jpg",
        f"/m/{'0' * 64}.{day}.{signature}.jpg",
        f"/m/{stem}.{day}.{'A' * 24}.jpg",
        f"/m/{stem}.jpg",
        lent.address("", sha256, "another secret of forty characters ....", at=making.NOW),
        "/m/../gapura.db.jpg",
    ]
    assert {address: hands.get(address).status_code for address in wrong} == dict.fromkeys(wrong, 404)


def test_before_there_is_a_picture_a_sample_can_be_fetched(hands: Hands) -> None:
    answer = hands.get(lent.SAMPLE)
    assert (answer.status_code, answer.headers["content-type"], answer.content[:3]) == (200, "image/jpeg", b"\xff\xd8\xff")


def test_the_secret_is_in_no_repr() -> None:
    lender = lent.Lender("https://desa.id", SECRET)
    assert SECRET not in repr(lender)
    assert lender("0" * 64).startswith("https://desa.id/m/" + "0" * 64)
