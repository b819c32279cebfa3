"""The letters of posters: Manrope from its package; other scripts and emoji from the Noto fonts of the system, where they are there.

Debian has them in fonts-noto-core and fonts-noto-color-emoji, which `deploy/setup` brings. A letter that no font has is left out and said,
and so is a script that needs shaping where shaping is asleep: nobody's greeting is drawn as boxes or with its vowels in the wrong place.
"""

import functools
import re
import unicodedata
import warnings
from dataclasses import dataclass
from pathlib import Path

import font_manrope
from PIL import Image, ImageDraw, ImageFont, features

from promo import directions

FOLDER = Path(font_manrope.__file__).parent / "files"
SYSTEM = Path("/usr/share/fonts"), Path("/usr/local/share/fonts")
WEIGHTS = {400: "Regular", 500: "Medium", 600: "SemiBold", 700: "Bold", 800: "ExtraBold"}
_RULER = 100  # words are measured once at this size; widths grow evenly with it
_STRIKE = 109  # the one size that Noto's colour emoji have
NOBODY = ""
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"


@dataclass(frozen=True)
class Family:
    """A font for what Manrope lacks: files for plain and bold, and how it must be made smaller and lifted to stand in a line of Manrope."""

    name: str
    files: tuple[str, str]
    scale: float = 1.0
    lift: float = 0.0
    shaped: bool = False  # wrong without libraqm
    leftward: bool = False  # and in a mixed line wrong without libfribidi, which libraqm may have found where we do not
    colour: bool = False


