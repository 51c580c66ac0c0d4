"""`run`, and the parts as processes of their own."""

import os
import sys
from typing import TYPE_CHECKING

import typer

from bot.cli.failing import CommandError
from bot.settings import load

if TYPE_CHECKING:
    from bot.app import App


def _run(*parts: str) -> None:
    settings = load()  # before the imports below, which take seconds: a bad setting is told at once
    from bot.telegram.quick_start import import_aiogram

    import_aiogram()
    from bot import logs
    from bot.app import App, NeedsPostgresError
    from bot.db.presence import BusyDatabaseError, running

    logs.set_up(settings.log_format)
    try:
        app = App(settings, parts) if parts else App(settings)
    except NeedsPostgresError as error:
        raise CommandError(str(error)) from error
    try:
        with running(app.database):
            code = _until_stopped(app)
    except BusyDatabaseError as error:
        raise CommandError(str(error)) from error
    raise typer.Exit(code)


def _until_stopped(app: "App") -> int:
    """Start, and wait for a signal or a dead loop; returns the exit code. Raises CommandError."""
    from bot.app import AskedToStopError, BusyPortError
    from bot.cli.database import require_schema
    from bot.telegram.network.api import TelegramRefusedError

    require_schema(app.database)
    app.database.require_writable()
    app.heed_signals()
    try:
        app.start()
    except AskedToStopError:
        return app.stop()
    except BusyPortError as error:
        app.stop()
        raise CommandError(str(error)) from error
    except TelegramRefusedError as error:
        from bot.telegram.polling import MENDS

        app.stop()
        raise CommandError(
            f"Telegram says {error.code} {error.description}: {MENDS.get(error.code, 'try again later')}"
        ) from error
    code = app.wait()
    if app.runner.abandoned():
        # A thread in a library's native code can crash the interpreter while it takes itself apart.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def run() -> None:
    """The bot against Telegram: all parts in one process."""
    _run()


def intake() -> None:
    """Only receiving: polling, or nothing when a webhook is set (PostgreSQL)."""
    _run("intake")


def turns() -> None:
    """Only turns (PostgreSQL)."""
    _run("turns")


def deliver() -> None:
    """Only sending (PostgreSQL)."""
    _run("deliver")


def ticker() -> None:
    """Only the clock (PostgreSQL)."""
    _run("ticker")


def web() -> None:
    """Only webhook, health and metrics (PostgreSQL)."""
    _run("web")
