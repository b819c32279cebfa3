"""The letters of posters: there, shaped, measured as they are drawn, and never an empty box."""

import pytest

from promo import fonts


def test_every_weight_opens() -> None:
    fonts.check()
    assert {fonts.face(40, weight).getname()[0].split(" ")[0] for weight in fonts.WEIGHTS} == {"Manrope"}


def test_text_is_shaped_on_this_machine() -> None:
    assert fonts.text_shaping()  # otherwise libfribidi is missing: `gapura check` says the same


def test_pairs_of_letters_are_kerned() -> None:
    assert fonts.face(100, 800).getlength("AVATAR") < sum(fonts.face(100, 800).getlength(letter) for letter in "AVATAR") - 5


@pytest.mark.parametrize("text", ["Keripik apel Manalagi", "Rp\u00a022.000 / bungkus", "“Lereng Pagi” — Bu Sri", "é ñ ü ç"])
@pytest.mark.parametrize("weight", [500, 800])
@pytest.mark.parametrize("size", [18, 44, 132])
def test_a_line_is_as_wide_as_it_was_measured(text: str, weight: int, size: int) -> None:
    assert fonts.width(text, size, weight) == pytest.approx(fonts.face(size, weight).getlength(text), abs=0.02 * size + 2)


def test_letters_no_font_has_are_left_out_and_never_drawn_as_boxes() -> None:
    assert fonts.known("Kopi \U0010fffd lereng \U000e0041\u1234") == "Kopi lereng"
    assert fonts.known("Rp\u00a025.000 — “é ñ ü”…") == "Rp\u00a025.000 — “é ñ ü”…"
    assert fonts.known("madu\u200d\ufe0f hutan") == "madu hutan"


SAMPLES = {
    "Javanese": "ꦱꦸꦒꦼꦁꦫꦮꦸꦃ",
    "Arabic": "السلام",
    "Balinese": "ᬑᬁᬲ᭄ᬯᬲ᭄ᬢ᭄ᬬᬲ᭄ᬢᬸ",
    "Sundanese": "ᮞᮔ᮪ᮓ",
    "Latin": "ɓǂ",
    "Emoji": "😋🍎🇮🇩👨\u200d👩\u200d👧",
    "Symbols": "★",
}


@pytest.mark.parametrize("family", fonts.FAMILIES, ids=lambda family: family.name)
def test_a_script_is_drawn_where_its_font_is_there_and_left_out_where_it_is_not(family: fonts.Family) -> None:
    text = f"Kopi {SAMPLES[family.name]} lereng"
    if family.name in fonts.missing():
        assert fonts.known(text) == "Kopi lereng"
        return
    assert fonts.known(text) == text
    assert not fonts.is_plain(text)
    assert [part for part, own in fonts.runs(SAMPLES[family.name]) if own is None] == []
    assert fonts.width(text, 40, 700) > fonts.width("Kopi lereng", 40, 700) + 10


def test_only_real_letters_of_a_script_come_from_its_font() -> None:
    for word in ("Kopi", "2026", "“enak”"):
        assert fonts.runs(word) == ((word, None),)


def test_javanese_is_broken_after_a_syllable_and_never_inside_one() -> None:
    assert fonts.clusters("ꦱꦸꦒꦼꦁꦫꦮꦸꦃ") == ("ꦱꦸ", "ꦒꦼꦁ", "ꦫ", "ꦮꦸꦃ")
    assert fonts.clusters("ꦏꦩꦠꦤ꧀ꦧꦸ") == ("ꦏ", "ꦩ", "ꦠ", "ꦤ꧀ꦧꦸ")
    assert fonts.clusters("keripik") == ("keripik",)


def test_a_face_is_opened_once() -> None:
    assert fonts.face(40, 700) is fonts.face(40, 700)
