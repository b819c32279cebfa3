"""Codes are read by another program before anybody prints them."""

import re
import zlib

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns import qrcodes

ADDRESS = "HTTPS://PROMO.JATIMPROV.GO.ID/Q/K7Q2XA"


def modules_of(rectangles: list[tuple[int, int, int, int]], side: int) -> list[list[bool]]:
    found = [[False] * side for _ in range(side)]
    for x, y, width, height in rectangles:
        for row in range(y, y + height):
            for column in range(x, x + width):
                assert not found[row][column], "two rectangles lie on each other"
                found[row][column] = True
    return found


def read(modules: list[list[bool]]) -> str:
    scale, side = 4, len(modules)
    pixels = b"".join(b"".join(b"\0" * scale if dark else b"\xff" * scale for dark in row) * scale for row in modules)
    found = zxingcpp.read_barcode(memoryview(pixels).cast("B", (side * scale, side * scale)))
    return found.text if found else ""


@pytest.mark.parametrize("level", ["L", "M", "Q", "H"])
@pytest.mark.parametrize("text", [ADDRESS, "https://wa.me/6281234?text=a%20b%26c", "Kopi Ijèn, 25 °C", "0123456789" * 5])
def test_another_decoder_reads_every_picture_we_write(text: str, level: str) -> None:
    qrcodes.proof(qrcodes.matrix(text, level), text)
    qrcodes.proof(qrcodes.png(text, level, scale=3), text)


def test_an_upper_case_address_makes_a_smaller_code_than_the_same_in_lower_case() -> None:
    assert len(qrcodes.matrix(ADDRESS)) == 29 < len(qrcodes.matrix(ADDRESS.lower())) == 33


def test_a_text_of_digits_and_letters_is_cut_where_the_code_gets_smallest() -> None:
    qris = "00020101021126570011ID.DANA.WWW011893600915300000000002090000000000303UMI51440014ID.CO.QRIS.WWW0215ID10200000000000303UMI"
    assert len(qrcodes.matrix(qris, "M")) <= 17 + 4 * 6
    qrcodes.proof(qrcodes.matrix(qris, "M"), qris)


def test_the_svg_shows_the_same_modules_inside_four_modules_of_white() -> None:
    picture = qrcodes.svg(ADDRESS)
    assert 'viewBox="0 0 37 37"' in picture
    drawn = [tuple(map(int, found)) for found in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z", picture)]
    assert min(found[0] for found in drawn) == min(found[1] for found in drawn) == 4
    assert max(found[0] + found[2] for found in drawn) == 33
    assert read(modules_of(drawn, 37)) == ADDRESS
    assert len(picture) < 4000


def test_the_pdf_is_one_square_page_with_the_same_modules() -> None:
    file = qrcodes.pdf(ADDRESS, side_mm=120)
    stream = zlib.decompress(file.partition(b"stream\n")[2].partition(b"\nendstream")[0]).decode()
    drawn = [tuple(map(int, found)) for found in re.findall(r"^(\d+) (\d+) (\d+) (\d+) re$", stream, re.MULTILINE)]
    assert read(modules_of(drawn, 37)) == ADDRESS
    assert b"/MediaBox[0 0 340.157 340.157]" in file
    start = int(file.rpartition(b"startxref\n")[2].split()[0])
    offsets = [int(line[:10]) for line in file[start:].splitlines()[3:7]]
    assert [file[offset : offset + 7] for offset in offsets] == [b"%d 0 obj" % number for number in (1, 2, 3, 4)]
    assert len(file) < 1500


def test_a_terminal_of_any_colours_shows_black_on_white_with_a_border() -> None:
    text = "http://192.168.1.20:8000/Q/K7Q2XA"
    rows: list[list[bool]] = []
    for line in qrcodes.terminal(text).split("\n"):
        upper: list[bool] = []
        lower: list[bool] = []
        for ink, paper, signs in re.findall(r"\x1b\[38;5;(16|231);48;5;(16|231)m([\u2580 ]+)", line):
            upper += [(ink if sign == "\u2580" else paper) == "16" for sign in signs]
            lower += [paper == "16"] * len(signs)
        assert line.endswith("\x1b[0m")
        rows += [upper, lower]
    assert not any(any(row) for row in rows[:4] + rows[-4:])
    assert not any(any(row[:4] + row[-4:]) for row in rows)
    assert read(rows[:-1]) == text  # an odd number of modules: the last half line is border too


def test_a_code_that_says_something_else_is_refused() -> None:
    with pytest.raises(qrcodes.UnreadableCode) as refused:
        qrcodes.proof(qrcodes.png(ADDRESS), "HTTPS://ELSEWHERE.ID/Q/K7Q2XA")
    assert refused.value.found == ADDRESS


def test_a_picture_without_a_code_is_refused() -> None:
    blank = ((False,) * 29,) * 29
    with pytest.raises(qrcodes.UnreadableCode):
        qrcodes.proof(blank, ADDRESS)


def test_a_text_too_long_for_the_largest_code_is_said_to_be() -> None:
    with pytest.raises(qrcodes.TooLongForCode):
        qrcodes.matrix("ä" * 4000)


@settings(max_examples=25, deadline=None)
@given(st.text("ABCDEFGHJKMNPQRSTVWXYZ0123456789", min_size=6, max_size=6), st.sampled_from("QH"))
def test_every_code_of_a_link_is_read_back(code: str, level: str) -> None:
    address = f"HTTPS://DESA.ID/Q/{code}"
    qrcodes.proof(qrcodes.matrix(address, level), address)


@pytest.mark.parametrize("broken", [b"", b"not a picture", qrcodes.png(ADDRESS)[:200]])
def test_a_broken_picture_is_refused(broken: bytes) -> None:
    with pytest.raises(qrcodes.UnreadableCode):
        qrcodes.proof(broken, ADDRESS)
