"""Words as a search compares them: folded to plain letters, and how alike two of them are however they were typed."""

import functools
import re
import unicodedata

LONGEST = 40  # letters of a word that count
_GLOTTAL = re.compile(r"(?<=[^\W_])[\"'`´‘’“”ʼʔ]+(?=[^\W_])")  # inside a Madurese word it parts nothing: Ra"as
_WORD = re.compile(r"[^\W_]+")
_LEAST_ALIKE = 0.5


def words(text: str) -> tuple[str, ...]:
    """The words of a text without capitals, accents and glottal stops: `Ra"as Ja’an` gives raas, jaan."""
    plain = unicodedata.normalize("NFKD", _GLOTTAL.sub("", text)).casefold()
    return tuple(word[:LONGEST] for word in _WORD.findall("".join(char for char in plain if not unicodedata.combining(char))))


@functools.lru_cache(maxsize=50_000)
def likeness(asked: str, word: str) -> float:
    """0 to 1: the same, its beginning, a part of it, one letter wrong, or as many trigrams in common.

    Whatever is above 0 either begins with what is asked or shares a trigram with it: that is how an index finds it.
    """
    if asked == word:
        return 1.0
    if word.startswith(asked):
        return 0.9
    if len(asked) > 3 and asked in word:
        return 0.7
    if len(asked) > 3 and _is_one_slip(asked, word):
        return 0.65
    mine, other = trigrams(asked), trigrams(word)
    alike = 2 * len(mine & other) / (len(mine) + len(other))
    return 0.6 * alike if alike >= _LEAST_ALIKE else 0.0


def _is_one_slip(asked: str, word: str) -> bool:
    """Whether one letter was left out, added, mistaken, or changed places with the next."""
    if abs(len(asked) - len(word)) > 1:
        return False
    start = next((at for at, (one, other) in enumerate(zip(asked, word, strict=False)) if one != other), min(len(asked), len(word)))
    mine, other = asked[start:], word[start:]
    return mine[1:] == other[1:] or mine[1:] == other or mine == other[1:] or (mine[:2] == other[1::-1] and mine[2:] == other[2:])


@functools.lru_cache(maxsize=20_000)
def trigrams(word: str) -> frozenset[str]:
    """Every three letters of a word that stand together, its beginning and end marked: `__k`, `_ko`, `kop`, `opi`, `pi_`."""
    padded = f"__{word}_"
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))
