"""Who asks, out of what a request says of itself: judged once for what most phones say, and remembered."""

import functools
from typing import NamedTuple

from campaigns import robots
from storefront import languages
from storefront.front import SHOP_LANGUAGES

_RARELY_SAID = frozenset(name.encode() for name in robots.HEADERS) - {b"user-agent", b"accept-language"}


class Asked(NamedTuple):
    """What a request says of who asks, whoever they are: see robots.py; numbers are plain, for they are counted by."""

    kind: int
    app: int
    device: int
    spoken: str | None
    language: str  # of the shop
    agent: str


def asked(method: str, heard: dict[bytes, bytes]) -> Asked:
    """What these headers say of who asks; what most phones say is remembered, what only a few or nobody says is read each time."""
    agent, accepted = heard.get(b"user-agent", b""), heard.get(b"accept-language", b"")
    if len(agent) > robots.LONGEST or len(accepted) > robots.LONGEST or not _RARELY_SAID.isdisjoint(heard):
        return _read(method, {name: heard[name.encode()] for name in robots.HEADERS if name.encode() in heard})
    return _remembered(method, agent, accepted)


@functools.lru_cache(maxsize=4096)
def _remembered(method: str, agent: bytes, accepted: bytes) -> Asked:
    return _read(method, {"user-agent": agent, "accept-language": accepted})


def _read(method: str, heard: dict[str, bytes]) -> Asked:
    said = {name: value.decode("latin-1") for name, value in heard.items()}
    kind, app, device, spoken = robots.judge(method, said)
    language = languages.choose(said.get("accept-language", ""), SHOP_LANGUAGES)
    return Asked(int(kind), int(app), int(device), spoken, language, said.get("user-agent", ""))
