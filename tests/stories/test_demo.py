"""`gapura demo`, as a script or a person starts it: up from nothing, up again, on another port when its own is taken, and down cleanly."""

import json
import signal
import socket
from pathlib import Path

import psutil
import pytest
from stories_helpers import PHONE, Demo, free_port, gapura, get, start_demo, wait_until


def people(folder: Path, code: str) -> int:
    """How many people came by this code, as `gapura report --json` tells it."""
    (village,) = json.loads(gapura("report", "--json", "--data", str(folder)).stdout)
    return next((link["people"] for link in village["links"] if link["code"] == code), 0)


def test_it_says_where_everything_is_and_everything_answers(demo: Demo) -> None:
    said = demo.said
    for key in ("shop", "desk", "practice"):
        assert get(said[key], follow_redirects=True).status_code == 200
    assert said["name"]
    assert said["password"]
    assert len(said["signs"]) == 8
    assert isinstance(get(said["practice"] + "posts.json").json(), list)
    printed = demo.output.read_text()
    for shown in (said["shop"], said["desk"], said["password"], "\u2580"):  # the last is a half block: the QR code
        assert shown in printed


def test_each_sign_leads_into_the_shop(demo: Demo) -> None:
    for code in demo.said["signs"].values():
        answer = get(f"{demo.said['shop']}q/{code.lower()}", headers=PHONE)
        assert answer.status_code == 302
        assert answer.headers["cache-control"] == "private, no-store"
        assert get(demo.said["shop"].rstrip("/") + answer.headers["location"], headers=PHONE, follow_redirects=True).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_it_leaves_nothing_running_and_starts_again_where_it_was(demo: Demo, number: signal.Signals) -> None:
    family = psutil.Process(demo.process.pid).children(recursive=True)
    code = next(iter(demo.said["signs"].values()))
    assert demo.stop(number) == 0
    wait_until(lambda: not [one for one in family if one.is_running()], what="the practice network goes with its parent")
    assert not (demo.data / "demo.json").exists()
    again = start_demo(demo.data, free_port())
    assert again.said["password"] == demo.said["password"]
    assert code in again.said["signs"].values()
    again.stop()


def test_killed_without_a_word_it_loses_no_answered_scan_and_takes_the_practice_network_along(demo: Demo, demo_folder: Path) -> None:
    code = next(iter(demo.said["signs"].values()))
    before = people(demo_folder, code)
    family = psutil.Process(demo.process.pid).children(recursive=True)
    assert family
    assert get(f"{demo.said['shop']}Q/{code}", headers=PHONE).status_code == 302
    demo.process.kill()
    demo.process.wait()
    assert people(demo_folder, code) == before + 1
    wait_until(lambda: not [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE], what="no orphan is left")


def test_a_taken_port_is_said_and_the_next_one_is_used(demo_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        running = start_demo(demo_folder, port)
        try:
            assert f":{port}/" not in running.said["shop"]
            assert get(running.said["shop"]).status_code == 200
            assert str(port) in running.output.read_text()
        finally:
            running.stop()
