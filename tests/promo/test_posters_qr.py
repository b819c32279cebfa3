"""A code on a poster is read by another program from what a feed makes of it: 270 pixels wide, JPEG quality 40."""

import functools
import io
from itertools import pairwise

import pytest
import zxingcpp
from PIL import Image

from campaigns import qrcodes
from promo import posters, templates

NAMES = [
    name for kind in ("poster", "slide") for name in templates.names(kind) if any(one.type == "qr" for one in templates.load(name).layers)
]
ADDRESS = "HTTPS://GIRIARUM.ID/Q/7K2M9P"
LONG_ADDRESS = "HTTPS://DESA-SUMBERREJO.DESA.ID/Q/7K2M9P"


@functools.cache
def photo() -> bytes:
    """A lively picture, so that the code has something to be lost in."""
    out = io.BytesIO()
    Image.effect_noise((1200, 900), 90).convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


def poster(template: str, form: str, address: str) -> Image.Image:
    facts = posters.Facts(
        title="Keripik apel Manalagi",
        price_text="Rp\u00a022.000",
        unit="bungkus 100 g",
        village="Wonorejo",
        body="Diiris dengan kulitnya, digoreng setiap Senin.",
        badge="Tinggal 6",
        link_text="wonorejo.id/Q/7K2M9P",
        qr=qrcodes.matrix(address),
        photo=photo(),
    )
    return Image.open(io.BytesIO(posters.draw(template, facts, posters.Brand(), form).jpeg))


def in_a_feed(picture: Image.Image) -> Image.Image:
    small = io.BytesIO()
    picture.resize((270, round(270 * picture.height / picture.width)), Image.Resampling.BICUBIC).save(small, "JPEG", quality=40)
    return Image.open(small)


@pytest.mark.parametrize("form", list(posters.FORMATS))
@pytest.mark.parametrize("template", NAMES)
def test_the_code_of_every_poster_is_read_from_a_feed(template: str, form: str) -> None:
    read = zxingcpp.read_barcodes(in_a_feed(poster(template, form, ADDRESS)))
    assert [code.text for code in read] == [ADDRESS]


@pytest.mark.parametrize("form", list(posters.FORMATS))
@pytest.mark.parametrize("template", NAMES)
def test_the_code_of_a_long_address_is_read_from_the_poster_itself(template: str, form: str) -> None:
    picture = poster(template, form, LONG_ADDRESS)
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [LONG_ADDRESS]


@pytest.mark.parametrize("template", NAMES)
def test_a_code_has_four_white_modules_around_it(template: str) -> None:
    picture = poster(template, "portrait", ADDRESS).convert("L")
    where = zxingcpp.read_barcodes(picture)[0].position
    corners = [where.top_left, where.top_right, where.bottom_right, where.bottom_left, where.top_left]
    module = (where.top_right.x - where.top_left.x) / len(qrcodes.matrix(ADDRESS))
    middle_x, middle_y = sum(one.x for one in corners[:4]) / 4, sum(one.y for one in corners[:4]) / 4
    for one, other in pairwise(corners):
        for part in (0.0, 0.25, 0.5, 0.75):
            x, y = one.x + (other.x - one.x) * part, one.y + (other.y - one.y) * part
            half = len(qrcodes.matrix(ADDRESS)) / 2 * module
            reach = (half + 3.3 * module) / half
            assert picture.getpixel((round(middle_x + (x - middle_x) * reach), round(middle_y + (y - middle_y) * reach))) > 235
