"""Points on the map, as they come out of a phone."""

import pytest

from storefront import points
from storefront.points import BadPoint


@pytest.mark.parametrize(
    "text",
    [
        "-7.8079, 112.5572",
        "  (-7.8079,112.5572) ",
        "-7.8079 112.5572",
        "-7,8079 112,5572",
        "-7,8079, 112,5572",
        "112.5572, -7.8079",
        "7°48'28.44\"S 112°33'25.92\"E",
        "7° 48' 28,44\" LS, 112° 33' 25,92\" BT",
        "geo:-7.8079,112.5572?z=17",
        "https://www.google.com/maps?q=-7.8079,112.5572",
        "https://www.google.com/maps/search/?api=1&query=-7.8079%2C112.5572",
        "https://www.google.com/maps/@-7.8079,112.5572,17z",
        "https://www.google.com/maps/place/Gapura/@-7.9,112.6,15z/data=!3m1!4b1!4m6!3m5!8m2!3d-7.8079!4d112.5572",
        "https://maps.google.com/?ll=-7.8079,112.5572&z=16",
        "https://www.openstreetmap.org/#map=17/-7.8079/112.5572",
        "https://www.openstreetmap.org/?mlat=-7.8079&mlon=112.5572#map=12/-7/112",
    ],
)
def test_a_point_is_read_however_it_was_copied(text: str) -> None:
    assert points.read(text) == pytest.approx((-7.8079, 112.5572))


def test_nothing_is_no_point() -> None:
    assert points.read("  ") is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("dekat musala", "point.wrong"),
        ("-7.8079", "point.wrong"),
        ("https://maps.app.goo.gl/AbCdEf123", "point.short_link"),
        ("https://www.google.com/maps/place/Batu", "point.link_without"),
        ("52.37, 4.89", "point.elsewhere"),
        ("7.8079, 112.5572", "point.elsewhere"),
    ],
)
def test_what_is_no_point_here_is_told_why(text: str, key: str) -> None:
    with pytest.raises(BadPoint) as found:
        points.read(text)
    assert found.value.key == key


def test_a_point_is_shown_as_it_can_be_typed_again() -> None:
    assert points.shown(-7.8079, 112.5572) == "-7.8079, 112.5572"
    assert points.shown(None, 112.0) == ""
