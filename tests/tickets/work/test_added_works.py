"""Works added on site, in every price mode, on tickets of every coverage: what becomes a quote of its own
(R3.4, R5.1, R5.7, R10.1)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot.billing.prices.models import PriceLine, PriceList, WorkItem
from bot.billing.quotes.models import QuoteState
from bot.billing.quotes.send import version_of
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.life.models import Ticket
from bot.tickets.offers.answer import approve_paid_work, decline_paid_work
from bot.tickets.offers.estimate import send_estimate
from bot.tickets.work.accept import accept_work
from bot.tickets.work.add import Added, add_work, remove_work
from bot.tickets.work.finish import finish_work
from tests.builders.appeals import add
from tests.builders.bills import PRESS, billed_firm, close, lines_of, quote_of, statement_of
from tests.builders.jobs import Firm, opened
from tests.conftest import TestOffice

RATE, SETUP_RATE = 250_000, 100_000
MODES = ("fixed", "norm", "actual")


@dataclass
class Job:
    firm: Firm
    ticket: Ticket
    items: dict[str, int]


def items_of(session: Any) -> dict[str, int]:
    """A work of each price mode, of the ticket's own type and of another: 7 000,00; 90 min; by the hour."""
    base = session.exec(select(PriceList).where(PriceList.scope == "default")).first()
    there = session.exec(select(WorkItem).where(col(WorkItem.name).startswith("Работа "))).all()
    if there:
        return {row.code: row.id for row in there}
    found = {}
    for work_type in ("repair", "setup"):
        for mode in MODES:
            code, unit = f"{mode}-{work_type}", "час" if mode == "actual" else "шт"
            norm = 90 if mode == "norm" else 0
            row = WorkItem(
                code=code, name=f"Работа {code}", unit=unit, work_type=work_type, norm_minutes=norm, mode=mode
            )
            found[code] = add(session, row).id
    for code, kopecks in (("fixed-repair", 700_000), ("fixed-setup", 700_000), ("hour:setup", SETUP_RATE)):
        add(session, PriceLine(list_id=base.id, item_code=code, kopecks=kopecks))
    return found


def begun(uow: Any, *, estimate: int = 0, approve: bool = True, emergency: bool = False, **firm: Any) -> Job:
    """A ticket in work; its quote is approved where it has one and the work isn't urgent."""
    made = billed_firm(uow, **firm)
    items = items_of(uow.session)
    ticket = opened(uow, made, emergency=emergency)
    if estimate:
        send_estimate(uow, ticket.id, estimate, "Ремонт по месту", made.dispatcher)
    quote = quote_of(uow, ticket)
    if quote is not None and approve:
        approve_paid_work(uow, quote.id, quote.version, made.approver, PRESS)
    take_ticket(uow, ticket.id, made.engineer)
    return Job(made, start_work(uow, ticket.id, made.engineer), items)


def added(uow: Any, job: Job, code: str, quantity: int = 1) -> Added:
    return add_work(uow, job.ticket.id, job.items[code], quantity, job.firm.engineer)


def became(uow: Any, job: Job, code: str, quantity: int = 1) -> int | str:
    """The sum of the quote that an addition became, else how it is covered; taken back afterwards."""
    made = added(uow, job, code, quantity)
    said: int | str = made.line.coverage if made.quote is None else version_of(uow.session, made.quote).gross
    if made.quote is None or made.quote.state in (QuoteState.SENT, QuoteState.VIEWED):
        remove_work(uow, job.ticket.id, made.line.id, job.firm.engineer)
    return said


def table(uow: Any, job: Job, quantity: int = 1) -> dict[str, int | str]:
    return {code: became(uow, job, code, quantity) for code in job.items}


OTHERS = {"fixed-setup": 700_000, "norm-setup": 150_000, "actual-setup": 100_000}
OWN = {"fixed-repair": 700_000, "norm-repair": 375_000}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("terms", [{}, {"hourly_by_fact": True}])
def test_on_an_hourly_quote_only_hours_that_were_agreed_go_on(office: TestOffice, terms: dict[str, Any]) -> None:
    with office.work() as uow:
        job = begun(uow, terms=terms)
        assert table(uow, job) == {**OWN, "actual-repair": "quote", **OTHERS}
        assert table(uow, job, 2) == {code: 2 * kopecks for code, kopecks in OWN.items()} | {
            "actual-repair": 500_000,
            **{code: 2 * kopecks for code, kopecks in OTHERS.items()},
        }
        assert added(uow, job, "actual-repair").quote is None
        assert became(uow, job, "actual-repair") == RATE, "the hour that was agreed is taken"


def test_before_the_yes_an_urgent_job_s_additions_are_quotes_too(office: TestOffice) -> None:
    with office.work() as uow:
        job = begun(uow, approve=False, emergency=True)
        assert quote_of(uow, job.ticket).state is QuoteState.SENT
        assert table(uow, job) == {**OWN, "actual-repair": "quote", **OTHERS}


