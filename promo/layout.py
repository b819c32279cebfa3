"""Where everything on a poster stands: template, facts, brand and format in, absolute boxes and lines of text out; opens no picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from promo import fonts, setting
from promo.colours import Brand, by_role, luminance, mended, on
from promo.setting import Piece
from promo.templates import FORMATS, Item, Layer, Quad, Template

AIR = 36  # between a text and what it avoids
LINE = 420  # a column of text narrower than this reads badly
CAP, FOOT = setting.CAP, setting.FOOT
Value = TypeVar("Value")
Matrix = Sequence[Sequence[bool]]


@dataclass(frozen=True)
class Facts:
    """What a poster says and shows; "" and None mean: not there. All texts are plain, already in the language of the poster."""

    title: str = ""
    price_idr: int | None = None  # 0: no price is shown, whatever the text says
    price_text: str = ""
    unit: str = ""
    village: str = ""
    tagline: str = ""
    maker: str = ""
    kicker: str = ""
    badge: str = ""
    body: str = ""
    link_text: str = ""
    qr: Matrix | None = None  # without quiet zone
    photo: bytes | None = None  # the master JPEG
    focus: tuple[float, float] = (0.5, 0.5)
    logo: bytes | None = None
    language: str = "id"  # which of the template's own words are used


@dataclass(frozen=True)
class Fill:
    """A plain area."""

    box: Quad
    colour: str
    shape: str = "rect"
    radius: int = 0
    opacity: float = 1.0
    shadow: bool = False
    ring: int = 0
    ring_colour: str = "#ffffff"


@dataclass(frozen=True)
class Picture:
    """The photo, cropped to the box around its focus."""

    box: Quad
    shape: str = "rect"
    radius: int = 0
    shadow: bool = False
    ring: int = 0
    ring_colour: str = "#ffffff"


@dataclass(frozen=True)
class Motif:
    """A repeated pattern."""

    box: Quad
    motif: str
    colour: str
    opacity: float
    unit: int
    shape: str = "rect"
    radius: int = 0


@dataclass(frozen=True)
class Scrim:
    """A tint that grows towards `side`, full from `start` on and as strong as `lights` need: (area of text, luminance of its colour)."""

    box: Quad
    side: str
    colour: str
    start: int
    fade: int
    least: float
    seal: bool
    lights: tuple[tuple[Quad, float], ...]


@dataclass(frozen=True)
class Words:
    """One line of text, its left end on the baseline."""

    text: str
    x: float
    baseline: float
    size: int
    weight: int
    colour: str
    width: float
    tracking: float = 0.0
    layer: int = 0

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The area the letters may cover."""
        return self.x, self.baseline - CAP * self.size, self.x + self.width, self.baseline + FOOT * self.size


@dataclass(frozen=True)
class Code:
    """A QR code on its card, quiet zone inside the box."""

    box: Quad
    module: int


@dataclass(frozen=True)
class Sign:
    """The village's logo, or the gate mark where it has none."""

    box: Quad
    colour: str


Mark = Fill | Picture | Motif | Scrim | Words | Code | Sign


@dataclass(frozen=True)
class Layout:
    """A finished arrangement; `marks` are drawn one over the other."""

    width: int
    height: int
    background: str
    marks: tuple[Mark, ...]
    warnings: tuple[str, ...]


def arrange(template: Template, facts: Facts, brand: Brand, format: str) -> Layout:  # noqa: A002 - the contract's own word
    """The arrangement of a poster at full size. `format` is a name in templates.FORMATS."""
    return _Arrangement(template, facts, mended(brand), format).layout()


