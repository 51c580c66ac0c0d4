"""Structured logs with no client text, phone or token in them."""

import json
import logging
import sys
import threading
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog

from bot.redaction import conceal, conceal_all


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
        logger_factory=_to_stderr,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    formatter = JsonLines() if log_format == "json" else Concealing("%(levelname)s %(name)s: %(message)s")
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    threading.excepthook = _thread_died
    # These print request URLs, and the URL of a Bot API call contains the token.
    for name in ("httpx", "httpcore", "aiogram", "apscheduler"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # It quotes an answer that it can't read, and an answer quotes what was sent. What failed is in our own log.
    logging.getLogger("telegram").setLevel(logging.CRITICAL)


def _to_stderr(*_names: object) -> structlog.PrintLogger:
    """Whatever it is when the line is written: who replaced it for a while may have closed theirs."""
    return structlog.PrintLogger(sys.stderr)


class Concealing(logging.Formatter):
    """Other people's lines, tracebacks and all, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return conceal(super().format(record))


class JsonLines(logging.Formatter):
    """Other people's lines as one line of JSON each, where a traceback is the places it went through."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {"event": conceal(record.getMessage()), "logger": record.name}
        said |= {
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            said |= {"error": type(record.exc_info[1]).__name__, "trace": _places(record.exc_info[1])}
        return json.dumps(said, ensure_ascii=False)


def tell_crash(error: BaseException) -> None:
    """A traceback for whoever mends it, without secrets."""
    sys.stderr.write(conceal("".join(traceback.format_exception(error))))


def _thread_died(what: threading.ExceptHookArgs) -> None:
    if what.exc_value is not None:
        tell_crash(what.exc_value)


def _trace(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where it happened and what kind it was; never the message, which may quote a client."""
    if event.pop("exc_info", None):
        error = sys.exc_info()[1]
        event["trace"] = _places(error) if error else ""
    return event


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return " > ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames)


def _scrub(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last line of defence: an error may quote what the code took care not to."""
    for key, value in event.items():
        event[key] = conceal_all(value)
    return event
