"""A Telegram channel through the Bot API: no way to look back and no key against repeats, so one attempt, and then a person."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from promo.networks import Absent, Access, CannotTell, Failure, Field, Finding, Found, Health, Limits, Outgoing, Sent, Unfit, unfit
from promo.wire import call, kind_by_status

TITLE = "Telegram"
FIELDS = (
    Field("channel", has_hint=True),
    Field("token", kind="secret"),
    Field("base_url", kind="url", default="https://api.telegram.org"),
)
FORMATS = ("portrait", "square", "landscape")
# 1,024 UTF-16 units below pictures, albums of 2 to 10, 10 MB a photo (core.telegram.org/bots/api). Bots cannot read a channel's history
# and there is no key (tdlib/telegram-bot-api, issue 482).
LIMITS = Limits(text=1_024, pictures=10, picture_bytes=10 * 1024 * 1024, timeout=30.0, settle=0.0, exactly_once="none")
_OUTSIDE = ("left", "kicked")
_PRIVATE = "-100"  # before the id of every channel; links to channels without a name leave it out


def check(caption: str, pictures: int) -> list[Unfit]:
    """What the network would refuse, known without asking it."""
    return unfit(LIMITS, caption, length(caption), pictures)


def length(text: str) -> int:
    """Characters as Telegram counts them: UTF-16 units, so an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def calls_left(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> int:  # noqa: ARG001 - the same look at the channel for every post
    """One look at the bot's place in the channel."""
    return 0 if draft else 1


def prepare(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG001
    """See whether the bot may still post there: when sending, Telegram answers 400 to a lost right as it does to wrong words."""
    bot = access.secrets["token"].partition(":")[0]  # the open half of the token: the bot's number
    try:
        place = _call(access, "getChatMember", {"user_id": bot})
    except Failure as failure:
        if failure.kind == "content":
            raise Failure("account", sent="no", status=failure.status) from None
        raise
    if place.get("status") in _OUTSIDE or place.get("can_post_messages") is False:
        raise Failure("account", sent="no", status=200)
    return (str(place.get("status")),)


def publish(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> Sent:  # noqa: ARG001
    """The words alone, a photo, or an album whose first picture carries the words."""
    pictures = outgoing.pictures
    files = {f"picture{number}": (f"{number}.jpg", picture.data, "image/jpeg") for number, picture in enumerate(pictures)}
    if not pictures:
        made = _call(access, "sendMessage", {"text": outgoing.caption})
    elif len(pictures) == 1:
        made = _call(access, "sendPhoto", {"caption": outgoing.caption}, {"photo": files["picture0"]})
    else:
        album: list[dict[str, str]] = [{"type": "photo", "media": f"attach://{name}"} for name in files]
        album[0]["caption"] = outgoing.caption
        made = _call(access, "sendMediaGroup", {"media": json.dumps(album)}, files)
    return _sent(made)


def reconcile(access: Access, outgoing: Outgoing, draft: Sequence[str], since: datetime) -> Found | Absent | CannotTell:  # noqa: ARG001
    """A bot cannot see what it posted."""
    return CannotTell()


def health(access: Access) -> Health:
    """Whether the bot lives and may post in the channel; nothing is sent."""
    try:
        prepare(access, Outgoing("", (), ""), ())
    except Failure as failure:
        if failure.kind != "account":
            raise
        return Health(
            (Finding("bot_outside" if failure.status in (200, 400, 403) else "token_dead", "bad", {"number": str(failure.status)}),)
        )
    return Health((Finding("token_alive"), Finding("bot_inside", "good", {"name": access.fields["channel"]})))


def _sent(made: dict[str, Any]) -> Sent:
    chat, number = made["chat"], made["message_id"]
    home = chat.get("username") or f"c/{str(chat['id']).removeprefix(_PRIVATE)}"
    return Sent(f"{chat['id']}/{number}", f"https://t.me/{home}/{number}")


def _call(
    access: Access, method: str, form: Mapping[str, object], files: Mapping[str, tuple[str, bytes, str]] | None = None
) -> dict[str, Any]:
    """The result of a method; of an album its first message. The token is in the address: nobody may tell or log that."""
    url = f"{access.fields['base_url'].rstrip('/')}/bot{quote(access.secrets['token'], safe=':')}/{method}"
    data = {"chat_id": access.fields["channel"], **form}
    answer = call("POST", url, token=None, timeout=access.timeout, kind_of=_kind, data=data, files=files)
    made = answer.get("result")
    first = made[0] if isinstance(made, list) and made else made
    if answer.get("ok") is not True or not isinstance(first, dict):
        raise Failure("unknown", sent="maybe", status=200)
    return first


def _kind(status: int, code: int | None) -> str:
    return "account" if status == 404 else kind_by_status(status, code)  # 404 is a token that was never one
