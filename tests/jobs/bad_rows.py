"""For each job of the ticker two rows that are due: one that can't be worked on, and a good one beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from bot.answers.digest import DIGEST
from bot.answers.learning import TIMER as KB_REFIT
from bot.billing.debts.handle import RELEASE, REMIND
from bot.billing.debts.handle import TIMER as DEBT_CHECK
from bot.billing.debts.models import Debt, DebtReminder
from bot.billing.documents.models import Document, Sending
from bot.billing.documents.pay import CHECKOUT
from bot.billing.documents.send import CARRIED, SEND_ONE, TELL_UNSENT
from bot.billing.documents.send import TIMER as SEND_INVOICES
from bot.billing.hours.grants import GRANT_ONE
from bot.billing.hours.grants import TIMER as GRANT_INCLUDED
from bot.billing.hours.life import TIMER as POOL_LIFE
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.statements.models import Statement
from bot.billing.terms.models import Plan
from bot.clients.models import Contract, Person, Seller, StaffChat, StaffRole
from bot.db.unit_of_work import UnitOfWork
from bot.jobs import housekeeping
from bot.kb.learning.models import Miss
from bot.messaging.incoming.inbox import Arrival
from bot.messaging.incoming.inbox import record as record_arrivals
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.models import Alarm
from bot.messaging.outgoing import outbox
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.messaging.outgoing.outbox import BACK, CARD_ANEW, LOST
from bot.messaging.outgoing.receipts import RECEIPT
from bot.messaging.timers import set_timer
from bot.telegram.ids import bot as telegram_bot
from bot.tickets.calls.booking import TELL_ONE, record_call
from bot.tickets.calls.booking import TIMER as TELL_CALLS
from bot.tickets.calls.models import PhoneCall
from bot.tickets.dispatch.group_cards import LOST_CALL, PROBE
from bot.tickets.intake.appeals import ASKED, WHOSE_WORDS, asked_key
from bot.tickets.intake.passing import ALONE
from bot.tickets.intake.passing import TIMER as PASS_ON
from bot.tickets.intake.record import Incoming
from bot.tickets.life.lifecycle import history
from bot.tickets.life.models import Appeal, AppealEnd, DeliveryState, Message, Ticket, TicketState
from bot.tickets.month.close import TIMER as CLOSE_PERIOD
from bot.tickets.month.close import TOLD as PERIOD_CLOSED
from bot.tickets.opening.release import RELEASE_ONE
from bot.tickets.thread.asked import wait_for_answer
from bot.tickets.thread.asked_staff import TIMER as WHOSE_NOTE
from bot.tickets.thread.asked_staff import keep_asked
from tests.builders.appeals import says
from tests.builders.bills import AFTER_NOVEMBER, NOVEMBER, billed_firm, close, done, quote_of
from tests.builders.jobs import Firm, build_firm, opened, worker
from tests.conftest import NOON, TestOffice

BOT = telegram_bot(1)
GROUP, OTHER_GROUP = -100700, -100701
UNREADABLE = "[" * 1_500 + "]" * 1_500  # a document that no reader takes
UNKNOWN = "odd"  # a word that no enum knows
_ABOUT = {"messenger": "telegram", "bot": 1}


@dataclass(frozen=True, slots=True)
class Planted:
    """The kinds that do the job; whether the good row was worked on; how many fail and are tried again later (a row
    without which the rest is done all the same fails nothing)."""

    kinds: tuple[str, ...]
    good: Callable[[Session], object]
    failing: int = 1


Plant = Callable[[TestOffice], Planted]


def spoil(uow: UnitOfWork, table: str, column: str, row_id: int, value: str = UNREADABLE) -> None:
    statement = text(f"UPDATE {table} SET {column} = :value WHERE id = :row")  # words of this file
    uow.session.flush()
    uow.session.connection().execute(statement, {"value": value, "row": row_id})


def due(uow: UnitOfWork, kind: str, key: str, **payload: Any) -> None:
    set_timer(uow.session, key, kind, uow.now, **payload)


def appeals(office: TestOffice) -> Planted:
    before = NOON - timedelta(days=2)
    with office.work() as uow:
        firm = build_firm(uow.session)
        rows = [
            Appeal(person_id=firm.requester, started_at=before, last_at=before, summary="Не печатает") for _ in range(2)
        ]
        uow.session.add_all(rows)
        uow.session.flush()
        bad, good = (row.id for row in rows)
        for appeal_id in (bad, good):
            due(uow, "appeal_silence", f"appeal:{appeal_id}", appeal_id=appeal_id)
        spoil(uow, "appeal", "articles", bad)
    ended = select(Appeal.ended_at).where(Appeal.id == good)
    return Planted(("appeal_silence",), lambda session: session.exec(ended).one())


def of_tickets(kind: str, event: str, **payload: Any) -> Plant:
    """A timer of a ticket that nobody has taken."""

    def plant(office: TestOffice) -> Planted:
        with office.work() as uow:
            bad, good = (opened(uow, build_firm(uow.session, minutes=600)).id for _ in range(2))
            for ticket_id in (bad, good):
                due(uow, kind, f"ticket:{ticket_id}:{kind}", ticket_id=ticket_id, **payload)
            spoil(uow, "ticket", "channel", bad, UNKNOWN)
        return Planted((kind,), lambda session: event in {each.kind for each in history(session, good)})

    return plant


def silence(office: TestOffice) -> Planted:
    with office.work() as uow:
        bad, good = (done(uow, build_firm(uow.session, minutes=600)).id for _ in range(2))
        for ticket_id in (bad, good):
            due(uow, "accept_silence", f"accept:{ticket_id}", ticket_id=ticket_id)
        spoil(uow, "ticket", "channel", bad, UNKNOWN)
    closed = select(Ticket.closed_at).where(Ticket.id == good)
    return Planted(("accept_silence",), lambda session: session.exec(closed).one())


def of_quotes(kind: str, happened: Callable[[TestOffice, Session, int], object], **payload: Any) -> Plant:
    def plant(office: TestOffice) -> Planted:
        with office.work() as uow:
            tickets = [opened(uow, build_firm(uow.session)) for _ in range(2)]
            bad, good = (quote_of(uow, ticket).id for ticket in tickets)
            for quote_id in (bad, good):
                due(uow, kind, f"quote:{quote_id}:{kind.removeprefix('quote_')}", quote_id=quote_id, **payload)
            spoil(uow, "ticket", "channel", tickets[0].id, UNKNOWN)
            office.told.clear()
        office.moment += timedelta(days=12)  # the quotes' time is over
        return Planted((kind,), lambda session: happened(office, session, good))

    return plant


def _expired(_office: TestOffice, session: Session, quote_id: int) -> bool:
    return session.exec(select(Quote.state).where(Quote.id == quote_id)).one() is QuoteState.EXPIRED


def _reminded(office: TestOffice, _session: Session, _quote_id: int) -> object:
    return office.told


def grants(*kinds: str) -> Plant:
    def plant(office: TestOffice) -> Planted:
        with office.work() as uow:
            firms = [build_firm(uow.session, minutes=600) for _ in range(2)]
            bad, good = (firm.contract for firm in firms)
            for contract_id in (bad, good):
                contract = uow.session.get_one(Contract, contract_id)
                uow.session.get_one(Plan, contract.plan_id).included_minutes = 120
                if GRANT_INCLUDED not in kinds:
                    month = uow.day("Europe/Moscow").replace(day=1).isoformat()
                    due(uow, GRANT_ONE, f"{GRANT_ONE}:{contract_id}", contract_id=contract_id, since=month)
            if GRANT_INCLUDED in kinds:
                due(uow, GRANT_INCLUDED, GRANT_INCLUDED)
            spoil(uow, "contract", "terms", bad)
        granted = select(Pool.id).where(Pool.contract_id == good, col(Pool.code).startswith("included/"))
        return Planted(kinds, lambda session: session.exec(granted).first())

    return plant


def pools(office: TestOffice) -> Planted:
    with office.work() as uow:
        firms = [build_firm(uow.session, minutes=600) for _ in range(2)]
        bad, good = (int(firm.pool or 0) for firm in firms)
        for pool_id in (bad, good):
            uow.session.get_one(Pool, pool_id).ends = (NOON - timedelta(days=2)).date()
            due(uow, POOL_LIFE, f"pool:{pool_id}", pool_id=pool_id)
        spoil(uow, "pool", "scope", bad)
    expired = select(PoolEntry.id).where(PoolEntry.pool_id == good, PoolEntry.kind == EntryKind.EXPIRE)
    return Planted((POOL_LIFE,), lambda session: session.exec(expired).first())


def debtors(*kinds: str) -> Plant:
    def plant(office: TestOffice) -> Planted:
        with office.work() as uow:
            bad, good = (build_firm(uow.session, debt=20).company for _ in range(2))
            if DEBT_CHECK in kinds:
                due(uow, DEBT_CHECK, DEBT_CHECK)
            else:
                for company_id in (bad, good):
                    due(uow, REMIND, f"{REMIND}:{company_id}", company_id=company_id)
            debt = uow.session.exec(select(Debt.id).where(Debt.company_id == bad)).one()
            spoil(uow, "debt", "source", debt, UNKNOWN)
        told = select(DebtReminder.id).where(DebtReminder.company_id == good)
        return Planted(kinds, lambda session: session.exec(told).first())

    return plant


def held(*kinds: str) -> Plant:
    def plant(office: TestOffice) -> Planted:
        with office.work() as uow:
            bad, good = (opened(uow, build_firm(uow.session, debt=40)).id for _ in range(2))
        with office.work() as uow:
            for debt in uow.session.exec(select(Debt)).all():
                uow.session.delete(debt)
            if RELEASE in kinds:
                due(uow, RELEASE, RELEASE)
            else:
                for ticket_id in (bad, good):
                    due(uow, RELEASE_ONE, f"{RELEASE_ONE}:{ticket_id}:1", ticket_id=ticket_id)
            spoil(uow, "ticket", "channel", bad, UNKNOWN)
        state = select(Ticket.state).where(Ticket.id == good)
        return Planted(kinds, lambda session: session.exec(state).one() is not TicketState.AWAITING_PAYMENT)

    return plant


def two_billed(office: TestOffice) -> tuple[list[Firm], int]:
    """Two firms with a fee, and a manager."""
    with office.work() as uow:
        firms = [billed_firm(uow, fee=100_000, unlimited=True) for _ in range(2)]
        return firms, worker(uow.session, "Мария", StaffRole.MANAGER)


def months(office: TestOffice) -> Planted:
    (bad, good), _ = two_billed(office)
    office.moment = AFTER_NOVEMBER + timedelta(days=3)  # the day of closing has come
    with office.work() as uow:
        uow.session.get_one(Seller, 1).billing_from = NOVEMBER.start
        due(uow, CLOSE_PERIOD, CLOSE_PERIOD)
        spoil(uow, "contract", "terms", bad.contract)
    closed = select(Statement.id).where(Statement.contract_id == good.contract)

    def is_closed(session: Session) -> bool:
        """Set aside, the bad one is tried again with the next look at the months; managers are told once a day."""
        return bool(session.exec(closed).first()) and office.notices.templates().count("documents/close_failed") == 1

    return Planted((CLOSE_PERIOD,), is_closed, failing=0)


def closed_month(office: TestOffice) -> Planted:
    unsent(office)
    with office.work() as uow:
        due(uow, PERIOD_CLOSED, PERIOD_CLOSED, period="2026-11")
    return Planted((PERIOD_CLOSED,), lambda _session: office.told[-1].values["count"] == 2, failing=0)


def unsent(office: TestOffice) -> tuple[int, int, int]:
    """Two invoices that wait to be sent, of which the first can't be read, and the manager."""
    firms, manager = two_billed(office)
    close(office)
    office.told.clear()
    with office.work() as uow:
        ids = select(Document.id).where(Document.kind == "invoice")
        bad, good = (uow.session.exec(ids.where(Document.company_id == firm.company)).one() for firm in firms)
        spoil(uow, "document", "parties", bad)
    return bad, good, manager


