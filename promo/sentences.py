"""Texts taken apart at their sentences, so that what is shortened still ends with a full stop."""

import re

_END = re.compile(r"(?<=[.!?…])\s+(?=[“\"A-Z0-9À-Þ])")


def split(text: str) -> list[str]:
    """The sentences of a text, in order; a text without an end is one."""
    return _END.split(text)
