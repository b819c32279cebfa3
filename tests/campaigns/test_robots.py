"""Who asked: every kind of request is told apart, and no phone, whatever its maker called it, is taken for a robot."""

import time
import timeit
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from campaigns import robots
from campaigns.robots import App, Device, Kind, judge

ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
WEBVIEW = "Mozilla/5.0 (Linux; Android 14; {}; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36"

REQUESTS = {  # name: (method, headers, who asked)
    "Chrome on Android": ("GET", {"user-agent": ANDROID}, Kind.PERSON),
    "Safari on an iPhone": ("GET", {"user-agent": f"{IPHONE} Version/18.3 Mobile/15E148 Safari/604.1"}, Kind.PERSON),
    "Instagram on an iPhone": ("GET", {"user-agent": f"{IPHONE} Mobile/22D63 Instagram 370.0.0.26 (iPhone15,2; iOS 18_3)"}, Kind.PERSON),
    "Instagram on a Pixel": (
        "GET",
        {
            "user-agent": WEBVIEW.format("Pixel 8 Build/UQ1A")
            + " Instagram 370.0.0.26 Android (34/14; 420dpi; Google/google; Pixel 8; shiba)"
        },
        Kind.PERSON,
    ),
    "Facebook on Android": ("GET", {"user-agent": WEBVIEW.format("SM-A155F Build/UP1A") + " [FB_IAB/FB4A;FBAV/500.0.0.0;]"}, Kind.PERSON),
    "Facebook that names only itself": ("GET", {"user-agent": "[FBAN/FB4A;FBAV/220.0.0.46.108;FBPN/com.facebook.katana;]"}, Kind.PERSON),
    "Facebook on an operator with an address": (
        "GET",
        {"user-agent": f"{IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/239.0;FBCR/Telekom.de]"},
        Kind.PERSON,
    ),
    "TikTok": ("GET", {"user-agent": WEBVIEW.format("CPH2579 Build/UP1A") + " musical_ly_2023 BytedanceWebview/d8a21c6"}, Kind.PERSON),
    "LINE": ("GET", {"user-agent": f"{IPHONE} Mobile/15E148 Safari Line/14.19.0"}, Kind.PERSON),
    "Opera Mini": ("GET", {"user-agent": "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80; U; id) Presto/2.12.423 Version/12.16"}, Kind.PERSON),
    "HEAD": ("HEAD", {"user-agent": ANDROID}, Kind.HEAD),
    "OPTIONS": ("OPTIONS", {"user-agent": ANDROID}, Kind.HEAD),
    "prefetch": ("GET", {"user-agent": ANDROID, "sec-purpose": "prefetch"}, Kind.PREFETCH),
    "prerender": ("GET", {"user-agent": ANDROID, "sec-purpose": "prefetch;prerender"}, Kind.PREFETCH),
    "prefetch of older Chromes": ("GET", {"user-agent": ANDROID, "purpose": "prefetch"}, Kind.PREFETCH),
    "prefetch of the Facebook app": ("GET", {"user-agent": ANDROID, "x-purpose": "preview"}, Kind.PREFETCH),
    "prefetch of Firefox": ("GET", {"user-agent": ANDROID, "x-moz": "prefetch"}, Kind.PREFETCH),
    "WhatsApp's preview": ("GET", {"user-agent": "WhatsApp/2.23.20.0"}, Kind.PREVIEW),
    "WhatsApp's preview that says so": ("GET", {"user-agent": "WhatsApp/2", "purpose": "preview"}, Kind.PREVIEW),
    "curl": ("GET", {"user-agent": "curl/8.5.0"}, Kind.ROBOT),
    "no user agent": ("GET", {}, Kind.ROBOT),
    "Googlebot as a phone": (
        "GET",
        {"user-agent": ANDROID + " (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        Kind.ROBOT,
    ),
    "a robot named where phones name their model": (
        "GET",
        {"user-agent": "Mozilla/5.0 (Linux; Android 7.0; compatible; PetalBot) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36"},
        Kind.ROBOT,
    ),
    "headless Chrome": (
        "GET",
        {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36"},
        Kind.ROBOT,
    ),
    "a browser's beginning and nothing else": ("GET", {"user-agent": "Mozilla/5.0"}, Kind.ROBOT),
}
PREVIEWS = [
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "facebookcatalog/1.0",
    "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "meta-externalfetcher/1.1",
    "TelegramBot (like TwitterBot)",
    "Twitterbot/1.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "facebookexternalhit/1.1;line-poker/1.0",
    "Viber/13.3.0.4",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Pinterest/0.2 (+https://www.pinterest.com/bot.html)",
    "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
    "Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)",
    "Iframely/1.3.1 (+https://iframely.com/docs/about)",
    "Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)",
    "Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/)",
]
SOUND_LIKE_ROBOTS = ["CUBOT X70", "M bot 51", "Spider 8", "BOT 552", "Ruby", "Discovery", "Crawler One", "Scan24x7", "Python P1"]


def agents(section: str) -> list[str]:
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (Path(__file__).parent / "agents.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]") and not line.startswith("[FB"):
            current = sections.setdefault(line[1:-1], [])
        elif line and not line.startswith("#"):
            current.append(line)
    return sections[section]


def kind_of(agent: str) -> Kind:
    return judge("GET", {"user-agent": agent}).kind


@pytest.mark.parametrize("name", REQUESTS)
def test_every_kind_of_request_is_told_apart(name: str) -> None:
    method, headers, kind = REQUESTS[name]
    assert judge(method, headers).kind is kind
    assert judge(method, Headers(headers)).kind is kind


@pytest.mark.parametrize("agent", PREVIEWS)
def test_who_fetches_a_links_picture_is_a_preview(agent: str) -> None:
    assert kind_of(agent) is Kind.PREVIEW


@pytest.mark.parametrize("model", SOUND_LIKE_ROBOTS)
def test_a_phone_may_be_called_what_its_maker_likes(model: str) -> None:
    assert kind_of(ANDROID.replace("; K)", f"; {model} Build/TP1A)")) is Kind.PERSON
    assert kind_of(WEBVIEW.format(f"{model} Build/TP1A")) is Kind.PERSON


@pytest.mark.parametrize("section", ["phones", "phones unseen", "phones that sound like robots", "apps"])
def test_real_phones_are_people(section: str) -> None:
    assert [agent for agent in agents(section) if kind_of(agent) is not Kind.PERSON] == []


def test_desktops_are_people() -> None:
    wrong = [agent for agent in agents("desktops") if kind_of(agent) is not Kind.PERSON]
    assert len(wrong) <= 1, wrong


@pytest.mark.parametrize("section", ["robots", "robots unseen"])
def test_hardly_any_robot_passes_for_a_person(section: str) -> None:
    known = agents(section)
    passed = [agent for agent in known if kind_of(agent) is Kind.PERSON]
    assert len(passed) <= 0.01 * len(known), passed


@pytest.mark.parametrize(
    ("name", "app", "device"),
    [
        ("Chrome on Android", App.NONE, Device.ANDROID),
        ("Safari on an iPhone", App.NONE, Device.IOS),
        ("Instagram on an iPhone", App.INSTAGRAM, Device.IOS),
        ("Instagram on a Pixel", App.INSTAGRAM, Device.ANDROID),
        ("Facebook on Android", App.FACEBOOK, Device.ANDROID),
        ("Facebook that names only itself", App.FACEBOOK, Device.OTHER),
        ("TikTok", App.TIKTOK, Device.ANDROID),
        ("LINE", App.LINE, Device.IOS),
        ("headless Chrome", App.NONE, Device.DESKTOP),
    ],
)
def test_app_and_device_are_read_from_the_agent(name: str, app: App, device: Device) -> None:
    method, headers, _ = REQUESTS[name]
    judgement = judge(method, headers)
    assert (judgement.app, judgement.device) == (app, device)


@pytest.mark.parametrize(
    ("header", "language"), [("id-ID,id;q=0.9,en;q=0.8", "id"), ("EN", "en"), ("*", None), ("", None), ("1d", None), ("éñ", None)]
)
def test_the_language_is_the_first_the_browser_prefers(header: str, language: str | None) -> None:
    assert judge("GET", {"user-agent": ANDROID, "accept-language": header}).language == language


def test_a_request_like_one_before_is_told_apart_in_a_microsecond() -> None:
    headers = {"user-agent": ANDROID, "accept-language": "id-ID,id;q=0.9"}
    best = min(timeit.repeat(lambda: judge("GET", headers), number=2_000, repeat=25)) / 2_000
    assert best < 3e-6, f"{best * 1e6:.2f} us"  # 1 us on a quiet machine; three times that on a noisy one


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (" + "Linux a; " * 2_000,
        "Mozilla/5.0 (X11) " + "Chrome/1 " * 2_000 + "!",
        "a.b." * 5_000,
        "(Android" * 2_000,
        "@" + "a." * 5_000,
        "line " * 2_000,
    ],
)
def test_a_text_made_to_be_slow_is_not(agent: str) -> None:
    started = time.process_time()
    assert kind_of(agent) is Kind.ROBOT
    assert time.process_time() - started < 0.1


def test_the_list_has_a_version() -> None:
    assert robots.VERSION
