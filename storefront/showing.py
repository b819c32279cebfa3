"""How a page of the shop is shown to a guest: the colours of the village, its pictures, the cart, its address in each language."""

import secrets
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from campaigns import links, robots
from campaigns.links import Link
from storefront import (
    addresses,
    carts,
    database,
    front,
    languages,
    packedpages,
    palettes,
    pieces,
    proxies,
    scripts,
    secretpages,
    sharepictures,
    subjects,
    web,
)
from storefront.attribution import Source
from storefront.carts import Cart
from storefront.pieces import Parts, Pictures
from storefront.products import Product
from storefront.shelves import Shelf, Shelves
from storefront.subjects import Subject
from storefront.web import Visitor

PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
MOST_PIECES = 1_000  # of a village; each number of things in a cart makes one
PUBLIC = {"Cache-Control": "private, no-cache"}  # kept by the browser, asked for anew each time: mostly "nothing has changed"


@dataclass(frozen=True)
class Guest:
    """Somebody who looks at a page of the shop now, with what is in their cart."""

    request: Request
    visitor: Visitor
    cart: Cart
    at: datetime
    stood: Shelf | None = None  # what is on show, where whoever made this guest has it in hand
    link: Link | None = None  # the sign they came by, on a page that names it

    @property
    def village_id(self) -> int:
        return self.visitor.village.id

    @property
    def language(self) -> str:
        return self.visitor.language

    @property
    def local(self) -> datetime:
        """This moment on the village's clock."""
        return self.visitor.village.local(self.at)

    @property
    def public_url(self) -> str:
        return web.settings_of(self.request).public_url

    @property
    def secret(self) -> str:
        """What signs things for this installation."""
        return web.settings_of(self.request).secret.get_secret_value()

    @property
    def address(self) -> str:
        """The address this guest came from; it is written down nowhere."""
        connected = self.request.client.host if self.request.client else ""
        return proxies.reader(web.settings_of(self.request).proxies)(connected, self.request.headers.get("x-forwarded-for", ""))

    def asked(self, name: str) -> str:
        """What stands behind the address of this page under a name; "" for nothing."""
        return self.request.query_params.get(name, "") if self.request.scope["query_string"] else ""

    @property
    def is_person(self) -> bool:
        """Whether this is a person looking, not a robot, a link's preview or a browser that fetches ahead."""
        judgement = robots.judge(self.request.method, self.request.headers)
        return bool(judgement.kind == robots.Kind.PERSON)

    def shelf(self, connection: sa.Connection | None = None) -> Shelf:
        """What the village has on show; `connection` is one that only reads, where the page holds one already."""
        shelves: Shelves = self.request.app.state.shelves
        known = self.stood or shelves.known(self.village_id, self.visitor.village.revision)
        if known is None:
            with database.reading(self.request.app.state.engine) if connection is None else nullcontext(connection) as reader:
                known = shelves.fill(reader, self.village_id)
        return known

    def url(self, path: str) -> str:
        """The whole address of a page of this village in the guest's language."""
        return self.public_url + self.visitor.href(path)

    def addresses(self, path: str) -> dict[str, str]:
        """{language: the whole address of the page in it}."""
        slug = self.request.scope.get("gapura.village")
        rest = (f"/desa/{slug}" if slug else "") + path
        return {code: self.public_url + ("" if code == languages.FIRST else f"/{code}") + rest for code in front.SHOP_LANGUAGES}

    def show(
        self,
        template: str,
        *,
        path: str,
        status: int = 200,
        is_private: bool = False,
        is_secret: bool = False,
        until: datetime | None = None,
        sign: int = 0,
        viewed: int | None = None,
        shared: Subject | None = None,
        **facts: Any,
    ) -> HTMLResponse:
        """The page at `path` (without language and village): templates/shop/<template> with these facts.

        A public page is kept `until` then, at the longest for this day: `sign` is the link it names as the guest's, `viewed` the product.
        `shared` is what messengers show a picture of when somebody passes its address on. What `is_secret` is shown to no crawler.
        """
        closed = secretpages.status(self.request) if is_secret else 0
        if closed:
            answer = self.show("secret.html", path=path, status=closed, is_private=True)
            answer.headers.update(secretpages.headers(self.request))
            return answer
        is_private = is_private or is_secret
        count = sum(self.cart.values())
        if not is_private:
            midnight = self.local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            packedpages.tell(self.request.scope, until=min(until or midnight, midnight), cart=count, sign=sign, viewed=viewed)
        pictures = Pictures(self.language)
        alternates = self.addresses(path)
        said: dict[str, Any] = {
            "village": self.visitor.village,
            "guest": self,
            "href": self.visitor.href,
            "kind_path": addresses.kind,
            "url": self.url,
            "cart_count": count,
            "picture": pictures.draw,
            "pictures": pictures,
            "palettes": partial(palettes.of, self.visitor.village.brand),
            "start": scripts.start,
            "distance": partial(languages.distance, self.language),
            "more_languages": _more_languages(self.language),
            "hours_text": subjects.hours_text,
            "clock": partial(clock, self.language),
            "named": partial(named, self.language),
            "path": path,
            "is_private": is_private,
            "is_secret": is_secret,
            "found": partial(pieces.found, alternates, self.language, self.visitor.village, self._picture_of(shared) if shared else ""),
            **facts,
        }
        parts = Parts(said, self.language)
        answer = web.page(
            self.request,
            f"shop/{template}",
            language=self.language,
            status=status,
            headers=secretpages.headers(self.request) if is_secret else PRIVATE if is_private else PUBLIC,
            cards=partial(self._cards, pictures, parts),
            once=partial(self._once, parts),
            **said,
        )
        return packedpages.squeezed(self.request, answer) if is_private else answer

    def _cards(self, pictures: Pictures, parts: Parts, products: Iterable[Product], level: str = "h3") -> Markup:
        """The cards of products on show, each drawn once for every language that it is shown in."""
        shelf, prefix, drawn = self.shelf(), self.visitor.prefix, []
        for product in products:
            known = shelf.drawn.get((prefix, product.id, level))
            if known is None:
                markup = parts.draw("card", product, shelf.makers, level)
                known = shelf.drawn[prefix, product.id, level] = (markup, Pictures(self.language).of(product.photo))
            pictures.rules.update(known[1])
            drawn.append(known[0])
        return Markup("".join(drawn))  # noqa: S704 - each of them is markup

    def _once(self, parts: Parts, name: str, *asked: object) -> Markup:
        """A part that many pages of this village have in common, drawn once for every language that it is shown in."""
        shelf, key = self.stood, (self.visitor.prefix, name, *asked)
        if shelf is None or len(shelf.pieces) > MOST_PIECES:  # a page that asks the database for itself keeps nothing
            return parts.draw(name, *asked)
        if key not in shelf.pieces:
            shelf.pieces[key] = parts.draw(name, *asked)
        return shelf.pieces[key]

    def _picture_of(self, shared: Subject) -> str:
        """The address of what messengers show beside this page; the village's own, which many pages have, is worked out once."""
        shelf, key = self.stood, (self.language, "og:image")
        if shelf is None or shared.kind != "village":
            return sharepictures.og_image_url(self.public_url, self.visitor.village, shared, self.language)
        if key not in shelf.pieces:
            address = sharepictures.og_image_url(self.public_url, self.visitor.village, shared, self.language)
            shelf.pieces[key] = Markup(address)  # noqa: S704 - numbers and our own letters
        return shelf.pieces[key]

    def go(self, path: str, *, cart: Cart | None = None) -> RedirectResponse:
        """Send the guest on to another page, with a changed cart when one is given."""
        response = RedirectResponse(self.visitor.href(path), 303, {"Cache-Control": "no-store"})
        if cart is not None:
            self.keep(response, cart)
        return response

    def keep(self, response: RedirectResponse | HTMLResponse, cart: Cart) -> None:
        """Put a cart into the guest's cookie."""
        settings = web.settings_of(self.request)
        signed = carts.sign(cart, settings.secret.get_secret_value())
        is_secure = settings.public_url.startswith("https://")
        age = int(carts.KEPT.total_seconds())
        response.set_cookie(carts.cookie(self.village_id), signed, max_age=age, httponly=True, samesite="lax", secure=is_secure)


