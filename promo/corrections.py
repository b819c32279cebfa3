"""Dim phone pictures made brighter, within bounds; a good picture is never touched.

The measure was taken from good photos: even the darkest of them, terracotta on brown wood, has a hundredth of its pixels above 160. A
picture without any light above that, and dark in the middle too, was taken in a dim room; one that is all black has nothing to bring out.
"""

import io
from collections.abc import Sequence

from PIL import Image

DIM_LIGHTS, DIM_MIDDLE = 145, 78  # of 255: its brightest hundredth and its middle, at most
NIGHT = 26  # its brightest hundredth, at least: below is the black of a lens cap
FLAT = 14  # between its darkest and its brightest hundredth, at least: below there is no picture
LIGHTS, MIDDLE = 218, 96  # where they are to come to
MOST_GAIN, LEAST_GAMMA = 2.2, 0.78
_THUMB = 256
_QUALITY = 90


def corrected(jpeg: bytes) -> tuple[bytes, bool]:
    """A master made brighter when it is dim, and whether it was; otherwise the very same bytes. The way back is to keep the master."""
    curve = _curve(_histogram(jpeg))
    if curve is None:
        return jpeg, False
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        brighter = image.convert("RGB").point(curve * 3)
    brighter.info.clear()
    out = io.BytesIO()
    brighter.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue(), True


def is_dim(jpeg: bytes) -> bool:
    """Whether `corrected` would change it."""
    return _curve(_histogram(jpeg)) is not None


def _histogram(jpeg: bytes) -> list[int]:
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        image.draft("L", (_THUMB, _THUMB))
        return image.convert("L").histogram()


def _curve(bars: Sequence[int]) -> list[int] | None:
    """For each value the brighter one: stretched, then lifted in the middle; None for a picture that is good or hopeless."""
    dark, middle, lights = (_percentile(bars, part) for part in (0.01, 0.5, 0.99))
    if lights >= DIM_LIGHTS or middle >= DIM_MIDDLE or lights < NIGHT or lights - dark < FLAT:
        return None
    floor = min(dark * 0.7, 16)
    gain = min(MOST_GAIN, LIGHTS / max(1.0, lights - floor))
    lifted = max(1.0, (middle - floor) * gain)
    gamma = min(1.0, max(LEAST_GAMMA, _power(lifted, MIDDLE)))
    return [_soft(max(0.0, (value - floor) * gain), gamma) for value in range(256)]


def _soft(value: float, gamma: float) -> int:
    """Lifted by gamma; the highest lights come to rest below white instead of all being cut off at it."""
    lit = 255 * float((min(value, 400) / 255) ** gamma)
    return round(lit if lit <= LIGHTS else LIGHTS + (255 - LIGHTS) * (1 - 1 / (1 + (lit - LIGHTS) / (255 - LIGHTS))))


def _power(value: float, wanted: float) -> float:
    """The gamma that brings one value to another, by three halvings of the way: the bounds are narrow."""
    low, high = LEAST_GAMMA, 1.0
    for _ in range(6):
        middle = (low + high) / 2
        low, high = (middle, high) if 255 * (value / 255) ** middle > wanted else (low, middle)
    return (low + high) / 2


def _percentile(bars: Sequence[int], part: float) -> int:
    left = part * sum(bars)
    for value, count in enumerate(bars):
        left -= count
        if left <= 0:
            return value
    return 255
