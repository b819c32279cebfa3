"""An SVG drawn as a PNG by a process of its own: `python -m promo.svg WIDTH <logo.svg >logo.png`.

resvg is quick and fetches nothing, but a file made to hurt can make it panic or ask for all memory there is. Then this process dies of it,
within its bounds of time and memory, and not the shop.
"""

import subprocess
import sys

SECONDS, MEGABYTES = 4, 768


class Undrawable(ValueError):
    """This SVG cannot be drawn, or not within the bounds."""


def drawn(data: bytes, width: int) -> bytes:
    """The PNG of an SVG, `width` pixels wide, in its own shape. Raises Undrawable."""
    command = [sys.executable, "-m", "promo.svg", str(width)]
    try:
        child = subprocess.run(command, input=data, capture_output=True, timeout=3 * SECONDS, check=False)  # noqa: S603 - our own module
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Undrawable from error
    if child.returncode or not child.stdout:
        raise Undrawable
    return child.stdout


def main() -> None:
    """Draw what comes in, within the bounds."""
    import resource

    import resvg_py

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = sys.stdin.buffer.read()
    sys.stdout.buffer.write(
        resvg_py.svg_to_bytes(svg_string=data.decode("utf-8-sig"), width=int(sys.argv[1]), skip_system_fonts=b"<text" not in data)
    )


if __name__ == "__main__":
    main()
