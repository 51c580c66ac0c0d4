"""The sandbox as a server: a Bot API for bots, the person's side for tests, a page of phones for eyes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Collection, Generator, Iterator
from pathlib import Path
from threading import Event, Thread

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from bot.sandbox.methods.bot_api import BotApi
from bot.sandbox.people import api as person_api
from bot.sandbox.people import control_api
from bot.sandbox.people.acting import CannotDo
from bot.sandbox.world.faults import Troubles
from bot.sandbox.world.refusals import Refusal
from bot.sandbox.world.state import World

PAGE = Path(__file__).parent / "page"


class SandboxApp:
    """The ASGI application: paths of bots are answered directly, the rest by FastAPI."""

    def __init__(self, only: Collection[str] | None, sparse_me: bool) -> None:
        self.world = World()
        self.troubles = Troubles()
        known = None if only is None else frozenset(name.lower() for name in only)
        self.bots = BotApi(self.world, self.troubles, known, sparse_me)
        self.people = _people_app(self.world, self.troubles)
        self.page = StaticFiles(directory=PAGE, html=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.people(scope, receive, send)
        elif scope["path"].startswith(("/bot", "/file/bot")):
            await self.bots(scope, receive, send)
        elif scope["path"].startswith("/sandbox"):
            await self.people(scope, receive, send)
        else:
            await self.page(scope, receive, send)

    def close(self) -> None:
        """Wake every call that waits, so that the server can stop."""
        self.world.closing = True
        for bot in self.world.bots.values():
            if bot.webhook_task is not None:
                bot.webhook_task.cancel()
            if bot.poll is not None and not bot.poll.done():
                bot.poll.set_result("closing")
        for hanging in self.bots.hanging:
            if not hanging.done():
                hanging.set_result(None)
        self.world.touch()
        for chat in [*self.world.dialogues.values(), *self.world.groups.values()]:
            self.world.touch(chat)


def _people_app(world: World, troubles: Troubles) -> FastAPI:
    app = FastAPI(
        title="Sandbox",
        description="The person's side of a Bot API server on this machine.",
        openapi_url="/sandbox/openapi.json",
        docs_url="/sandbox/docs",
        redoc_url=None,
    )
    app.state.world = world
    app.state.troubles = troubles
    app.include_router(control_api.router, prefix="/sandbox")
    app.include_router(person_api.router, prefix="/sandbox")

    @app.exception_handler(CannotDo)
    async def cannot(request: Request, error: CannotDo) -> JSONResponse:
        del request
        return JSONResponse({"detail": str(error)}, 409)

    @app.exception_handler(Refusal)
    async def refused(request: Request, error: Refusal) -> JSONResponse:
        del request
        return JSONResponse({"detail": error.description}, 422)

    return app


def create_app(*, only: Collection[str] | None = None, sparse_me: bool = False) -> SandboxApp:
    """A fresh sandbox. `only` names the methods it knows, every other answers 404; `sparse_me` makes getMe leave out
    what servers of others leave out (`is_bot`, the abilities)."""
    return SandboxApp(only, sparse_me)


class Sandbox(uvicorn.Server):
    """A running sandbox at `url`."""

    def __init__(self, app: SandboxApp, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app, host, port, log_level="warning", access_log=False, timeout_graceful_shutdown=1, ws="none"
            )
        )
        self.app = app
        self.socket = _listen(host, port)
        self.url = f"http://{host}:{self.socket.getsockname()[1]}"

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to the process that the sandbox runs in."""
        yield

    async def stop(self) -> None:
        """Wake what waits and let the server end."""
        self.app.close()
        self.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    # Named TCP, or asyncio leaves Nagle's algorithm on and each answer waits 40 ms.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"port {port} of {host} is busy; choose another with --port") from error
    listener.listen(1024)
    listener.setblocking(False)
    return listener


@contextlib.asynccontextmanager
async def serve(
    host: str = "127.0.0.1", port: int = 0, *, only: Collection[str] | None = None, sparse_me: bool = False
) -> AsyncIterator[Sandbox]:
    """Run a sandbox in this event loop; port 0 takes a free one. Raises OSError if the port is busy."""
    sandbox = Sandbox(create_app(only=only, sparse_me=sparse_me), host, port)
    running = asyncio.create_task(sandbox.serve([sandbox.socket]))
    try:
        while not sandbox.started and not running.done():  # noqa: ASYNC110 - uvicorn tells nobody that it has started
            await asyncio.sleep(0.001)  # uvicorn gives no event for it
        yield sandbox
    finally:
        await sandbox.stop()
        await running


@contextlib.contextmanager
def serve_in_thread(
    host: str = "127.0.0.1", port: int = 0, *, only: Collection[str] | None = None, sparse_me: bool = False
) -> Iterator[Sandbox]:
    """Run a sandbox in a thread of its own, for callers with no event loop. Raises OSError if the port is busy."""
    ready, done = Event(), asyncio.Event()
    running: list[Sandbox] = []
    loops: list[asyncio.AbstractEventLoop] = []
    errors: list[Exception] = []

    async def run() -> None:
        try:
            async with serve(host, port, only=only, sparse_me=sparse_me) as sandbox:
                running.append(sandbox)
                loops.append(asyncio.get_running_loop())
                ready.set()
                await done.wait()
        except Exception as error:
            errors.append(error)
        finally:
            ready.set()

    thread = Thread(target=lambda: asyncio.run(run()), name="sandbox", daemon=True)
    thread.start()
    ready.wait()
    if errors:
        raise errors[0]
    try:
        yield running[0]
    finally:
        loops[0].call_soon_threadsafe(done.set)
        thread.join(10)


def serve_forever(host: str = "127.0.0.1", port: int = 8081) -> None:
    """Run a sandbox until Ctrl-C or SIGTERM. Raises OSError if the port is busy."""
    sandbox = Sandbox(create_app(), host, port)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (2, 15):
            loop.add_signal_handler(number, stop.set)
        serving = asyncio.create_task(sandbox.serve([sandbox.socket]))
        await stop.wait()
        await sandbox.stop()
        await serving

    asyncio.run(run())
