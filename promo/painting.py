"""Masks, shadows and scrims for posters: smooth edges, soft shade, and tints exactly as strong as the words on them need."""

import functools
import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter

from promo import colours, fonts, photos
from promo.keeping import kept
from promo.schema import Quad

_LIGHT = [round(255 * colours.linear(value)) for value in range(256)]
_MARGIN = 0.012  # of luminance: what JPEG and rounding may add
_CELL = 6  # the photo is measured in cells of this many pixels: about a stroke of a letter
_BAND = 160  # rows
_STEPS = 64  # of a tint's strength
_MASTER = 2_048  # a photo with no longer side is kept decoded for the other formats
_ALIKE = 1.08


@kept(megabytes=3)
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


@kept(megabytes=1)
def _corner(radius: int) -> Image.Image:
    fine = 4
    tile = Image.new("L", (radius * fine, radius * fine), 0)
    ImageDraw.Draw(tile).ellipse((0, 0, radius * 2 * fine - 1, radius * 2 * fine - 1), fill=255)
    return tile.resize((radius, radius), Image.Resampling.BOX)


def lay(picture: Image.Image, colour: str, at: tuple[int, int], through: Image.Image) -> None:
    """Colour laid on through a mask. Twice as fast as Pillow's own way, which looks up the colour anew at every pixel.

    In bands: as quick as in one piece, and the plain colour of a whole story need not lie in memory beside it.
    """
    fill = Image.new("RGB", (through.width, min(_BAND, through.height)), colour)
    for top in range(0, through.height, _BAND):
        part = through if through.height <= _BAND else through.crop((0, top, through.width, min(top + _BAND, through.height)))
        picture.paste(fill if part.height == fill.height else fill.crop((0, 0, part.width, part.height)), (at[0], at[1] + top), part)


def faded(whole: Image.Image, opacity: float) -> Image.Image:
    """A mask made weaker."""
    return whole if opacity >= 1 else whole.point([round(value * opacity) for value in range(256)])


