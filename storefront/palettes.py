"""The colours of a village's pages: its brand, mended until every text on every ground can be read, by day and by night."""

import functools
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from promo.colours import WHITE, contrast, luminance, mix

WCAG = 4.5  # to one, for words of any size
READABLE = 4.6  # a little more, so that rounding costs nobody anything
DEFAULT = {"primary": "#2b6140", "dark": "#16302a", "accent": "#b1481f", "light": "#f7f0e3"}
BLACK = "#000000"
PAPER = 0.8  # how light paper is at least, 0 to 1
NIGHT, NIGHT_CARD = "#14130f", "#1f1d18"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Palette:
    """Colours as #rrggbb: `paper` and `card` are grounds, `fill` and `deep` lie under white; the rest is text, lines and washes."""

    paper: str
    card: str
    leaf: str
    clay: str
    fill: str
    deep: str
    wash: str
    line: str
    ink: str
    soft: str

    @functools.cached_property
    def css(self) -> str:
        """The colours as custom properties."""
        return "".join(f"--{role}:{colour};" for role, colour in asdict(self).items())


@dataclass(frozen=True)
class Judged:
    """How a chosen colour stands: `text` is read on `ground` with `contrast` (1 to 21); `used` is the colour that pages show instead,
    the chosen one itself when it can be read."""

    role: str
    chosen: str
    used: str
    ground: str
    text: str
    contrast: float
    mended_contrast: float

    @property
    def is_mended(self) -> bool:
        return self.used != self.chosen


def judged(brand: Mapping[str, Any]) -> list[Judged]:
    """Each colour of a brand as its pages use it by day, and whether it had to be mended to be read."""
    colours, (day, _) = chosen(brand), of(brand)
    found = [_judged(role, colours[role], used, colours[role], WHITE) for role, used in (("primary", day.fill), ("dark", day.deep))]
    accent = colours["accent"]
    clay = accent if contrast(accent, day.paper) >= WCAG else day.clay
    found.append(Judged("accent", accent, clay, day.paper, accent, contrast(accent, day.paper), contrast(clay, day.paper)))
    is_light = day.paper == _paper(colours["light"])
    return [*found, _judged("light", colours["light"], colours["light"] if is_light else day.paper, colours["light"], day.ink)]


def _judged(role: str, one: str, used: str, ground: str, text: str) -> Judged:
    return Judged(role, one, used, ground, text, contrast(text, ground), contrast(text, used))


def chosen(brand: Mapping[str, Any]) -> dict[str, str]:
    """{role: #rrggbb} of a brand; a colour that is missing or no #rrggbb is the house's own."""
    given = brand.get("colours", {})
    return {role: given[role].lower() if _HEX.fullmatch(str(given.get(role, ""))) else DEFAULT[role] for role in DEFAULT}


def of(brand: Mapping[str, Any]) -> tuple[Palette, Palette]:
    """(by day, by night) for a village's brand."""
    return _of(tuple(chosen(brand).items()))


@functools.lru_cache(maxsize=512)  # it is asked for with every page, and is as good as a tenth of drawing one
def _of(brand: tuple[tuple[str, str], ...]) -> tuple[Palette, Palette]:
    colours = dict(brand)
    fill, deep = (mended(colours[role], WHITE) for role in ("primary", "dark"))
    return _day(colours, fill, deep), _night(colours, fill, deep)


def _day(colours: Mapping[str, str], fill: str, deep: str) -> Palette:
    paper = lightened(_paper(colours["light"]))
    wash = mix(colours["primary"], paper, 0.9)
    leaf, clay, soft = (_on(colour, wash, paper) for colour in (colours["primary"], colours["accent"], "#6b6353"))
    ink, line = _on(mix(deep, BLACK, 0.35), wash, paper), mix(colours["dark"], paper, 0.84)
    return Palette(paper, WHITE, leaf, clay, fill, deep, wash, line, ink, soft)


def _paper(light: str) -> str:
    return mix(light, WHITE, 0.4)


def _night(colours: Mapping[str, str], fill: str, deep: str) -> Palette:
    wash = mix(colours["primary"], NIGHT_CARD, 0.8)
    leaf, clay, soft = (_on(mix(colour, WHITE, 0.42), wash, NIGHT_CARD) for colour in (colours["primary"], colours["accent"], "#8d8472"))
    return Palette(NIGHT, NIGHT_CARD, leaf, clay, fill, deep, wash, mix(WHITE, NIGHT_CARD, 0.86), "#f1eadd", soft)


def _on(colour: str, *grounds: str) -> str:
    for ground in grounds:
        colour = mended(colour, ground)
    return colour


def lightened(colour: str) -> str:
    """The colour, made as light as a page by day must be."""
    while luminance(colour) < PAPER:
        colour = mix(colour, WHITE, 0.2)
    return colour


def mended(colour: str, ground: str, least: float = READABLE) -> str:
    """The colour, moved away from its ground until it has `least` contrast on it."""
    aim = BLACK if luminance(ground) > 0.18 else WHITE
    for step in range(21):
        tried = mix(colour, aim, step / 20)
        if contrast(tried, ground) >= least:
            return tried
    return aim
