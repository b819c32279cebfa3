"""Poster templates: the folders of assets/posters, each with a poster.toml that is read once and judged strictly."""

import functools
import tomllib
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from promo import cells
from promo.colours import ROLES
from promo.schema import (
    FORMATS,
    IN_A_CELL,
    ITEM_KEYS,
    KEYS,
    MOST_ENTRIES,
    OF_AN_ENTRY,
    SAFE,
    SCALE,
    SOURCES,
    TYPES,
    WORDY,
    BrokenTemplate,
    Item,
    Layer,
    Quad,
    Template,
    UnknownPoster,
)

__all__ = [
    "FORMATS",
    "SAFE",
    "SCALE",
    "SOURCES",
    "BrokenTemplate",
    "Item",
    "Layer",
    "Quad",
    "Template",
    "UnknownPoster",
    "broken",
    "load",
    "names",
    "parse",
]

FOLDER = Path(__file__).parent.parent / "assets" / "posters"


def names(kind: str = "poster") -> list[str]:
    """The templates there are, in the order they are offered; kind "slide": those that are only a part of a carousel.

    One that somebody is still writing is left out and keeps nobody from posting; `broken` says what is wrong with it.
    """
    whole = [template for template in map(_tried, _folders()) if isinstance(template, Template) and template.kind == kind]
    return [template.name for template in sorted(whole, key=lambda template: (template.order, template.name))]


def broken() -> list[BrokenTemplate]:
    """What is wrong with the templates that cannot be used."""
    return [found for found in map(_tried, _folders()) if isinstance(found, BrokenTemplate)]


def _folders() -> list[str]:
    return sorted(path.parent.name for path in FOLDER.glob("*/poster.toml"))


def _tried(name: str) -> Template | BrokenTemplate:
    try:
        return load(name)
    except BrokenTemplate as error:
        return error


@functools.cache
def load(name: str) -> Template:
    """The template of that name. Raises UnknownPoster or BrokenTemplate."""
    path = FOLDER / name / "poster.toml"
    if name != path.parent.name or not path.is_file():
        raise UnknownPoster(name)
    return parse(path.read_text(encoding="utf-8"), name)


def parse(text: str, name: str) -> Template:
    """A template from the text of its poster.toml. Raises BrokenTemplate naming the file, the key and what is wrong."""
    file = f"{name}/poster.toml"
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BrokenTemplate(file, "the file", str(error)) from error
    judge = _Judge(file)
    judge.keys(
        tree,
        "poster",
        {"title", "about", "order", "background", "layer", "demo", "entries", "kind", "carousel"},
        needed={"title", "background", "layer"},
    )
    layers = tuple(judge.layer(row, f"layer {number}") for number, row in enumerate(judge.rows(tree, "layer"), start=1))
    judge.together(layers)
    return Template(
        name=name,
        title=judge.texts(tree.get("title"), "title"),
        about=judge.texts(tree.get("about", {"id": ""}), "about"),
        order=judge.number(tree.get("order", 100), "order"),
        background=judge.role(tree["background"], "background"),
        layers=layers,
        demo=tree.get("demo", {}),
        entries=judge.range(tree.get("entries", [0, 0])),
        kind=judge.choice(tree.get("kind", "poster"), "kind", ("poster", "slide")),
        carousel=judge.carousel(tree.get("carousel", {})),
    )


