"""`policy`: the numbers of the business, as shipped and this installation's own."""

from typing import Annotated

import typer

from bot.cli.failing import CommandError

SHIPPED = "default"


def policy(
    name: Annotated[str | None, typer.Argument(help="One of them; without it, all")] = None,
    value: Annotated[str | None, typer.Argument(help=f"What it becomes: a whole number, or `{SHIPPED}`")] = None,
) -> None:
    """Show the numbers of the business, or set one; docs/policies.md says what each does."""
    from bot.cli.database import open_database, require_schema
    from bot.clients.policy import BadPolicyError, between, defaults, own_policies, require_known, set_policy

    database = open_database()
    try:
        require_schema(database)
        with database.write() as session:
            if name is not None and value is not None:
                set_policy(session, name, _number(name, value))
            elif name is not None:
                require_known(name)
            own = own_policies(session)
    except BadPolicyError as error:
        raise CommandError(str(error)) from None
    finally:
        database.dispose()
    for each, shipped in defaults().items():
        if name in (None, each):
            least, most = between(each)
            typer.echo(f"{each} = {own.get(each, shipped)}  (shipped {shipped}, from {least} to {most})")


def _number(name: str, value: str) -> int | None:
    if value == SHIPPED:
        return None
    try:
        return int(value)
    except ValueError:
        raise CommandError(f"{name}: a whole number is needed, or `{SHIPPED}`, not {value}") from None
