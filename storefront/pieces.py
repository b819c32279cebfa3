"""What pages of the shop are put together from: parts drawn by name, pictures with their colours, and what lets a page be found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from markupsafe import Markup, escape

from storefront import languages, media, web
from storefront.media import Photo
from storefront.villages import Village

WIDTH, HEIGHT = 1200, 630  # of the picture beside a shared link


def found(addresses: Mapping[str, str], language: str, village: Village, picture: str, title: Markup, description: Markup) -> Markup:
    """The part of a page's head for engines and messengers: its one address in each language, and what is told where it is passed on.

    `addresses` are whole, by language; `title` and `description` markup; `picture` an address, or "". In Python, for it is on every page.
    """
    own, first = escape(addresses[language]), escape(addresses[languages.FIRST])
    others = "".join(f'<link rel="alternate" hreflang="{code}" href="{escape(one)}">\n' for code, one in addresses.items())
    shown = (
        f'<meta property="og:image" content="{escape(picture)}">\n<meta property="og:image:width" content="{WIDTH}">\n'
        f'<meta property="og:image:height" content="{HEIGHT}">\n<meta name="twitter:card" content="summary_large_image">\n'
    )
    name = escape(languages.say(language, "shop.village", name=village.name))
    drawn = (
        f'<link rel="canonical" href="{own}">\n{others}<link rel="alternate" hreflang="x-default" href="{first}">\n'
        f'<meta property="og:title" content="{title}">\n<meta property="og:description" content="{description}">\n'
        f'<meta property="og:url" content="{own}">\n<meta property="og:site_name" content="{name}">\n'
        f'<meta property="og:type" content="website">\n{shown if picture else ""}'
    )
    return Markup(drawn)  # noqa: S704 - every text in it is escaped


class Parts:
    """The parts of pages in shop/parts.html, read when one has to be drawn."""

    def __init__(self, facts: Mapping[str, Any], language: str) -> None:
        self._facts, self._language = facts, language

    @cached_property
    def _module(self) -> Any:
        return web.templates().get_template("shop/parts.html").make_module({**web.words(self._language), **self._facts})

    def draw(self, name: str, *asked: object) -> Markup:
        """One part, by the name of its macro."""
        return Markup(getattr(self._module, name)(*asked))  # noqa: S704 - a macro has escaped what it was given


@dataclass
class Pictures:
    """The pictures of one page. It gathers the rules of their colours and focal points, for style attributes are forbidden here."""

    language: str
    rules: dict[str, str] = field(default_factory=dict)

    def draw(self, photo: Photo | None, *, small: int = 240, large: int = 480, is_hero: bool = False) -> Markup:
        """A <picture> in AVIF with JPEG behind it, `small` pixels wide on a phone and `large` from 700 px on; "" without a photo.

        Where there are many on a page, the JPEG, which is for browsers of 2020 and before, is small everywhere.
        """
        if photo is None:
            return Markup("")
        loading = 'fetchpriority="high"' if is_hero else 'loading="lazy" decoding="async"'
        file = partial(media.address, photo.sha256)
        height = round(large * photo.height / photo.width)
        alt = escape(languages.pick(photo.alt, self.language))
        older = f'<source media="(min-width:700px)" srcset="{file(large)}">' if is_hero else ""
        drawn = (
            f'<picture><source type="image/avif" media="(min-width:700px)" srcset="{file(large, "avif")}">'
            f'<source type="image/avif" srcset="{file(small, "avif")}">{older}'
            f'<img src="{file(small)}" alt="{alt}" width="{large}" height="{height}" class="{self.note(photo)}" {loading}></picture>'
        )
        return Markup(drawn)  # noqa: S704 - hex digits, numbers and our own words; the only text of somebody's is escaped

    def note(self, photo: Photo) -> str:
        """The classes of a photo, with their rules gathered."""
        colour = f"c{photo.colour[1::2]}"  # of #rrggbb the first digit of each: few rules for many pictures
        across, down = (round(part * 10) for part in photo.focus)
        self.rules[colour] = f"background:#{photo.colour[1::2]}"
        self.rules[f"f{across}-{down}"] = f"object-position:{across}0% {down}0%"
        return f"{colour} f{across}-{down}"

    def of(self, photo: Photo | None) -> dict[str, str]:
        """The rules of one photo."""
        if photo:
            self.note(photo)
        return self.rules

    def css(self) -> Markup:
        """The rules for the classes that were used."""
        return Markup("".join(f".{name}{{{rule}}}" for name, rule in self.rules.items()))  # noqa: S704 - hex digits and numbers
