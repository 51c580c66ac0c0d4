"""Opening, pricing, accepting, closing and promising at awkward moments: each by the day that counts (R3.5)."""

from datetime import date, time, timedelta

import pytest
from sqlmodel import col, select

from bot.billing.debts.handle import promise_payment
from bot.billing.debts.models import Debt
from bot.billing.hours.grants import grant_included
from bot.billing.hours.holds import held
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.prices.models import PriceLine
from bot.billing.quotes.models import QuoteVersion
from bot.billing.seller.models import TaxRegime
from bot.billing.terms.models import Plan
from bot.billing.work.models import TimeEntry
from bot.calendar.periods import month_of
from bot.clients.models import Company, Contract, Membership, ServiceObject, Site
from bot.db.clock import at, day_of, local
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.intake.drafts import send_draft, view
from bot.tickets.life.deadlines import zone_of
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.work.accept import accept_work
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.appeals import says
from tests.builders.bills import PRESS, billed_firm, close, done, lines_of, quote_of, statement_of, work
from tests.builders.jobs import Firm, opened
from tests.conftest import TestOffice
from tests.moments import Moment, at_each

pytestmark = pytest.mark.sampled(4, of="moments")
OPEN = {"09:30 on the 1st in Vladivostok": "09:30", "29 February": "12:00"}
MONTHS = {1: "января", 2: "февраля", 10: "октября", 11: "ноября", 12: "декабря"}
LONG_AGO = date(2024, 1, 1)


def firm_at(uow: UnitOfWork, moment: Moment, minutes: int = 0, *, site: bool = True) -> Firm:
    """A client where the moment is; its object stands on a site there, or on none."""
    firm = billed_firm(uow, terms={"exclusions": []} if minutes else None)
    company = uow.session.get_one(Company, firm.company)
    contract = uow.session.get_one(Contract, firm.contract)
    company.timezone, contract.starts = moment.zone, LONG_AGO
    uow.session.get_one(Plan, contract.plan_id).included_minutes = minutes
    for right in uow.session.exec(select(Membership)).all():
        right.granted_at = at(LONG_AGO, time(), moment.zone)
    if site:
        place = Site(company_id=firm.company, code="s", name="Склад", timezone=moment.zone)
        uow.session.add(place)
        uow.session.flush()
        uow.session.get_one(ServiceObject, firm.till).site_id = place.id
    uow.session.flush()
    return firm


def months_of(uow: UnitOfWork, ticket: int) -> list[date]:
    pools = held(uow.session, ticket)
    return [uow.session.get_one(Pool, each).starts for each in pools]


def drawn(uow: UnitOfWork, ticket: int) -> list[tuple[date, int, date | None]]:
    """What pools gave: the first day of each, minutes, the day of the work."""
    rows = uow.session.exec(
        select(Pool.starts, PoolEntry.amount, PoolEntry.work_date)
        .join(Pool, col(Pool.id) == col(PoolEntry.pool_id))
        .where(PoolEntry.ticket_id == ticket, PoolEntry.kind == EntryKind.CONSUME)
        .order_by(col(PoolEntry.id))
    ).all()
    return [(starts, amount, day) for starts, amount, day in rows]


@at_each
@pytest.mark.parametrize("site", [True, False])
@pytest.mark.parametrize("emergency", [True, False])
def test_a_covered_ticket_holds_hours_of_the_month_of_its_work(
    office: TestOffice, moment: Moment, emergency: bool, site: bool
) -> None:
    with office.work(now=moment.at) as uow:
        firm = firm_at(uow, moment, 600, site=site)
        grant_included(uow)
        ticket = opened(uow, firm, emergency=emergency)
        day = moment.day if emergency else moment.works
        assert ticket.coverage == "COVERED_BY_HOURS"
        assert months_of(uow, ticket.id) == [month_of(day).start]


