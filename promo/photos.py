"""Photos people send: judged, turned upright, cleaned of everything private, kept as one master JPEG; smaller copies of it."""

import hashlib
import io
import math
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from PIL import Image, ImageChops, ImageCms, ImageFilter, ImageStat, UnidentifiedImageError

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 50_000_000
MOST_SIDE = 12_000
LEAST_SIDE = 16
LONG_SIDE = 2_000  # of the master: enough for a story 1,920 px high, a quarter of a phone photo to decode
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")  # JPEG opens MPO too, the JPEG of phones that add a depth map
_HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_one_big_decode = threading.Lock()  # 50 megapixels take 200 MB while they are open

# The size is judged by us from the header, before a pixel is decoded; Pillow's own warning would only land in the log.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class BadPhoto(ValueError):
    """An upload that cannot become a photo: `key` names the sentence in assets/languages, `facts` fill it."""

    key: ClassVar[str]

    def __init__(self, **facts: object) -> None:
        super().__init__(self.key, facts)
        self.facts = facts


class NotAPhoto(BadPhoto):
    """Not a picture in a format we take (text, SVG, PDF, film)."""

    key = "photo.not_a_photo"


class PhotoBroken(NotAPhoto):
    """It begins like a picture but cannot be read to its end."""

    key = "photo.broken"


class PhotoIsHeic(NotAPhoto):
    """An iPhone's HEIC, which needs a patented decoder that we do not ship."""

    key = "photo.heic"


class PhotoTooLarge(BadPhoto):
    """More pixels than we open: facts `megapixels` and `most`."""

    key = "photo.too_large"


class PhotoTooLong(PhotoTooLarge):
    """A side longer than we open: facts `side` and `most`."""

    key = "photo.too_long"


class PhotoTooHeavy(PhotoTooLarge):
    """More megabytes than we take: facts `megabytes` and `most`."""

    key = "photo.too_heavy"


class PhotoTooSmall(BadPhoto):
    """So few pixels that nothing can be seen in it: facts `width` and `height`."""

    key = "photo.too_small"


@dataclass(frozen=True)
class Master:
    """A clean sRGB JPEG of at most 2,000 px; `colour` is its mean as #rrggbb, `focus` what matters in it (0..1 from left and top)."""

    jpeg: bytes
    sha256: str
    width: int
    height: int
    colour: str
    focus: tuple[float, float]


