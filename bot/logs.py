"""Structured logs with no client text, phone or token in them."""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

_TOKEN = re.compile(r"\d{6,}:[\w-]{20,}")
_PHONE = re.compile(r"\+\d{10,15}\b")


def set_up(log_format: str) -> None:
    """`console` for people, `json` for collectors; third parties speak from WARNING up."""
    renderer: Any = structlog.processors.JSONRenderer() if log_format == "json" else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _trace,
            _scrub,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    # These print request URLs, and the URL of a Bot API call contains the token.
    for name in ("httpx", "httpcore", "aiogram", "apscheduler"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # It quotes an answer that it can't read, and an answer quotes what was sent. What failed is in our own log.
    logging.getLogger("telegram").setLevel(logging.CRITICAL)


def _trace(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where it happened and what kind it was; never the message, which may quote a client."""
    if event.pop("exc_info", None):
        error = sys.exc_info()[1]
        frames = traceback.extract_tb(error.__traceback__)[-8:] if error else []
        event["trace"] = " > ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames)
    return event


def _scrub(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last line of defence: a traceback may quote what the code took care not to."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _PHONE.sub("<phone>", _TOKEN.sub("<token>", value))
    return event
