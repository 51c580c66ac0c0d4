"""`demo`: the main story, played in the sandbox with a demo company."""

from pathlib import Path

from bot.db.engine import Database

ROOT = Path(__file__).resolve().parents[2]


def furnish(database: Database) -> None:
    """Bring the demo company and the knowledge base into a migrated database, as `import` and `kb sync` do.

    Repeated, it changes nothing. Raises BadImportError or BadArticlesError, with nothing written.
    """
    from bot.cli.importing import Silent
    from bot.db.types import utc_now
    from bot.db.unit_of_work import Office
    from bot.imports.bring_in import bring_in
    from bot.kb.sync import sync_articles

    with Office(database, Silent(), utc_now).work() as uow:
        bring_in(uow, ROOT / "demo")
        sync_articles(uow, ROOT / "content" / "faq")
