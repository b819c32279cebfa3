"""A stand-in for Telegram's Bot API: the token in the path, albums with attached files, and no way to read back what was posted."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from faults_stand_in import Cut, Faults
from serving_thread import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CHANNEL = -1001234567890


@dataclass
class StandIn:
    """What stands in the channel, the headers of each call, and what goes wrong with the ones that send."""

    token: str
    url: str = ""
    username: str | None = "desawonorejo"
    place: dict[str, Any] = field(default_factory=lambda: {"status": "administrator", "can_post_messages": True})
    posts: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)

    async def answer(self, request: Request) -> Response:
        method = request.path_params["method"]
        form = await request.form()
        words = {name: value for name, value in form.items() if isinstance(value, str)}
        files = {name: await value.read() for name, value in form.items() if not isinstance(value, str)}
        self.headers.append(dict(request.headers))
        self.methods.append(method)
        if request.path_params["token"] != self.token:
            return _refusal(401 if ":" in request.path_params["token"] else 404)
        kind, details = self.faults.draw() if method.startswith("send") else ("", {})
        if kind == "drop_before":
            return Cut()
        if kind == "before":
            return _refusal(details.get("status", 500))
        if words["chat_id"] != "@desawonorejo":
            return _refusal(400)
        said = self._do(method, words, files)
        if kind == "slow":
            await self.faults.wait(details)
        if kind == "drop_after":
            return Cut()
        return _refusal(details.get("status", 500)) if kind in ("after", "html") else JSONResponse({"ok": True, "result": said})

    def _do(self, method: str, words: dict[str, str], files: dict[str, bytes]) -> Any:
        chat = {"id": CHANNEL, "type": "channel", **({"username": self.username} if self.username else {})}
        if method == "getChatMember":
            return self.place if words["user_id"] == self.token.partition(":")[0] else {"status": "left"}
        number = len(self.posts) + 1
        if method == "sendMediaGroup":
            album = json.loads(words["media"])
            pictures = [files[one["media"].removeprefix("attach://")] for one in album]
            self.posts.append({"caption": album[0]["caption"], "pictures": pictures})
            return [{"message_id": number + place, "chat": chat} for place in range(len(album))]
        self.posts.append({"caption": words.get("caption") or words["text"], "pictures": list(files.values())})
        return {"message_id": number, "chat": chat}


def _refusal(status: int) -> Response:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": "Bad Request: chat not found"}
    headers = {"Retry-After": "35"} if status == 429 else {}
    return JSONResponse(body, status, headers=headers)


@contextmanager
def running(token: str) -> Iterator[StandIn]:
    """A running stand-in that knows one bot."""
    stand_in = StandIn(token)
    with serving(Starlette(routes=[Route("/bot{token}/{method}", stand_in.answer, methods=["POST"])])) as stand_in.url:
        yield stand_in
