"""The QR code of a link as the desk offers it: by where it hangs, with the logo or without, read by a decoder before it is seen."""

import functools
from dataclasses import dataclass

from campaigns import logocodes, qrcodes
from campaigns.logocodes import Logo
from promo import logos
from storefront import media
from storefront.media import Store
from storefront.villages import Village

KINDS = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}
SCALE = 24  # pixels a module: 1,000 px and more, sharp at the size of a board
LOGO_SIDE = 240


class NoSuchFile(LookupError):
    """A code is drawn as SVG, PNG or PDF."""


class LogoUnusable(ValueError):
    """This village has no logo, or one that is no picture; `key` says which."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True)
class Wish:
    """How a code is wanted: `use` is indoors or outdoors, with the logo in it or without."""

    use: str
    has_logo: bool

    @property
    def level(self) -> str:
        return logocodes.LEVEL if self.has_logo else qrcodes.USES[self.use]

    @property
    def query(self) -> str:
        return f"untuk={self.use}&logo={int(self.has_logo)}"


def wish(use: str, logo: str, usual: str) -> Wish:
    """What a query asks for; `usual` is where this kind of link hangs unless said."""
    return Wish(use if use in qrcodes.USES else usual, logo == "1")


def draw(address: str, kind: str, wanted: Wish, store: Store, village: Village) -> bytes:
    """The file of a code that another decoder has read. Raises NoSuchFile, LogoUnusable, qrcodes.UnreadableCode."""
    if kind not in KINDS:
        raise NoSuchFile(kind)
    if wanted.has_logo:
        code = logocodes.draw(address, logo_of(store, village))
        if kind == "png":
            return logocodes.png(code, SCALE)
        return logocodes.pdf(code) if kind == "pdf" else logocodes.svg(code).encode()
    picture = qrcodes.png(address, wanted.level, SCALE)
    qrcodes.proof(picture, address)
    if kind == "png":
        return picture
    return qrcodes.pdf(address, wanted.level) if kind == "pdf" else qrcodes.svg(address, wanted.level).encode()


def trouble(address: str, wanted: Wish, store: Store, village: Village) -> str:
    """The key of the sentence why a code cannot be had as it is wanted; "" when it can."""
    try:
        draw(address, "svg", wanted, store, village)
    except LogoUnusable as error:
        return error.key
    except qrcodes.UnreadableCode:
        return "desk.link.logo_unreadable" if wanted.has_logo else "desk.link.unreadable"
    return ""


def logo_of(store: Store, village: Village) -> Logo:
    """The village's logo on white. Raises LogoUnusable."""
    sha256 = village.brand.get("logo")
    if not isinstance(sha256, str) or not sha256:
        raise LogoUnusable("desk.link.no_logo")
    try:
        return _on_white(store.read(sha256))
    except media.UnknownPicture as error:
        raise LogoUnusable("desk.link.logo_broken") from error


@functools.lru_cache(maxsize=16)
def _on_white(data: bytes) -> Logo:
    picture, _ = logos.opened(data, LOGO_SIDE)
    if picture is None:
        raise LogoUnusable("desk.link.logo_broken")
    raw = picture.convert("RGBA").tobytes()
    mixed = bytearray()
    for at in range(0, len(raw), 4):
        clear = 255 - raw[at + 3]
        mixed += bytes((value * raw[at + 3] + 255 * clear) // 255 for value in raw[at : at + 3])
    return Logo(picture.width, picture.height, bytes(mixed))
