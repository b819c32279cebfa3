"""Posters: a template, a village's facts and its brand made into a finished JPEG; the same in, the same bytes out."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image

from promo import layout, templates
from promo.colours import Brand
from promo.drawing import forget, paint
from promo.marks import Entry, Facts
from promo.schema import FORMATS, BrokenTemplate, UnknownPoster
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
