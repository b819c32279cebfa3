"""Posts at the desk: what is written, what is scheduled, and what became of each; where they are made: editor.py."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from promo import accounts, posters, posts, targets
from promo.posts import Post
from promo.targets import Target
from storefront import drafts, languages, moving, web, whatsapp
from storefront.desk.frame import Publishing, Signed
from storefront.problems import Problem, Problems
from storefront.staff import Staff
from storefront.web import Now, Reading, Writing

router = frame.router()

TONES = {"published": "good", "partly": "good", "needs_person": "bad", "rejected": "bad", "expired": "bad", "waiting": "wait"}


@router.get("/unggahan")
def listed(request: Request, who: Signed, connection: Reading) -> HTMLResponse:
    """What is still being written, and the posts of the village, newest first, each with where it stands."""
    found = posts.listed(connection, who.village_id)
    kept = drafts.listed(connection, who.village_id)
    return frame.draw(request, who, "posts", here="posts", posts=found, drafts=kept, tones=TONES)


@router.get("/unggahan/{post_id}")
def look(request: Request, who: Signed, connection: Reading, at: Now, post_id: int) -> HTMLResponse:
    """One post: its pictures, each account's state, link and journal, and what can still be done."""
    return _page(request, who, connection, at, posts.get(connection, who.village_id, post_id))


@router.post("/unggahan/{post_id}/sasaran/{target_id}/pembatalan")
def cancel(request: Request, who: Publishing, connection: Writing, at: Now, post_id: int, target_id: int) -> Response:
    """It will not be sent."""
    post = _with_target(connection, who, post_id, target_id)
    try:
        posts.cancel(connection, who.village_id, target_id, at=at, clock=request.app.state.post_clock)
    except posts.NotPossible as error:
        return _page(request, who, connection, at, post, _problem(error))
    return frame.go(f"/desk/unggahan/{post_id}", "cancelled")


@router.post("/unggahan/{post_id}/sasaran/{target_id}/jadwal")
def move(request: Request, who: Publishing, connection: Writing, typed: forms.Typed, at: Now, post_id: int, target_id: int) -> Response:
    """Another time."""
    post = _with_target(connection, who, post_id, target_id)
    try:
        due_at = forms.moment(typed.text("date"), typed.text("time"), who.village.zone)
        given = {"at": at, "clock": request.app.state.post_clock, "may_repeat": typed.has("tetap")}
        moving.move(connection, who.village, target_id, due_at=due_at, **given)
    except (posts.NotPossible, Problem) as error:
        return _page(request, who, connection, at, post, _problem(error))
    except Problems as error:
        again = {"date": typed.text("date"), "time": typed.text("time")}
        return _page(request, who, connection, at, post, error, again=(request.url.path, again))
    return frame.go(f"/desk/unggahan/{post_id}", "rescheduled")


@router.post("/unggahan/{post_id}/sasaran/{target_id}/jawaban")
def settle(request: Request, who: Publishing, connection: Writing, typed: forms.Typed, at: Now, post_id: int, target_id: int) -> Response:
    """A person looked at the network: it is there, or it is not."""
    post = _with_target(connection, who, post_id, target_id)
    permalink = typed.text("permalink")
    answer: dict[str, Any] = {"is_there": typed.text("jawaban") == "ada", "permalink": permalink if _is_address(permalink) else None}
    try:
        posts.settle(connection, who.village_id, target_id, **answer, at=at, clock=request.app.state.post_clock)
    except posts.NotPossible as error:
        return _page(request, who, connection, at, post, _problem(error))
    return frame.go(f"/desk/unggahan/{post_id}", "settled")


# ---- one post ------------------------------------------------------------------------------------------------------------------------


def _with_target(connection: sa.Connection, who: Staff, post_id: int, target_id: int) -> Post:
    post = posts.get(connection, who.village_id, post_id)
    if target_id not in [target.id for target in post.targets]:
        raise targets.UnknownTarget(target_id)
    return post


def _problem(error: posts.NotPossible | Problem) -> Problem:
    return error if isinstance(error, Problem) else Problem(error.key, field="", **error.facts)


def _is_address(text: str) -> bool:
    """An address that may become a link on a page: never javascript: or data:."""
    return text.startswith(("https://", "http://")) and len(text) <= 500 and not set(text) & set(" \n\"'<>")


def _page(
    request: Request,
    who: Staff,
    connection: sa.Connection,
    at: datetime,
    post: Post,
    error: Problem | Problems | None = None,
    *,
    again: tuple[str, Mapping[str, str]] | None = None,
) -> HTMLResponse:
    """The post. `again` is (address, fields) of the form that may be sent once more in spite of a warning."""
    titles: Mapping[int, str] = {account.id: account.title for account in accounts.listed(connection, who.village_id)}
    return frame.draw(
        request,
        who,
        "post",
        here="posts",
        status=422 if error else 200,
        post=post,
        shown=[(target, *_told(connection, who, target, at)) for target in post.targets],
        titles=titles,
        tones=TONES,
        share=whatsapp.share,
        pictures=_pictures(who, post),
        zone=languages.ZONE_NAMES.get(who.village.zone, who.village.zone),
        errors=web.sentences(error, who.language) if error else {},
        again=again,
    )


def _pictures(who: Staff, post: Post) -> list[tuple[str, str, str]]:
    """[(name, what people call it, sha256)] of its pictures; of an album those of one format, in their order."""
    album = [name for name in post.pictures if name.partition(" ")[0] == "portrait"]
    if len(album) > 1:
        called = [languages.say(who.language, "post.album.number", number=place, count=len(album)) for place in range(1, len(album) + 1)]
        return [(name.replace(" ", "-"), words, post.pictures[name]) for name, words in zip(album, called, strict=True)]
    names = [name for name in posters.FORMATS if name in post.pictures]
    return [(name, languages.say(who.language, f"post.format.{name}"), post.pictures[name]) for name in names]


def _told(connection: sa.Connection, who: Staff, target: Target, at: datetime) -> tuple[list[tuple[Any, str]], datetime]:
    """([(attempt, key of its sentence)], the due time on the village's clock)."""
    journal = [(attempt, attempt.word(at)) for attempt in posts.attempts(connection, who.village_id, target.id)]
    return journal, who.village.local(target.due_at)
