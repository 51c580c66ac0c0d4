"""The web part: webhook with a required secret, health and metrics."""

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.db.trouble import storage_trouble
from bot.db.unit_of_work import Office
from bot.messaging.incoming.held_back import HeldBack
from bot.web.health import Health

log = structlog.get_logger()

SECRET_HEADER = b"x-telegram-bot-api-secret-token"
LARGEST_UPDATE = 1_000_000


class Intake(Protocol):
    """Commits what was pushed; what is no update is set aside, not refused."""

    def __call__(self, body: bytes, *, whole: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram pushes: the path, the secret, and how a request's body is committed."""

    path: str
    secret: str
    take_in: Intake


def create_app(office: Office, webhook: Webhook | None, held: HeldBack | None = None) -> Starlette:
    """The ASGI application of `run` and `web`; `held` where this process takes in what comes."""
    health = Health(office, held)

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        """Ready when the database answers and takes what is written, and messages come in; else the reason and mend."""
        state = await asyncio.to_thread(health.look)
        return JSONResponse(state.as_json(), status_code=200 if state.reason is None else 503)

    async def metrics(_request: Request) -> Response:
        """What is known, also while the database is down."""
        (await asyncio.to_thread(health.look)).measure()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
    if webhook is not None:
        routes.append(Route(webhook.path, _webhook(webhook), methods=["POST"]))
    return Starlette(routes=routes)


def _webhook(webhook: Webhook) -> Callable[[Request], Any]:
    """Who knows the secret is Telegram, and what it is refused it pushes again for ever, before all that follows:
    only a database that fails is told as a failure."""

    async def receive(request: Request) -> Response:
        # Bytes are compared: a header with other letters than ASCII must be a no, not an error.
        given = dict(request.scope["headers"]).get(SECRET_HEADER, b"")
        if not hmac.compare_digest(given, webhook.secret.encode()):
            return PlainTextResponse("wrong secret", status_code=403)
        body, whole = b"", True
        async for chunk in request.stream():
            room = LARGEST_UPDATE - len(body)
            body += chunk[:room]
            whole = whole and len(chunk) <= room
        try:
            await asyncio.to_thread(webhook.take_in, body, whole=whole)
        except SQLAlchemyError as error:
            log.error("webhook_not_stored", mend=storage_trouble(error), error=type(error).__name__)
            return PlainTextResponse("not stored, send it again", status_code=503)
        return PlainTextResponse("ok")

    return receive
