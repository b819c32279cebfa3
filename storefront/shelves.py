"""What each village has on show, in memory for as long as nothing of it changes: pages read it there instead of asking the database anew.

Nothing in here is older than the revision of the village that a request has read itself, so a page made from it is as fresh as any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import sqlalchemy as sa
from markupsafe import Markup

from storefront import makers, products, villages
from storefront.makers import Maker
from storefront.products import Product
from storefront.villages import Village

MOST = 200  # villages; about 100 KB each with 50 products


@dataclass(frozen=True)
class Shelf:
    """The goods and the public makers of a village at one revision, in the order that pages show them.

    `drawn` is for whoever draws them: what is kept there is good for as long as the goods are.
    """

    revision: int
    goods: Sequence[Product]
    makers: Mapping[int, Maker]
    drawn: dict[tuple[str, int, str], Markup] = field(default_factory=dict)

    @cached_property
    def kinds(self) -> list[str]:
        """The kinds of goods on show."""
        return sorted({product.kind for product in self.goods})

    def of_kind(self, kind: str) -> Sequence[Product]:
        """The goods of one kind; all of them for ""."""
        return [product for product in self.goods if product.kind == kind] if kind else self.goods


class Shelves:
    """The shelves that one process knows."""

    def __init__(self) -> None:
        self._known: dict[int, Shelf] = {}

    def known(self, village: Village) -> Shelf | None:
        """What this village has on show, where that is in memory; the village was read for this request, so its revision is of today."""
        shelf = self._known.get(village.id)
        return shelf if shelf and shelf.revision == village.revision else None

    def fill(self, connection: sa.Connection, village_id: int) -> Shelf:
        """Read what a village has on show. The connection only reads: it sees one moment, so goods and revision belong together."""
        known = {maker.id: maker for maker in makers.listed(connection, village_id, only_public=True)}
        shelf = Shelf(villages.get(connection, village_id).revision, products.listed(connection, village_id), known)
        while len(self._known) >= MOST:
            self._known.pop(next(iter(self._known), 0), None)
        self._known[village_id] = shelf
        return shelf
