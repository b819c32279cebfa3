"""Uploads become clean masters, or are refused with a sentence."""

import io
import random
import re
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, ImageCms, ImageDraw

from promo import photos
from storefront import languages

Bytes = Callable[[], bytes]


def saved(picture: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def orchard(size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Green ground with one red apple right of the middle."""
    picture = Image.new("RGB", size, (70, 110, 60))
    x, y, r = size[0] * 0.7, size[1] * 0.5, min(size) * 0.16
    ImageDraw.Draw(picture).ellipse((x - r, y - r, x + r, y + r), fill=(200, 30, 40))
    return picture


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg))


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises more pixels than a machine has memory for, in 60 bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0" * 64))
    )


REFUSED: list[tuple[str, Bytes, type[photos.BadPhoto], str]] = [
    ("nothing at all", lambda: b"", photos.NotAPhoto, "photo.not_a_photo"),
    ("a text", lambda: b"halo, ini bukan foto", photos.NotAPhoto, "photo.not_a_photo"),
    ("an SVG named .jpg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", photos.NotAPhoto, "photo.not_a_photo"),
    ("a PDF", lambda: b"%PDF-1.7\n1 0 obj<<>>endobj", photos.NotAPhoto, "photo.not_a_photo"),
    ("a page", lambda: b"GIF is what this page is about <html><script>alert(1)</script>", photos.NotAPhoto, "photo.not_a_photo"),
    ("a TIFF", lambda: saved(orchard(), "TIFF"), photos.NotAPhoto, "photo.not_a_photo"),
    ("an iPhone's HEIC", lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", photos.PhotoIsHeic, "photo.heic"),
    ("half a JPEG", lambda: saved(orchard(), quality=95)[:5000], photos.PhotoBroken, "photo.broken"),
    ("a PNG cut short", lambda: saved(Image.effect_noise((300, 300), 90), "PNG")[:9000], photos.PhotoBroken, "photo.broken"),
    ("a JPEG head with nothing behind", lambda: saved(orchard())[:400], photos.PhotoBroken, "photo.broken"),
    ("100 megapixels in 300 KB", lambda: saved(Image.new("RGB", (10_000, 10_000)), "PNG"), photos.PhotoTooLarge, "photo.too_large"),
    ("a bomb's header", lambda: png_header(60_000, 60_000), photos.PhotoTooLarge, "photo.too_large"),
    ("a ribbon", lambda: saved(Image.new("L", (12_001, 20)), "PNG"), photos.PhotoTooLong, "photo.too_long"),
    ("one pixel", lambda: saved(Image.new("L", (1, 1)), "PNG"), photos.PhotoTooSmall, "photo.too_small"),
    ("16 megabytes", lambda: saved(orchard()) + b"\0" * (16 << 20), photos.PhotoTooHeavy, "photo.too_heavy"),
]


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")  # the product ignores it; pytest turns it on again
@pytest.mark.parametrize(("data", "error", "key"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_no_usable_photo_is_refused_with_a_sentence_in_every_language(data: Bytes, error: type[photos.BadPhoto], key: str) -> None:
    with pytest.raises(error) as caught:
        photos.master(data())
    assert isinstance(caught.value, photos.BadPhoto)
    assert caught.value.key == key
    for code in languages.known():
        assert "{" not in languages.say(code, key, **caught.value.facts)


def test_hostile_bytes_are_refused_and_never_break_anything() -> None:
    chance = random.Random(4)
    whole = [saved(orchard(), form) for form in ("JPEG", "PNG", "WEBP", "GIF", "AVIF")]
    outcomes = set()
    for number in range(250):
        data = bytearray(whole[number % len(whole)])
        for _ in range(chance.randrange(1, 30)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            outcomes.add(max(opened(photos.master(bytes(data)).jpeg).size) <= photos.LONG_SIDE)
        except photos.BadPhoto:
            outcomes.add("refused")
    assert outcomes == {True, "refused"}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "MPO"])
def test_every_usual_format_becomes_a_plain_jpeg(form: str) -> None:
    master = photos.master(saved(orchard(), form))
    picture = opened(master.jpeg)
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (640, 480))
    assert (master.width, master.height) == (640, 480)


def test_only_the_first_picture_of_a_moving_one_is_kept() -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    master = photos.master(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert opened(master.jpeg).getpixel((30, 30))[0] > 200  # type: ignore[index]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_phone_held_in_any_way_gives_an_upright_photo(orientation: int) -> None:
    upright = Image.new("RGB", (320, 240), "black")
    upright.paste("red", (0, 0, 100, 80))  # the corner that must end up at the top left
    exif = Image.Exif()
    exif[0x0112] = orientation
    held = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transposition that undoes what the viewer will do
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(held[orientation]))
    picture = opened(photos.master(saved(stored, exif=exif, quality=95)).jpeg)
    assert picture.size == (320, 240)
    red, green, _ = picture.getpixel((20, 20))  # type: ignore[misc]
    assert red > 200 > 60 > green


def test_nothing_private_stays_in_the_master() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRETPHONE"
    exif.get_ifd(0x8825)[1] = "SECRETGPS"
    data = saved(
        orchard(), exif=exif, comment=b"SECRETCOMMENT", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    )
    assert data.count(b"SECRET") >= 2
    master = photos.master(data)
    assert b"SECRET" not in master.jpeg
    assert not opened(master.jpeg).getexif()
    assert set(opened(master.jpeg).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}


def test_what_hangs_behind_a_picture_is_gone() -> None:
    master = photos.master(saved(orchard()) + b"PK\x03\x04<script>alert(1)</script>")
    assert b"script" not in master.jpeg
    assert b"PK\x03\x04" not in master.jpeg


def test_a_large_photo_is_made_two_thousand_pixels_wide() -> None:
    master = photos.master(saved(orchard((4000, 3000))))
    assert (master.width, master.height) == (2000, 1500)


def test_the_same_upload_gives_the_same_master() -> None:
    data = saved(orchard((2400, 1800)))
    assert photos.master(data) == photos.master(data)


def pixel(data: bytes, at: tuple[int, int]) -> tuple[int, ...]:
    found = opened(photos.master(data).jpeg).getpixel(at)
    assert isinstance(found, tuple)
    return found


def test_a_cmyk_photo_keeps_its_colours() -> None:
    red, green, blue = pixel(saved(Image.new("CMYK", (80, 80), (0, 255, 255, 0))), (40, 40))
    assert red > 200
    assert green < 60
    assert blue < 60


def swapped_profile() -> bytes:
    """A valid profile of a camera that calls red what sRGB calls green."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"____", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"____", b"gXYZ", 1)


def test_a_colour_profile_is_followed_into_srgb() -> None:
    red, green, _ = pixel(saved(Image.new("RGB", (80, 80), (200, 40, 40)), icc_profile=swapped_profile()), (40, 40))
    assert green > 150 > 90 > red


@pytest.mark.parametrize("profile", [b"no profile at all", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()])
def test_a_profile_that_is_broken_or_of_another_kind_changes_nothing(profile: bytes) -> None:
    assert pixel(saved(orchard(), icc_profile=profile), (5, 5)) == pytest.approx((70, 110, 60), abs=4)


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    ramp = Image.linear_gradient("L").convert("I").point(lambda value: value * 257).convert("I;16")
    data = saved(ramp, "PNG")
    assert [pixel(data, (9, y))[0] for y in (0, 64, 128, 250)] == pytest.approx([0, 64, 128, 250], abs=4)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "L"])
