"""One picture of every poster in every format, to be looked at as a designer would.

`python tests/bench/contact_sheet.py [--previews] [out.png]`; with --previews it
writes the small preview.jpg into each folder of assets/posters as well.
"""

import functools
import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from campaigns import qrcodes
from promo import photos, posters, templates

ROOT = Path(__file__).parent.parent.parent
PHOTOS = ROOT / "assets" / "samples" / "photos"
HIGH, GAP, PREVIEW = 480, 24, 320


def every() -> list[str]:
    """Posters, then the slides of carousels."""
    return [*templates.names(), *templates.names("slide")]


def rupiah(amount: str) -> str:
    return f"Rp\u00a0{int(amount):,}".replace(",", ".")


def facts(name: str) -> posters.Facts:
    """The facts of a template's own [demo] table."""
    demo = dict(templates.load(name).demo)
    entries = tuple(posters.Entry(**_shown(one)) for one in demo.pop("entries", ()))
    code = demo.pop("qr", "")
    shown = {"village": "Desa Wonorejo", "tagline": "Bumiaji, Kota Batu", "link_text": "gapura.desa.id/Q/7K2M9X", **_shown(demo)}
    return posters.Facts(**shown, entries=entries, qr=qrcodes.matrix(code) if code else None)


def _shown(demo: Mapping[str, Any]) -> dict[str, Any]:
    """Words of a [demo] table with its photo opened and its price written out."""
    made = {key: value for key, value in demo.items() if key not in ("photo", "price")}
    if "price" in demo:
        made |= {"price_idr": int(demo["price"]), "price_text": rupiah(demo["price"])}
    if "photo" in demo:
        made["photo"], made["focus"] = opened(demo["photo"])
    return made


@functools.cache
def opened(photo: str) -> tuple[bytes, tuple[float, float]]:
    master = photos.master((PHOTOS / f"{photo}.jpg").read_bytes())
    return master.jpeg, master.focus


def row(name: str) -> list[Image.Image]:
    """The poster in every format, each `HIGH` pixels high or as wide as the story is high."""
    pictures = []
    for format_ in posters.FORMATS:
        picture = Image.open(io.BytesIO(posters.draw(name, facts(name), posters.Brand(), format_).jpeg))
        picture.thumbnail((round(HIGH * 1.2), HIGH), Image.Resampling.LANCZOS)
        pictures.append(picture)
    return pictures


def sheet() -> Image.Image:
    """All of them, two posters to a row of pictures."""
    rows = [row(name) for name in every()]
    wide = max(sum(picture.width + GAP for picture in pictures) for pictures in rows)
    lines = (len(rows) + 1) // 2
    whole = Image.new("RGB", (2 * wide + 2 * GAP, lines * (HIGH + GAP) + GAP), "#e9e6df")
    for number, pictures in enumerate(rows):
        x, y = GAP + (number % 2) * (wide + GAP // 2), GAP + (number // 2) * (HIGH + GAP)
        for picture in pictures:
            whole.paste(picture, (x, y))
            x += picture.width + GAP
    return whole


def write_previews() -> None:
    """preview.jpg beside each poster.toml: square, portrait and story side by side."""
    for name in every():
        pictures = [
            Image.open(io.BytesIO(posters.draw(name, facts(name), posters.Brand(), one).jpeg)) for one in ("square", "portrait", "story")
        ]
        pictures = [
            picture.resize((round(picture.width * PREVIEW / picture.height), PREVIEW), Image.Resampling.LANCZOS) for picture in pictures
        ]
        whole = Image.new("RGB", (sum(picture.width for picture in pictures) + 2 * 12, PREVIEW), "#ffffff")
        x = 0
        for picture in pictures:
            whole.paste(picture, (x, 0))
            x += picture.width + 12
        whole.save(templates.FOLDER / name / "preview.jpg", quality=72, optimize=True)


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if "--previews" in sys.argv:
        write_previews()
    if given or "--previews" not in sys.argv:
        sheet().save(given[0] if given else "posters.png")
