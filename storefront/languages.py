"""All words for people, read from assets/languages/<code>.toml, and how each language writes money, days and times."""

import functools
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

FOLDER = Path(__file__).parent.parent / "assets" / "languages"
FIRST = "id"  # the language of the house: every key is there, and what another language lacks is taken from it
NBSP = "\u00a0"
COUNTED = ("count", "left", "days")  # facts that say how many: with 1 a language may have a sentence of its own, `<key>_one`
ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


class MissingWord(KeyError):
    """A key that no language knows: a mistake of ours, found by a test before a person sees it."""


@functools.cache
def known() -> tuple[str, ...]:
    """The codes of the languages that have every word, Indonesian first."""
    return tuple(sorted((code for code in _files() if not _is_overlay(code)), key=lambda code: (code != FIRST, code)))


@functools.cache
def overlays() -> tuple[str, ...]:
    """The codes of the languages that have some words of their own and take the rest from Indonesian; for guests, not for staff."""
    return tuple(sorted(code for code in _files() if _is_overlay(code)))


def _files() -> list[str]:
    return [path.stem for path in FOLDER.glob("*.toml")]


def _is_overlay(code: str) -> bool:
    return words(code).get("language.is_overlay") == "True"


@functools.cache
def words(code: str) -> dict[str, str]:
    """{"section.key": text} of one language, without what it lacks."""
    return dict(_flat(tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))))


def _flat(tree: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{before}{key}.")
        else:
            rows.append((before + key, str(value)))
    return rows


def say(code: str, key: str, **facts: object) -> str:
    """The text of `key` in language `code`, with {facts} filled in; MissingWord when nobody knows it.

    Where a fact says that there is one (COUNTED), it is the language's own `<key>_one`, if it has that: "1 item", not "1 items".
    """
    text = words(code).get(key) or words(FIRST).get(key)
    if facts and any(facts.get(name) in (1, "1") for name in COUNTED):
        text = words(code).get(f"{key}_one", text)
    if text is None:
        raise MissingWord(key)
    return text.format_map(facts) if facts else text


def pick(texts: Mapping[str, str] | None, code: str) -> str:
    """The text in `code` of {"id": ..., "en": ...}, or in the language of the house, or whatever there is."""
    if not texts:
        return ""
    return texts.get(code) or texts.get(FIRST) or next(iter(texts.values()), "")


def choose(accept_language: str, offered: tuple[str, ...]) -> str:
    """The best of the offered languages for an Accept-Language header; English for visitors whose own we lack."""
    wishes = []
    for place, part in enumerate(accept_language.split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        try:
            wishes.append((-float(quality or 1), place, tag.split("-")[0].lower()))
        except ValueError:
            continue
    for _, _, tag in sorted(wishes):
        code = {"in": "id", "jw": "jv"}.get(tag, tag)  # old codes that some phones still send
        if code in offered:
            return code
    foreign = any(tag not in ("", "*") for _, _, tag in wishes)
    return "en" if foreign and "en" in offered else FIRST


def rupiah(amount: int) -> str:
    """`Rp 15.000` with a space that does not break; the same in every language, as on the price tag."""
    return f"Rp{NBSP}{amount:,}".replace(",", ".")


def distance(code: str, metres: int) -> str:
    """150 m, or 2,9 km as this language writes it."""
    if metres < 1000:
        return f"{metres}{NBSP}m"
    return f"{format_decimal(round(metres / 1000, 1), locale=Locale.parse(_babel(code)))}{NBSP}km"


@functools.lru_cache(maxsize=2048)  # here and below: Babel reads its pattern anew each time, and a report writes hundreds
def day(code: str, when: date, *, style: str = "long") -> str:
    """A date as this language writes it: 23 November 2026."""
    return format_date(when, format=style, locale=Locale.parse(_babel(code)))


@functools.lru_cache(maxsize=256)
def month(code: str, when: date) -> str:
    """A month as this language writes it: Desember 2026."""
    return format_date(when, "MMMM y", locale=Locale.parse(_babel(code)))


def weekdays(code: str) -> list[str]:
    """The names of the days of the week as this language writes them within a sentence, Monday first."""
    return [str(name) for _, name in sorted(Locale.parse(_babel(code)).days["format"]["wide"].items())]


def number(code: str, value: int) -> str:
    """1.240 in Indonesian, 1,240 in English."""
    return str(value) if 0 <= value < 1000 else _grouped(code, value)


@functools.lru_cache(maxsize=4096)
def _grouped(code: str, value: int) -> str:
    return format_decimal(value, locale=Locale.parse(_babel(code)))


@functools.lru_cache(maxsize=4096)
def percent(code: str, share: float) -> str:
    """A share with as many digits as it is worth: 0,42 %, 4,2 %, 42 %."""
    pattern = "0.00 %" if share < 0.01 else "0.0 %" if share < 0.1 else "0 %"
    return format_percent(share, pattern, locale=Locale.parse(_babel(code))).replace("\u00a0%", " %").replace(" %", f"{NBSP}%")


def moment(code: str, when: datetime, zone: str) -> str:
    """A UTC time as the village's clock shows it: 23 Nov 2026 14.05 WIB."""
    local = when.astimezone(ZoneInfo(zone))
    clock = f"{local:%H:%M}" if code == "en" else f"{local:%H.%M}"
    return f"{day(code, local.date(), style='medium')} {clock} {ZONE_NAMES.get(zone, '')}".strip()


def _babel(code: str) -> str:
    return {"en": "en_GB", "id": "id_ID", "jv": "jv_ID"}.get(code, code)
