"""Palettes: whatever colours a village picks, its pages can be read by day and by night."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promo.colours import WHITE, contrast
from storefront import palettes

COLOURS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


@settings(deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(palettes.DEFAULT, COLOURS)))
def test_every_text_has_contrast_on_every_ground(colours: dict[str, str]) -> None:
    for palette in palettes.of({"colours": colours}):
        for ground in (palette.paper, palette.card, palette.wash):
            for text in (palette.ink, palette.soft, palette.leaf, palette.clay):
                assert contrast(text, ground) >= 4.5, (palette, text, ground)
        assert contrast(palette.fill, WHITE) >= 4.5
        assert contrast(palette.deep, WHITE) >= 4.5


@pytest.mark.parametrize("brand", [{}, {"colours": {}}, {"colours": {"primary": "red;}body{display:none"}}])
def test_what_is_no_colour_never_reaches_the_page(brand: dict[str, dict[str, str]]) -> None:
    assert palettes.of(brand) == palettes.of({})


@pytest.mark.parametrize(
    ("colours", "mended"),
    [
        ({}, set()),
        ({"primary": "#2B6140"}, set()),
        ({"primary": "#ffee00"}, {"primary"}),
        ({"dark": "#ffffff", "accent": "#ffee00"}, {"dark", "accent"}),
        ({"light": "#222222"}, {"light"}),
    ],
)
def test_each_colour_is_judged_by_the_words_it_carries(colours: dict[str, str], mended: set[str]) -> None:
    found = {one.role: one for one in palettes.judged({"colours": colours})}
    assert {role for role, one in found.items() if one.is_mended} == mended
    assert all(one.mended_contrast >= palettes.WCAG for one in found.values())
