"""Which way the letters of a line run: the Unicode bidirectional algorithm (UAX 9), by the libfribidi that text shaping stands on anyway.

libraqm orders the letters of one font by it; a line in several fonts is cut into parts first, so its parts must be ordered by the same
rules. Brackets, numbers and signs between Arabic and Latin find their side only when the whole line is looked at.
"""

import ctypes
import functools
import sys
import unicodedata

_NAMES = {"darwin": ("libfribidi.0.dylib", "libfribidi.dylib"), "win32": ("fribidi-0.dll", "libfribidi-0.dll")}
_TO_RIGHT, _TO_LEFT = 0x110, 0x111  # FRIBIDI_PAR_LTR, FRIBIDI_PAR_RTL


@functools.cache
def _library() -> ctypes.CDLL | None:
    """The library under the names by which Pillow looks for it."""
    for name in _NAMES.get(sys.platform, ("libfribidi.so.0", "libfribidi.so")):
        try:
            found = ctypes.CDLL(name)
            found.fribidi_get_par_embedding_levels_ex.restype = ctypes.c_int8
        except (OSError, AttributeError):  # not there; or older than brackets (2017)
            continue
        return found
    return None


def known() -> bool:
    """Whether lines can be ordered: without it no script that runs to the left is drawn at all."""
    return _library() is not None


@functools.lru_cache(maxsize=4096)
def turns(text: str) -> bool:
    """Whether anything in it runs to the left."""
    return not text.isascii() and any(unicodedata.bidirectional(letter) in ("R", "AL", "RLE", "RLO", "RLI", "AN") for letter in text)


def goes_left(text: str) -> bool:
    """Whether the text as a whole runs to the left: most of its letters do. A single foreign name at its front does not turn a sentence."""
    if not turns(text):
        return False
    kinds = [unicodedata.bidirectional(letter) for letter in text]
    return 2 * sum(kind in ("R", "AL") for kind in kinds) > sum(kind in ("L", "R", "AL") for kind in kinds)


@functools.lru_cache(maxsize=1024)
def ordered(line: str, to_left: bool, around: tuple[str, str] = ("", "")) -> tuple[tuple[str, bool], ...]:
    """The parts of a line as they stand from left to right, each with whether it runs to the left; `to_left`: so does its paragraph.

    `around` is what the paragraph says before and after the line: a bracket may be closed on the next one. The letters of a part are in
    the order they are read: whoever draws it turns them.
    """
    if not to_left and not any(map(turns, (line, *around))):
        return ((line, False),)
    before, after = around
    whole = f"{before} {line} {after}" if before or after else line
    start = len(before) + 1 if before or after else 0
    levels = _levels(whole, to_left)[start : start + len(line)]
    parts: list[tuple[int, str]] = []
    for letter, level in zip(line, levels, strict=True):
        if parts and parts[-1][0] == level:
            parts[-1] = (level, parts[-1][1] + letter)
        else:
            parts.append((level, letter))
    for floor in range(max(levels, default=0), 0, -1):  # rule L2: whatever is as deep or deeper is turned around, the deepest first
        parts = _turned(parts, floor)
    return tuple((part, level % 2 == 1) for level, part in parts)


def _turned(parts: list[tuple[int, str]], floor: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    deep: list[tuple[int, str]] = []
    for part in parts:
        if part[0] >= floor:
            deep.insert(0, part)
        else:
            found, deep = [*found, *deep, part], []
    return found + deep


def _levels(line: str, to_left: bool) -> list[int]:
    """How deep each letter is embedded: even runs to the right, odd to the left."""
    library, count = _library(), len(line)
    if library is None or not line:
        return [0] * count
    letters = (ctypes.c_uint32 * count)(*map(ord, line))
    kinds, brackets, levels = (ctypes.c_uint32 * count)(), (ctypes.c_uint32 * count)(), (ctypes.c_int8 * count)()
    base = ctypes.c_uint32(_TO_LEFT if to_left else _TO_RIGHT)
    library.fribidi_get_bidi_types(letters, count, kinds)
    library.fribidi_get_bracket_types(letters, count, kinds, brackets)
    if library.fribidi_get_par_embedding_levels_ex(kinds, brackets, count, ctypes.byref(base), levels) == 0:  # out of memory
        return [0] * count
    return list(levels)
