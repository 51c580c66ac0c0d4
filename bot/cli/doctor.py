"""`doctor`: a self-check; each finding has a reason and a mend."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import typer

from bot.cli.needs import label_of, mend_of
from bot.redaction import conceal
from bot.settings import Settings, load

if TYPE_CHECKING:
    from sqlmodel import Session

    from bot.clients.models import Seller
from bot.db.engine import Database

FAILING_SHOWN = 5
CALENDAR_DECREED = 10  # the month by which the government has decreed the next year's days off


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: fine, or why not and what to do."""

    what: str
    fine: bool
    said: str
    mend: str = ""


@dataclass(slots=True)
class Standing:
    """What the database knows that Telegram is asked about: the dispatch group's id, and whether a bot runs on it."""

    dispatch_chat: int | None = None
    runs: bool = False


def doctor() -> None:
    """Check settings, database, Telegram, the dispatch chat and the queues; exit code 1 if anything is wrong."""
    settings = load()
    from bot.cli.telegram_check import telegram_findings
    from bot.db.clock import HOME, day_of, utc_now

    standing = Standing(settings.dispatch_chat_id)
    findings = [*_database(settings, standing), *calendars(day_of(utc_now(), HOME))]
    findings += asyncio.run(telegram_findings(settings, standing))
    for finding in findings:
        typer.echo(conceal(f"{'ok  ' if finding.fine else 'BAD '} {finding.what}: {finding.said}"))
        if finding.mend:
            typer.echo(conceal(f"     → {finding.mend}"))
    raise typer.Exit(0 if all(finding.fine for finding in findings) else 1)


def calendars(today: date) -> Iterator[Finding]:
    """The production calendars that deadlines are counted by: of this year, and from October on of the next, which is
    decreed by then."""
    from bot.calendar.workdays import CALENDARS, production_calendar

    calendar = production_calendar()
    wanted = [today.year] if today.month < CALENDAR_DECREED else [today.year, today.year + 1]
    for year in wanted:
        there = year in calendar.years
        file = CALENDARS / calendar.region / f"{year}.toml"
        mend = f"deadlines of {year} are not calculated: add {file}, after the one of {max(calendar.years)}"
        yield Finding("production calendar", there, f"{year}{'' if there else ': none'}", "" if there else mend)


def _database(settings: Settings, standing: Standing) -> Iterator[Finding]:
    from sqlalchemy.exc import SQLAlchemyError

    from bot.db.engine import BadDatabaseUrlError, Database
    from bot.db.presence import is_running
    from bot.db.schema.migrating import require_present
    from bot.db.schema.recognising import SchemaError
    from bot.db.trouble import storage_trouble

    try:
        database = Database(settings.database_url)
    except (BadDatabaseUrlError, OSError) as error:
        yield Finding("database", False, str(error), "check DATABASE_URL and the folder's rights: name another path")
        return
    try:
        yield Finding("schema", True, require_present(database))
        database.require_writable()
    except SchemaError as error:
        yield Finding("schema", False, error.said, error.mend)
        return
    except SQLAlchemyError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        mend = storage_trouble(error) or "check DATABASE_URL and that the server runs"
        yield Finding("database", False, reason, mend)
        return
    yield from _content(database, standing)
    standing.runs = is_running(database)
    database.dispose()


def _content(database: "Database", standing: Standing) -> Iterator[Finding]:
    from sqlalchemy import func
    from sqlmodel import col, select

    from bot.clients.models import Seller, StaffChat
    from bot.db.clock import utc_now
    from bot.kb.articles.models import Article

    with database.read() as session:
        seller = session.exec(select(Seller)).first()
        yield Finding(
            "seller", seller is not None, seller.name if seller else "not set", "" if seller else "python -m bot init"
        )
        chat = session.exec(select(StaffChat)).first()
        standing.dispatch_chat = chat.chat_id if chat else standing.dispatch_chat
        mend = "" if chat else "add the bot to the engineers' group and send /dispatch there"
        yield Finding(
            "dispatch chat", chat is not None, (chat.title or str(chat.chat_id)) if chat else "not linked", mend
        )
        articles = session.exec(select(func.count(col(Article.id)))).one()
        yield Finding(
            "knowledge base", articles > 0, f"{articles} articles", "" if articles else "python -m bot kb sync"
        )
        yield alarms_of(session, utc_now())
        yield jobs_of(session)
        yield _doubles(session)
        yield _queue(session)
        yield from _policies(session)
        yield from _billing(session, seller)
        yield from payments_of(session, utc_now())


