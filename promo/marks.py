"""What a layout is made of: the facts that go in, and the marks that come out, in pixels of the full-size picture."""

from collections.abc import Sequence
from dataclasses import dataclass

from promo.schema import Quad
from promo.setting import CAP, FOOT

Matrix = Sequence[Sequence[bool]]


@dataclass(frozen=True)
class Entry:
    """One of several products, places or pictures on a poster; texts as in Facts."""

    title: str = ""
    price_idr: int | None = None
    price_text: str = ""
    unit: str = ""
    maker: str = ""
    kicker: str = ""
    badge: str = ""
    body: str = ""
    photo: bytes | None = None
    focus: tuple[float, float] = (0.5, 0.5)


@dataclass(frozen=True)
class Facts:
    """What a poster says and shows; "" and None mean: not there. All texts are plain, already in the language of the poster.

    Posters of several things (a grid, a price list, before and after) show `entries`; without any, the poster's own product.
    """

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
    entries: tuple[Entry, ...] = ()
    page: str = ""  # of a carousel: "2/6"


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
    """A photo, cropped to the box around its focus: the poster's own, or that of an entry (from 1)."""

    box: Quad
    shape: str = "rect"
    radius: int = 0
    shadow: bool = False
    ring: int = 0
    ring_colour: str = "#ffffff"
    entry: int = 0


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
    to_left: bool = False  # its paragraph runs from right to left
    around: tuple[str, str] = ("", "")  # the lines before and after it, where something in the paragraph runs to the left

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
