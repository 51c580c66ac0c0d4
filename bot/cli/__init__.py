"""Commands: `python -m bot …`. Each is light until it runs: aiogram is imported only by what speaks Telegram."""

import sys

import typer

from bot.cli import database, parts
from bot.cli.bill import app as bill
from bot.cli.calc.command import calc
from bot.cli.demo import demo
from bot.cli.doctor import doctor
from bot.cli.failing import words_of
from bot.cli.importing import import_
from bot.cli.init import init
from bot.cli.kb import app as kb
from bot.cli.policy import policy
from bot.cli.sandbox import sandbox
from bot.logs import set_up, tell_crash
from bot.redaction import conceal

commands = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they show what stands in variables
    help="Firstline: the front line of a service company, in Telegram.",
)
commands.command()(parts.run)
commands.command()(parts.intake)
commands.command()(parts.turns)
commands.command()(parts.deliver)
commands.command()(parts.ticker)
commands.command()(parts.web)
commands.command()(database.migrate)
commands.command()(doctor)
commands.command()(database.backup)
commands.command()(database.restore)
commands.command()(init)
commands.command("import")(import_)
commands.command()(policy)
commands.add_typer(kb, name="kb", help="The knowledge base: search, rank, check.")
commands.add_typer(bill, name="bill", help="Billing: explain a ticket, close a month, export for accounting.")
commands.command()(calc)
commands.command()(sandbox)
commands.command()(demo)


def app() -> None:
    """Run a command; what a person can mend is one clear line, not a traceback. Neither holds a secret."""
    set_up("console")
    try:
        commands()
    except Exception as error:
        said = words_of(error)
        if said is None:
            tell_crash(error)
            raise SystemExit(1) from None
        sys.stderr.write(conceal(f"{said}\n"))
        raise SystemExit(2) from None


__all__ = ["app", "commands"]
