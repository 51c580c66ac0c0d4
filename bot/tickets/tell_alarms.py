"""Telling staff what needs a person: what could not be handled, sent, or was sent twice."""

from collections import Counter
from typing import Any

from sqlmodel import Session, col, select

from bot.clients.audiences import Admins, Dispatchers
from bot.clients.models import Account, Person, StaffChat
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.alarms import NOTICE
from bot.messaging.models import Alarm, Inbox, Outbox

SHOWN = 12


def tell_alarms(uow: UnitOfWork, _payload: dict[str, Any]) -> None:
    """Tell dispatchers and admins of the alarms that nobody was told of yet: how many of a kind, and about whom."""
    new = uow.session.exec(
        select(Alarm).where(col(Alarm.told_at).is_(None)).order_by(col(Alarm.id)).with_for_update(skip_locked=True)
    ).all()
    if not new:
        return
    counted: Counter[tuple[str, str]] = Counter()
    for alarm in new:
        alarm.told_at = uow.now
        counted[alarm.kind, _about(uow.session, alarm)] += 1
    lines = [{"kind": kind, "about": about, "count": count} for (kind, about), count in counted.most_common(SHOWN)]
    values: dict[str, Any] = {"alarms": lines, "more": max(0, len(counted) - SHOWN)}
    uow.tell(Dispatchers(), NOTICE, **values)
    if uow.session.exec(select(StaffChat.chat_id)).first() is not None:
        uow.tell(Admins(), NOTICE, **values)  # the group itself may be what can't be reached


def _about(session: Session, alarm: Alarm) -> str:
    """The person or group an alarm speaks of; empty when it is about no one."""
    chat_id = None
    if inbox_id := alarm.details.get("inbox"):
        chat_id = session.exec(select(Inbox.chat_id).where(Inbox.id == inbox_id)).first()
    elif outbox_id := alarm.details.get("outbox"):
        chat_id = session.exec(select(Outbox.lane).where(Outbox.id == outbox_id)).first()
    if chat_id is None:
        return ""
    if chat_id < 0:
        group = session.get(StaffChat, chat_id)
        return group.title if group else ""
    name = session.exec(
        select(Person.name).join(Account, col(Account.person_id) == Person.id).where(Account.user_id == chat_id)
    ).first()
    return name or ""
