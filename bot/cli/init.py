"""`init`: the first start. Seller's particulars, the first admin, how to link the dispatch chat; safe to repeat."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.failing import CommandError
from bot.cli.needs import needs_in_words
from bot.redaction import conceal
from bot.settings import Settings, load

if TYPE_CHECKING:
    from bot.db.unit_of_work import Office, UnitOfWork

# What is asked, in order: particular, question, what Enter means (None: it must be given).
QUESTIONS: tuple[tuple[str, str, str | None], ...] = (
    ("name", "Company name, as on invoices", None),
    ("inn", "INN", None),
    ("kpp", "KPP (Enter: none)", ""),
    ("bic", "BIC of the bank (Enter: fill in later)", ""),
    ("account", "Account number (Enter: fill in later)", ""),
    ("corr_account", "Correspondent account (Enter: fill in later)", ""),
    ("bank", "Name of the bank (Enter: fill in later)", ""),
    ("phone", "Phone that clients may call", None),
    ("emergency_phone", "Phone for emergencies out of hours (Enter: none)", ""),
    ("address", "Address, for the consent to personal data (Enter: fill in later)", ""),
    ("privacy_url", "Link to your policy on personal data (Enter: none)", ""),
    ("timezone", "Time zone", "Europe/Moscow"),
    ("hours", "Working hours", "9:00-18:00"),
    ("vat", "VAT, per cent: none, 0, 5, 7, 10, 20, 22", "none"),
)

ACCOUNTS = ("account", "corr_account")


def init(
    name: Annotated[str | None, typer.Option(help="Company name, as on invoices")] = None,
    inn: Annotated[str | None, typer.Option(help="INN; its control digits are checked")] = None,
    kpp: Annotated[str | None, typer.Option(help="KPP")] = None,
    bic: Annotated[str | None, typer.Option(help="BIC of the bank")] = None,
    account: Annotated[str | None, typer.Option(help="Account; its key is checked with the BIC")] = None,
    corr_account: Annotated[str | None, typer.Option(help="Correspondent account")] = None,
    bank: Annotated[str | None, typer.Option(help="Name of the bank")] = None,
    phone: Annotated[str | None, typer.Option(help="Phone that clients may call")] = None,
    emergency_phone: Annotated[str | None, typer.Option(help="Phone for emergencies out of hours")] = None,
    address: Annotated[str | None, typer.Option(help="Address of the company: the consent names it")] = None,
    privacy_url: Annotated[
        str | None, typer.Option(help="Link to the policy on personal data, for the consent")
    ] = None,
    timezone: Annotated[str | None, typer.Option(help="Time zone, such as Europe/Moscow")] = None,
    hours: Annotated[str | None, typer.Option(help="Working hours, such as 9:00-18:00")] = None,
    vat: Annotated[str | None, typer.Option(help="VAT in per cent, or none")] = None,
    billing_from: Annotated[
        str | None, typer.Option(help="Month that billing begins with, such as 2026-12; the next one unless given")
    ] = None,
    admin: Annotated[str | None, typer.Option(help="First admin: name and phone in one")] = None,
    ask: Annotated[bool, typer.Option("--ask/--no-input", help="Ask for what is missing, or fail")] = True,
) -> None:
    """First start; run again it shows what is set, and changes only what an option names."""
    from bot.cli.database import open_database, require_schema
    from bot.cli.importing import Silent
    from bot.db.clock import utc_now
    from bot.db.unit_of_work import Office

    given = {
        "name": name,
        "inn": inn,
        "kpp": kpp,
        "bic": bic,
        "account": account,
        "corr_account": corr_account,
        "bank": bank,
        "phone": phone,
        "emergency_phone": emergency_phone,
        "address": address,
        "privacy_url": privacy_url,
        "timezone": timezone,
        "hours": hours,
        "vat": vat,
        "billing_from": billing_from,
    }
    settings = load()
    database = open_database()
    try:
        require_schema(database)
        office = Office(database, Silent(), utc_now)
        _seller(office, {key: value for key, value in given.items() if value is not None}, ask=ask)
        _admin(office, settings, admin, ask=ask)
        _dispatch(office, settings)
    finally:
        database.dispose()
    typer.echo("Next: python -m bot import PATH, python -m bot kb sync, python -m bot doctor, python -m bot run")


def _seller(office: "Office", given: Mapping[str, str], *, ask: bool) -> None:
    """Ask and keep what is missing, or what was named; then show it."""
    from bot.billing.seller.needs import close_needs
    from bot.billing.seller.particulars import BadSellerValueError, read_field, seller_of
    from bot.billing.statements.set_seller import set_seller
    from bot.tickets.month.close import look_for_months

    with office.database.read() as session:
        known = seller_of(session) is not None
    columns: dict[str, Any] = {}
    try:
        for field, text in given.items():
            columns |= read_field(field, text)
        if ask and not known:
            for field, question, default in QUESTIONS:
                if field in given or (field in (*ACCOUNTS, "bank") and not columns.get("bic")):
                    continue
                columns |= _asked(question, default, partial(_read, field, columns.get("bic")))
            if "billing_from" not in given:
                columns |= _asked_beginning(office, columns["timezone"])
        if columns or known:
            with office.work() as uow:
                set_seller(uow, columns)
                look_for_months(uow)
    except BadSellerValueError as error:
        raise CommandError(f"{error} (see `python -m bot init --help`)") from None
    with office.database.read() as session:
        seller = seller_of(session)
        if seller is None:
            raise CommandError("the seller is not set: give --name, --inn and --phone, or run without --no-input")
        bank = f"account {seller.account}, BIC {seller.bic}" if seller.account else "no bank account yet"
        start, end = (f"{at // 60}:{at % 60:02}" for at in (seller.workday_start, seller.workday_end))
        rate = "no VAT" if seller.vat_bp is None else f"VAT {seller.vat_bp // 100} %"
        typer.echo(f"Seller: {seller.name}, INN {seller.inn}, {bank}, {rate}")
        typer.echo(f"Phone: {seller.phone}, emergencies: {seller.emergency_phone or 'none'}")
        typer.echo(f"Address: {seller.address or 'none'}, policy on personal data: {seller.privacy_url or 'none'}")
        night = ", over midnight" if seller.workday_end < seller.workday_start else ""
        typer.echo(f"Working hours: {start}-{end}{night}, {seller.timezone}")
        typer.echo(f"Billing begins on {seller.billing_from}: months before it are not billed from here")
        needs = close_needs(seller)
        if needs:
            typer.echo(f"Invoices wait: {needs_in_words(needs)}")


def _asked_beginning(office: "Office", zone: str) -> dict[str, Any]:
    """Ask which month to begin with; the next one unless another is typed."""
    from bot.billing.seller.particulars import read_field
    from bot.billing.statements.start import first_of_next_month

    with office.work() as uow:
        default = first_of_next_month(uow, zone).isoformat()
    return _asked("First day of the month that billing begins with", default, partial(read_field, "billing_from"))


def _read(field: str, bic: str | None, text: str) -> dict[str, Any]:
    """A typed particular; an account is held against the bank named before. Raises BadSellerValueError."""
    from bot.billing.seller.particulars import read_field, require_account

    found = read_field(field, text)
    if field in ACCOUNTS:
        require_account(found[field], bic, None)
    return found


def _asked(question: str, default: str | None, read: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Ask until it is right."""
    from bot.billing.seller.particulars import BadSellerValueError

    while True:
        text = typer.prompt(question, default=default, show_default=bool(default))
        try:
            return read(text)
        except BadSellerValueError as error:
            typer.echo(f"  {error}")


