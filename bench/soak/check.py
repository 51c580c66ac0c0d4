"""What must hold after the last restart, read from the database."""

from collections import Counter

from sqlmodel import Session, col, func, select

from bench.soak.play import Play
from bot.billing.hours.models import EntryKind, PoolEntry
from bot.billing.quotes.models import Approval
from bot.billing.work.models import TimeEntry
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.models import Alarm
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.tickets.life.models import Ticket, TicketEvent

# What kills bring: sends of unknown result, timers that were cut off, and queues that wait on a busy machine.
EXPECTED = ("repeated_send", "unknown_send", "timer", "outbox_old", "inbox_old")


def problems(session: Session, play: Play, updates: int, newest: int) -> list[str]:
    """Everything that is lost, doubled or unanswered; empty when all held. `newest` is the last send that had time to
    leave."""
    return [
        *_queues(session, updates, newest),
        *unanswered(session),
        *_once(session, play),
    ]


def repeats(session: Session) -> int:
    """Sends whose result a kill left unknown: done again, and marked."""
    return session.exec(select(func.coalesce(func.sum(col(Outbox.repeats)), 0))).one()


def _queues(session: Session, updates: int, newest: int) -> list[str]:
    states = Counter(session.exec(select(Inbox.state).where(Inbox.kind == "update")).all())
    found = []
    if states != {InboxState.DONE: updates}:
        found.append(f"{updates} updates were given, the inbox has {dict(states)}")
    sends = Counter(session.exec(select(Outbox.state).where(col(Outbox.id) <= newest)).all())
    if left := sends[OutboxState.NEW] + sends[OutboxState.SENDING]:
        found.append(f"the outbox is not empty: {left}")
    kinds = Counter(session.exec(select(Alarm.kind)).all())
    bad = {kind: count for kind, count in kinds.items() if kind not in EXPECTED}
    if bad:
        found.append(f"alarms: {bad}")
    return found


def unanswered(session: Session) -> list[str]:
    """Every press is answered by one call, every private message by at least one."""
    found = []
    said = Counter(session.exec(select(Outbox.inbox_id).where(Outbox.method != "answerCallbackQuery")).all())
    answered = Counter(session.exec(select(Outbox.inbox_id).where(Outbox.method == "answerCallbackQuery")).all())
    for row in session.exec(select(Inbox).where(Inbox.kind == "update")).all():
        if "callback_query" in row.payload and answered[row.id] != 1:
            found.append(f"press {row.update_id} was answered {answered[row.id]} times")
        if "message" in row.payload and row.chat_id > 0 and not said[row.id]:
            found.append(f"message {row.update_id} was not answered")
    return found


def _once(session: Session, play: Play) -> list[str]:
    found = []
    tickets = session.exec(select(Ticket).where(col(Ticket.code).is_(None))).all()
    mine = [ticket.id for ticket in tickets]
    if len(tickets) != play.sent:
        found.append(f"{play.sent} tickets were sent, there are {len(tickets)}")
    numbers = sorted(ticket.number for ticket in tickets)
    if numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        found.append("ticket numbers have gaps")
    entries = Counter(session.exec(select(TimeEntry.ticket_id).where(col(TimeEntry.ticket_id).in_(mine))).all())
    if sum(entries.values()) != play.finished or any(count > 1 for count in entries.values()):
        found.append(f"{play.finished} jobs were finished, time entries by ticket: {dict(entries)}")
    approvals = Counter(session.exec(select(Approval.quote_id, Approval.version)).all())
    if any(count > 1 for count in approvals.values()):
        found.append("a quote was decided twice")
    opened = Counter(session.exec(select(TicketEvent.ticket_id).where(TicketEvent.kind == "opened")).all())
    if any(opened[ticket_id or 0] != 1 for ticket_id in mine):
        found.append("a ticket was opened other than once")
    holds = Counter(
        session.exec(
            select(PoolEntry.pool_id, PoolEntry.ticket_id, PoolEntry.quote_id).where(
                PoolEntry.kind == EntryKind.HOLD, col(PoolEntry.ticket_id).in_(mine)
            )
        ).all()
    )
    if doubled := {key: count for key, count in holds.items() if count > 1}:
        found.append(f"held twice: {doubled}")
    return found
