"""Every poster in every format still looks as it did when somebody looked at it last; `make posters` draws the golden pictures anew."""

import io

import pytest
from bench import contact_sheet
from PIL import Image, ImageChops, ImageStat

from promo import posters

CELL = 4  # differences are seen over cells of this many pixels: a shifted edge or another decoder's rounding is none
MOST, MEAN = 26, 2.2  # of 255: in the worst cell, and over the whole


def apart(one: Image.Image, other: Image.Image) -> tuple[float, float]:
    """How far two pictures are from each other to the eye: in their worst cell, and over the whole."""
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).reduce(CELL)
    return max(high for _, high in difference.getextrema()), sum(ImageStat.Stat(difference).mean) / 3  # type: ignore[misc]


@pytest.mark.parametrize("name", contact_sheet.every())
def test_every_poster_looks_as_it_did(name: str) -> None:
    drawn = io.BytesIO()
    contact_sheet.golden(name).save(drawn, "JPEG", quality=72)
    with Image.open(contact_sheet.GOLDEN / f"{name}.jpg") as golden:
        assert golden.size == Image.open(drawn).size
        worst, mean = apart(golden, Image.open(drawn))
    assert worst <= MOST
    assert mean <= MEAN


def test_a_poster_that_lost_its_price_would_be_noticed() -> None:
    with Image.open(contact_sheet.GOLDEN / "bingkai.jpg") as golden, Image.open(contact_sheet.GOLDEN / "belah.jpg") as other:
        assert apart(golden, other)[1] > MEAN
        without = golden.convert("RGB")
        without.paste("#faf3e6", (14, 95, 64, 107))  # where the price stands in the square
        assert apart(golden, without)[0] > MOST


def test_the_golden_pictures_are_those_of_the_posters_there_are() -> None:
    assert sorted(path.stem for path in contact_sheet.GOLDEN.glob("*.jpg")) == sorted(contact_sheet.every())


def test_the_sheet_of_the_readme_is_there_and_light() -> None:
    assert 50_000 < contact_sheet.SHEET.stat().st_size <= contact_sheet.SHEET_BYTES
    assert len(posters.names()) >= 13
