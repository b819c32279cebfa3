"""Every word on every poster can be read, whatever lies behind it: 4.5:1, measured on the finished picture and not on its recipe."""

import dataclasses
import io
import random
from collections.abc import Callable

import making
import pytest
from PIL import Image, ImageChops, ImageDraw

from promo import colours, layout, posters, templates
from promo.layout import Words

LIGHT = [colours.linear(value) for value in range(256)]
STROKE = 6  # pixels: about a stroke of a letter; a speck smaller than that hides no word
NBSP = "\u00a0"
NAMES = [*templates.names(), *templates.names("slide")]


def snow(_: random.Random) -> Image.Image:
    return Image.new("RGB", (1200, 900), "#ffffff")


def night(_: random.Random) -> Image.Image:
    return Image.new("RGB", (1200, 900), "#05060a")


def noise(_: random.Random) -> Image.Image:
    return Image.effect_noise((1200, 900), 120).convert("RGB")


def sky(_: random.Random) -> Image.Image:
    return Image.merge(
        "RGB", [Image.linear_gradient("L").resize((900, 1200)).point(lambda v, low=low: low + v // 3) for low in (140, 165, 170)]
    )


def stripes(_: random.Random) -> Image.Image:
    picture = Image.new("RGB", (1200, 900), "black")
    for x in range(0, 1200, 80):
        picture.paste("white", (x, 0, x + 40, 900))
    return picture


def lamps(chance: random.Random) -> Image.Image:
    picture = Image.new("RGB", (900, 1200), "#20140c")
    for _ in range(40):
        x, y, r = chance.randrange(900), chance.randrange(1200), chance.randrange(10, 90)
        ImageDraw.Draw(picture).ellipse((x - r, y - r, x + r, y + r), fill=(255, 250, chance.randrange(120, 255)))
    return picture


def meadow(chance: random.Random) -> Image.Image:
    hue = Image.new("RGB", (1200, 900), (chance.randrange(256), chance.randrange(256), chance.randrange(256)))
    return ImageChops.overlay(hue, Image.effect_noise((1200, 900), 90).convert("RGB"))


def squares(chance: random.Random) -> Image.Image:
    tiny = Image.new("RGB", (chance.randrange(2, 40), chance.randrange(2, 40)))
    tiny.putdata([tuple(chance.choice((0, 255, chance.randrange(256))) for _ in range(3)) for _ in range(tiny.width * tiny.height)])
    return tiny.resize((1200, 900), chance.choice((Image.Resampling.NEAREST, Image.Resampling.BICUBIC)))


def haze(chance: random.Random) -> Image.Image:
    ground = Image.linear_gradient("L").resize((1200, 900)).rotate(chance.choice((0, 90, 180, 270)))
    low = [chance.randrange(256) for _ in range(3)]
    return Image.merge("RGB", [ground.point(lambda v, a=a: min(255, a + v * (255 - a) // 255)) for a in low])


PHOTOS: list[Callable[[random.Random], Image.Image]] = [snow, night, noise, sky, stripes, lamps, meadow, squares, haze]


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()


def brand(chance: random.Random) -> posters.Brand:
    """Colours as a village may choose them, unreadable ones too."""
    any_colour = [f"#{chance.randrange(1 << 24):06x}" for _ in range(4)]
    return posters.Brand(*any_colour, pattern=chance.choice(("kawung", "parang", "mega")))


def facts(photo: bytes | None) -> posters.Facts:
    return posters.Facts(
        title="Keripik apel Manalagi iris tipis",
        price_text=f"Rp{NBSP}22.000",
        unit="bungkus 100 g",
        village="Wonorejo",
        tagline="Hasil lereng",
        maker="Kelompok Ibu Sri",
        kicker="Panen pekan ini",
        badge="Tinggal 6",
        body="Diiris dengan kulitnya, digoreng setiap Senin.",
        link_text="wonorejo.id/Q/7K2M9P",
        photo=photo,
        entries=(posters.Entry("Keripik", 22_000, f"Rp{NBSP}22.000", "bungkus", photo=photo), posters.Entry("Madu hutan", photo=photo)),
        page="2/6",
    )


def behind_words(arranged: layout.Layout, given: posters.Facts, kit: posters.Brand) -> tuple[Image.Image, list[Words]]:
    """The finished picture as a JPEG shows it, with every line of text left out; and those lines."""
    bare = dataclasses.replace(arranged, marks=tuple(mark for mark in arranged.marks if not isinstance(mark, Words)))
    picture, _ = posters.paint(bare, given, kit)
    shown = Image.open(io.BytesIO(jpeg(picture))).convert("RGB")
    return shown, [mark for mark in arranged.marks if isinstance(mark, Words)]


def contrast(picture: Image.Image, words: Words) -> float:
    """The contrast of a line against the worst fiftieth of what lies behind it."""
    left, top, right, bottom = (round(edge) for edge in words.box)
    cells = picture.crop((left, top, right, bottom)).reduce(STROKE).tobytes()
    lights = sorted(
        0.2126 * LIGHT[red] + 0.7152 * LIGHT[green] + 0.0722 * LIGHT[blue] for red, green, blue in zip(*[iter(cells)] * 3, strict=True)
    )
    own, spare = colours.luminance(words.colour), len(lights) // 50
    worst = min(lights[spare], lights[-1 - spare], key=lambda light: ratio(own, light))
    return ratio(own, worst)


def ratio(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@pytest.mark.parametrize("form", list(posters.FORMATS))
@pytest.mark.parametrize("template", NAMES)
def test_words_stand_out_on_any_photo_in_any_brand(template: str, form: str) -> None:
    chance = random.Random(f"{template} {form}")
    on_photo = any(layer.type == "text" and layer.on == "photo" for layer in templates.load(template).layers)
    for make in (*chance.sample(PHOTOS, 2), snow, None) if on_photo else (chance.choice(PHOTOS), None):
        given = facts(jpeg(make(chance)) if make else None)
        kit = brand(chance)
        arranged = layout.arrange(templates.load(template), given, kit, form)
        picture, lines = behind_words(arranged, given, kit)
        assert lines
        for words in lines:
            assert contrast(picture, words) >= colours.READABLE - 0.05, (words.text, words.colour, kit, make)


@pytest.mark.torture
@pytest.mark.timeout(3_600)
def test_white_words_stand_out_on_200_photos_in_20_kits() -> None:
    kits = [brand(random.Random(f"kit {number}")) for number in range(20)]
    for number in range(making.rounds(12, 200)):
        chance = random.Random(f"photo {number}")
        data = jpeg(PHOTOS[number % len(PHOTOS)](chance))
        given = dataclasses.replace(facts(data), focus=(chance.random(), chance.random()))
        for kit in kits if making.LONG else chance.sample(kits, 3):
            arranged = layout.arrange(templates.load("foto-penuh"), given, kit, chance.choice(list(posters.FORMATS)))
            picture, lines = behind_words(arranged, given, kit)
            for words in lines:
                assert contrast(picture, words) >= colours.READABLE - 0.05, (number, kit, words)