def invoices(*kinds: str) -> Plant:
    def plant(office: TestOffice) -> Planted:
        bad, good, manager = unsent(office)
        with office.work() as uow:
            if SEND_INVOICES in kinds:
                due(uow, SEND_INVOICES, SEND_INVOICES, period="2026-11", by=manager)
            else:
                for document_id in (bad, good):
                    due(uow, SEND_ONE, f"{CARRIED}:{document_id}", document=document_id, by=manager)
        return Planted(kinds, lambda session: session.exec(select(Sending.document_id)).all() == [good])

    return plant


def nobody_to_send_to(office: TestOffice) -> Planted:
    bad, good, manager = unsent(office)
    with office.work() as uow:
        for document_id in (bad, good):
            due(uow, SEND_ONE, f"{CARRIED}:{document_id}", document=document_id, by=manager)
        uow.session.flush()
    with office.work() as uow:
        uow.session.connection().execute(
            text("UPDATE timer SET done_at = due_at WHERE kind = :kind"), {"kind": SEND_ONE}
        )
        due(uow, TELL_UNSENT, TELL_UNSENT, since=uow.now.isoformat())
    return Planted((TELL_UNSENT,), lambda _session: len(office.told[-1].values["invoices"]) == 2, failing=0)


def calls(*kinds: str) -> Plant:
    def plant(office: TestOffice) -> Planted:
        with office.work() as uow:
            firm = build_firm(uow.session)
            uow.session.get_one(Person, firm.requester).phone = "+79161112233"
            uow.session.flush()
            bad, good = (
                record_call(uow, code, "+79161112233", firm.engineer, NOON - timedelta(hours=1), 400)[0].id
                for code in ("bad", "good")
            )
            spoil(uow, "phonecall", "purpose", bad, UNKNOWN)
            if TELL_CALLS not in kinds:
                for call_id in (bad, good):
                    due(uow, TELL_ONE, f"call:{call_id}", call_id=call_id)
        told = select(PhoneCall.told_at).where(PhoneCall.id == good)
        return Planted(kinds, lambda session: session.exec(told).one())

    return plant


