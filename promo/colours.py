"""Colours as people see them: contrast by WCAG, a village's brand by role, and a brand whose colours are too alike mended."""

import functools
import re
from dataclasses import dataclass, replace

Rgb = tuple[int, int, int]
READABLE = 4.5  # WCAG 2.2 AA for text of any size
EASY = 5.2  # what a ground of text is made for: a faint pattern and JPEG take some of it
WHITE, INK, BLACK = "#ffffff", "#1b1a17", "#000000"
ROLES = ("primary", "dark", "accent", "light", "white", "ink")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Brand:
    """The colours of a village by role ("#rrggbb") and the motif of its pattern: kawung, parang or mega."""

    primary: str = "#1f5f4a"
    dark: str = "#12332a"
    accent: str = "#f2a93b"
    light: str = "#faf3e6"
    pattern: str = "kawung"


def rgb(colour: str) -> Rgb:
    """ "#rrggbb" as three numbers."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def text(colour: tuple[float, float, float]) -> str:
    """Three numbers as "#rrggbb"."""
    red, green, blue = (min(255, max(0, round(part))) for part in colour)
    return f"#{red:02x}{green:02x}{blue:02x}"


def linear(part: float) -> float:
    """One sRGB channel, 0..255, as light, 0..1."""
    part /= 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


@functools.lru_cache(maxsize=4096)
def luminance(colour: str) -> float:
    """Relative luminance by WCAG, 0 (black) to 1 (white)."""
    red, green, blue = (linear(part) for part in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio by WCAG, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mix(one: str, other: str, part: float) -> str:
    """`part` of the second colour over the first."""
    return text(tuple(a + (b - a) * part for a, b in zip(rgb(one), rgb(other), strict=True)))  # type: ignore[arg-type]


def on(ground: str, *wishes: str) -> str:
    """The first of the wished colours that can be read on the ground, a shade stronger if need be; else white or ink."""
    for wish in wishes:
        if made := _readable(wish, ground):
            return made
    best = max((WHITE, INK), key=lambda colour: contrast(colour, ground))
    return best if contrast(best, ground) >= READABLE else BLACK  # white or black: one of them always reaches 4.58


@functools.lru_cache(maxsize=1024)
def _readable(wish: str, ground: str) -> str:
    """The wish, up to a third darker or lighter so that it is read on the ground with ease; "" when that is not enough."""
    away = BLACK if luminance(ground) > luminance(wish) else WHITE
    tries = (mix(wish, away, step * 0.04) for step in range(9))
    return next((one for one in tries if contrast(one, ground) >= EASY), "")


@functools.lru_cache(maxsize=256)
def mended(brand: Brand) -> Brand:
    """The brand with unreadable colours repaired: white stands on `dark`, `dark` stands on `light`, and what is no colour becomes ours."""
    plain = Brand()
    for role in ("primary", "dark", "accent", "light"):
        if not _HEX.fullmatch(getattr(brand, role) or ""):
            brand = replace(brand, **{role: getattr(plain, role)})
    dark, light = brand.dark, brand.light
    while contrast(dark, WHITE) < 8:
        dark = mix(dark, "#000000", 0.12)
    while contrast(light, dark) < 7:
        light = mix(light, "#ffffff", 0.2)
        dark = mix(dark, "#000000", 0.06)
    return replace(brand, dark=dark, light=light, primary=_ground(brand.primary), accent=_ground(brand.accent))


def _ground(colour: str) -> str:
    """The colour, made a little darker or lighter if neither white nor ink is read on it with ease: on a middle tone both fail."""
    away, text_on = ("#000000", WHITE) if contrast(colour, WHITE) >= contrast(colour, INK) else ("#ffffff", INK)
    while contrast(colour, text_on) < EASY:
        colour = mix(colour, away, 0.04)
    return colour


def by_role(brand: Brand, role: str) -> str:
    """The colour of a role in ROLES."""
    return {"white": WHITE, "ink": INK}.get(role) or str(getattr(brand, role))
