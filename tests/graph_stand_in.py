"""A stand-in for Meta's Graph API, faithful to the collected facts: form bodies, unpublished photos, numbers of errors, lagging lists."""

import asyncio
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


@dataclass
class StandIn:
    """What the Page holds, what was asked of it, and what goes wrong next: ("before" | "after" | "cut" | "html", error)."""

    url: str = ""
    photos: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    faults: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    hidden: int = 0  # so many lists do not show the posts yet
    served: str = "v26.0"
    headers: dict[str, str] = field(default_factory=dict)

    async def answer(self, request: Request) -> Response:
        form = await request.form() if request.method == "POST" else {}
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        files = {name: await value.read() for name, value in form.items() if not isinstance(value, str)}
        self.asked.append({"url": str(request.url), "token": request.headers.get("authorization"), "fields": fields})
        when, error = self.faults.pop(0) if self.faults and request.method == "POST" else ("", {})
        if when == "before":
            return self._error(error)
        if when == "slow":
            await asyncio.sleep(error["seconds"])
        said = self._do(request, fields, files)
        if when == "after":
            return self._error(error)
        if when == "html":
            return Response("<html>Sorry, something went wrong.</html>", error["status"], media_type="text/html")
        return JSONResponse(said, headers={"facebook-api-version": self.served, **self.headers})

    def _do(self, request: Request, fields: dict[str, str], files: dict[str, bytes]) -> dict[str, Any]:
        page, edge = request.path_params["page"], request.path_params["edge"]
        if edge == "photos":
            number = str(9_000 + len(self.photos))
            self.photos[number] = {"data": files["source"], "alt": fields.get("alt_text_custom"), "published": fields["published"]}
            return {"id": number}
        if edge == "feed":
            media = json.loads(fields.get("attached_media", "[]"))
            pictures = [self.photos[one["media_fbid"]] for one in media]
            number = f"{page}_{len(self.posts) + 1}"
            post = {
                "id": number,
                "message": fields.get("message", ""),
                "permalink_url": f"https://facebook.example/{number}",
                "pictures": pictures,
            }
            self.posts.append({**post, "created_time": time.time()})
            return {"id": number}
        return self._list(request)

    def _list(self, request: Request) -> dict[str, Any]:
        if self.hidden > 0:
            self.hidden -= 1
            return {"data": []}
        start = int(request.query_params.get("after", "0"))
        rows = [{name: row[name] for name in ("id", "message", "permalink_url")} for row in reversed(self.posts)]
        page: dict[str, Any] = {"data": rows[start : start + 2]}
        if start + 2 < len(rows):
            page["paging"] = {"cursors": {"after": str(start + 2)}, "next": "https://graph.example/next"}
        return page

    def _error(self, error: dict[str, Any]) -> Response:
        body = {"error": {"message": "Ein Fehler, mit token-that-must-never-be-seen", "fbtrace_id": "AbCdEf", **error.get("error", {})}}
        return JSONResponse(body, error.get("status", 400), headers={"facebook-api-version": self.served, **self.headers})


def start() -> tuple[StandIn, uvicorn.Server, threading.Thread]:
    """A running stand-in on a free port; stop it with `server.should_exit = True`."""
    stand_in = StandIn()
    app = Starlette(routes=[Route("/v26.0/{page}/{edge}", stand_in.answer, methods=["GET", "POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    stand_in.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    return stand_in, server, thread
