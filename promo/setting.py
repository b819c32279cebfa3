"""Typesetting: texts fitted into a box by steps of one type scale, in balanced lines, cut with an ellipsis only when nothing else helps."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from promo import fonts, sentences
from promo.schema import SCALE, Item

CAP, FOOT = 0.76, 0.23  # of the size: what letters of this font reach above and below the baseline
CAPITAL = 0.72  # the height of a capital, for centring in a pill
ELLIPSIS = "…"
DOES_NOT_FIT = "poster.does_not_fit"  # the one complaint with which no poster goes out


@dataclass(frozen=True)
class Wish:
    """An item with the size and number of lines that the format gives it."""

    item: Item
    size: int
    lines: int


@dataclass(frozen=True)
class Piece:
    """An item set: its lines at one size, and how much room it takes."""

    item: Item
    lines: tuple[str, ...]
    size: int
    width: float
    height: float
    pad_x: float = 0.0
    pad_y: float = 0.0
    tail: str = ""
    tail_size: int = 0
    tail_gap: float = 0.0
    tracking: float = 0.0  # of all its lines; none where some of its letters hang together


@dataclass(frozen=True)
class Row:
    """One line of the lockup beside the mark; `baseline` from its top."""

    text: str
    size: int
    weight: int
    width: float
    baseline: float


def height(pieces: Sequence[Piece]) -> float:
    """What a stack of pieces takes from top to bottom."""
    return sum(piece.height + (piece.item.gap if place else 0) for place, piece in enumerate(pieces))


def stack(wishes: Sequence[tuple[Wish, str]], room: tuple[int, int], unit: str) -> tuple[list[Piece], list[str]]:
    """Set the texts into `room` (width, height): shrink the largest first, then leave out what may go, then cut. Also the warnings."""
    for going in sorted({wish.item.drop for wish, _ in wishes if wish.item.drop} | {99}, reverse=True):
        kept = [(wish, text) for wish, text in wishes if not wish.item.drop or wish.item.drop < going]
        last = going == min({wish.item.drop for wish, _ in wishes if wish.item.drop} | {99})
        pieces = _shrunk(kept, room, unit)
        if pieces is not None:
            left_out = [wish for wish, _ in wishes if wish.item.drop >= going]
            return pieces, ["poster.text_left_out"] if any(
                wish.item.src in ("title", "body", "maker", "price") for wish in left_out
            ) else []
        if last:
            return _cut(kept, room, unit)
    return [], []


def shorter(wish: Wish, text: str, room: int) -> list[str]:
    """A longer text as it may be told: as many whole sentences as stay near full size in their lines, then fewer, at last one."""
    size = min((step for step in SCALE if step >= max(wish.item.least, 0.9 * wish.size)), default=wish.size)
    whole = sentences.split(text)
    told = [" ".join(whole[:kept]) for kept in range(len(whole), 0, -1)]
    return [one for one in told[:-1] if wrapped(one, room, size, wish.item.weight, wish.item.tracking, wish.lines)] + told[-1:]


def _shrunk(wishes: Sequence[tuple[Wish, str]], room: tuple[int, int], unit: str) -> list[Piece] | None:
    """Every text whole, as large as the room allows; None when it does not fit even at the least sizes."""
    pieces: list[Piece] = []
    for wish, text in wishes:
        piece = _first(wish, text, room[0], unit, wish.size)
        if piece is None:
            return None
        pieces.append(piece)
    while height(pieces) > room[1]:
        for place in sorted(range(len(pieces)), key=lambda n: (-pieces[n].size * len(pieces[n].lines) ** 0.5, n)):
            wish, text = wishes[place]
            smaller = _first(wish, text, room[0], unit, pieces[place].size - 1) if wish.item.src != "rule" else None
            if smaller is not None:
                pieces[place] = smaller
                break
        else:
            return None
    return pieces


def _cut(wishes: Sequence[tuple[Wish, str]], room: tuple[int, int], unit: str) -> tuple[list[Piece], list[str]]:
    """At the least sizes, with an ellipsis where a text does not fit, and fewer lines until all of it is inside."""
    lines = [wish.lines for wish, _ in wishes]

    def at(size: Callable[[Wish], int]) -> list[tuple[Piece, bool]]:
        given = zip(wishes, lines, strict=True)
        return [_whole_or_cut(Wish(wish.item, wish.size, most), text, room[0], unit, size(wish)) for (wish, text), most in given]

    while True:
        tried = at(lambda wish: wish.size)
        if height([piece for piece, _ in tried]) <= room[1]:
            break
        tried = at(_least)
        if height([piece for piece, _ in tried]) <= room[1]:
            break
        longest = max(range(len(lines)), key=lambda n: len(tried[n][0].lines))
        if len(tried[longest][0].lines) > 1:
            lines[longest] = len(tried[longest][0].lines) - 1
            continue
        kept = _topmost([piece for piece, _ in tried], room[1])
        tried = [(piece, cut or piece not in kept) for piece, cut in tried]
        return kept, _complaints(tried, cut=True)
    return [piece for piece, _ in tried], _complaints(tried, cut=False)


def _whole_or_cut(wish: Wish, text: str, room: int, unit: str, most: int) -> tuple[Piece, bool]:
    """The text whole, or what fits of it; and whether it was cut."""
    whole = _first(wish, text, room, unit, most)
    return (whole, False) if whole else (_clipped(wish, text, room, wish.lines), True)


def _complaints(tried: Sequence[tuple[Piece, bool]], *, cut: bool) -> list[str]:
    """What staff are told about texts that were cut: a warning, or that it must not go out like this."""
    shortened = [piece.item for piece, was_cut in tried if was_cut]
    if any(item.overflow == "error" for item in shortened):
        return [DOES_NOT_FIT]
    return ["poster.text_cut"] if shortened or cut else []


def _topmost(pieces: list[Piece], room: int) -> list[Piece]:
    """The most important pieces that fit, in their order: title and price first, then by size."""
    kept: list[int] = []
    for place in sorted(range(len(pieces)), key=lambda n: (pieces[n].item.src not in ("title", "price"), -pieces[n].size)):
        if height([pieces[n] for n in sorted([*kept, place])]) <= room:
            kept.append(place)
    return [pieces[n] for n in sorted(kept)]


def _least(wish: Wish) -> int:
    if wish.item.fit == "keep":
        return wish.size
    return wish.item.least or max(18, round(wish.size * 0.7))


def _steps(wish: Wish, most: int) -> list[int]:
    least = _least(wish)
    steps = [step for step in SCALE if least <= step <= min(most, wish.size)]
    return steps or ([min(most, wish.size)] if most >= least else [])


def _first(wish: Wish, text: str, room: int, unit: str, most: int) -> Piece | None:
    """The text at the largest step up to `most` at which it fits its lines; None when there is none."""
    item = wish.item
    if item.src == "rule":
        return Piece(item, (), 6, 72, 6)
    for size in _steps(wish, most):
        if item.src == "price":
            priced = _priced(item, text, unit, size, room)
            if priced is not None:
                return priced
            continue
        pad = _pad(item, size)
        lines = wrapped(text, room - 2 * pad, size, item.weight, item.tracking, wish.lines)
        if lines is not None:
            return _calmer(wish, text, room, _piece(item, lines, size))
    return None


def _calmer(wish: Wish, text: str, room: int, piece: Piece) -> Piece:
    """A title a little smaller when that spares it two lines: words read in pairs, not one under the other."""
    item = wish.item
    if item.src != "title" or len(piece.lines) < 3:
        return piece
    for size in _steps(wish, piece.size - 1):
        if size < piece.size * 0.7:
            break
        lines = wrapped(text, room - 2 * _pad(item, size), size, item.weight, item.tracking, len(piece.lines) - 2)
        if lines is not None:
            return _piece(item, lines, size)
    return piece


def _pad(item: Item, size: int) -> float:
    return size * 0.72 if item.pill else 0.0


def _piece(item: Item, lines: Sequence[str], size: int) -> Piece:
    pad_x, pad_y = (_pad(item, size), size * 0.46) if item.pill else (0.0, 0.0)
    tracking = item.tracking if all(map(fonts.is_plain, lines)) else 0.0
    width = max(fonts.width(line, size, item.weight, tracking) for line in lines) + 2 * pad_x
    tall = (CAPITAL if item.pill else CAP + FOOT) * size + (len(lines) - 1) * item.leading * size + 2 * pad_y
    return Piece(item, tuple(lines), size, width, tall, pad_x, pad_y, tracking=tracking)


def _priced(item: Item, text: str, unit: str, size: int, room: int) -> Piece | None:
    """The price on one line, with its unit small behind it where there is room."""
    plain = _piece(item, [text], size)
    if unit and not item.bare:
        tail, small = f"/ {unit}", max(18, round(size * 0.5))
        gap = size * 0.22
        wide = plain.width + gap + fonts.width(tail, small, 600)
        if wide <= room:
            return replace(plain, width=wide, tail=tail, tail_size=small, tail_gap=gap)
        if size > SCALE[-1] and _steps(Wish(item, size, 1), size - 1):
            return None  # rather a smaller price than one without its unit
    return plain if plain.width <= room else None


def _clipped(wish: Wish, text: str, room: int, most: int) -> Piece:
    """As much of the text as fits `most` lines at the least size, with an ellipsis."""
    item, size = wish.item, (_steps(wish, wish.size) or [wish.size])[-1]
    inner, tracking = room - 2 * _pad(item, size), _tracked(text, item.tracking)
    lines = _greedy(_pieces_of(text, inner, size, item.weight, tracking), inner / size, item.weight, tracking, most + 1)
    if len(lines) > most or fonts.width(lines[-1], size, item.weight, tracking) > inner:
        lines = lines[:most]
        lines[-1] = ellipsis(lines[-1] + ELLIPSIS, inner, size, item.weight, tracking)
    return _piece(item, lines, size)


def ellipsis(text: str, room: float, size: float, weight: int, tracking: float = 0.0) -> str:
    """The text with its end replaced by an ellipsis so that it fits."""
    body = text.rstrip(ELLIPSIS)
    while body and fonts.width(body.rstrip(" ,.;:-–") + ELLIPSIS, size, weight, tracking) > room:
        body = body[:-1]
    return body.rstrip(" ,.;:-–") + ELLIPSIS


def wrapped(text: str, room: float, size: int, weight: int, tracking: float, most: int) -> list[str] | None:
    """The text in at most `most` lines of even width; None when it needs more or a word is wider than the room."""
    lines: list[str] = []
    tracking = _tracked(text, tracking)
    for paragraph in text.split("\n"):
        words = _measured(paragraph, weight, tracking)
        if max(word.wide for word in words) * size > room:
            return None
        part = _greedy(words, room / size, weight, tracking, most - len(lines) + 1)
        if len(lines) + len(part) > most:
            return None
        lines += _balanced(words, part, room / size, weight, tracking)
    return lines


def _tracked(text: str, tracking: float) -> float:
    """Letters of other scripts hang together: they are neither spread nor drawn closer, so nothing is reckoned narrower for it."""
    return tracking if fonts.is_plain(text) else max(0.0, tracking)


@dataclass(frozen=True)
class _Word:
    """A word, or a syllable of a script without spaces, as wide as it is in parts of the size."""

    text: str
    wide: float
    apart: bool  # a space before it


@functools.lru_cache(maxsize=2048)
def _measured(paragraph: str, weight: int, tracking: float) -> tuple[_Word, ...]:
    return tuple(
        _Word(part, fonts.em(part, weight) + tracking * max(0, len(part) - 1), not place)
        for word in paragraph.split(" ")
        for place, part in enumerate(fonts.clusters(word))
    )


def _greedy(words: Sequence[_Word], room: float, weight: int, tracking: float, most: int = 10_000) -> list[str]:
    """As many words on a line as there is room for (in parts of the size), line after line; no more than `most` lines are made."""
    gaps = fonts.space(weight) + 2 * tracking, tracking
    lines, line, wide = [], words[0].text, words[0].wide
    for word in words[1:]:
        longer = wide + gaps[not word.apart] + word.wide
        if longer <= room:
            line, wide = f"{line} {word.text}" if word.apart else line + word.text, longer
        else:
            lines.append(line)
            if len(lines) >= most:
                return lines
            line, wide = word.text, word.wide
    return [*lines, line]


def _balanced(words: Sequence[_Word], lines: list[str], room: float, weight: int, tracking: float) -> list[str]:
    """The same number of lines in the narrowest width that still holds them: no lonely last word."""
    if not 1 < len(lines) <= 5:
        return lines
    low, high, best = max(word.wide for word in words), room, lines
    for _ in range(7):
        middle = (low + high) / 2
        tried = _greedy(words, middle, weight, tracking, len(lines) + 1)
        if len(tried) <= len(lines):
            high, best = middle, tried
        else:
            low = middle
    return best


def _pieces_of(text: str, room: float, size: float, weight: int, tracking: float) -> list[_Word]:
    """The words of a text, those wider than the room broken anywhere."""
    pieces: list[_Word] = []
    for word in _measured(text.replace("\n", " "), weight, tracking):
        rest, apart = word.text, word.apart
        while fonts.width(rest, size, weight, tracking) > room and len(rest) > 1:
            end = len(rest) - 1
            while end > 1 and fonts.width(rest[:end], size, weight, tracking) > room:
                end -= 1
            pieces.append(_Word(rest[:end], fonts.em(rest[:end], weight) + tracking * (end - 1), apart))
            rest, apart = rest[end:], True
        pieces.append(_Word(rest, fonts.em(rest, weight) + tracking * max(0, len(rest) - 1), apart))
    return pieces


def lockup(name: str, tagline: str, room: float, side: int) -> tuple[list[Row], list[str]]:
    """The village's name and tagline beside a mark `side` high; a long name goes on two lines instead of the tagline before it is cut."""
    if not name:
        return [], []
    small = _stepped(tagline, side * 0.33, 500, room) if tagline else 0
    large = _stepped(name, side * (0.46 if small else 0.56), 800, room)
    if large:
        return _rows([(name, large, 800), (tagline, small, 500)][: 2 if small else 1], side), []
    for size in (step for step in SCALE if 20 <= step <= side * 0.42):
        lines = wrapped(name, room, size, 800, 0.0, 2)
        if lines is not None:
            return _rows([(line, size, 800) for line in lines], side), []
    size = min(20, max(SCALE[-1], round(side * 0.42)))
    lines = _greedy(_pieces_of(name, room, size, 800, 0.0), room / size, 800, 0.0)
    lines[1:] = [ellipsis(lines[1] + ELLIPSIS, room, size, 800)] if len(lines) > 1 else []
    return _rows([(line, size, 800) for line in lines], side), ["poster.text_cut"]


def _stepped(text: str, size: float, weight: int, room: float) -> int:
    """The largest step up to `size`, and not below 0.72 of it, at which the text fits one line; 0 when there is none."""
    least = max(20, size * 0.72)
    return next((step for step in SCALE if least <= step <= size and fonts.width(text, step, weight) <= room), 0)


def _rows(lines: Sequence[tuple[str, int, int]], side: int) -> list[Row]:
    """Lines stacked in the middle of `side`."""
    gap = side * 0.16
    y = (side - sum(CAPITAL * size for _, size, _ in lines) - gap * (len(lines) - 1)) / 2
    rows = []
    for text, size, weight in lines:
        y += CAPITAL * size
        rows.append(Row(text, size, weight, fonts.width(text, size, weight), y))
        y += gap
    return rows
