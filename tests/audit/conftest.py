"""One Bot API server for all audits; they are apart by token."""

from collections.abc import Iterator

import pytest

from bot.sandbox.server import Sandbox, serve_in_thread


@pytest.fixture(scope="session")
def audit_server() -> Iterator[Sandbox]:
    """The server that people and bots talk through."""
    with serve_in_thread() as server:
        yield server