def master(data: bytes) -> Master:
    """An upload made a master: upright, sRGB, without EXIF, GPS or comment. Raises NotAPhoto, PhotoTooLarge or one of their kinds."""
    if len(data) > MOST_BYTES:
        raise PhotoTooHeavy(megabytes=-(-len(data) // 1_048_576), most=MOST_BYTES // 1_048_576)
    with _one_big_decode:
        try:
            picture = _upright(_decoded(data))
        except BadPhoto:
            raise
        except Exception as error:  # decoders raise what they like on hostile bytes: struct.error, SyntaxError, MemoryError ...
            raise PhotoBroken from error
    jpeg = _jpeg(picture, 88)
    return Master(jpeg, hashlib.sha256(jpeg).hexdigest(), *picture.size, colour(picture), focal_point(picture))


def grey(jpeg: bytes) -> tuple[int, bytes]:
    """(width, one byte of brightness a pixel, row by row) of a master: what a reader of codes looks at."""
    with Image.open(io.BytesIO(jpeg)) as image:
        return image.width, image.convert("L").tobytes()


def derive(jpeg: bytes, width: int, kind: str) -> bytes:
    """A master made `width` pixels wide, never wider than it is; `kind` is jpeg, avif or webp."""
    encode = _ENCODERS[kind]
    with Image.open(io.BytesIO(jpeg)) as image:
        return encode(_fitted(image, min(width, image.width)))


def in_a_feed(jpeg: bytes, width: int, quality: int) -> bytes:
    """What a feed makes of a finished picture: smaller and coarser."""
    with Image.open(io.BytesIO(jpeg)) as image:
        height = max(1, round(image.height * width / image.width))
        return _jpeg(image.convert("RGB").resize((width, height), Image.Resampling.BICUBIC), quality)


def _fitted(image: Image.Image, width: int) -> Image.Image:
    height = max(1, round(image.height * width / image.width))
    image.draft("RGB", (width, height))
    picture = image.convert("RGB")
    return picture if picture.size == (width, height) else picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def crop_box(size: tuple[int, int], focus: tuple[float, float], ratio: float) -> tuple[int, int, int, int]:
    """The largest box of width/height = `ratio` inside `size`, its middle as near to the focal point as the edges let it."""
    width, height = size
    return box_around(size, focus, (width, round(width / ratio)) if width / height < ratio else (round(height * ratio), height))


def box_around(size: tuple[int, int], focus: tuple[float, float], wanted: tuple[int, int]) -> tuple[int, int, int, int]:
    """A box of the wanted width and height inside `size`, its middle as near to the focal point as the edges let it."""
    width, height = size
    wide, high = max(1, min(wanted[0], width)), max(1, min(wanted[1], height))
    left = round(min(max(focus[0] * width - wide / 2, 0), width - wide))
    top = round(min(max(focus[1] * height - high / 2, 0), height - high))
    return left, top, left + wide, top + high


def colour(picture: Image.Image) -> str:
    """The mean colour of an RGB picture as #rrggbb: what a page shows while the photo is on its way."""
    red, green, blue = ImageStat.Stat(picture.resize((16, 16), Image.Resampling.BOX, reducing_gap=2.0)).mean
    return f"#{round(red):02x}{round(green):02x}{round(blue):02x}"


def focal_point(picture: Image.Image) -> tuple[float, float]:
    """Where the eye goes, guessed: what differs in colour from the whole and in detail from its surroundings, near the middle first."""
    thumb = picture.resize(_thumb_size(picture.size), Image.Resampling.BOX, reducing_gap=2.0)
    soft = thumb.filter(ImageFilter.GaussianBlur(1.5))
    mean = Image.new("RGB", thumb.size, tuple(round(v) for v in ImageStat.Stat(thumb).mean[:3]))
    unlike_all = _brightest(ImageChops.difference(soft, mean))
    unlike_near = _brightest(ImageChops.difference(soft, thumb.filter(ImageFilter.GaussianBlur(9))))
    edges = _edges(thumb.convert("L")).filter(ImageFilter.GaussianBlur(3))
    energy = ImageChops.add(ImageChops.add(unlike_all, unlike_near, 2), edges, 2).filter(ImageFilter.GaussianBlur(2))
    return _centre_of(energy)


def _thumb_size(size: tuple[int, int]) -> tuple[int, int]:
    longest = max(size)
    return max(8, round(64 * size[0] / longest)), max(8, round(64 * size[1] / longest))


def _edges(grey: Image.Image) -> Image.Image:
    found = Image.new("L", grey.size)  # the filter leaves the outermost pixels as they were: not edges at all
    found.paste(grey.filter(ImageFilter.FIND_EDGES).crop((1, 1, grey.width - 1, grey.height - 1)), (1, 1))
    return found


def _brightest(picture: Image.Image) -> Image.Image:
    red, green, blue = picture.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _centre_of(energy: Image.Image) -> tuple[float, float]:
    wide, high = energy.size
    floor = ImageStat.Stat(energy).mean[0]
    total = 1e-9
    across = down = total / 2
    for place, value in enumerate(energy.tobytes()):
        y, x = divmod(place, wide)
        u, v = (x + 0.5) / wide, (y + 0.5) / high
        weight = max(0.0, value - floor) ** 2 * math.exp(-((u - 0.5) ** 2 + (v - 0.5) ** 2) / 0.11)
        total += weight
        across += weight * u
        down += weight * v
    return round(across / total, 3), round(down / total, 3)


def _decoded(data: bytes) -> Image.Image:
    """The pixels at no more than about twice the master's size, after the header was judged."""
    image = _opened(data)
    width, height = image.size
    if max(width, height) > MOST_SIDE:
        raise PhotoTooLong(side=max(width, height), most=MOST_SIDE)
    if width * height > MOST_PIXELS:
        raise PhotoTooLarge(megapixels=-(-width * height // 1_000_000), most=MOST_PIXELS // 1_000_000)
    if min(width, height) < LEAST_SIDE:
        raise PhotoTooSmall(width=width, height=height)
    scale = min(1.0, LONG_SIDE / max(width, height))
    image.draft("RGB", (round(width * scale), round(height * scale)))
    image.load()
    return image


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise PhotoTooLarge(megapixels=MOST_PIXELS // 500_000, most=MOST_PIXELS // 1_000_000) from error
    except UnidentifiedImageError as error:
        if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
            raise PhotoIsHeic from error
        raise NotAPhoto from error


def _upright(image: Image.Image) -> Image.Image:
    turn = _TURNS.get(_orientation(image))
    profile = image.info.get("icc_profile")
    picture = _eight_bit(image)
    if max(picture.size) > LONG_SIDE:
        picture = picture.copy()
        picture.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    picture = _srgb(picture, profile)
    return picture.transpose(turn) if turn is not None else picture


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # a broken EXIF block is no reason to lose the photo
        return 1


def _eight_bit(image: Image.Image) -> Image.Image:
    """L, RGB or CMYK without transparency; what was see-through becomes white, as on a shop's page."""
    if image.mode.startswith("I"):  # 16-bit grey: convert("L") would clip instead of scale
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.mode in ("L", "RGB", "CMYK") and "transparency" not in image.info:
        return image
    seen = image.convert("RGBA")
    white = Image.new("RGB", seen.size, "white")
    white.paste(seen, mask=seen.getchannel("A"))
    return white


def _srgb(picture: Image.Image, profile: object) -> Image.Image:
    if isinstance(profile, bytes) and profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(picture, source, _SRGB, outputMode="RGB")
            if turned is not None:
                return turned
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a profile that does not fit its picture: its numbers are then read as sRGB
    return picture.convert("RGB")


_SRGB = ImageCms.createProfile("sRGB")


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    picture.info.clear()  # Pillow would write a comment it had read
    return _saved(picture, "JPEG", quality=quality)


def _saved(picture: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


_ENCODERS: dict[str, Callable[[Image.Image], bytes]] = {
    "jpeg": lambda picture: _jpeg(picture, 80),
    "avif": lambda picture: _saved(picture, "AVIF", quality=50, speed=7),
    "webp": lambda picture: _saved(picture, "WEBP", quality=76, method=4),
}