def refused(*kinds: str) -> Plant:
    """What a lost group was to be told: a bad row, and words for the dispatchers."""

    def plant(office: TestOffice) -> Planted:
        with office.work() as uow:
            build_firm(uow.session)
            uow.session.add(StaffChat(chat_id=GROUP, title="Инженеры", linked_at=NOON))
            bad, _good = (
                outbox.put(uow.session, BOT, "sendMessage", {"chat_id": GROUP, "text": words}, uow.now, chat_id=GROUP)
                for words in ("раз", "два")
            )
            outbox.mark_unreachable(uow.session, BOT, GROUP, "kicked", uow.now)
        with office.work() as uow:
            rows = uow.session.exec(select(Outbox.id).where(Outbox.chat_id == GROUP)).all()
            if LOST not in kinds:
                for row in rows:
                    due(uow, LOST_CALL, f"{LOST_CALL}:{row}", row=row)
            spoil(uow, "outbox", "params", bad)
        said = select(Outbox.params).where(col(Outbox.chat_id) > 0)
        return Planted(kinds, lambda session: [each["text"] for each in session.exec(said).all()] == ["два"])

    return plant


def cards(*kinds: str) -> Plant:
    def plant(office: TestOffice) -> Planted:
        with office.work() as uow:
            uow.session.add(StaffChat(chat_id=GROUP, title="Инженеры", linked_at=NOON))
            bad, good = (opened(uow, build_firm(uow.session, minutes=600)).id for _ in range(2))
            office.told.clear()
            if BACK in kinds:
                due(uow, BACK, BACK, chat=GROUP, **_ABOUT)
            else:
                for ticket_id in (bad, good):
                    due(uow, CARD_ANEW, f"{CARD_ANEW}:ticket:{ticket_id}", card=f"ticket:{ticket_id}")
            spoil(uow, "ticket", "channel", bad, UNKNOWN)

        def shown(_session: Session) -> bool:
            found = {each.values["ticket_id"] for each in office.told if each.template == "dispatch/card"}
            return found == {good}

        return Planted(kinds, shown)

    return plant


