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


def test_letters_the_font_lacks_are_left_out_and_never_drawn_as_boxes() -> None:
    assert fonts.known("Kopi 😀 lereng ꦏꦺꦴꦥꦶ") == "Kopi lereng"
    assert fonts.known("Rp\u00a025.000 — “é ñ ü”…") == "Rp\u00a025.000 — “é ñ ü”…"


def test_a_face_is_opened_once() -> None:
    assert fonts.face(40, 700) is fonts.face(40, 700)
