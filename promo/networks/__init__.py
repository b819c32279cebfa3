"""The networks we can publish to, one file each, found by listing this folder; and the plain values they speak in."""

import dataclasses
import functools
import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, cast, runtime_checkable

SENT = ("no", "maybe", "yes")
KINDS = (
    "network",  # no connection, a timeout, an answer cut off
    "server",  # the network's own trouble
    "rate",
    "quota",
    "account",  # the token or a permission is gone: a person logs in again
    "content",  # this text or these pictures will never be taken
    "policy",  # blocked or held by the network's rules: a person looks
    "media_fetch",
    "not_ready",
    "draft_gone",  # what was prepared is no longer there: prepare anew
    "duplicate",
    "by_hand",  # no failure at all: this network has no door for programs, a person posts it
    "unknown",  # an answer we have no rule for
)


class UnknownNetwork(LookupError):
    """There is no file of this name in promo/networks."""


class Failure(Exception):
    """A call that did not succeed, in numbers and kinds, never in the network's words: those are localised and may hold a token.

    `sent` says whether the call can have had a visible effect: "no", "maybe" or "yes"; `retry_after` is in seconds.
    """

    def __init__(
        self,
        kind: str,
        *,
        sent: str,
        status: int | None = None,
        code: int | None = None,
        subcode: int | None = None,
        trace: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{kind}, sent: {sent}, status {status}, code {code}/{subcode}")
        self.kind = kind
        self.sent = sent
        self.status = status
        self.code = code
        self.subcode = subcode
        self.trace = trace
        self.retry_after = retry_after


@dataclass(frozen=True)
class Field:
    """One line of the form that connects an account; the words are in assets/languages under publish.field, publish.hint and, of a
    choice, publish.option."""

    name: str
    kind: str = "text"  # text | url | secret | choice
    is_required: bool = True
    default: str = ""
    has_hint: bool = False
    options: tuple[str, ...] = ()  # of a choice; the default is one of them


@dataclass(frozen=True)
class Limits:
    """What a network takes and how it must be waited for; seconds, bytes and characters."""

    text: int
    pictures: int
    picture_bytes: int
    hashtags: int | None = None
    timeout: float = 30.0  # one publishing call, answered or given up
    settle: float = 900.0  # how long a published post may be missing from the network's own lists
    exactly_once: str = "marker"  # key | two_phase | marker | none: what a repeat is protected by
    fetches: bool = False  # it fetches pictures from our own address, so that must be reachable from outside


@dataclass
class Usage:
    """What one run asked of a network: its calls, and how much of their hour the app and the account have used in percent, as far as the
    network says; `regain` is in seconds. With `is_refused` the app had no call left."""

    calls: int = 0
    of_app: int | None = None
    of_account: int | None = None
    regain: float = 0.0
    is_refused: bool = False


@dataclass(frozen=True)
class Access:
    """An account as a network needs it: shown fields, secrets (kept out of every repr), the seconds a call may take, and what the
    installation sets for all accounts (graph_url, graph_version). `usage` is written down while it is used."""

    fields: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    timeout: float = 30.0
    given: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    usage: Usage = dataclasses.field(default_factory=Usage, repr=False, compare=False)


@dataclass(frozen=True)
class Picture:
    """A finished JPEG and the words for who cannot see it."""

    sha256: str
    alt: str
    data: bytes = field(repr=False)
    url: str | None = None  # where a network that fetches pictures itself may fetch it


@dataclass(frozen=True)
class Outgoing:
    """What is to be seen on the network, frozen; `marker` is in the link of the caption and finds the post again."""

    caption: str
    pictures: tuple[Picture, ...]
    marker: str
    link_url: str | None = None
    format: str = "portrait"


@dataclass(frozen=True)
class Sent:
    """The network says that it is published."""

    remote_id: str
    permalink: str | None = None


@dataclass(frozen=True)
class Found:
    """The post is on the network."""

    remote_id: str
    permalink: str | None = None


@dataclass(frozen=True)
class Absent:
    """A complete and successful look at the network did not show the post. With `is_proof` the very thing was asked for by its own id,
    so that no list can lag behind; with `draft_is_gone` what was prepared can no longer be sent and is prepared anew."""

    is_proof: bool = False
    draft_is_gone: bool = False


@dataclass(frozen=True)
class Held:
    """The network keeps the post in its own calendar until its time."""

    remote_id: str


@dataclass(frozen=True)
class CannotTell:
    """This network has no way to look."""


@dataclass(frozen=True)
class Unfit:
    """One thing the network would not take: the field of the form, the key of the sentence, its facts."""

    key: str
    field: str
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """One thing a look at the login found: a key under publish.health, its facts, and how bad it is: good, heed, or bad: nothing
    can be sent until somebody mends it."""

    key: str
    level: str = "good"
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Health:
    """How a login stands. Every look that the network answered ends in one, also one that found it dead."""

    findings: tuple[Finding, ...]
    expires_at: datetime | None = None

    @property
    def is_usable(self) -> bool:
        return all(one.level != "bad" for one in self.findings)


class Network(Protocol):
    """What each file of this folder offers. It never touches the database, settings or another network."""

    @property
    def TITLE(self) -> str: ...  # noqa: N802

    @property
    def FIELDS(self) -> Sequence[Field]: ...  # noqa: N802

    @property
    def FORMATS(self) -> Sequence[str]: ...  # noqa: N802

    @property
    def LIMITS(self) -> Limits: ...  # noqa: N802

    @staticmethod
    def check(caption: str, pictures: int) -> list[Unfit]:
        """What the network would refuse, known without asking it."""

    @staticmethod
    def calls_left(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> int:
        """How many calls of prepare are still to be made before publish."""

    @staticmethod
    def prepare(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> tuple[str, ...]:
        """One invisible, repeatable call; the draft one step further on. Raises Failure."""

    @staticmethod
    def publish(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> Sent:
        """The one visible call. Raises Failure."""

    @staticmethod
    def reconcile(access: Access, outgoing: Outgoing, draft: Sequence[str], since: datetime) -> Found | Held | Absent | CannotTell:
        """Look whether the post is there, or kept until its time; one successful, complete read. Raises Failure."""


@dataclass(frozen=True)
class Offer:
    """An account somebody may choose after signing in, or why this one cannot be chosen."""

    title: str
    fields: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    trouble: Finding | None = None


@runtime_checkable
class SigningIn(Protocol):
    """A network at which a person can let us in, instead of carrying a token here by hand."""

    @staticmethod
    def can_sign_in(keys: Mapping[str, str]) -> bool:
        """Has this installation what it takes? `keys` are the installation's own: meta_app_id, meta_app_secret."""

    @staticmethod
    def way_out(
        given: Mapping[str, str], keys: Mapping[str, str], fields: Mapping[str, str], redirect: str, state: str, challenge: str
    ) -> tuple[str, dict[str, str]]:
        """The address of the network's own page that asks the person, and what to keep until they come back. Raises Failure."""

    @staticmethod
    def way_back(
        given: Mapping[str, str], keys: Mapping[str, str], kept: Mapping[str, str], code: str, redirect: str, verifier: str
    ) -> list[Offer]:
        """What may be chosen now. Raises Failure."""


@runtime_checkable
class Checked(Protocol):
    """A network whose login can be looked at without publishing anything."""

    @staticmethod
    def health(access: Access) -> Health:
        """How the login stands, from calls that leave no trace. Raises Failure when the network did not say."""


@runtime_checkable
class Counted(Protocol):
    """A network that says how a post is received."""

    @staticmethod
    def metrics(access: Access, remote_id: str) -> Mapping[str, int | None]:
        """Any of METRICS; None where the network does not say, which is not 0. Raises Failure."""


@runtime_checkable
class Traced(Protocol):
    """A network that tells number and address of a post only some time after it was shown."""

    @staticmethod
    def trace(access: Access, outgoing: Outgoing, remote_id: str, since: datetime) -> Found | None:
        """Where the post is by now; None: not known yet. Raises Failure."""


@runtime_checkable
class Commented(Protocol):
    """A network on which the account can put the first comment below its post."""

    @staticmethod
    def comment(access: Access, outgoing: Outgoing, remote_id: str) -> str | None:
        """Put it there, if the account wants one: its id. One attempt. Raises Failure."""


@runtime_checkable
class Handing(Protocol):
    """A network with a calendar of its own, which sends what was handed over even when our computer is off."""

    @staticmethod
    def keeps(access: Access, wait: timedelta) -> bool:
        """Does this account want it, and does the network take a post that is due in so long?"""

    @staticmethod
    def hand_over(access: Access, outgoing: Outgoing, draft: Sequence[str], at: datetime) -> Held:
        """The one call that puts the post into the network's calendar. Raises Failure."""

    @staticmethod
    def held(access: Access, remote_id: str) -> Found | Held | Absent:
        """What has become of it. Raises Failure."""

    @staticmethod
    def move(access: Access, remote_id: str, at: datetime) -> None:
        """Another time there; the same call again changes nothing more. Raises Failure."""

    @staticmethod
    def take_back(access: Access, remote_id: str) -> None:
        """Out of the calendar again; what is gone already is fine. Raises Failure."""


@runtime_checkable
class Metered(Protocol):
    """A network that counts the calls of all accounts that came through one app together."""

    @staticmethod
    def app_of(secrets: Mapping[str, str]) -> str:
        """An id of the app these secrets belong to, out of which nobody learns a secret."""


@runtime_checkable
class Shaped(Protocol):
    """A network whose accounts may want another format than its first."""

    @staticmethod
    def format_of(fields: Mapping[str, str]) -> str:
        """The format that an account with these fields shows."""


def format_of(name: str, fields: Mapping[str, str]) -> str:
    """The format in which an account of this network shows a post best. Raises UnknownNetwork."""
    network = get(name)
    return network.format_of(fields) if isinstance(network, Shaped) else network.FORMATS[0]


def app_of(name: str, secrets: Mapping[str, str]) -> str | None:
    """The app for which the calls of such an account are counted; None: nobody counts. Raises UnknownNetwork."""
    network = get(name)
    return network.app_of(secrets) if isinstance(network, Metered) else None


METRICS = ("views", "reach", "likes", "comments", "shares", "saves", "clicks")


def mentions(text: object, marker: str) -> bool:
    """Is the link with this code in the text, in whatever letter case? A longer code that begins alike is another link."""
    return re.search(rf"/q/{re.escape(marker)}(?![0-9a-z])", str(text or ""), re.IGNORECASE) is not None


@functools.cache
def names() -> tuple[str, ...]:
    """The networks there are, by name."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_")))


def get(name: str) -> Network:
    """The network of this name; UnknownNetwork if there is no such file."""
    if name not in names():
        raise UnknownNetwork(name)
    return cast(Network, importlib.import_module(f"promo.networks.{name}"))


def unfit(limits: Limits, caption: str, length: int, pictures: int) -> list[Unfit]:
    """The checks that every network shares: the words by its own counting, the number of pictures, the hashtags."""
    found = []
    if length > limits.text:
        found.append(Unfit("publish.caption_too_long", "caption", {"most": limits.text, "length": length}))
    if pictures > limits.pictures:
        found.append(Unfit("publish.too_many_pictures", "pictures", {"most": limits.pictures}))
    tags = sum(word.startswith("#") and len(word) > 1 for word in caption.split())
    if limits.hashtags is not None and tags > limits.hashtags:
        found.append(Unfit("publish.too_many_hashtags", "caption", {"most": limits.hashtags}))
    return found


def length(name: str, text: str) -> int:
    """The length of a text as that network counts it; a file that counts otherwise than Python does has a `length` of its own."""
    counted: Callable[[str], int] = getattr(get(name), "length", len)
    return counted(text)