def probes(office: TestOffice) -> Planted:
    """A lost group each: of one what its timer carries can't be read."""
    with office.work() as uow:
        for chat in (GROUP, OTHER_GROUP):
            uow.session.add(StaffChat(chat_id=chat, title="Инженеры", linked_at=NOON))
            outbox.mark_unreachable(uow.session, BOT, chat, "kicked", uow.now)
            due(uow, PROBE, f"{PROBE}:{chat}", chat=chat, **_ABOUT)
    _spoil_timer(office, f"{PROBE}:{GROUP}")
    asked = select(Outbox.chat_id).where(Outbox.method == "sendChatAction")
    return Planted((PROBE,), lambda session: session.exec(asked).all() == [OTHER_GROUP])


def moves(office: TestOffice) -> Planted:
    with office.work() as uow:
        for chat in (GROUP, OTHER_GROUP):
            uow.session.add(StaffChat(chat_id=chat, title="Инженеры", linked_at=NOON))
            due(uow, "chat_moved", f"chat_moved:{chat}", old=chat, new=chat - 1_000, **_ABOUT)
    _spoil_timer(office, f"chat_moved:{GROUP}")
    known = select(StaffChat.chat_id)
    return Planted(("chat_moved",), lambda session: set(session.exec(known).all()) == {GROUP, OTHER_GROUP - 1_000})