@dataclass
class _Arrangement:
    template: Template
    facts: Facts
    brand: Brand
    format: str
    warnings: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def layout(self) -> Layout:
        self.texts = self._texts()
        present = [layer for layer in self.template.layers if self.format in layer.box and self._wanted(layer)]
        boxes = {layer.name: layer.box[self.format] for layer in present if layer.name}
        written: dict[int, list[Mark]] = {}
        bounds: dict[str, list[Words]] = {}
        for number, layer in enumerate(present):
            if layer.type in ("text", "brand"):
                box = self._cleared(layer, boxes)
                written[number] = self._text(layer, box, number) if layer.type == "text" else self._brand(layer, box, number)
                bounds[layer.name] = [mark for mark in written[number] if isinstance(mark, Words)]
        marks: list[Mark] = []
        for number, layer in enumerate(present):
            marks += written[number] if number in written else self._plain(layer, bounds)
        width, height = FORMATS[self.format]
        background = by_role(self.brand, self.template.background)
        return Layout(width, height, background, tuple(marks), tuple(dict.fromkeys(self.warnings)))

    def _texts(self) -> dict[str, str]:
        facts = self.facts
        said = {
            name: getattr(facts, name) for name in ("title", "village", "tagline", "maker", "kicker", "badge", "body", "link_text", "unit")
        }
        said["price"] = "" if facts.price_idr is not None and facts.price_idr <= 0 else facts.price_text
        known = {name: fonts.known(text) for name, text in said.items()}
        if any(len("".join(known[name].split())) < len("".join(text.split())) for name, text in said.items()):
            self.warnings.append("poster.letter_missing")
        return known

    def _wanted(self, layer: Layer) -> bool:
        if layer.type == "qr" and not self.facts.qr:
            return False
        return not (layer.when and not self._there(layer.when)) and not (layer.unless and self._there(layer.unless))

    def _there(self, source: str) -> bool:
        if source in ("photo", "qr"):
            return bool(getattr(self.facts, source))
        return bool(self.texts[source])

    def _cleared(self, layer: Layer, boxes: Mapping[str, Quad]) -> Quad:
        """The layer's box without what it avoids: the largest of the four rests."""
        left, top, right, bottom = layer.box[self.format]
        for name in layer.avoid:
            if name not in boxes:
                continue
            a, b, c, d = boxes[name]
            if left < c and a < right and top < d and b < bottom:
                rests = (
                    (left, top, a - AIR, bottom),
                    (c + AIR, top, right, bottom),
                    (left, top, right, b - AIR),
                    (left, d + AIR, right, bottom),
                )
                beside, above = max(rests[:2], key=_area), max(rests[2:], key=_area)
                left, top, right, bottom = beside if beside[2] - beside[0] >= LINE else above
        return left, top, right, bottom

    def _of(self, value: Value | Mapping[str, Value], fallback: Value) -> Value:
        return value.get(self.format, fallback) if isinstance(value, Mapping) else value

    def _colour(self, role: str) -> str:
        return by_role(self.brand, role)

    def _plain(self, layer: Layer, bounds: Mapping[str, list[Words]]) -> list[Mark]:
        box = layer.box[self.format]
        ring = self._colour(layer.ring_colour)
        if layer.type == "photo":
            return [Picture(box, layer.shape, layer.radius, layer.shadow, layer.ring, ring)]
        if layer.type == "shape":
            return [Fill(box, self._colour(layer.colour), layer.shape, layer.radius, layer.opacity, layer.shadow, layer.ring, ring)]
        if layer.type == "pattern":
            motif = layer.motif or (self.brand.pattern if self.brand.pattern in ("kawung", "parang", "mega") else "kawung")
            return [Motif(box, motif, self._colour(layer.colour), layer.opacity, layer.unit, layer.shape, layer.radius)]
        if layer.type == "scrim":
            return self._scrim(layer, box, bounds.get(layer.under, []))
        return self._code(box)

    def _scrim(self, layer: Layer, box: Quad, words: list[Words]) -> list[Mark]:
        if not words:
            return []
        side = self._of(layer.side, "bottom")
        left, top = min(word.box[0] for word in words), min(word.box[1] for word in words)
        right, bottom = max(word.box[2] for word in words), max(word.box[3] for word in words)
        start = {"bottom": top - AIR, "top": bottom + AIR, "left": right + AIR, "right": left - AIR}[side]
        if self._of(layer.seal, False):  # also under few words the picture ends softly, never in an edge
            soft = layer.fade / 2
            ends = {"bottom": box[3] - soft, "top": box[1] + soft, "left": box[0] + soft, "right": box[2] - soft}
            start = (min if side in ("bottom", "right") else max)(start, ends[side])
        lights = tuple((_whole(word.box), luminance(word.colour)) for word in words)
        return [Scrim(box, side, self._colour(layer.colour), round(start), layer.fade, layer.least, self._of(layer.seal, False), lights)]

    def _code(self, box: Quad) -> list[Mark]:
        modules = len(self.facts.qr or ()) + 8
        module = min(box[2] - box[0], box[3] - box[1]) // modules
        if module < 5:
            self.warnings.append("poster.code_too_dense")
            return []
        side = module * modules
        left, top = (box[0] + box[2] - side) // 2, (box[1] + box[3] - side) // 2
        return [Code((left, top, left + side, top + side), module)]

    def _text(self, layer: Layer, box: Quad, number: int) -> list[Mark]:
        texts = [(item, self._said(item)) for item in layer.items]
        if not any(text for item, text in texts if item.src != "rule"):
            return []
        inner = box
        if layer.shape == "circle":
            inset = layer.pad or round((box[2] - box[0]) * 0.15)
            inner = (box[0] + inset, box[1] + inset, box[2] - inset, box[3] - inset)
        elif layer.pad:
            inner = (box[0] + layer.pad, box[1] + layer.pad, box[2] - layer.pad, box[3] - layer.pad)
        size = (inner[2] - inner[0], inner[3] - inner[1])
        pieces = self._stacked([(self._sized(item), text) for item, text in texts if text], size)
        marks: list[Mark] = []
        if layer.shape == "circle" or layer.plate:
            ground = self._colour(layer.plate or layer.colour)
            radius = 0 if layer.shape == "circle" else 28
            marks.append(Fill(box, ground, layer.shape, radius, 1.0, layer.shadow, layer.ring, self._colour(layer.ring_colour)))
        else:
            ground = self._colour("dark" if layer.on in ("", "photo") else layer.on)
        return marks + self._placed(layer, pieces, inner, ground, number)

    def _stacked(self, wishes: list[tuple[setting.Wish, str]], room: tuple[int, int]) -> list[Piece]:
        """The texts set; of a body of several sentences as many as leave everything else its place."""
        body = next((place for place, (wish, _) in enumerate(wishes) if wish.item.src == "body"), None)
        tellings = [""] if body is None else setting.shorter(*wishes[body], room[0])
        for told in tellings:
            if body is not None:
                wishes[body] = (wishes[body][0], told)
            pieces, complaints = setting.stack(wishes, room, self.texts["unit"])
            if not complaints:
                break
        self.warnings += complaints
        return pieces

    def _sized(self, item: Item) -> setting.Wish:
        return setting.Wish(item, self._of(item.size, 40), self._of(item.lines, 1))

    def _said(self, item: Item) -> str:
        if item.src == "rule":
            return "rule"
        text = self.texts.get(item.src, "") or item.words.get(self.facts.language, item.words.get("id", ""))
        text = f"{item.prefix}{text}" if text else ""
        return text.upper() if item.upper else text

    def _placed(self, layer: Layer, pieces: list[Piece], box: Quad, ground: str, number: int) -> list[Mark]:
        height = setting.height(pieces)
        free = box[3] - box[1] - height
        y = box[1] + {"top": 0.0, "middle": free / 2, "bottom": free}[self._of(layer.anchor, "top")]
        align = self._of(layer.align, "left")
        marks: list[Mark] = []
        for place, piece in enumerate(pieces):
            y += piece.item.gap if place else 0
            marks += self._piece(piece, y, box, align, ground, number)
            y += piece.height
        return marks

    def _piece(self, piece: Piece, y: float, box: Quad, align: str, ground: str, number: int) -> list[Mark]:
        item = piece.item
        marks: list[Mark] = []
        behind = self._colour(item.pill) if item.pill else ground
        wish = () if item.colour == "auto" else (self._colour(item.colour),)
        colour = on(behind, *wish, *((self._colour("primary"), self._colour("dark")) if wish else ()))
        if item.src == "rule":
            left = _start(box, 72, align)
            return [Fill(_whole((left, y, left + 72, y + piece.height)), *(wish or (colour,)), "rect", 3)]
        if item.pill:
            left = _start(box, piece.width, align)
            marks.append(Fill(_whole((left, y, left + piece.width, y + piece.height)), behind, "rect", min(round(piece.height / 2), 30)))
        baseline = y + piece.pad_y + (CAP if not item.pill else setting.CAPITAL) * piece.size
        for line in piece.lines:
            width = fonts.width(line, piece.size, item.weight, item.tracking)
            left = _start(box, piece.width if item.pill or piece.tail else width, align) + piece.pad_x
            marks.append(Words(line, left, baseline, piece.size, item.weight, colour, width, item.tracking, number))
            if piece.tail:
                tail_x = left + width + piece.tail_gap
                tail_width = fonts.width(piece.tail, piece.tail_size, 600)
                marks.append(Words(piece.tail, tail_x, baseline, piece.tail_size, 600, colour, tail_width, 0.0, number))
            baseline += item.leading * piece.size
        return marks

    def _brand(self, layer: Layer, box: Quad, number: int) -> list[Mark]:
        name, tagline = self.texts["village"], self.texts["tagline"]
        if not name and not self.facts.logo:
            return []
        ground = self._colour(layer.plate or ("dark" if layer.on in ("", "photo") else layer.on))
        colour = on(ground, self._colour("dark"))
        pad = round((box[3] - box[1]) * 0.18) if layer.plate else 0
        side = box[3] - box[1] - 2 * pad
        gap = round(side * 0.26)
        room = box[2] - box[0] - 2 * pad - side - gap - (pad if layer.plate else 0)
        rows, complaints = setting.lockup(name, tagline, room, side)
        self.warnings += complaints
        wide = max((row.width for row in rows), default=0)
        total = side + (gap + wide if rows else 0) + 2 * pad + (pad if layer.plate and rows else 0)
        left = _start(box, total, self._of(layer.align, "left"))
        marks: list[Mark] = []
        if layer.plate:
            marks.append(Fill(_whole((left, box[1], left + total, box[3])), ground, "rect", round((box[3] - box[1]) / 2)))
        marks.append(Sign(_whole((left + pad, box[1] + pad, left + pad + side, box[3] - pad)), on(ground, self._colour("primary"))))
        x = left + pad + side + gap
        for row in rows:
            marks.append(Words(row.text, x, box[1] + pad + row.baseline, row.size, row.weight, colour, row.width, 0.0, number))
        return marks


def _start(box: Quad, width: float, align: str) -> float:
    free = box[2] - box[0] - width
    return box[0] + {"left": 0.0, "center": free / 2, "right": free}[align]


def _area(box: Quad) -> int:
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])


def _whole(box: tuple[float, float, float, float]) -> Quad:
    left, top, right, bottom = box
    return round(left), round(top), round(right), round(bottom)
