"""Targets outside our own shop: an address that staff typed and we checked, and what its site is told of where a guest came from."""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

LONGEST = 1_000  # characters of an address
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
MEDIA = {"qr": "qr", "print": "print", "post": "social", "bio": "social", "wa": "messenger"}
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class BadAddress(ValueError):
    """An address that no link may lead to; `reason` is https, host, secret, own, long or broken."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def checked(address: str, own_host: str) -> str:
    """The address as a browser writes it. Raises BadAddress unless it is https to a named host on the internet that is not our own.

    `own_host` is the shop's: a link to ourselves is made by choosing the page, and a link that leads to a link would go round in circles.
    """
    text = address.strip()
    if len(text) > LONGEST:
        raise BadAddress("long")
    if not text or any(ord(letter) <= 32 or ord(letter) == 127 for letter in text) or "\\" in text:
        raise BadAddress("broken")
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").rstrip(".").encode("idna").decode().lower(), parts.port
    except (ValueError, UnicodeError):
        raise BadAddress("broken") from None
    if parts.scheme.lower() != "https":
        raise BadAddress("https")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("secret")
    if host == own_host.partition(":")[0].lower():
        raise BadAddress("own")
    if port not in (None, 443) or not _HOST.fullmatch(host) or _is_number(host) or host.endswith((".local", ".localhost", ".internal")):
        raise BadAddress("host")
    return urlunsplit(("https", host, quote(parts.path, safe="/%:@!$&'()*+,;=~-._"), _plain(parts.query), _plain(parts.fragment)))


def host(address: str) -> str:
    """The host of an address that was checked: what staff recognise it by."""
    return urlsplit(address).hostname or ""


def with_utm(address: str, utm: Mapping[str, str]) -> str:
    """A checked address with UTM parameters; those it has already are kept as they are."""
    parts = urlsplit(address)
    known = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    more = urlencode([(name, utm[name]) for name in UTM if utm.get(name) and name not in known])
    return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, more) if part)))


def usual_utm(kind: str, network: str | None, campaign: str, title: str) -> dict[str, str]:
    """The UTM parameters of a link of this kind: which network, which medium, which campaign, which link."""
    values = (network or kind, MEDIA.get(kind, "link"), slug(campaign) or "gapura", slug(title))
    return {name: value for name, value in zip(UTM, values, strict=True) if value}


def slug(text: str) -> str:
    """Words as statistics programs like them: lower-case letters and digits, joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60]


def _plain(text: str) -> str:
    return quote(text, safe="/?%:@!$&'()*+,;=~-._")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
