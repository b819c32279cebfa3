"""One picture of every poster in every format, to be looked at as a designer would.

`python tests/bench/contact_sheet.py sheet.png` draws it large; `make posters` (--write) writes the sheet of the README, the preview.jpg in
each folder of assets/posters, and the golden pictures that the tests compare with. Look before you commit.
"""

import functools
import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from campaigns import qrcodes
from promo import photos, posters, templates

ROOT = Path(__file__).parent.parent.parent
PHOTOS = ROOT / "assets" / "samples" / "photos"
SHEET, SHEET_BYTES = ROOT / "docs" / "pictures" / "posters.jpg", 300 * 1024
GOLDEN, GOLDEN_HIGH = ROOT / "tests" / "promo" / "golden", 128
HIGH, PREVIEW = 480, 320


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


def row(name: str, high: int = HIGH) -> list[Image.Image]:
    """The poster in every format, each `high` pixels high at most."""
    pictures = []
    for format_ in posters.FORMATS:
        picture = Image.open(io.BytesIO(posters.draw(name, facts(name), posters.Brand(), format_).jpeg))
        picture.thumbnail((round(high * 1.2), high), Image.Resampling.LANCZOS)
        pictures.append(picture)
    return pictures


def sheet(high: int = HIGH) -> Image.Image:
    """All of them, two posters to a row of pictures."""
    gap = high // 20
    rows = [row(name, high) for name in every()]
    wide = max(sum(picture.width + gap for picture in pictures) for pictures in rows)
    lines = (len(rows) + 1) // 2
    whole = Image.new("RGB", (2 * wide + 2 * gap, lines * (high + gap) + gap), "#e9e6df")
    for number, pictures in enumerate(rows):
        x, y = gap + (number % 2) * (wide + gap // 2), gap + (number // 2) * (high + gap)
        for picture in pictures:
            whole.paste(picture, (x, y))
            x += picture.width + gap
    return whole


def strip(name: str, formats: Sequence[str], high: int) -> Image.Image:
    """The poster in some formats, side by side and of one height."""
    pictures = [Image.open(io.BytesIO(posters.draw(name, facts(name), posters.Brand(), one).jpeg)) for one in formats]
    pictures = [picture.resize((round(picture.width * high / picture.height), high), Image.Resampling.LANCZOS) for picture in pictures]
    whole = Image.new("RGB", (sum(picture.width + 12 for picture in pictures) - 12, high), "#ffffff")
    x = 0
    for picture in pictures:
        whole.paste(picture, (x, 0))
        x += picture.width + 12
    return whole


def golden(name: str) -> Image.Image:
    """What tests/promo/test_posters_golden.py compares: small, in every format."""
    return strip(name, list(posters.FORMATS), GOLDEN_HIGH)


def write_all() -> None:
    """The README's sheet, the preview beside each poster.toml, and the golden pictures of the tests."""
    whole = sheet(140)
    for quality in (82, 76, 70, 64, 58):
        whole.save(SHEET, quality=quality, optimize=True, progressive=True)
        if SHEET.stat().st_size <= SHEET_BYTES:
            break
    for name in every():
        strip(name, ("square", "portrait", "story"), PREVIEW).save(templates.FOLDER / name / "preview.jpg", quality=72, optimize=True)
        golden(name).save(GOLDEN / f"{name}.jpg", quality=72, optimize=True)


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if "--write" in sys.argv:
        write_all()
    if given:
        sheet().save(given[0])
