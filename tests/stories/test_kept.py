"""A backup of a shop in use goes into an empty folder with the same figures; founding a real village; the doctor; the settings."""

import json
import threading
from pathlib import Path

import httpx2
from stories_helpers import PHONE, Demo, free_port, gapura, get, start_demo


def figures(folder: Path) -> object:
    return json.loads(gapura("report", "--json", "--data", str(folder)).stdout)


def test_a_backup_while_the_demo_is_used_restores_to_the_same_figures(demo: Demo, demo_folder: Path, tmp_path: Path) -> None:
    codes = list(demo.said["signs"].values())
    stop = threading.Event()
    answered: list[int] = []

    def scan_on() -> None:
        with httpx2.Client(trust_env=False, timeout=30) as client:
            while not stop.is_set():
                answered.append(client.get(f"{demo.said['shop']}Q/{codes[len(answered) % len(codes)]}", headers=PHONE).status_code)

    tourist = threading.Thread(target=scan_on)
    tourist.start()
    try:
        made = gapura("backup", str(tmp_path / "busy.zip"), "--data", str(demo_folder))
    finally:
        stop.set()
        tourist.join()
    assert made.returncode == 0, made.stderr
    assert set(answered) == {302}

    assert gapura("backup", str(tmp_path / "calm.zip"), "--data", str(demo_folder)).returncode == 0
    expected = figures(demo_folder)
    for name in ("busy", "calm"):
        restored = gapura("restore", str(tmp_path / f"{name}.zip"), "--data", str(tmp_path / name))
        assert restored.returncode == 0, restored.stderr
    assert figures(tmp_path / "calm") == expected
    again = gapura("restore", str(tmp_path / "calm.zip"), "--data", str(tmp_path / "calm"))
    assert again.returncode == 1
    assert "Nothing was changed" in again.stderr

    demo.stop()
    revived = start_demo(tmp_path / "calm", free_port())  # the restored folder is a whole village: pictures, staff, posts
    try:
        page = get(revived.said["shop"])
        picture = page.text.split('src="/media/')[1].split('"')[0]
        assert get(f"{revived.said['shop']}media/{picture}").status_code == 200
    finally:
        revived.stop()


VILLAGE = ("--name", "Sumberejo", "--district", "Bumiaji", "--regency", "Kota Batu", "--province", "Jawa Timur", "--zone", "WIB")


def test_a_real_village_is_founded_once_and_found_healthy(tmp_path: Path) -> None:
    words = (
        *VILLAGE,
        "--whatsapp",
        "0812-3456-7890",
        "--public-url",
        "https://sumberejo.example.id",
        "--login",
        "sri",
        "--password",
        "kopi-pagi-di-lereng",
    )
    founded = gapura("init", "--data", str(tmp_path), *words)
    assert founded.returncode == 0, founded.stderr
    assert (tmp_path / "gapura.env").stat().st_mode & 0o077 == 0
    checked = gapura("check", "--data", str(tmp_path))
    assert checked.returncode == 0, checked.stdout
    assert "broken" not in checked.stdout
    second = gapura("init", "--data", str(tmp_path), *words)
    assert second.returncode == 1
    assert "Sumberejo" in second.stderr


def test_what_is_wrong_when_founding_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    words = (
        *VILLAGE,
        "--whatsapp",
        "0341-551234",
        "--public-url",
        "https://sumberejo.example.id",
        "--login",
        "sri",
        "--password",
        "kopi-pagi-di-lereng",
    )
    refused = gapura("init", "--data", str(tmp_path / "new"), *words)
    assert refused.returncode == 1
    assert "landline" in refused.stdout + refused.stderr
    assert not (tmp_path / "new").exists()


def test_a_slip_in_one_answer_is_asked_again_and_costs_no_other(tmp_path: Path) -> None:
    typed = [
        "Sumberejo",
        "Bumiaji",
        "Kota Batu",
        "",
        "WIP",
        "wit",
        "0341-551234",
        "0812-3456-7890",
        "sumberejo.id",
        "https://sumberejo.id",
        "",
    ]
    asked = gapura("init", "--data", str(tmp_path), "--password", "kopi-pagi-di-lereng", given="\n".join(typed) + "\n")
    assert asked.returncode == 0, asked.stdout + asked.stderr
    for sentence in ("“WIP” is not known", "landline", "“sumberejo.id” is not a whole address", "Sumberejo is ready"):
        assert sentence in asked.stdout
    assert "GAPURA_PUBLIC_URL=https://sumberejo.id\n" in (tmp_path / "gapura.env").read_text()


def test_the_doctor_says_what_to_do_where_there_is_nothing(tmp_path: Path) -> None:
    checked = gapura("check", "--data", str(tmp_path))
    assert checked.returncode == 1
    assert "gapura init" in checked.stdout


def test_the_settings_are_printed_with_their_help() -> None:
    printed = gapura("settings", "--markdown").stdout
    assert "| `GAPURA_DATABASE_URL` |" in printed
    readme = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
    assert printed.strip() in readme
