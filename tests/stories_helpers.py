"""The demo as a person starts it: a process of its own, on an empty folder, told to stop by Ctrl-C."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

FIRST_START = 240  # seconds; two cores shared with other tests


@dataclass
class Demo:
    """A demo that is up: what demo.json says, and the process."""

    data: Path
    said: dict[str, Any]
    process: subprocess.Popen[str]
    output: Path

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


PHONE = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 13; SM-A145F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
}
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GAPURA_")} | {
    "LANG": "en_US.UTF-8",
    "COLUMNS": "120",
}


def gapura(*words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """The command line as a person types it."""
    command = [sys.executable, "-m", "storefront.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=180, input=given)


def start_demo(data: Path, port: int) -> Demo:
    data.mkdir(parents=True, exist_ok=True)
    output = data / f"output-{time.monotonic_ns()}.txt"
    command = [sys.executable, "-m", "storefront.cli", "demo", "--data", str(data), "--port", str(port), "--host", "127.0.0.1"]
    with output.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, text=True, env=ENVIRONMENT)
    until = time.monotonic() + FIRST_START
    while not _is_up(data, process.pid):
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < until, output.read_text()
        time.sleep(0.1)
    return Demo(data, json.loads((data / "demo.json").read_text()), process, output)


def _is_up(data: Path, pid: int) -> bool:
    """demo.json is of this very process, not left behind by one that was killed."""
    file = data / "demo.json"
    return file.exists() and json.loads(file.read_text())["pid"] == pid


def wait_until(claim: Callable[[], Any], *, seconds: float = 30, what: str = "") -> Any:
    """What `claim` gives once it is true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = claim()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"did not happen within {seconds} s: {what}")


def get(url: str, **more: Any) -> httpx2.Response:
    return httpx2.get(url, timeout=30, trust_env=False, **more)
