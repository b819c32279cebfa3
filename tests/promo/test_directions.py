"""Lines in which Arabic, Latin, numbers and signs meet stand in the order of the Unicode bidirectional algorithm."""

import random

import pytest
from PIL import Image, ImageDraw

from promo import directions, fonts, layout, templates
from promo.colours import Brand
from promo.marks import Facts, Words

ARABIC = next(family for family in fonts.FAMILIES if family.leftward)
CASES = [  # (line, its paragraph runs to the left, the parts from left to right as they are read)
    ("satu dua tiga", False, ["satu dua tiga"]),
    ("السلام عليكم", True, ["السلام عليكم"]),
    ("Selamat datang السلام عليكم di desa 2026", False, ["Selamat datang ", "السلام عليكم", " di desa 2026"]),
    ("السلام عليكم di desa", False, ["السلام عليكم", " di desa"]),
    ("قهوة Kopi Arabika بسعر 25.000", True, ["25.000", " بسعر ", "Kopi Arabika", "قهوة "]),
    ("قهوة (Kopi) حلوة", True, [") حلوة", "Kopi", "قهوة ("]),  # both brackets run with the Arabic, so both are turned around
    ("Kopi (قهوة) enak", False, ["Kopi (", "قهوة", ") enak"]),
    ("25.000–30.000 قهوة", False, ["25.000–30.000 ", "قهوة"]),
    ("قهوة 250 غ!", True, [" غ!", "250", "قهوة "]),
    ("😋 السلام 🍎", False, ["😋 ", "السلام", " 🍎"]),
]


@pytest.mark.parametrize(("line", "to_left", "parts"), CASES)
def test_the_parts_of_a_line_stand_as_the_algorithm_says(line: str, to_left: bool, parts: list[str]) -> None:
    assert [part for part, _ in directions.ordered(line, to_left)] == parts


def test_a_bracket_that_is_closed_on_the_next_line_runs_as_the_whole_text_does() -> None:
    alone = directions.ordered("Arabika) 250", True)
    beside = directions.ordered("Arabika) 250", True, ("قهوة (Kopi", "غ"))
    assert [part for part, _ in alone] == ["Arabika) 250"]
    assert [part for part, _ in beside] == ["250", ") ", "Arabika"]


def test_a_text_runs_as_most_of_its_letters_do_and_not_as_its_first() -> None:
    assert directions.goes_left("السلام عليكم")
    assert directions.goes_left("Kopi قهوة عربية طازجة")
    assert not directions.goes_left("قهوة Kopi Arabika Lereng Arjuno")
    assert not directions.goes_left("25.000 😋")


@pytest.mark.parametrize("seed", range(40))
def test_parts_drawn_one_by_one_look_as_when_the_shaper_orders_the_whole_line(seed: int) -> None:
    chance = random.Random(seed)
    words = chance.choices(["قهوة", "سلام", "250", "(12)", "25.000", "عسل", "(", ")", "10%", "!", "5-7"], k=chance.randint(1, 7))
    line, to_left = " ".join(words), chance.random() < 0.5
    font = fonts.face(60, 700, ARABIC)
    whole = Image.new("L", (1_600, 120))
    ImageDraw.Draw(whole).text((20, 80), line, fill=255, font=font, anchor="ls", direction="rtl" if to_left else "ltr")
    built, x = Image.new("L", whole.size), 20.0
    for part, turned in directions.ordered(line, to_left):
        ImageDraw.Draw(built).text((x, 80), part, fill=255, font=font, anchor="ls", direction="rtl" if turned else "ltr")
        x += font.getlength(part, direction="rtl" if turned else "ltr")
    apart = sum(one != other for one, other in zip(_columns(whole), _columns(built), strict=True))
    assert apart <= 3 * len(words), line  # a part begins on a fraction of a pixel


def _columns(picture: Image.Image) -> list[bool]:
    """Where there is ink above the baseline and where below, in steps of four pixels."""
    small = picture.resize((picture.width // 4, 4), Image.Resampling.BOX)
    return [value > 24 for value in small.tobytes()]


@pytest.mark.parametrize("text", [line for line, *_ in CASES])
def test_the_parts_that_are_drawn_are_as_wide_together_as_the_line_was_measured(text: str) -> None:
    known = fonts.known(text)
    for to_left in (False, True):
        wide = sum(fonts.space(700) if part == " " else fonts.em(part, 700) for part, _, _ in fonts.laid(known, to_left))
        assert wide == pytest.approx(fonts.width(known, 1, 700), abs=0.05)


def test_a_line_in_several_fonts_and_directions_is_laid_out_whole() -> None:
    laid = fonts.laid("قهوة Kopi ꦏꦺꦴꦥꦶ", True)
    assert [part for part, _, _ in laid if part != " "] == ["Kopi", "ꦏꦺꦴꦥꦶ", "قهوة"]
    assert [family.name for part, family, _ in laid if family] == ["Javanese", "Arabic"]
    assert [turned for part, _, turned in laid if part == "قهوة"] == [True]


def test_the_lines_of_a_text_that_runs_to_the_left_begin_below_each_other_on_the_right() -> None:
    facts = Facts(title="السلام عليكم ورحمة الله وبركاته أهلا وسهلا بكم في قريتنا")
    lines = [mark for mark in layout.arrange(templates.load("foto-penuh"), facts, Brand(), "square").marks if isinstance(mark, Words)]
    assert len(lines) > 1
    assert all(line.to_left for line in lines)
    assert len({round(line.x + line.width) for line in lines}) == 1
    assert min(line.x for line in lines) == 64
