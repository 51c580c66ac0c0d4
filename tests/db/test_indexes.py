"""What is asked again and again of tables that only grow is found by an index, on both databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import Session

from bot.billing.work.phone_calls import CallPurpose, CallState
from bot.jobs.housekeeping import forget
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.messengers import ChatId, Messenger
from bot.messaging.models import Alarm
from bot.messaging.outgoing.models import Card
from bot.tickets.calls.booking import tell_calls
from bot.tickets.calls.models import PhoneCall
from bot.tickets.dispatch.alarms import tell_alarms
from bot.tickets.intake.appeals import answers_kept
from bot.tickets.intake.triage import how_many_wait, waiting
from bot.tickets.life.models import Appeal, AppealEnd, Ticket, TicketState
from bot.tickets.thread.listing import my_jobs
from bot.tickets.thread.writing import ticket_of_message
from tests.builders.grown_house import put_like
from tests.builders.jobs import Firm, build_firm
from tests.conftest import NOON, TestOffice

ROWS = range(10_000)
LONG_AGO = NOON - timedelta(days=700)

CASES: dict[str, Callable[[Any, Firm], object]] = {
    "ix_ticket_board": lambda uow, firm: my_jobs(uow.session, firm.engineer),
    "ix_appeal_triage": lambda uow, firm: (
        how_many_wait(uow.session, firm.dispatcher),
        waiting(uow.session, firm.dispatcher, 0, 8),
    ),
    "ix_appeal_answered": lambda uow, _: answers_kept(uow.session, NOON - timedelta(days=7), NOON),
    "ix_card_message": lambda uow, _: ticket_of_message(uow.session, ChatId(Messenger("telegram"), 7), 77),
    "ix_inbox_done": lambda uow, _: forget(uow.session, LONG_AGO),
    "ix_alarm_untold": lambda uow, _: tell_alarms(uow, {}),
    "ix_phonecall_untold": lambda uow, _: tell_calls(uow, {}),
}


def fill(session: Session, firm: Firm) -> None:
    """Ten thousand of each that are over."""
    ticket = Ticket(
        number=0,
        company_id=firm.company,
        contract_id=firm.contract,
        object_id=firm.till,
        requester_id=firm.requester,
        state=TicketState.CLOSED,
        opened_at=LONG_AGO,
    )
    put_like(session, ticket, ROWS, lambda n: {"number": 100_000 + n})
    over = Appeal(
        person_id=firm.requester, end=AppealEnd.ANSWERED, started_at=LONG_AGO, last_at=LONG_AGO, ended_at=LONG_AGO
    )
    put_like(session, over, ROWS)
    put_like(session, Card(bot_id=1, chat_id=7, card_key="", message_id=0), ROWS, _card)
    done = Inbox(bot_id=1, update_id=0, chat_id=7, payload={}, state=InboxState.DONE, received_at=NOON, done_at=NOON)
    put_like(session, done, ROWS, lambda n: {"update_id": n})
    put_like(session, Alarm(kind="poison", raised_at=LONG_AGO, told_at=LONG_AGO), ROWS)
    call = PhoneCall(
        code="",
        phone="+79000000000",
        engineer_id=firm.engineer,
        started_at=LONG_AGO,
        seconds=90,
        purpose=CallPurpose.WORK,
        state=CallState.CONFIRMED,
        recorded_at=LONG_AGO,
        told_at=LONG_AGO,
    )
    put_like(session, call, ROWS, lambda n: {"code": f"call-{n}"})


def _card(number: int) -> dict[str, Any]:
    return {"card_key": f"ticket:{number}", "message_id": number}


def plans(session: Session, asked: list[tuple[str, Any]]) -> str:
    """How the database would answer what it was asked."""
    word = "EXPLAIN QUERY PLAN " if session.get_bind().dialect.name == "sqlite" else "EXPLAIN "
    connection = session.connection()
    selects = [(sql, values) for sql, values in asked if sql.lstrip().upper().startswith("SELECT")]
    return "\n".join(str(row) for sql, values in selects for row in connection.exec_driver_sql(word + sql, values))


@pytest.mark.proof
def test_what_waits_and_what_is_swept_is_found_by_its_index(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        fill(uow.session, firm)
    with office.database.write() as session:
        session.connection().execute(text("ANALYZE"))
    missing = {}
    for index, act in CASES.items():
        asked: list[tuple[str, Any]] = []

        def note(_connection: Any, _cursor: Any, sql: str, values: Any, *_: Any, kept: Any = asked) -> None:
            kept.append((sql, values))

        with office.work() as uow:
            event.listen(office.database.engine, "before_cursor_execute", note)
            act(uow, firm)
            event.remove(office.database.engine, "before_cursor_execute", note)
            told = plans(uow.session, asked)
        if index not in told:
            missing[index] = told
    assert missing == {}
