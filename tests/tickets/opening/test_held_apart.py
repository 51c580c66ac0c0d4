"""Tickets that wait for a debt are looked at one by one: one that can't be decided holds up no other (R3.6)."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, delete, select

from bot.billing.debts.handle import look_at_held
from bot.billing.debts.models import Debt
from bot.clients.models import Contract
from bot.jobs.ticker import Ticker
from bot.jobs.timers import TIMERS
from bot.messaging.models import Alarm, Timer
from bot.messaging.runner import Bell
from bot.telegram.ids import bot as telegram_bot
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.opening import release as releasing
from bot.tickets.opening.release import RELEASE_ONE
from tests.builders.jobs import build_firm, opened
from tests.conftest import TestOffice

HELD, DECIDED = TicketState.AWAITING_PAYMENT, TicketState.AWAITING_APPROVAL


def tick(office: TestOffice) -> None:
    Ticker(office, TIMERS, telegram_bot(1), Bell(), Bell()).tick()


def three_debtors(office: TestOffice) -> tuple[list[int], int]:
    """Three tickets that wait for their debts; the contract of the one in the middle falls back on itself."""
    with office.work() as uow:
        firms = [build_firm(uow.session, debt=40) for _ in range(3)]
        tickets = [opened(uow, firm).id for firm in firms]
        broken = uow.session.get_one(Contract, firms[1].contract)
        broken.fallback_id = broken.id
        return tickets, firms[1].contract


def debts_are_paid(office: TestOffice) -> None:
    with office.work() as uow:
        uow.session.exec(delete(Debt))
        look_at_held(uow)


def states(session: Session, tickets: list[int]) -> list[TicketState]:
    session.rollback()
    return [session.get_one(Ticket, each).state for each in tickets]


def test_a_ticket_that_cant_be_decided_stops_only_itself(office: TestOffice, session: Session) -> None:
    tickets, contract = three_debtors(office)
    debts_are_paid(office)
    tick(office)
    assert states(session, tickets) == [DECIDED, HELD, DECIDED]
    assert session.exec(select(Alarm.kind)).all() == ["timer"], "and somebody hears of it"
    with office.work() as uow:
        uow.session.get_one(Contract, contract).fallback_id = None
    office.moment += timedelta(minutes=1)
    tick(office)
    assert states(session, tickets) == [DECIDED] * 3, "it goes on by itself once it is mended"


def test_what_fails_is_not_tried_more_often_for_being_looked_at(office: TestOffice, session: Session) -> None:
    three_debtors(office)
    for _ in range(3):
        debts_are_paid(office)
        tick(office)
        office.moment += timedelta(seconds=1)
    failing = select(Timer.attempts).where(Timer.kind == RELEASE_ONE, col(Timer.done_at).is_(None))
    assert session.exec(failing).all() == [1]


def test_no_two_tickets_are_locked_together(office: TestOffice, session: Session, monkeypatch: Any) -> None:
    tickets, _ = three_debtors(office)
    locked: list[list[int]] = []

    def noted(session: Session, ticket_id: int) -> Ticket:
        mine = session.info.setdefault("locked", [])
        if not mine:
            locked.append(mine)
        mine.append(ticket_id)
        return found(session, ticket_id)

    found = releasing.locked_ticket
    monkeypatch.setattr(releasing, "locked_ticket", noted)
    debts_are_paid(office)
    tick(office)
    assert sorted(locked) == [[each] for each in tickets]
