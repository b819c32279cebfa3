"""The letters of posters: Manrope from its package, in the weights that posters use."""

import functools
from pathlib import Path

import font_manrope
from PIL import ImageFont, features

FOLDER = Path(font_manrope.__file__).parent / "files"
WEIGHTS = {400: "Regular", 500: "Medium", 600: "SemiBold", 700: "Bold", 800: "ExtraBold"}


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


@functools.lru_cache(maxsize=256)
def face(size: int, weight: int) -> ImageFont.FreeTypeFont:
    """The font at `size` pixels."""
    return ImageFont.truetype(path(weight), size)