@at_each
def test_work_is_of_the_day_at_the_site_and_draws_its_month(office: TestOffice, moment: Moment) -> None:
    with office.work(now=moment.at) as uow:
        firm = firm_at(uow, moment, 600)
        grant_included(uow)
        ticket = opened(uow, firm, emergency=True)
        work(uow, firm, ticket, 50)
        accept_work(uow, ticket.id, firm.requester)
        entries = uow.session.exec(select(TimeEntry).where(TimeEntry.ticket_id == ticket.id)).all()
        assert {each.work_date for each in entries} == {moment.day}
        assert drawn(uow, ticket.id) == [(month_of(moment.day).start, 60, moment.day)]


@at_each
@pytest.mark.parametrize("timed", [True, False])
def test_work_that_goes_on_past_midnight_is_of_the_day_it_began_on(
    office: TestOffice, moment: Moment, timed: bool
) -> None:
    """Begun at the moment, handed over 50 minutes later: that day's hours, statement and time bands."""
    with office.work(now=moment.at) as uow:
        firm = firm_at(uow, moment, 600)
        grant_included(uow)
        ticket = opened(uow, firm, emergency=True)
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
    with office.work(now=moment.at + timedelta(minutes=50)) as uow:
        if timed:
            say_time(uow, ticket.id, 40, "по факту", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        accept_work(uow, ticket.id, firm.requester)
        entry = uow.session.exec(select(TimeEntry).where(TimeEntry.ticket_id == ticket.id)).one()
        assert (entry.work_date, entry.minutes) == (moment.day, 40 if timed else 50)
        assert drawn(uow, ticket.id) == [(month_of(moment.day).start, 60, moment.day)]


@at_each
def test_a_fixed_work_past_midnight_is_billed_in_the_month_it_began_in(office: TestOffice, moment: Moment) -> None:
    period = month_of(moment.day)
    with office.work(now=moment.at) as uow:
        firm = firm_at(uow, moment)
        ticket = opened(uow, firm)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
    with office.work(now=moment.at + timedelta(minutes=50)) as uow:
        finish_work(uow, ticket.id, firm.engineer)
        accept_work(uow, ticket.id, firm.requester)
    close(office, period, moment.at.replace(day=20) + timedelta(days=62), size=9)
    with office.database.read() as session:
        statement = statement_of(session, firm.contract, period)
        assert statement is not None
        (line,) = lines_of(session, statement)
        assert (line.work_date, line.late, line.gross) == (moment.day, False, 250_000)


@at_each
def test_a_quote_holds_for_three_working_days_of_the_client(office: TestOffice, moment: Moment) -> None:
    with office.work(now=moment.at) as uow:
        firm = firm_at(uow, moment)
        quote = quote_of(uow, opened(uow, firm))
        version = uow.session.exec(select(QuoteVersion).where(QuoteVersion.quote_id == quote.id)).one()
        until = local(version.valid_until, moment.zone)
        assert (until.hour, until.minute) == (23, 59)
        assert moment.day < day_of(version.valid_until, moment.zone) <= moment.works + timedelta(days=6)


@at_each
@pytest.mark.parametrize("site", [True, False])
def test_a_quote_names_the_day_and_hour_it_is_priced_for(office: TestOffice, moment: Moment, site: bool) -> None:
    """Now, while people work there; else when they open next, at 9."""
    with office.work(now=moment.at) as uow:
        firm = firm_at(uow, moment, site=site)
        ticket = opened(uow, firm)
        version = uow.session.exec(select(QuoteVersion).where(QuoteVersion.quote_id == quote_of(uow, ticket).id)).one()
        clock = OPEN.get(moment.name, "09:00")
        assert f"Цена посчитана на {moment.works.day} {MONTHS[moment.works.month]}, {clock}." in version.texts["ru"]


@at_each
@pytest.mark.parametrize("ahead", [0, 1])
def test_a_quote_has_the_rate_of_the_seller_s_day(office: TestOffice, moment: Moment, ahead: int) -> None:
    """VAT changes on the seller's day, or on the next one; the client's own day doesn't matter (R6.1)."""
    with office.work(now=moment.at) as uow:
        firm = firm_at(uow, moment)
        since = day_of(moment.at, "Europe/Moscow") + timedelta(days=ahead)
        uow.session.add(TaxRegime(seller_id=1, since=since, rate_bp=500, inclusive=True))
        uow.session.flush()
        quote = quote_of(uow, opened(uow, firm))
        version = uow.session.exec(select(QuoteVersion).where(QuoteVersion.quote_id == quote.id)).one()
        assert version.vat_bp == (2200 if ahead else 500)


@at_each
@pytest.mark.parametrize("ahead", [0, 1])
def test_a_quote_has_the_price_of_the_day_of_its_work(office: TestOffice, moment: Moment, ahead: int) -> None:
    """A price that begins on that day at the site, or on the next one."""
    with office.work(now=moment.at) as uow:
        firm = firm_at(uow, moment)
        line = uow.session.exec(select(PriceLine).where(PriceLine.item_code == "hour:repair")).one()
        since = moment.works + timedelta(days=ahead)
        dearer = PriceLine(list_id=line.list_id, item_code="hour:repair", kopecks=300_000, valid_from=since)
        uow.session.add(dearer)
        uow.session.flush()
        quote = quote_of(uow, opened(uow, firm))
        version = uow.session.exec(select(QuoteVersion).where(QuoteVersion.quote_id == quote.id)).one()
        assert version.gross == (250_000 if ahead else 300_000)


@at_each
def test_paid_work_is_billed_in_the_month_of_its_day(office: TestOffice, moment: Moment) -> None:
    period = month_of(moment.day)
    with office.work(now=moment.at) as uow:
        firm = firm_at(uow, moment)
        ticket = done(uow, firm)
        accept_work(uow, ticket.id, firm.requester)
    close(office, period, moment.at.replace(day=20) + timedelta(days=62), size=9)
    with office.database.read() as session:
        statement = statement_of(session, firm.contract, period)
        assert statement is not None
        (line,) = lines_of(session, statement)
        assert (line.work_date, line.late, line.gross) == (moment.day, False, 250_000)


@at_each
def test_a_debtor_s_promise_is_for_a_day_of_their_own(office: TestOffice, moment: Moment) -> None:
    with office.work(now=moment.at) as uow:
        firm = firm_at(uow, moment)
        due = moment.day - timedelta(days=10)
        uow.session.add(Debt(company_id=firm.company, invoice="СЧ-1", kopecks=500_000, due=due, reported_at=moment.at))
        uow.session.flush()
        promise = promise_payment(uow, firm.company, 3, firm.boss)
        assert promise.until == moment.day + timedelta(days=3)


@at_each
def test_without_a_site_the_work_is_where_the_company_is(office: TestOffice, moment: Moment) -> None:
    with office.work(now=moment.at) as uow:
        firm = firm_at(uow, moment, site=False)
        assert zone_of(uow.session, opened(uow, firm)) == moment.zone


@at_each
@pytest.mark.parametrize("emergency", [True, False])
def test_a_draft_has_the_contract_of_the_day_of_its_work(office: TestOffice, moment: Moment, emergency: bool) -> None:
    """A contract that ended the day before and one that begins that day, in the client's own zone."""
    day = moment.day if emergency else moment.works
    with office.work(now=moment.at) as uow:
        firm = firm_at(uow, moment)
        old = uow.session.get_one(Contract, firm.contract)
        old.ends = day - timedelta(days=1)
        new = Contract(company_id=firm.company, number="Новый", plan_id=old.plan_id, starts=day, covers_all=True)
        uow.session.add(new)
        appeal = says(uow, firm.requester, "не печатает").appeal
        appeal.object_id, appeal.emergency = firm.till, emergency
        uow.session.flush()
        contract = view(uow, appeal).contract
        assert contract is not None
        assert contract.id == new.id
        ticket = send_draft(uow, appeal.id, firm.requester)
        assert ticket is not None
        assert ticket.contract_id == new.id
