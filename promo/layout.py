"""Where everything on a poster stands: template, facts, brand and format in, absolute boxes and lines of text out; opens no picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from promo import cells, directions, fonts, setting
from promo.cells import AIR
from promo.colours import Brand, by_role, luminance, mended, on
from promo.marks import Code, Entry, Facts, Fill, Layout, Mark, Matrix, Motif, Picture, Scrim, Sign, Words
from promo.schema import FORMATS, OF_AN_ENTRY, SCALE, Item, Layer, Quad, Template, of
from promo.setting import CAP, Piece

__all__ = ["Code", "Entry", "Facts", "Fill", "Layout", "Mark", "Matrix", "Motif", "Picture", "Scrim", "Sign", "Words", "arrange"]

Value = TypeVar("Value")


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
    texts: list[Mapping[str, str]] = field(default_factory=list)  # of the poster, then of each entry
    caps: dict[str, list[int]] = field(default_factory=dict)  # of texts that stand in cells: the size that suits all of them

    def layout(self) -> Layout:
        self.texts = self._texts()
        present = [layer for layer in self.template.layers if self.format in layer.box and self._wanted(layer)]
        boxes = {layer.name: layer.box[self.format] for layer in present if layer.name}
        present = [one for layer in present for one in self._unfolded(layer, boxes) if self._wanted(one)]
        self._even(present)
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

    def _texts(self) -> list[Mapping[str, str]]:
        facts = self.facts
        said = {name: getattr(facts, name) for name in (*OF_AN_ENTRY[2:], "title", "village", "tagline", "link_text", "page")}
        return [
            self._known(facts, said),
            *(self._known(one, {name: getattr(one, name) for name in ("title", *OF_AN_ENTRY[2:])}) for one in self._entries()),
        ]

    def _entries(self) -> tuple[Entry, ...]:
        """Those of the facts; a poster about one product shows that one where it could show several."""
        facts = self.facts
        if facts.entries or not self.template.entries[1]:
            return facts.entries[: self.template.entries[1]]
        own = {name: getattr(facts, name) for name in (*OF_AN_ENTRY[2:], "title", "price_idr", "price_text")}
        return (Entry(**own),)

    def _known(self, source: Facts | Entry, said: dict[str, str]) -> Mapping[str, str]:
        said["price"] = "" if source.price_idr is not None and source.price_idr <= 0 else source.price_text
        known = {name: fonts.known(text) for name, text in said.items()}
        if any(len("".join(known[name].split())) < len("".join(text.split())) for name, text in said.items()):
            self.warnings.append("poster.letter_missing")
        return known

    def _wanted(self, layer: Layer) -> bool:
        if (layer.type == "qr" and not self.facts.qr) or (layer.entry >= len(self.texts) and layer.type != "photo"):
            return False
        return not (layer.when and not self._there(layer, layer.when)) and not (layer.unless and self._there(layer, layer.unless))

    def _there(self, layer: Layer, source: str) -> bool:
        if source == "qr" or (source == "photo" and not layer.entry):
            return bool(getattr(self.facts, source))
        if source == "photo":
            return len(self.facts.entries) >= layer.entry and bool(self.facts.entries[layer.entry - 1].photo)
        return layer.entry < len(self.texts) and bool(
            self.texts[layer.entry].get(source) or (self.texts[0].get(source) and not layer.entry)
        )

    def _unfolded(self, layer: Layer, boxes: Mapping[str, Quad]) -> list[Layer]:
        """The layers of its cells, one for each entry there is room for; any other layer as it is."""
        if layer.type != "cells":
            return [layer]
        there, room = len(self.texts) - 1, cells.most(layer, self.format)
        if there > room:
            self.warnings.append("poster.entries_left_out")
        return cells.laid(layer, self._cleared(layer, boxes), self.format, max(1, min(there, room)))

    def _even(self, present: list[Layer]) -> None:
        """Texts of cells are set in one size, the largest that suits all of them: names of a list are equals."""
        for layer in present:
            if layer.type == "text" and layer.entry and " " in layer.name:
                for piece in self._pieces(layer, layer.box[self.format], quiet=True):
                    own = next(place for place, item in enumerate(layer.items) if item is piece.item)
                    sizes = self.caps.setdefault(layer.name.rsplit(" ", 1)[0], [999] * len(layer.items))
                    sizes[own] = min(sizes[own], piece.size)

    def _cleared(self, layer: Layer, boxes: Mapping[str, Quad]) -> Quad:
        """The layer's box without what it avoids."""
        return cells.cleared(layer.box[self.format], (boxes[name] for name in layer.avoid if name in boxes), largest=layer.type == "cells")

    def _of(self, value: Value | Mapping[str, Value], fallback: Value) -> Value:
        return of(value, self.format, fallback)

    def _colour(self, role: str) -> str:
        return by_role(self.brand, role)

    def _plain(self, layer: Layer, bounds: Mapping[str, list[Words]]) -> list[Mark]:
        box = layer.box[self.format]
        ring = self._colour(layer.ring_colour)
        if layer.type == "photo":
            return [Picture(box, layer.shape, layer.radius, layer.shadow, layer.ring, ring, layer.entry)]
        if layer.type == "shape":
            return [Fill(box, self._colour(layer.colour), layer.shape, layer.radius, layer.opacity, layer.shadow, layer.ring, ring)]
        if layer.type == "pattern":
            motif = layer.motif or (self.brand.pattern if self.brand.pattern in ("kawung", "parang", "mega") else "kawung")
            return [Motif(box, motif, self._colour(layer.colour), layer.opacity, self._of(layer.unit, 96), layer.shape, layer.radius)]
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
        pieces = self._pieces(layer, box)
        marks: list[Mark] = []
        if not pieces:
            return marks
        if layer.shape == "circle" or layer.plate:
            ground = self._colour(layer.plate or layer.colour)
            radius = 0 if layer.shape == "circle" else 28
            marks.append(Fill(box, ground, layer.shape, radius, 1.0, layer.shadow, layer.ring, self._colour(layer.ring_colour)))
        else:
            ground = self._colour("dark" if layer.on in ("", "photo") else layer.on)
        return marks + self._placed(layer, pieces, self._inner(layer, box), ground, number)

    def _inner(self, layer: Layer, box: Quad) -> Quad:
        """Where the words of a plate or a round sticker stand."""
        inset = layer.pad or (round((box[2] - box[0]) * 0.15) if layer.shape == "circle" else 0)
        return box[0] + inset, box[1] + inset, box[2] - inset, box[3] - inset

    def _pieces(self, layer: Layer, box: Quad, *, quiet: bool = False) -> list[Piece]:
        """The texts of a layer, set; none when there is nothing to say. `quiet` tries only: what is left out is no warning yet."""
        texts = [(item, self._said(item, layer)) for item in layer.items]
        if not any(text for item, text in texts if item.src != "rule"):
            return []
        inner = self._inner(layer, box)
        caps = self.caps.get(layer.name.rsplit(" ", 1)[0]) if layer.entry else None
        wishes = [(self._sized(item, caps[place] if caps else 999), text) for place, (item, text) in enumerate(texts) if text]
        pieces, complaints = self._stacked(wishes, (inner[2] - inner[0], inner[3] - inner[1]), self.texts[layer.entry]["unit"])
        self.warnings += () if quiet else complaints
        return pieces

    def _stacked(self, wishes: list[tuple[setting.Wish, str]], room: tuple[int, int], unit: str) -> tuple[list[Piece], list[str]]:
        """The texts set, and the warnings; of a body of several sentences as many as leave everything else its place."""
        body = next((place for place, (wish, _) in enumerate(wishes) if wish.item.src == "body"), None)
        tellings = [""] if body is None else setting.shorter(*wishes[body], room[0])
        for told in tellings:
            if body is not None:
                wishes[body] = (wishes[body][0], told)
            pieces, complaints = setting.stack(wishes, room, unit)
            if not complaints:
                break
        return pieces, complaints

    def _sized(self, item: Item, most: int) -> setting.Wish:
        size = SCALE[0] if item.fit == "fit" else self._of(item.size, 40)
        return setting.Wish(item, min(most, size), self._of(item.lines, 1))

    def _said(self, item: Item, layer: Layer) -> str:
        if item.src == "rule":
            return "rule"
        text = self.texts[layer.entry].get(item.src, "") or item.words.get(self.facts.language, item.words.get("id", ""))
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
        turns, to_left = directions.turns("".join(piece.lines)), directions.goes_left("".join(piece.lines))
        for place, line in enumerate(piece.lines):
            width = fonts.width(line, piece.size, item.weight, piece.tracking)
            left = _start(box, piece.width if item.pill or piece.tail else width, align) + piece.pad_x
            if to_left and align == "left" and not item.pill and not piece.tail:
                left += piece.width - width  # its lines begin below each other, the whole of it stays in its place among the others
            around = (" ".join(piece.lines[:place]), " ".join(piece.lines[place + 1 :])) if turns else ("", "")
            marks.append(Words(line, left, baseline, piece.size, item.weight, colour, width, piece.tracking, number, to_left, around))
            if piece.tail:
                tail_x = left + width + piece.tail_gap
                tail_width = fonts.width(piece.tail, piece.tail_size, 600)
                marks.append(Words(piece.tail, tail_x, baseline, piece.tail_size, 600, colour, tail_width, 0.0, number))
            baseline += item.leading * piece.size
        return marks

    def _brand(self, layer: Layer, box: Quad, number: int) -> list[Mark]:
        name, tagline = self.texts[0]["village"], self.texts[0]["tagline"]
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
            to_left = directions.goes_left(row.text)
            marks.append(Words(row.text, x, box[1] + pad + row.baseline, row.size, row.weight, colour, row.width, 0.0, number, to_left))
        return marks


def _start(box: Quad, width: float, align: str) -> float:
    free = box[2] - box[0] - width
    return box[0] + {"left": 0.0, "center": free / 2, "right": free}[align]


def _whole(box: tuple[float, float, float, float]) -> Quad:
    left, top, right, bottom = box
    return round(left), round(top), round(right), round(bottom)
