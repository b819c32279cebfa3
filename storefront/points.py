"""Points on the map as people have them at hand: two numbers, degrees and minutes, or a link copied out of a map."""

import re
from urllib.parse import unquote_plus

from storefront.problems import Problem

SOUTH, NORTH, WEST, EAST = -11.5, 6.5, 94.5, 141.5  # Indonesia with its waters
LONGEST = 2_000
_SHORT = re.compile(r"(?:maps\.app\.goo\.gl|goo\.gl/maps|g\.co/kgs|wa\.me|maps\.apple/p)", re.IGNORECASE)
_NUMBER = r"([+-]?\d{1,3}(?:\.\d+)?)"
_PLACES = (  # the pin of a link before the middle of its picture
    re.compile(rf"!3d{_NUMBER}!4d{_NUMBER}"),
    re.compile(rf"mlat={_NUMBER}&mlon={_NUMBER}"),
    re.compile(rf"[?&#](?:q|query|ll|sll|destination|daddr|center|markers|api=1&query)=(?:loc:)?{_NUMBER}\s*,\s*{_NUMBER}"),
    re.compile(rf"^geo:{_NUMBER},{_NUMBER}"),
    re.compile(rf"/@{_NUMBER},{_NUMBER}"),
    re.compile(rf"#map=\d+(?:\.\d+)?/{_NUMBER}/{_NUMBER}"),
    re.compile(rf"/(?:place|search|dir)/{_NUMBER}\s*,\s*{_NUMBER}"),
)
_PLAIN = re.compile(rf"\(?\s*{_NUMBER}\s*[,;\s]\s*{_NUMBER}\s*\)?")
_COMMAS = re.compile(r"\(?\s*([+-]?\d{1,3}),(\d{3,})\s*[,;\s]\s*([+-]?\d{1,3}),(\d{3,})\s*\)?")  # -7,8079 112,5572
_DEGREES = re.compile(
    r"(\d{1,3})\s*°\s*(?:(\d{1,2})\s*['′]\s*)?(?:(\d{1,2}(?:[.,]\d+)?)\s*(?:\"|″|'')\s*)?(LS|LU|BT|[NSEW])?", re.IGNORECASE
)


class BadPoint(Problem):
    """The text is no point of Indonesia's map; `key` says why."""


def read(text: str) -> tuple[float, float] | None:
    """(latitude, longitude) in degrees; None for nothing. Raises BadPoint."""
    plain = text.strip()[:LONGEST]
    if not plain:
        return None
    found = _in_link(plain) if "://" in plain or plain.startswith("geo:") or _SHORT.search(plain) else _in_words(plain)
    if found is None:
        raise BadPoint("point.wrong", typed=plain[:60])
    latitude, longitude = found if abs(found[0]) <= abs(found[1]) else found[::-1]  # here longitude is always the larger one
    if not (SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST):
        raise BadPoint("point.elsewhere", typed=plain[:60])
    return round(latitude, 6), round(longitude, 6)


def shown(latitude: float | None, longitude: float | None) -> str:
    """The point as a person types it: `-7.8079, 112.5572`; "" when there is none."""
    return "" if latitude is None or longitude is None else ", ".join(f"{one:.6f}".rstrip("0").rstrip(".") for one in (latitude, longitude))


def _in_link(text: str) -> tuple[float, float] | None:
    link = unquote_plus(text)
    for shape in _PLACES:
        if found := shape.search(link):
            return float(found[1]), float(found[2])
    if _SHORT.search(link):
        raise BadPoint("point.short_link")
    raise BadPoint("point.link_without")


def _in_words(text: str) -> tuple[float, float] | None:
    if found := _COMMAS.fullmatch(text):
        return float(f"{found[1]}.{found[2]}"), float(f"{found[3]}.{found[4]}")
    if found := _PLAIN.fullmatch(text):
        return float(found[1]), float(found[2])
    pair = [_degrees(*one.groups()) for one in _DEGREES.finditer(text)]
    return (pair[0], pair[1]) if len(pair) == 2 else None


def _degrees(whole: str, minutes: str | None, seconds: str | None, side: str | None) -> float:
    """Indonesian maps write LS (south) and BT (east)."""
    value = int(whole) + int(minutes or 0) / 60 + float((seconds or "0").replace(",", ".")) / 3600
    return -value if (side or "").upper() in ("S", "LS") else value
