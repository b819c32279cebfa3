"""A stand-in for the public pages of Instagram as instaloader 4.16 reads them: data in HTML, a start page with tokens, a query a post.

Reached through `Detour`, an adapter that leads what is meant for www.instagram.com to this machine.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import HTTPAdapter
from serving_thread import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route


@dataclass
class StandIn:
    """One profile with posts, newest first; from the call number `refuse_from` on every answer is `refusal`."""

    url: str = ""
    handle: str = "desawonorejo"
    is_private: bool = False
    posts: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refusal: Response | None = None
    refuse_from: int = 1

    def add(self, shortcode: str, taken_at: int, caption: str | None, *, likes: int = 0, comments: int = 0) -> None:
        """One more post on top."""
        self.posts.insert(
            0,
            {
                "code": shortcode,
                "pk": str(3_000 + len(self.posts)),
                "media_type": 1,
                "taken_at": taken_at,
                "user": {"pk": "4242", "username": self.handle},
                "caption": None if caption is None else {"text": caption},
                "like_count": likes,
                "comment_count": comments,
                "image_versions2": {"candidates": [{"url": "https://scontent.cdninstagram.com/p.jpg"}]},
            },
        )

    async def answer(self, request: Request) -> Response:
        self.asked.append(f"{request.method} {request.url.path}")
        if self.refusal is not None and len(self.asked) >= self.refuse_from:
            return self.refusal
        if request.url.path == "/":
            return self._start()
        if request.url.path == "/api/graphql":
            return self._post(parse_qs((await request.body()).decode()))
        if request.url.path == f"/{self.handle}/":
            return HTMLResponse(self._profile())
        return HTMLResponse("<html>Sorry, this page isn't available.</html>", 404)

    def _start(self) -> Response:
        answer = HTMLResponse('<script>["LSD",[],{"token":"lsd-1"},323],{"IG_USER_EIMU":"0"}</script>')
        answer.set_cookie("csrftoken", "csrf-1", domain=".instagram.com", secure=True)
        return answer

    def _profile(self) -> str:
        edges = [] if self.is_private else [{"node": {"code": post["code"]}} for post in self.posts]
        connection = {"edges": edges, "page_info": {"has_next_page": False, "end_cursor": None}}
        user = {"pk": "4242", "id": "17841400000000000", "username": self.handle, "is_private": self.is_private}
        about = {"xig_user_by_username": {**user, "all_media_count": len(self.posts)}}
        posts = {"xig_user_by_username": {**user, "polaris_ordered_timeline_connection": connection}}
        boxes = [{"__bbox": {"result": {"data": data}}} for data in (about, posts)]
        scripts = "".join(f'<script type="application/json" data-sjs>{json.dumps({"require": [[one]]})}</script>' for one in boxes)
        return f"<html><body>{scripts}</body></html>"

    def _post(self, form: dict[str, list[str]]) -> Response:
        wanted = json.loads(form["variables"][0])["shortcode"]
        items = [post for post in self.posts if post["code"] == wanted]
        return JSONResponse({"data": {"xdt_api__v1__media__shortcode__web_info": {"items": items}}})


class Detour(HTTPAdapter):
    """Leads requests to the stand-in; the one who asked does not notice."""

    def __init__(self, to: str) -> None:
        super().__init__(max_retries=0)
        self.to = to

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        led = request.copy()
        asked = urlsplit(request.url or "")
        led.url = self.to + (asked.path or "/") + (f"?{asked.query}" if asked.query else "")
        led.headers.pop("Host", None)
        answer = super().send(led, *args, **kwargs)
        answer.url, answer.request = request.url or "", request
        return answer


LOGIN = RedirectResponse("https://www.instagram.com/accounts/login/?next=/desawonorejo/", 302)
WAIT = JSONResponse({"message": "Please wait a few minutes before you try again.", "require_login": True, "status": "fail"}, 401)


@contextmanager
def running() -> Iterator[StandIn]:
    """A running stand-in."""
    of = StandIn()
    with serving(Starlette(routes=[Route("/{path:path}", of.answer, methods=["GET", "POST"])])) as of.url:
        yield of