def _admin(office: "Office", settings: Settings, line: str | None, *, ask: bool) -> None:
    """Show the admins; make the first one, or the named one, with a link to come in by."""
    from bot.clients.models import StaffRole
    from bot.clients.people import staff

    with office.database.read() as session:
        admins = [person.name for person, roles in staff(session) if StaffRole.ADMIN in roles]
    typer.echo(f"Admins: {', '.join(admins) or 'none yet'}")
    if line is None and admins:
        return
    if line is None and not ask:
        typer.echo('  add the first one: python -m bot init --admin "Name +7 900 123-45-67"')
        return
    while True:
        text = line or typer.prompt("First admin: name and phone")
        try:
            with office.work() as uow:
                name, code, hours = _hire(uow, text)
        except ValueError as error:
            if line is not None:
                raise CommandError(f"--admin: {error}") from None
            typer.echo(f"  {error}")
            continue
        typer.echo(f"{name} comes in by this link, once, within {hours} hours:")
        typer.echo(f"  {_link(settings, code)}")
        return


def _hire(uow: "UnitOfWork", line: str) -> tuple[str, str, int]:
    """Raises ValueError for what is no name with a phone number."""
    from bot.clients.access import name_and_phone
    from bot.clients.identification.invitations import PREFIX
    from bot.clients.models import StaffRole
    from bot.clients.people import NoNumber, hire
    from bot.clients.policy import policy

    try:
        name, phone = name_and_phone(line)
        invitation = hire(uow, name, phone, StaffRole.ADMIN, None)
    except NoNumber:
        raise ValueError("no phone number in it; write a name and a number, such as Anna +7 900 123-45-67") from None
    return name, f"{PREFIX}{invitation.code}", policy(uow.session, "invitation_hours")


def _link(settings: Settings, payload: str) -> str:
    """The deep link where Telegram says the bot's name, else what to send to it."""
    from bot.telegram.network.api import Api, TelegramRefusedError, UnreachableError
    from bot.telegram.network.http import NO_ANSWER

    async def username() -> str | None:
        api = Api(settings.bot_token, settings.telegram_api_url, settings.proxies)
        try:
            return (await api.connect()).get("username")
        finally:
            await api.close()

    found = None
    if settings.bot_token:
        try:
            found = asyncio.run(username())
        except (UnreachableError, TelegramRefusedError, *NO_ANSWER) as error:
            typer.echo(conceal(f"  (Telegram did not say the bot's name: {error})"))
    return f"https://t.me/{found}?start={payload}" if found else f"send the bot this message: /start {payload}"


def _dispatch(office: "Office", settings: Settings) -> None:
    """Which chat dispatch goes to, or how to link one."""
    from sqlmodel import select

    from bot.clients.models import StaffChat

    with office.database.read() as session:
        chat = session.exec(select(StaffChat)).first()
    if chat is not None:
        typer.echo(f"Dispatch chat: {chat.title or chat.chat_id}")
    elif settings.dispatch_chat_id is not None:
        typer.echo(f"Dispatch chat: {settings.dispatch_chat_id}, linked when the bot starts")
    else:
        typer.echo("Dispatch chat: none yet. Add the bot to the engineers' group as an administrator;")
        typer.echo("  then an admin of Firstline, not anonymous, sends /dispatch in that group.")
