"""Poster templates: the folders of assets/posters, each with a poster.toml that is read once and judged strictly."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from promo.colours import ROLES

FOLDER = Path(__file__).parent.parent / "assets" / "posters"
FORMATS = {"square": (1080, 1080), "portrait": (1080, 1350), "story": (1080, 1920), "landscape": (1200, 630)}
SAFE = {"square": (48, 48), "portrait": (48, 48), "story": (48, 250), "landscape": (40, 40)}  # margins: sides, top and bottom
SCALE = (240, 200, 172, 148, 132, 120, 110, 100, 92, 84, 76, 70, 64, 58, 52, 48, 44, 40, 36, 32, 28, 26, 24, 22, 20, 18)
SOURCES = ("title", "price", "unit", "village", "tagline", "maker", "kicker", "badge", "body", "link_text")
TYPES = ("photo", "scrim", "shape", "pattern", "text", "brand", "qr")

Quad = tuple[int, int, int, int]


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
    unit: int = 96
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


@dataclass(frozen=True)
class Template:
    """A poster design."""

    name: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    order: int
    background: str
    layers: tuple[Layer, ...]
    demo: Mapping[str, str]


def names() -> list[str]:
    """The templates there are, in the order they are offered."""
    found = [path.parent.name for path in FOLDER.glob("*/poster.toml")]
    return sorted(found, key=lambda name: (load(name).order, name))


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
    judge.keys(tree, "poster", {"title", "about", "order", "background", "layer", "demo"}, needed={"title", "background", "layer"})
    layers = tuple(judge.layer(row, f"layer {number}") for number, row in enumerate(judge.rows(tree, "layer"), start=1))
    judge.together(layers)
    return Template(
        name=name,
        title=judge.texts(tree.get("title"), "title"),
        about=judge.texts(tree.get("about", {"id": ""}), "about"),
        order=judge.number(tree.get("order", 100), "order"),
        background=judge.role(tree["background"], "background"),
        layers=layers,
        demo={key: str(value) for key, value in tree.get("demo", {}).items()},
    )


_PLACED = {"type", "box", "name", "when", "unless"}
_STACK = _PLACED | {"on", "anchor", "align", "items", "avoid", "shape", "colour", "shadow", "pad", "ring", "ring_colour", "plate"}
KEYS: Mapping[str, set[str]] = {
    "photo": _PLACED | {"radius", "shape", "shadow", "ring", "ring_colour"},
    "scrim": _PLACED | {"under", "side", "least", "fade", "seal", "colour"},
    "shape": _PLACED | {"shape", "radius", "colour", "shadow", "opacity", "ring", "ring_colour"},
    "pattern": _PLACED | {"motif", "colour", "opacity", "unit", "shape", "radius"},
    "text": _STACK,
    "brand": _PLACED | {"on", "align", "plate", "avoid"},
    "qr": _PLACED | {"plate"},
}
_ITEM = {
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
}
_WORDY = ("text", "brand", "qr")


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

    def layer(self, row: Mapping[str, Any], at: str) -> Layer:
        kind = row.get("type")
        if kind not in TYPES:
            raise self.fail(f"{at}.type", f"must be one of {', '.join(TYPES)}")
        at = f"{at} ({row.get('name') or kind})"
        self.keys(
            row, at, KEYS[kind], {"type", "box"} | ({"items"} if kind == "text" else set()) | ({"under"} if kind == "scrim" else set())
        )
        made = dict(row)
        made["box"] = self.boxes(row["box"], f"{at}.box", safe=kind in _WORDY)
        for key, allowed in (("shape", ("rect", "circle", "arch")), ("motif", ("", "kawung", "parang", "mega"))):
            if made.get(key, allowed[0]) not in allowed:
                raise self.fail(f"{at}.{key}", f"must be one of {', '.join(filter(None, allowed))}")
        for key, allowed in (
            ("anchor", ("top", "middle", "bottom")),
            ("align", ("left", "center", "right")),
            ("side", ("bottom", "top", "left", "right")),
        ):
            if key in made:
                self.by_format(made[key], f"{at}.{key}", allowed)
        for key in ("colour", "plate", "ring_colour"):
            if made.get(key):
                self.role(made[key], f"{at}.{key}")
        if made.get("on", "photo") != "photo":
            self.role(made["on"], f"{at}.on")
        for key in ("radius", "ring", "unit", "fade", "pad"):
            if key in made:
                self.number(made[key], f"{at}.{key}")
        for key in ("when", "unless"):
            if made.get(key) and made[key] not in (*SOURCES, "photo", "qr"):
                raise self.fail(f"{at}.{key}", f"must be one of {', '.join((*SOURCES, 'photo', 'qr'))}")
        made["avoid"] = tuple(row.get("avoid", ()))
        made["items"] = tuple(self.item(one, f"{at}.items {number}") for number, one in enumerate(row.get("items", ()), start=1))
        return Layer(**made)

    def item(self, row: object, at: str) -> Item:
        if not isinstance(row, dict):
            raise self.fail(at, "must be a table")
        self.keys(row, at, _ITEM, set())
        if row.get("src", "") not in (*SOURCES, "rule", ""):
            raise self.fail(f"{at}.src", f"must be one of {', '.join((*SOURCES, 'rule'))}")
        if not row.get("src") and not row.get("words"):
            raise self.fail(at, "needs src or words")
        if "words" in row:
            self.texts(row["words"], f"{at}.words")
        for key in ("size", "lines"):
            if isinstance(row.get(key), dict):
                for format_, value in row[key].items():
                    self.format(format_, f"{at}.{key}")
                    self.number(value, f"{at}.{key}.{format_}")
            elif key in row:
                self.number(row[key], f"{at}.{key}")
        if row.get("weight", 500) not in (400, 500, 600, 700, 800):
            raise self.fail(f"{at}.weight", "must be 400, 500, 600, 700 or 800")
        for key in ("colour", "pill"):
            if row.get(key, "auto") not in ("auto", ""):
                self.role(row[key], f"{at}.{key}")
        return Item(**row)

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
        wordy = [layer for layer in layers if layer.type in _WORDY]
        for place, one in enumerate(wordy):
            for other in wordy[place + 1 :]:
                self.apart(one, other)

    def apart(self, one: Layer, other: Layer) -> None:
        if other.name in one.avoid or one.name in other.avoid:
            return
        if one.unless in _conditions(other) or other.unless in _conditions(one):
            return  # never on the same poster
        for name in set(one.box) & set(other.box):
            a, b = one.box[name], other.box[name]
            if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
                raise self.fail(
                    f"{one.name or one.type} and {other.name or other.type}.box.{name}", "lie on each other and neither avoids the other"
                )


def _conditions(layer: Layer) -> set[str]:
    return {layer.when, "qr" if layer.type == "qr" else ""} - {""}
