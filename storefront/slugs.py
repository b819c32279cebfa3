"""Slugs: the readable part of an address, made from a name and unique within its village."""

import re
import unicodedata
from collections.abc import Callable

_NOT_PLAIN = re.compile(r"[^a-z0-9]+")


def plain(name: str) -> str:
    """`Keripik Apel "Manalagi"` gives `keripik-apel-manalagi`; a Madurese Ja"an gives `jaan`; nothing usable gives `x`."""
    letters = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    letters = re.sub(r"(?<=[a-z])[\"'`](?=[a-z])", "", letters)  # the glottal stop inside a word parts nothing
    return _NOT_PLAIN.sub("-", letters).strip("-")[:60].rstrip("-") or "x"


def free(name: str, is_taken: Callable[[str], bool]) -> str:
    """The plain slug of a name, with -2, -3 ... behind it while it is taken."""
    slug = plain(name)
    number, tried = 1, slug
    while is_taken(tried):
        number += 1
        tried = f"{slug}-{number}"
    return tried
