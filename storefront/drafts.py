"""Drafts: posts that somebody is still writing, kept field by field as typed, so that a closed tab or an empty battery loses nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storefront.tables import draft

MOST_FIELDS, MOST_VALUES, MOST_LENGTH = 80, 40, 20_000  # of what is kept of a form; the editor's own has a third of that


class UnknownDraft(LookupError):
    """No such draft in this village."""


@dataclass(frozen=True)
class Draft:
    """A post that is not made yet; `form` is {field: [value]} as a browser sent it, `due_at` when it is meant to go out."""

    id: int
    village_id: int
    title: str
    form: Mapping[str, Sequence[str]]
    due_at: datetime | None
    pack: str | None
    link_id: int | None
    made_by: str | None
    made_at: datetime
    changed_at: datetime


_COLUMNS = [draft.c[name] for name in Draft.__dataclass_fields__]


def keep(
    connection: sa.Connection,
    *,
    village_id: int,
    draft_id: int | None,
    title: str,
    form: Mapping[str, Sequence[str]],
    due_at: datetime | None,
    at: datetime,
    made_by: str | None,
    pack: str | None = None,
) -> int:
    """Keep the fields of a form, over the draft it came from or as a new one; its id."""
    values: dict[str, Any] = {"title": title, "form": _bounded(form), "due_at": due_at, "changed_at": at}
    if draft_id is not None:
        mine = sa.and_(draft.c.village_id == village_id, draft.c.id == draft_id)
        if connection.execute(draft.update().where(mine).values(**values)).rowcount:
            return draft_id
    query = draft.insert().values(village_id=village_id, made_by=made_by, made_at=at, pack=pack, **values)
    made: int = connection.execute(query.returning(draft.c.id)).scalar_one()
    return made


def _bounded(form: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    fields = list(form.items())[:MOST_FIELDS]
    return {name[:100]: [value[:MOST_LENGTH] for value in values[:MOST_VALUES]] for name, values in fields}


def get(connection: sa.Connection, village_id: int, draft_id: int) -> Draft:
    """A draft of this village. Raises UnknownDraft."""
    row = connection.execute(sa.select(*_COLUMNS).where(draft.c.village_id == village_id, draft.c.id == draft_id)).first()
    if row is None:
        raise UnknownDraft(draft_id)
    return Draft(*row)


def listed(connection: sa.Connection, village_id: int, *, pack: str | None = None) -> list[Draft]:
    """The drafts of a village in the order in which they are meant to go out, those without a time last; or those of one month's pack."""
    query = sa.select(*_COLUMNS).where(draft.c.village_id == village_id)
    if pack is not None:
        query = query.where(draft.c.pack == pack)
    rows = connection.execute(query.order_by(draft.c.due_at.is_(None), draft.c.due_at, draft.c.id))
    return [Draft(*row) for row in rows]


def set_link(connection: sa.Connection, village_id: int, draft_id: int, link_id: int) -> None:
    """Remember the link that stands in the files taken home."""
    connection.execute(draft.update().where(draft.c.village_id == village_id, draft.c.id == draft_id).values(link_id=link_id))


def drop(connection: sa.Connection, village_id: int, draft_id: int | None) -> None:
    """Throw a draft away, or the one that has become a post; one that is not there is no matter."""
    connection.execute(draft.delete().where(draft.c.village_id == village_id, draft.c.id == draft_id))
