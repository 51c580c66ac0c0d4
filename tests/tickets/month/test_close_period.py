"""A month's close: what is billed, what is left out and said so, late work, numbers, repeats; on both databases
(R4.4, R11.1)."""

from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlmodel import select

from bot.billing.documents.issue import BadRequisitesError
from bot.billing.documents.issued import approval_of_line, entries_of_line
from bot.billing.documents.models import Document
from bot.billing.hours.period_lock import locked_until
from bot.billing.quotes.models import Quote, QuoteState, QuoteVersion
from bot.billing.quotes.rule import QuoteLine, QuoteTotals, lines_hash
from bot.billing.seller.models import TaxRegime
from bot.billing.statements.models import StatedEntry, Statement, StatementLine
from bot.billing.work.models import TimeEntry
from bot.clients.models import Seller
from bot.messaging.models import Timer
from bot.sums.vat import VatTotals
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.life.models import Ticket
from bot.tickets.month.close import PeriodNotOver, close_by_timer, close_period, tell_closed
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.work.accept import accept_work, dispute_work, resolve_dispute
from bot.tickets.work.add import add_work
from bot.tickets.work.finish import finish_work
from tests.builders.bills import (
    AFTER_DECEMBER,
    DECEMBER,
    NOVEMBER,
    PRESS,
    accepted,
    billed_firm,
    close,
    documents_of,
    done,
    lines_of,
    quote_of,
    statement_of,
    work,
)
from tests.builders.jobs import opened
from tests.conftest import TestOffice


def test_paid_work_is_billed_as_approved_with_its_approval_and_time(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow)
        ticket = accepted(uow, firm, minutes=50)
    close(office)
    statement = statement_of(session, firm.contract)
    (line,) = lines_of(session, statement)
    assert (line.kind, line.ticket_number, line.gross, line.vat) == ("quote", ticket.number, 250_000, 45_082)
    assert (line.raw_minutes, line.billed_minutes) == (50, 60)
    assert approval_of_line(session, line).person_id == firm.approver
    assert [entry.minutes for entry in entries_of_line(session, line.id)] == [50]
    assert (statement.net, statement.vat, statement.gross) == (204_918, 45_082, 250_000)
    assert session.exec(select(Quote.state)).one() is QuoteState.INVOICED


def test_the_fee_and_covered_hours_stand_with_raw_and_billed_minutes_and_their_pool(
    office: TestOffice, session: Any
) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, fee=1_500_000, minutes=600)
        accepted(uow, firm, minutes=70)
    close(office)
    fee, hours = lines_of(session, statement_of(session, firm.contract))
    assert (fee.kind, fee.name, fee.gross) == (
        "fee",
        "Абонентское обслуживание, тариф «Тариф», ноябрь 2026",
        1_500_000,
    )
    assert (hours.kind, hours.raw_minutes, hours.billed_minutes, hours.gross) == ("hours", 70, 75, 0)
    assert hours.draws == [{"kind": "prepaid", "amount": 75, "unit": "minutes"}]


def test_the_act_is_of_the_last_day_and_the_invoice_of_today(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, fee=100_000, unlimited=True)
    close(office)
    documents = documents_of(session, statement_of(session, firm.contract))
    act, invoice = documents["act"], documents["invoice"]
    assert (act.issued_on, invoice.issued_on, invoice.due) == (
        date(2026, 11, 30),
        date(2026, 12, 3),
        date(2026, 12, 13),
    )
    assert (act.code, invoice.code) == ("act-1-2026-000001", "invoice-1-2026-000001")
    assert invoice.gross == act.gross == 100_000


def test_closing_again_changes_nothing(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, fee=100_000)
        accepted(uow, firm)
    close(office)
    close(office, at=AFTER_DECEMBER)
    assert len(session.exec(select(Statement)).all()) == 1
    assert sorted(session.exec(select(Document.code)).all()) == ["act-1-2026-000001", "invoice-1-2026-000001"]


