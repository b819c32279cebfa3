"""Passwords of staff: what is good enough, kept as argon2id, checked two at a time."""

import functools
import secrets
import threading
from pathlib import Path

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

from storefront.problems import Problem

LEAST, MOST = 8, 256  # characters; OWASP ASVS 5.0, 6.2.1 and 6.2.9
COMMON = Path(__file__).parent.parent / "assets" / "common_passwords.txt"

# One hash takes 64 MiB and a fifth of a second; forty threads of them would take 2.5 GB.
_TWO_AT_A_TIME = threading.BoundedSemaphore(2)
_ARGON2 = PasswordHash.recommended()


def check(password: str, *, login: str = "", field: str = "password") -> None:
    """Raises Problem when a new password is too short, too long, the login itself, or one that everybody tries first."""
    if len(password) < LEAST:
        raise Problem("staff.password_short", field=field, least=LEAST)
    if len(password) > MOST:
        raise Problem("form.too_long", field=field, most=MOST)
    plain = password.lower().strip()
    if plain in _common() or len(set(plain)) < 3 or (login and plain == login.lower()):
        raise Problem("staff.password_common", field=field)


def hashed(password: str) -> str:
    """The argon2id hash of a password, with its salt and parameters in it."""
    with _TWO_AT_A_TIME:
        return _ARGON2.hash(password)


def is_right(password: str, stored: str | None) -> bool:
    """Whether this is the password behind a stored hash; None (nobody by that name) takes just as long and is never right."""
    with _TWO_AT_A_TIME:
        try:
            return _ARGON2.verify(password[: MOST + 1], stored or _nobodys()) and stored is not None
        except UnknownHashError:
            return False


@functools.cache
def _nobodys() -> str:
    return _ARGON2.hash(secrets.token_urlsafe())


@functools.cache
def _common() -> frozenset[str]:
    return frozenset(COMMON.read_text(encoding="utf-8").split())
