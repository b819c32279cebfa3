"""Pictures of goods: the slow copies are made before a guest asks, by one thread, and never more wait than can be held."""

import time
from pathlib import Path

import making

from storefront import media
from storefront.media import AHEAD, Store


def copies(store: Store) -> set[str]:
    return {path.name.partition("-")[2] for path in store.folder.glob("copies/*/*.avif")}


def test_what_pages_show_is_made_soon_after_a_photo_came_in(tmp_path: Path) -> None:
    store = Store(tmp_path, is_ahead=True)
    media.keep(store, making.picture())
    until = time.monotonic() + 60
    while len(copies(store)) < len(AHEAD):
        assert time.monotonic() < until, copies(store)
        time.sleep(0.02)
    assert copies(store) == {f"{width}.avif" for width in AHEAD}


def test_a_photo_that_is_broken_on_disk_stops_nobody_elses(tmp_path: Path) -> None:
    store = Store(tmp_path, is_ahead=True)
    store.prepare(store.save(b"no picture at all"))
    whole = media.keep(store, making.picture(colour="#226644"))
    until = time.monotonic() + 60
    while not (store.folder / "copies" / whole.sha256[:2] / f"{whole.sha256}-{AHEAD[-1]}.avif").exists():
        assert time.monotonic() < until
        time.sleep(0.02)
    assert len(copies(store)) == len(AHEAD)


def test_a_folder_that_is_not_told_to_makes_nothing_ahead(tmp_path: Path) -> None:
    store = Store(tmp_path)
    kept = media.keep(store, making.picture())
    assert copies(store) == set()
    assert store.file(kept.sha256, 240, "avif").exists()
