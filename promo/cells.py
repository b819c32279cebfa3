"""Boxes among boxes: a text that makes room for a code, and cells that stand in rows, one for each product of a poster."""

from collections.abc import Iterable
from dataclasses import replace

from promo.schema import MOST_ENTRIES, Layer, Quad, of

AIR = 36  # between a text and what it avoids
LINE = 420  # a column of text narrower than this reads badly
ROW = 60  # and in a strip lower than this nothing stands


def cleared(box: Quad, others: Iterable[Quad], *, largest: bool = False) -> Quad:
    """The box without the others: of the four rests the largest that still holds a line of text; or simply the `largest`."""
    left, top, right, bottom = box
    for a, b, c, d in others:
        if left < c and a < right and top < d and b < bottom:
            rests = (
                (left, top, a - AIR, bottom),
                (c + AIR, top, right, bottom),
                (left, top, right, b - AIR),
                (left, d + AIR, right, bottom),
            )
            beside, above = max(rests[:2], key=_area), max(rests[2:], key=_area)
            is_beside = beside[2] - beside[0] >= LINE or above[3] - above[1] < ROW
            left, top, right, bottom = max(beside, above, key=_area) if largest else beside if is_beside else above
    return left, top, right, bottom


def most(layer: Layer, form: str) -> int:
    """How many cells a layer has at most in a format."""
    return min(MOST_ENTRIES, of(layer.most, form, MOST_ENTRIES))


def rows(layer: Layer, box: Quad, form: str, count: int) -> list[Quad]:
    """The boxes of `count` cells in reading order; those of a last row that is not full share its width."""
    columns = max(1, min(of(layer.columns, form, 1), count))
    lines = -(-count // columns)
    between, tallest = of(layer.between, form, 24), of(layer.tallest, form, 0)
    height = (box[3] - box[1] - between * (lines - 1)) / lines
    height = min(height, tallest) if tallest else height
    free = box[3] - box[1] - lines * height - between * (lines - 1)
    y = box[1] + {"top": 0.0, "middle": free / 2, "bottom": free}[of(layer.anchor, form, "top")]
    found: list[Quad] = []
    for line in range(lines):
        here = min(columns, count - line * columns)
        width = (box[2] - box[0] - between * (here - 1)) / here
        for place in range(here):
            x = box[0] + place * (width + between)
            found.append((round(x), round(y), round(x + width), round(y + height)))
        y += height + between
    return found


def laid(layer: Layer, box: Quad, form: str, count: int) -> list[Layer]:
    """The layers of all cells, one after the other as they lie on each other, each with its entry.

    Names get the entry's number so that they can speak of each other. Cells never meet, so it is the same whether they are drawn cell by
    cell or layer by layer; layer by layer all photos come first, and an edit of words paints none of them again.
    """
    areas = rows(layer, box, form, count)
    return [
        replace(
            one,
            box={form: _inside(area, one.box[form])},
            entry=number,
            name=f"{one.name} {number}" if one.name else "",
            avoid=tuple(f"{name} {number}" for name in one.avoid),
            under=f"{one.under} {number}" if one.under else "",
        )
        for one in layer.cell
        if form in one.box
        for number, area in enumerate(areas, start=1)
    ]


def _inside(area: Quad, box: Quad) -> Quad:
    """A box of a cell on the poster: edges below 0 count from the cell's far side, a right or bottom edge of 0 is the far side itself."""
    wide, high = area[2] - area[0], area[3] - area[1]
    left, top = (edge if edge >= 0 else edge + far for edge, far in zip(box[:2], (wide, high), strict=True))
    right, bottom = (edge if edge > 0 else edge + far for edge, far in zip(box[2:], (wide, high), strict=True))
    return area[0] + left, area[1] + top, area[0] + right, area[1] + bottom


def _area(box: Quad) -> int:
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])
