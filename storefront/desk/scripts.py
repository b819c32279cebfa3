"""The few scripts of the desk: each makes a form that works without it quicker; kept by browsers until their text changes."""

import functools
import hashlib

from fastapi import Depends
from fastapi.responses import Response

import storefront.desk.frame as frame
from storefront import web

router = frame.router()

FOLDER = web.ASSETS / "script"
FOR_EVER = "private, max-age=31536000, immutable"


@functools.cache
def text(name: str) -> str:
    """A script by its name, or "" when there is none."""
    known = {path.stem: path for path in FOLDER.glob("*.js")}
    return known[name].read_text(encoding="utf-8") if name in known else ""


@functools.cache
def address(name: str) -> str:
    """Where a browser asks for it: another text has another address."""
    return f"/desk/skrip/{name}.js?v={hashlib.sha256(text(name).encode()).hexdigest()[:12]}"


@router.get("/skrip/{name}.js", dependencies=[Depends(frame.signed)])
def script(name: str) -> Response:
    """The text of a script, for pages that only staff see."""
    if not text(name):
        raise web.NotFound
    return Response(text(name), media_type="text/javascript; charset=utf-8", headers={"Cache-Control": FOR_EVER})
