"""The picture that messengers show beside a shared link: the village's own poster in 1200x630, with photo and price, below 300 KB."""

import hashlib
import threading
from pathlib import Path

import sqlalchemy as sa
from fastapi import APIRouter
from fastapi.responses import FileResponse, RedirectResponse, Response

from promo import lightening, posters
from promo.posters import Facts
from storefront import attractions, languages, makers, media, products, promotion, subjects, villages
from storefront.media import Photo, Store
from storefront.subjects import Subject
from storefront.villages import Village
from storefront.web import Config, Reading
from storefront.web import Store as Shelf

router = APIRouter()
FORMAT, WIDTH, HEIGHT = "landscape", 1200, 630
HEAVIEST = 290_000  # bytes; WhatsApp leaves a preview without its picture from 300 KB on
POSTER = "foto-penuh"
ROUND = "1"  # counts up when these pictures change their look: then all are fetched anew
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_one_at_a_time = threading.Lock()


class UnknownPicture(LookupError):
    """Nothing that is shown to guests is called that."""


def og_image_url(public_url: str, village: Village, subject: Subject, language: str) -> str:
    """The whole address of the picture of a subject as it is now; another one as soon as anything on it changes."""
    return f"{public_url}/gambar/{village.id}-{subject.kind}-{subject.id or 0}-{language}-{_key(village, subject, language)}.jpg"


def of_village(connection: sa.Connection, village: Village) -> Subject:
    """A village as something to share."""
    return with_photo(village, media.by_id(connection, village.id, [village.photo_id]).get(village.photo_id or 0))


def with_photo(village: Village, photo: Photo | None) -> Subject:
    """A village as something to share, whose photo is at hand: its name, its tagline, its photo."""
    name = {code: languages.say(code, "shop.village", name=village.name) for code in languages.known()}
    tagline = village.brand.get("tagline") or {}
    return Subject(kind="village", id=village.id, name=name, sort="village", story=tagline, photos=(photo,) if photo else ())


@router.api_route("/gambar/{name}.jpg", methods=["GET", "HEAD"])
def picture(config: Config, connection: Reading, store: Shelf, name: str) -> Response:
    """The picture of a subject; an address that is not of today leads to today's."""
    parts = name.split("-")
    if len(parts) != 5 or not all(part.isascii() and part.isdigit() and len(part) < 18 for part in (parts[0], parts[2])):
        raise UnknownPicture(name)
    village_id, kind, subject_id, language, key = parts
    if language not in (*languages.known(), *languages.overlays()):
        raise UnknownPicture(name)
    village = villages.get(connection, int(village_id))
    subject = _subject(connection, village, kind, int(subject_id))
    if key != _key(village, subject, language):
        return RedirectResponse(og_image_url(config.public_url, village, subject, language), 302, {"Cache-Control": "no-store"})
    return FileResponse(_file(store, village, subject, language), media_type="image/jpeg", headers=FOREVER)


def _subject(connection: sa.Connection, village: Village, kind: str, subject_id: int) -> Subject:
    match kind:
        case "product":
            subject = subjects.of_product(products.get(connection, village.id, subject_id))
        case "attraction":
            subject = subjects.of_attraction(attractions.get(connection, village.id, subject_id))
        case "maker":
            subject = subjects.of_maker(makers.get(connection, village.id, subject_id))
        case "village":
            subject = of_village(connection, village)
        case _:
            raise UnknownPicture(kind)
    if not subject.is_shown:
        raise UnknownPicture(kind)
    return subject


def _file(store: Store, village: Village, subject: Subject, language: str) -> Path:
    """The picture on disk, drawn when it is first asked for; what it looked like before is thrown away."""
    folder = store.folder / "shared"
    stem = f"{village.id}-{subject.kind}-{subject.id or 0}-{language}"
    path = folder / f"{stem}-{_key(village, subject, language)}.jpg"
    if not path.exists():
        with _one_at_a_time:
            if not path.exists():
                drawn = posters.draw(POSTER, _facts(store, village, subject, language), promotion.brand(village), FORMAT)
                for old in folder.glob(f"{stem}-*.jpg"):
                    old.unlink(missing_ok=True)
                media.write_whole(path, lightening.lighter(drawn.jpeg, HEAVIEST))
    return path


def _facts(store: Store, village: Village, subject: Subject, language: str) -> Facts:
    photo, logo = subject.photo, village.brand.get("logo")
    return Facts(
        title=languages.pick(subject.name, language),
        price_idr=subject.price_idr,
        price_text=subject.price(language),
        unit=languages.pick(subject.unit, language) if subject.price_idr else "",
        village=village.name,
        tagline=languages.pick(village.brand.get("tagline"), language),
        maker=subject.maker,
        kicker=languages.pick(subject.hours, language),
        badge="",
        body=languages.pick(subject.story, language),
        link_text="",
        qr=None,
        photo=_bytes(store, photo.sha256) if photo else None,
        focus=photo.focus if photo else (0.5, 0.5),
        logo=_bytes(store, str(logo)) if logo else None,
    )


def _bytes(store: Store, sha256: str) -> bytes | None:
    try:
        return store.read(sha256)
    except media.UnknownPicture:  # a folder that was not restored with its database: better a picture without it than none
        return None


def _key(village: Village, subject: Subject, language: str) -> str:
    """What tells one look of a picture from another: all that stands on it."""
    photo = subject.photo
    seen = (photo.sha256, photo.focus) if photo else ()
    told = (subject.name, subject.story, subject.price_idr, subject.unit, subject.maker, subject.hours)
    text = repr((ROUND, POSTER, language, village.name, village.brand, told, seen))
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
