"""The letters of posters: Manrope from its package, in the weights that posters use."""

import functools
import warnings
from pathlib import Path

import font_manrope
from PIL import ImageFont, features

FOLDER = Path(font_manrope.__file__).parent / "files"
WEIGHTS = {400: "Regular", 500: "Medium", 600: "SemiBold", 700: "Bold", 800: "ExtraBold"}
_RULER = 100  # words are measured once at this size; widths grow evenly with it


def text_shaping() -> bool:
    """Whether libraqm is alive: the Pillow wheel has it, but it sleeps without libfribidi on the system, and then nothing is kerned."""
    return bool(features.check("raqm"))


def check() -> None:
    """Open every weight once; raises OSError naming the file that is missing or broken."""
    for weight in WEIGHTS:
        ImageFont.truetype(path(weight), 20)


def path(weight: int) -> Path:
    """The file of a weight from WEIGHTS."""
    return FOLDER / f"Manrope-{WEIGHTS[weight]}.ttf"


@functools.cache
def _engine() -> ImageFont.Layout:
    if text_shaping():
        return ImageFont.Layout.RAQM
    warnings.warn(
        "libfribidi is missing: posters are drawn without kerning (Debian: apt install libfribidi0)", RuntimeWarning, stacklevel=2
    )
    return ImageFont.Layout.BASIC


@functools.lru_cache(maxsize=256)
def face(size: float, weight: int) -> ImageFont.FreeTypeFont:
    """The font at `size` pixels."""
    return ImageFont.truetype(path(weight), size, layout_engine=_engine())


@functools.lru_cache(maxsize=16384)
def _em(text: str, weight: int) -> float:
    return face(_RULER, weight).getlength(text) / _RULER


def width(text: str, size: float, weight: int, tracking: float = 0.0) -> float:
    """How wide a line is in pixels; `tracking` is extra space after each letter in parts of the size."""
    words = text.split(" ")
    space = _em("n n", weight) - 2 * _em("n", weight)
    ems = sum(_em(word, weight) for word in words) + space * (len(words) - 1) + tracking * max(0, len(text) - 1)
    return ems * size


def starts(text: str, size: float, weight: int, tracking: float = 0.0) -> list[float]:
    """Where each letter of a line begins, kerned pair by pair as the shaper would."""
    places, x = [], 0.0
    for letter, after in zip(text, [*text[1:], ""], strict=True):
        places.append(x)
        x += (_em(letter + after, weight) - (_em(after, weight) if after else 0.0) + tracking) * size
    return places


@functools.lru_cache(maxsize=4096)
def _has(letter: str) -> bool:
    if letter.isspace():
        return True
    plain = ImageFont.truetype(path(500), 40, layout_engine=ImageFont.Layout.BASIC)  # shaping would put a lone vowel sign on a circle
    mask, unknown = (plain.getmask(one) for one in (letter, "\U0010ffff"))
    return mask.size != unknown.size or bytes(mask) != bytes(unknown)


def known(text: str) -> str:
    """The text without the letters this font lacks, which would be drawn as empty boxes; spaces are tidied, lines kept."""
    kept = text if text.isascii() else "".join(letter for letter in text if _has(letter))
    return "\n".join(" ".join(part for part in line.split(" ") if part) for line in kept.replace("\t", " ").splitlines()).strip()
