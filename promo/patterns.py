"""Batik motifs drawn by our own code as masks: kawung (palm fruit), parang (blades on the slant) and mega mendung (rain clouds)."""

import math

from PIL import Image, ImageDraw

from promo.keeping import kept

MOTIFS = ("kawung", "parang", "mega")
_FINE = 4  # drawn this much larger and made smaller, for smooth edges


@kept(megabytes=1)
def tile(motif: str, unit: int) -> Image.Image:
    """One repeat of a motif, `unit` pixels square, as a mask (mode L)."""
    size = max(8, unit) * _FINE
    mask = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(mask)
    {"kawung": _kawung, "parang": _parang, "mega": _mega}[motif](draw, size)
    return mask.resize((max(8, unit), max(8, unit)), Image.Resampling.BOX)


@kept(megabytes=3)
def spread(motif: str, unit: int, width: int, height: int) -> Image.Image:
    """A mask filled with the motif, whole repeats from the middle outwards so that both edges look alike."""
    one = tile(motif, unit)
    step = one.width
    mask = Image.new("L", (width, height), 0)
    left, top = -((-width // 2) % step), -((-height // 2) % step)
    for y in range(top, height, step):
        for x in range(left, width, step):
            mask.paste(one, (x, y))
    return mask


def _ellipse(x: float, y: float, long: float, short: float, turn: float) -> list[tuple[float, float]]:
    """A slender oval with pointed ends, turned."""
    points = []
    for step in range(48):
        angle = step * math.tau / 48
        across, along = short * math.sin(angle) * abs(math.sin(angle)) ** 0.35, long * math.cos(angle)
        points.append((x + along * math.cos(turn) - across * math.sin(turn), y + along * math.sin(turn) + across * math.cos(turn)))
    return points


def _kawung(draw: ImageDraw.ImageDraw, size: int) -> None:
    half, quarter = size / 2, size / 4
    for row in (-1, 0, 1, 2):
        for column in (-1, 0, 1, 2):
            x, y = quarter + column * half, quarter + row * half
            turn = math.pi / 4 if (row + column) % 2 == 0 else -math.pi / 4
            draw.polygon(_ellipse(x, y, size * 0.315, size * 0.125, turn), fill=255)
            draw.polygon(_ellipse(x, y, size * 0.22, size * 0.052, turn), fill=0)
            draw.polygon(_ellipse(x, y, size * 0.15, size * 0.022, turn), fill=255)
    dot = size * 0.028
    for x, y in ((half, 0), (half, size), (0, half), (size, half)):
        draw.polygon([(x - dot, y), (x, y - dot), (x + dot, y), (x, y + dot)], fill=255)


def _parang(draw: ImageDraw.ImageDraw, size: int) -> None:
    for lane in range(-2, 4):
        start = lane * size / 2
        for edge, wide in ((0.0, 0.022), (0.075, 0.012)):
            shift = start + edge * size
            width = max(1, round(wide * size))
            draw.line([(shift - size, size * 2), (shift + size * 2, -size)], fill=255, width=width)
        for step in range(-4, 9):
            along = (step + 0.5) * size / 4
            x, y = start + size * 0.29 + along, size - along
            draw.polygon(_ellipse(x, y, size * 0.125, size * 0.06, -math.pi / 2.35), fill=255)
            draw.polygon(_ellipse(x, y, size * 0.07, size * 0.022, -math.pi / 2.35), fill=0)


def _mega(draw: ImageDraw.ImageDraw, size: int) -> None:
    radius = size / 2
    for row in range(-1, 5):
        y = row * radius / 2
        offset = 0 if row % 2 == 0 else radius
        for column in range(-1, 3):
            x = column * size + offset
            for part, fill in ((1.0, 255), (0.93, 0), (0.7, 255), (0.63, 0), (0.4, 255), (0.0, 0)):
                reach = radius * part
                draw.ellipse((x - reach, y + radius - reach, x + reach, y + radius + reach), fill=fill)