def _guest(request: Request) -> Guest:
    return guest_of(request, web.visitor_of(request), web.now(request))


def guest_of(request: Request, visitor: Visitor, at: datetime) -> Guest:
    """Whoever asks now for a page of this visitor's village."""
    if "\x00" in request.scope["path"]:  # PostgreSQL's text cannot hold it, so nothing is called that
        raise web.NotFound
    if visitor.source and not _is_ours(request, visitor, visitor.source):
        visitor = replace(visitor, source=None)
    link = packedpages.came_by(request.scope)
    sign = link_of(request.app.state.engine, visitor.village.id, link) if link else None
    return Guest(request, visitor, cart_of(request, visitor.village.id), at, link=sign)


def cart_of(request: Request, village_id: int) -> Cart:
    """What whoever asks has in their cart of this village."""
    text = request.cookies.get(carts.cookie(village_id), "")
    return carts.read(text, web.settings_of(request).secret.get_secret_value()) if text else {}


def link_of(engine: sa.Engine, village_id: int, link_id: int) -> Link | None:
    """A link of this village, if it is one."""
    with database.reading(engine) as connection:
        return next((link for link in links.with_ids(connection, [link_id]) if link.village_id == village_id), None)


def _is_ours(request: Request, visitor: Visitor, source: Source) -> bool:
    """Whether a link is of the village that is looked at: where there are several, a guest may have come by another's sign."""
    if "gapura.village" not in request.scope:
        return True
    return link_of(request.app.state.engine, visitor.village.id, source.link_id) is not None


def _more_languages(spoken: str) -> list[tuple[str, str]]:
    """(code, own name) of the languages that the switch at the top does not lead to."""
    main = ("id",) if spoken == "en" else ("en",)
    return [(code, languages.say(code, "language.name")) for code in front.SHOP_LANGUAGES if code not in (*main, spoken)]


async def fields_of(request: Request) -> dict[str, str]:
    """The text fields of a form, as they were typed."""
    form = await request.form(max_files=0, max_fields=200)
    return {name: value.replace("\x00", "") for name, value in form.items() if isinstance(value, str)}


Visit = Annotated[Guest, Depends(_guest)]
Fields = Annotated[dict[str, str], Depends(fields_of)]


def new_key() -> str:
    """What makes one form one order."""
    return secrets.token_urlsafe(16)


def clock(language: str, at: time | datetime) -> str:
    """An hour of the day: 06.00 in Indonesian, 06:00 in English."""
    return f"{at:%H:%M}" if language == "en" else f"{at:%H.%M}"


def named(language: str, section: str, key: str) -> str:
    """The name of a kind of goods or of a facility; its own key where no language knows it."""
    try:
        return languages.say(language, f"{section}.{key}")
    except languages.MissingWord:
        return key.replace("_", " ").capitalize()
