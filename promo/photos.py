"""A photo as it comes from a phone, made into one clean master copy, and the master made into the sizes that pages and posters use."""

import hashlib
import io
import math
import threading
import warnings
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageCms, ImageFilter, ImageOps

HEAVIEST = 15 * 1024 * 1024  # bytes of an upload
MOST_PIXELS = 50_000_000
LONGEST_UPLOAD = 12_000
LONGEST = 2_000  # the master's longer side: enough for every poster, small enough to decode in a few milliseconds
FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "AVIF", "GIF")
KINDS = ("jpeg", "webp", "avif")
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_SRGB = ImageCms.createProfile("sRGB")
_one_at_a_time = threading.Lock()  # a 50-megapixel picture takes 150 MB while it is open: two uploads must not add up

warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # the size is checked here, before a pixel is read


class BadPicture(Exception):
    """A photo that cannot be used; `key` names the sentence for a person and `facts` fill it."""

    key = "photo.broken"

    def __init__(self, **facts: object) -> None:
        super().__init__(self.key)
        self.facts = facts


class NotAPicture(BadPicture):
    """The bytes are no picture of a kind we read."""

    key = "photo.not_a_photo"


class BrokenPhoto(BadPicture):
    """It begins like a picture but cannot be read to its end."""

    key = "photo.broken"


class PhotoTooHeavy(BadPicture):
    """More bytes than an upload may have."""

    key = "photo.too_heavy"


class PhotoTooLarge(BadPicture):
    """More pixels than an upload may have."""

    key = "photo.too_large"


class PhotoTooLong(BadPicture):
    """One side is longer than an upload may have."""

    key = "photo.too_long"


class PhotoTooSmall(BadPicture):
    """So few pixels that nothing can be seen on it."""

    key = "photo.too_small"


class HeicPhoto(BadPicture):
    """The iPhone's own format, which this machine cannot read."""

    key = "photo.heic"


@dataclass(frozen=True)
class Master:
    """The one copy that is kept: a plain sRGB JPEG without a word about who took it, where and with what."""

    jpeg: bytes
    sha256: str
    width: int
    height: int
    colour: str  # the mean, "#rrggbb": what a page shows while the picture loads
    focus: tuple[float, float]  # where the subject seems to be, 0..1 from the left and the top


def master(data: bytes) -> Master:
    """The master copy of an upload; one of the BadPictures above when it cannot be made."""
    if len(data) > HEAVIEST:
        raise PhotoTooHeavy(megabytes=-(-len(data) // 1_048_576), most=HEAVIEST // 1_048_576)
    with _one_at_a_time:
        image = read(data, LONGEST)
    if max(image.size) > LONGEST:
        image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS, reducing_gap=2.0)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88, optimize=True)
    jpeg = buffer.getvalue()
    return Master(jpeg, hashlib.sha256(jpeg).hexdigest(), image.width, image.height, mean_colour(image), guess_focus(image))


