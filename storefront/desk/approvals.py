"""Approval by the village head, made for a phone: the exact pictures and words, one button, and a way back with a note."""

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from promo import accounts, approvals, posters, posts, targets
from storefront import staff, villages, web
from storefront.desk.frame import Approving, Publishing, SettingUp, Signed
from storefront.problems import Problem
from storefront.staff import Staff
from storefront.web import Now, Reading, Writing

router = frame.router()

NOTE_MOST = 500


@router.get("/persetujuan")
def listed(request: Request, who: Signed, connection: Reading, at: Now) -> HTMLResponse:
    """What waits for approval, what is due first on top, just as it will be seen."""
    return _page(request, who, connection, at)


@router.post("/persetujuan/kebutuhan")
def change(who: SettingUp, connection: Writing, typed: forms.Typed) -> Response:
    """Whether posts of this village wait for the village head."""
    villages.change(connection, who.village_id, needs_approval=typed.has("perlu"))
    return frame.go("/desk/persetujuan", "saved")


@router.post("/persetujuan/{post_id}")
def approve(request: Request, who: Approving, connection: Writing, typed: forms.Typed, at: Now, post_id: int) -> Response:
    """Yes to exactly what stood on the page."""
    given = {"sha": typed.text("sha"), "by": who.name, "at": at, "clock": request.app.state.post_clock}
    try:
        approvals.approve(connection, who.village_id, post_id, **given)
    except posts.NotPossible as error:
        return _page(request, who, connection, at, Problem(error.key, field="", **error.facts))
    return frame.go("/desk/persetujuan", "approved")


@router.post("/persetujuan/{post_id}/pengembalian")
def send_back(request: Request, who: Approving, connection: Writing, typed: forms.Typed, at: Now, post_id: int) -> Response:
    """Not like this; the note says why."""
    try:
        approvals.send_back(connection, who.village_id, post_id, note=typed.text("catatan")[:NOTE_MOST], by=who.name)
    except posts.NotPossible as error:
        return _page(request, who, connection, at, Problem(error.key, field="", **error.facts))
    return frame.go("/desk/persetujuan", "sent_back")


@router.post("/unggahan/{post_id}/sasaran/{target_id}/kata")
def rewrite(request: Request, who: Publishing, connection: Writing, typed: forms.Typed, at: Now, post_id: int, target_id: int) -> Response:
    """Other words for one account, while nobody has seen it; where approval is needed it is asked for anew."""
    of = targets.get(connection, who.village_id, target_id)
    words = typed.text("kata")
    given = {"asks_first": who.asks_first, "at": at, "clock": request.app.state.post_clock}
    try:
        if of.link_url and of.link_url not in words:
            raise Problem("approval.link_gone", field="kata", link=of.link_url)
        approvals.rewrite(connection, who.village_id, target_id, caption=words, **given)
    except (posts.NotPossible, Problem) as error:
        problem = error if isinstance(error, Problem) else Problem(error.key, field="kata", **error.facts)
        return _words(request, who, connection, post_id, target_id, typed.typed("kata"), problem)
    return frame.go(f"/desk/unggahan/{post_id}#t{target_id}", "asked" if who.asks_first else "rewritten")


@router.get("/unggahan/{post_id}/sasaran/{target_id}/kata")
def words(request: Request, who: Signed, connection: Reading, post_id: int, target_id: int) -> HTMLResponse:
    """The words for one account, to be changed."""
    return _words(request, who, connection, post_id, target_id, targets.get(connection, who.village_id, target_id).caption)


@router.post("/unggahan/{post_id}/pengajuan")
def submit(request: Request, who: Publishing, connection: Writing, at: Now, post_id: int) -> Response:
    """Hand in again what was sent back."""
    given = {"asks_first": who.asks_first, "at": at, "clock": request.app.state.post_clock}
    approvals.submit(connection, who.village_id, post_id, **given)
    return frame.go(f"/desk/unggahan/{post_id}", "asked" if who.asks_first else "scheduled")


def _words(
    request: Request, who: Staff, connection: Reading, post_id: int, target_id: int, typed: str, error: Problem | None = None
) -> HTMLResponse:
    post, of = posts.get(connection, who.village_id, post_id), targets.get(connection, who.village_id, target_id)
    if of.post_id != post_id:
        raise targets.UnknownTarget(target_id)
    shown = {"post": post, "target": of, "words": typed, "errors": web.sentences(error, who.language) if error else {}}
    return frame.draw(request, who, "post_words", here="posts", status=422 if error else 200, **shown)


def _page(request: Request, who: Staff, connection: Reading, at: web.Now, error: Problem | None = None) -> HTMLResponse:
    return frame.draw(
        request,
        who,
        "approvals",
        here="calendar",
        status=422 if error else 200,
        waiting=approvals.waiting(connection, who.village_id),
        titles={account.id: account.title for account in accounts.listed(connection, who.village_id)},
        heads=[one.name for one in staff.listed(connection, who.village_id) if one.is_open and one.may("approve")],
        at=at,
        sizes=posters.FORMATS,
        errors=web.sentences(error, who.language) if error else {},
    )
