"""Proofs: pictures by which buyers show that they have transferred. They are cleaned as photos are, and lie where no page shows them."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from storefront import media, order_parts
from storefront.media import Store
from storefront.order_parts import Part
from storefront.problems import Problem
from storefront.tables import proof

EACH_MOST = 3  # of one part: two that were unreadable, and one that is not
FOLDER = "proofs"  # in the data folder, beside the media that everybody may see


class UnknownProof(LookupError):
    """No proof of this part by that number."""


def add(connection: sa.Connection, part: Part, sha256: str, *, at: datetime) -> None:
    """Lay a picture, kept already, to a part. The same one again changes nothing. Raises Problem for more than three."""
    order_parts.hold(connection, part.village_id, part.id)
    known = of_parts(connection, part.village_id, [part.id]).get(part.id, [])
    if sha256 in known:
        return
    if len(known) >= EACH_MOST:
        raise Problem("proof.enough", field="proof", most=EACH_MOST)
    connection.execute(proof.insert().values(village_id=part.village_id, part_id=part.id, sha256=sha256, made_at=at))
    order_parts.note(connection, part, "proof", by="buyer", at=at)


def of_parts(connection: sa.Connection, village_id: int, part_ids: Iterable[int]) -> dict[int, list[str]]:
    """{part id: the SHA-256 of its proofs, the oldest first}."""
    query = sa.select(proof.c.part_id, proof.c.sha256).where(proof.c.village_id == village_id, proof.c.part_id.in_(list(part_ids)))
    found: dict[int, list[str]] = {}
    for part_id, sha256 in connection.execute(query.order_by(proof.c.id)):
        found.setdefault(part_id, []).append(sha256)
    return found


def read(connection: sa.Connection, store: Store, village_id: int, part_id: int, number: int) -> bytes:
    """The picture of a part's proof, counted from 1. Raises UnknownProof."""
    known = of_parts(connection, village_id, [part_id]).get(part_id, [])
    try:
        return store.read(known[number - 1]) if 1 <= number <= len(known) else _none()
    except media.UnknownPicture:
        return _none()


def _none() -> bytes:
    raise UnknownProof
