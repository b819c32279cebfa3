"""Ways to pay: each file of the folder keeps the family's promises."""

import pytest

from storefront import languages, payments, qris, web
from storefront.problems import Problem, Problems


@pytest.mark.parametrize("name", payments.names())
@pytest.mark.parametrize("delivery", ["pickup", "village", "send"])
@pytest.mark.parametrize("is_open", [False, True])
def test_each_way_to_pay_tells_the_buyer_what_to_do_in_every_language(name: str, delivery: str, is_open: bool) -> None:
    payment = payments.get(name)
    told = payment.start(payments.Bill("K7Q2X", 30_000, delivery, "Bu Sri", payment.check(payment.EXAMPLE), is_open))
    for code in languages.known():
        assert languages.say(code, payment.TITLE)
        assert told.keys
        assert all(languages.say(code, key, **told.facts) for key in told.keys)
        assert all(languages.say(code, label) and value for label, value in told.rows)
        assert all(languages.say(code, f"payment.{name}.{field.name}") for field in payment.FIELDS)


@pytest.mark.parametrize("name", payments.names())
def test_each_way_to_pay_refuses_an_empty_form_with_a_sentence_unless_it_needs_none(name: str) -> None:
    payment = payments.get(name)
    if not payment.FIELDS:
        assert payment.check({}) == {}
        return
    with pytest.raises((Problem, Problems)) as told:
        payment.check({})
    for code in languages.known():
        assert web.sentences(told.value, code)


def test_a_way_is_offered_when_every_maker_of_the_cart_takes_it() -> None:
    sri, joko = {"qris": {"text": "x"}, "transfer": {}}, {"transfer": {}}
    assert payments.offered([sri]) == ("cash", "qris", "transfer")
    assert payments.offered([sri, joko]) == ("cash", "transfer")
    assert payments.offered([sri, {}]) == ("cash",)


def qris_bill(total: int = 47_500, *, is_open: bool = False, **more: str) -> payments.Bill:
    payment = payments.get("qris")
    details = {**payment.check(payment.EXAMPLE), **more}
    return payments.Bill("K7Q2X", total, "send" if is_open else "pickup", "Bu Sri", details, is_open)


def test_a_qris_is_shown_as_it_is_with_the_name_the_number_and_the_amount_to_type() -> None:
    told = payments.get("qris").start(qris_bill())
    assert told.code == payments.get("qris").EXAMPLE["text"]
    assert told.rows == (("payment.qris.merchant", "TOKO CONTOH"), ("payment.qris.nmid", "ID9999000000001"))
    assert "Rp\u00a047.500" in languages.say("id", told.keys[0], **told.facts)


def test_after_a_test_payment_the_amount_stands_in_the_code_and_is_called_unofficial() -> None:
    told = payments.get("qris").start(qris_bill(tested_at="2026-11-23T03:00:00+00:00"))
    assert told.code == qris.with_amount(payments.get("qris").EXAMPLE["text"], 47_500, "K7Q2X")
    assert "payment.qris.unofficial" in told.keys


def test_while_the_cost_of_sending_is_open_no_amount_is_filled_in() -> None:
    told = payments.get("qris").start(qris_bill(is_open=True, tested_at="2026-11-23T03:00:00+00:00"))
    assert told.code == payments.get("qris").EXAMPLE["text"]
    assert told.keys[0] == "payment.qris.send"


def test_more_than_qris_carries_is_said_before_anybody_tries() -> None:
    told = payments.get("qris").start(qris_bill(10_000_001))
    assert (told.code, told.keys) == ("", ("payment.qris.too_much",))


def test_an_account_number_is_kept_as_digits_however_it_was_copied() -> None:
    kept = payments.get("transfer").check({"bank": " Bank  Jatim ", "number": "0012-345.678 9", "name": "Sri"})
    assert kept == {"bank": "Bank Jatim", "number": "00123456789", "name": "Sri"}
    with pytest.raises(Problems, match="number_wrong"):
        payments.get("transfer").check({"bank": "BRI", "number": "dua ribu", "name": "Sri"})


def test_cash_at_the_counter_is_there_without_anything_to_set_up() -> None:
    assert "cash" in payments.names()
    assert payments.get("cash").FIELDS == ()


@pytest.mark.parametrize("name", ["", "promise", "../orders", "__init__"])
def test_a_way_to_pay_that_does_not_exist_is_a_problem_of_its_field(name: str) -> None:
    with pytest.raises(payments.UnknownPayment) as told:
        payments.get(name)
    assert told.value.field == "payment"
