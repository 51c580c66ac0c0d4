"""Debtors: levels on real rows, promises, disputes, exemptions, reminders, and who hears of it (R9)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.billing.debt import DebtLevel
from bot.billing.debts import debts_of, standing
from bot.billing.handle_debts import (
    BadDay,
    dispute_invoice,
    exempt_debtor,
    promise_payment,
    remind_debtors,
    settle_invoice,
)
from bot.billing.models import Debt
from bot.clients.models import ClientRole, StaffRole
from bot.db.errors import NotAllowed
from bot.tickets.models import TicketState
from tests.conftest import TestOffice
from tests.tickets.job_builders import Firm, build_firm, opened, person, worker


def level(uow: Any, firm: Firm) -> DebtLevel:
    return standing(uow.session, firm.company, uow.now.date()).level


def reminded(office: TestOffice) -> int:
    return office.notices.templates().count("debts/reminder")


@pytest.mark.parametrize(
    ("days", "expected", "state", "priority"),
    [
        (5, DebtLevel.D1, TicketState.AWAITING_APPROVAL, "normal"),
        (20, DebtLevel.D2, TicketState.AWAITING_APPROVAL, "low"),
        (40, DebtLevel.D3, TicketState.ON_HOLD, "low"),
    ],
)
def test_the_level_decides_about_new_paid_work(
    office: TestOffice, days: int, expected: DebtLevel, state: TicketState, priority: str
) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=days)
        ticket = opened(uow, firm)
        assert (level(uow, firm), ticket.state, ticket.priority) == (expected, state, priority)


def test_an_emergency_of_a_debtor_starts_at_once_and_paid_hours_stay_usable(office: TestOffice) -> None:
    with office.work() as uow:
        assert opened(uow, build_firm(uow.session, debt=40), emergency=True).state is TicketState.NEW
        covered = opened(uow, build_firm(uow.session, debt=40, minutes=120))
        assert (covered.state, covered.priority) == (TicketState.NEW, "normal")


def test_a_disputed_invoice_does_not_count_until_it_is_settled(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=40)
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
        debt = uow.session.exec(select(Debt)).one()
        first = dispute_invoice(uow, firm.company, debt.id, "оплачен 3 ноября", firm.boss)
        assert dispute_invoice(uow, firm.company, debt.id, "ещё раз", firm.boss).id == first.id
        assert level(uow, firm) is DebtLevel.D0
        assert debts_of(uow.session, firm.company, uow.now.date(), firm.boss)[0].disputed
        with pytest.raises(NotAllowed):
            settle_invoice(uow, first.id, firm.boss)
        settle_invoice(uow, first.id, manager)
        assert level(uow, firm) is DebtLevel.D3


def test_a_manager_lifts_the_limits_with_a_reason_until_a_day(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=40)
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
        with pytest.raises(BadDay):
            exempt_debtor(uow, firm.company, DebtLevel.D0, " ", 7, manager)
        with pytest.raises(NotAllowed):
            exempt_debtor(uow, firm.company, DebtLevel.D0, "договорились", 7, firm.dispatcher)
        exempt_debtor(uow, firm.company, DebtLevel.D0, "договорились", 7, manager)
        assert level(uow, firm) is DebtLevel.D0
        assert standing(uow.session, firm.company, uow.now.date() + timedelta(days=8)).overridden is False


def test_old_data_are_unknown_and_never_block(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=40)
        later = uow.now.date() + timedelta(days=8)
        assert standing(uow.session, firm.company, later).level is DebtLevel.UNKNOWN


def test_finance_is_reminded_once_a_week_and_never_before_a_promised_day(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=2)
        finance = person(uow.session, "Счётова", firm.company, ClientRole.FINANCE)
        remind_debtors(uow, {})
        remind_debtors(uow, {})
        told = next(each for each in office.told if each.template == "debts/reminder")
        heard = {address.person_id for address in told.audience.addresses(uow.session)}
        assert (reminded(office), heard) == (1, {finance, firm.boss})
        with pytest.raises(NotAllowed):
            promise_payment(uow, firm.company, 3, firm.requester)
        with pytest.raises(BadDay):
            promise_payment(uow, firm.company, 365, finance)
        promise_payment(uow, firm.company, 3, finance)
    office.moment += timedelta(days=3)
    with office.work() as uow:
        remind_debtors(uow, {})
        assert reminded(office) == 1
    office.moment += timedelta(days=1)
    with office.work() as uow:
        remind_debtors(uow, {})
        remind_debtors(uow, {})
        assert reminded(office) == 2
        whats = [each.values["what"] for each in office.told if each.template == "debts/staff"]
        assert whats == ["promised", "broken"]