def test_after_a_no_nothing_of_the_kind_is_done_for_nothing(office: TestOffice) -> None:
    with office.work() as uow:
        job = begun(uow, approve=False, emergency=True)
        quote = quote_of(uow, job.ticket)
        decline_paid_work(uow, quote.id, 1, job.firm.approver, PRESS)
        assert table(uow, job) == {**OWN, "actual-repair": RATE, **OTHERS}


def test_covered_work_stays_covered_and_other_work_is_decided(office: TestOffice) -> None:
    with office.work() as uow:
        job = begun(uow, unlimited=True, terms={"covered": ["repair"], "covered_clause": "п. 2"})
        assert table(uow, job) == {**dict.fromkeys((*OWN, "actual-repair"), "covered"), **OTHERS}


def test_work_by_hours_stays_by_hours(office: TestOffice) -> None:
    with office.work() as uow:
        job = begun(uow, minutes=60, terms={"covered": ["repair"], "covered_clause": "п. 2"})
        assert table(uow, job) == {**OWN, "actual-repair": "hours", **OTHERS}, "the pool has what the job holds"
    with office.work() as uow:
        job = begun(uow, minutes=600, terms={"covered": ["repair"], "covered_clause": "п. 2"})
        assert table(uow, job) == {**dict.fromkeys((*OWN, "actual-repair"), "hours"), **OTHERS}


def test_on_work_that_hours_pay_in_part_a_price_of_its_own_is_a_quote_of_its_own(office: TestOffice) -> None:
    with office.work() as uow:
        job = begun(uow, minutes=30, terms={"covered": ["repair"], "covered_clause": "п. 2"})
        assert job.ticket.coverage == "PARTLY"
        assert table(uow, job) == {**OWN, "actual-repair": "quote", **OTHERS}
        assert became(uow, job, "actual-repair", 2) == 500_000


def test_an_estimate_takes_what_fits_into_it(office: TestOffice) -> None:
    with office.work() as uow:
        job = begun(uow, estimate=1_000_000)
        own = dict.fromkeys((*OWN, "actual-repair"), "quote")
        assert table(uow, job) == {**own, **OTHERS}
        assert became(uow, job, "fixed-repair", 2) == 1_400_000
        assert became(uow, job, "norm-repair", 3) == 1_125_000
        for code in ("fixed-repair", "actual-repair"):
            assert added(uow, job, code).quote is None
        assert became(uow, job, "norm-repair") == 375_000, "700 and 250 thousand of a million are taken"


def test_urgent_work_that_nobody_has_priced_yet_is_not_done_for_nothing(office: TestOffice) -> None:
    with office.work() as uow:
        job = begun(uow, emergency=True, approve=False, terms={"callout": "NOT-PRICED"})
        assert job.ticket.coverage == "ESTIMATE_NEEDED"
        assert table(uow, job) == {**OWN, "actual-repair": RATE, **OTHERS}


def test_two_boards_repaired_on_an_hourly_quote_are_approved_and_billed(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        job = begun(uow)
        made = added(uow, job, "fixed-repair", 2)
        assert made.quote is not None and "2 × 7 000 ₽ = 14 000 ₽" in version_of(uow.session, made.quote).texts[
            "ru"
        ].replace("\u00a0", " ")
        approve_paid_work(uow, made.quote.id, 1, job.firm.boss, PRESS)
    assert billed(office, session, job) == [("Час ремонта", 250_000), ("Работа fixed-repair", 1_400_000)]


def test_three_hours_of_a_work_by_the_hour_are_three_hours(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        job = begun(uow)
        made = added(uow, job, "actual-setup", 3)
        approve_paid_work(uow, made.quote.id, 1, job.firm.boss, PRESS)
    assert billed(office, session, job) == [("Час ремонта", 250_000), ("Работа actual-setup", 300_000)]


def test_a_norm_is_billed_as_agreed_whatever_time_it_took(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        job = begun(uow, terms={"hourly_by_fact": True})
        made = added(uow, job, "norm-repair", 2)
        approve_paid_work(uow, made.quote.id, 1, job.firm.boss, PRESS)
    assert billed(office, session, job, minutes=20) == [("Час ремонта", 250_000), ("Работа norm-repair", 750_000)]


def test_added_hours_by_fact_bill_the_time_beyond_the_first_quote(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        job = begun(uow, terms={"hourly_by_fact": True})
        made = added(uow, job, "actual-repair", 3)
        assert version_of(uow.session, made.quote).up_to
        approve_paid_work(uow, made.quote.id, 1, job.firm.boss, PRESS)
    assert billed(office, session, job, minutes=100) == [("Час ремонта", 250_000), ("Работа actual-repair", 187_500)]


def billed(office: TestOffice, session: Any, job: Job, minutes: int = 60) -> list[tuple[str, int]]:
    office.moment += timedelta(minutes=minutes)
    with office.work() as uow:
        finish_work(uow, job.ticket.id, job.firm.engineer)
        accept_work(uow, job.ticket.id, job.firm.requester)
    close(office)
    return [(line.name, line.gross) for line in lines_of(session, statement_of(session, job.firm.contract))]
