"""Caption styles, each a file of assets/captions: what may be said, in which order, and what is left out first when room is short."""

import functools
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "assets" / "captions"
MUST_SAY = {"opening": "title", "price": "price", "call": "link"}  # a part that forgot what it is there for
PARTS = frozenset((*MUST_SAY, "story", "quote", "maker", "marks", "hours", "place", "date", "until"))
FACTS = frozenset(
    (
        "title",
        "name",
        "price",
        "old_price",
        "village",
        "maker",
        "place",
        "hours",
        "story",
        "quote",
        "link",
        "date",
        "offer",
        "until",
        "left",
    )
) | {"halal", "bpom", "pirt"}
LANGUAGES = ("id", "en")
AROUND = ("greeting", "closing")  # what an overlay says before and after a caption
OVERLAYS = FOLDER / "sapaan"


class UnknownStyle(LookupError):
    """No caption style by that name."""


class BrokenStyle(ValueError):
    """A file of assets/captions that cannot be used: `file`, `key` and `why` tell its author what to mend."""

    def __init__(self, file: str, key: str, why: str) -> None:
        super().__init__(f"{file}: {key}: {why}")
        self.file = file
        self.key = key
        self.why = why


@dataclass(frozen=True)
class Variants:
    """Sentences that say the same; `suits` names the kinds of things they fit, empty for anything."""

    suits: frozenset[str]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Style:
    """One way of writing; `paragraphs` are parts in order, `leave_out` those that go first, `parts[language][part]` the sentences."""

    name: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    paragraphs: tuple[tuple[str, ...], ...]
    leave_out: tuple[str, ...]
    parts: Mapping[str, Mapping[str, tuple[Variants, ...]]]


@dataclass(frozen=True)
class Overlay:
    """Words of another language around a caption in `around`; `reviewed_by` is a native speaker, "" while nobody has read them."""

    name: str
    title: Mapping[str, str]
    around: str
    reviewed_by: str
    words: Mapping[str, tuple[str, ...]]

    def over(self, style: Style) -> Style:
        """The style with these words around it; they go first when room is short."""
        parts = dict(style.parts[self.around]) | {part: (Variants(frozenset(), texts),) for part, texts in self.words.items()}
        paragraphs = (("greeting",), *style.paragraphs, ("closing",))
        leave_out = ("closing", "greeting", *style.leave_out)
        return replace(style, paragraphs=paragraphs, leave_out=leave_out, parts={**style.parts, self.name: parts})


def languages() -> list[str]:
    """What a caption can be written in: the languages of every style, then the overlays by listing assets/captions/sapaan."""
    return [*LANGUAGES, *sorted(path.stem for path in OVERLAYS.glob("*.toml"))]


@functools.cache
def overlay(name: str) -> Overlay | None:
    """The overlay of that name; None for a language that stands on its own, or one nobody has written. Raises BrokenStyle."""
    if name in LANGUAGES or name not in languages():
        return None
    path = OVERLAYS / f"{name}.toml"
    return read_overlay(path.name, path.read_text(encoding="utf-8"))


def read_overlay(file: str, text: str) -> Overlay:
    """An overlay out of the text of its file. Raises BrokenStyle."""
    tree = _tree(file, text)
    if tree.get("around") not in LANGUAGES:
        raise BrokenStyle(file, "around", f"one of {', '.join(LANGUAGES)} is wanted")
    words = tree.get("words")
    if not isinstance(words, Mapping) or set(words) != set(AROUND):
        raise BrokenStyle(file, "words", f"texts for {' and '.join(AROUND)} are wanted")
    said = {part: _variants(file, f"words.{part}", part, {"texts": words[part]}).texts for part in AROUND}
    reviewed_by = str(tree.get("reviewed_by", ""))
    return Overlay(file.removesuffix(".toml"), _words(file, tree, "title"), str(tree["around"]), reviewed_by, said)


def names() -> list[str]:
    """The styles there are, by listing assets/captions."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@functools.cache
def get(name: str) -> Style:
    """A style by its name. Raises UnknownStyle or BrokenStyle."""
    if name not in names():
        raise UnknownStyle(name)
    path = FOLDER / f"{name}.toml"
    return read(path.name, path.read_text(encoding="utf-8"))


def read(file: str, text: str) -> Style:
    """A style out of the text of its file. Raises BrokenStyle."""
    tree = _tree(file, text)
    paragraphs = tuple(tuple(str(line).split()) for line in _list(file, tree, "paragraphs"))
    leave_out = tuple(str(part) for part in _list(file, tree, "leave_out"))
    used = {part for paragraph in paragraphs for part in paragraph}
    for key, wrong in (("paragraphs", used - PARTS), ("leave_out", set(leave_out) - (used - set(MUST_SAY)))):
        if wrong:
            raise BrokenStyle(file, key, f"unknown part {min(wrong)}")
    parts = {language: _parts(file, tree, language, used) for language in LANGUAGES}
    return Style(file.removesuffix(".toml"), _words(file, tree, "title"), _words(file, tree, "about"), paragraphs, leave_out, parts)


def _tree(file: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BrokenStyle(file, "toml", str(error)) from error


def _list(file: str, tree: Mapping[str, Any], key: str) -> list[Any]:
    found = tree.get(key)
    if not isinstance(found, list) or not found:
        raise BrokenStyle(file, key, "a list is wanted")
    return found


def _words(file: str, tree: Mapping[str, Any], key: str) -> dict[str, str]:
    found = tree.get(key)
    if not isinstance(found, Mapping) or not all(isinstance(found.get(language), str) for language in LANGUAGES):
        raise BrokenStyle(file, key, f"a text for each of {', '.join(LANGUAGES)} is wanted")
    return {language: str(text) for language, text in found.items()}


def _parts(file: str, tree: Mapping[str, Any], language: str, used: set[str]) -> dict[str, tuple[Variants, ...]]:
    of_language = tree.get(language, {})
    for part in sorted(set(of_language) - used):
        raise BrokenStyle(file, f"{language}.{part}", "stands in no paragraph")
    for part in sorted(used - set(of_language)):
        raise BrokenStyle(file, f"{language}.{part}", "has no sentences")
    return {part: tuple(_variants(file, f"{language}.{part}", part, row) for row in of_language[part]) for part in used}


def _variants(file: str, key: str, part: str, row: Mapping[str, Any]) -> Variants:
    texts = tuple(str(text) for text in _list(file, row, "texts"))
    for text in texts:
        said = placeholders(text)
        if unknown := said - FACTS:
            raise BrokenStyle(file, key, f"unknown fact {{{min(unknown)}}} in “{text}”")
        wanted = MUST_SAY.get(part)
        if wanted and not said & ({"title", "name"} if wanted == "title" else {wanted}):
            raise BrokenStyle(file, key, f"{{{wanted}}} is missing in “{text}”")
    return Variants(frozenset(str(kind) for kind in row.get("for", ())), texts)


@functools.lru_cache(maxsize=2048)
def placeholders(text: str) -> frozenset[str]:
    """The facts a sentence needs: {"title", "village"} of "{title} dari {village}."."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)