def read(data: bytes, longest: int = LONGEST) -> Image.Image:
    """Any upload as an upright sRGB picture in mode RGB, at least `longest` on its longer side where it has that many pixels."""
    image = _open(data)
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise PhotoTooLarge(megapixels=round(width * height / 1e6), most=MOST_PIXELS // 1_000_000)
    if max(width, height) > LONGEST_UPLOAD:
        raise PhotoTooLong(side=max(width, height), most=LONGEST_UPLOAD)
    if min(width, height) < 16:
        raise PhotoTooSmall(width=width, height=height)
    try:
        if max(width, height) > longest:
            shrink = longest / max(width, height)
            image.draft(None, (round(width * shrink), round(height * shrink)))
        image.load()
        upright = ImageOps.exif_transpose(image)
        plain = _srgb(upright)
    except Exception as problem:  # decoders raise whatever they like on hostile bytes
        raise BrokenPhoto from problem
    plain.info.clear()
    return plain


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as problem:
        raise PhotoTooLarge(megapixels="> 178", most=MOST_PIXELS // 1_000_000) from problem
    except Exception as problem:
        if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
            raise HeicPhoto from problem
        raise NotAPicture from problem


def _srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        image = image.convert("F").point(lambda value: value * (1 / 257) + 0).convert("L")
    elif image.mode in ("P", "PA", "LA", "La", "RGBa") or (image.mode in ("RGB", "L", "1") and "transparency" in image.info):
        image = image.convert("RGBA")
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    if profile and image.mode in ("RGB", "L", "CMYK"):
        image = _by_profile(image, profile)
    return image.convert("RGB") if image.mode != "RGB" else image.copy()


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        converted = ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # a broken or foreign profile: the colours as they are stand better than no photo
    return converted if converted is not None else image


def mean_colour(image: Image.Image) -> str:
    """The mean colour of an RGB picture as "#rrggbb"."""
    pixel = image.resize((1, 1), Image.Resampling.BOX, reducing_gap=1.0).tobytes()
    return f"#{pixel.hex()}"


def guess_focus(image: Image.Image) -> tuple[float, float]:
    """Where the subject of an RGB picture seems to be, as parts of its width and height: what differs from the rim in colour and has edges."""
    thumb = image.resize(_thumb_size(image.size), Image.Resampling.BOX, reducing_gap=1.0).filter(ImageFilter.GaussianBlur(0.8))
    width, height = thumb.size
    rim = Image.new("RGB", thumb.size)
    rim.paste(thumb.crop((0, 0, width, 2)).resize((1, 1), Image.Resampling.BOX).resize((width, height // 2)), (0, 0))
    rim.paste(
        thumb.crop((0, height - 2, width, height)).resize((1, 1), Image.Resampling.BOX).resize((width, height - height // 2)),
        (0, height // 2),
    )
    apart = ImageChops.difference(thumb, rim.filter(ImageFilter.GaussianBlur(height / 6)))
    red, green, blue = apart.split()
    colour = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    edges = thumb.convert("L").filter(ImageFilter.FIND_EDGES)
    edges = ImageOps.expand(edges.crop((1, 1, width - 1, height - 1)), 1, 0).filter(ImageFilter.GaussianBlur(2.5))
    energy = ImageChops.add(colour.filter(ImageFilter.GaussianBlur(1.5)), edges.point(lambda value: min(255, value * 2)), scale=2.0)
    values = energy.tobytes()
    total = across = down = 0.0
    for row in range(height):
        for column in range(width):
            x, y = (column + 0.5) / width, (row + 0.5) / height
            middle = 1.0 - 0.7 * ((x - 0.5) ** 2 + (y - 0.5) ** 2) / 0.5  # people put what matters near the middle
            weight = values[row * width + column] ** 3 * middle
            total += weight
            across += weight * x
            down += weight * y
    if total <= 0:
        return 0.5, 0.5
    return round(across / total, 3), round(down / total, 3)


def _thumb_size(size: tuple[int, int]) -> tuple[int, int]:
    longest = max(size)
    return max(8, round(64 * size[0] / longest)), max(8, round(64 * size[1] / longest))


def derive(jpeg: bytes, width: int, kind: str) -> bytes:
    """A smaller copy of a master, `width` pixels wide at most and never enlarged, as "jpeg", "webp" or "avif"."""
    if kind not in KINDS:
        raise ValueError(f"no such kind of picture: {kind}")
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        width = min(width, image.width)
        height = max(1, round(image.height * width / image.width))
        image.draft("RGB", (width, height))
        small = image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    buffer = io.BytesIO()
    if kind == "jpeg":
        small.save(buffer, "JPEG", quality=78, optimize=True, progressive=True)
    elif kind == "webp":
        small.save(buffer, "WEBP", quality=78, method=4)
    else:
        small.save(buffer, "AVIF", quality=50, speed=6)
    return buffer.getvalue()


def crop_box(size: tuple[int, int], focus: tuple[float, float], ratio: float) -> tuple[int, int, int, int]:
    """The largest part of a picture with `ratio` = width / height that has the focus as near its middle as the edges allow: left, top, right, bottom."""
    width, height = size
    if width / height > ratio:
        wide, high = max(1, round(height * ratio)), height
    else:
        wide, high = width, max(1, round(width / ratio))
    wide, high = min(wide, width), min(high, height)
    left = min(max(round(focus[0] * width - wide / 2), 0), width - wide)
    top = min(max(round(focus[1] * height - high / 2), 0), height - high)
    return left, top, left + wide, top + high