FAMILIES = (
    Family("Javanese", ("NotoSansJavanese-Regular.ttf", "NotoSansJavanese-Bold.ttf"), 0.56, 0.21, shaped=True),
    Family("Arabic", ("NotoNaskhArabic-Regular.ttf", "NotoNaskhArabic-Bold.ttf"), 0.8, shaped=True, leftward=True),
    Family("Balinese", ("NotoSansBalinese-Regular.ttf", "NotoSansBalinese-Bold.ttf"), 0.56, 0.2, shaped=True),
    Family("Sundanese", ("NotoSansSundanese-Regular.ttf", "NotoSansSundanese-Bold.ttf"), 0.9, shaped=True),
    Family("Latin", ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"), 0.86),
    Family("Emoji", ("NotoColorEmoji.ttf", "NotoColorEmoji.ttf"), 0.9, 0.0, colour=True),
    Family("Symbols", ("NotoSansSymbols2-Regular.ttf", "NotoSansSymbols2-Regular.ttf"), 0.9),
)


def text_shaping() -> bool:
    """Whether libraqm is alive: the Pillow wheel has it, but it sleeps without libfribidi on the system, and then nothing is kerned."""
    return bool(features.check("raqm"))


def missing() -> list[str]:
    """The names of FAMILIES that cannot be drawn on this machine: for the doctor."""
    return [family.name for family in FAMILIES if not _usable(family)]


def check() -> None:
    """Open every weight once; raises OSError naming the file that is missing or broken."""
    for weight in WEIGHTS:
        ImageFont.truetype(path(weight), 20)


def path(weight: int) -> Path:
    """The file of a weight from WEIGHTS."""
    return FOLDER / f"Manrope-{WEIGHTS[weight]}.ttf"


@functools.cache
def _file(name: str) -> Path | None:
    return next((found for folder in SYSTEM if folder.is_dir() for found in folder.rglob(name)), None)


@functools.cache
def _usable(family: Family) -> bool:
    drawn_right = (text_shaping() or not family.shaped) and (directions.known() or not family.leftward)
    return drawn_right and all(_file(name) for name in family.files)


@functools.cache
def _engine() -> ImageFont.Layout:
    if text_shaping():
        return ImageFont.Layout.RAQM
    warnings.warn(
        "libfribidi is missing: posters are drawn without kerning (Debian: apt install libfribidi0)", RuntimeWarning, stacklevel=2
    )
    return ImageFont.Layout.BASIC


@functools.lru_cache(maxsize=96)
def face(size: float, weight: int, family: Family | None = None) -> ImageFont.FreeTypeFont:
    """The font at `size` pixels: Manrope, or another family's, made smaller as it needs to be."""
    if family is None:
        return ImageFont.truetype(path(weight), size, layout_engine=_engine())
    file = _file(family.files[weight >= 600])
    return ImageFont.truetype(str(file), _STRIKE if family.colour else max(1.0, size * family.scale), layout_engine=_engine())


# ---- which font a letter is drawn with ------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4096)
def _has(letter: str, family: Family | None = None) -> bool:
    if family is None and " " < letter <= "~":
        return True
    plain, unknown = _unknown(family)
    mask = plain.getmask(letter)
    return mask.size != unknown[0] or bytes(mask) != unknown[1]


@functools.cache
def _unknown(family: Family | None) -> tuple[ImageFont.FreeTypeFont, tuple[tuple[int, int], bytes]]:
    """A font to try letters with, and what it draws for one that it lacks; unshaped: a lone vowel sign would be put on a circle."""
    file = path(500) if family is None else _file(family.files[0])
    size = _STRIKE if family and family.colour else 40
    plain = ImageFont.truetype(str(file), size, layout_engine=ImageFont.Layout.BASIC)
    mask = plain.getmask("\U0010ffff")
    return plain, (mask.size, bytes(mask))


@functools.lru_cache(maxsize=4096)
def _family(letter: str) -> Family | str | None:
    """None: Manrope; a family; NOBODY where no font has it."""
    if letter.isspace() or letter == "\u200b" or _has(letter):
        return None
    return next((family for family in FAMILIES if _usable(family) and _has(letter, family)), NOBODY)


def is_plain(text: str) -> bool:
    """Whether Manrope alone draws it."""
    return text.isascii() or all(_family(letter) is None for letter in text)


def known(text: str) -> str:
    """The text without the letters no font has, which would be drawn as empty boxes; spaces are tidied, lines kept."""
    kept = text
    if not text.isascii():
        kept = ""
        for letter in text:
            foreign = bool(kept) and _family(kept[-1]) is not None  # joiners and signs belong to what stands before them
            if (letter in _JOINERS and foreign) or (letter not in _JOINERS and _family(letter) != NOBODY):
                kept += letter
    return "\n".join(" ".join(part for part in line.split(" ") if part) for line in kept.replace("\t", " ").splitlines()).strip()


@functools.lru_cache(maxsize=4096)
def runs(word: str) -> tuple[tuple[str, Family | None], ...]:
    """A word cut where the font changes, in the order in which it is read."""
    if word.isascii():
        return ((word, None),)
    parts: list[tuple[str, Family | None]] = []
    for letter in word:
        family = _family(letter)
        chosen = family if isinstance(family, Family) else None
        if parts and (letter in _JOINERS or unicodedata.combining(letter)) and parts[-1][1] is not None:
            chosen = parts[-1][1]
        if parts and parts[-1][1] == chosen:
            parts[-1] = (parts[-1][0] + letter, chosen)
        else:
            parts.append((letter, chosen))
    return tuple(parts)


@functools.lru_cache(maxsize=1024)
def laid(line: str, to_left: bool, around: tuple[str, str] = ("", "")) -> tuple[tuple[str, Family | None, bool], ...]:
    """A line as it stands from left to right: (part, its font, whether the part runs to the left); a space is a part of its own.

    `to_left` and `around` as in directions.ordered. The parts are those whose widths `width` adds up.
    """
    found: list[tuple[str, Family | None, bool]] = []
    for part, turned in directions.ordered(line, to_left, around):
        pieces = [(run, family, turned) for word in _spaced(part) for run, family in ([(word, None)] if word == " " else runs(word))]
        found += pieces[::-1] if turned else pieces
    return tuple(found)


def _spaced(part: str) -> list[str]:
    """Its words and the spaces between and around them."""
    return [piece for piece in re.split("( )", part) if piece]


@functools.lru_cache(maxsize=4096)
def clusters(word: str) -> tuple[str, ...]:
    """Where a word may be broken without a hyphen: Javanese and Balinese are written without spaces, their lines end after any syllable."""
    if word.isascii() or not any("\ua980" <= letter <= "\ua9df" or "\u1b00" <= letter <= "\u1b7f" for letter in word):
        return (word,)
    parts = [""]
    for letter in word:
        begins = "\ua984" <= letter <= "\ua9b2" or "\u1b05" <= letter <= "\u1b33"  # a letter of its own, and not a sign on one
        if begins and parts[-1] and parts[-1][-1] not in "\ua9c0\u1b44":  # after a vowel killer it hangs below the one before
            parts.append("")
        parts[-1] += letter
    return tuple(parts)


# ---- how wide it is -------------------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=16384)
def em(word: str, weight: int) -> float:
    """The width of a word without spaces, in parts of the size."""
    if word.isascii():
        return face(_RULER, weight).getlength(word) / _RULER
    return sum(_run_em(part, family, weight) for part, family in runs(word))


def _run_em(part: str, family: Family | None, weight: int) -> float:
    if family is not None and family.colour:
        return face(_STRIKE, weight, family).getlength(part) / 128 * family.scale  # its pictures are 128 pixels high
    return face(_RULER, weight, family).getlength(part) / _RULER


@functools.lru_cache(maxsize=16)
def space(weight: int) -> float:
    """The width of a space, in parts of the size."""
    return em_of_line("n n", weight) - 2 * em("n", weight)


@functools.lru_cache(maxsize=8192)
def em_of_line(text: str, weight: int) -> float:
    """The width of a plain text as the shaper sets it, spaces and all."""
    return face(_RULER, weight).getlength(text) / _RULER


def width(text: str, size: float, weight: int, tracking: float = 0.0) -> float:
    """How wide a line is in pixels; `tracking` is extra space after each letter in parts of the size, for plain text only."""
    words = text.split(" ")
    ems = sum(em(word, weight) for word in words) + space(weight) * (len(words) - 1)
    return (ems + (tracking * max(0, len(text) - 1) if tracking and is_plain(text) else 0.0)) * size


def starts(text: str, size: float, weight: int, tracking: float = 0.0) -> list[float]:
    """Where each letter of a plain line begins, kerned pair by pair as the shaper would."""
    places, x = [], 0.0
    for letter, after in zip(text, [*text[1:], ""], strict=True):
        places.append(x)
        x += (em_of_line(letter + after, weight) - (em_of_line(after, weight) if after else 0.0) + tracking) * size
    return places


# ---- pictures of emoji ----------------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=64)
def emoji(part: str, size: float, family: Family) -> Image.Image:
    """A run of emoji in colour with transparency, as high as `size` says."""
    font = face(_STRIKE, 500, family)
    picture = Image.new("RGBA", (max(1, round(font.getlength(part))), 128), (0, 0, 0, 0))
    ImageDraw.Draw(picture).text((0, 101), part, font=font, anchor="ls", embedded_color=True)
    high = max(1, round(size * family.scale))
    return picture.resize(
        (max(1, round(picture.width * high / 128)), high), Image.Resampling.BOX if high < 64 else Image.Resampling.BICUBIC
    )