class _Judge:
    """Reads one file and knows its name, so that every complaint can say where."""

    def __init__(self, file: str) -> None:
        self.file = file

    def fail(self, key: str, reason: str) -> BrokenTemplate:
        return BrokenTemplate(self.file, key, reason)

    def keys(self, row: Mapping[str, Any], at: str, allowed: set[str], needed: set[str]) -> None:
        for key in row:
            if key not in allowed:
                raise self.fail(f"{at}.{key}", f"is not a key here; there are {', '.join(sorted(allowed))}")
        for key in sorted(needed - set(row)):
            raise self.fail(f"{at}.{key}", "is missing")

    def rows(self, tree: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        rows = tree.get(key)
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            raise self.fail(key, f"must be one or more [[{key}]] tables")
        return rows

    def carousel(self, value: object) -> dict[str, str]:
        if value and (
            not isinstance(value, dict) or set(value) != {"item", "closing"} or not all(isinstance(one, str) for one in value.values())
        ):
            raise self.fail("carousel", 'must be {item = "a template", closing = "a template"}')
        return dict(value) if isinstance(value, dict) else {}

    def layer(self, row: Mapping[str, Any], at: str, *, in_cell: bool = False) -> Layer:
        kind = str(row.get("type"))
        types = IN_A_CELL if in_cell else TYPES
        if kind not in types:
            raise self.fail(f"{at}.type", f"must be one of {', '.join(types)}")
        at = f"{at} ({row.get('name') or kind})"
        more = {"text": {"items"}, "scrim": {"under"}, "cells": {"cell"}}.get(kind, set())
        self.keys(row, at, KEYS[kind], {"type", "box"} | more)
        self.looks(row, at, kind)
        made = dict(row)
        made["box"] = (
            self.cell_boxes(row["box"], f"{at}.box") if in_cell else self.boxes(row["box"], f"{at}.box", safe=kind in (*WORDY, "cells"))
        )
        made["avoid"] = tuple(row.get("avoid", ()))
        sources = OF_AN_ENTRY if in_cell or row.get("entry") else SOURCES
        made["items"] = tuple(self.item(one, f"{at}.items {number}", sources) for number, one in enumerate(row.get("items", ()), start=1))
        if kind == "cells":
            made["cell"] = tuple(
                self.layer(one, f"{at}.cell {number}", in_cell=True) for number, one in enumerate(self.rows(row, "cell"), start=1)
            )
        return Layer(**made)

    def looks(self, row: Mapping[str, Any], at: str, kind: str) -> None:
        """The keys of a layer that are not boxes and not texts."""
        for key, allowed in (("shape", ("rect", "circle", "arch")), ("motif", ("", "kawung", "parang", "mega"))):
            self.choice(row.get(key, allowed[0]), f"{at}.{key}", allowed)
        for key, allowed in (
            ("anchor", ("top", "middle", "bottom")),
            ("align", ("left", "center", "right")),
            ("side", ("bottom", "top", "left", "right")),
        ):
            if key in row:
                self.by_format(row[key], f"{at}.{key}", allowed)
        for key in ("colour", "plate", "ring_colour"):
            if row.get(key):
                self.role(row[key], f"{at}.{key}")
        if row.get("on", "photo") != "photo":
            self.role(row["on"], f"{at}.on")
        for key in ("radius", "ring", "fade", "pad", "entry"):
            if key in row:
                self.number(row[key], f"{at}.{key}")
        for key in ("unit", "columns", "most", "tallest", "between"):
            if key in row:
                self.numbers(row[key], f"{at}.{key}")
        for key in ("when", "unless"):
            if row.get(key):
                self.choice(row[key], f"{at}.{key}", (*SOURCES, "photo", "qr"))
        if kind in ("brand", "qr", "cells") and row.get("entry"):
            raise self.fail(f"{at}.entry", "is for photos and texts")

    def item(self, row: object, at: str, sources: tuple[str, ...]) -> Item:
        if not isinstance(row, dict):
            raise self.fail(at, "must be a table")
        self.keys(row, at, ITEM_KEYS, set())
        self.choice(row.get("src", ""), f"{at}.src", (*sources, "rule", ""))
        if not row.get("src") and not row.get("words"):
            raise self.fail(at, "needs src or words")
        if "words" in row:
            self.texts(row["words"], f"{at}.words")
        self.choice(row.get("fit", "shrink"), f"{at}.fit", ("keep", "shrink", "fit"))
        self.choice(row.get("overflow", "ellipsis"), f"{at}.overflow", ("ellipsis", "error"))
        for key in ("size", "lines"):
            if key in row:
                self.numbers(row[key], f"{at}.{key}")
        if row.get("weight", 500) not in (400, 500, 600, 700, 800):
            raise self.fail(f"{at}.weight", "must be 400, 500, 600, 700 or 800")
        for key in ("colour", "pill"):
            if row.get(key, "auto") not in ("auto", ""):
                self.role(row[key], f"{at}.{key}")
        return Item(**row)

    def numbers(self, value: object, at: str) -> None:
        """A number for all formats, or one by format."""
        if not isinstance(value, dict):
            self.number(value, at)
            return
        for format_, one in value.items():
            self.format(format_, at)
            self.number(one, f"{at}.{format_}")

    def choice(self, value: object, at: str, allowed: tuple[str, ...]) -> str:
        if value not in allowed:
            raise self.fail(at, f"must be one of {', '.join(filter(None, allowed))}")
        return str(value)

    def range(self, value: object) -> tuple[int, int]:
        if not isinstance(value, list) or len(value) != 2 or not all(type(one) is int and 0 <= one <= MOST_ENTRIES for one in value):
            raise self.fail("entries", f"must be two whole numbers up to {MOST_ENTRIES}: at least, at most")
        return value[0], value[1]

    def format(self, value: object, at: str) -> None:
        if value not in FORMATS:
            raise self.fail(at, f"knows no format {value}; there are {', '.join(FORMATS)}")

    def by_format(self, value: object, at: str, allowed: tuple[str, ...]) -> None:
        values = value.values() if isinstance(value, dict) else (value,)
        for key in value if isinstance(value, dict) else ():
            self.format(key, at)
        if not all(one in allowed for one in values):
            raise self.fail(at, f"must be one of {', '.join(allowed)}")

    def boxes(self, value: object, at: str, *, safe: bool) -> dict[str, Quad]:
        if value == "all":
            return {name: (0, 0, *size) for name, size in FORMATS.items()}
        if not isinstance(value, dict) or not value:
            raise self.fail(at, 'must be "all" or a table {square = [left, top, right, bottom], ...}')
        return {name: self.box(name, quad, f"{at}.{name}", safe=safe) for name, quad in value.items()}

    def box(self, name: str, quad: object, at: str, *, safe: bool) -> Quad:
        self.format(name, at)
        if not isinstance(quad, list) or len(quad) != 4 or not all(type(number) is int for number in quad):
            raise self.fail(at, "must be four whole numbers: left, top, right, bottom")
        left, top, right, bottom = quad
        width, height = FORMATS[name]
        aside, above = SAFE[name] if safe else (-width, -height)
        if not (left < right and top < bottom):
            raise self.fail(at, "must have left < right and top < bottom")
        if left < aside or top < above or right > width - aside or bottom > height - above:
            raise self.fail(at, f"leaves the safe area {aside}, {above}, {width - aside}, {height - above}")
        return left, top, right, bottom

    def cell_boxes(self, value: object, at: str) -> dict[str, Quad]:
        """Boxes reckoned from a cell: one for all formats, or by format."""
        tables: Mapping[str, Any] = value if isinstance(value, dict) else dict.fromkeys(FORMATS, value)
        for name, quad in tables.items():
            self.format(name, at)
            if not isinstance(quad, list) or len(quad) != 4 or not all(type(number) is int for number in quad):
                raise self.fail(f"{at}.{name}", "must be four whole numbers: left, top, right, bottom, below 0 from the cell's far side")
        return {name: (quad[0], quad[1], quad[2], quad[3]) for name, quad in tables.items()}

    def texts(self, value: object, at: str) -> dict[str, str]:
        if not isinstance(value, dict) or "id" not in value or not all(isinstance(one, str) for one in value.values()):
            raise self.fail(at, 'must be words by language with at least "id"')
        return value

    def number(self, value: object, at: str) -> int:
        if type(value) is not int or value < 0:
            raise self.fail(at, "must be a whole number, 0 or more")
        return value

    def role(self, value: object, at: str) -> str:
        if value not in ROLES:
            raise self.fail(at, f"must be a colour by role: {', '.join(ROLES)}")
        return str(value)

    def together(self, layers: tuple[Layer, ...]) -> None:
        """Names that layers use of each other exist, and no two boxes with words meet unless one avoids the other."""
        known = {layer.name for layer in layers if layer.name}
        for number, layer in enumerate(layers, start=1):
            for wanted in (*layer.avoid, *filter(None, (layer.under,))):
                if wanted not in known:
                    raise self.fail(f"layer {number} ({layer.name or layer.type})", f"speaks of a layer {wanted} that is not there")
            if layer.type == "cells":
                self.cells(layer, layers)
        for one, other in combinations([layer for layer in layers if layer.type in (*WORDY, "cells")], 2):
            self.apart(one, other)

    def cells(self, layer: Layer, layers: tuple[Layer, ...]) -> None:
        """Cells hold their layers and no two of their texts meet, however many there are, and whatever they make room for."""
        for form, whole in layer.box.items():
            avoided = [other.box[form] for other in layers if other.name in layer.avoid and form in other.box]
            for box in {whole, cells.cleared(whole, avoided, largest=True)}:
                for count in range(1, cells.most(layer, form) + 1):
                    self.cell(layer, box, form, count)

    def cell(self, layer: Layer, box: Quad, form: str, count: int) -> None:
        at = f"{layer.name or 'cells'}.box.{form}: with {count}"
        areas = cells.rows(layer, box, form, count)
        made = cells.laid(layer, box, form, count)
        for one in made:
            left, top, right, bottom = one.box[form]
            area = areas[one.entry - 1]
            if left < area[0] or top < area[1] or right > area[2] or bottom > area[3] or right - left < 24 or bottom - top < 2:
                raise self.fail(at, f"{one.name or one.type} does not fit its cell of {area[2] - area[0]} x {area[3] - area[1]}")
        for one, other in combinations([one for one in made if one.type == "text"], 2):
            self.apart(one, other)

    def apart(self, one: Layer, other: Layer) -> None:
        if other.name in one.avoid or one.name in other.avoid:
            return
        if _conditions(other) & {(one.entry, one.unless)} or _conditions(one) & {(other.entry, other.unless)}:
            return  # never on the same poster
        for name in set(one.box) & set(other.box):
            a, b = one.box[name], other.box[name]
            if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
                raise self.fail(
                    f"{one.name or one.type} and {other.name or other.type}.box.{name}", "lie on each other and neither avoids the other"
                )


def _conditions(layer: Layer) -> set[tuple[int, str]]:
    """What must be there for the layer to be drawn: (entry, source)."""
    return {(layer.entry, layer.when), (0, "qr") if layer.type == "qr" else (0, "")} - {(layer.entry, ""), (0, "")}
