"""Posters: a template, a village's facts and its brand made into a finished JPEG; the same in, the same bytes out."""

import functools
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from PIL import Image, ImageDraw

from promo import fonts, layout, logos, painting, patterns, templates
from promo.colours import Brand, mended, mix
from promo.marks import Code, Entry, Facts, Fill, Layout, Mark, Motif, Picture, Scrim, Sign, Words
from promo.schema import FORMATS, BrokenTemplate, Quad, UnknownPoster
from promo.setting import DOES_NOT_FIT

__all__ = [
    "FORMATS",
    "Brand",
    "BrokenTemplate",
    "Drawn",
    "Entry",
    "Facts",
    "UnknownPoster",
    "WrongNumberOfSlides",
    "carousel",
    "carousels",
    "draw",
    "forget",
    "names",
    "paint",
    "title",
    "wants",
]

QUALITY = 85
HEAVY = 950_000  # bytes: the strictest network takes 1,000,000 (Bluesky)
LIGHT = 290_000  # of a link preview: WhatsApp shows none above 300 KB
LEAST_SLIDES, MOST_SLIDES = 2, 10  # what networks take as one post
_BLUR = 44
Shot = tuple[bytes | None, tuple[float, float]]


class WrongNumberOfSlides(ValueError):
    """A carousel has 2 to 10 slides: `count` says how many were asked for."""

    def __init__(self, count: int) -> None:
        super().__init__(f"a carousel has {LEAST_SLIDES} to {MOST_SLIDES} slides, not {count}")
        self.count = count


@dataclass(frozen=True)
class Drawn:
    """A finished poster; `warnings` are keys of words for staff, never a reason not to show it."""

    jpeg: bytes
    width: int
    height: int
    warnings: tuple[str, ...]

    @property
    def error(self) -> str:
        """The key of what keeps it from going out: a text that its template says must not be cut, such as a price; or ""."""
        return DOES_NOT_FIT if DOES_NOT_FIT in self.warnings else ""


def names() -> list[str]:
    """The posters there are: the folders of assets/posters, in the order they are offered."""
    return templates.names()


def title(template: str, language: str) -> str:
    """What a poster is called in a language."""
    words = templates.load(template).title
    return words.get(language) or words["id"]


def draw(template: str, facts: Facts, brand: Brand, format: str, *, scale: float = 1.0) -> Drawn:  # noqa: A002 - the contract's own word
    """The poster as a JPEG, in full size or `scale` of it (0.5: a preview). Raises UnknownPoster, BrokenTemplate or KeyError (format)."""
    arranged = layout.arrange(templates.load(template), facts, brand, format)
    picture, warnings = paint(arranged, facts, brand, scale=scale)
    jpeg = _encoded(picture, LIGHT if format == "landscape" else HEAVY)
    return Drawn(jpeg, picture.width, picture.height, tuple(dict.fromkeys((*arranged.warnings, *warnings))))


def _encoded(picture: Image.Image, most: int) -> bytes:
    """The JPEG, a step coarser where a restless photo would weigh more than `most` bytes."""
    for quality in (QUALITY, 78, 70, 60, 48, 36):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality)
        if buffer.tell() <= most:
            break
    return buffer.getvalue()


def carousels() -> list[str]:
    """The styles a carousel can have: the cover templates that name their inner and closing slides."""
    return [name for name in templates.names("slide") if templates.load(name).carousel]


def carousel(
    style: str,
    slides: Sequence[Facts],
    brand: Brand,
    format: str,  # noqa: A002
    *,
    scale: float = 1.0,
    only: int | None = None,
) -> list[Drawn]:
    """The pictures of a carousel: `slides[0]` is the cover, `slides[-1]` the closing slide with the code, between them one thing each.

    `style` is one of carousels(). The cover shows the products' photos, unless it has entries of its own; each slide is numbered; a code
    stands on the closing slide only. `only` is the number of the one slide that is drawn. Raises WrongNumberOfSlides below 2 and above 10
    slides, UnknownPoster for a style there is not.
    """
    cover = templates.load(style)
    if not cover.carousel:
        raise UnknownPoster(style)
    if not LEAST_SLIDES <= len(slides) <= MOST_SLIDES:
        raise WrongNumberOfSlides(len(slides))
    first, *inner, last = slides
    shown = tuple(Entry(one.title, one.price_idr, one.price_text, one.unit, photo=one.photo, focus=one.focus) for one in inner if one.photo)
    if not first.photo and shown:
        first = replace(first, photo=shown[0].photo, focus=shown[0].focus)
    first = replace(first, qr=None, entries=first.entries or shown[: cover.entries[1]])
    told = [(style, first), *((cover.carousel["item"], replace(one, qr=None)) for one in inner), (cover.carousel["closing"], last)]
    return [
        draw(name, replace(one, page=one.page or f"{number}/{len(told)}"), brand, format, scale=scale)
        for number, (name, one) in enumerate(told, start=1)
        if only in (None, number)
    ]


