"""The files of a post in one ZIP: every picture at its full size, and the words as text, for whoever posts by hand or prints."""

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import Response

import storefront.desk.editor as editor
import storefront.desk.editorpage as editorpage
import storefront.desk.forms as forms
import storefront.desk.frame as frame
import storefront.desk.pictures as pictures
from campaigns import links
from promo import posts
from storefront import database, drafts, languages, picturing, promotion, slugs
from storefront.desk.frame import Signed
from storefront.desk.sheets import Sheet
from storefront.staff import Staff
from storefront.web import Config, Now, Reading, Store

router = frame.router()


@router.post("/unggahan/berkas.zip")
def files(request: Request, who: Signed, typed: forms.Typed, upload: pictures.Uploaded, store: Store, at: Now, config: Config) -> Response:
    """All finished pictures and the words of a post that is being made, with a link of their own in them."""
    with database.writing(request.app.state.engine) as connection:
        sheet = editor.kept(connection, who, typed, upload, at)
        code = _code_of_files(connection, who, sheet, at)
    found: dict[str, bytes] = {}
    name = slugs.plain(sheet.title)
    for format_ in picturing.FORMATS:
        made = editorpage.shown(store, who, sheet, format_, config.public_url, scale=1.0, code=code)
        for number, one in enumerate(made, start=1):
            found[f"{name}-{format_}{f'-{number:02}' if len(made) > 1 else ''}.jpg"] = one.drawn.jpeg
    alt = promotion.alt_text(who.village, sheet.about[0], sheet.language, sheet.wishes)
    words = sheet.words.replace(promotion.LINK, links.url(config.public_url, code))
    return _zipped(name, found, languages.say(who.language, "post.files.text", words=words, alt=alt))


@router.get("/unggahan/{post_id}/berkas.zip")
def files_of_post(who: Signed, connection: Reading, store: Store, post_id: int) -> Response:
    """The same of a post that is made: what was or will be sent, the words for each account."""
    post = posts.get(connection, who.village_id, post_id)
    name = slugs.plain(post.title)
    found = {f"{name}-{format_.replace(' ', '-')}.jpg": store.read(sha256) for format_, sha256 in post.pictures.items()}
    words = "\n\n----\n\n".join(dict.fromkeys([target.caption for target in post.targets] or [post.caption]))
    return _zipped(name, found, languages.say(who.language, "post.files.text", words=words, alt=post.alt))


def _code_of_files(connection: sa.Connection, who: Staff, sheet: Sheet, at: datetime) -> str:
    """The code of the draft's own link: made once, however often its files are taken home."""
    kept = drafts.get(connection, who.village_id, sheet.draft_id or 0)
    if kept.link_id is not None:
        return links.get(connection, who.village_id, kept.link_id).code
    first = sheet.about[0]
    made = links.create(
        connection,
        village_id=who.village_id,
        kind="post",
        title=f"{sheet.title} · ZIP",
        target_kind=first.kind if first.id else "village",
        target_id=first.id,
        placement="zip",
        at=at,
    )
    drafts.set_link(connection, who.village_id, kept.id, made.id)
    return made.code


def _zipped(name: str, found: Mapping[str, bytes], text: str) -> Response:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:  # JPEG does not deflate
        for file, data in found.items():
            archive.writestr(zipfile.ZipInfo(file, (2000, 1, 1, 0, 0, 0)), data)
        archive.writestr(zipfile.ZipInfo(f"{name}.txt", (2000, 1, 1, 0, 0, 0)), text.encode())
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return Response(out.getvalue(), media_type="application/zip", headers=headers)