def alarms_of(session: "Session", now: datetime) -> Finding:
    """Alarms that nobody was told of, or that are recent; of what lasts other findings tell."""
    from sqlmodel import col, func, select

    from bot.clients.policy import policy
    from bot.messaging.models import Alarm

    hours = policy(session, "alarm_recent_hours")
    recent = col(Alarm.raised_at) >= now - timedelta(hours=hours)
    look_at = col(Alarm.told_at).is_(None) | recent
    alarms = session.exec(select(func.count()).select_from(Alarm).where(look_at)).one()
    said = f"{alarms} untold or of the last {hours} h"
    return Finding("alarms", alarms == 0, said, "the latest are in the table `alarm`" if alarms else "")


def jobs_of(session: "Session") -> Finding:
    """What fails each time that it is tried: staff hears of it once, and it is tried for ever."""
    from bot.messaging.timers import failing

    found = failing(session)
    named = ", ".join(f"{key} ({tries} times, {error})" for key, tries, error in found[:FAILING_SHOWN])
    said = f"{len(found)} fail: {named}" if found else "none fails"
    mend = (
        "look at the row that each names: its data are wrong; it goes on by itself within an hour once they are right"
    )
    return Finding("jobs", not found, said, mend if found else "")


def _doubles(session: "Session") -> Finding:
    """Rows that were live twice, of which the newest stayed: a matter to look at once, not a fault that lasts."""
    from bot.db.schema.doubles import ended_doubles

    found = ended_doubles(session)
    named = ", ".join(f"{each.of_table} {each.row} (stays {each.kept})" for each in found)
    return Finding("doubles", True, f"{len(found)} ended by a migration: {named}" if found else "none")


def _billing(session: "Session", seller: "Seller | None") -> Iterator[Finding]:
    """Whether months can be closed, and whether one waits that should have been."""
    from bot.billing.seller.needs import close_needs
    from bot.billing.statements.open_months import oldest_open
    from bot.db.clock import utc_now
    from bot.tickets.month.close import last_due

    if seller is None:
        return
    needs = close_needs(seller)
    if needs:
        yield Finding("requisites", False, "; ".join(label_of(need) for need in needs), mend_of(needs))
    begins = seller.billing_from
    if begins is None:
        return
    waits = oldest_open(session, begins, last_due(session, seller, utc_now()))
    said = f"begins on {begins}"
    if waits is None:
        yield Finding("billing", True, said)
    else:
        mend = "fill in the requisites, then `run` closes it by itself" if needs else "is `run` or `ticker` up?"
        yield Finding("billing", False, f"{said}, {waits.start:%Y-%m} is not closed yet", mend)


def payments_of(session: "Session", now: datetime) -> Iterator[Finding]:
    """Whether anything tells of payments: an invoice of ours is a debt until money comes or accounting reports (R9.3),
    so where nothing ever does, everybody becomes a debtor."""
    from sqlmodel import col, func, select

    from bot.billing.debts.models import Debt
    from bot.billing.debts.owed import last_report
    from bot.billing.debts.rule import DebtSource
    from bot.billing.documents.models import Payment
    from bot.billing.seller.particulars import seller_day
    from bot.clients.policy import policy
    from bot.db.live import live

    today, hold = seller_day(session, now), timedelta(days=policy(session, "debt_hold_days"))
    ours = (Debt.source == DebtSource.OWN, live(Debt), col(Debt.due) <= today - hold)
    overdue = session.exec(select(func.count()).select_from(Debt).where(*ours)).one()
    reported = last_report(session)
    heard = reported is not None and reported >= today - hold
    heard = heard or session.exec(select(Payment.id).where(Payment.paid_at >= now - hold).limit(1)).first() is not None
    if overdue and not heard:
        said = f"invoices of ours are overdue: {overdue}; no payment and no debt report came for {hold.days} days"
        mend = "python -m bot import with a sheet of debts or payments: else these clients are held as debtors"
        yield Finding("payments", False, said, mend)


def _policies(session: "Session") -> Iterator[Finding]:
    """Own values written past the command that refuses what they can't be."""
    from bot.clients.policy import BadPolicyError, own_policies, require_fits

    own = own_policies(session)
    for name in own:
        try:
            require_fits(name, own)
        except BadPolicyError as error:
            yield Finding("policy", False, str(error), f"python -m bot policy {name} default")


def _queue(session: "Session") -> Finding:
    from bot.clients.policy import policy
    from bot.db.clock import utc_now
    from bot.messaging.outgoing.outbox import oldest_pending

    now = utc_now()
    pending = oldest_pending(session, now)
    age = now - pending if pending else timedelta()
    late = age > timedelta(minutes=policy(session, "queue_late_minutes"))
    return Finding(
        "outbox",
        not late,
        f"oldest waits {age.total_seconds():.0f} s",
        "is `run` or `deliver` up, is Telegram reachable?" if late else "",
    )
