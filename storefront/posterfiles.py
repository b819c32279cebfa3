"""Posters as files: for the command line, and for whoever wants a whole shelf of them at once."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa

from promo import posters
from storefront import languages, picturing, products, promotion, villages
from storefront.media import Store
from storefront.products import Product
from storefront.villages import Village

Progress = Callable[[str, int, int], None]  # (what, done, of)


class UnknownChoice(LookupError):
    """There is none of this name: `what` is village, product, template or format, `known` what there is, the likeliest first."""

    def __init__(self, what: str, typed: str, known: Sequence[str]) -> None:
        super().__init__(f"{what}: {typed}")
        self.what = what
        self.typed = typed
        self.known = (difflib.get_close_matches(typed.lower(), known, n=5, cutoff=0.4) if typed else []) or list(known)[:20]


def village(connection: sa.Connection, slug: str | None) -> Village:
    """The village of that slug, or the only one there is. Raises UnknownChoice."""
    there = villages.listed(connection)
    found = [one for one in there if one.slug == slug] if slug else there
    if len(found) != 1:
        raise UnknownChoice("village", slug or "", [one.slug for one in there])
    return found[0]


def chosen(connection: sa.Connection, village_id: int, wanted: str | None) -> list[Product]:
    """The product of that slug, number or name; without one all that are on show with a photo. Raises UnknownChoice."""
    if wanted is None:
        return promotion.sellable(connection, village_id)
    there = products.listed(connection, village_id, states=products.STATES)
    typed = wanted.strip().lower()
    by_slug = [one for one in there if typed in (one.slug, str(one.id))]
    by_name = [one for one in there if typed in {name.lower() for name in one.name.values()}]
    if found := by_slug or by_name:
        return found[:1]
    raise UnknownChoice("product", wanted, [one.slug for one in there])


def names(what: str, wanted: Sequence[str], known: Sequence[str]) -> list[str]:
    """The names that were asked for, or all there are. Raises UnknownChoice."""
    for name in wanted:
        if name not in known:
            raise UnknownChoice(what, name, known)
    return list(wanted or known)


def templates() -> list[str]:
    """The looks a poster of one product can have."""
    return [name for name, _ in promotion.looks(languages.FIRST) if posters.wants(name) == (0, 0)]


def draw(
    store: Store,
    village: Village,
    goods: Sequence[Product],
    looks: Sequence[str],
    formats: Sequence[str],
    folder: Path,
    *,
    language: str,
    progress: Progress = lambda *_: None,
) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Draw each product in each look and format into a folder: (file, keys of what should be known about it)."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [(one, look, name) for one in goods for look in looks for name in formats]
    for done, (one, look, name) in enumerate(wanted):
        progress("posters", done, len(wanted))
        shown = picturing.pictures(store, village, [one], look, language, name)[0]
        path = folder / f"{one.slug}-{look}-{name}.jpg"
        path.write_bytes(shown.drawn.jpeg)
        yield path, shown.drawn.warnings
    progress("posters", len(wanted), len(wanted))
