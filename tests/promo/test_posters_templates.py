"""A template that cannot work says which file, which key and why, before anybody sees a poster of it."""

import pytest

from promo import posters, templates
from promo.templates import BrokenTemplate, UnknownPoster

GOOD = """
title = { id = "Contoh", en = "Sample" }
background = "light"

[[layer]]
type = "text"
name = "words"
on = "light"
items = [{ src = "title", size = 60, lines = 3, weight = 800 }]
[layer.box]
square = [64, 64, 1016, 500]
"""


def test_a_good_template_is_read() -> None:
    template = templates.parse(GOOD, "contoh")
    assert template.title["en"] == "Sample"
    assert template.layers[0].box["square"] == (64, 64, 1016, 500)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title = {", "titel = {", "contoh/poster.toml: poster.titel: is not a key here"),
        ('background = "light"', 'background = "green"', "background: must be a colour by role"),
        ('type = "text"', 'type = "words"', "layer 1.type: must be one of photo"),
        ("[64, 64, 1016, 500]", "[64, 64, 1016]", "layer 1 (words).box.square: must be four whole numbers"),
        ("[64, 64, 1016, 500]", "[64, 64, 1060, 500]", "layer 1 (words).box.square: leaves the safe area"),
        ("[64, 64, 1016, 500]", "[64, 500, 1016, 64]", "must have left < right and top < bottom"),
        ("square = [", "postcard = [", "knows no format postcard"),
        ('src = "title"', 'src = "name"', "items 1.src: must be one of title"),
        ("weight = 800", "weight = 900", "items 1.weight: must be 400, 500, 600, 700 or 800"),
        ("size = 60", 'size = "big"', "items 1.size: must be a whole number"),
        ('on = "light"', 'on = "light"\navoid = ["code"]', "speaks of a layer code that is not there"),
        ('on = "light"', 'anchor = "centre"', "anchor: must be one of top, middle, bottom"),
        ("lines = 3", "lines = 3, colour = '#ff0000'", "items 1.colour: must be a colour by role"),
        ('title = { id = "Contoh", en = "Sample" }', 'title = "Contoh"', 'title: must be words by language with at least "id"'),
        ("items = [", "items = [[", "the file: "),
        ("lines = 3", 'lines = 3, fit = "grow"', "items 1.fit: must be one of keep, shrink, fit"),
        ("lines = 3", 'lines = 3, overflow = "hide"', "items 1.overflow: must be one of ellipsis, error"),
        ('background = "light"', 'background = "light"\nentries = [4, 99]', "entries: must be two whole numbers up to 12"),
        ('background = "light"', 'background = "light"\nkind = "film"', "kind: must be one of poster, slide"),
        ('background = "light"', 'background = "light"\ncarousel = { item = "x" }', "carousel: must be {item"),
    ],
)
def test_a_broken_template_says_where_and_why(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(BrokenTemplate) as caught:
        templates.parse(GOOD.replace(old, new, 1), "contoh")
    assert "contoh/poster.toml" in str(caught.value)
    assert said in str(caught.value)


def test_two_texts_in_one_place_are_refused() -> None:
    twice = GOOD + GOOD[GOOD.index("[[layer]]") :].replace('"words"', '"more"')
    with pytest.raises(BrokenTemplate, match="lie on each other"):
        templates.parse(twice, "contoh")


def test_every_template_has_every_format_a_title_in_both_languages_and_a_small_preview() -> None:
    assert len(posters.names()) >= 13
    for name in posters.names():
        template = templates.load(name)
        assert set(template.title) >= {"id", "en"}
        assert set(template.about) >= {"id", "en"}
        for format_ in templates.FORMATS:
            assert any(format_ in layer.box for layer in template.layers if layer.type == "text"), (name, format_)
        assert 5_000 < (templates.FOLDER / name / "preview.jpg").stat().st_size <= 60 * 1024


@pytest.mark.parametrize("name", ["tidak-ada", "../languages", "", "."])
def test_a_poster_that_is_not_there_is_an_error_of_its_own(name: str) -> None:
    with pytest.raises(UnknownPoster):
        templates.load(name)


CELLS = """
title = { id = "Rak" }
background = "light"
entries = [2, 6]

[[layer]]
type = "cells"
name = "goods"
most = 6
columns = 2
box = { square = [64, 64, 1016, 1016] }
[[layer.cell]]
type = "photo"
box = [0, 0, 0, -100]
[[layer.cell]]
type = "text"
name = "name"
on = "light"
items = [{ src = "title", size = 32, least = 18 }]
box = [0, -90, 0, 0]
"""


def test_a_template_with_cells_is_read() -> None:
    assert [one.type for one in templates.parse(CELLS, "rak").layers[0].cell] == ["photo", "text"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[0, 0, 0, -100]", "[0, 0, 0, -320]", "goods.box.square: with 5: photo does not fit its cell"),
        ('type = "photo"', 'type = "qr"', "cell 1.type: must be one of photo, scrim, shape, pattern, text"),
        ('src = "title"', 'src = "village"', "items 1.src: must be one of title"),
        ("[0, -90, 0, 0]", "[0, -90, 0]", "must be four whole numbers: left, top, right, bottom, below 0"),
        ("[64, 64, 1016, 1016]", "[0, 64, 1016, 1016]", "leaves the safe area"),
        ("columns = 2", 'columns = "two"', "columns: must be a whole number"),
        ("columns = 2", "rows = 2", "rows: is not a key here"),
        ('type = "photo"\n', 'type = "text"\nitems = [{ src = "price" }]\n', "lie on each other"),
    ],
)
def test_broken_cells_say_where_and_why(old: str, new: str, said: str) -> None:
    assert old in CELLS
    text = CELLS.replace(old, new, 1)
    if said == "lie on each other":
        text = text.replace("[0, 0, 0, -100]", "[0, 0, 0, -60]")
    with pytest.raises(BrokenTemplate) as caught:
        templates.parse(text, "rak")
    assert said in str(caught.value)


def test_no_template_there_is_is_broken() -> None:
    assert templates.broken() == []
