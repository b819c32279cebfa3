"""What lets a page be found and shared: pictures, the site's map, words for robots, the switch of language, and structured data."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import sqlalchemy as sa
from fastapi import APIRouter
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from markupsafe import Markup

from storefront import addresses, attractions, front, languages, makers, media, portal, products, secretpages, villages
from storefront.attractions import DAYS, Attraction
from storefront.makers import Maker
from storefront.products import Product
from storefront.showing import Fields, Guest, named
from storefront.villages import Village
from storefront.web import Config, Reading, Store

router = APIRouter()
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}  # a file's name is the hash of what is in it
KINDS = {"jpg": "image/jpeg", "avif": "image/avif"}
YEAR = 365 * 24 * 3600
INSIDE = re.compile(r"/(?![/\\])[\w\-./?=&%+~]*", re.ASCII)  # a path of this site and of no other
# Not the pages of orders and of makers' keys: who may not read an address is not told either that it must not be remembered.
HIDDEN = ("/tanpa-sinyal", "/desk", "/pesan$", "/keranjang", "/cari", "/bahasa/")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@router.api_route("/media/{name}", methods=["GET", "HEAD"])
def picture(store: Store, name: str) -> Response:
    """A picture by its hash, as it is or in one of the widths that pages use."""
    stem, _, ending = name.partition(".")
    sha256, _, width = stem.partition("-")
    if width and not (width.isascii() and width.isdigit() and len(width) <= 4):
        raise media.UnknownPicture(name)
    path = store.file(sha256, int(width) if width else None, ending)
    return FileResponse(path, media_type=KINDS[ending], headers=FOREVER)


@router.get("/bahasa/{code}")
def switch_language(config: Config, code: str, ke: str = "/") -> Response:
    """The same page in another language, which is remembered; never a page of another site."""
    path = ke if INSIDE.fullmatch(ke) else "/"
    spoken = code if code in front.SHOP_LANGUAGES else languages.FIRST
    answer = RedirectResponse(path if spoken == languages.FIRST else f"/{spoken}{path}", 303, {"Cache-Control": "no-store"})
    is_secure = config.public_url.startswith("https://")
    answer.set_cookie(front.LANGUAGE_COOKIE, spoken, max_age=YEAR, httponly=True, samesite="lax", secure=is_secure)
    return answer


@router.post("/orang")
def person(config: Config, fields: Fields) -> Response:
    """Somebody whose browser was taken for a robot says that they are none, and is led on to the page they came for."""
    path = fields.get("ke", "/")
    answer = RedirectResponse(path if INSIDE.fullmatch(path) else "/", 303, {"Cache-Control": "no-store"})
    secretpages.remember(answer, is_secure=config.public_url.startswith("https://"))
    return answer


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
def robots(config: Config) -> Response:
    """What search engines need not read: the desk, and what belongs to one buyer."""
    lines = ["User-agent: *"]
    lines += [f"Disallow: {prefix}{path}" for path in HIDDEN for prefix in ("", "/en", "/desa/*", "/en/desa/*")]
    return PlainTextResponse("\n".join([*lines, f"Sitemap: {config.public_url}/sitemap.xml", ""]))


@router.api_route("/sitemap.xml", methods=["GET", "HEAD"])
def sitemap(config: Config, connection: Reading) -> Response:
    """Every public page of the village; where there are several, the maps of their regencies."""
    known = villages.listed(connection)
    if len(known) <= 1:
        return _map(config, connection, known)
    maps = "".join(f"<sitemap><loc>{config.public_url}/sitemap-{regency.key}.xml</loc></sitemap>\n" for regency in portal.regencies(known))
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    return Response(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex {space}>\n{maps}</sitemapindex>\n', media_type="application/xml"
    )


@router.api_route("/sitemap-{key}.xml", methods=["GET", "HEAD"])
def sitemap_of_regency(config: Config, connection: Reading, key: str) -> Response:
    """Every public page of the villages of one regency."""
    mine = [village for village in villages.listed(connection) if portal.key_of(village) == key]
    if not mine:
        raise villages.UnknownVillage
    return _map(config, connection, mine)


def _map(config: Config, connection: Reading, known: Sequence[Village]) -> Response:
    """Every public page of these villages in each language, with the others named beside it."""
    paths = _paths(connection, known)
    urls = "".join(_entry(config.public_url, path, code) for path in paths for code in front.SHOP_LANGUAGES)
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {space}>\n{urls}</urlset>\n', media_type="application/xml")


def _paths(connection: sa.Connection, known: Sequence[Village]) -> list[str]:
    found: list[str] = []
    for village in known:
        prefix = addresses.prefix(connection, village.id)
        found += [f"{prefix}/", f"{prefix}/produk"]
        found += [prefix + addresses.kind(kind) for kind in products.kinds(connection, village.id)]
        found += [prefix + addresses.attraction(seen.slug) for seen in attractions.listed(connection, village.id)]
        found += [prefix + addresses.maker(maker.slug) for maker in makers.listed(connection, village.id, only_public=True)]
        found += [prefix + addresses.product(product.slug) for product in products.listed(connection, village.id)]
    return found


def _entry(public_url: str, path: str, code: str) -> str:
    def address(language: str) -> str:
        return escape(public_url + ("" if language == languages.FIRST else f"/{language}") + quote(path))

    others = "".join(f'<xhtml:link rel="alternate" hreflang="{other}" href="{address(other)}"/>' for other in front.SHOP_LANGUAGES)
    return f"<url><loc>{address(code)}</loc>{others}</url>\n"


# ---- structured data -----------------------------------------------------------------------------------------------------------


def of_product(guest: Guest, product: Product) -> Markup:
    """schema.org Product with its Offer, to stand in the page."""
    stock = "SoldOut" if product.is_sold_out else "PreOrder" if product.stock_state == "to_order" else "InStock"
    return _script(
        {
            "@type": "Product",
            "name": languages.pick(product.name, guest.language),
            "description": languages.pick(product.story, guest.language)[:500],
            "image": [guest.public_url + media.address(photo.sha256, 1200) for photo in product.photos],
            "offers": {
                "@type": "Offer",
                "url": guest.url(addresses.product(product.slug)),
                "price": str(product.price_idr),
                "priceCurrency": "IDR",
                "availability": f"https://schema.org/{stock}",
                "seller": {"@type": "Organization", "name": f"Desa {guest.visitor.village.name}"},
            },
        }
    ) + _trail(guest, _products(guest), (languages.pick(product.name, guest.language), addresses.product(product.slug)))


def of_list(guest: Guest, kind: str) -> Markup:
    """schema.org BreadcrumbList of the list of goods, or of one kind of them."""
    return _trail(guest, _products(guest), *([(named(guest.language, "kinds", kind), addresses.kind(kind))] if kind else []))


def of_maker(guest: Guest, maker: Maker) -> Markup:
    """schema.org LocalBusiness of a maker who has agreed to be shown and reached."""
    facts: dict[str, Any] = {
        "@type": "LocalBusiness",
        "name": maker.name,
        "description": languages.pick(maker.story, guest.language)[:500],
        "url": guest.url(addresses.maker(maker.slug)),
        "telephone": f"+{maker.whatsapp}",
        "address": _address(guest.visitor.village, languages.pick(maker.place, guest.language)),
    }
    if maker.hours:
        facts["openingHoursSpecification"] = _hours(maker.hours)
    if maker.photo:
        facts["image"] = guest.public_url + media.address(maker.photo.sha256, 1200)
    return _script(facts) + _trail(guest, (maker.name, addresses.maker(maker.slug)))


def of_attraction(guest: Guest, attraction: Attraction) -> Markup:
    """schema.org TouristAttraction with its place and hours, to stand in the page."""
    village = guest.visitor.village
    facts: dict[str, Any] = {
        "@type": "TouristAttraction",
        "name": languages.pick(attraction.name, guest.language),
        "description": languages.pick(attraction.story, guest.language)[:500],
        "url": guest.url(addresses.attraction(attraction.slug)),
        "isAccessibleForFree": attraction.ticket_idr == 0,
        "address": _address(village),
        "openingHoursSpecification": _hours(attraction.hours),
    }
    if attraction.photo:
        facts["image"] = guest.public_url + media.address(attraction.photo.sha256, 1200)
    if attraction.latitude is not None:
        facts["geo"] = {"@type": "GeoCoordinates", "latitude": attraction.latitude, "longitude": attraction.longitude}
    return _script(facts) + _trail(guest, (facts["name"], addresses.attraction(attraction.slug)))


def _products(guest: Guest) -> tuple[str, str]:
    return languages.say(guest.language, "shop.all_products"), "/produk"


def _trail(guest: Guest, *steps: tuple[str, str]) -> Markup:
    """schema.org BreadcrumbList: the village, then these (name, path)."""
    home = (languages.say(guest.language, "shop.village", name=guest.visitor.village.name), "/")
    items = [
        {"@type": "ListItem", "position": number, "name": name, "item": guest.url(path)}
        for number, (name, path) in enumerate((home, *steps), start=1)
    ]
    return _script({"@type": "BreadcrumbList", "itemListElement": items})


def _address(village: Village, street: str = "") -> dict[str, str]:
    locality = f"{village.name}, {village.district}"
    facts = {"@type": "PostalAddress", "addressLocality": locality, "addressRegion": village.province, "addressCountry": "ID"}
    return {**facts, "streetAddress": street} if street else facts


def _hours(week: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    return [
        {"@type": "OpeningHoursSpecification", "dayOfWeek": name, "opens": week[day][0], "closes": week[day][1]}
        for day, name in zip(DAYS, DAY_NAMES, strict=True)
        if day in week
    ]


def _script(facts: dict[str, Any]) -> Markup:
    text = json.dumps({"@context": "https://schema.org", **facts}, ensure_ascii=False)
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")  # nothing in it can end the element
    return Markup(f'<script type="application/ld+json">{text}</script>')  # noqa: S704 - escaped above
