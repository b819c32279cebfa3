"""Pictures kept for the next time, by what they weigh and not by how many they are: a worker stays small whatever it draws."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, NamedTuple, ParamSpec, TypeVar

from PIL import Image

Given = ParamSpec("Given")
Made = TypeVar("Made")
_MEGABYTE = 1 << 20

# Large pictures in pieces of one size instead of one piece each: what one gives back, the next can use, and a worker that draws every
# poster in every format stays a fifth smaller.
Image.core.set_block_size(4 * _MEGABYTE)  # type: ignore[attr-defined]


class Info(NamedTuple):
    """As functools has it, in bytes."""

    hits: int
    misses: int
    maxsize: int
    currsize: int


class Kept(Generic[Given, Made]):
    """A function whose latest answers are kept, up to so many megabytes of pixels; what is larger than all of that is never kept."""

    def __init__(self, function: Callable[Given, Made], megabytes: float) -> None:
        self.function, self.most = function, round(megabytes * _MEGABYTE)
        self.__doc__ = function.__doc__
        self.lock = threading.Lock()
        self.cache_clear()

    def __call__(self, *args: Given.args, **kwargs: Given.kwargs) -> Made:
        key = (args, tuple(sorted(kwargs.items()))) if kwargs else args
        with self.lock:
            if key in self.answers:
                self.hits += 1
                self.answers.move_to_end(key)
                return self.answers[key]
        made = self.function(*args, **kwargs)
        with self.lock:
            self.misses += 1
            self._keep(key, made)
        return made

    def _keep(self, key: Hashable, made: Made) -> None:
        weight = _weight(made)
        if weight > self.most or key in self.answers:
            return
        self.answers[key] = made
        self.held += weight
        while self.held > self.most:
            _, gone = self.answers.popitem(last=False)
            self.held -= _weight(gone)

    def cache_clear(self) -> None:
        """Give everything back."""
        self.answers: OrderedDict[Hashable, Made] = OrderedDict()
        self.hits = self.misses = self.held = 0

    def cache_info(self) -> Info:
        """How often it helped, and what it holds."""
        return Info(self.hits, self.misses, self.most, self.held)


def kept(megabytes: float) -> Callable[[Callable[Given, Made]], Kept[Given, Made]]:
    """Keep a function's latest answers, up to so many megabytes."""
    return lambda function: Kept(function, megabytes)


def _weight(made: object) -> int:
    """Bytes of the pictures in an answer, and a little for the rest of it: Pillow holds colours in four bytes a pixel."""
    if isinstance(made, Image.Image):
        return made.width * made.height * (1 if made.mode in ("L", "1") else 4) + 500
    return sum(_weight(part) for part in made) if isinstance(made, tuple) else 50
