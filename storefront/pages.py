"""The pages a tourist walks through: the village, what it has to see, who makes things there, and what they make."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from campaigns import visits
from storefront import (
    addresses,
    attractions,
    attribution,
    carts,
    checkouts,
    finding,
    hours,
    languages,
    makers,
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
    web,
    whatsapp,
)
from storefront.attractions import Attraction
from storefront.problems import Problem
from storefront.products import Product
from storefront.publicpages import PublicPages
from storefront.showing import Guest, Visit
from storefront.web import Now, Reading, Writing

FIRST_VIEW = 7  # with the tile that leads to all of them two rows of four, or four of two; each is a request on a weak signal

TOLD = 6  # goods that the description of a kind names

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
public = PublicPages(router)


@router.api_route("/", methods=["GET", "HEAD"])
def home(request: Request, connection: Reading, at: Now, kab: str = "", q: str = "") -> Response:
    """The village; where an installation has several and the address names none, the way to each of them."""
    try:
        visitor = web.visitor_of(request)
    except web.NoVillage:
        return portal.page(request, connection, key=kab, asked=search.asked(q))
    return village_page(showing.guest_of(request, visitor, at))


def village_page(guest: Guest) -> Response:
    """What there is to see and to buy in a village, and by whom."""
    shelf, scanned = guest.shelf(), _scanned(guest)
    return guest.show(
        "village.html",
        path="/",
        shared=shelf.shared,
        until=hours.turn(shelf.attractions, guest.local),
        sign=_sign_of(guest, scanned),
        products=in_turn(shelf.goods, guest.local.toordinal())[:FIRST_VIEW],
        count=len(shelf.goods),
        kinds=shelf.kinds,
        attractions=[(seen, hours.today(seen, guest.local)) for seen in shelf.attractions],
        makers=shelf.makers,
        photo=shelf.photo,
        scanned=scanned,
        sign_name=_sign_name(guest) if scanned else "",
    )


public.also("/", village_page)


@public.page("/produk")
def all_products(guest: Guest) -> Response:
    """Everything on show."""
    asked = guest.asked("jenis")
    if asked in guest.shelf().kinds:  # how the pages of kinds were addressed before they had addresses of their own
        return RedirectResponse(guest.url(addresses.kind(asked)), 301)
    return _list(guest, "")


@public.page("/jenis/{kind}")
def products_of_kind(guest: Guest, kind: str) -> Response:
    """The goods of one kind, where there are some."""
    if kind not in guest.shelf().kinds:
        raise products.UnknownProduct
    return _list(guest, kind)


def _list(guest: Guest, kind: str) -> Response:
    shelf = guest.shelf()
    goods = shelf.of_kind(kind)
    return guest.show(
        "products.html",
        path=addresses.kind(kind) if kind else "/produk",
        products=goods,
        kinds=shelf.kinds,
        kind=kind,
        told=", ".join(languages.pick(product.name, guest.language) for product in goods[:TOLD]),
        shared=shelf.shared,
        linked=finding.of_list(guest, kind),
    )


@router.api_route("/cari", methods=["GET", "HEAD"])
def search_page(guest: Visit, connection: Reading, q: str = "") -> Response:
    """What fits the words of a guest, spelt as they are; where nothing does, the ways on."""
    asked = search.asked(q)
    found = search.find(connection, guest.village_id, asked)
    shelf = guest.shelf(connection)
    return guest.show("search.html", path="/cari", is_private=True, asked=asked, found=found, kinds=shelf.kinds, makers=shelf.makers)


@public.page("/produk/{slug}")
def product_page(guest: Guest, slug: str) -> Response:
    """One product; whoever looks at it is counted where its page is kept."""
    return show_product(guest, guest.shelf().product(slug), shown=ordering.quantity(guest.asked("foto")))


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
        return show_product(guest, base, status=422, typed=typed, option=option, wrong=web.sentences(problem, guest.language))
    _count(connection, guest, "cart", product)
    return guest.go(f"/keranjang?baru={product.id}", cart=cart)


@public.page("/umkm/{slug}")
def maker_page(guest: Guest, slug: str) -> Response:
    """One maker and her goods, once she has agreed to be shown."""
    shelf = guest.shelf()
    maker = shelf.maker(slug)
    shared, linked, goods = subjects.of_maker(maker), finding.of_maker(guest, maker), shelf.of_maker(maker.id)
    return guest.show("maker.html", path=addresses.maker(slug), shared=shared, linked=linked, maker=maker, products=goods)


@public.page("/wisata/{slug}")
def attraction_page(guest: Guest, slug: str) -> Response:
    """One attraction: safety and closing time first, then everything else, then what can be bought nearby."""
    shelf, scanned = guest.shelf(), _scanned(guest)
    attraction = shelf.attraction(slug)
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
        near=nearby.of(attraction, shelf.attractions),
        sign_name=_sign_name(guest) if scanned else "",
        linked=finding.of_attraction(guest, attraction),
    )


@public.page(addresses.LOST)
def lost(guest: Guest) -> Response:
    """Where an unknown or withdrawn code leads: a word why, and the village."""
    return guest.show("lost.html", path=addresses.LOST, status=404, products=guest.shelf().goods[:FIRST_VIEW])


@public.page("/privasi")
def privacy(guest: Guest) -> Response:
    """What is counted, what is kept and for how long."""
    return guest.show("privacy.html", path="/privasi", source_days=attribution.KEPT.days, cart_days=carts.KEPT.days)


def show_product(
    guest: Guest,
    product: Product,
    *,
    status: int = 200,
    shown: int = 1,
    typed: str = "1",
    option: str = "",
    wrong: Any = None,
) -> Response:
    """The page of a product, with what was typed into its form and what is wrong with it."""
    shelf = guest.shelf()
    maker = shelf.makers.get(product.maker_id)
    more = [other for other in shelf.of_maker(product.maker_id) if other.id != product.id]
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


def _scanned(guest: Guest) -> Attraction | None:
    """The attraction whose sign this guest has scanned: said on the page, so that a swapped code is noticed."""
    wanted = guest.link.attraction_id if guest.link else None
    return next((seen for seen in guest.shelf().attractions if seen.id == wanted), None)


def _sign_name(guest: Guest) -> str:
    """What staff call the sign the guest came by: "Gerbang timur, papan A3" is the Gerbang timur."""
    return guest.link.title.partition(",")[0].strip() if guest.link and guest.link.kind == "qr" else ""


def _sign_of(guest: Guest, scanned: Attraction | None) -> int:
    return guest.link.id if scanned and guest.link else 0


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
