"""A stand-in for a Mastodon server: keys against repeats (or none, as GoToSocial), pictures that are worked on, dropped answers, pages."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from faults_stand_in import Cut, Faults
from serving_thread import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


@dataclass
class StandIn:
    """What stands on the timeline; `keeps_keys` is Mastodon; `lag` is how many seconds lists are behind; codes are {code: challenge}."""

    token: str
    keeps_keys: bool = True
    url: str = ""
    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    asked: list[str] = field(default_factory=list)
    works_for: int = 0  # so many looks at a new picture find it unfinished
    lag: float = 0.0
    scopes: tuple[str, ...] = ("read", "write")
    codes: dict[str, str] = field(default_factory=dict)

    async def status(self, request: Request) -> Response:
        kind, details = self.faults.draw()
        if kind == "drop_before":
            return Cut()
        if kind == "before":
            return _error(details.get("status", 500))
        body = await request.json()
        if any(number not in self.media for number in body["media_ids"]):
            return _error(422)
        key = request.headers["idempotency-key"]
        post = self.keys.get(key) if self.keeps_keys else None
        if post is None:
            post = self._posted(body)
            self.keys[key] = post
        if kind == "slow":
            await self.faults.wait(details)
        if kind == "html":
            return Response("<html>nginx</html>", details.get("status", 502), media_type="text/html")
        if kind == "drop_after":
            return Cut()
        return _error(details.get("status", 500)) if kind == "after" else JSONResponse(_shown(post))

    def _posted(self, body: dict[str, Any]) -> dict[str, Any]:
        number = str(len(self.posts) + 1)
        words = escape(body["status"])
        for word in body["status"].split():
            if word.startswith("http"):
                shown = f'<span class="invisible">https://</span><span>{escape(word[8:])}</span>'
                words = words.replace(escape(word), f'<a href="{escape(word)}">{shown}</a>')
        post = {"id": number, "url": f"https://mastodon.example/@desa/{number}", "content": f"<p>{words}</p>"}
        post |= {"created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"), "text": body["status"]}
        post["pictures"] = [self.media[one] for one in body["media_ids"]]
        self.posts.append(post)
        return post

    async def upload(self, request: Request) -> Response:
        form = await request.form()
        data = await form["file"].read()  # type: ignore[union-attr]
        number = str(7_000 + len(self.media))
        self.media[number] = {"sha": hashlib.sha256(data).hexdigest(), "alt": form["description"], "left": self.works_for}
        return self._media(number, 202)

    async def picture(self, request: Request) -> Response:
        number = request.path_params["number"]
        if number not in self.media:
            return _error(404)
        self.media[number]["left"] = max(0, self.media[number]["left"] - 1)
        return self._media(number, 206)

    def _media(self, number: str, unfinished: int) -> Response:
        is_done = self.media[number]["left"] == 0
        return JSONResponse({"id": number, "url": "https://mastodon.example/m.jpg" if is_done else None}, 200 if is_done else unfinished)

    async def me(self, request: Request) -> Response:  # noqa: ARG002
        return JSONResponse({"id": "42", "username": "desa", "acct": "desa"})

    async def statuses(self, request: Request) -> Response:
        newest = int(request.query_params.get("max_id", "1000000"))
        until = datetime.now(UTC) - timedelta(seconds=self.lag)
        listed = [post for post in reversed(self.posts) if datetime.fromisoformat(post["created_at"]) <= until]
        rows = [_shown(post) for post in listed if int(post["id"]) < newest]
        return JSONResponse(rows[: int(request.query_params["limit"])])

    async def one(self, request: Request) -> Response:
        found = [post for post in self.posts if post["id"] == request.path_params["number"]]
        return JSONResponse({**_shown(found[0]), "favourites_count": 3, "reblogs_count": 1, "replies_count": 0}) if found else _error(404)

    async def rights(self, request: Request) -> Response:  # noqa: ARG002
        return JSONResponse({"name": "Gapura", "scopes": list(self.scopes)})

    async def about(self, request: Request) -> Response:  # noqa: ARG002
        of = "https://github.com/mastodon/mastodon" if self.keeps_keys else "https://codeberg.org/superseriousbusiness/gotosocial"
        return JSONResponse({"domain": "mastodon.example", "source_url": of})

    async def registration(self, request: Request) -> Response:
        form = await request.form()
        assert {"client_name", "redirect_uris", "scopes"} <= set(form)
        return JSONResponse({"client_id": "an-app", "client_secret": "the-secret-of-an-app"})

    async def exchange(self, request: Request) -> Response:
        form = await request.form()
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if self.codes.get(str(form["code"])) != challenge or form["client_secret"] != "the-secret-of-an-app":
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": self.token, "scope": " ".join(self.scopes)})

    def guarded(self, answer: Any) -> Any:
        """The same, for who has the token."""

        async def guard(request: Request) -> Response:
            self.asked.append(request.url.path)
            if request.method == "GET" and self.faults.fails_to_read():
                return _error(500)
            is_known = request.headers.get("authorization") == f"Bearer {self.token}"
            return await answer(request) if is_known and self.token not in str(request.url) else _error(401)

        return guard


def _shown(post: dict[str, Any]) -> dict[str, Any]:
    return {name: post[name] for name in ("id", "url", "content", "created_at")}


def _error(status: int) -> Response:
    return JSONResponse({"error": "Validation failed"}, status, headers={"Retry-After": "120"} if status == 429 else {})


@contextmanager
def running(token: str, **given: Any) -> Iterator[StandIn]:
    """A running stand-in."""
    of = StandIn(token, **given)
    routes = [
        Route("/api/v2/media", of.guarded(of.upload), methods=["POST"]),
        Route("/api/v1/media/{number}", of.guarded(of.picture)),
        Route("/api/v1/statuses", of.guarded(of.status), methods=["POST"]),
        Route("/api/v1/accounts/verify_credentials", of.guarded(of.me)),
        Route("/api/v1/accounts/42/statuses", of.guarded(of.statuses)),
        Route("/api/v1/statuses/{number}", of.guarded(of.one)),
        Route("/api/v1/apps/verify_credentials", of.guarded(of.rights)),
        Route("/api/v2/instance", of.about),
        Route("/api/v1/apps", of.registration, methods=["POST"]),
        Route("/oauth/token", of.exchange, methods=["POST"]),
    ]
    with serving(Starlette(routes=routes)) as of.url:
        yield of
