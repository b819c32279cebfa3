"""Listening to our own public Instagram profile: instaloader at work over real HTTP against a stand-in of Instagram's pages."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import instagram_stand_in
import making
import pytest
import sqlalchemy as sa
from instagram_stand_in import LOGIN, WAIT, Detour, StandIn
from starlette.responses import HTMLResponse, JSONResponse, Response

from promo import listening
from promo.listening import BadHandle, HeardPost, Look, TooSoon

NOW = making.NOW
NOON = 1_763_900_000  # some seconds since 1970


@pytest.fixture
def instagram() -> Iterator[StandIn]:
    with instagram_stand_in.running() as stand_in:
        stand_in.add("AAA1", NOON, "Panen apel pagi ini. desa.id/q/abc123 #wonorejo", likes=31, comments=4)
        stand_in.add("BBB2", NOON + 3_600, None, likes=-1)
        stand_in.add("CCC3", NOON + 7_200, "Dua tautan: https://desa.id/Q/XYZ789 dan desa.id/q/ABC123; bukan /q/ABC1234", likes=7)
        yield stand_in


def look_at(instagram: StandIn, handle: str = "desawonorejo") -> Look:
    return listening.look(handle, at=NOW, adapter=Detour(instagram.url), sleep=False)


def test_the_latest_posts_are_heard_with_their_numbers_and_the_links_in_their_words(instagram: StandIn) -> None:
    seen = look_at(instagram)
    assert (seen.at, seen.trouble) == (NOW, None)
    assert [(post.shortcode, post.likes, post.comments) for post in seen.posts] == [("CCC3", 7, 0), ("BBB2", None, 0), ("AAA1", 31, 4)]
    assert [post.codes for post in seen.posts] == [("XYZ789", "ABC123"), (), ("ABC123",)]
    assert seen.posts[2].at == datetime.fromtimestamp(NOON, UTC)
    assert seen.posts[2].url == "https://www.instagram.com/p/AAA1/"
    assert seen.posts[1].caption == ""


def test_no_more_than_twelve_posts_are_asked_for_and_no_picture(instagram: StandIn) -> None:
    for number in range(20):
        instagram.add(f"N{number}", NOON + 10_000 + number, "Lagi")
    assert len(look_at(instagram).posts) == 12
    assert instagram.asked.count("POST /api/graphql") == 12
    assert set(instagram.asked) == {"GET /", "GET /desawonorejo/", "POST /api/graphql"}


@pytest.mark.parametrize(
    ("refusal", "trouble"),
    [
        (WAIT, "blocked"),
        (LOGIN, "blocked"),
        (HTMLResponse("Too many requests", 429), "blocked"),
        (HTMLResponse("Forbidden", 403), "blocked"),
        (HTMLResponse("Oops", 502), "network"),
        (HTMLResponse("gone", 410), "changed"),
        (HTMLResponse("<html>nothing that we know</html>"), "unknown_profile"),
    ],
)
def test_a_refusal_is_told_by_its_number(instagram: StandIn, refusal: Response, trouble: str) -> None:
    instagram.refusal = refusal
    assert look_at(instagram) == Look(NOW, (), trouble)
    assert len(instagram.asked) == 1  # whoever is refused does not knock again


@pytest.mark.parametrize(
    ("refusal", "trouble"),
    [
        (WAIT, "blocked"),
        (JSONResponse({"message": "checkpoint_required"}, 400), "blocked"),
        (JSONResponse({"data": None}), "changed"),
        (JSONResponse(["what is this"]), "changed"),
        (HTMLResponse("<html>no JSON</html>"), "changed"),
    ],
)
def test_what_was_heard_before_a_refusal_is_kept(instagram: StandIn, refusal: Response, trouble: str) -> None:
    whole = len(look_at(instagram).posts) and len(instagram.asked)
    instagram.asked.clear()
    instagram.refusal, instagram.refuse_from = refusal, whole
    seen = look_at(instagram)
    assert ([post.shortcode for post in seen.posts], seen.trouble) == (["CCC3", "BBB2"], trouble)


def test_a_name_that_nobody_has_and_a_private_profile(instagram: StandIn) -> None:
    assert look_at(instagram, "desalain").trouble == "unknown_profile"
    instagram.is_private = True
    assert look_at(instagram).trouble == "private"


def test_without_a_line_it_says_so(instagram: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    instagram.url = "http://127.0.0.1:9"
    assert look_at(instagram) == Look(NOW, (), "network")
    assert "ended as network" in caplog.text


def test_it_rests_rather_than_sleep_and_complains_to_nobody(instagram: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    instagram.refusal = HTMLResponse("Too many requests", 429)
    began = datetime.now(UTC)
    look_at(instagram)
    assert datetime.now(UTC) - began < timedelta(seconds=5)
    assert capsys.readouterr() == ("", "")


def test_instaloader_is_loaded_by_who_listens_and_by_nobody_else() -> None:
    code = "import sys, promo.listening; print('instaloader' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("typed", "handle"),
    [
        ("desawonorejo", "desawonorejo"),
        (" @Desa.Wonorejo_1 ", "desa.wonorejo_1"),
        ("https://www.instagram.com/desawonorejo/?hl=id", "desawonorejo"),
        ("instagram.com/desawonorejo", "desawonorejo"),
        ("", ""),
    ],
)
def test_a_handle_is_understood_as_people_write_it(typed: str, handle: str) -> None:
    assert listening.tidy(typed) == handle


@pytest.mark.parametrize(
    "typed", ["desa wonorejo", "../accounts/login", "a" * 31, "desa/../x", "https://evil.example/desa", ".desa", "désa"]
)
def test_what_can_be_no_handle_is_refused(typed: str) -> None:
    with pytest.raises(BadHandle):
        listening.tidy(typed)


# ---- what is kept --------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def village_id(engine: sa.Engine) -> int:
    with engine.begin() as connection:
        village_id = making.village(connection)
        listening.listen_to(connection, village_id, "@DesaWonorejo")
        return village_id


def heard_at(at: datetime, *shortcodes: str, trouble: str | None = None, likes: int = 1) -> Look:
    posts = (HeardPost(code, NOW - timedelta(days=place), likes, 0, "Panen", at) for place, code in enumerate(shortcodes))
    return Look(at, tuple(posts), trouble)


def test_nobody_listens_until_somebody_says_to_whom(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village_id = making.village(connection)
        assert listening.get(connection, village_id).handle == ""
        with pytest.raises(BadHandle):
            listening.begin(connection, village_id, NOW)


def test_the_last_look_stays_shown_and_the_next_is_a_week_later(engine: sa.Engine, village_id: int) -> None:
    with engine.begin() as connection:
        assert listening.begin(connection, village_id, NOW) == "desawonorejo"
        assert listening.get(connection, village_id).is_looking(NOW)
        listening.keep(connection, village_id, "desawonorejo", heard_at(NOW, "A", "B"))
    with engine.begin() as connection:
        held = listening.get(connection, village_id)
        assert [post.shortcode for post in held.posts] == ["A", "B"]
        assert (held.looked_at, held.is_looking(NOW)) == (NOW, False)
        with pytest.raises(TooSoon) as told:
            listening.begin(connection, village_id, NOW + timedelta(days=6))
        assert told.value.until == NOW + timedelta(days=7)
        assert listening.begin(connection, village_id, NOW + timedelta(days=7)) == "desawonorejo"


def test_of_two_who_press_at_once_one_looks(engine: sa.Engine, village_id: int) -> None:
    with engine.begin() as connection:
        listening.begin(connection, village_id, NOW)
        with pytest.raises(TooSoon):
            listening.begin(connection, village_id, NOW + timedelta(seconds=1))
        assert listening.begin(connection, village_id, NOW + timedelta(minutes=6))  # the first one was cut off by a power cut


def test_a_whole_look_replaces_all_and_a_part_of_one_only_what_it_saw(engine: sa.Engine, village_id: int) -> None:
    later = NOW + timedelta(days=8)
    with engine.begin() as connection:
        listening.keep(connection, village_id, "desawonorejo", heard_at(NOW, "A", "B"))
        listening.keep(connection, village_id, "desawonorejo", heard_at(later, "A", trouble="blocked", likes=9))
        held = listening.get(connection, village_id)
        assert [(post.shortcode, post.likes, post.seen_at) for post in held.posts] == [("A", 9, later), ("B", 1, NOW)]
        assert held.trouble == "blocked"
        listening.keep(connection, village_id, "desawonorejo", heard_at(later, "C"))
        assert [post.shortcode for post in listening.get(connection, village_id).posts] == ["C"]


def test_another_name_forgets_what_was_heard_but_not_the_rest(engine: sa.Engine, village_id: int) -> None:
    with engine.begin() as connection:
        listening.begin(connection, village_id, NOW)
        listening.keep(connection, village_id, "desawonorejo", heard_at(NOW, "A"))
        listening.listen_to(connection, village_id, "desabaru")
        assert listening.get(connection, village_id).posts == ()
        with pytest.raises(TooSoon):
            listening.begin(connection, village_id, NOW + timedelta(days=1))
        listening.keep(connection, village_id, "desawonorejo", heard_at(NOW, "A"))  # a look at the old name that ended late
        assert listening.get(connection, village_id).posts == ()


def test_a_mistyped_name_is_put_right_at_once(engine: sa.Engine, village_id: int) -> None:
    with engine.begin() as connection:
        listening.begin(connection, village_id, NOW)
        listening.keep(connection, village_id, "desawonorejo", Look(NOW, (), "unknown_profile"))
        listening.listen_to(connection, village_id, "desabaru")
        assert listening.begin(connection, village_id, NOW) == "desabaru"


def test_each_village_hears_its_own(engine: sa.Engine, village_id: int) -> None:
    with engine.begin() as connection:
        other = making.village(connection, name="Sumberejo")
        listening.listen_to(connection, other, "desasumberejo")
        for one, handle in ((village_id, "desawonorejo"), (other, "desasumberejo")):
            listening.keep(connection, one, handle, heard_at(NOW, "A"))
        listening.listen_to(connection, other, "")
        assert [post.shortcode for post in listening.get(connection, village_id).posts] == ["A"]
        assert listening.get(connection, other).posts == ()
