"""`python -m storefront.practice --data DIR --port N`: the practice network as a process of its own."""

import argparse
import os
import socket
import sys
import threading
from pathlib import Path

import uvicorn

from storefront.practice.app import make_app


def main() -> int:
    """Serve until stopped; 1 when the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m storefront.practice", description="A small social network to practise with.")
    parser.add_argument("--data", type=Path, required=True, help="folder for posts and pictures")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8010, help="port to listen on; 0 takes a free one")
    parser.add_argument(
        "--with-parent", action="store_true", help="end when the standard input ends, so as not to outlive who started this"
    )
    given = parser.parse_args()
    try:
        listener = socket.create_server((given.host, given.port), backlog=128)
    except OSError as error:
        sys.stderr.write(f"The practice network cannot listen on {given.host}:{given.port}: {error.strerror}.\n")
        return 1
    server = uvicorn.Server(uvicorn.Config(make_app(given.data), log_level="critical", access_log=False, timeout_graceful_shutdown=2))
    if given.with_parent:
        threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    sys.stdout.write(f"http://{given.host}:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    server.run(sockets=[listener])
    return 0


def _end_with_parent(server: uvicorn.Server) -> None:
    while os.read(0, 1024):
        pass
    server.should_exit = True


if __name__ == "__main__":
    sys.exit(main())
