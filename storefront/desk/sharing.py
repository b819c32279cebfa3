"""Addresses for reading the report without a login: make one for somebody, and close it."""

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from storefront import reportshares
from storefront.desk.frame import Publishing, Signed
from storefront.problems import Problem
from storefront.web import Config, Now, Reading, Writing, sentences

router = frame.router()


@router.get("/laporan/bagikan")
def listed(request: Request, who: Signed, connection: Reading, config: Config) -> HTMLResponse:
    """Every address that was given out."""
    return _page(request, who, connection, config)


@router.post("/laporan/bagikan")
def create(request: Request, who: Publishing, connection: Writing, config: Config, typed: forms.Typed, at: Now) -> Response:
    """A new address for somebody."""
    title = typed.text("title")
    if not title or len(title) > reportshares.TITLE_MOST:
        key = "form.too_long" if title else "form.empty"
        problem = Problem(key, field="title", **({"most": reportshares.TITLE_MOST} if title else {}))
        return _page(request, who, connection, config, title, problem)
    reportshares.open_for(connection, who.village_id, title, by=who.login, at=at)
    return frame.go("/desk/laporan/bagikan", "report_shared")


@router.post("/laporan/bagikan/{share_id}/penutupan")
def close(who: Publishing, connection: Writing, at: Now, share_id: int) -> Response:
    """Nobody reads under it any more."""
    reportshares.close(connection, who.village_id, share_id, at=at)
    return frame.go("/desk/laporan/bagikan", "report_closed")


def _page(
    request: Request, who: Signed, connection: Reading, config: Config, title: str = "", problem: Problem | None = None
) -> HTMLResponse:
    return frame.draw(
        request,
        who,
        "sharing",
        here="reports",
        status=422 if problem else 200,
        shares=reportshares.listed(connection, who.village_id),
        begin=f"{config.public_url}/laporan/",
        title=title,
        errors=sentences(problem, who.language) if problem else {},
    )