def test_every_mode_of_a_png_becomes_a_photo_on_white(mode: str) -> None:
    clear = Image.new("RGBA", (80, 80), (0, 0, 0, 0)).convert(mode)
    options = {"transparency": clear.getpixel((0, 0))} if mode in ("P", "L") else {}
    expected = (0, 0, 0) if mode == "1" else (255, 255, 255)
    assert pixel(saved(clear, "PNG", **options), (40, 40)) == pytest.approx(expected, abs=3)


def test_the_focal_point_is_where_the_apple_is() -> None:
    x, y = photos.master(saved(orchard())).focus
    assert (x, y) == pytest.approx((0.7, 0.5), abs=0.12)


def test_an_empty_picture_has_its_focal_point_in_the_middle() -> None:
    assert photos.master(saved(Image.new("RGB", (300, 200), "grey"))).focus == (0.5, 0.5)


def test_the_mean_colour_is_written_as_on_the_web() -> None:
    colour = photos.master(saved(Image.new("RGB", (300, 200), "#336699"), quality=95)).colour
    assert re.fullmatch(r"#3[2-4]6[5-7]9[89a]", colour)


@pytest.mark.parametrize(("kind", "form"), [("jpeg", "JPEG"), ("avif", "AVIF"), ("webp", "WEBP")])
def test_smaller_copies_come_in_each_kind_and_are_never_enlarged(kind: str, form: str) -> None:
    master = photos.master(saved(orchard((900, 600))))
    small, large = (opened(photos.derive(master.jpeg, width, kind)) for width in (320, 1200))
    assert (small.format, small.size) == (form, (320, 213))
    assert large.size == (900, 600)


@pytest.mark.parametrize("size", [(1600, 1200), (1200, 1600), (777, 333), (16, 2000)])
def test_a_crop_has_its_shape_stays_inside_and_holds_the_focal_point(size: tuple[int, int]) -> None:
    chance = random.Random(7)
    for _ in range(300):
        focus, ratio = (chance.random(), chance.random()), chance.choice((1, 0.8, 9 / 16, 1200 / 630))
        left, top, right, bottom = photos.crop_box(size, focus, ratio)
        assert 0 <= left < right <= size[0]
        assert 0 <= top < bottom <= size[1]
        assert left - 1 <= focus[0] * size[0] <= right + 1
        assert top - 1 <= focus[1] * size[1] <= bottom + 1
        assert right - left == size[0] or bottom - top == size[1]
        assert abs((right - left) - (bottom - top) * ratio) <= max(1, ratio)
