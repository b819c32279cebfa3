"""The pages a tourist walks through: the village, what it has to see, who makes things there, and what they make."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from campaigns import links, visits
from storefront import (
    addresses,
    attractions,
    attribution,
    carts,
    checkouts,
    finding,
    hours,
    makers,
    media,
    nearby,
    offline,
    ordering,
    paying,
    portal,
    products,
    search,
    selling,
    sharepictures,
    sharing,
    showing,
    subjects,
    villages,
    web,
    whatsapp,
)
from storefront.attractions import Attraction
from storefront.makers import Maker
from storefront.problems import Problem
from storefront.products import Product
from storefront.showing import Guest, Visit
from storefront.web import Now, Reading, Writing

FIRST_VIEW = 7  # with the tile that leads to all of them two rows of four, or four of two; each is a request on a weak signal

# Kinds that are sold packed and may need a food permit: without a number the page says so, and never lets it look as if there were one.
FOOD = ("coffee", "dairy", "drink", "herbal", "honey", "pantry", "snack", "tea")

router = APIRouter(default_response_class=HTMLResponse)
router.include_router(finding.router)
router.include_router(ordering.router)
router.include_router(paying.router)
router.include_router(selling.router)
router.include_router(sharepictures.router)
router.include_router(sharing.router)
router.include_router(offline.router)


@router.api_route("/", methods=["GET", "HEAD"])
def home(request: Request, connection: Reading, at: Now, kab: str = "") -> Response:
    """The village; where an installation has several and the address names none, the way to each of them."""
    try:
        visitor = web.visitor_of(request)
    except web.NoVillage:
        return _portal(request, villages.listed(connection), kab)
    guest = showing.guest_of(request, visitor, at)
    shelf = guest.shelf(connection)
    seen_here = attractions.listed(connection, guest.village_id)
    scanned = _scanned(connection, guest)
    return guest.show(
        "village.html",
        path="/",
        shared=sharepictures.of_village(connection, guest.visitor.village),
        until=hours.turn(seen_here, guest.local),
        sign=_sign_of(guest, scanned),
        products=in_turn(shelf.goods, guest.local.toordinal())[:FIRST_VIEW],
        count=len(shelf.goods),
        kinds=shelf.kinds,
        attractions=[(seen, hours.today(seen, guest.local)) for seen in seen_here],
        makers=shelf.makers,
        photo=_photo_of_village(connection, guest),
        scanned=scanned,
        sign_name=_sign_name(connection, guest) if scanned else "",
    )


@router.api_route("/produk", methods=["GET", "HEAD"])
def all_products(guest: Visit, jenis: str = "") -> Response:
    """Everything on show, or one kind of it."""
    shelf = guest.shelf()
    kind = jenis if jenis in shelf.kinds else ""
    return guest.show(
        "products.html",
        path=f"/produk?jenis={kind}" if kind else "/produk",
        shelf=shelf,
        products=shelf.of_kind(kind),
        kinds=shelf.kinds,
        kind=kind,
        linked=finding.of_list(guest, kind),
    )


@router.api_route("/cari", methods=["GET", "HEAD"])
def search_page(guest: Visit, connection: Reading, q: str = "") -> Response:
    """What fits the words of a guest, spelt as they are; where nothing does, the ways on."""
    asked = " ".join(q.replace("\x00", " ").split())[: search.TEXT_MOST]
    found = search.find(connection, guest.village_id, asked)
    shelf = guest.shelf(connection)
    return guest.show("search.html", path="/cari", is_private=True, asked=asked, found=found, kinds=shelf.kinds, makers=shelf.makers)


@router.api_route("/produk/{slug}", methods=["GET", "HEAD"])
def product_page(guest: Visit, connection: Reading, slug: str, foto: str = "1") -> Response:
    """One product; whoever looks at it is counted where its page is kept."""
    product = _on_show(connection, guest, slug)
    return show_product(guest, connection, product, shown=ordering.quantity(foto))


@router.post("/produk/{slug}/pertanyaan")
def ask(guest: Visit, connection: Writing, slug: str) -> Response:
    """A question to the maker: counted, then handed to WhatsApp."""
    product = _on_show(connection, guest, slug)
    maker = makers.get(connection, guest.village_id, product.maker_id)
    digits = maker.whatsapp if maker.consent_at else guest.visitor.village.whatsapp
    if digits is None:
        raise makers.UnknownMaker
    _count(connection, guest, "whatsapp", product)
    url = guest.url(addresses.product(product.slug))
    return RedirectResponse(whatsapp.link(digits, whatsapp.question(product, guest.language, url, village=guest.visitor.village)), 303)


@router.post("/keranjang/barang")
def add_to_cart(guest: Visit, connection: Writing, fields: showing.Fields) -> Response:
    """One thing more in the cart; a quantity that cannot be leads back to the product with a sentence."""
    base = product = _on_show(connection, guest, fields.get("product", ""))
    typed = fields.get("quantity", "1")
    try:
        product = products.chosen(base, ordering.quantity(fields.get("option", "")))
        cart = carts.put(guest.cart, product.id, ordering.quantity(typed))
        ordering.check_stock(product, cart[product.id])
    except Problem as problem:
        option = fields.get("option", "")
        return show_product(guest, connection, base, status=422, typed=typed, option=option, wrong=web.sentences(problem, guest.language))
    _count(connection, guest, "cart", product)
    return guest.go(f"/keranjang?baru={product.id}", cart=cart)


@router.api_route("/umkm/{slug}", methods=["GET", "HEAD"])
def maker_page(guest: Visit, connection: Reading, slug: str) -> Response:
    """One maker and her goods, once she has agreed to be shown."""
    maker = makers.by_slug(connection, guest.village_id, slug)
    if maker.consent_at is None:
        raise makers.UnknownMaker
    goods = products.listed(connection, guest.village_id, maker_id=maker.id)
    shared, linked = subjects.of_maker(maker), finding.of_maker(guest, maker)
    return guest.show("maker.html", path=addresses.maker(slug), shared=shared, linked=linked, maker=maker, products=goods)


@router.api_route("/wisata/{slug}", methods=["GET", "HEAD"])
def attraction_page(guest: Visit, connection: Reading, slug: str) -> Response:
    """One attraction: safety and closing time first, then everything else, then what can be bought nearby."""
    attraction = attractions.by_slug(connection, guest.village_id, slug)
    scanned, shelf = _scanned(connection, guest), guest.shelf(connection)
    return guest.show(
        "attraction.html",
        path=addresses.attraction(slug),
        shared=subjects.of_attraction(attraction),
        until=hours.turn([attraction], guest.local),
        sign=_sign_of(guest, scanned),
        attraction=attraction,
        today=hours.today(attraction, guest.local),
        week=[(day, attraction.hours.get(day), day == attractions.DAYS[guest.local.weekday()]) for day in attractions.DAYS],
        products=in_turn(shelf.goods, guest.local.toordinal())[:FIRST_VIEW],
        makers=shelf.makers,
        scanned=scanned,
        near=nearby.of(attraction, attractions.listed(connection, guest.village_id)),
        sign_name=_sign_name(connection, guest) if scanned else "",
        linked=finding.of_attraction(guest, attraction),
    )


@router.api_route(addresses.LOST, methods=["GET", "HEAD"])
def lost(guest: Visit, connection: Reading) -> Response:
    """Where an unknown or withdrawn code leads: a word why, and the village."""
    shelf = guest.shelf(connection)
    return guest.show("lost.html", path=addresses.LOST, status=404, products=shelf.goods[:FIRST_VIEW], makers=shelf.makers)


@router.api_route("/privasi", methods=["GET", "HEAD"])
def privacy(guest: Visit) -> Response:
    """What is counted, what is kept and for how long."""
    return guest.show("privacy.html", path="/privasi", source_days=attribution.KEPT.days, cart_days=carts.KEPT.days)


def show_product(
    guest: Guest,
    connection: Reading,
    product: Product,
    *,
    status: int = 200,
    shown: int = 1,
    typed: str = "1",
    option: str = "",
    wrong: Any = None,
) -> Response:
    """The page of a product, with what was typed into its form and what is wrong with it."""
    maker = _public(connection, guest).get(product.maker_id)
    more = [other for other in products.listed(connection, guest.village_id, maker_id=product.maker_id) if other.id != product.id]
    return guest.show(
        "product.html",
        path=addresses.product(product.slug),
        status=status,
        viewed=product.id,
        shared=subjects.of_product(product),
        product=product,
        maker=maker,
        is_food=product.kind in FOOD,
        can_ask=maker is not None or guest.visitor.village.whatsapp is not None,
        more=more[:4],
        shown=min(max(shown, 1), max(len(product.photos), 1)),
        most=checkouts.QUANTITY_MOST,
        typed=typed,
        option=option,
        wrong=wrong or {},
        linked=finding.of_product(guest, product),
    )


def _portal(request: Request, known: list[villages.Village], key: str) -> Response:
    language = request.scope.get("gapura.language", "id")
    regencies = portal.regencies(known)
    chosen = next((regency for regency in regencies if regency.key == key), None)
    facts: dict[str, Any] = {
        "regencies": regencies,
        "chosen": chosen,
        "is_short": len(known) <= portal.ALL_AT_ONCE,
        "dotted": portal.dotted,
    }
    return web.page(request, "shop/portal.html", language=language, prefix="" if language == "id" else f"/{language}", **facts)


def in_turn(goods: Sequence[Product], day: int) -> list[Product]:
    """One product of each maker, then the next of each; another maker comes first every day, and what is sold out comes last."""
    shelves: dict[int, list[Product]] = {}
    for product in goods:
        shelves.setdefault(product.maker_id, []).append(product)
    makers_first = sorted(shelves)
    start = day % len(makers_first) if makers_first else 0
    rounds = zip_longest(*(shelves[maker_id] for maker_id in makers_first[start:] + makers_first[:start]))
    return sorted((product for one in rounds for product in one if product), key=lambda product: product.is_sold_out)


def _on_show(connection: Reading, guest: Guest, slug: str) -> Product:
    product = products.by_slug(connection, guest.village_id, slug)
    if product.state != "live":
        raise products.UnknownProduct
    return product


def _public(connection: Reading, guest: Guest) -> dict[int, Maker]:
    return {maker.id: maker for maker in makers.listed(connection, guest.village_id, only_public=True)}


def _photo_of_village(connection: Reading, guest: Guest) -> media.Photo | None:
    photo_id = guest.visitor.village.photo_id
    return media.by_id(connection, guest.village_id, [photo_id]).get(photo_id) if photo_id else None


def _scanned(connection: Reading, guest: Guest) -> Attraction | None:
    """The attraction whose sign this guest has scanned: said on the page, so that a swapped code is noticed."""
    source = guest.visitor.source
    try:
        link = links.get(connection, guest.village_id, source.link_id) if source else None
        return attractions.get(connection, guest.village_id, link.attraction_id) if link and link.attraction_id else None
    except (links.UnknownLink, attractions.UnknownAttraction):
        return None


def _sign_name(connection: Reading, guest: Guest) -> str:
    """What staff call the sign the guest came by: "Gerbang timur, papan A3" is the Gerbang timur."""
    source = guest.visitor.source
    link = links.get(connection, guest.village_id, source.link_id) if source else None
    return link.title.partition(",")[0].strip() if link and link.kind == "qr" else ""


def _sign_of(guest: Guest, scanned: Attraction | None) -> int:
    return guest.visitor.source.link_id if scanned and guest.visitor.source else 0


def _count(connection: Writing, guest: Guest, kind: str, product: Product) -> None:
    source, village = guest.visitor.source, guest.visitor.village
    visits.record(
        connection,
        village_id=village.id,
        zone=village.zone,
        kind=kind,
        link_id=source.link_id if source else 0,
        click_key=source.click_key if source else None,
        subject_id=product.id,
        at=guest.at,
    )
