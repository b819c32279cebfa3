"""A dim picture is made brighter, within bounds; a good one keeps every byte."""

import io
import random
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageStat

from promo import corrections, photos

SAMPLES = sorted((Path(__file__).parent.parent.parent / "assets" / "samples" / "photos").glob("*.jpg"))


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


def sample(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.draft("RGB", (500, 500))
        return image.convert("RGB")


def under_a_weak_bulb(picture: Image.Image, stops: float) -> Image.Image:
    """The same with so many stops less light, as a sensor sees it."""
    linear = [((value / 255) ** 2.2) * 0.5**stops for value in range(256)]
    return picture.point([round(255 * light ** (1 / 2.2)) for light in linear] * 3)


def generated(seed: int) -> Image.Image:
    """A well-lit picture of something: any ground, things on it, a light."""
    chance = random.Random(seed)
    ground = Image.linear_gradient("L").resize((400, 300)).rotate(chance.choice((0, 180)))
    tones = [(chance.randrange(20, 120), chance.randrange(170, 256)) for _ in range(3)]
    picture = Image.merge("RGB", [ground.point(lambda v, a=a, b=b: round(a + (b - a) * v / 255)) for a, b in tones])
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y, r = chance.randrange(400), chance.randrange(300), chance.randrange(10, 80)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=tuple(chance.randrange(256) for _ in range(3)))
    return ImageChops.overlay(picture.filter(ImageFilter.GaussianBlur(2)), Image.effect_noise((400, 300), 20).convert("RGB"))


def brightness(data: bytes) -> float:
    with Image.open(io.BytesIO(data)) as image:
        return ImageStat.Stat(image.convert("L")).mean[0]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_good_photo_keeps_every_byte(path: Path) -> None:
    data = jpeg(sample(path))
    assert corrections.corrected(data) == (data, False)
    assert not corrections.is_dim(data)


def test_a_hundred_generated_good_pictures_keep_every_byte() -> None:
    for seed in range(100):
        data = jpeg(generated(seed))
        assert corrections.corrected(data) == (data, False), seed


@pytest.mark.parametrize("stops", [2.5, 3.5])
@pytest.mark.parametrize("path", SAMPLES[::4], ids=lambda path: path.stem)
def test_a_dim_photo_comes_nearer_to_what_it_was_in_good_light(path: Path, stops: float) -> None:
    good = sample(path)
    dim = jpeg(under_a_weak_bulb(good, stops))
    mended, changed = corrections.corrected(dim)
    assert changed
    assert abs(brightness(mended) - brightness(jpeg(good))) < 0.7 * abs(brightness(dim) - brightness(jpeg(good)))
    assert brightness(mended) <= 3.2 * brightness(dim)  # bounded: night stays night


def test_nothing_is_burnt_out_and_no_colour_is_turned() -> None:
    good = sample(SAMPLES[0])
    dim = under_a_weak_bulb(good, 3)
    ImageDraw.Draw(dim).ellipse((10, 10, 26, 26), fill="#ffd9a0")  # a small lamp in the picture
    mended, changed = corrections.corrected(jpeg(dim))
    assert changed
    with Image.open(io.BytesIO(mended)) as image:
        bars = image.convert("L").histogram()
        assert sum(bars[250:]) < 0.01 * sum(bars)
        red, green, blue = ImageStat.Stat(image).mean
    was = ImageStat.Stat(dim).mean
    order = sorted(range(3), key=lambda n: was[n])
    assert sorted(range(3), key=lambda n: (red, green, blue)[n]) == order


@pytest.mark.parametrize(
    "picture",
    [Image.new("RGB", (64, 64), shade) for shade in ("#000000", "#101010", "#404040", "#808080", "#ffffff")],
    ids=["black", "lens cap", "one dark tone", "one grey", "white"],
)
def test_what_has_no_picture_in_it_is_left_alone(picture: Image.Image) -> None:
    assert not corrections.is_dim(jpeg(picture))


def test_a_candle_in_the_night_is_meant_to_be_dark() -> None:
    night = Image.new("RGB", (300, 300), "#0b0806")
    ImageDraw.Draw(night).ellipse((120, 100, 180, 200), fill="#ffe7b0")
    assert not corrections.is_dim(jpeg(night))


def test_what_was_corrected_once_is_not_corrected_again() -> None:
    for path in SAMPLES[::6]:
        once, changed = corrections.corrected(jpeg(under_a_weak_bulb(sample(path), 2.5)))
        assert changed
        assert corrections.corrected(once) == (once, False)


@pytest.mark.parametrize("focus", [(0.02, 0.5), (0.98, 0.03), (0.5, 0.99), (0.31, 0.77)])
@pytest.mark.parametrize("size", [(2000, 1500), (1125, 2000), (2000, 400), (333, 333)])
@pytest.mark.parametrize("ratio", [1.0, 0.8, 9 / 16, 1200 / 630, 3.4])
def test_the_focal_point_is_inside_every_crop(focus: tuple[float, float], size: tuple[int, int], ratio: float) -> None:
    left, top, right, bottom = photos.crop_box(size, focus, ratio)
    assert 0 <= left <= focus[0] * size[0] <= right <= size[0]
    assert 0 <= top <= focus[1] * size[1] <= bottom <= size[1]
    assert (right - left) / (bottom - top) == pytest.approx(ratio, rel=0.01)
