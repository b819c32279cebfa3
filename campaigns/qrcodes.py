"""QR codes: from a text to modules, to SVG, PNG, PDF or a terminal, and the proof that another program reads them.

Print upper-case addresses (`links.url(..., upper_url=True)`): they need fewer, larger modules. Level Q indoors, H outdoors or under a logo.
"""

import struct
import zlib
from collections.abc import Mapping
from itertools import groupby

Matrix = tuple[tuple[bool, ...], ...]
Rectangle = tuple[int, int, int, int]

QUIET = 4  # modules of white around a code, part of the artwork: without them two of three readers fail on a dark board
USES = {"indoors": "Q", "outdoors": "H"}  # dirt on 3 to 10 % of a code: Q was read 95 to 50 times of 100, H 100 to 85
LEVELS = {"L": 1, "M": 0, "Q": 3, "H": 2}  # the numbers the standard gives the levels
# How short a run of digits or capitals may be split off as a segment of its own. None is best for every text, so the smallest code is kept.
SPLITS = (0, 4, 6, 8, 20)
_PNG = b"\x89PNG\r\n\x1a\n"
_GREY = bytes.maketrans(b"01", b"\x00\xff")
_POINTS_PER_MM = 72 / 25.4
_BLACK, _WHITE = 16, 231  # in the 256-colour table these two are never changed by a theme, as the first sixteen are


class TooLongForCode(ValueError):
    """The text does not fit the largest code of this level."""


class UnreadableCode(ValueError):
    """The other decoder read nothing, or something else; `found` is what it read."""

    def __init__(self, found: str | None) -> None:
        super().__init__(found)
        self.found = found


def matrix(text: str, level: str = "Q") -> Matrix:
    """The modules of a code, row by row, dark is True, without the white around it. Raises TooLongForCode."""
    import qrcode
    from qrcode.exceptions import DataOverflowError

    smallest = None
    for split in SPLITS:
        code = qrcode.QRCode(error_correction=LEVELS[level])
        code.add_data(text, optimize=split)
        try:
            code.best_fit()
        except (DataOverflowError, ValueError):
            continue
        if smallest is None or code.version < smallest.version:
            smallest = code
    if smallest is None:
        raise TooLongForCode(text)
    smallest.make(fit=False)
    return tuple(tuple(bool(module) for module in row) for row in smallest.modules)


def rectangles(modules: Matrix) -> list[Rectangle]:
    """The dark parts as (x, y, width, height) in modules: runs merged sideways, equal runs then downwards: no seams show in print."""
    open_runs: dict[tuple[int, int], int] = {}
    done: list[Rectangle] = []
    for y, row in enumerate((*modules, ())):
        runs = set(_runs(row))
        for run in [run for run in open_runs if run not in runs]:
            top = open_runs.pop(run)
            done.append((run[0], top, run[1], y - top))
        for run in runs:
            open_runs.setdefault(run, y)
    return sorted(done, key=lambda found: (found[1], found[0]))


def _runs(row: tuple[bool, ...]) -> list[tuple[int, int]]:
    found, x = [], 0
    for is_dark, group in groupby(row):
        width = len(list(group))
        if is_dark:
            found.append((x, width))
        x += width
    return found


def svg(text: str, level: str = "Q") -> str:
    """An SVG document of the code with its white border; it has no size of its own and fills whatever holds it."""
    modules = matrix(text, level)
    side = len(modules) + 2 * QUIET
    path = "".join(f"M{x + QUIET} {y + QUIET}h{width}v{height}h-{width}z" for x, y, width, height in rectangles(modules))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    )


def png(text: str, level: str = "Q", scale: int = 10) -> bytes:
    """A black and white PNG with its white border, `scale` pixels a module."""
    return _png_of(matrix(text, level), scale)


