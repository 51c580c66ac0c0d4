"""Debtors: levels on real rows, promises, disputes, exemptions, reminders, and who hears of it (R9.1–R9.3)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.billing.debts.handle import (
    BadDay,
    DebtContact,
    dispute_invoice,
    exempt_debtor,
    look_at_held,
    promise_payment,
    remind_debtors,
    settle_invoice,
)
from bot.billing.debts.models import Debt
from bot.billing.debts.owed import debt_state_of, debts_of
from bot.billing.debts.rule import DebtLevel
from bot.clients.identification.phones import Reached
from bot.clients.models import Account, ClientRole, Company, StaffRole
from bot.db.errors import NotAllowed
from bot.jobs.ticker import Ticker
from bot.jobs.timers import TIMERS
from bot.messaging.runner import Bell
from bot.telegram.ids import bot as telegram_bot
from bot.tickets.dispatch.alarms import tell_alarms
from bot.tickets.life.lifecycle import history
from bot.tickets.life.models import TicketState
from bot.tickets.offers.answer import approve_paid_work
from tests.builders.bills import PRESS, quote_of
from tests.builders.held_tickets import look_again, remind_all, run_releases
from tests.builders.jobs import Firm, build_firm, opened, person, report_debts, worker
from tests.conftest import TestOffice


def level(uow: Any, firm: Firm) -> DebtLevel:
    return debt_state_of(uow.session, firm.company, uow.now.date()).level


def reminded(office: TestOffice) -> int:
    return office.notices.templates().count("debts/reminder")


@pytest.mark.parametrize(
    ("days", "expected", "state", "priority"),
    [
        (5, DebtLevel.D1, TicketState.AWAITING_APPROVAL, "normal"),
        (20, DebtLevel.D2, TicketState.AWAITING_APPROVAL, "low"),
        (40, DebtLevel.D3, TicketState.AWAITING_PAYMENT, "low"),
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
        assert debt_state_of(uow.session, firm.company, uow.now.date() + timedelta(days=8)).overridden is False


def test_old_data_are_unknown_and_never_block(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=40)
        later = uow.now.date() + timedelta(days=8)
        assert debt_state_of(uow.session, firm.company, later).level is DebtLevel.UNKNOWN


def test_finance_is_reminded_once_a_week_and_never_before_a_promised_day(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=2)
        finance = person(uow.session, "Счётова", firm.company, ClientRole.FINANCE)
        remind_all(uow)
        remind_all(uow)
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
        remind_all(uow)
        assert reminded(office) == 1
    office.moment += timedelta(days=1)
    with office.work() as uow:
        remind_all(uow)
        remind_all(uow)
        assert reminded(office) == 2
        whats = [each.values["what"] for each in office.told if each.template == "debts/staff"]
        assert whats == ["promised", "broken"]


def staff_heard(office: TestOffice) -> list[str]:
    return [each.values["what"] for each in office.told if each.template == "debts/staff"]


def another_debt(uow: Any, firm: Firm, invoice: str, days: int) -> None:
    due = uow.now.date() - timedelta(days=days)
    uow.session.add(Debt(company_id=firm.company, invoice=invoice, kopecks=70_000, due=due, reported_at=uow.now))
    uow.session.flush()


def test_a_broken_promise_is_told_once_though_it_is_still_the_promised_day_elsewhere(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=5)
        promised = promise_payment(uow, firm.company, 3, firm.boss)
        assert promised.invoices == ["СЧ-1"]
    for moment in (datetime(2026, 11, 27, 21, 30, tzinfo=UTC), datetime(2026, 11, 28, 3, 30, tzinfo=UTC)):
        office.moment = moment  # 00:30 and 06:30 on the 28th in Moscow
        with office.work() as uow:
            remind_all(uow)
    assert staff_heard(office) == ["promised", "broken"]
    assert reminded(office) == 1


def test_a_kept_promise_is_not_broken_by_a_later_debt(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=5)
        promise_payment(uow, firm.company, 3, firm.boss)
        uow.session.delete(uow.session.exec(select(Debt)).one())
    office.moment += timedelta(days=5)
    with office.work() as uow:
        another_debt(uow, firm, "СЧ-2", days=2)
        remind_all(uow)
    assert staff_heard(office) == ["promised"]
    told = next(each for each in office.told if each.template == "debts/reminder")
    assert (told.values["promised"], told.values["invoices"]) == (None, ["СЧ-2"])


def test_of_two_promised_invoices_the_unpaid_one_breaks_the_promise(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=5)
        another_debt(uow, firm, "СЧ-2", days=2)
        promise_payment(uow, firm.company, 3, firm.boss)
        uow.session.delete(uow.session.exec(select(Debt).where(Debt.invoice == "СЧ-1")).one())
    office.moment += timedelta(days=4)
    with office.work() as uow:
        remind_all(uow)
    broken = [each.values for each in office.told if each.values.get("what") == "broken"]
    assert [values["invoices"] for values in broken] == [["СЧ-2"]]


def test_what_nobody_can_read_is_no_reminder_and_a_manager_is_told_whom_to_call(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=5)
        for account in uow.session.exec(select(Account).where(Account.person_id == firm.boss)).all():
            account.unlinked_at = uow.now
        remind_all(uow)
        remind_all(uow)
        assert (reminded(office), staff_heard(office)) == (0, ["unreachable"])
        assert office.told[-1].values["contacts"] == [DebtContact("Орлова", (Reached("+79000000000"),))]
        person(uow.session, "Счётова", firm.company, ClientRole.FINANCE)
        remind_all(uow)
        assert (reminded(office), staff_heard(office)) == (1, ["unreachable"]), "once somebody can read it, it goes"


def test_a_debtor_that_cannot_be_looked_at_costs_no_other_and_is_named(office: TestOffice) -> None:
    with office.work() as uow:
        bad, good = (build_firm(uow.session, debt=5) for _ in range(2))
        uow.session.get_one(Company, bad.company).timezone = "Луна/Море"
        uow.session.get_one(Company, bad.company).name = "Лунная"
        remind_debtors(uow, {})
    Ticker(office, TIMERS, telegram_bot(1), Bell(), Bell()).tick()
    assert [each.values["company_id"] for each in office.told if each.template == "debts/reminder"] == [good.company]
    with office.work() as uow:
        tell_alarms(uow, {})
    assert [each.about for each in office.told[-1].values["alarms"]] == ["Лунная"]


def payment_comes(uow: Any, _manager: int, _firm: Firm) -> None:
    uow.session.delete(uow.session.exec(select(Debt)).one())
    look_at_held(uow)


def manager_lifts(uow: Any, manager: int, firm: Firm) -> None:
    exempt_debtor(uow, firm.company, DebtLevel.D0, "договорились", 7, manager)


def invoice_disputed(uow: Any, _manager: int, firm: Firm) -> None:
    debt = uow.session.exec(select(Debt)).one()
    dispute_invoice(uow, firm.company, debt.id, "оплачен", firm.boss)


@pytest.mark.parametrize("change", [payment_comes, manager_lifts, invoice_disputed])
def test_a_ticket_that_waited_for_a_debt_goes_on_by_itself(office: TestOffice, change: Any) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=40)
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
        ticket = opened(uow, firm)
        look_again(uow)
        assert ticket.state is TicketState.AWAITING_PAYMENT
        change(uow, manager, firm)
        assert run_releases(uow)
        assert (ticket.state, ticket.priority, ticket.coverage) == (TicketState.AWAITING_APPROVAL, "normal", "PAID")
        quote = quote_of(uow, ticket)
        assert quote.prepayment is False
        assert [note.kind for note in history(uow.session, ticket.id)].count("debt_released") == 1
    heard = [told for told in office.told if told.template == "ticket/released"]
    assert [told.values["starts"] for told in heard] == [False, False]
    assert "quote/offer" in office.notices.templates() or "quote/card" in office.notices.templates()


def test_approved_work_that_waited_for_prepayment_starts_when_the_debt_is_paid(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=20)
        ticket = opened(uow, firm)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
        look_again(uow)
        assert ticket.state is TicketState.AWAITING_PAYMENT
        payment_comes(uow, 0, firm)
        assert run_releases(uow)
        assert (ticket.state, ticket.priority) == (TicketState.NEW, "normal")
        look_again(uow)
    assert office.notices.templates().count("ticket/released") == 2


def test_a_debt_that_sinks_to_prepayment_brings_a_quote_with_prepayment(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=40)
        ticket = opened(uow, firm)
        debt = uow.session.exec(select(Debt)).one()
        debt.due = uow.now.date() - timedelta(days=20)
        uow.session.flush()
        look_again(uow)
        assert (ticket.state, ticket.priority) == (TicketState.AWAITING_APPROVAL, "low")
        assert quote_of(uow, ticket).prepayment is True


def test_a_kept_promise_is_not_broken_by_the_same_number_of_another_year(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        owe(uow, firm, "12", date(2025, 11, 5))
        promise_payment(uow, firm.company, 3, firm.boss)
    office.moment += timedelta(days=4)
    with office.work() as uow:
        (paid,) = uow.session.exec(select(Debt)).all()
        paid.ended_at = uow.now
        uow.session.flush()
        owe(uow, firm, "12", date(2026, 11, 5))
        remind_all(uow)
    assert "broken" not in staff_heard(office)


def owe(uow: Any, firm: Firm, number: str, issued: date) -> None:
    due = issued + timedelta(days=10)
    report_debts(uow.session, uow.now)
    row = Debt(company_id=firm.company, invoice=number, issued_on=issued, kopecks=70_000, due=due, reported_at=uow.now)
    uow.session.add(row)
    uow.session.flush()
