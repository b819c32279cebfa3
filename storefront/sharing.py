"""Passing a page on: each page has one tracked link for that, made when it is first shared, used by everybody after."""

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from campaigns import links
from storefront import attractions, languages, makers, products, sharepictures, subjects
from storefront.showing import Guest, Visit
from storefront.subjects import Subject
from storefront.web import Writing

router = APIRouter()
PLACEMENT = "share"


@router.post("/bagikan")
def share_village(request: Request, guest: Visit, connection: Writing) -> Response:
    """The village, passed on."""
    return _shared(request, guest, connection, sharepictures.of_village(connection, guest.visitor.village))


@router.post("/produk/{slug}/bagikan")
def share_product(request: Request, guest: Visit, connection: Writing, slug: str) -> Response:
    """A product, passed on."""
    return _shared(request, guest, connection, subjects.of_product(products.by_slug(connection, guest.village_id, slug)))


@router.post("/wisata/{slug}/bagikan")
def share_attraction(request: Request, guest: Visit, connection: Writing, slug: str) -> Response:
    """An attraction, passed on."""
    return _shared(request, guest, connection, subjects.of_attraction(attractions.by_slug(connection, guest.village_id, slug)))


@router.post("/umkm/{slug}/bagikan")
def share_maker(request: Request, guest: Visit, connection: Writing, slug: str) -> Response:
    """A maker, passed on."""
    return _shared(request, guest, connection, subjects.of_maker(makers.by_slug(connection, guest.village_id, slug)))


def _shared(request: Request, guest: Guest, connection: Writing, subject: Subject) -> Response:
    """For a script the link and its words; for everybody else the way to WhatsApp with both."""
    if not subject.is_shown:
        raise products.UnknownProduct
    url = links.url(guest.public_url, _link(connection, guest, subject).code)
    name, price = languages.pick(subject.name, guest.language), subject.price(guest.language)
    place = languages.say(guest.language, "shop.village", name=guest.visitor.village.name)
    words = " · ".join(dict.fromkeys(part for part in (name, price, place) if part))
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"title": name, "text": words, "url": url}, headers={"Cache-Control": "no-store"})
    text = quote(f"{words}\n{url}", safe="")
    return RedirectResponse(f"https://wa.me/?text={text}", 303, {"Cache-Control": "no-store"})


def _link(connection: Writing, guest: Guest, subject: Subject) -> links.Link:
    target_id = None if subject.kind == "village" else subject.id
    known = links.placed(connection, guest.village_id, subject.kind, target_id, PLACEMENT)
    return known or links.create(
        connection,
        village_id=guest.village_id,
        kind="wa",
        title=languages.say(languages.FIRST, "share.title", name=languages.pick(subject.name, languages.FIRST)),
        target_kind=subject.kind,
        target_id=target_id,
        attraction_id=subject.id if subject.kind == "attraction" else None,
        placement=PLACEMENT,
        at=guest.at,
    )
