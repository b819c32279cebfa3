"""Masks, shadows and scrims for posters: smooth edges, soft shade, and tints exactly as strong as the words on them need."""

import functools
import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter, UnidentifiedImageError

from promo import colours, photos
from promo.templates import Quad

_LIGHT = [round(255 * colours.linear(value)) for value in range(256)]
_MARGIN = 0.012  # of luminance: what JPEG and rounding may add
_CELL = 6  # the photo is measured in cells of this many pixels: about a stroke of a letter
_LOGO_PIXELS = 30_000_000


@functools.lru_cache(maxsize=64)
def mask(width: int, height: int, shape: str, radius: int) -> Image.Image:
    """A smooth mask of a rect with round corners, a circle, or an arch (a half circle on a rect)."""
    if shape == "circle":
        side = min(width, height)
        disc = Image.new("L", (side * 2, side * 2), 0)
        ImageDraw.Draw(disc).ellipse((0, 0, side * 2 - 1, side * 2 - 1), fill=255)
        whole = Image.new("L", (width, height), 0)
        whole.paste(disc.resize((side, side), Image.Resampling.BOX), ((width - side) // 2, (height - side) // 2))
        return whole
    above = width // 2 if shape == "arch" else radius
    whole = Image.new("L", (width, height), 255)
    for reach, top in ((min(above, height, width // 2), True), (min(radius, height // 2, width // 2), False)):
        if reach > 0:
            left, right = _corner(reach), _corner(reach).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            if not top:
                left, right = (one.transpose(Image.Transpose.FLIP_TOP_BOTTOM) for one in (left, right))
            y = 0 if top else height - reach
            whole.paste(left, (0, y))
            whole.paste(right, (width - reach, y))
    return whole


@functools.lru_cache(maxsize=64)
def _corner(radius: int) -> Image.Image:
    fine = 4
    tile = Image.new("L", (radius * fine, radius * fine), 0)
    ImageDraw.Draw(tile).ellipse((0, 0, radius * 2 * fine - 1, radius * 2 * fine - 1), fill=255)
    return tile.resize((radius, radius), Image.Resampling.BOX)


def faded(whole: Image.Image, opacity: float) -> Image.Image:
    """A mask made weaker."""
    return whole if opacity >= 1 else whole.point([round(value * opacity) for value in range(256)])


@functools.lru_cache(maxsize=32)
def shade(width: int, height: int, shape: str, radius: int, blur: int) -> Image.Image:
    """The mask of a soft shadow, `blur` pixels larger on every side; made small and enlarged, as nobody sees the difference."""
    small = 6
    wide, high = width + 2 * blur, height + 2 * blur
    tiny = Image.new("L", (max(2, wide // small), max(2, high // small)), 0)
    body = mask(max(2, width // small), max(2, height // small), shape, radius // small)
    tiny.paste(body, ((tiny.width - body.width) // 2, (tiny.height - body.height) // 2))
    return tiny.filter(ImageFilter.GaussianBlur(blur / small / 2.2)).resize((wide, high), Image.Resampling.BICUBIC)


@functools.lru_cache(maxsize=4)
def cropped(jpeg: bytes, focus: tuple[float, float], size: tuple[int, int]) -> tuple[Image.Image, float]:
    """The photo cut to `size` around its focus, and how much it was enlarged. The last few are kept: an edit of words decodes nothing."""
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        full = image.size
        box = photos.crop_box(full, focus, size[0] / size[1])
        enlarged = size[0] / (box[2] - box[0])
        image.draft("RGB", (round(full[0] * enlarged), round(full[1] * enlarged)))
        rest = image.convert("RGB")
    shrunk = rest.width / full[0]
    part = tuple(edge * shrunk for edge in box)
    part = (part[0], part[1], min(part[2], rest.width), min(part[3], rest.height))
    return rest.resize(size, Image.Resampling.BICUBIC if enlarged > 1.15 else Image.Resampling.HAMMING, box=part), enlarged


@functools.lru_cache(maxsize=16)
def logo(data: bytes, side: int) -> tuple[Image.Image | None, str]:
    """The logo to fit a square, with its transparency, and a warning's key or "". None when it cannot be used."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF")) as image:
            if image.width * image.height > _LOGO_PIXELS:
                return None, "poster.logo_too_large"
            image.draft(None, (side, side))
            whole = image.convert("RGBA")
    except UnidentifiedImageError:
        return None, "poster.logo_broken"
    except Exception:  # decoders raise whatever they like
        return None, "poster.logo_broken"
    inside = whole.getchannel("A").getbbox()
    if inside is None:
        return None, "poster.logo_broken"
    whole = whole.crop(inside)
    if max(whole.size) < 48:
        return None, "poster.logo_too_small"
    scale = side / max(whole.size)
    size = (max(1, round(whole.width * scale)), max(1, round(whole.height * scale)))
    return whole.resize(size, Image.Resampling.LANCZOS), "poster.logo_small" if scale > 1.5 else ""


@functools.lru_cache(maxsize=16)
def gate(side: int) -> Image.Image:
    """The mark of a village without a logo, as a mask: the two halves of a split gate, stepped like the real ones."""
    fine = 4
    size = side * fine
    whole = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(whole)
    outline: tuple[tuple[float, float], ...] = (
        (0.0, 0.0),
        (0.37, 0.0),
        (0.37, 0.12),
        (0.30, 0.12),
        (0.30, 0.30),
        (0.345, 0.36),
        (0.235, 0.36),
        (0.235, 0.50),
        (0.275, 0.56),
    )
    outline += ((0.175, 0.56), (0.175, 0.68), (0.21, 0.73), (0.115, 0.73), (0.115, 0.84), (0.055, 0.96), (0.0, 1.0))
    for way in (-1, 1):
        points = [((0.5 + way * (0.055 + reach)) * size, (0.97 - rise * 0.94) * size) for reach, rise in outline]
        draw.polygon(points, fill=255)
    return whole.resize((side, side), Image.Resampling.BOX)


def needed(picture: Image.Image, lights: Sequence[tuple[Quad, float]], tint: str, least: float) -> float:
    """How strong a tint must be, `least`..1, so that every text stands out 4.5:1 from the brightest cells behind it."""
    strength = least
    for box, light in lights:
        box = (max(0, box[0] - 4), max(0, box[1] - 4), min(picture.width, box[2] + 4), min(picture.height, box[3] + 4))
        if box[0] >= box[2] or box[1] >= box[3]:
            continue
        allowed = (light + 0.05) / colours.READABLE - 0.05 - _MARGIN
        cells = picture.crop(box).reduce(_CELL)
        while strength < 1 and _brightest(cells, tint, strength) > allowed:
            strength = min(1.0, strength + 0.03)
    return strength


def _brightest(cells: Image.Image, tint: str, strength: float) -> float:
    """Luminance that all but 1 in 200 cells stay below once the tint lies over them."""
    over = Image.blend(cells, Image.new("RGB", cells.size, tint), strength)
    light = over.point(_LIGHT * 3).convert("L", (0.2126, 0.7152, 0.0722, 0.5))
    left = max(1, light.width * light.height // 200)
    for value, count in reversed(list(enumerate(light.histogram()))):
        left -= count
        if left < 0:
            return (value + 0.5) / 255
    return 0.0


@functools.lru_cache(maxsize=64)
def slope(length: int, start: int, fade: int, strength: int, seal: bool) -> Image.Image:
    """A column of a scrim: nothing, an eased rise that ends at `start`, then `strength` (0..255); sealed, full at the end."""
    values = []
    for place in range(length):
        rise = min(1.0, max(0.0, (place - (start - fade)) / max(1, fade)))
        value = strength * rise * rise * (3 - 2 * rise)
        if seal and place > start:
            end = (place - start) / max(1, length - 1 - start)
            value += (255 - value) * end * end * (3 - 2 * end)
        values.append(round(value))
    return Image.frombytes("L", (1, length), bytes(values))
