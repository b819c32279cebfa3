"""The shop's scripts: a few letters in each page, which load the rest at the first touch, under a name that its content gives it."""

import functools
import hashlib
import json

from markupsafe import Markup

from storefront import languages, web

FOLDER = web.ASSETS / "script"
WORDS = ("copied", "sent", "refused")  # keys of [share] that shop.js says


@functools.cache
def start(language: str) -> Markup:
    """What stands in each page."""
    return Markup(text("start.js").strip().replace("@module@", f"/skrip/{name(language)}"))  # noqa: S704 - our own file


@functools.cache
def shop(language: str) -> str:
    """shop.js with its words in one language."""
    words = {key: languages.say(language, f"share.{key}") for key in WORDS}
    return text("shop.js").replace('"@words@"', json.dumps(words, ensure_ascii=False))


@functools.cache
def name(language: str) -> str:
    """The name of shop.js in this language; another one when it changes, so that it may be kept for ever."""
    return f"toko-{language}-{hashlib.blake2b(shop(language).encode(), digest_size=6).hexdigest()}.js"


@functools.cache
def text(file: str) -> str:
    """The text of assets/script/<file>."""
    return (FOLDER / file).read_text(encoding="utf-8")
