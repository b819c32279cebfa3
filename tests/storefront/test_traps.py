"""What programs trip over: people never see it, and lose nothing when they do."""

import re
from datetime import timedelta

import making
import pytest
from desk_hands import Hands
from limits import RateLimitItemPerMinute

from storefront import database, orders, traps

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BUYER = {"name": "Rina", "whatsapp": "0812-1111-2222", "delivery": "pickup", "payment": "cash", "note": "Tanpa cabai"}


@pytest.fixture
def form(hands: Hands) -> dict[str, str]:
    """A checkout that was drawn a moment ago."""
    hands.browser.cookies.clear()
    hands.post("/keranjang/barang", product=hands.product.slug)
    return fields(hands.get("/pesan").text)


def fields(page: str) -> dict[str, str]:
    return {**dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)), **BUYER}


def placed(hands: Hands) -> int:
    with database.reading(hands.engine) as connection:
        return len(orders.listed(connection, hands.village_id))


def later(hands: Hands, **span: float) -> None:
    hands.clock[0] += timedelta(**span)


@on_sqlite
def test_a_form_sent_at_once_is_asked_for_once_more_with_everything_in_it(hands: Hands, form: dict[str, str]) -> None:
    later(hands, seconds=1.5)
    answer = hands.post("/pesan", **form)
    assert (answer.status_code, placed(hands)) == (422, 0)
    for kept in ("Itu cepat sekali", 'value="Rina"', "Tanpa cabai", 'value="0812-1111-2222"'):
        assert kept in answer.text
    assert hands.post("/pesan", **fields(answer.text)).status_code == 303
    assert placed(hands) == 1


@on_sqlite
def test_who_takes_two_seconds_is_asked_nothing(hands: Hands, form: dict[str, str]) -> None:
    later(hands, seconds=2.2)
    assert hands.post("/pesan", **form).status_code == 303


@on_sqlite
def test_what_is_wrong_with_the_form_is_told_before_any_doubt(hands: Hands, form: dict[str, str]) -> None:
    answer = hands.post("/pesan", **{**form, "name": ""})
    assert "Tulis nama Anda" in answer.text
    assert "cepat sekali" not in answer.text
    assert hands.post("/pesan", **fields(answer.text)).status_code == 303


@on_sqlite
def test_a_field_nobody_sees_is_emptied_and_asked_about(hands: Hands, form: dict[str, str]) -> None:
    later(hands, minutes=1)
    page = hands.get("/pesan").text
    assert re.search(rf'class="hide" aria-hidden="true">.*name="{traps.UNSEEN}" tabindex="-1" autocomplete="off"', page)
    answer = hands.post("/pesan", **form, **{traps.UNSEEN: "https://beli.example"})
    assert (answer.status_code, placed(hands)) == (422, 0)
    assert "isian tersembunyi" in answer.text
    assert "beli.example" not in answer.text
    assert hands.post("/pesan", **fields(answer.text)).status_code == 303


@on_sqlite
@pytest.mark.parametrize("drawn", ["", "1", "0~x", "nan~x", "🍏~🍏", "1700000000.0~AAAAAAAAAAAAAAAA"])
def test_a_form_we_have_not_drawn_is_asked_for_once_more(hands: Hands, form: dict[str, str], drawn: str) -> None:
    later(hands, minutes=1)
    assert hands.post("/pesan", **{**form, "drawn": drawn}).status_code == 422
    assert placed(hands) == 0


@on_sqlite
def test_the_same_form_twice_is_one_order_and_counts_once(hands: Hands, form: dict[str, str]) -> None:
    later(hands, minutes=1)
    for _ in range(12):
        assert hands.post("/pesan", **form).status_code == 303
        later(hands, seconds=1)
    assert placed(hands) == 1


@on_sqlite
def test_too_many_orders_of_one_phone_are_told_when_to_come_back_and_keep_what_was_typed(hands: Hands, form: dict[str, str]) -> None:
    later(hands, minutes=1)
    for number in range(10):
        assert hands.post("/pesan", **{**form, "form_key": f"order {number}"}).status_code == 303
    answer = hands.post("/pesan", **{**form, "form_key": "one more"})
    assert answer.status_code == 429
    assert "sekitar 10 menit" in answer.text
    assert 'value="Rina"' in answer.text
    assert placed(hands) == 10
    hands.browser.headers["user-agent"] = "another phone on the bus"
    assert hands.post("/pesan", **{**form, "form_key": "hers"}).status_code == 303


def test_one_maker_is_not_flooded_while_others_can_be_ordered_from() -> None:
    limits = traps.OrderLimits(by_maker=RateLimitItemPerMinute(2, 10))
    for number in range(2):
        limits.check(f"10.0.0.{number}", "phone", [1])
        limits.count(f"10.0.0.{number}", "phone", [1])
    with pytest.raises(traps.TooMany) as told:
        limits.check("10.0.0.9", "phone", [1, 2])
    assert told.value.key == "order.many_of_hers"
    limits.check("10.0.0.9", "phone", [2])


def test_the_time_in_a_form_is_ours_to_say() -> None:
    good = traps.drawn("a" * 40, at=making.NOW)
    traps.check({"drawn": good}, "a" * 40, at=making.NOW + timedelta(seconds=3))
    older = good.replace(good.partition("~")[0], "1000.0")
    for wrong, secret in ((older, "a" * 40), (good, "b" * 40)):
        with pytest.raises(traps.InDoubt):
            traps.check({"drawn": wrong}, secret, at=making.NOW + timedelta(seconds=3))
