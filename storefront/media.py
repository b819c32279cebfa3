"""Pictures on disk: masters and posters by their SHA-256, smaller copies made when they are first asked for."""

import contextlib
import hashlib
import os
import queue
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
import structlog

from promo import photos
from storefront import villages
from storefront.tables import photo

WIDTHS = (160, 240, 320, 480, 640, 960, 1200)  # the only sizes that are made: nobody can fill the disk by asking
AHEAD = (240, 480, 160, 960)  # what pages show in AVIF, which takes up to a second a photo; those of lists first
WAITING_MOST = 200
KINDS = {"jpg": "jpeg", "avif": "avif"}
_log = structlog.get_logger()
_SHA = re.compile(r"[0-9a-f]{64}")
PNG = b"\x89PNG\r\n\x1a\n"


class UnknownPicture(LookupError):
    """No picture by that SHA-256, or not in that size."""


@dataclass(frozen=True)
class Photo:
    """A photo of a village: its master's SHA-256, size in pixels, focal point (0..1), mean colour, words for who cannot see it."""

    id: int
    village_id: int
    sha256: str
    width: int
    height: int
    focus_x: float
    focus_y: float
    colour: str
    alt: Mapping[str, str]

    @property
    def focus(self) -> tuple[float, float]:
        return self.focus_x, self.focus_y


_COLUMNS = [photo.c[name] for name in Photo.__dataclass_fields__]


class Store:
    """A folder of JPEGs, and of PNGs where a picture is seen through, named by what is in them."""

    def __init__(self, folder: Path, *, is_ahead: bool = False) -> None:
        """`is_ahead` lets one thread make the slow copies of each new photo before anybody asks for them."""
        self.folder = folder
        self._one_at_a_time = threading.Lock()
        self.opening = threading.Lock()
        self._waiting: queue.Queue[str] = queue.Queue(WAITING_MOST)
        if is_ahead:
            threading.Thread(target=self._work_ahead, name="copies", daemon=True).start()
        self.is_ahead = is_ahead

    def prepare(self, sha256: str) -> None:
        """Have the slow copies of a photo made soon. Where too many wait already, the first guest who asks waits a moment instead."""
        if self.is_ahead:
            with contextlib.suppress(queue.Full):
                self._waiting.put_nowait(sha256)

    def _work_ahead(self) -> None:
        while True:
            sha256 = self._waiting.get()
            for width in AHEAD:
                try:
                    self.file(sha256, width, "avif")
                except Exception:  # the thread must live on; whoever asks for this copy is told what is wrong with it
                    _log.exception("copy_failed", sha256=sha256, width=width)

    def save(self, data: bytes) -> str:
        """Keep a JPEG, or the PNG of a logo; its SHA-256. On disk, whole, before this returns."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._master(sha256)
        path = path.with_suffix(".png") if data.startswith(PNG) else path
        if not path.exists():
            write_whole(path, data)
        return sha256

    def read(self, sha256: str) -> bytes:
        """The picture with this SHA-256. Raises UnknownPicture."""
        path = self._master(sha256)
        try:
            return (path if path.exists() else path.with_suffix(".png")).read_bytes()
        except FileNotFoundError as error:
            raise UnknownPicture(sha256) from error

    def file(self, sha256: str, width: int | None = None, ending: str = "jpg") -> Path:
        """The file of a picture, as it is or `width` pixels wide; made when first asked for. Raises UnknownPicture."""
        master = self._master(sha256)
        if width is None:
            if ending != "jpg" or not master.exists():
                raise UnknownPicture(sha256)
            return master
        if width not in WIDTHS or ending not in KINDS:
            raise UnknownPicture(sha256)
        path = self.folder / "copies" / sha256[:2] / f"{sha256}-{width}.{ending}"
        if not path.exists():
            with self._one_at_a_time:  # AVIF takes a core for a tenth of a second: never many at once
                if not path.exists():
                    write_whole(path, photos.derive(self.read(sha256), width, KINDS[ending]))
        return path

    def masters(self) -> list[Path]:
        """Every picture as it came in or was drawn; the smaller copies can be made again."""
        found = (path for path in self.folder.glob("??/*") if path.suffix in (".jpg", ".png"))
        return sorted(path for path in found if _SHA.fullmatch(path.stem))

    def _master(self, sha256: str) -> Path:
        if not _SHA.fullmatch(sha256):
            raise UnknownPicture(sha256)
        return self.folder / sha256[:2] / f"{sha256}.jpg"


def write_whole(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def add_photo(connection: sa.Connection, store: Store, village_id: int, data: bytes, *, alt: Mapping[str, str], at: datetime) -> Photo:
    """Take in an upload: turned upright, sRGB, nothing private in it, at most 2,000 px. Raises the errors of promo.photos."""
    return add_kept(connection, village_id, keep(store, data), alt=alt, at=at)


@dataclass(frozen=True)
class Kept:
    """An upload that is on disk already but nobody's photo yet."""

    sha256: str
    width: int
    height: int
    focus: tuple[float, float]
    colour: str


