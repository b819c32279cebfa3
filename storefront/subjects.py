"""What a post is about: a product, an attraction, a maker's story, an event, each as the same plain facts in every language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time

from storefront import languages
from storefront.attractions import DAYS, Attraction
from storefront.makers import Maker
from storefront.media import Photo
from storefront.products import Product

KINDS = ("product", "attraction", "maker", "event")
FEW = 10  # pieces left that are worth telling


@dataclass(frozen=True)
class Subject:
    """Something to make a post about. Words are by language; `sort` is what a caption goes by: a kind of goods, or the kind itself.

    `is_shown` says whether a guest who follows the link finds it; `price_idr` None: it has none, 0: free.
    """

    kind: str
    id: int | None
    name: Mapping[str, str]
    sort: str
    story: Mapping[str, str] = field(default_factory=dict)
    price_idr: int | None = None
    unit: Mapping[str, str] = field(default_factory=dict)
    maker: str = ""
    place: Mapping[str, str] = field(default_factory=dict)
    hours: Mapping[str, str] = field(default_factory=dict)
    date: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    left: int | None = None
    photos: Sequence[Photo] = ()
    is_shown: bool = True

    @property
    def photo(self) -> Photo | None:
        return self.photos[0] if self.photos else None

    @property
    def key(self) -> str:
        """What a form calls it: "product:12"."""
        return f"{self.kind}:{self.id or 0}"

    def price(self, language: str) -> str:
        """The price as people read it; "" when it has none."""
        if self.price_idr is None:
            return ""
        return languages.rupiah(self.price_idr) if self.price_idr else languages.say(language, "shop.free")


def of_product(product: Product) -> Subject:
    """A product with its price."""
    return Subject(
        kind="product",
        id=product.id,
        name=product.name,
        sort=product.kind,
        story=product.story,
        price_idr=product.price_idr,
        unit=product.unit,
        maker=product.maker_name,
        marks=product.marks,
        left=product.stock if product.stock is not None and product.stock <= FEW else None,
        photos=product.photos,
        is_shown=product.state == "live",
    )


def of_attraction(attraction: Attraction) -> Subject:
    """A place to go, with its hours and what it costs to get in."""
    return Subject(
        kind="attraction",
        id=attraction.id,
        name=attraction.name,
        sort="attraction",
        story=attraction.story,
        price_idr=attraction.ticket_idr,
        hours={language: hours_text(attraction.hours, language) for language in languages.known()},
        photos=(attraction.photo,) if attraction.photo else (),
    )


def of_maker(maker: Maker) -> Subject:
    """A maker and her story; only who has agreed is shown to guests."""
    return Subject(
        kind="maker",
        id=maker.id,
        name={languages.FIRST: maker.name},
        sort="maker",
        story=maker.story,
        place=maker.place,
        photos=(maker.photo,) if maker.photo else (),
        is_shown=maker.consent_at is not None,
    )


def event(title: str, *, date: str = "", hours: str = "", place: str = "", story: str = "", photos: Sequence[Photo] = ()) -> Subject:
    """Free words: a market day, a greeting, news of the village; its link leads to the village."""

    def said(text: str) -> dict[str, str]:
        return {languages.FIRST: text} if text else {}

    return Subject(
        kind="event",
        id=None,
        name=said(title),
        sort="event",
        story=said(story),
        place=said(place),
        hours=said(hours),
        date=said(date),
        photos=photos,
    )


def of_several(about: Sequence[Subject]) -> Subject:
    """Several things as one, for words about all of them: their names, and as its story what each of them costs."""
    first, spoken = about[0], languages.known()
    return Subject(
        kind=first.kind,
        id=first.id,
        name={language: _names(about, language) for language in spoken},
        sort=first.sort if len({one.sort for one in about}) == 1 else first.kind,
        story={language: _costs(about, language) for language in spoken},
        maker=first.maker if len({one.maker for one in about}) == 1 else "",
        photos=[photo for one in about for photo in one.photos[:1]],
        is_shown=all(one.is_shown for one in about),
    )


def _names(about: Sequence[Subject], language: str) -> str:
    *others, last = (languages.pick(one.name, language) for one in about)
    return languages.say(language, "post.album.names", others=", ".join(others), last=last) if others else last


def _costs(about: Sequence[Subject], language: str) -> str:
    told = "; ".join(filter(None, (_cost(one, language) for one in about)))
    return f"{told}." if told else ""


def _cost(one: Subject, language: str) -> str:
    price, unit = one.price(language), languages.pick(one.unit, language) if one.price_idr else ""
    told = {"name": languages.pick(one.name, language), "price": price, "unit": unit}
    return languages.say(language, "post.album.cost_per" if unit else "post.album.cost", **told) if price else ""


def hours_text(hours: Mapping[str, Sequence[str]], language: str) -> str:
    """Opening hours in one line, neighbouring days of the same hours together: “Senin–Jumat 07.00–17.00, Sabtu 07.00–12.00”."""
    groups: list[tuple[list[str], str]] = []
    for day in DAYS:
        span = hours.get(day)
        text = "–".join(_clock(one, language) for one in span) if span else ""
        if groups and groups[-1][1] == text:
            groups[-1][0].append(day)
        else:
            groups.append(([day], text))
    told = [(days, text) for days, text in groups if text]
    if len(told) == 1 and len(told[0][0]) == len(DAYS):
        return told[0][1]
    return ", ".join(f"{_days(days, language)} {text}" for days, text in told)


def _clock(text: str, language: str) -> str:
    return f"{time.fromisoformat(text):%H:%M}" if language == "en" else f"{time.fromisoformat(text):%H.%M}"


def _days(days: Sequence[str], language: str) -> str:
    first, last = (languages.say(language, f"shop.days.{day}") for day in (days[0], days[-1]))
    return first if len(days) == 1 else f"{first}–{last}"
