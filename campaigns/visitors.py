"""Who came, without cookies: an identity salted anew each day, which nobody can compute once the day's salt is gone."""

import hashlib
import secrets
import threading
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from campaigns.tables import salt

SALT_BYTES = 32
_ADD = sa.text("INSERT INTO salt (day, secret) VALUES (:day, :secret) ON CONFLICT (day) DO NOTHING").bindparams(
    sa.bindparam("day", type_=sa.Date)
)


def identity(secret: bytes, village_id: int, address: str, agent: str) -> int:
    """A number that is the same for the same phone in the same village on the same day, and tells nothing without the day's salt.

    47 bits: six bytes in SQLite, and among ten thousand visitors of a day two are taken for one once in three million days.
    """
    digest = hashlib.blake2b(f"{village_id}\n{address}\n{agent}".encode("utf-8", "surrogatepass"), digest_size=8, key=secret).digest()
    return int.from_bytes(digest, "big") >> 17


class Salts:
    """The salts of the days, one for all processes: who comes first on a day makes it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._known: dict[date, bytes] = {}

    def known(self, day: date) -> bytes | None:
        """The salt of this day if this process has it in memory; never asks the database."""
        return self._known.get(day)

    def of(self, day: date) -> bytes | None:
        """The salt of a village's own day. None when the day is closed or the database cannot tell: then nobody is counted as a visitor."""
        with self._lock:
            if day not in self._known:
                secret = self._ask(day)
                if not secret:
                    return None
                # Villages in other zones may still have yesterday; nothing older stays in memory.
                self._known = {kept: value for kept, value in self._known.items() if kept >= day - timedelta(days=1)}
                self._known[day] = secret
            return self._known[day]

    def _ask(self, day: date) -> bytes | None:
        try:
            with self._engine.begin() as connection:
                connection.execute(_ADD, {"day": day, "secret": secrets.token_bytes(SALT_BYTES)})
                return bytes(connection.execute(sa.select(salt.c.secret).where(salt.c.day == day)).scalar_one())
        except SQLAlchemyError:
            return None