def _png_of(modules: Matrix, scale: int) -> bytes:
    side = (len(modules) + 2 * QUIET) * scale
    white, edge = "1" * side, "1" * (QUIET * scale)
    lines = [white] * QUIET + [edge + "".join("01"[not dark] * scale for dark in row) + edge for row in modules] + [white] * QUIET
    bits = -(-side // 8) * 8
    rows = b"".join((b"\0" + int(line.ljust(bits, "1"), 2).to_bytes(bits // 8, "big")) * scale for line in lines)
    return png_file(struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0), zlib.compress(rows, 9))  # one bit a pixel, grey


def png_file(header: bytes, compressed: bytes) -> bytes:
    """A PNG of its header (IHDR) and its compressed rows."""
    chunks = ((b"IHDR", header), (b"IDAT", compressed), (b"IEND", b""))
    return _PNG + b"".join(_chunk(name, body) for name, body in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def pdf(text: str, level: str = "Q", *, side_mm: float = 100) -> bytes:
    """A PDF of one square page, `side_mm` wide with the white border; lines, not pixels."""
    modules = matrix(text, level)
    side, points = len(modules) + 2 * QUIET, side_mm * _POINTS_PER_MM
    # PDF counts upwards from the bottom: the matrix turns it over and makes a module one unit.
    lines = [f"{points / side:.5f} 0 0 {-points / side:.5f} 0 {points:.3f} cm 1 g 0 0 {side} {side} re f 0 g"]
    lines += [f"{x + QUIET} {y + QUIET} {width} {height} re" for x, y, width, height in rectangles(modules)]
    return pdf_page(points, "\n".join([*lines, "f"]))


def pdf_page(points: float, drawing: str, pictures: Mapping[str, tuple[str, bytes]] | None = None) -> bytes:
    """A PDF of one square page of so many points; `pictures` are {name: (its dictionary up to the length, its raw bytes)}."""
    named = "".join(f"/{name} {number} 0 R" for number, name in enumerate(pictures or {}, 5))
    resources = f"<</XObject<<{named}>>>>" if named else "<<>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {points:.3f} {points:.3f}]/Contents 4 0 R/Resources{resources}>>".encode(),
        _stream("<<", drawing.encode()),
        *(_stream(head, body) for head, body in (pictures or {}).values()),
    ]
    return _pdf_file(objects)


def _stream(head: str, body: bytes) -> bytes:
    packed = zlib.compress(body, 9)
    return f"{head}/Length {len(packed)}/Filter/FlateDecode>>stream\n".encode() + packed + b"\nendstream"


def _pdf_file(objects: list[bytes]) -> bytes:
    file, starts = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        starts.append(len(file))
        file += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    size = len(objects) + 1
    ending = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(file))
    return file + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + ending


def terminal(text: str) -> str:
    """The code for a terminal, two rows of modules a line, in fixed black and white: a phone reads it on a dark and on a light terminal.

    It holds escape codes: write it as it is, without wrapping. Level M, as screens are clean and terminals small.
    """
    modules = matrix(text, "M")
    light = (False,) * (len(modules) + 2 * QUIET)
    edge = (False,) * QUIET
    rows = (
        [light] * QUIET + [edge + row + edge for row in modules] + [light] * (QUIET + 1)
    )  # an odd number of rows: one more fills the line
    return "\n".join(_terminal_line(upper, lower) for upper, lower in zip(rows[::2], rows[1::2], strict=True))


def _terminal_line(upper: tuple[bool, ...], lower: tuple[bool, ...]) -> str:
    line = ""
    for (above, below), group in groupby(zip(upper, lower, strict=True)):
        colours = f"\x1b[38;5;{_BLACK if above else _WHITE};48;5;{_BLACK if below else _WHITE}m"
        # Two of a colour are a space: some fonts leave hairlines around the half block.
        line += colours + (" " if above == below else "\u2580") * len(list(group))
    return line + "\x1b[0m"


def proof(code: bytes | Matrix, text: str) -> None:
    """Let another decoder (zxing-cpp) read a code, a PNG as `png` writes it or a matrix. Raises UnreadableCode unless it reads `text`."""
    import zxingcpp

    width, pixels = _pixels(code if isinstance(code, bytes) else _png_of(code, 4))
    picture = memoryview(pixels).cast("B", (len(pixels) // width, width))
    found = zxingcpp.read_barcode(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    if found is None or found.text != text:
        raise UnreadableCode(found.text if found else None)


def read(width: int, pixels: bytes) -> list[str]:
    """The texts of the QR codes in a picture, one byte of brightness a pixel, `width` of them a row."""
    import zxingcpp

    picture = memoryview(pixels).cast("B", (len(pixels) // width, width))
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return [found.text for found in zxingcpp.read_barcodes(picture, formats=formats, text_mode=zxingcpp.TextMode.Plain)]


def _pixels(data: bytes) -> tuple[int, bytes]:
    """(width, one byte a pixel) of a PNG of our own making: one bit a pixel, grey, unfiltered, one IDAT."""
    if data[:8] != _PNG or data[24:26] != b"\x01\x00":
        raise UnreadableCode(None)
    try:
        (width,) = struct.unpack(">I", data[16:20])
        rows = zlib.decompressobj().decompress(data[data.index(b"IDAT") + 4 :])
    except (ValueError, zlib.error) as broken:
        raise UnreadableCode(None) from broken
    step = -(-width // 8) + 1
    if len(rows) != step * width:
        raise UnreadableCode(None)
    lines = (bin(int.from_bytes(rows[at + 1 : at + step], "big"))[2:].zfill((step - 1) * 8)[:width] for at in range(0, len(rows), step))
    return width, b"".join(line.encode().translate(_GREY) for line in lines)
