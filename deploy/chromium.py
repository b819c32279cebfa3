"""Prints the path of a Chromium that starts: the system's, else playwright's own. The setup and the tests ask here."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def candidates() -> list[str]:
    """Paths to try, the best first; GAPURA_TEST_CHROMIUM wins."""
    found = [os.environ.get("GAPURA_TEST_CHROMIUM", ""), *(shutil.which(name) or "" for name in NAMES)]
    try:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            found.append(playwright.chromium.executable_path)
    except Exception as error:  # a broken playwright is one way less, no reason to stop
        print(f"playwright has no browser to offer: {error}", file=sys.stderr)
    return [path for path in found if path]


def find() -> str:
    """The first one that starts and tells its version. Raises SystemExit with a sentence when none does."""
    for path in candidates():
        try:
            subprocess.run([path, "--version"], check=True, capture_output=True, timeout=60)  # noqa: S603 - our own list
        except (OSError, subprocess.SubprocessError):
            continue
        return path
    raise SystemExit("No Chromium that starts was found.")


if __name__ == "__main__":
    print(find())
