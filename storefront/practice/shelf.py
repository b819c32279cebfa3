"""What the practice network holds: posts and pictures as files, on disk before they are answered for."""

import json
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

_NUMBERS = "numbers.json"


class UnknownMedia(LookupError):
    """A post names a picture that was never uploaded."""


@dataclass(frozen=True)
class Picture:
    """An uploaded JPEG and its words for who cannot see it."""

    id: str
    alt: str


@dataclass(frozen=True)
class Numbers:
    """How a post is received: how often it was shown, and how often its heart was pressed."""

    views: int = 0
    likes: int = 0


@dataclass(frozen=True)
class Post:
    """One entry of the timeline."""

    id: int
    account: str
    caption: str
    marker: str
    pictures: tuple[Picture, ...]
    at: datetime


class Shelf:
    """All posts in memory, each also a file of its own; safe to be used by many threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        for name in ("posts", "media"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._posts = sorted((_read_post(path) for path in (folder / "posts").glob("*.json")), key=lambda post: post.id)
        numbers = [int(path.stem) for path in (folder / "media").glob("*.jpg")]
        self._last_picture = max(numbers, default=0)
        self._numbers = _read_numbers(folder / _NUMBERS)

    def add_picture(self, data: bytes, alt: str) -> str:
        """Keep a picture; its id."""
        with self._lock:
            self._last_picture += 1
            picture_id = str(self._last_picture)
        _write(self._folder / "media" / f"{picture_id}.alt", alt.encode())
        _write(self._folder / "media" / f"{picture_id}.jpg", data)
        return picture_id

    def add_post(self, account: str, caption: str, marker: str, media: tuple[str, ...], at: datetime) -> Post:
        """Put a post on the timeline: two equal ones are two posts. Raises UnknownMedia."""
        pictures = tuple(self._picture(one) for one in media)
        with self._lock:
            number = self._posts[-1].id + 1 if self._posts else 1
            post = Post(number, account, caption, marker, pictures, at)
            row: Mapping[str, object] = {**asdict(post), "at": at.isoformat()}
            _write(self._folder / "posts" / f"{number}.json", json.dumps(row, ensure_ascii=False).encode())
            self._posts.append(post)
        return post

    def _picture(self, picture_id: str) -> Picture:
        path = self.picture_path(picture_id)
        if path is None:
            raise UnknownMedia(picture_id)
        return Picture(picture_id, path.with_suffix(".alt").read_text(encoding="utf-8"))

    def picture_path(self, picture_id: str) -> Path | None:
        """Where the picture is, if there is one of this id."""
        path = self._folder / "media" / f"{picture_id}.jpg"
        return path if picture_id.isdigit() and path.exists() else None

    def posts(self) -> list[Post]:
        """The timeline, newest first."""
        with self._lock:
            return list(reversed(self._posts))

    def post(self, number: int) -> Post | None:
        """One post."""
        return next((post for post in self.posts() if post.id == number), None)

    def count(self, numbers: Iterable[int], *, views: int = 0, likes: int = 0) -> None:
        """Add to the figures of these posts."""
        with self._lock:
            for number in numbers:
                known = self.numbers(number)
                self._numbers[number] = Numbers(known.views + views, known.likes + likes)
            rows = {str(number): asdict(known) for number, known in self._numbers.items()}
            (self._folder / _NUMBERS).write_text(
                json.dumps(rows), encoding="utf-8"
            )  # a lost view is no lost post: nothing waits for the disk

    def numbers(self, number: int) -> Numbers:
        """The figures of one post."""
        return self._numbers.get(number, Numbers())


def _read_numbers(path: Path) -> dict[int, Numbers]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # none yet, or half of them when the power went
        return {}
    return {int(number): Numbers(**row) for number, row in rows.items()}


def _read_post(path: Path) -> Post:
    row = json.loads(path.read_text(encoding="utf-8"))
    pictures = tuple(Picture(**one) for one in row.pop("pictures"))
    return Post(**{**row, "pictures": pictures, "at": datetime.fromisoformat(row["at"]).astimezone(UTC)})


def _write(path: Path, data: bytes) -> None:
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
