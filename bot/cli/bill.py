"""`bill`: explain a ticket, close a month, export for accounting."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.calendar.periods import Period, month_of
from bot.cli.failing import CommandError
from bot.cli.needs import needs_in_words

if TYPE_CHECKING:
    from sqlmodel import Session

    from bot.db.engine import Database
    from bot.db.unit_of_work import Office
    from bot.tickets.life.models import Ticket

app = typer.Typer(no_args_is_help=True, add_completion=False)


def period_of(text: str) -> Period:
    """A month written as 2026-10. Raises CommandError."""
    try:
        return month_of(date.fromisoformat(f"{text}-01"))
    except ValueError:
        raise CommandError(f"{text}: a month is written as 2026-10") from None


@app.command()
def explain(
    ticket: Annotated[int, typer.Argument(help="Number of the ticket")],
    lang: Annotated[str, typer.Option(help="Language of the report: ru or en")] = "ru",
) -> None:
    """Print why a ticket's work is covered or paid: every check of every decision, with ids, clauses and amounts."""
    from sqlmodel import select

    from bot.billing.quotes.ceilings import ceilings_used
    from bot.billing.scope.explain import ScopeAudit, explained
    from bot.clients.models import Contract
    from bot.messaging.notices.texts import render

    with _ticket(ticket, lang) as (session, found):
        decisions = explained(session, found.id)
        used = ceilings_used(session, found.id)
        contracts = {str(row.id): row.number for row in session.exec(select(Contract)).all()}
        text = render("scope/auditor", lang, ScopeAudit(ticket, decisions, contracts, used))
    typer.echo(unescape(text))


@app.command()
def prices(
    code: Annotated[str | None, typer.Argument(metavar="LIST", help="Code of a price list; all of them")] = None,
    item: Annotated[str | None, typer.Option(help="Code of a work, a part or hour:<work type>: its price too")] = None,
    lang: Annotated[str, typer.Option(help="ru or en")] = "ru",
) -> None:
    """Print the versions of price lists: from and until when each prices work, and what an item costs in each."""
    from bot.billing.prices.history import PriceHistory, price_history
    from bot.messaging.notices.texts import render

    with _reading(lang) as session:
        versions = price_history(session, code, item)
    if not versions:
        raise CommandError(f"{code}: there is no such price list" if code else "no price list is loaded yet")
    typer.echo(unescape(render("price/history", lang, PriceHistory(tuple(versions), item))))


@app.command()
def proof(
    ticket: Annotated[int, typer.Argument(help="Number of the ticket")],
    file: Annotated[Path | None, typer.Option("--out", help="Where the PDF is written; proof-NUMBER.pdf")] = None,
    lang: Annotated[str, typer.Option(help="ru or en")] = "ru",
) -> None:
    """Write the proof pack of a ticket's paid work as PDF: request, decision, quote, approval, work, acceptance."""
    from bot.tickets.offers.proof import proof_pdf

    with _ticket(ticket, lang) as (session, found):
        made = proof_pdf(session, found, lang)
    target = file or Path(f"proof-{ticket}.pdf")
    target.write_bytes(made)
    typer.echo(str(target))


@app.command()
def close(
    period: Annotated[str, typer.Argument(help="The month, as 2026-10")],
    batch: Annotated[int, typer.Option(min=1, help="Contracts in one transaction")] = 200,
) -> None:
    """Issue statements, invoices and acts of a month, and of those before it that are not closed yet, oldest first.

    Killed in the middle, it goes on where it stopped.
    """
    from bot.billing.documents.issue import BadRequisitesError
    from bot.tickets.month.close import BillingNotBegun, Closed, PeriodNotOver, close_period

    # Full collections over what was imported take a tenth of a long close.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    month = period_of(period)
    months: dict[Period, Closed] = {}
    office, database = _office()
    try:
        for done in close_period(office, month, batch):
            months[done.period] = done
            typer.echo(f"{done.contracts} contracts, {done.statements} statements, {done.lines} lines", err=True)
        if not months:
            with database.read() as session:
                typer.echo(_closed_already(session, month))
    except PeriodNotOver:
        raise CommandError(f"{period} is not over yet: close it from the first day of the next month on") from None
    except BillingNotBegun as refusal:
        begins = refusal.values["begins"]
        raise CommandError(
            f"{period}: billing begins on {begins}, what lies before was billed where it came from"
            " (another beginning: python -m bot init --billing-from MONTH, while nothing is issued)"
        ) from None
    except BadRequisitesError as error:
        raise CommandError(f"nothing more was issued: {needs_in_words(error.needs)}") from None
    finally:
        database.dispose()
    for each, done in months.items():
        typer.echo(
            f"{each.start:%Y-%m}: {done.statements} statements, {done.lines} lines, {_in_roubles(done.gross)}"
            + ("" if done.gross or done.lines else ", nothing to bill")
        )


def _closed_already(session: "Session", month: Period) -> str:
    """What to say of a month that nothing is left of: what it came to, and whose it passed over in former times."""
    from bot.billing.statements.open_months import passed_over, stated

    count, gross = stated(session, month)
    missed = passed_over(session, month)
    said = f"{month.start:%Y-%m} is closed already: {count} statements, {_in_roubles(gross)}; nothing is left to bill"
    if missed:
        said += (
            f"\n{len(missed)} contracts have a later statement and none of this month: {', '.join(missed)}."
            " An invoice for it is to be made by hand"
        )
    return said


def _in_roubles(kopecks: int) -> str:
    return f"{kopecks // 100}.{kopecks % 100:02}"


@app.command()
def export(
    period: Annotated[str, typer.Argument(help="The month, as 2026-10")],
    folder: Annotated[Path, typer.Argument(help="Where documents.csv, lines.csv and documents.xlsx are written")],
) -> None:
    """Write the month's documents for accounting by stable ids; repeated, it writes the same bytes."""
    from bot.reports.accounting import write_export

    office, database = _office()
    with office.database.read() as session:
        count = write_export(session, period_of(period), folder)
    database.dispose()
    typer.echo(f"{count} documents in {folder}")


def _office() -> "tuple[Office, Database]":
    from bot.cli.database import open_database, require_schema
    from bot.cli.importing import Silent
    from bot.db.clock import utc_now
    from bot.db.unit_of_work import Office

    database = open_database()
    require_schema(database)
    return Office(database, Silent(), utc_now), database


@contextmanager
def _reading(lang: str) -> "Iterator[Session]":
    """A reading session. Raises CommandError for a language that there isn't."""
    from bot.cli.database import open_database, require_schema
    from bot.messaging.notices.texts import LANGUAGES

    if lang not in LANGUAGES:
        raise CommandError(f"--lang {lang}: one of {', '.join(LANGUAGES)}")
    database = open_database()
    try:
        require_schema(database)
        with database.read() as session:
            yield session
    finally:
        database.dispose()


@contextmanager
def _ticket(number: int, lang: str) -> "Iterator[tuple[Session, Ticket]]":
    """A reading session and the ticket of a number. Raises CommandError for an unknown number or language."""
    from sqlmodel import select

    from bot.tickets.life.models import Ticket

    with _reading(lang) as session:
        found = session.exec(select(Ticket).where(Ticket.number == number)).first()
        if found is None:
            raise CommandError(f"ticket {number}: there is none of this number")
        yield session, found
