"""The card that messengers and networks show of a shared link: title, words and picture of what it leads to, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from campaigns.links import Link
from campaigns.rules import HOME, Target
from storefront import addresses, attractions, languages, makers, products, sharepictures, subjects, villages, web
from storefront.attractions import Attraction
from storefront.makers import Maker
from storefront.products import Product
from storefront.subjects import Subject
from storefront.villages import Village

LONGEST = 200  # characters of a description: more is cut off by all of them


@dataclass(frozen=True)
class Card:
    """What is told of a page: words in one language, the `subject` whose picture is shown, `path` of the page without language."""

    title: str
    description: str
    subject: Subject
    path: str
    village: Village


def page(connection: sa.Connection, link: Link, target: Target, language: str, *, public_url: str) -> bytes | None:
    """The HTML of a link's card, small and without style; None where the link leads out of the shop: that page has its own.

    Its address is the link's own, so that whoever shares it on is counted too; a person who lands on it finds the way in.
    """
    if target.kind == "url":
        return None
    card = of(connection, link, target, language)
    prefix = "" if language == languages.FIRST else f"/{language}"
    facts: dict[str, object] = {
        "card": card,
        "language": language,
        "own": f"{public_url}/Q/{link.code}",
        "onward": public_url + prefix + card.path,
    }
    picture = sharepictures.og_image_url(public_url, card.village, card.subject, language)
    alt = languages.pick(card.subject.photo.alt if card.subject.photo else card.subject.name, language)
    say = {key: languages.say(language, key, name=card.village.name) for key in ("shop.village", "shop.lost.enter")}
    facts |= {"picture": picture, "width": sharepictures.WIDTH, "height": sharepictures.HEIGHT, "alt": alt, "said": say}
    return web.templates().get_template("shop/card.html").render(facts).encode()


def of(connection: sa.Connection, link: Link, target: Target, language: str) -> Card:
    """What the card of a link says; of the village when its target is gone or no guest may see it."""
    village = villages.get(connection, link.village_id)
    thing = _thing(connection, link.village_id, target if link.state == "open" else HOME)
    path = addresses.prefix(connection, village.id)
    if thing is None:
        return _of_village(connection, village, language, f"{path}/")
    name = thing.name if isinstance(thing, Maker) else languages.pick(thing.name, language)
    title = f"{name} · {languages.say(language, 'shop.village', name=village.name)}"
    return Card(title, _cut(_told(thing, language)), _subject(thing), path + _address(thing), village)


def _thing(connection: sa.Connection, village_id: int, target: Target) -> Product | Attraction | Maker | None:
    try:
        match target.kind:
            case "product":
                product = products.get(connection, village_id, target.id or 0)
                return product if product.state == "live" else None
            case "attraction":
                return attractions.get(connection, village_id, target.id or 0)
            case "maker":
                maker = makers.get(connection, village_id, target.id or 0)
                return maker if maker.consent_at else None
    except LookupError:
        return None
    return None


def _of_village(connection: sa.Connection, village: Village, language: str, path: str) -> Card:
    subject = sharepictures.of_village(connection, village)
    tagline: Mapping[str, str] | None = village.brand.get("tagline")
    title = languages.say(language, "shop.title", name=village.name, regency=village.regency)
    return Card(title, _cut(languages.pick(tagline, language) or languages.pick(village.story, language)), subject, path, village)


def _subject(thing: Product | Attraction | Maker) -> Subject:
    if isinstance(thing, Product):
        return subjects.of_product(thing)
    return subjects.of_maker(thing) if isinstance(thing, Maker) else subjects.of_attraction(thing)


def _told(thing: Product | Attraction | Maker, language: str) -> str:
    """Its price where it has one, then its story."""
    story = languages.pick(thing.story, language)
    if isinstance(thing, Product):
        unit = languages.pick(thing.unit, language)
        return f"{languages.rupiah(thing.price_idr)}{f' / {unit}' if unit else ''}. {story}".strip()
    return story


def _address(thing: Product | Attraction | Maker) -> str:
    if isinstance(thing, Product):
        return addresses.product(thing.slug)
    return addresses.maker(thing.slug) if isinstance(thing, Maker) else addresses.attraction(thing.slug)


def _cut(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rsplit(" ", 1)[0] + "…"
