"""The demo company and the knowledge base, brought into a database as a user would."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.db.engine import Database
from bot.db.types import utc_now
from bot.db.unit_of_work import Office
from bot.imports.bring_in import bring_in
from bot.kb.sync import sync_articles

ROOT = Path(__file__).resolve().parents[2]


class _Silent:
    """Loading tells nobody."""

    def tell(self, *_args: object, **_options: object) -> None:
        return


def furnish(database: Database, clock: Callable[[], datetime] = utc_now) -> None:
    """Bring the demo company and the knowledge base into a migrated database, as `import` and `kb sync` do.

    Repeated, it changes nothing. Raises BadImportError or BadArticlesError, with nothing written.
    """
    with Office(database, _Silent(), clock).work() as uow:
        bring_in(uow, ROOT / "demo")
        sync_articles(uow, ROOT / "content" / "faq")
