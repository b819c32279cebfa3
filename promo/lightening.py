"""A finished JPEG made light enough for who fetches it: messengers show no picture that is too heavy."""

import io

from PIL import Image

QUALITIES = (78, 68, 56, 44, 32)


def lighter(jpeg: bytes, most: int) -> bytes:
    """The picture in at most so many bytes if quality alone can do it, else as few as that gives; untouched when it is light enough."""
    light = jpeg
    for quality in QUALITIES:
        if len(light) <= most:
            break
        buffer = io.BytesIO()
        Image.open(io.BytesIO(jpeg)).save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        light = min(light, buffer.getvalue(), key=len)
    return light
