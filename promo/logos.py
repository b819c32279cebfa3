"""A village's logo made ready for a poster: PNG, JPEG, WebP, GIF or SVG; what cannot be used is answered with the key of a sentence.

An SVG is drawn by resvg in a process of its own (svg.py). What could reach out of that is refused before it sees the file: names of other
files, entities, effects without bound, and copies of copies of copies.
"""

import functools
import io
import re

from PIL import Image, UnidentifiedImageError

from promo import colours, svg
from promo.colours import Brand

MOST_PIXELS = 30_000_000
MOST_SVG, MOST_COPIES = 300_000, 16  # bytes; <use> elements: 3 in each of 5 layers make 243 shapes at most
LEAST_SIDE = 48
_SVG = re.compile(rb"^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*|<!DOCTYPE[^>\[]*>\s*)*<svg\b", re.DOTALL | re.IGNORECASE)
_REFUSED = re.compile(
    rb"<!ENTITY|<(image|filter|feImage|foreignObject|script|pattern)\b|href\s*=\s*[\"'](?!#)|@import|url\(\s*[\"']?(?!#)", re.IGNORECASE
)


@functools.lru_cache(maxsize=16)
def opened(data: bytes, side: int) -> tuple[Image.Image | None, str]:
    """The logo to fit a square, with its transparency, and a warning's key or "". None when it cannot be used."""
    try:
        whole, warning = _svg(data, side) if is_svg(data) else _picture(data, side)
    except UnidentifiedImageError:
        return None, "poster.logo_broken"
    except Exception:  # decoders raise whatever they like
        return None, "poster.logo_broken"
    inside = whole.getchannel("A").getbbox() if whole is not None else None
    if whole is None or inside is None:
        return None, warning or "poster.logo_broken"
    whole = whole.crop(inside)
    if max(whole.size) < LEAST_SIDE:
        return None, "poster.logo_too_small"
    scale = side / max(whole.size)
    size = (max(1, round(whole.width * scale)), max(1, round(whole.height * scale)))
    return whole.resize(size, Image.Resampling.LANCZOS), "poster.logo_small" if scale > 1.5 else ""


def cleaned(data: bytes, side: int) -> tuple[bytes, str]:
    """The logo as a PNG of at most `side` pixels with nothing else of its file in it, and ""; or no bytes and a warning's key."""
    picture, warning = opened(data, side)
    for smaller in (side // 2, side // 4):  # never enlarged
        if picture is not None and warning:
            picture, warning = opened(data, smaller)
    if picture is None:
        return b"", warning
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue(), ""


def is_svg(data: bytes) -> bool:
    """Whether these bytes begin as an SVG does."""
    return bool(_SVG.match(data[:2_000].removeprefix(b"\xef\xbb\xbf")))


def _picture(data: bytes, side: int) -> tuple[Image.Image | None, str]:
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF")) as image:
        if image.width * image.height > MOST_PIXELS:
            return None, "poster.logo_too_large"
        image.draft(None, (side, side))
        return image.convert("RGBA"), ""


def _svg(data: bytes, side: int) -> tuple[Image.Image | None, str]:
    if len(data) > MOST_SVG or _REFUSED.search(data) or data.lower().count(b"<use") > MOST_COPIES:
        return None, "poster.logo_svg"
    drawn = svg.drawn(data, _wide(data, max(256, 2 * side)))
    with Image.open(io.BytesIO(drawn), formats=("PNG",)) as image:
        return (image.convert("RGBA"), "") if image.width * image.height <= MOST_PIXELS else (None, "poster.logo_too_large")


def _wide(data: bytes, side: int) -> int:
    """The width at which the longer side of the drawing is `side`; a drawing that says no shape is taken as square."""
    box = re.search(rb"viewBox\s*=\s*[\"']\s*[-\d.e]+[\s,]+[-\d.e]+[\s,]+([\d.e]+)[\s,]+([\d.e]+)", data)
    wide, high = re.search(rb"<svg[^>]*?\swidth\s*=\s*[\"']([\d.]+)", data), re.search(rb"<svg[^>]*?\sheight\s*=\s*[\"']([\d.]+)", data)
    shape = (float(box[1]), float(box[2])) if box else (float(wide[1]), float(high[1])) if wide and high else (1.0, 1.0)
    return max(1, min(side, round(side * shape[0] / max(shape[1], 1e-6))))


def proposed(data: bytes) -> Brand | None:
    """A kit out of a logo's colours, mended so that all can be read in it; None when it has no colour or cannot be opened.

    The most frequent strong colour leads, the strongest of another hue is the accent; dark and light are its own, deep and pale.
    """
    picture, _ = opened(data, 128)
    if picture is None:
        return None
    weights = _strong(picture)
    if not weights:
        return None
    lead = max(weights, key=lambda hue: weights[hue][0])
    others = {hue: one for hue, one in weights.items() if min((hue - lead) % 24, (lead - hue) % 24) >= 3}
    primary = weights[lead][1]
    accent = max(others.values(), key=lambda one: one[0])[1] if others else colours.mix(Brand().accent, primary, 0.15)
    return colours.mended(
        Brand(primary, colours.mix(primary, "#0b0f0d", 0.62), accent, colours.mix(primary, "#fdf9f1", 0.93), Brand().pattern)
    )


def _strong(picture: Image.Image) -> dict[int, tuple[float, str]]:
    """By hue (24 steps): how much of it there is, weighed by its strength, and its mean colour. Greys, white and black are no hue."""
    small = picture.resize((64, 64), Image.Resampling.BOX)
    sums: dict[int, list[float]] = {}
    flat, hsv = small.tobytes(), small.convert("RGB").convert("HSV").tobytes()
    for place in range(64 * 64):
        red, green, blue, alpha = flat[4 * place : 4 * place + 4]
        hue, strength, value = hsv[3 * place : 3 * place + 3]
        if alpha > 128 and strength > 60 and value > 40:
            weight = strength * value / 65025
            row = sums.setdefault(hue * 24 // 256, [0.0, 0.0, 0.0, 0.0])
            for column, amount in enumerate((1.0, red, green, blue)):
                row[column] += weight * amount
    return {hue: (row[0], colours.text((row[1] / row[0], row[2] / row[0], row[3] / row[0]))) for hue, row in sums.items() if row[0] > 8}
