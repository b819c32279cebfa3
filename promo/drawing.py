"""An arrangement painted: its marks laid one over the other, what stays the same between two edits kept."""

from dataclasses import dataclass, field, replace

from PIL import Image, ImageDraw

from promo import fonts, logos, painting, patterns
from promo.colours import Brand, mended, mix
from promo.keeping import kept
from promo.marks import Code, Facts, Fill, Layout, Mark, Motif, Picture, Scrim, Sign, Words
from promo.schema import Quad

_BLUR = 44
Shot = tuple[bytes | None, tuple[float, float]]


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
    for one in (
        _with_photo,
        _without_photo,
        painting.cropped,
        painting.mask,
        painting.shade,
        painting.slope,
        painting.letter,
        painting.line,
    ):
        one.cache_clear()


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
                picture, enlarged = painting.cropped(jpeg, focus, size, self.scale)
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
        if any(mark.around) or mark.to_left or not fonts.is_plain(mark.text):
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
        """A line in which not all letters are Manrope's, or not all run the same way: part by part, each in its own font."""
        for part, family, turned in fonts.laid(mark.text, mark.to_left, mark.around):
            if part == " ":
                x += fonts.space(mark.weight) * size
            elif family is not None and family.colour:
                picture = fonts.emoji(part, size, family)
                self.picture.paste(picture, (round(x), round(y + 0.15 * size) - picture.height), picture)
                x += picture.width
            else:
                font, way = fonts.face(size, mark.weight, family), "rtl" if turned else None
                lifted = y - (family.lift if family else 0.0) * size
                self.pen.text((x, lifted), part, fill=mark.colour, font=font, anchor="ls", direction=way)
                x += fonts.em(part, mark.weight) * size


@dataclass(frozen=True)
class _Ground:
    """What lies under the words: the same for every text, so it is painted once and copied."""

    marks: tuple[Mark, ...]
    background: str
    brand: Brand
    size: tuple[int, int]
    scale: float


@kept(megabytes=9)
def _with_photo(ground: _Ground, shots: tuple[Shot, ...]) -> tuple[Image.Image, tuple[str, ...]]:
    """The ground with its photo, and the warnings of the photo: what an edit of words starts from."""
    first = next((place for place, mark in enumerate(ground.marks) if isinstance(mark, Picture)), len(ground.marks))
    brush = _brush(ground, shots, _shared(replace(ground, marks=ground.marks[:first])))
    for mark in ground.marks[first:]:
        brush.put(mark)
    return brush.picture, tuple(brush.warnings)


def _shared(ground: _Ground) -> Image.Image:
    """A picture to paint a photo on: a plain one is quicker made than copied."""
    return _without_photo(ground).copy() if ground.marks else Image.new("RGB", ground.size, ground.background)


@kept(megabytes=6)
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
