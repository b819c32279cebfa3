"""The containers of Instagram and Threads: pictures are fetched from where they are said to be, worked on, shown once, and expire."""

import hashlib
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx2


class Refused(Exception):
    """(code, subcode) of an error, and its HTTP status."""

    def __init__(self, code: int, subcode: int | None = None, status: int = 400) -> None:
        super().__init__(code, subcode)
        self.error: dict[str, Any] = {"code": code, **({"error_subcode": subcode} if subcode else {})}
        self.status = status


@dataclass
class Containers:
    """One professional account's containers and what it showed."""

    account: str
    text: str  # "caption" or "text"
    first: int
    works_for: int = 0  # so many looks find a new container unfinished
    lives: float = 86_400.0
    quota: tuple[int, int] = (0, 100)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: list[dict[str, Any]] = field(default_factory=list)
    fetched: list[tuple[str, int]] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)  # subcodes with which the next containers fail after they were made
    alone: threading.Lock = field(default_factory=threading.Lock)  # calls come in threads, and no two may get the same number

    def make(self, form: dict[str, str]) -> dict[str, Any]:
        children = [child for child in form.get("children", "").split(",") if child]
        if form.get("media_type") == "CAROUSEL":
            if not 2 <= len(children) <= 20 or any(child not in self.made for child in children):
                raise Refused(100, 2_207_028)
            if any(self._state(child) != "FINISHED" for child in children):
                raise Refused(9_007, 2_207_027)
        picture = self._fetch(form["image_url"]) if "image_url" in form else None
        if picture is None and not children and form.get("media_type") != "TEXT":
            raise Refused(100, 2_207_023)
        about = {"at": time.time(), "left": self.works_for, "shown": False, "picture": picture, "children": children, "form": form}
        with self.alone:
            number = str(self.first + len(self.made))
            self.made[number] = {**about, "broken": self.broken.pop(0) if self.broken else None}
        return {"id": number}

    def look(self, number: str) -> dict[str, Any]:
        about = self.made[number]
        state = self._state(number)
        about["left"] = max(0, about["left"] - 1)
        words = f"{state}: Medien konnten nicht verarbeitet werden, Fehlercode {about['broken']}" if state == "ERROR" else state
        return {"id": number, "status_code": state, "status": words if self.text == "caption" else state, "error_message": words}

    def show(self, form: dict[str, str]) -> dict[str, Any]:
        with self.alone:
            return self._show(form)

    def _show(self, form: dict[str, str]) -> dict[str, Any]:
        number = form["creation_id"]
        if number not in self.made:
            raise Refused(24, 2_207_006)
        state = self._state(number)
        if state == "IN_PROGRESS":
            raise Refused(9_007, 2_207_027)
        if state != "FINISHED":
            raise Refused(24, 2_207_008 if state == "EXPIRED" else 2_207_006)
        if self.quota[0] >= self.quota[1]:
            raise Refused(9, 2_207_042, 403)
        self.quota = (self.quota[0] + 1, self.quota[1])
        about = self.made[number]
        about["shown"] = True
        pictures = [self.made[child]["picture"] for child in about["children"]] or [about["picture"]]
        remote = str(17_000_000 + self.first + len(self.posts))
        post = {"id": remote, self.text: about["form"].get(self.text, ""), "permalink": f"https://{self.text}.example/p/{remote}/"}
        alts = [self.made[child]["form"].get("alt_text") for child in about["children"]] or [about["form"].get("alt_text")]
        kind = about["form"].get("media_type")
        self.posts.append({**post, "shas": [one for one in pictures if one], "alts": alts, "media_type": kind, "at": time.time()})
        return {"id": remote}

    def _state(self, number: str) -> str:
        about = self.made[number]
        if about["shown"]:
            return "PUBLISHED"
        if about["broken"]:
            return "ERROR"
        if time.time() - about["at"] > self.lives:
            return "EXPIRED"
        return "IN_PROGRESS" if about["left"] > 0 else "FINISHED"

    def _fetch(self, url: str) -> str:
        """As Meta fetches: no redirect is followed, no cookie wanted, a JPEG and nothing else; else 9004/2207052."""
        try:
            answer = httpx2.get(url, timeout=5, follow_redirects=False, trust_env=False)
        except httpx2.HTTPError:
            raise Refused(9_004, 2_207_052) from None
        self.fetched.append((url, answer.status_code))
        is_jpeg = answer.headers.get("content-type") == "image/jpeg" and answer.content.startswith(b"\xff\xd8\xff")
        if answer.status_code != 200 or not is_jpeg or "set-cookie" in answer.headers:
            raise Refused(9_004, 2_207_052)
        return hashlib.sha256(answer.content).hexdigest()