def thread(*kinds: str) -> Plant:
    """Two lines from one side of one ticket, not of one album: the earlier one can't be carried."""

    def plant(office: TestOffice) -> Planted:
        with office.work() as uow:
            firm = build_firm(uow.session, minutes=600)
            ticket = opened(uow, firm)
            rows = [
                Message(
                    ticket_id=ticket.id,
                    person_id=firm.requester,
                    kind="photo",
                    album=album,
                    chat_id=5,
                    message_id=number,
                    delivery=DeliveryState.WAITING,
                    sent_at=uow.now,
                )
                for number, album in enumerate(("a", "b"))
            ]
            uow.session.add_all(rows)
            uow.session.flush()
            bad, good = (row.id for row in rows)
            if PASS_ON in kinds:
                due(uow, PASS_ON, f"{PASS_ON}:ticket:{ticket.id}:0", ticket=ticket.id, appeal=None, from_staff=False)
            else:
                for message_id in (bad, good):
                    due(uow, ALONE, f"{ALONE}:said:{message_id}", message=message_id)
            spoil(uow, "message", "file", bad)
        state = select(Message.delivery).where(Message.id == good)
        return Planted(kinds, lambda session: session.exec(state).one() is not DeliveryState.WAITING)

    return plant


def unplaced(office: TestOffice) -> Planted:
    """Words of two clients of which nobody said whose they are: what one has can't be read."""
    with office.work() as uow:
        appeals = [says(uow, build_firm(uow.session).requester, "Когда приедете?") for _ in range(2)]
        for each in appeals:
            wait_for_answer(uow, each.appeal, [each.message], [])
            due(uow, WHOSE_WORDS, asked_key(each.appeal.id), appeal=each.appeal.id)
        spoil(uow, "message", "file", appeals[0].message.id)
        good = appeals[1].appeal.id
    end = select(Appeal.end).where(Appeal.id == good)
    return Planted((WHOSE_WORDS,), lambda session: session.exec(end).one() is AppealEnd.TRIAGE)