@kept(megabytes=3)
def shade(width: int, height: int, shape: str, radius: int, blur: int) -> Image.Image:
    """The mask of a soft shadow, `blur` pixels larger on every side; made small and enlarged, as nobody sees the difference."""
    small = 6
    wide, high = width + 2 * blur, height + 2 * blur
    tiny = Image.new("L", (max(2, wide // small), max(2, high // small)), 0)
    body = mask(max(2, width // small), max(2, height // small), shape, radius // small)
    tiny.paste(body, ((tiny.width - body.width) // 2, (tiny.height - body.height) // 2))
    return tiny.filter(ImageFilter.GaussianBlur(blur / small / 2.2)).resize((wide, high), Image.Resampling.BICUBIC)


@kept(megabytes=2)
def cropped(jpeg: bytes, focus: tuple[float, float], size: tuple[int, int], scale: float = 1.0) -> tuple[Image.Image, float]:
    """The photo cut to `size` around its focus, and how much it was enlarged. The last few are kept: an edit of words decodes nothing.

    `scale` is that of the poster: a preview shows what the poster shows, to the pixel.
    """
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        full = image.size
        box = _framed(full, focus, (round(size[0] / scale), round(size[1] / scale)))
        enlarged = size[0] / (box[2] - box[0])
        if max(full) <= _MASTER:  # decoded once for all formats
            rest = _whole(jpeg)
        else:  # straight from a phone: only as far as is needed, and never further than a master would be
            part = min(enlarged, photos.LONG_SIDE / max(full))
            rest = _drafted(image, (round(full[0] * part), round(full[1] * part)))
    if (box[2] - box[0], box[3] - box[1]) == size and rest.size == full:
        return rest.crop(box), enlarged
    shrunk = rest.width / full[0]
    edges = tuple(edge * shrunk for edge in box)
    edges = (edges[0], edges[1], min(edges[2], rest.width), min(edges[3], rest.height))
    method = Image.Resampling.BICUBIC if enlarged > 1.15 else Image.Resampling.HAMMING
    # halved first where it shrinks to less than half: a third faster
    return rest.resize(size, method, box=edges, reducing_gap=1.0), enlarged


def _framed(full: tuple[int, int], focus: tuple[float, float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """What is shown of a photo: as much as its shape allows; or, where that is all but the size that is wanted, just that, unsmoothed."""
    box = photos.crop_box(full, focus, size[0] / size[1])
    spare = (box[2] - box[0]) / size[0]
    return photos.box_around(full, focus, size) if 1 <= spare <= _ALIKE else box


@functools.lru_cache(maxsize=1)
def _whole(jpeg: bytes) -> Image.Image:
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        return _drafted(image, image.size)


def _drafted(image: Image.Image, least: tuple[int, int]) -> Image.Image:
    """Decoded in the smallest of the JPEG's own scales that has `least` pixels."""
    image.draft("RGB", least)
    image.load()
    return image if image.mode == "RGB" else image.convert("RGB")


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
    for light in sorted({light for _, light in lights}):
        cells = _cells(picture, [box for box, lit in lights if lit == light])
        allowed = (light + 0.05) / colours.READABLE - 0.05 - _MARGIN
        low, high = round(strength * _STEPS), _STEPS
        while low < high:  # the first step that is dark enough
            middle = (low + high) // 2
            if _brightest(*cells, tint, middle) > allowed:
                low = middle + 1
            else:
                high = middle
        strength = max(strength, low / _STEPS)
    return min(1.0, strength)


def _cells(picture: Image.Image, boxes: Sequence[Quad]) -> tuple[Image.Image, int]:
    """What lies behind the lines, made coarse and put together on black; and how many cells are not filler."""
    parts = []
    for left, top, right, bottom in boxes:
        box = (max(0, left - 4), max(0, top - 4), min(picture.width, right + 4), min(picture.height, bottom + 4))
        if box[0] < box[2] and box[1] < box[3]:
            parts.append(picture.reduce(_CELL, box=box))
    whole = Image.new("RGB", (max((part.width for part in parts), default=1), max(1, sum(part.height for part in parts))))
    y = 0
    for part in parts:
        whole.paste(part, (0, y))
        y += part.height
    return whole, sum(part.width * part.height for part in parts)


@functools.lru_cache(maxsize=256)
def _tinted(tint: str, step: int) -> tuple[int, ...]:
    """For each of the 3 x 256 channel values: its light once the tint lies over it."""
    rest, half = _STEPS - step, _STEPS // 2
    return tuple([_LIGHT[(value * rest + over * step + half) // _STEPS] for over in colours.rgb(tint) for value in range(256)])


def _brightest(cells: Image.Image, count: int, tint: str, step: int) -> float:
    """Luminance that all but 1 in 200 cells stay below once the tint lies over them."""
    light = cells.point(_tinted(tint, step)).convert("L", (0.2126, 0.7152, 0.0722, 0.5))
    left, bars = max(1, count // 200), light.histogram()
    for value in range(255, -1, -1):
        left -= bars[value]
        if left < 0:
            return (value + 0.5) / 255
    return 0.0


@kept(megabytes=2)
def letter(text: str, size: float, weight: int, shift: int) -> tuple[Image.Image, int, int]:
    """One letter as a mask, moved right by `shift` quarters of a pixel, and where its mask begins from the pen: right and down."""
    face = fonts.face(size, weight)
    left, top, right, bottom = (round(edge) for edge in face.getbbox(text, anchor="ls"))
    mask_ = Image.new("L", (max(1, right - left + 4), max(1, bottom - top + 4)), 0)
    ImageDraw.Draw(mask_).text((2 - left + shift / 4, 2 - top), text, fill=255, font=face, anchor="ls")
    return mask_, left - 2, top - 2


@kept(megabytes=3)
def line(text: str, size: float, weight: int, shift: tuple[int, int]) -> tuple[Image.Image, int, int]:
    """A plain line as a mask, moved by quarters of a pixel, and where it begins from the pen: right and down. Kept for the next edit."""
    face = fonts.face(size, weight)
    left, top, right, bottom = (round(edge) for edge in face.getbbox(text, anchor="ls"))
    mask_ = Image.new("L", (max(1, right - left + 4), max(1, bottom - top + 4)), 0)
    ImageDraw.Draw(mask_).text((2 - left + shift[0] / 4, 2 - top + shift[1] / 4), text, fill=255, font=face, anchor="ls")
    return mask_, left - 2, top - 2


@functools.lru_cache(maxsize=64)
def slope(length: int, start: int, fade: int, strength: int, seal: bool) -> Image.Image:
    """A column of a scrim: nothing, an eased rise that ends at `start`, then `strength` (0..255); sealed, full at the end."""
    values = [round(strength * eased) for eased in _eased(fade)]
    values = [0] * (start - fade) + values[max(0, fade - start) :]
    rest = length - len(values)
    values += [round(strength + (255 - strength) * eased) for eased in _eased(rest)] if seal else [strength] * rest
    return Image.frombytes("L", (1, length), bytes(values[:length]))


@functools.lru_cache(maxsize=64)
def _eased(length: int) -> tuple[float, ...]:
    """So many steps from nothing to all, slow at both ends."""
    last = max(1, length - 1)
    return tuple([(part := place / last) * part * (3 - 2 * part) for place in range(length)])
