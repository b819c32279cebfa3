"""Logs: one line of JSON an event, on standard error; whatever looks like a secret is cut out before it is written."""

import logging
import re
import sys
from typing import Any

import structlog

_SECRET_NAME = re.compile(r"token|secret|password|authorization|cookie|appsecret", re.IGNORECASE)
_SECRET_TEXT = re.compile(r"((?:access_token|appsecret_proof|password|token)=)[^&\s\"']+|(Bearer\s+)[\w.~+/=-]+", re.IGNORECASE)


def set_up(level: str) -> None:
    """Send structlog and the logging of libraries the same way. Called once, by whoever starts a process."""
    steps: list[Any] = [structlog.stdlib.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True), without_secrets]
    structlog.configure(
        processors=[*steps, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    lines: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info, without_secrets]
    renderer = structlog.processors.JSONRenderer()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[*lines, renderer], foreign_pre_chain=steps))
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)


def without_secrets(_logger: object, _method: str, event: Any) -> Any:
    """Cut values whose name speaks of a secret, and tokens inside texts."""
    for name, value in event.items():
        if _SECRET_NAME.search(name):
            event[name] = "(cut)"
        elif isinstance(value, str):
            event[name] = _SECRET_TEXT.sub(lambda found: (found[1] or found[2]) + "(cut)", value)
    return event
