"""QRIS: a code is read only when every character of it is right, and written again with nothing else changed."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storefront import languages, qris

# A merchant's code that its wallet published, with the amounts that two other programs make of it.
STATIC = (
    "00020101021126570011ID.DANA.WWW011893600915302259148102090225914810303UMI51440014ID.CO.QRIS.WWW0215ID10200176114730303UMI"
    "5204581253033605802ID5922Warung Sayur Bu Sugeng6010Kab. Demak610559567630458C7"
)


def sealed(text: str) -> str:
    """A text with the right checksum behind it."""
    return f"{text}6304" + qris.crc(text + "6304")


def changed(old: str, new: str) -> str:
    assert old in STATIC
    return sealed(STATIC[:-8].replace(old, new))


def test_the_checksum_is_the_one_of_the_standard() -> None:
    assert qris.crc("123456789") == "29B1"


def test_a_merchants_code_says_who_is_paid() -> None:
    read = qris.read(f" {STATIC}\n")
    assert (read.merchant, read.city, read.nmid) == ("Warung Sayur Bu Sugeng", "Kab. Demak", "ID1020017611473")
    assert read.text == STATIC


def test_an_amount_changes_its_own_fields_and_nothing_else() -> None:
    written = qris.with_amount(STATIC, 15_000)
    assert written.endswith("1A02")
    assert written[:-4] == STATIC[:-4].replace("010211", "010212").replace("5303360", "5303360540515000")


def test_an_order_is_named_in_the_field_of_bills() -> None:
    written = qris.with_amount(STATIC, 47_500, "LD-K7Q2X")
    assert "540547500" in written
    assert written.endswith("62120108LD-K7Q2X6304E978")


def test_a_code_whose_fields_stand_in_an_order_of_its_own_keeps_it() -> None:
    odd = STATIC[:-8].replace("5303360", "").replace("5802ID", "5802ID5303360")
    written = qris.with_amount(sealed(odd + "62070703A01" + "64110002ID0101x"), 5_000, "K7Q2X")
    assert written.startswith(odd.replace("010211", "010212").replace("5802ID", "540450005802ID"))
    assert written[:-4].endswith("62160105K7Q2X0703A01" + "64110002ID0101x" + "6304")


def test_an_older_bill_number_gives_way() -> None:
    other = sealed(STATIC[:-8] + "62120104LAMA0700")
    assert "62130105K7Q2X07006304" in qris.with_amount(other, 5_000, "K7Q2X")


@pytest.mark.parametrize("rupiah", [0, -1, 10_000_001])
def test_an_amount_that_nobody_may_pay_at_once_is_refused(rupiah: int) -> None:
    with pytest.raises(qris.BadQris, match="amount"):
        qris.with_amount(STATIC, rupiah)


def test_a_bill_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(qris.BadQris, match="no_room"):
        qris.with_amount(STATIC, 5_000, "K" * 26)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "no_qris"),
        ("https://wa.me/6281234567890", "no_qris"),
        (STATIC.replace("58C7", "M2B3"), "damaged"),
        (STATIC.replace("58C7", "58c7"), "damaged"),
        (STATIC[:-1], "damaged"),
        (sealed(STATIC[:-8] + "5802ID"), "damaged"),
        (sealed(STATIC[:-8] + "6299x"), "damaged"),
        (sealed(STATIC[:-8] + "62"), "damaged"),
        (changed("Warung", "W\u00e4rung"), "damaged"),
        (changed("010211", "010212"), "only_once"),
        (qris.with_amount(STATIC, 15_000), "only_once"),
        (changed("5303360", "5303458"), "not_rupiah"),
        (changed("5802ID", "5802MY"), "not_rupiah"),
        (changed("0215ID1020017611473", "0215XX1020017611473"), "nameless"),
        (changed("ID.CO.QRIS.WWW", "ID.CO.QRIZ.WWW"), "nameless"),
        (changed("5922Warung Sayur Bu Sugeng", "5901 "), "nameless"),
    ],
)
def test_what_a_maker_could_not_be_paid_by_is_refused_with_a_reason(text: str, key: str) -> None:
    with pytest.raises(qris.BadQris) as told:
        qris.read(text)
    assert told.value.key == f"qris.{key}"
    assert all(languages.say(code, told.value.key, **told.value.facts) for code in languages.known())


@pytest.mark.parametrize(("fee", "checksum"), [("550202" + "56041000", "7C80"), ("550203" + "57015", "7201")])
def test_a_code_that_adds_a_fee_is_refused_though_it_is_whole(fee: str, checksum: str) -> None:
    paid = qris.with_amount(STATIC, 15_000)[:-8].replace("540515000", "540515000" + fee)
    assert qris.crc(paid + "6304") == checksum
    with pytest.raises(qris.BadQris, match="fee"):
        qris.read(changed("5802ID", f"{fee}5802ID"))


@given(place=st.integers(0, len(STATIC) - 1), char=st.characters(exclude_categories=["Cs"]))
@example(place=len(STATIC) - 2, char="c")
def test_any_one_changed_character_is_refused(place: int, char: str) -> None:
    text = STATIC[:place] + char + STATIC[place + 1 :]
    if text != STATIC:
        with pytest.raises(qris.BadQris):
            qris.read(text)


def test_every_lost_doubled_or_swapped_character_is_refused() -> None:
    spoilt = {STATIC[:place] + STATIC[place + 1 :] for place in range(len(STATIC))}
    spoilt |= {STATIC[:place] + STATIC[place] + STATIC[place:] for place in range(len(STATIC))}
    spoilt |= {STATIC[:place] + STATIC[place + 1] + STATIC[place] + STATIC[place + 2 :] for place in range(len(STATIC) - 1)}
    for text in spoilt - {STATIC}:
        with pytest.raises(qris.BadQris):
            qris.read(text)


@given(rupiah=st.integers(1, 10_000_000), code=st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ-", max_size=25))
def test_what_is_written_has_a_right_frame_for_every_amount(rupiah: int, code: str) -> None:
    written = qris.with_amount(STATIC, rupiah, code)
    assert qris.crc(written[:-4]) == written[-4:]
    assert f"54{len(str(rupiah)):02}{rupiah}5802ID" in written


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    for tried in (text, sealed("000201" + text)):
        with pytest.raises(qris.BadQris):
            qris.read(tried)
