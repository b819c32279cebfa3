"""What each village has to show, in memory for as long as nothing of it changes: pages are made of it instead of asking the database anew.

Nothing in here is older than the revision of the village that a request goes by, so a page made from it is as fresh as any other.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import sqlalchemy as sa
from markupsafe import Markup

from storefront import attractions, database, makers, media, products, sharepictures, villages
from storefront.attractions import Attraction
from storefront.makers import Maker
from storefront.media import Photo
from storefront.products import Product
from storefront.revisions import Standing
from storefront.subjects import Subject
from storefront.villages import Village

MOST = 200  # villages; about 100 KB each with 50 products

Card = tuple[str, int, str]  # what every address on it begins with, the product, the level of its heading
Rules = Mapping[str, str]  # {class: what it says of a picture}
Piece = tuple[object, ...]


@dataclass(frozen=True)
class Shelf:
    """A village at one revision: its goods on show in the order that pages have them, its public makers, its attractions, its photo.

    `drawn` is for whoever draws cards of the goods, `pieces` for what else many pages have in common: what is kept there is good for as
    long as the goods, and the village, are as they are.
    """

    village: Village
    goods: Sequence[Product]
    makers: Mapping[int, Maker]
    attractions: Sequence[Attraction]
    photo: Photo | None
    drawn: dict[Card, tuple[Markup, Rules]] = field(default_factory=dict)
    pieces: dict[Piece, Markup] = field(default_factory=dict)

    @property
    def revision(self) -> int:
        return self.village.revision

    @cached_property
    def kinds(self) -> list[str]:
        """The kinds of goods on show."""
        return sorted({product.kind for product in self.goods})

    @cached_property
    def shared(self) -> Subject:
        """The village as something to share."""
        return sharepictures.with_photo(self.village, self.photo)

    @cached_property
    def _by_slug(self) -> Mapping[str, Product]:
        return {product.slug: product for product in self.goods}

    def of_kind(self, kind: str) -> Sequence[Product]:
        """The goods of one kind; all of them for ""."""
        return [product for product in self.goods if product.kind == kind] if kind else self.goods

    def of_maker(self, maker_id: int) -> Sequence[Product]:
        """The goods of one maker."""
        return [product for product in self.goods if product.maker_id == maker_id]

    def product(self, slug: str) -> Product:
        """A product on show. Raises UnknownProduct."""
        if slug not in self._by_slug:
            raise products.UnknownProduct
        return self._by_slug[slug]

    def maker(self, slug: str) -> Maker:
        """A maker who has agreed to be shown. Raises UnknownMaker."""
        for maker in self.makers.values():
            if maker.slug == slug:
                return maker
        raise makers.UnknownMaker

    def attraction(self, slug: str) -> Attraction:
        """An attraction. Raises UnknownAttraction."""
        for attraction in self.attractions:
            if attraction.slug == slug:
                return attraction
        raise attractions.UnknownAttraction


class Shelves:
    """The shelves that one process knows."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._known: dict[int, Shelf] = {}
        self._filling: dict[int, asyncio.Task[Shelf]] = {}

    def forget(self) -> None:
        """Know of no village any more."""
        self._known.clear()

    def known(self, village_id: int, revision: int) -> Shelf | None:
        """What a village has to show at this revision, where that is in memory."""
        shelf = self._known.get(village_id)
        return shelf if shelf and shelf.revision == revision else None

    async def of(self, standing: Standing) -> Shelf:
        """What a village has to show, for code that must not wait for a database itself. Of many who ask at once, one reads."""
        shelf = self.known(standing.village_id, standing.revision)
        if shelf is not None:
            return shelf
        task = self._filling.get(standing.village_id)
        if task is None or task.get_loop() is not asyncio.get_running_loop():
            task = self._filling[standing.village_id] = asyncio.create_task(asyncio.to_thread(self._read, standing.village_id))
            task.add_done_callback(lambda _: self._filling.pop(standing.village_id, None))
        return await asyncio.shield(task)

    def _read(self, village_id: int) -> Shelf:
        with database.reading(self._engine) as connection:
            return self.fill(connection, village_id)

    def fill(self, connection: sa.Connection, village_id: int) -> Shelf:
        """Read what a village has to show. The connection only reads: it sees one moment, so all of it belongs together."""
        village = villages.get(connection, village_id)
        known = {maker.id: maker for maker in makers.listed(connection, village_id, only_public=True)}
        goods, seen_here = products.listed(connection, village_id), attractions.listed(connection, village_id)
        photo = media.by_id(connection, village_id, [village.photo_id]).get(village.photo_id) if village.photo_id else None
        drawn = _still_good(self._known.get(village_id), goods, known)
        while len(self._known) >= MOST:
            self._known.pop(next(iter(self._known), 0), None)
        shelf = self._known[village_id] = Shelf(village, goods, known, seen_here, photo, drawn)
        return shelf


def _still_good(before: Shelf | None, goods: Sequence[Product], public: Mapping[int, Maker]) -> dict[Card, tuple[Markup, Rules]]:
    """The cards that show what they would show if they were drawn anew: an order changes the stock of one product, not of all."""
    if before is None:
        return {}
    was = {product.id: product for product in before.goods}
    same = {one.id for one in goods if was.get(one.id) == one and (one.maker_id in public) == (one.maker_id in before.makers)}
    return {key: card for key, card in before.drawn.items() if key[1] in same}
