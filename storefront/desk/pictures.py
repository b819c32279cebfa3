"""The one photo of a noun at the desk: taken in before the transaction, kept even when the rest of the form is wrong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import Depends

import storefront.desk.forms as forms
from promo import photos
from storefront import media
from storefront.desk.forms import Form
from storefront.media import Kept, Photo
from storefront.problems import Problem
from storefront.staff import Staff
from storefront.web import Store


@dataclass(frozen=True)
class Upload:
    """What came in the field "photo": on disk already, or what is wrong with it; neither when nothing was chosen."""

    kept: Kept | None = None
    problem: Problem | None = None


def _upload(typed: forms.Typed, store: Store) -> Upload:
    """Stands before the transaction in a handler's signature: opening a picture takes up to a second and must hold up nobody."""
    for data in typed.files.get("photo", ()):
        try:
            return Upload(media.keep(store, data))
        except photos.BadPhoto as error:
            return Upload(problem=Problem(error.key, field="photo", **error.facts))
    return Upload()


Uploaded = Annotated[Upload, Depends(_upload)]


def chosen(connection: sa.Connection, who: Staff, typed: Form, upload: Upload, *, alt: dict[str, str], at: datetime) -> Photo | None:
    """The photo that the form means: the new one, or the one it had, unless that was to be dropped."""
    if upload.kept:
        return media.add_kept(connection, who.village_id, upload.kept, alt=alt, at=at)
    held = None if typed.has("drop_photo") else typed.number("photo_id")
    return media.by_id(connection, who.village_id, [held]).get(held or 0)
