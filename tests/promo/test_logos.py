"""A logo of any kind is drawn, or a sentence says why not; a kit is made out of its colours. None of it trusts the file."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from promo import colours, logos, posters
from promo.colours import Brand

SAMPLES = Path(__file__).parent.parent.parent / "assets" / "samples"
GOOD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100"><rect width="200" height="100" fill="{colour}"/></svg>'


def svg(inside: str, head: str = "") -> bytes:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'{head}<svg {names} viewBox="0 0 9 9">{inside}</svg>'.encode()


def png(size: tuple[int, int], colour: str = "red", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, "PNG")
    return out.getvalue()


def test_an_svg_is_drawn_as_large_as_it_is_wanted_and_in_its_own_shape() -> None:
    picture, warning = logos.opened(GOOD.format(colour="#c0392b").encode(), 300)
    assert picture is not None
    assert (picture.size, warning) == ((300, 150), "")
    assert picture.convert("RGB").getpixel((150, 75)) == (192, 57, 43)


@pytest.mark.parametrize(
    "head", ["", '<?xml version="1.0" encoding="utf-8"?>\n', "<!-- Made with Inkscape -->\n<!DOCTYPE svg>\n", "\ufeff"]
)
def test_an_svg_is_known_by_its_beginning(head: str) -> None:
    assert logos.is_svg((head + GOOD).encode())
    assert logos.opened((head + GOOD.format(colour="green")).encode(), 200)[0] is not None


@pytest.mark.parametrize("name", ["logo.svg", "logo.png"])
def test_the_logo_of_the_demo_village_is_drawn_from_either_file(name: str) -> None:
    picture, warning = logos.opened((SAMPLES / name).read_bytes(), 200)
    assert picture is not None
    assert (max(picture.size), warning) == (200, "")


@pytest.mark.parametrize(
    "inside",
    [
        '<image href="/etc/hostname" width="9" height="9"/>',
        '<image xlink:href="file:///etc/passwd" width="9" height="9"/>',
        '<use href="other.svg#x"/>',
        "<style>@import url(http://example.org/x.css);</style>",
        '<rect width="9" height="9" fill="url(http://example.org/#x)"/>',
        '<filter id="f"><feGaussianBlur stdDeviation="9999"/></filter><rect filter="url(#f)" width="9" height="9"/>',
        "<script>alert(1)</script>",
        "<foreignObject/>",
        '<defs><g id="a"/></defs>' + '<use href="#a"/>' * 17,
    ],
)
def test_an_svg_that_reaches_out_or_has_no_bound_is_refused_with_a_sentence(inside: str) -> None:
    assert logos.opened(svg(inside), 200) == (None, "poster.logo_svg")


def test_entities_that_multiply_are_refused() -> None:
    bomb = '<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    assert logos.opened(svg("<text>&b;</text>", bomb), 200)[0] is None


def test_copies_of_copies_are_drawn_as_long_as_they_are_few() -> None:
    layers = "".join(f'<g id="g{n}">' + f'<use href="#g{n - 1}"/>' * 3 + "</g>" for n in range(1, 6))
    data = svg(f'<g id="g0"><rect width="9" height="9"/></g>{layers}')
    assert logos.opened(data, 200)[0] is not None


@pytest.mark.parametrize(
    ("data", "warning"),
    [
        (svg(""), "poster.logo_broken"),
        (svg("<rect"), "poster.logo_broken"),
        (b"<svg" + b" " * 300_001 + b"/>", "poster.logo_svg"),
        (svg('<rect width="1e9" height="1e9"/>').replace(b"0 0 9 9", b"0 0 1e-9 1e9"), "poster.logo_too_small"),
        (png((10, 10)), "poster.logo_too_small"),
        (b"\x89PNG\r\n\x1a\n", "poster.logo_broken"),
        (b"", "poster.logo_broken"),
        (b"GIF89a", "poster.logo_broken"),
    ],
)
def test_what_is_no_logo_is_answered_and_never_raised(data: bytes, warning: str) -> None:
    assert logos.opened(data, 200) in ((None, warning), (None, "poster.logo_broken"))


def test_a_poster_shows_an_svg_logo() -> None:
    given = posters.Facts(title="Madu", village="Wonorejo", logo=GOOD.format(colour="#ff00aa").encode())
    drawn = posters.draw("bingkai", given, Brand(), "portrait")
    assert "poster.logo_broken" not in drawn.warnings
    shown = Image.open(io.BytesIO(drawn.jpeg)).convert("RGB").crop((116, 1164, 200, 1248))
    assert any(red > 220 and blue > 120 and green < 70 for red, green, blue in zip(*[iter(shown.tobytes())] * 3, strict=True))


def test_a_kit_is_proposed_out_of_a_logos_colours_and_can_be_read() -> None:
    picture = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((0, 0, 300, 200), fill="#1f3d8a")
    ImageDraw.Draw(picture).rectangle((0, 200, 300, 300), fill="#e0b020")
    out = io.BytesIO()
    picture.save(out, "PNG")
    kit = logos.proposed(out.getvalue())
    assert kit is not None
    assert kit == colours.mended(kit)
    assert kit.primary == "#1f3d8a"
    red, green, blue = colours.rgb(kit.accent)
    assert red > green > blue + 60
    assert colours.contrast(kit.dark, "#ffffff") >= 8
    assert colours.contrast(kit.light, kit.dark) >= 7
    assert logos.proposed(png((200, 200), "#808080")) is None
    assert logos.proposed(b"nothing") is None
