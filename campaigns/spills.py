"""Where clicks wait on this machine's own disk while the database cannot take them: appended and synced, brought in later, once."""

import fcntl
import json
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from campaigns.clicks import Click, from_plain, to_plain


class Spill:
    """A file of one process in a folder that several share. Who lives holds a lock on its file; `left` finds what the dead left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._file: int | None = None
        self._path = folder / f"{secrets.token_hex(8)}.clicks"
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """How many clicks of this process wait in the file."""
        return self._waiting

    def append(self, clicks: Sequence[Click]) -> None:
        """Write the clicks and return when they are on disk. Raises OSError."""
        lines = "".join(json.dumps(to_plain(click)) + "\n" for click in clicks).encode()
        with self._lock:
            os.write(self._open(), lines)
            os.fdatasync(self._open())
            self._waiting += len(clicks)

    def _open(self) -> int:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_CREAT | os.O_APPEND | os.O_RDWR, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
        return self._file

    def read(self) -> tuple[list[Click], int]:
        """(the clicks that wait, how far the file was read: for `forget`)."""
        with self._lock:
            if not self._waiting:
                return [], 0
            content = self._path.read_bytes()
        return list(_clicks(content)), len(content)

    def forget(self, end: int) -> None:
        """Drop what was read up to `end`, unless more came since: then all is read again, and what is known by then is passed over."""
        with self._lock:
            if self._file is not None and self._path.stat().st_size == end:
                os.ftruncate(self._file, 0)
                os.fsync(self._file)
                self._waiting = 0

    def left(self) -> Iterator[tuple[Path, list[Click]]]:
        """(file, clicks) of each process that died with clicks waiting; delete the file once they are in, before asking on."""
        for path in sorted(self._folder.glob("*.clicks")) if self._folder.is_dir() else []:
            if path == self._path:
                continue
            with suppress(BlockingIOError, FileNotFoundError), path.open("r+b") as file:
                # Either its process lives, or another one is bringing it in or just has.
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield path, list(_clicks(path.read_bytes()))

    def close(self) -> None:
        """Give the file up; an empty one is removed."""
        with self._lock:
            if self._file is not None:
                if not self._waiting:
                    self._path.unlink(missing_ok=True)
                os.close(self._file)
                self._file = None


def _clicks(content: bytes) -> Iterator[Click]:
    for line in content.splitlines():
        try:
            yield from_plain(json.loads(line))
        except (ValueError, TypeError):
            continue  # a line that was cut off by a crash was never answered for
