"""`sandbox`: the Bot API server and its page of phones alone, for any bot."""

from typing import Annotated

import typer


def sandbox(
    port: Annotated[int, typer.Option(help="Where to listen.")] = 8081,
    host: Annotated[str, typer.Option(help="127.0.0.1 keeps it on this machine.")] = "127.0.0.1",
) -> None:
    """Serve a Bot API on this machine: try any bot with no token from Telegram."""
    from bot.sandbox.server import serve_forever

    typer.echo(
        f"Bot API: http://{host}:{port}/bot<token>/<method>   phones: http://{host}:{port}/   docs: http://{host}:{port}/sandbox/docs"
    )
    serve_forever(host, port)