def keep(store: Store, data: bytes) -> Kept:
    """The slow half of add_photo, which needs no database: an upload that takes a second holds up nobody's order.

    Raises the errors of promo.photos. One at a time: a 48-megapixel picture takes 400 MB while it is opened.
    """
    with store.opening:
        master = photos.master(data)
    kept = Kept(store.save(master.jpeg), master.width, master.height, master.focus, master.colour)
    store.prepare(kept.sha256)
    return kept


def add_kept(connection: sa.Connection, village_id: int, kept: Kept, *, alt: Mapping[str, str], at: datetime) -> Photo:
    """Make what was kept a photo of this village; the same picture again is the same photo."""
    known = connection.execute(sa.select(*_COLUMNS).where(photo.c.village_id == village_id, photo.c.sha256 == kept.sha256)).first()
    if known:
        return Photo(*known)
    row = {"width": kept.width, "height": kept.height, "focus_x": kept.focus[0], "focus_y": kept.focus[1], "colour": kept.colour}
    query = photo.insert().values(village_id=village_id, sha256=kept.sha256, alt=dict(alt), made_at=at, **row)
    made = connection.execute(query.returning(photo.c.id)).scalar_one()
    return get(connection, village_id, made)


def get(connection: sa.Connection, village_id: int, photo_id: int) -> Photo:
    """A photo of this village. Raises UnknownPicture."""
    found = by_id(connection, village_id, [photo_id])
    if photo_id not in found:
        raise UnknownPicture(photo_id)
    return found[photo_id]


def by_id(connection: sa.Connection, village_id: int, ids: Iterable[int | None]) -> dict[int, Photo]:
    """{id: photo} for those ids that are photos of this village."""
    wanted = {number for number in ids if number is not None}
    if not wanted:
        return {}
    rows = connection.execute(sa.select(*_COLUMNS).where(photo.c.village_id == village_id, photo.c.id.in_(wanted)))
    return {row.id: Photo(*row) for row in rows}


def set_focus(connection: sa.Connection, village_id: int, photo_id: int, focus: tuple[float, float]) -> None:
    """Correct the focal point: (0..1 from the left, 0..1 from the top). Guests see it at once: every crop keeps to it."""
    x, y = (min(1.0, max(0.0, value)) for value in focus)
    connection.execute(photo.update().where(photo.c.village_id == village_id, photo.c.id == photo_id).values(focus_x=x, focus_y=y))
    villages.touch(connection, village_id)


def address(sha256: str, width: int | None = None, ending: str = "jpg") -> str:
    """The path a browser asks for: /media/<sha256>-<width>.<avif|jpg>, or /media/<sha256>.jpg for the whole."""
    return f"/media/{sha256}.{ending}" if width is None else f"/media/{sha256}-{width}.{ending}"
