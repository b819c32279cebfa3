"""A stand-in for a Bluesky server (XRPC): sessions, blobs that are forgotten, records under a key that are compared before they change."""

import hashlib
import re
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

DID = "did:plc:wonorejo"
_TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")


@dataclass
class StandIn:
    """What stands in the account's repository. `ends_after` so many calls a session is over; `forgets` blobs nobody used."""

    password: str
    url: str = ""
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    sessions: list[str] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    ends_after: int = 1_000_000

    async def answer(self, request: Request) -> Response:
        name = request.path_params["name"]
        self.asked.append((str(request.url), dict(request.headers), name))
        if name == "com.atproto.server.createSession":
            body = await request.json()
            if (body["identifier"], body["password"]) != ("wonorejo.example", self.password):
                return _error("AuthenticationRequired", 401)
            self.sessions.append(f"session-that-must-never-be-seen-{len(self.sessions)}")
            return JSONResponse({"did": DID, "handle": "wonorejo.example", "accessJwt": self.sessions[-1], "refreshJwt": "x"})
        if request.method == "GET" and self.faults.fails_to_read():
            return _error("InternalServerError", 500)
        is_open = name == "com.atproto.repo.listRecords"  # everybody may read
        if not is_open and (request.headers.get("authorization") or "").removeprefix("Bearer ") not in self._living():
            return _error("ExpiredToken", 400)
        self.ends_after -= 1
        if self.ends_after == 0:
            self.sessions.append("over")
            return _error("ExpiredToken", 400)
        return await self._do(name, request)

    def _living(self) -> list[str]:
        """Every worker has a session of its own; they end together."""
        over = max((place for place, one in enumerate(self.sessions) if one == "over"), default=-1)
        return self.sessions[over + 1 :]

    async def _do(self, name: str, request: Request) -> Response:
        if name == "com.atproto.repo.uploadBlob":
            data = await request.body()
            cid = hashlib.sha256(data).hexdigest()
            self.blobs[cid] = data
            blob = {"$type": "blob", "ref": {"$link": cid}, "mimeType": request.headers["content-type"], "size": len(data)}
            return JSONResponse({"blob": blob})
        if name == "com.atproto.repo.putRecord":
            return await self._put(await request.json())
        if name == "com.atproto.repo.getRecord":
            record = self.records.get(request.query_params["rkey"])
            return JSONResponse(_shown(request.query_params["rkey"], record)) if record else _error("RecordNotFound", 400)
        if name == "com.atproto.repo.listRecords":
            return JSONResponse({"records": [_shown(key, record) for key, record in self.records.items()]})
        uris = request.query_params.getlist("uris")
        found = [key for key in self.records if f"at://{DID}/app.bsky.feed.post/{key}" in uris]
        return JSONResponse({"posts": [{"uri": uris[0], "likeCount": 5, "replyCount": 0, "repostCount": 2} for _ in found]})

    async def _put(self, body: dict[str, Any]) -> Response:
        kind, details = self.faults.draw()
        if kind == "drop_before":
            return Cut()
        if kind == "before":
            return _error(details.get("name", "InternalServerError"), details.get("status", 500))
        key, record = body["rkey"], body["record"]
        if not _TID.fullmatch(key) or record["$type"] != "app.bsky.feed.post" or len(record["text"]) > 300:
            return _error("InvalidRequest", 400)
        images = record.get("embed", {}).get("images", [])
        if any(one["image"]["ref"]["$link"] not in self.blobs for one in images):
            return _error("BlobNotFound", 400)
        if "swapRecord" in body and (self.records.get(key) or {}).get("cid") != body["swapRecord"]:
            return _error("InvalidSwap", 400)
        cid = hashlib.sha256(repr(sorted(record.items())).encode()).hexdigest()
        self.records[key] = {"cid": cid, "record": record, "pictures": [self.blobs[one["image"]["ref"]["$link"]] for one in images]}
        if kind == "slow":
            await self.faults.wait(details)
        if kind == "drop_after":
            return Cut()
        if kind == "html":
            return Response("<html>nginx</html>", 502, media_type="text/html")
        return _error("InternalServerError", 500) if kind == "after" else JSONResponse(_shown(key, self.records[key]))


def _shown(key: str, record: dict[str, Any]) -> dict[str, Any]:
    return {"uri": f"at://{DID}/app.bsky.feed.post/{key}", "cid": record["cid"], "value": record["record"]}


def _error(name: str, status: int) -> Response:
    return JSONResponse({"error": name, "message": "Etwas, mit token-that-must-never-be-seen"}, status)


@contextmanager
def running(password: str) -> Iterator[StandIn]:
    """A running stand-in with one account."""
    of = StandIn(password)
    with serving(Starlette(routes=[Route("/xrpc/{name}", of.answer, methods=["GET", "POST"])])) as of.url:
        yield of
