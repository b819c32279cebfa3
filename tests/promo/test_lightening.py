"""Pictures made light enough for messengers."""

import io

from PIL import Image

from promo import lightening


def test_a_heavy_picture_is_made_lighter_and_a_light_one_left_alone() -> None:
    noise = io.BytesIO()
    Image.effect_noise((1200, 630), 120).convert("RGB").save(noise, "JPEG", quality=95)
    assert len(noise.getvalue()) > 300_000
    assert len(lightening.lighter(noise.getvalue(), 300_000)) <= 300_000
    assert lightening.lighter(noise.getvalue(), 10_000_000) == noise.getvalue()
