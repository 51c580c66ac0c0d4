"""`demo`: the main story, played in the sandbox with a demo company; then the page of phones."""

import asyncio
import logging
import signal
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

HOST = "127.0.0.1"


def demo(
    port: Annotated[int, typer.Option(help="Where the page of phones and the Bot API listen.")] = 8080,
    once: Annotated[bool, typer.Option("--once", help="Play the story and exit: 0 if each step held.")] = False,
) -> None:
    """Play the main story with a demo company and no Telegram, then stay up with the page of phones."""
    import structlog

    from bot import logs
    from bot.cli.failing import CommandError
    from bot.sandbox.server import serve_in_thread

    logs.set_up("console")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        with serve_in_thread(HOST, port) as server, tempfile.TemporaryDirectory(prefix="firstline-demo-") as folder:
            held = asyncio.run(_play(server.url, Path(folder), once=once))
    except OSError as error:
        raise CommandError(error.strerror or str(error)) from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(0) from None
    raise typer.Exit(0 if held else 1)


async def _play(url: str, folder: Path, *, once: bool) -> bool:
    """Play; whether each step held. Without `once`, stay until cancelled."""
    from bot.demo.house import bot_in, demo_clock, until_quiet
    from bot.demo.stage import PATIENCE, Stage, StepFailedError
    from bot.demo.story import play
    from bot.demo.transcript import Printed
    from bot.sandbox.client import SandboxClient

    me = asyncio.current_task()
    if me is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, me.cancel)
    async with SandboxClient(url) as sandbox:
        bot = await sandbox.bot("Сервис-Линия")
        async with bot_in(f"sqlite:///{folder}/demo.db", bot, demo_clock()) as app:
            transcript = Printed()
            stage = Stage(sandbox, bot, transcript, lambda: until_quiet(app, bot, PATIENCE))
            held = True
            try:
                await play(stage)
                typer.echo(f"\nВсё сошлось: шагов {transcript.steps}.")
            except StepFailedError as failed:
                held = False
                sys.stderr.write(f"\n✗ {failed}\n")
            if not once:
                typer.echo(f"\nТелефоны: {url}/   (Ctrl-C — закончить)")
                await asyncio.Event().wait()
            return held
