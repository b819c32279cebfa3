"""Search over what a village shows: its goods, makers and sights, forgiving of spelling, in whatever language the words stand.

The same in Python for every database: a village has some hundred names, so all are compared by letters and trigrams in a few
milliseconds, and nothing has to be kept in step with the rows.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa

from storefront import attractions, languages, makers, products
from storefront.attractions import Attraction
from storefront.makers import Maker
from storefront.products import Product

WORDS_MOST, TEXT_MOST = 6, 80
NAME, KIND, BY, STORY = 3.0, 2.0, 1.5, 1.0  # how much a word counts where it stands
_GLOTTAL = re.compile(r"(?<=[^\W_])[\"'`´‘’“”ʼʔ]+(?=[^\W_])")  # inside a Madurese word it parts nothing: Ra"as
_WORD = re.compile(r"[^\W_]+")
_LEAST_ALIKE = 0.5

Text = tuple[float, Sequence[str]]
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Found:
    """What was found, the best first; `is_exact` is False when nothing held all the words and these only come near."""

    products: Sequence[Product]
    makers: Sequence[Maker]
    attractions: Sequence[Attraction]
    is_exact: bool = True

    @property
    def count(self) -> int:
        return len(self.products) + len(self.makers) + len(self.attractions)


def find(connection: sa.Connection, village_id: int, text: str) -> Found:
    """What tourists may see of a village that fits these words; nothing for a text without any."""
    asked = words(text[:TEXT_MOST])[:WORDS_MOST]
    if not asked:
        return Found((), (), ())
    known = makers.listed(connection, village_id, only_public=True)
    public = {maker.id for maker in known}
    goods = products.listed(connection, village_id)
    sights = attractions.listed(connection, village_id)
    by_product = rank(asked, [(product, of_product(product, is_public=product.maker_id in public)) for product in goods])
    by_maker = rank(asked, [(maker, [(NAME, words(maker.name)), (STORY, _all(maker.story))]) for maker in known])
    by_sight = rank(asked, [(sight, [(NAME, _all(sight.name)), (STORY, _all(sight.story))]) for sight in sights])
    best = max((held for _, held, _ in (*by_product, *by_maker, *by_sight)), default=0)
    return Found(_best(by_product, best), _best(by_maker, best), _best(by_sight, best), is_exact=best == len(asked))


def _best(found: Iterable[tuple[Thing, int, float]], best: int) -> list[Thing]:
    return [one for one, held, _ in found if held == best]


def of_product(product: Product, *, is_public: bool) -> list[Text]:
    """The words a product is found by; those of its maker only when she has agreed to be shown."""
    texts: list[Text] = [(NAME, _all(product.name)), (KIND, _kind(product.kind)), (STORY, _all(product.story))]
    return [*texts, (BY, words(product.maker_name))] if is_public else texts


def rank(asked: Sequence[str], known: Iterable[tuple[Thing, Sequence[Text]]]) -> list[tuple[Thing, int, float]]:
    """(thing, how many of the words it holds, score), the best first; things that hold none are left out."""
    found = []
    for thing, texts in known:
        scores = [max((_in_text(word, weight, there) for weight, there in texts), default=0.0) for word in asked]
        held = sum(score > 0 for score in scores)
        if held:
            found.append((thing, held, sum(scores)))
    return sorted(found, key=lambda one: (-one[1], -one[2]))


def words(text: str) -> tuple[str, ...]:
    """The words of a text without capitals, accents and glottal stops: `Ra"as Ja’an` gives raas, jaan."""
    plain = unicodedata.normalize("NFKD", _GLOTTAL.sub("", text)).casefold()
    return tuple(_WORD.findall("".join(char for char in plain if not unicodedata.combining(char))))


def _in_text(word: str, weight: float, there: Sequence[str]) -> float:
    """A story has many words: there only the beginning of one counts, as likeness would find everything everywhere."""
    if weight == STORY:
        return weight if any(other.startswith(word) for other in there) and len(word) > 2 else 0.0
    return weight * max((likeness(word, other) for other in there), default=0.0)


@functools.lru_cache(maxsize=20_000)
def likeness(asked: str, word: str) -> float:
    """0 to 1: the same, its beginning, a part of it, one letter wrong, or as many trigrams in common."""
    if asked == word:
        return 1.0
    if word.startswith(asked):
        return 0.9
    if len(asked) > 3 and asked in word:
        return 0.7
    if len(asked) > 3 and _is_one_slip(asked, word):
        return 0.65
    mine, other = _trigrams(asked), _trigrams(word)
    alike = 2 * len(mine & other) / (len(mine) + len(other))
    return 0.6 * alike if alike >= _LEAST_ALIKE else 0.0


def _is_one_slip(asked: str, word: str) -> bool:
    """Whether one letter was left out, added, mistaken, or changed places with the next."""
    if abs(len(asked) - len(word)) > 1:
        return False
    start = next((at for at, (one, other) in enumerate(zip(asked, word, strict=False)) if one != other), min(len(asked), len(word)))
    mine, other = asked[start:], word[start:]
    return mine[1:] == other[1:] or mine[1:] == other or mine == other[1:] or (mine[:2] == other[1::-1] and mine[2:] == other[2:])


@functools.lru_cache(maxsize=5_000)
def _trigrams(word: str) -> frozenset[str]:
    padded = f"  {word} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


def _all(texts: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(word for text in texts.values() for word in words(text))


@functools.cache
def _kind(kind: str) -> tuple[str, ...]:
    """What a kind of goods is called in every language."""
    return tuple(word for name in _names_of(kind) for word in words(name))


def _names_of(kind: str) -> Iterator[str]:
    for code in languages.known():
        try:
            yield languages.say(code, f"kinds.{kind}")
        except languages.MissingWord:
            continue