def notes(office: TestOffice) -> Planted:
    """Words of an engineer at work on no job: what one line has can't be read."""
    with office.work() as uow:
        engineer = build_firm(uow.session).engineer
        said = [Incoming("text", text="Пломба 15", chat_id=5, message_id=number) for number in range(2)]
        bad, good = (keep_asked(uow, each, engineer, [])[0].id for each in said)
        for message_id in (bad, good):
            due(uow, WHOSE_NOTE, f"{WHOSE_NOTE}:{message_id}", message=message_id)
        spoil(uow, "message", "file", bad)
    return Planted((WHOSE_NOTE,), lambda session: ASKED not in session.get_one(Message, good).file)


def receipts(office: TestOffice) -> Planted:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=600)
        ticket = opened(uow, firm)
        rows = [
            Message(
                ticket_id=ticket.id,
                person_id=firm.engineer,
                from_staff=True,
                text="Еду",
                chat_id=5,
                message_id=number,
                delivery=DeliveryState.KEPT,
                sent_at=uow.now,
            )
            for number in range(2)
        ]
        uow.session.add_all(rows)
        uow.session.flush()
        bad, good = (row.id for row in rows)
        for message_id in (bad, good):
            params = {"chat_id": 6, "text": "Еду", "_receipt": True}
            row = outbox.put(uow.session, BOT, "sendMessage", params, uow.now, chat_id=6, carries=f"said:{message_id}")
            uow.session.get_one(Outbox, row).state = OutboxState.SENT
            due(uow, RECEIPT, f"{RECEIPT}:said:{message_id}", carries=f"said:{message_id}")
        spoil(uow, "message", "file", bad)
    state = select(Message.delivery).where(Message.id == good)
    return Planted((RECEIPT,), lambda session: session.exec(state).one() is DeliveryState.SENT)


def alarms(office: TestOffice) -> Planted:
    with office.work() as uow:
        build_firm(uow.session)
        rows = [Alarm(kind=kind, raised_at=NOON) for kind in ("refused", "poison")]
        uow.session.add_all(rows)
        uow.session.flush()
        due(uow, "tell_alarms", "tell_alarms")
        spoil(uow, "alarm", "details", rows[0].id)

    def told(_session: Session) -> bool:
        lines = office.told[-1].values["alarms"]
        return {(line.kind, line.count) for line in lines} == {("refused", 1), ("poison", 1)}

    return Planted(("tell_alarms",), told, failing=0)


def questions(office: TestOffice) -> Planted:
    with office.work() as uow:
        worker(uow.session, "Мария", StaffRole.MANAGER)
        rows = [
            Miss(language="ru", query=words, person_id=person, missed_at=NOON - timedelta(hours=1))
            for person, words in enumerate(("Можно ли поменять картридж?", "Где взять справку о закрытии?"))
        ]
        uow.session.add_all(rows)
        uow.session.flush()
        due(uow, DIGEST, DIGEST)
        spoil(uow, "miss", "best", rows[0].id)
    return Planted(
        (DIGEST,),
        lambda _session: [each.example for each in office.told[-1].values["rows"]] == [rows[1].query],
        failing=0,
    )


