"""A code with a logo: at most 8 % of it, read by another decoder as PNG, SVG and PDF, and refused when it is not."""

import io
import re
import zlib

import pytest
import zxingcpp
from PIL import Image

from campaigns import logocodes, qrcodes
from campaigns.logocodes import Logo

ADDRESS = "HTTPS://WONOREJO.ID/Q/K7Q2XY"
RED = Logo(60, 40, bytes((180, 30, 20)) * 2_400)


def read(picture: Image.Image) -> str:
    found = zxingcpp.read_barcode(picture.convert("L"))
    return found.text if found else ""


@pytest.mark.parametrize("address", [ADDRESS, "HTTPS://DESA-WISATA-WONOREJO.KOTABATU.GO.ID/Q/K7Q2XY", "HTTP://127.0.0.1:8000/Q/7K2MXY"])
@pytest.mark.parametrize("logo", [RED, Logo(8, 64, b"\0" * 8 * 64 * 3), Logo(300, 300, b"\xff\xff\xff\0\0\0" * 45_000)])
def test_a_code_with_a_logo_is_read_and_the_logo_takes_at_most_8_percent(address: str, logo: Logo) -> None:
    code = logocodes.draw(address, logo)
    assert code.box**2 <= 0.08 * len(code.modules) ** 2
    x, y, width, height = code.place
    assert code.start + logocodes.SURROUND <= x + 1e-9
    assert x + width <= code.start + code.box - logocodes.SURROUND + 1e-9
    assert (x + width / 2, y + height / 2) == pytest.approx((len(code.modules) / 2,) * 2)
    assert width / height == pytest.approx(logo.width / logo.height)
    assert read(Image.open(io.BytesIO(logocodes.png(code, 8)))) == address


def test_the_logo_keeps_its_colour_and_the_code_its_white_border() -> None:
    code = logocodes.draw(ADDRESS, RED)
    picture = Image.open(io.BytesIO(logocodes.png(code, 10))).convert("RGB")
    assert picture.getpixel((picture.width // 2, picture.height // 2)) == (180, 30, 20)
    border = 10 * qrcodes.QUIET
    assert picture.crop((0, 0, picture.width, border)).getcolors() == [(picture.width * border, (255, 255, 255))]


def test_pdf_and_svg_hold_the_same_code_and_logo() -> None:
    code = logocodes.draw(ADDRESS, RED)
    file = logocodes.pdf(code, side_mm=50)
    drawing, picture = (zlib.decompress(part.partition(b"\nendstream")[0]) for part in file.split(b"stream\n")[1::2])
    drawn = [tuple(map(int, found)) for found in re.findall(rb"(\d+) (\d+) (\d+) (\d+) re", drawing)[1:]]
    assert drawn == [(x + qrcodes.QUIET, y + qrcodes.QUIET, w, h) for x, y, w, h in qrcodes.rectangles(code.modules)]
    assert picture == RED.rgb
    assert drawing.endswith(b"/Logo Do")
    svg = logocodes.svg(code)
    assert svg.count("<image") == 1
    inside = re.search(r'x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', svg)
    assert inside
    assert [float(part) - qrcodes.QUIET * (place < 2) for place, part in enumerate(inside.groups())] == pytest.approx(code.place, abs=1e-3)


def test_a_code_that_no_decoder_reads_under_its_logo_is_refused() -> None:
    code = logocodes.draw(ADDRESS, RED)
    rubbed_out = tuple(row if y < 20 else (False,) * len(row) for y, row in enumerate(code.modules))
    with pytest.raises(qrcodes.UnreadableCode):
        logocodes.proof(logocodes.LogoCode(rubbed_out, code.logo, code.start, code.box), ADDRESS)