def wants(template: str) -> tuple[int, int]:
    """How many entries (Facts.entries) a poster is made for, at least and at most; (0, 0): it is about one product or place."""
    return templates.load(template).entries


def paint(arranged: Layout, facts: Facts, brand: Brand, *, scale: float = 1.0) -> tuple[Image.Image, list[str]]:
    """An arrangement as a picture, and the warnings that only its photo and logo can give."""
    brush = _Brush(arranged, facts, mended(brand), scale, _shots(facts))
    return brush.paint(), brush.warnings


def _shots(facts: Facts) -> tuple[Shot, ...]:
    """The photos of a poster: its own, then one for each entry; without entries it is its own only one."""
    own = (facts.photo, facts.focus)
    return own, *(((one.photo, one.focus) for one in facts.entries) if facts.entries else (own,))


def forget() -> None:
    """Give back the memory of the pictures and masks that are kept for the next poster."""
    for kept in (
        _with_photo,
        _without_photo,
        painting.cropped,
        painting.mask,
        painting.shade,
        painting.slope,
        painting.letter,
        painting.line,
    ):
        kept.cache_clear()


@dataclass
class _Brush:
    arranged: Layout
    facts: Facts
    brand: Brand
    scale: float
    shots: tuple[Shot, ...] = ()  # the poster's own photo, then those of its entries
    warnings: list[str] = field(default_factory=list)

    def paint(self) -> Image.Image:
        size = (round(self.arranged.width * self.scale), round(self.arranged.height * self.scale))
        marks = self.arranged.marks
        still = next((place for place, mark in enumerate(marks) if not isinstance(mark, Fill | Motif | Picture)), len(marks))
        ground = _Ground(marks[:still], self.arranged.background, self.brand, size, self.scale)
        picture, warnings = _with_photo(ground, self.shots)
        self.warnings += warnings
        self.picture = picture.copy()
        self.pen = ImageDraw.Draw(self.picture)
        for mark in marks[still:]:
            self.put(mark)
        return self.picture

    def put(self, mark: Mark) -> None:
        """Paint one mark over what is there."""
        if isinstance(mark, Words):
            self.words(mark)
        elif isinstance(mark, Fill):
            self.fill(mark)
        elif isinstance(mark, Picture):
            self.photo(mark)
        elif isinstance(mark, Scrim):
            self.scrim(mark)
        elif isinstance(mark, Motif):
            self.motif(mark)
        elif isinstance(mark, Code):
            self.code(mark)
        else:
            self.sign(mark)

    def near(self, box: Quad) -> Quad:
        """A box of the full size in this picture's pixels."""
        left, top, right, bottom = (round(edge * self.scale) for edge in box)
        return left, top, max(left + 1, right), max(top + 1, bottom)

    def px(self, length: float) -> int:
        return round(length * self.scale)

    def shadow(self, box: Quad, shape: str, radius: int) -> None:
        left, top, right, bottom = box
        blur = self.px(_BLUR)
        if blur < 2:
            return
        soft = painting.faded(painting.shade(right - left, bottom - top, shape, radius, blur), 0.32)
        painting.lay(self.picture, mix(self.brand.dark, "#000000", 0.5), (left - blur, top - blur + self.px(16)), soft)

    def ringed(self, mark: Fill | Picture) -> tuple[Quad, int]:
        """Paint shadow and ring; the box and radius that are left for the inside."""
        box, radius = self.near(mark.box), self.px(mark.radius)
        if mark.shadow:
            self.shadow(box, mark.shape, radius)
        if mark.ring:
            ring = max(1, self.px(mark.ring))
            self.picture.paste(mark.ring_colour, box[:2], painting.mask(box[2] - box[0], box[3] - box[1], mark.shape, radius))
            box = (box[0] + ring, box[1] + ring, box[2] - ring, box[3] - ring)
            radius = max(0, radius - ring)
        return box, radius

    def fill(self, mark: Fill) -> None:
        box, radius = self.ringed(mark)
        if mark.shape == "rect" and not radius and mark.opacity >= 1:
            self.picture.paste(mark.colour, box)
            return
        shape = painting.mask(box[2] - box[0], box[3] - box[1], mark.shape, radius)
        painting.lay(self.picture, mark.colour, box[:2], painting.faded(shape, mark.opacity))

    def photo(self, mark: Picture) -> None:
        box, radius = self.ringed(mark)
        size = (box[2] - box[0], box[3] - box[1])
        shape = None if mark.shape == "rect" and not radius else painting.mask(*size, mark.shape, radius)
        self.picture.paste(self.shown(size, mark.entry), box[:2], shape)

    def shown(self, size: tuple[int, int], entry: int) -> Image.Image:
        """The photo in a size, or a pattern in the brand's colours where there is none."""
        jpeg, focus = self.shots[entry] if entry < len(self.shots) else (None, (0.5, 0.5))
        if not jpeg:
            self.warnings.append("poster.no_photo" if entry < len(self.shots) else "poster.entries_missing")
        else:
            try:
                picture, enlarged = painting.cropped(jpeg, focus, size)
            except Exception:  # decoders raise whatever they like
                self.warnings.append("poster.photo_broken")
            else:
                if enlarged > 2.2 * self.scale:
                    self.warnings.append("poster.photo_small")
                return picture
        ground = Image.new("RGB", size, mix(self.brand.primary, self.brand.dark, 0.35))
        motif = self.brand.pattern if self.brand.pattern in patterns.MOTIFS else "kawung"
        spread = patterns.spread(motif, self.px(180), *size)
        ground.paste(mix(self.brand.primary, self.brand.light, 0.25), (0, 0), painting.faded(spread, 0.55))
        return ground

    def motif(self, mark: Motif) -> None:
        left, top, right, bottom = self.near(mark.box)
        spread = patterns.spread(mark.motif, self.px(mark.unit), right - left, bottom - top)
        if mark.shape != "rect" or mark.radius:
            shaped = Image.new("L", spread.size, 0)
            shaped.paste(spread, (0, 0), painting.mask(*spread.size, mark.shape, self.px(mark.radius)))
            spread = shaped
        painting.lay(self.picture, mark.colour, (left, top), painting.faded(spread, mark.opacity))

    def scrim(self, mark: Scrim) -> None:
        left, top, right, bottom = self.near(mark.box)
        lights = tuple((self.near(box), light) for box, light in mark.lights)
        strength = round(255 * painting.needed(self.picture, lights, mark.colour, mark.least))
        upright = mark.side in ("bottom", "top")
        far = {"bottom": top, "top": bottom, "left": right, "right": left}[mark.side]
        length = bottom - top if upright else right - left
        start = abs(self.px(mark.start) - far)
        column = painting.slope(length, start, min(start, self.px(mark.fade)), strength, mark.seal)
        clear = max(0, start - self.px(mark.fade))  # nothing to paint there
        column = column.crop((0, clear, 1, length))
        left, top, right, bottom = {
            "bottom": (left, top + clear, right, bottom),
            "top": (left, top, right, bottom - clear),
            "left": (left, top, right - clear, bottom),
            "right": (left + clear, top, right, bottom),
        }[mark.side]
        if mark.side in ("top", "left"):
            column = column.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        if not upright:
            column = column.transpose(Image.Transpose.TRANSPOSE)
        painting.lay(self.picture, mark.colour, (left, top), column.resize((right - left, bottom - top), Image.Resampling.NEAREST))

    def code(self, mark: Code) -> None:
        left, top, right, bottom = self.near(mark.box)
        rows = self.facts.qr or ()
        radius = self.px(mark.module * 1.6)
        self.shadow((left, top, right, bottom), "rect", radius)
        painting.lay(self.picture, "#ffffff", (left, top), painting.mask(right - left, bottom - top, "rect", radius))
        count = len(rows)
        small = Image.new("L", (count, count))
        small.putdata([0 if dark else 255 for row in rows for dark in row])
        side = self.px(mark.module * count)
        method = Image.Resampling.NEAREST if self.scale == 1 else Image.Resampling.BOX
        quiet = self.px(mark.module * 4)
        self.picture.paste(small.resize((side, side), method).convert("RGB"), (left + quiet, top + quiet))

    def sign(self, mark: Sign) -> None:
        left, top, right, bottom = self.near(mark.box)
        side = min(right - left, bottom - top)
        if self.facts.logo:
            picture, warning = logos.opened(self.facts.logo, side)
            if warning:
                self.warnings.append(warning)
            if picture is not None:
                self.picture.paste(picture, (left + (side - picture.width) // 2, top + (side - picture.height) // 2), picture)
                return
        self.picture.paste(mark.colour, (left, top), painting.gate(side))

    def words(self, mark: Words) -> None:
        size = mark.size * self.scale
        x, y = mark.x * self.scale, mark.baseline * self.scale
        if not fonts.is_plain(mark.text):
            self.mixed(mark, x, y, size)
        elif not mark.tracking:
            across, down = round(x * 4), round(y * 4)
            mask, right, below = painting.line(mark.text, size, mark.weight, (across % 4, down % 4))
            self.picture.paste(mark.colour, (across // 4 + right, down // 4 + below), mask)
        else:
            for letter, start in zip(mark.text, fonts.starts(mark.text, size, mark.weight, mark.tracking), strict=True):
                if letter != " ":
                    quarters = round((x + start) * 4)
                    mask, right, down = painting.letter(letter, size, mark.weight, quarters % 4)
                    self.picture.paste(mark.colour, (quarters // 4 + right, round(y) + down), mask)

    def mixed(self, mark: Words, x: float, y: float, size: float) -> None:
        """A line in which not all letters are Manrope's: word by word, each part in its own font."""
        for word in fonts.in_order(mark.text.split(" ")):
            for part, family in fonts.runs(word):
                if family is not None and family.colour:
                    picture = fonts.emoji(part, size, family)
                    self.picture.paste(picture, (round(x), round(y + 0.15 * size) - picture.height), picture)
                    x += picture.width
                else:
                    font = fonts.face(size, mark.weight, family)
                    self.pen.text((x, y - (family.lift if family else 0.0) * size), part, fill=mark.colour, font=font, anchor="ls")
                    x += fonts.em(part, mark.weight) * size
            x += fonts.space(mark.weight) * size


@dataclass(frozen=True)
class _Ground:
    """What lies under the words: the same for every text, so it is painted once and copied."""

    marks: tuple[Mark, ...]
    background: str
    brand: Brand
    size: tuple[int, int]
    scale: float


@functools.lru_cache(maxsize=3)
def _with_photo(ground: _Ground, shots: tuple[Shot, ...]) -> tuple[Image.Image, tuple[str, ...]]:
    """The ground with its photo, and the warnings of the photo: what an edit of words starts from."""
    first = next((place for place, mark in enumerate(ground.marks) if isinstance(mark, Picture)), len(ground.marks))
    brush = _brush(ground, shots, _without_photo(replace(ground, marks=ground.marks[:first])).copy())
    for mark in ground.marks[first:]:
        brush.put(mark)
    return brush.picture, tuple(brush.warnings)


@functools.lru_cache(maxsize=12)
def _without_photo(ground: _Ground) -> Image.Image:
    """The part of the ground that all posters of a template and a brand share."""
    brush = _brush(ground, (), Image.new("RGB", ground.size, ground.background))
    for mark in ground.marks:
        brush.put(mark)
    return brush.picture


def _brush(ground: _Ground, shots: tuple[Shot, ...], picture: Image.Image) -> _Brush:
    brush = _Brush(Layout(*ground.size, ground.background, ground.marks, ()), Facts(), ground.brand, ground.scale, shots)
    brush.picture, brush.pen = picture, ImageDraw.Draw(picture)
    return brush
