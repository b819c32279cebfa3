"""A Telegram channel over real HTTP against a stand-in of the Bot API."""

import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import telegram_stand_in
from telegram_stand_in import StandIn

from promo.decisions import decide
from promo.networks import Access, CannotTell, Failure, Outgoing, Picture, telegram

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
CAPTION = "Keripik apel, renyah. https://desa.id/Q/ABC123 #wonorejo"


@pytest.fixture
def bot() -> Iterator[StandIn]:
    with telegram_stand_in.running(TOKEN) as stand_in:
        yield stand_in


def access_to(bot: StandIn, token: str = TOKEN, channel: str = "@desawonorejo") -> Access:
    return Access({"channel": channel, "base_url": bot.url}, {"token": token}, 1.0)


def outgoing(pictures: int = 1, caption: str = CAPTION) -> Outgoing:
    return Outgoing(caption, tuple(Picture(f"{number:064}", "", b"\xff\xd8" + bytes([number])) for number in range(pictures)), "ABC123")


@pytest.mark.parametrize("pictures", [0, 1, 2, 10])
def test_words_photo_and_album_arrive_whole_and_in_order(bot: StandIn, pictures: int) -> None:
    what = outgoing(pictures)
    draft = telegram.prepare(access_to(bot), what, ())
    assert telegram.calls_left(access_to(bot), what, draft) == 0
    sent = telegram.publish(access_to(bot), what, draft)
    assert bot.posts == [{"caption": CAPTION, "pictures": [picture.data for picture in what.pictures]}]
    assert sent.permalink == "https://t.me/desawonorejo/1"
    assert sent.remote_id == f"{telegram_stand_in.CHANNEL}/1"


def test_a_channel_without_a_name_has_a_link_for_its_members(bot: StandIn) -> None:
    bot.username = None
    assert telegram.publish(access_to(bot), outgoing(), ()).permalink == "https://t.me/c/1234567890/1"


def test_a_caption_is_counted_as_telegram_counts() -> None:
    assert telegram.check("\N{HOT PEPPER}" * 512, 1) == []
    (unfit,) = telegram.check("\N{HOT PEPPER}" * 513, 1)
    assert unfit.facts == {"most": 1_024, "length": 1_026}


@pytest.mark.parametrize(
    ("fault", "kind", "sent", "action"),
    [
        (("before", 400), "content", "no", "reject"),
        (("before", 403), "account", "no", "wait"),
        (("before", 429), "rate", "no", "wait"),
        (("after", 500), "server", "maybe", "reconcile"),
        (("after", 502), "server", "maybe", "reconcile"),
        (("slow", 0), "network", "maybe", "reconcile"),
    ],
)
def test_one_attempt_and_what_is_unclear_goes_to_a_person(bot: StandIn, fault: tuple[str, int], kind: str, sent: str, action: str) -> None:
    bot.faults.next_ones = [(fault[0], {"status": fault[1]})]
    with pytest.raises(Failure) as told:
        telegram.publish(access_to(bot), outgoing(), ())
    assert (told.value.kind, told.value.sent) == (kind, sent)
    decision = decide("publish", told.value, 0, exactly_once=telegram.LIMITS.exactly_once)
    assert decision.action == action
    assert bot.methods == ["sendPhoto"]
    assert telegram.reconcile(access_to(bot), outgoing(), (), datetime.now(UTC)) == CannotTell()
    assert bot.methods == ["sendPhoto"]


def test_a_hasty_bot_waits_as_long_as_telegram_says(bot: StandIn) -> None:
    bot.faults.next_ones = [("before", {"status": 429})]
    with pytest.raises(Failure) as told:
        telegram.publish(access_to(bot), outgoing(), ())
    assert told.value.retry_after == 35


@pytest.mark.parametrize("changed", [{"token": "110201543:revoked"}, {"token": "nonsense"}, {"channel": "@left"}])
def test_a_dead_token_or_a_lost_channel_parks_the_post_before_anything_is_sent(bot: StandIn, changed: dict[str, str]) -> None:
    with pytest.raises(Failure) as told:
        telegram.prepare(access_to(bot, **changed), outgoing(), ())
    assert (told.value.kind, told.value.sent) == ("account", "no")
    assert decide("prepare", told.value, 0).action == "wait"


@pytest.mark.parametrize("place", [{"status": "left"}, {"status": "kicked"}, {"status": "administrator", "can_post_messages": False}])
def test_a_bot_that_may_not_post_there_any_more_parks_the_post(bot: StandIn, place: dict[str, object]) -> None:
    bot.place = place
    with pytest.raises(Failure) as told:
        telegram.prepare(access_to(bot), outgoing(), ())
    assert (told.value.kind, told.value.sent) == ("account", "no")


def test_the_token_is_in_no_log_no_error_and_no_header(bot: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", "httpx2", "httpcore2"):
        caplog.set_level(logging.DEBUG, logger=name)
    bot.faults.next_ones = [("", {}), ("before", {"status": 400}), ("after", {}), ("slow", {})]
    access = access_to(bot)
    telegram.publish(access, outgoing(2), telegram.prepare(access, outgoing(2), ()))
    told = []
    nowhere = Access({**access.fields, "base_url": "http://127.0.0.1:9"}, access.secrets, 1.0)
    for where in (access, access, access, nowhere):
        with pytest.raises(Failure) as failed:
            telegram.publish(where, outgoing(), ())
        told.append("".join(traceback.format_exception(failed.value)) + repr(failed.value) + repr(failed.value.__context__))
        assert failed.value.__context__ is None
    assert "receive_response_headers" in caplog.text  # the logs of the client were heard
    secret = TOKEN.partition(":")[2]
    assert secret not in caplog.text + "".join(told) + repr(access) + str([record.__dict__ for record in caplog.records])
    assert not any("authorization" in headers for headers in bot.headers)


def test_a_bot_is_looked_at_without_posting(bot: StandIn) -> None:
    assert [one.key for one in telegram.health(access_to(bot)).findings] == ["token_alive", "bot_inside"]
    bot.place = {"status": "left"}
    assert [one.key for one in telegram.health(access_to(bot)).findings] == ["bot_outside"]
    assert [one.key for one in telegram.health(access_to(bot, token="110201543:revoked")).findings] == ["token_dead"]
    assert bot.posts == []
