"""A stand-in for Meta's Graph API, faithful to the collected facts: Page, Instagram and Threads, form bodies, unpublished photos, its own
calendar, containers that fetch, numbers of errors, usage headers, an app's hour of calls, quotas, lagging lists, dead tokens, and answers
that get lost."""

import asyncio
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from containers_stand_in import Containers, Refused
from faults_stand_in import Cut, Faults
from serving_thread import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PAGE, INSTAGRAM, THREADS = "1234", "5678", "9012"
SCOPES = ["pages_show_list", "pages_manage_posts", "pages_read_engagement", "pages_manage_engagement"]
SCOPES += ["instagram_basic", "instagram_content_publish", "instagram_manage_insights", "read_insights"]


@dataclass
class StandIn:
    """What the Page holds, what was asked, and what goes wrong. `lag` is how many seconds lists are behind; `hidden` so many lists show
    nothing at all; `dead` is the (code, subcode) with which every call is refused; tokens are {token: what debug_token says}."""

    url: str = ""
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    app_secret: str = ""
    photos: dict[str, dict[str, Any]] = field(default_factory=dict)
    every: dict[str, dict[str, Any]] = field(default_factory=dict)  # posts by id: published, unseen, kept until their time
    comments: list[tuple[str, str]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    codes: dict[str, str] = field(default_factory=dict)  # of the way there and back: {code: redirect_uri}
    dead: tuple[int, int | None] | None = None
    hidden: int = 0
    lag: float = 0.0
    served: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    insights: dict[str, int] = field(default_factory=dict)
    calls_an_hour: int = 0  # of the app; 0: nobody counts
    refused: int = 0  # calls beyond them
    alone: threading.Lock = field(default_factory=threading.Lock)  # calls come in threads, and no two may get the same number
    instagram: Containers = field(default_factory=lambda: Containers(INSTAGRAM, "caption", 30_000))
    threads: Containers = field(default_factory=lambda: Containers(THREADS, "text", 60_000))

    @property
    def posts(self) -> list[dict[str, Any]]:
        """What everybody sees on the Page, oldest first."""
        self._let_out()
        return sorted((post for post in self.every.values() if post["is_published"]), key=lambda post: post["seen_at"])

    def tell_about(self, token: str, **about: Any) -> None:
        """This token is known: a Page's own, for ever, with every right, unless said otherwise."""
        self.tokens[token] = {"type": "PAGE", "is_valid": True, "expires_at": 0, "scopes": SCOPES, "of": PAGE, **about}

    async def answer(self, request: Request) -> Response:
        form = await request.form() if request.method == "POST" else {}
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        files = {name: await value.read() for name, value in form.items() if not isinstance(value, str)}
        token = (request.headers.get("authorization") or "").removeprefix("Bearer ")
        self.asked.append({"url": str(request.url), "token": request.headers.get("authorization"), "fields": fields})
        version, path = request.path_params["version"], request.path_params["path"]
        if self.calls_an_hour and len(self.asked) > self.calls_an_hour:
            self.refused += 1
            return self._error({"status": 400, "error": {"code": 4}}, version)
        kind, details = self.faults.draw() if request.method == "POST" and _is_visible(path, fields) else ("", {})
        if request.method == "GET" and self.faults.fails_to_read():
            kind = "before"
        if kind == "drop_before":
            return Cut()
        if kind == "before":
            return self._error(details, version)
        try:
            self._let_in(request, token, fields)
            said = await asyncio.to_thread(self._do, request, version, path, fields, files)
        except Refused as refused:
            return self._error({"status": refused.status, "error": refused.error}, version)
        if kind == "slow":
            await self.faults.wait(details)
        if kind == "after":
            return self._error(details or {"status": 500, "error": {"code": 1, "is_transient": True}}, version)
        if kind == "html":
            return Response("<html>Sorry, something went wrong.</html>", details.get("status", 502), media_type="text/html")
        return Cut() if kind == "drop_after" else JSONResponse(said, headers=self._headers(version))

    def _let_in(self, request: Request, token: str, fields: dict[str, str]) -> None:
        if self.dead:
            raise Refused(*self.dead)
        if self.tokens and token not in self.tokens and "code" not in fields and "fb_exchange_token" not in fields:
            raise Refused(190, 467)
        if self.app_secret and token:
            proof = {**request.query_params, **fields}.get("appsecret_proof")
            if proof != hmac.new(self.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest():
                raise Refused(100)

    def _do(self, request: Request, version: str, path: str, fields: dict[str, str], files: dict[str, bytes]) -> Any:
        token = (request.headers.get("authorization") or "").removeprefix("Bearer ")
        if path == "":
            return self._batch(json.loads(fields["batch"]))
        if path == "oauth/access_token":
            return self._let_through(fields)
        if path.startswith("me"):
            return self._me(token, path, version)
        number, _, edge = path.partition("/")
        if version == "v1.0":
            return self._contained(self.threads, "threads", "threads_publish", "threads_publishing_limit", number, edge, request, fields)
        if number == INSTAGRAM or number in self.instagram.made or number in {post["id"] for post in self.instagram.posts}:
            names = ("media", "media_publish", "content_publishing_limit")
            return self._contained(self.instagram, *names, number, edge, request, fields)
        if edge == "photos":
            with self.alone:
                photo = str(9_000 + len(self.photos))
                self.photos[photo] = {"data": files["source"], "alt": fields.get("alt_text_custom"), "published": fields["published"]}
            return {"id": photo}
        if edge == "feed":
            with self.alone:
                return self._feed(number, fields)
        if edge == "comments":
            self.comments.append((number, fields["message"]))
            return {"id": f"{number}_c{len(self.comments)}"}
        if edge == "insights":
            return self._insights(request)
        return self._list(edge, request) if edge else self._one(number, request, fields)

    def _feed(self, page: str, fields: dict[str, str]) -> dict[str, Any]:
        media = json.loads(fields.get("attached_media", "[]"))
        if not media and "message" not in fields:
            raise Refused(197)
        pictures = [self.photos[one["media_fbid"]] for one in media]
        number = f"{page}_{len(self.every) + 1}"
        post = {"id": number, "message": fields.get("message", ""), "permalink_url": f"https://facebook.example/{number}"}
        post |= {"pictures": pictures, "is_published": fields.get("published", "true") != "false", "seen_at": time.time()}
        post["scheduled"] = int(fields["scheduled_publish_time"]) if "scheduled_publish_time" in fields else None
        if post["scheduled"] is not None and not 600 <= post["scheduled"] - time.time() <= 30 * 86_400:
            raise Refused(100)
        self.every[number] = post
        return {"id": number}

    def _one(self, number: str, request: Request, fields: dict[str, str]) -> dict[str, Any]:
        self._let_out()
        if number == PAGE:
            return {"id": PAGE, "name": "Desa Wonorejo"}
        if number not in self.every:
            raise Refused(100, 33)
        post = self.every[number]
        if request.method == "DELETE":
            del self.every[number]
            return {"success": True}
        if request.method == "POST":
            if fields.get("is_published") == "true" and not post["is_published"]:
                post |= {"is_published": True, "seen_at": time.time(), "scheduled": None}
            if "scheduled_publish_time" in fields:
                post["scheduled"] = int(fields["scheduled_publish_time"])
            return {"success": True}
        counted = {"summary": {"total_count": self.insights.get("likes", 0)}}
        said = {"id": number, "is_published": post["is_published"], "permalink_url": post["permalink_url"]}
        return {**said, "reactions": counted, "comments": {"summary": {"total_count": self.insights.get("comments", 0)}}}

    def _let_out(self) -> None:
        """Meta's own calendar: what is due is out."""
        for post in self.every.values():
            if post["scheduled"] is not None and post["scheduled"] <= time.time():
                post |= {"is_published": True, "seen_at": float(post["scheduled"]), "scheduled": None}

    def _list(self, edge: str, request: Request) -> dict[str, Any]:
        if self.hidden > 0:
            self.hidden -= 1
            return {"data": []}
        self._let_out()
        wanted = edge != "scheduled_posts"
        found = [post for post in self.every.values() if (post["is_published"] if wanted else post["scheduled"] is not None)]
        found = [
            post for post in found if post["seen_at"] <= time.time() - self.lag and post["seen_at"] >= int(_asked(request, "since", "0"))
        ]
        rows = [{name: row[name] for name in ("id", "message", "permalink_url")} for row in reversed(found)]
        return _paged(rows, request, 2 if len(rows) < 20 else 100)

    def _contained(
        self, of: Containers, make: str, publish: str, quota: str, number: str, edge: str, request: Request, fields: dict[str, str]
    ) -> Any:
        if edge == quota:
            return {"data": [{"quota_usage": of.quota[0], "config": {"quota_total": of.quota[1], "quota_duration": 86_400}}]}
        if edge == publish:
            return of.show(fields)
        if edge == make and request.method == "POST":
            return of.make(fields)
        if edge == make:
            if self.hidden > 0:
                self.hidden -= 1
                return {"data": []}
            rows = [post for post in reversed(of.posts) if post["at"] <= time.time() - self.lag and post["media_type"] != "STORIES"]
            return _paged([{name: row[name] for name in ("id", of.text, "permalink")} for row in rows], request, 25)
        if edge == "insights":
            return self._insights(request)
        if number in of.made:
            return of.look(number)
        if number == of.account:
            return {"id": number, "username": "desawonorejo"}
        return next(({"id": post["id"], "permalink": post["permalink"]} for post in of.posts if post["id"] == number), {})

    def _insights(self, request: Request) -> dict[str, Any]:
        names = request.query_params["metric"].split(",")
        if any(name not in self.insights for name in names):
            raise Refused(100)  # one unknown name, and the whole call fails
        return {"data": [{"name": name, "values": [{"value": self.insights[name]}]} for name in names]}

    def _batch(self, rows: list[dict[str, str]]) -> list[dict[str, Any]]:
        found = []
        for row in rows:
            asked = parse_qs(urlsplit(row["relative_url"]).query)["input_token"][0]
            about = self.tokens.get(asked, {"is_valid": False})
            found.append({"code": 200, "body": json.dumps({"data": {name: value for name, value in about.items() if name != "of"}})})
        return found

    def _let_through(self, fields: dict[str, str]) -> dict[str, Any]:
        if fields.get("grant_type") == "fb_exchange_token":
            self.tell_about("a-token-of-sixty-days", type="USER", of="77", expires_at=int(time.time()) + 5_183_944)
            return {"access_token": "a-token-of-sixty-days", "expires_in": 5_183_944}
        if self.codes.get(fields.get("code", "")) != fields.get("redirect_uri") or fields.get("client_secret") != self.app_secret:
            raise Refused(100, 36_009)
        self.tell_about("a-token-of-an-hour", type="USER", of="77", expires_at=int(time.time()) + 3_600)
        return {"access_token": "a-token-of-an-hour", "expires_in": 3_600}

    def _me(self, token: str, path: str, version: str) -> dict[str, Any]:
        if path == "me/accounts":
            for page in (PAGE, "1235"):
                self.tell_about(f"the-own-token-of-page-{page}", of=page)
            able = {
                "id": PAGE,
                "name": "Desa Wonorejo",
                "access_token": f"the-own-token-of-page-{PAGE}",
                "tasks": ["CREATE_CONTENT", "MANAGE"],
            }
            able["instagram_business_account"] = {"id": INSTAGRAM, "username": "desawonorejo"}
            unable = {"id": "1235", "name": "Karang Taruna", "access_token": "the-own-token-of-page-1235", "tasks": ["ANALYZE"]}
            return {"data": [able, unable, {"id": "1236", "name": "Tidak dicentang"}]}
        if version == "v1.0":
            return {"id": THREADS, "username": "desawonorejo"}
        of = self.tokens.get(token, {}).get("of", PAGE)
        return {"id": of, "name": "Desa Wonorejo" if of == PAGE else "Bu Sri"}

    def _headers(self, version: str) -> dict[str, str]:
        percent = len(self.asked) * 100 // self.calls_an_hour if self.calls_an_hour else 1
        usage = json.dumps({"call_count": percent, "total_time": 1, "total_cputime": 0})
        return {"facebook-api-version": self.served or version, "x-app-usage": usage, **self.headers}

    def _error(self, error: dict[str, Any], version: str) -> Response:
        told = error.get("error") or {"code": 1}
        body = {"error": {"message": "Ein Fehler, mit token-that-must-never-be-seen", "fbtrace_id": "AbCdEf", **told}}
        return JSONResponse(body, error.get("status", 400 if error else 500), headers=self._headers(version))


def _is_visible(path: str, fields: dict[str, str]) -> bool:
    """Faults are for the calls that can be seen by everybody, and for the one that hands over."""
    if path.endswith("/feed"):
        return fields.get("unpublished_content_type") != "DRAFT"
    return path.endswith(("/media_publish", "/threads_publish", "/comments")) or "is_published" in fields


def _asked(request: Request, name: str, default: str) -> str:
    return request.query_params.get(name, default)


def _paged(rows: list[dict[str, Any]], request: Request, size: int) -> dict[str, Any]:
    start = int(_asked(request, "after", "0"))
    page: dict[str, Any] = {"data": rows[start : start + size]}
    if start + size < len(rows):
        page["paging"] = {"cursors": {"after": str(start + size)}, "next": "https://graph.example/next"}
    return page


@contextmanager
def running(**given: Any) -> Iterator[StandIn]:
    """A running stand-in on a free port."""
    of = StandIn(**given)
    routes = [Route("/{version}/{path:path}", of.answer, methods=["GET", "POST", "DELETE"])]
    with serving(Starlette(routes=routes)) as of.url:
        yield of
