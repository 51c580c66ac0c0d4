"""`doctor`: a self-check; each finding has a reason and a mend."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from bot.cli.needs import label_of, mend_of
from bot.redaction import conceal
from bot.settings import Settings, load

if TYPE_CHECKING:
    from sqlmodel import Session

    from bot.clients.models import Seller
    from bot.db.engine import Database
    from bot.telegram.network.api import Api

UNKNOWN_METHOD = 404


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: fine, or why not and what to do."""

    what: str
    fine: bool
    said: str
    mend: str = ""


def doctor() -> None:
    """Check settings, database, Telegram, the dispatch chat and the queues; exit code 1 if anything is wrong."""
    settings = load()
    findings = [*_database(settings), *asyncio.run(_telegram(settings))]
    for finding in findings:
        typer.echo(conceal(f"{'ok  ' if finding.fine else 'BAD '} {finding.what}: {finding.said}"))
        if finding.mend:
            typer.echo(conceal(f"     → {finding.mend}"))
    raise typer.Exit(0 if all(finding.fine for finding in findings) else 1)


def _database(settings: Settings) -> Iterator[Finding]:
    from sqlalchemy.exc import SQLAlchemyError

    from bot.db.engine import BadDatabaseUrlError, Database
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
    except SchemaError as error:
        yield Finding("schema", False, error.said, error.mend)
        return
    except SQLAlchemyError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        mend = storage_trouble(error) or "check DATABASE_URL and that the server runs"
        yield Finding("database", False, reason, mend)
        return
    yield from _content(database)


def _content(database: "Database") -> Iterator[Finding]:
    from sqlalchemy import func
    from sqlmodel import col, select

    from bot.clients.models import Seller, StaffChat
    from bot.kb.articles.models import Article
    from bot.messaging.models import Alarm

    with database.read() as session:
        seller = session.exec(select(Seller)).first()
        yield Finding(
            "seller", seller is not None, seller.name if seller else "not set", "" if seller else "python -m bot init"
        )
        chat = session.exec(select(StaffChat)).first()
        mend = "" if chat else "add the bot to the engineers' group and send /dispatch there"
        yield Finding(
            "dispatch chat", chat is not None, (chat.title or str(chat.chat_id)) if chat else "not linked", mend
        )
        articles = session.exec(select(func.count(col(Article.id)))).one()
        yield Finding(
            "knowledge base", articles > 0, f"{articles} articles", "" if articles else "python -m bot kb sync"
        )
        alarms = session.exec(select(func.count(col(Alarm.id))).where(col(Alarm.seen_at).is_(None))).one()
        yield Finding(
            "alarms", alarms == 0, f"{alarms} unseen", "the latest are in the table `alarm`" if alarms else ""
        )
        yield _queue(session)
        yield from _policies(session)
        yield from _billing(session, seller)


def _billing(session: "Session", seller: "Seller | None") -> Iterator[Finding]:
    """Whether months can be closed, and whether one waits that should have been."""
    from bot.billing.seller.needs import close_needs
    from bot.billing.statements.open_months import oldest_open
    from bot.db.types import utc_now
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
    from bot.db.types import utc_now
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


async def _webhook(api: "Api", wanted: str) -> Finding:
    """Where Telegram pushes, against where it should; a server that does not know the question pushes nowhere."""
    from bot.telegram.network.api import ForeignAnswerError, TelegramRefusedError

    try:
        told = await api.call("getWebhookInfo")
    except (TelegramRefusedError, ForeignAnswerError) as error:
        if error.code != UNKNOWN_METHOD:
            return Finding("webhook", False, f"not told: {error.code}", "Telegram has trouble: try again later")
        told = {}
    hook = str(told.get("url", "")) if isinstance(told, dict) else ""
    return Finding(
        "webhook", hook == wanted, hook or "none", "" if hook == wanted else "start `run`: it sets or removes it"
    )


async def _telegram(settings: Settings) -> list[Finding]:
    from bot.telegram.network.api import Api, TelegramRefusedError, UnreachableError
    from bot.telegram.network.http import NO_ANSWER
    from bot.telegram.polling import MENDS

    if not settings.bot_token:
        return [Finding("token", False, "BOT_TOKEN is not set", "get one from @BotFather, put BOT_TOKEN=… into .env")]
    api = Api(settings.bot_token, settings.telegram_api_url, settings.proxies)
    try:
        me = await api.connect()
        findings = [Finding("token", True, f"@{me.get('username', '?')}")]
        reads_all = bool(me.get("can_read_all_group_messages"))
        mend = "" if reads_all else "@BotFather → /setprivacy → Disable, or make the bot an administrator of the group"
        findings.append(
            Finding("group privacy", reads_all, "off" if reads_all else "on: the bot misses replies in groups", mend)
        )
        findings.append(await _webhook(api, settings.webhook_url))
    except UnreachableError as error:
        return [Finding("Telegram", False, str(error), "set TELEGRAM_PROXIES or TELEGRAM_API_URL")]
    except TelegramRefusedError as error:
        what = "token" if error.final else "Telegram"
        return [Finding(what, False, f"{error.code} {error.description}", MENDS.get(error.code, "try again later"))]
    except NO_ANSWER as error:
        return [Finding("Telegram", False, type(error).__name__, "check the network")]
    else:
        return findings
    finally:
        await api.close()
