"""`import`: companies, people, contracts, objects, plans, prices and history from XLSX or CSV."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.failing import CommandError


class _PreviewOnlyError(Exception):
    """Ends a transaction whose changes were only to be shown."""


def import_(
    path: Annotated[Path, typer.Argument(help="A folder of CSV and XLSX files, or one workbook")],
    preview: Annotated[bool, typer.Option("--preview", help="Show what would change; change nothing")] = False,
    lang: Annotated[str, typer.Option(help="Language of the report: ru or en")] = "ru",
) -> None:
    """Load tables, all or nothing; every mistake is told with its file, row, column and what is expected there."""
    from sqlalchemy.exc import DBAPIError

    from bot.cli.database import open_database, require_schema
    from bot.db.clock import utc_now
    from bot.db.trouble import lost_race
    from bot.db.unit_of_work import Office
    from bot.imports.bring_in import Imported, bring_in
    from bot.imports.files.findings import BadImportError
    from bot.messaging.notices.texts import LANGUAGES

    if lang not in LANGUAGES:
        raise CommandError(f"--lang {lang}: one of {', '.join(LANGUAGES)}")
    database = open_database()
    require_schema(database)
    office = Office(database, Silent(), utc_now)

    def load() -> Imported:
        with suppress(_PreviewOnlyError), office.work() as uow:
            found = bring_in(uow, path)
            if preview:
                raise _PreviewOnlyError
        return found

    try:
        try:
            done = load()
        except DBAPIError as error:
            if not lost_race(error):
                raise
            done = load()  # another command or the bot wrote the same: anew beside what that left
        typer.echo(done.text(lang, preview=preview))
    except BadImportError as error:
        raise CommandError(error.text(lang)) from None
    finally:
        database.dispose()


class Silent:
    """Loading tells nobody."""

    def tell(self, *_args: object, **_options: object) -> None:
        return
