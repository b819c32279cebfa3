"""Prices: as people type them, and what is refused."""

import pytest

from storefront import prices

RIGHT = {
    "15rb": 15_000,
    "15k": 15_000,
    "15.000": 15_000,
    "Rp15.000,-": 15_000,
    "15000": 15_000,
    "Rp 15.000": 15_000,
    "1.250.000": 1_250_000,
    "2 jt": 2_000_000,
}
WRONG = {
    "15.00": "price.wrong",
    "0": "price.zero",
    "": "price.empty",
    "murah": "price.wrong",
    "-5000": "price.wrong",
    "1,5": "price.wrong",
    "999.999.999.999": "price.too_high",
}


@pytest.mark.parametrize(("typed", "rupiah"), RIGHT.items())
def test_a_price_is_read_as_people_type_it(typed: str, rupiah: int) -> None:
    assert prices.read(typed) == rupiah


@pytest.mark.parametrize(("typed", "key"), WRONG.items())
def test_what_is_no_price_is_refused_with_its_reason(typed: str, key: str) -> None:
    with pytest.raises(prices.BadPrice) as refused:
        prices.read(typed)
    assert refused.value.key == key
