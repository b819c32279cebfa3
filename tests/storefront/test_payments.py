"""Ways to pay: each file of the folder keeps the family's promises."""

import pytest

from storefront import languages, payments


@pytest.mark.parametrize("name", payments.names())
@pytest.mark.parametrize("delivery", ["pickup", "send"])
def test_each_way_to_pay_tells_the_buyer_what_to_do_in_every_language(name: str, delivery: str) -> None:
    payment = payments.get(name)
    told = payment.start(payments.Bill("K7Q2X", 30_000, delivery, "Bu Sri"))
    for code in languages.known():
        assert languages.say(code, payment.TITLE)
        assert told.keys
        assert all(languages.say(code, key, **told.facts) for key in told.keys)


def test_cash_at_the_counter_is_there_without_anything_to_set_up() -> None:
    assert "cash" in payments.names()
    assert payments.get("cash").FIELDS == ()


@pytest.mark.parametrize("name", ["", "promise", "../orders", "__init__"])
def test_a_way_to_pay_that_does_not_exist_is_a_problem_of_its_field(name: str) -> None:
    with pytest.raises(payments.UnknownPayment) as told:
        payments.get(name)
    assert told.value.field == "payment"