def test_numbers_have_no_gaps_and_each_batch_goes_on_where_the_last_stopped(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        for _ in range(5):
            billed_firm(uow, fee=100_000, unlimited=True)
    office.moment = datetime(2026, 12, 3, tzinfo=UTC)
    assert next(close_period(office, NOVEMBER, 2)).statements == 2  # the process ends here
    close(office)
    numbers = session.exec(select(Document.number).where(Document.kind == "invoice")).all()
    assert sorted(numbers) == [1, 2, 3, 4, 5]
    assert len({row.contract_id for row in session.exec(select(Statement)).all()}) == 5


def test_two_processes_close_one_month_once(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        for _ in range(6):
            billed_firm(uow, fee=100_000, unlimited=True)
    office.moment = datetime(2026, 12, 3, tzinfo=UTC)
    failed: list[BaseException] = []

    def run() -> None:
        try:
            list(close_period(office, NOVEMBER, 1))
        except Exception as error:
            failed.append(error)

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    numbers = session.exec(select(Document.number).where(Document.kind == "act")).all()
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]


def test_a_month_that_is_not_over_is_not_closed(office: TestOffice) -> None:
    with office.work() as uow:
        billed_firm(uow, fee=100_000)
    with pytest.raises(PeriodNotOver):
        list(close_period(office, NOVEMBER))


@pytest.mark.parametrize(
    ("field", "value"), [("inn", "7701234567"), ("corr_account", "30101810965770000413"), ("bic", None), ("bank", None)]
)
def test_wrong_requisites_stop_everything_before_it_is_issued(
    office: TestOffice, session: Any, field: str, value: str | None
) -> None:
    with office.work() as uow:
        billed_firm(uow, fee=100_000)
        setattr(uow.session.get(Seller, 1), field, value)
    with pytest.raises(BadRequisitesError):
        close(office)
    assert session.exec(select(Statement)).all() == []


def test_late_work_goes_to_the_next_statement_and_is_marked(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, fee=100_000)
        late = done(uow, firm)
    close(office)
    assert locked_until(session, firm.contract) == date(2026, 11, 30)
    with office.work() as uow:
        accept_work(uow, late.id, firm.requester)
    close(office, DECEMBER, AFTER_DECEMBER)
    fee, line = lines_of(session, statement_of(session, firm.contract, DECEMBER))
    assert (fee.late, line.late, line.work_date, line.gross) == (False, True, date(2026, 11, 24), 250_000)


def test_a_disputed_line_is_left_out_and_said_and_billed_once_it_is_settled(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, minutes=600, terms={"exclusions": [{"clause": "3.5", "work_types": ["parts"]}]})
        ticket = opened(uow, firm)
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
        part = add_work(uow, ticket.id, firm.part, 2, firm.engineer)
        approve_paid_work(uow, part.quote.id, 1, firm.approver, PRESS)
        office.moment += timedelta(minutes=40)
    with office.work() as uow:
        finish_work(uow, ticket.id, firm.engineer)
        dispute_work(uow, ticket.id, "work", part.line.id, "Поставили одну", firm.requester)
        accept_work(uow, ticket.id, firm.requester)
    close(office)
    statement = statement_of(session, firm.contract)
    assert [(line.kind, line.gross) for line in lines_of(session, statement)] == [("hours", 0)]
    assert statement.left_out == [{"ticket": ticket.number, "name": "Головка", "reason": "disputed"}]
    with office.work() as uow:
        resolve_dispute(uow, ticket.id, True, firm.dispatcher)
        accept_work(uow, ticket.id, firm.requester)
    close(office, DECEMBER, AFTER_DECEMBER)
    (line,) = lines_of(session, statement_of(session, firm.contract, DECEMBER))
    assert (line.name, line.gross, line.late) == ("Головка", 640_000, True)


def test_a_line_given_up_in_a_dispute_is_never_billed(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow)
        ticket = done(uow, firm)
        entry = uow.session.exec(select(TimeEntry)).all()[-1]
        dispute_work(uow, ticket.id, "time", entry.id, "Не приезжали", firm.requester)
        resolve_dispute(uow, ticket.id, False, firm.dispatcher)
        accept_work(uow, ticket.id, firm.requester)
    close(office)
    (line,) = lines_of(session, statement_of(session, firm.contract))
    assert (line.gross, line.billed_minutes) == (0, 0)


def test_an_estimate_up_to_n_bills_the_fact(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, terms={"minimum_visit": 15})
        quote = quote_of(uow, opened(uow, firm))
        version = uow.session.exec(select(QuoteVersion)).one()
        upto(version)
        ticket = uow.session.get(Ticket, quote.ticket_id)
        approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)
        work(uow, firm, ticket, 20)
        accept_work(uow, ticket.id, firm.requester)
    close(office)
    (line,) = lines_of(session, statement_of(session, firm.contract))
    assert (line.quantity, line.gross) == (30, 125_000)


def upto(version: QuoteVersion) -> None:
    lines = tuple(QuoteLine(**{k: v for k, v in line.items() if k != "vat"}) for line in version.lines)
    vat = VatTotals(tuple(line["vat"] for line in version.lines), version.net, version.vat, version.gross)
    version.up_to = True
    version.lines_hash = lines_hash(QuoteTotals(lines, vat, version.vat_bp), up_to=True)


def test_vat_follows_the_regime_of_the_act_and_the_agreed_sum_stays(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, fee=100_000)
        accepted(uow, firm)
        uow.session.add(TaxRegime(seller_id=1, since=date(2026, 11, 30), rate_bp=500))
        uow.session.add(TaxRegime(seller_id=1, since=date(2026, 12, 1), rate_bp=None))
    close(office)
    fee, paid = lines_of(session, statement_of(session, firm.contract))
    assert (fee.gross, fee.vat, paid.gross, paid.vat) == (100_000, 4_762, 250_000, 11_905)


def test_every_time_entry_is_stated_once(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, minutes=6000)
        for _ in range(3):
            accepted(uow, firm, minutes=7)
    close(office)
    with office.work() as uow:
        accepted(uow, firm, minutes=20)
    close(office, DECEMBER, AFTER_DECEMBER)
    stated = session.exec(select(StatedEntry.entry_id)).all()
    assert sorted(stated) == sorted(session.exec(select(TimeEntry.id)).all())
    raw = sum(line.raw_minutes for line in session.exec(select(StatementLine)).all())
    assert raw == sum(entry.minutes for entry in session.exec(select(TimeEntry)).all())


def test_the_timer_closes_the_month_before_and_managers_hear_of_it_once(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, fee=100_000, unlimited=True)
        uow.session.get(Seller, 1).billing_from = NOVEMBER.start
    office.moment = datetime(2026, 12, 4, 9, tzinfo=UTC)
    for _ in range(3):
        run_timer(office)
    assert statement_of(session, firm.contract) is None  # not before its day
    office.moment = datetime(2026, 12, 5, 9, tzinfo=UTC)
    for _ in range(4):
        run_timer(office)
    assert statement_of(session, firm.contract).gross == 100_000
    with office.work() as uow:
        tell_closed(uow, {"period": "2026-11"})
    (told,) = [notice for notice in office.told if notice.template == "documents/closed"]
    assert (told.values["count"], told.values["gross"]) == (1, 100_000)


def run_timer(office: TestOffice) -> None:
    with office.work() as uow:
        timer = uow.session.exec(select(Timer).where(Timer.key == "close_period")).one_or_none()
        close_by_timer(uow, timer.payload if timer else {})
