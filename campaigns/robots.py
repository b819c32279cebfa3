"""Tells people from robots, previews and prefetches by what their request says; the patterns are data, in robots.toml."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from campaigns.clicks import Kind

__all__ = ["VERSION", "App", "Device", "Judgement", "Kind", "judge"]

LONGEST = 600  # characters of an agent that are looked at; real in-app browsers say up to 450 of themselves
HEADERS = ("user-agent", "accept-language", "sec-purpose", "purpose", "x-purpose", "x-moz")  # all that `judge` reads
REMEMBERED = 8192  # requests that are told apart without thinking again: at most 10 MB

Choice = TypeVar("Choice", bound=IntEnum)


class App(IntEnum):
    """Whose in-app browser it is: most networks open links without leaving the app."""

    NONE = 0
    INSTAGRAM = 1
    FACEBOOK = 2
    TIKTOK = 3
    LINE = 4
    X = 5
    OTHER = 6


class Device(IntEnum):
    OTHER = 0
    ANDROID = 1
    IOS = 2
    DESKTOP = 3


class Judgement(NamedTuple):
    """Who asked; `language` is the one the browser prefers, two letters, None when it does not say."""

    kind: Kind
    app: App
    device: Device
    language: str | None


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE | re.DOTALL)


_DATA = tomllib.loads((Path(__file__).parent / "robots.toml").read_text(encoding="utf-8"))
VERSION: str = _DATA["version"]
_BROWSER, _PREVIEW, _ROBOT = _any(_DATA["browsers"]), _any(_DATA["previews"]), _any(_DATA["robots"])
_DESKTOP = re.compile(_DATA["desktop"], re.VERBOSE)
_APPS = [(App[name], _any([pattern])) for name, pattern in _DATA["apps"].items()]
_DEVICES = [(Device[name], _any([pattern])) for name, pattern in _DATA["devices"].items()]
# Where phones and apps name their model and operator. A robot that dresses up as a phone and says its name in there gives an address too.
_MODEL = re.compile(
    r"""\( (?=[^)]*Android) (?![^)]*(?:compatible;|https?:|@\w+\.[a-z]{2}|bot/)) [^)]* \)
    | \[FB[^\]]* \]?
    | (?<=Android\ ) \( \d+/ [^)]* \)  # Instagram""",
    re.VERBOSE,
)
_AHEAD = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)


def judge(method: str, headers: Mapping[str, str]) -> Judgement:
    """What kind of request this is, from which app and device, in which language.

    `headers` has `get` with lower-case names: a dict, or Starlette's. Kind.STAFF is never judged: who signed in knows more than a header.
    """
    get = headers.get
    ahead = get("sec-purpose") or get("purpose") or get("x-purpose") or get("x-moz") or ""
    return _judge(method, get("user-agent", "")[:LONGEST], ahead[:40], get("accept-language", "")[:2])


@lru_cache(maxsize=REMEMBERED)
def _judge(method: str, agent: str, ahead: str, language: str) -> Judgement:
    kind, app, device = _look_at(agent)
    if method in ("HEAD", "OPTIONS"):
        kind = Kind.HEAD
    elif kind is not Kind.PREVIEW and _AHEAD.search(ahead):
        kind = Kind.PREFETCH
    is_known = len(language) == 2 and language.isascii() and language.isalpha()
    return Judgement(kind, app, device, language.lower() if is_known else None)


@lru_cache(maxsize=REMEMBERED)
def _look_at(agent: str) -> tuple[Kind, App, Device]:
    app, device = _first(_APPS, agent, App.NONE), _first(_DEVICES, agent, Device.OTHER)
    if _PREVIEW.search(agent):
        return Kind.PREVIEW, app, device
    is_person = bool(_BROWSER.search(agent)) and not _ROBOT.search(_MODEL.sub("", agent))
    if is_person and device is Device.DESKTOP and app is App.NONE:
        is_person = _DESKTOP.fullmatch(agent.rstrip()) is not None
    return Kind.PERSON if is_person else Kind.ROBOT, app, device


def _first(choices: list[tuple[Choice, re.Pattern[str]]], agent: str, otherwise: Choice) -> Choice:
    return next((choice for choice, pattern in choices if pattern.search(agent)), otherwise)
