"""The guard against saying the same twice: the same words or picture within a week, or two posts within the hour, on one account."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from promo import targets
from promo.tables import target
from promo.targets import Target

WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
_LINK = re.compile(r"https?://\S+|\{link\}")
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Twin:
    """A post that the new one is too much like: `why` is text, picture or hour."""

    why: str
    target: Target


def same_words(caption: str) -> str:
    """The words alone, without link, case, accents and signs: what makes two captions the same to a reader."""
    plain = unicodedata.normalize("NFKD", _LINK.sub(" ", caption)).casefold()
    return " ".join(_WORDS.findall("".join(letter for letter in plain if not unicodedata.combining(letter))))


def find(
    connection: sa.Connection,
    village_id: int,
    account_ids: Collection[int],
    *,
    caption: str,
    pictures: Collection[str],
    due_at: datetime,
    but: int | None = None,
) -> list[Twin]:
    """What a new post on these accounts would repeat, the nearest in time first; `but` is the target that is being changed."""
    near = (target.c.village_id == village_id, target.c.account_id.in_(list(account_ids)), target.c.state.not_in(("cancelled", "expired")))
    rows = connection.execute(sa.select(target).where(*near, target.c.due_at > due_at - WEEK, target.c.due_at < due_at + WEEK)).all()
    words, shas = same_words(caption), set(pictures)
    found = []
    for of in (targets.of_row(row) for row in rows if row.id != but):
        found += [Twin(why, of) for why in _likeness(of, words, shas, due_at)]
    return sorted(found, key=lambda twin: (abs(twin.target.due_at - due_at), twin.target.id, twin.why))


def _likeness(of: Target, words: str, shas: Collection[str], due_at: datetime) -> Sequence[str]:
    return [
        *(["text"] if words and same_words(of.caption) == words else []),
        *(["picture"] if any(one["sha256"] in shas for one in of.media) else []),
        *(["hour"] if abs(of.due_at - due_at) < HOUR else []),
    ]
