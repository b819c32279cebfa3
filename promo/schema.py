"""What a poster.toml may say: formats, the type scale, layers and the texts on them. How it is read and judged: templates.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

FORMATS = {"square": (1080, 1080), "portrait": (1080, 1350), "story": (1080, 1920), "landscape": (1200, 630)}
SAFE = {"square": (48, 48), "portrait": (48, 48), "story": (48, 250), "landscape": (40, 40)}  # margins: sides, top and bottom
SCALE = (240, 200, 172, 148, 132, 120, 110, 100, 92, 84, 76, 70, 64, 58, 52, 48, 44, 40, 36, 32, 28, 26, 24, 22, 20, 18)
OF_AN_ENTRY = ("title", "price", "unit", "maker", "kicker", "badge", "body")  # what each of several products or places may say for itself
SOURCES = (*OF_AN_ENTRY, "village", "tagline", "link_text", "page")
TYPES = ("photo", "scrim", "shape", "pattern", "text", "brand", "qr", "cells")
MOST_ENTRIES = 12  # on one poster

Quad = tuple[int, int, int, int]
Value = TypeVar("Value")


class UnknownPoster(KeyError):
    """No folder of that name in assets/posters."""


class BrokenTemplate(ValueError):
    """A poster.toml that cannot be used; says which file, which key and why."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(f"{file}: {key}: {reason}")
        self.file, self.key, self.reason = file, key, reason


@dataclass(frozen=True)
class Item:
    """One text of a stack: where its words come from and how it is set. Lengths are in pixels of the full-size picture."""

    src: str = ""  # one of SOURCES, "rule" for a short line, or "" for `words` alone
    words: Mapping[str, str] = field(default_factory=dict)  # by language: said when the source is empty
    size: int | Mapping[str, int] = 40
    least: int = 0  # the smallest step of the scale it may shrink to
    lines: int | Mapping[str, int] = 1
    weight: int = 500
    leading: float = 1.3
    tracking: float = 0.0
    upper: bool = False
    prefix: str = ""  # before the words, when there are some
    bare: bool = False  # a price without its unit behind it
    colour: str = "auto"
    pill: str = ""  # the role of a rounded plate behind it
    gap: int = 0  # above it, when it is not the first
    fit: str = "shrink"  # from `size` down to `least`; "keep": at `size` or not at all; "fit": as large as the box allows
    overflow: str = "ellipsis"  # of what does not fit, with a warning; "error": then Drawn.error says that it must not go out
    drop: int = 0  # 0: always there; the highest number goes first when there is no room


@dataclass(frozen=True)
class Layer:
    """One layer of a poster; which keys a type takes stands in KEYS."""

    type: str
    box: Mapping[str, Quad]
    name: str = ""
    when: str = ""  # drawn only if this source has words (or "photo", "qr")
    unless: str = ""
    colour: str = "dark"
    on: str = ""  # what lies behind a text: "photo" or a role
    radius: int = 0
    shape: str = "rect"  # rect | circle | arch
    shadow: bool = False
    ring: int = 0
    ring_colour: str = "white"
    opacity: float = 1.0
    motif: str = ""  # "" = the brand's
    unit: int | Mapping[str, int] = 96
    anchor: str | Mapping[str, str] = "top"
    align: str | Mapping[str, str] = "left"
    items: tuple[Item, ...] = ()
    avoid: tuple[str, ...] = ()
    under: str = ""
    side: str | Mapping[str, str] = "bottom"
    least: float = 0.5
    fade: int = 300
    seal: bool | Mapping[str, bool] = False
    plate: str = ""
    pad: int = 0
    entry: int = 0  # which of the poster's entries it speaks of, from 1; 0: the poster's own facts
    columns: int | Mapping[str, int] = 1  # of cells: how many stand side by side
    most: int | Mapping[str, int] = MOST_ENTRIES
    tallest: int | Mapping[str, int] = 0  # a cell is never higher; 0: as high as the box allows
    between: int | Mapping[str, int] = 24
    cell: tuple["Layer", ...] = ()  # drawn once for each entry, its boxes reckoned from the cell


@dataclass(frozen=True)
class Template:
    """A poster design."""

    name: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    order: int
    background: str
    layers: tuple[Layer, ...]
    demo: Mapping[str, Any]
    entries: tuple[int, int] = (0, 0)  # how many it wants, at least and at most; (0, 0): the poster is about one thing
    kind: str = "poster"  # or "slide": only as a part of a carousel
    carousel: Mapping[str, str] = field(default_factory=dict)  # of a cover: the templates of its "item" and "closing" slides


def of(value: Value | Mapping[str, Value], form: str, fallback: Value) -> Value:
    """What a key says for a format: one value for all, or one by format."""
    return value.get(form, fallback) if isinstance(value, Mapping) else value


_PLACED = {"type", "box", "name", "when", "unless", "entry"}
_STACK = _PLACED | {"on", "anchor", "align", "items", "avoid", "shape", "colour", "shadow", "pad", "ring", "ring_colour", "plate"}
KEYS: Mapping[str, set[str]] = {
    "photo": _PLACED | {"radius", "shape", "shadow", "ring", "ring_colour"},
    "scrim": _PLACED | {"under", "side", "least", "fade", "seal", "colour"},
    "shape": _PLACED | {"shape", "radius", "colour", "shadow", "opacity", "ring", "ring_colour"},
    "pattern": _PLACED | {"motif", "colour", "opacity", "unit", "shape", "radius"},
    "text": _STACK,
    "brand": _PLACED | {"on", "align", "plate", "avoid"},
    "qr": _PLACED | {"plate"},
    "cells": _PLACED | {"columns", "most", "tallest", "between", "anchor", "avoid", "cell"},
}
ITEM_KEYS = {
    "src",
    "words",
    "size",
    "least",
    "lines",
    "weight",
    "leading",
    "tracking",
    "upper",
    "prefix",
    "bare",
    "colour",
    "pill",
    "gap",
    "drop",
    "fit",
    "overflow",
}
WORDY = ("text", "brand", "qr")
IN_A_CELL = ("photo", "scrim", "shape", "pattern", "text")
