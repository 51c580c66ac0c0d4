"""Telling staff what needs a person: what could not be handled, sent, or was sent twice."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, String, cast, update
from sqlmodel import Session, col, literal, select

from bot.billing.debts.handle import REMIND
from bot.billing.documents.models import Document
from bot.billing.documents.send import CARRIED
from bot.billing.hours.grants import GRANT_ONE
from bot.billing.hours.models import Pool
from bot.billing.quotes.models import Quote
from bot.clients.audiences import Admins, Dispatchers
from bot.clients.models import Account, Company, Contract, Person, StaffChat
from bot.db.locks import claiming
from bot.db.readable import readable
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.alarms import NOTICE
from bot.messaging.incoming.models import Inbox
from bot.messaging.messengers import ChatId, Messenger
from bot.messaging.models import Alarm
from bot.messaging.notices.texts import spaced_phone
from bot.messaging.outgoing.models import Outbox
from bot.tickets.calls.models import PhoneCall
from bot.tickets.dispatch.group_cards import LOST_CALL
from bot.tickets.intake.appeals import WHOSE_WORDS
from bot.tickets.life.models import Appeal, Message, Ticket
from bot.tickets.opening.release import RELEASE_ONE

SHOWN = 12
_NO = "№\u00a0"  # as the texts write the number of a ticket or a paper


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """Alarms of a kind about one thing, and how many."""

    kind: str
    about: str
    count: int


@dataclass(frozen=True, slots=True)
class Alarms:
    """What needs a person; `more` lines are not shown."""

    alarms: Sequence[AlarmLine]
    more: int


def tell_alarms(uow: UnitOfWork, _payload: dict[str, Any]) -> None:
    """Tell dispatchers and admins of the alarms that nobody was told of yet: how many of a kind, and about whom."""
    untold = select(Alarm.id).where(col(Alarm.told_at).is_(None)).order_by(col(Alarm.id))
    new = uow.session.exec(claiming(untold)).all()
    if not new:
        return
    told = _counted(uow.session, col(Alarm.id).in_(new))
    uow.session.connection().execute(update(Alarm).where(col(Alarm.id).in_(new)).values(told_at=uow.now))
    uow.tell(Dispatchers(), NOTICE, told)
    if uow.session.exec(select(StaffChat.chat_id)).first() is not None:
        uow.tell(Admins(), NOTICE, told)  # the group itself may be what can't be reached


def told_since(session: Session, moment: datetime) -> Alarms:
    """What was told from a moment on: to one who could not be written to meanwhile."""
    return _counted(session, col(Alarm.told_at) >= moment)


def _counted(session: Session, these: ColumnElement[bool]) -> Alarms:
    """Lines of these alarms. One that can't be read is one all the same, about nobody."""
    query = select(Alarm.kind, Alarm.details).where(these).order_by(col(Alarm.id))
    found, bad = readable(session, query, col(Alarm.id))
    counted = Counter((kind, _about(session, details)) for kind, details in found)
    counted.update((kind, "") for kind in session.exec(select(Alarm.kind).where(col(Alarm.id).in_(bad))).all())
    lines = [AlarmLine(kind, about, count) for (kind, about), count in counted.most_common(SHOWN)]
    return Alarms(lines, max(0, len(counted) - SHOWN))


def _about(session: Session, details: Mapping[str, Any]) -> str:
    """The person, group, company, contract, ticket or invoice an alarm speaks of; empty when it is about none."""
    if key := details.get("key"):
        return _subject(session, str(key))
    chat: ChatId | None = None
    if inbox_id := details.get("inbox"):
        came = session.exec(select(Inbox.messenger, Inbox.chat_id).where(Inbox.id == inbox_id)).first()
        chat = ChatId(Messenger(came[0]), came[1]) if came else None
    elif outbox_id := details.get("outbox"):
        goes = session.exec(select(Outbox.messenger, Outbox.chat_id).where(Outbox.id == outbox_id)).first()
        chat = ChatId(Messenger(goes[0]), goes[1]) if goes and goes[1] is not None else None
    if chat is None:
        return ""
    if chat.number < 0:
        group = session.get(StaffChat, chat)
        return group.title if group else ""
    name = session.exec(
        select(Person.name)
        .join(Account, col(Account.person_id) == Person.id)
        .where(Account.messenger == chat.messenger, Account.user_id == chat.number)
    ).first()
    return name or ""


def _subject(session: Session, key: str) -> str:
    """Whose row a timer of this key is for: what failed is looked for there."""
    for kind, number in pairwise(key.split(":")):
        if kind in _SUBJECTS and number.isdigit():
            told = session.exec(_SUBJECTS[kind](int(number))).first() or ()
            return " · ".join(spaced_phone(part) if part.startswith("+") else part for part in told if part)
    return ""


def _company(company_id: int) -> Any:
    return select(Company.name, Company.inn).where(Company.id == company_id)


def _contract(contract_id: int) -> Any:
    query = select(Company.name, Contract.number).join(Contract, col(Contract.company_id) == col(Company.id))
    return query.where(Contract.id == contract_id)


def _pool(pool_id: int) -> Any:
    query = select(Company.name, Contract.number).join(Contract, col(Contract.company_id) == col(Company.id))
    return query.join(Pool, col(Pool.contract_id) == col(Contract.id)).where(Pool.id == pool_id)


def _ticket(ticket_id: int) -> Any:
    query = select(Company.name, _NO + cast(col(Ticket.number), String))
    return query.join(Ticket, col(Ticket.company_id) == col(Company.id)).where(Ticket.id == ticket_id)


def _quote(quote_id: int) -> Any:
    query = select(Company.name, _NO + cast(col(Ticket.number), String))
    query = query.join(Ticket, col(Ticket.company_id) == col(Company.id))
    return query.join(Quote, col(Quote.ticket_id) == col(Ticket.id)).where(Quote.id == quote_id)


def _call(call_id: int) -> Any:
    return (
        select(Person.name, PhoneCall.phone)
        .join(PhoneCall, col(PhoneCall.engineer_id) == Person.id)
        .where(PhoneCall.id == call_id)
    )


def _appeal(appeal_id: int) -> Any:
    return (
        select(Person.name, Person.phone).join(Appeal, col(Appeal.person_id) == Person.id).where(Appeal.id == appeal_id)
    )


def _message(message_id: int) -> Any:
    query = select(Person.name, Person.phone).join(Message, col(Message.person_id) == Person.id)
    return query.where(Message.id == message_id)


def _group(row_id: int) -> Any:
    same = (col(StaffChat.messenger) == col(Outbox.messenger)) & (col(StaffChat.chat_id) == col(Outbox.chat_id))
    return select(StaffChat.title, literal(None)).join(Outbox, same).where(Outbox.id == row_id)


def _invoice(document_id: int) -> Any:
    query = select(Company.name, _NO + cast(col(Document.number), String))
    return query.join(Document, col(Document.company_id) == col(Company.id)).where(Document.id == document_id)


_SUBJECTS: Mapping[str, Callable[[int], Any]] = {
    REMIND: _company,
    GRANT_ONE: _contract,
    CARRIED: _invoice,
    "pool": _pool,
    "call": _call,
    **dict.fromkeys(("appeal", "triage", WHOSE_WORDS), _appeal),
    **dict.fromkeys(("said", "whose_note"), _message),
    LOST_CALL: _group,
    "quote": _quote,
    **dict.fromkeys(("ticket", RELEASE_ONE, "take", "sla", "accept"), _ticket),
}