def old_rows(office: TestOffice) -> Planted:
    """They go unread."""
    ago = NOON - timedelta(days=700)
    with office.work() as uow:
        record_arrivals(uow.session, [Arrival(BOT, 1, 5, {}), Arrival(BOT, 2, 5, {})], ago)
        for row in uow.session.exec(select(Inbox)).all():
            row.state, row.done_at = InboxState.DONE, ago
            uow.session.flush()
        for table, column in (("alarm", "details"), ("outbox", "params")):
            if table == "alarm":
                old = Alarm(kind="refused", raised_at=ago, told_at=ago)
                uow.session.add(old)
                uow.session.flush()
                spoil(uow, table, column, old.id)
            else:
                row_id = outbox.put(uow.session, BOT, "sendMessage", {}, ago, chat_id=5)
                uow.session.get_one(Outbox, row_id).state = OutboxState.SENT
                spoil(uow, table, column, row_id)
        spoil(uow, "inbox", "payload", uow.session.exec(select(Inbox.id)).first() or 0)
        due(uow, housekeeping.TIMER, housekeeping.TIMER)

    def gone(session: Session) -> bool:
        return not any(session.exec(select(model.id)).all() for model in (Inbox, Outbox, Alarm))

    return Planted((housekeeping.TIMER,), gone, failing=0)


def alone(kind: str) -> Plant:
    """A job that reads no rows of others: what its own timer carries can't be read, and another timer is due."""

    def plant(office: TestOffice) -> Planted:
        with office.work() as uow:
            uow.session.add(StaffChat(chat_id=OTHER_GROUP, title="Инженеры", linked_at=NOON))
            outbox.mark_unreachable(uow.session, BOT, OTHER_GROUP, "kicked", uow.now)
            due(uow, kind, f"{kind}:bad")
            due(uow, PROBE, f"{PROBE}:{OTHER_GROUP}", chat=OTHER_GROUP, **_ABOUT)
        _spoil_timer(office, f"{kind}:bad")
        asked = select(Outbox.id).where(Outbox.method == "sendChatAction")
        return Planted((kind, PROBE), lambda session: session.exec(asked).first())

    return plant


def _spoil_timer(office: TestOffice, key: str) -> None:
    with office.work() as uow:
        uow.session.connection().execute(
            text("UPDATE timer SET payload = :value, due_at = :due WHERE key = :key"),
            {"value": UNREADABLE, "due": NOON - timedelta(hours=1), "key": key},
        )


PLANTS: Mapping[str, Plant] = {
    "appeal_silence": appeals,
    DIGEST: questions,
    KB_REFIT: alone(KB_REFIT),
    GRANT_INCLUDED: grants(GRANT_INCLUDED, GRANT_ONE),
    GRANT_ONE: grants(GRANT_ONE),
    POOL_LIFE: pools,
    DEBT_CHECK: debtors(DEBT_CHECK, REMIND),
    REMIND: debtors(REMIND),
    RELEASE: held(RELEASE, RELEASE_ONE),
    RELEASE_ONE: held(RELEASE_ONE),
    CLOSE_PERIOD: months,
    PERIOD_CLOSED: closed_month,
    SEND_INVOICES: invoices(SEND_INVOICES, SEND_ONE),
    SEND_ONE: invoices(SEND_ONE),
    TELL_UNSENT: nobody_to_send_to,
    CHECKOUT: alone(CHECKOUT),
    TELL_CALLS: calls(TELL_CALLS, TELL_ONE),
    TELL_ONE: calls(TELL_ONE),
    "take_late": of_tickets("take_late", "escalated"),
    "sla_warn": of_tickets("sla_warn", "sla_warn", target="reaction"),
    "sla_late": of_tickets("sla_late", "sla_late", target="reaction"),
    "quote_remind": of_quotes("quote_remind", _reminded, step=1),
    "quote_expire": of_quotes("quote_expire", _expired),
    "accept_silence": silence,
    LOST: refused(LOST, LOST_CALL),
    LOST_CALL: refused(LOST_CALL),
    BACK: cards(BACK, CARD_ANEW),
    CARD_ANEW: cards(CARD_ANEW),
    PROBE: probes,
    PASS_ON: thread(PASS_ON, ALONE),
    ALONE: thread(ALONE),
    WHOSE_WORDS: unplaced,
    WHOSE_NOTE: notes,
    RECEIPT: receipts,
    "chat_moved": moves,
    "tell_alarms": alarms,
    housekeeping.TIMER: old_rows,
}
