"""What a ticket is billed over two months equals a plain calculation written from the rules (R3.4, R5, R6.3, R10.4).

Random jobs: contracts that round and price differently, prices with and without VAT, calls and a visit, works added in
each price mode and approved or not, lines disputed and kept or given up.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from sqlmodel import col, select

from bot.billing.documents.models import Document
from bot.billing.prices.models import PriceLine, PriceList, WorkItem
from bot.billing.seller.models import TaxRegime
from bot.billing.statements.models import Statement
from bot.billing.work.models import TimeEntry, WorkLine
from bot.tickets.bill.of_ticket import bill_of
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.life.models import Ticket
from bot.tickets.offers.answer import approve_paid_work, decline_paid_work
from bot.tickets.work.accept import accept_work, dispute_work, resolve_dispute
from bot.tickets.work.add import add_work
from bot.tickets.work.finish import finish_work
from tests.builders.appeals import add
from tests.builders.bills import AFTER_DECEMBER, DECEMBER, PRESS, billed_firm, close, quote_of
from tests.builders.jobs import Firm, opened
from tests.conftest import NOON, TestOffice
from tests.tickets.bill.test_calls_together import called

PRICES = {"hour:repair": 199_900, "hour:setup": 133_333, "fixed-repair": 700_001, "fixed-setup": 37_035, "CALL": 50_000}
NORM = 45


def half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def rounded(raw: int, step: int, least: int) -> int:
    return max(-(-raw // step) * step, least) if raw else 0


@dataclass
class Plain:
    """The rules once more, as a person would reckon on paper."""

    net: bool
    callout: bool
    by_hours: bool  # hours that are agreed alone are an «до N»; beside a call-out they have a fixed price
    scope: str
    step: int
    least_remote: int
    least_visit: int
    entries: list[tuple[str, date, int]] = field(default_factory=list)
    agreed: list[tuple[str, int]] = field(default_factory=list)  # added works that were approved, in order
    given_up: set[int] = field(
        default_factory=set
    )  # places of those that a dispute took off: their time goes with them

    def price(self, code: str) -> int:
        return PRICES[code] + (half_up(PRICES[code] * 2000, 10_000) if self.net else 0)

    def minutes(self) -> int:
        sums: dict[tuple[Any, ...], int] = {}
        for number, (channel, day, raw) in enumerate(self.entries):
            key = {"entry": (number,), "ticket_day": (day,), "ticket": ()}[self.scope]
            sums[channel, *key] = sums.get((channel, *key), 0) + raw
        least = {"remote": self.least_remote, "visit": self.least_visit}
        return sum(rounded(raw, self.step, least[key[0]]) for key, raw in sums.items())

    def kopecks(self) -> int:
        first, left = rounded(60, self.step, self.least_visit), self.minutes()
        by_fact = self.by_hours and not self.callout
        total = self.price("CALL") if self.callout else 0
        total += half_up((min(first, left) if by_fact else first) * self.price("hour:repair"), 60)
        left = max(left - first, 0)
        for place, (code, quantity) in enumerate(self.agreed):
            mode, kind = code.split("-")
            rate = self.price(f"hour:{kind}")
            if mode == "fixed":
                kopecks = quantity * self.price(code)
            elif mode == "norm":
                kopecks = half_up(NORM * quantity * rate, 60)
            else:
                agreed = rounded(60 * quantity, self.step, 0)
                kopecks = half_up((min(agreed, left) if self.by_hours else agreed) * rate, 60)
                left = max(left - agreed, 0) if self.by_hours else left
            total += 0 if place in self.given_up else kopecks
        return total


@dataclass
class Job:
    firm: Firm
    ticket: Ticket
    plain: Plain
    keep: bool = True


def items(session: Any) -> dict[str, int]:
    base = session.exec(select(PriceList)).first()
    for line in session.exec(select(PriceLine)).all():
        line.kopecks = PRICES.get(line.item_code, line.kopecks)
    for code in ("fixed-repair", "fixed-setup", "hour:setup", "CALL"):
        add(session, PriceLine(list_id=base.id, item_code=code, kopecks=PRICES[code]))
    add(session, WorkItem(code="CALL", name="Выезд"))
    found = {}
    for kind in ("repair", "setup"):
        for mode, unit, norm in (("fixed", "шт", 0), ("norm", "шт", NORM), ("actual", "час", 0)):
            row = WorkItem(code=f"{mode}-{kind}", name=f"{mode} {kind}", unit=unit, norm_minutes=norm, mode=mode)
            row.work_type = kind
            found[row.code] = add(session, row).id
    return found


def worked(office: TestOffice, rng: Random, net: bool, codes: dict[str, int]) -> Job:
    """A job done at random; the plain calculation keeps what happened."""
    plain = Plain(
        net,
        rng.random() < 0.5,
        rng.random() < 0.5,
        rng.choice(["entry", "ticket_day", "ticket"]),
        rng.choice([1, 15, 30]),
        rng.choice([0, 15]),
        rng.choice([30, 60, 90]),
    )
    terms = {
        "callout": "CALL" if plain.callout else None,
        "hourly_by_fact": plain.by_hours,
        "rounding": plain.scope,
        "step": plain.step,
        "minimum_remote": plain.least_remote,
        "minimum_visit": plain.least_visit,
    }
    office.moment = NOON
    with office.work() as uow:
        firm = billed_firm(uow, terms=terms)
        codes.update(codes or items(uow.session))
        ticket = opened(uow, firm)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.boss, PRESS)
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
        for _ in range(rng.randrange(4)):
            entry = called(uow, firm, ticket, rng.choice([90, 400, 2000]), days=rng.choice([0, 1]))
            plain.entries.append(("remote", entry.work_date, entry.minutes))
        hours = 0
        for _ in range(rng.randrange(4)):
            code, quantity = rng.choice(list(codes)), rng.choice([1, 2])
            made = add_work(uow, ticket.id, codes[code], quantity, firm.engineer)
            if code == "actual-repair" and made.quote is None:
                hours += rounded(60 * quantity, plain.step, 0)
                assert hours <= max(rounded(60, plain.step, plain.least_visit), 60)
            elif rng.random() < 0.8:
                approve_paid_work(uow, made.quote.id, 1, firm.boss, PRESS)
                plain.agreed.append((code, quantity))
            else:
                decline_paid_work(uow, made.quote.id, 1, firm.boss, PRESS)
    minutes = rng.choice([5, 50, 61, 130])
    office.moment += timedelta(minutes=minutes)
    plain.entries.append(("visit", NOON.date(), minutes))
    job = Job(firm, ticket, plain)
    with office.work() as uow:
        finish_work(uow, ticket.id, firm.engineer)
        assert billed(uow, job) == plain.kopecks(), (plain, "what the client accepts by is what is billed (R10.5)")
        disputed(uow, rng, job)
        accept_work(uow, ticket.id, firm.requester)
    return job


def billed(uow: Any, job: Job) -> int:
    bill = bill_of(uow.session, uow.session.get_one(Ticket, job.ticket.id), uow.now)
    assert bill.gross == sum(line.gross for line in bill.lines) == bill.net + bill.vat
    return bill.gross


def disputed(uow: Any, rng: Random, job: Job) -> None:
    """Some lines are disputed; where time is among them it is kept, works may be given up."""
    query = select(WorkLine).where(WorkLine.ticket_id == job.ticket.id, col(WorkLine.removed_at).is_(None))
    lines = uow.session.exec(query.where(col(WorkLine.quote_id).is_not(None)).order_by(col(WorkLine.id))).all()
    in_doubt = {place for place in range(len(lines)) if rng.random() < 0.3}
    for place in sorted(in_doubt):
        dispute_work(uow, job.ticket.id, "work", lines[place].id, "Не так", job.firm.requester)
    times = uow.session.exec(select(TimeEntry.id).where(TimeEntry.ticket_id == job.ticket.id)).all()
    doubted = [entry for entry in times if rng.random() < 0.3]
    for entry in doubted:
        dispute_work(uow, job.ticket.id, "time", entry, "Дольше, чем было", job.firm.requester)
    job.keep = bool(doubted) or rng.random() < 0.5
    job.plain.given_up = set() if job.keep else in_doubt


@pytest.mark.sampled(1)
@pytest.mark.parametrize("net", [False, True])
def test_a_ticket_is_billed_what_a_plain_calculation_gives(office: TestOffice, session: Any, net: bool) -> None:
    rng, codes = Random(20261124 + net), {}
    if net:
        with office.work() as uow:
            billed_firm(uow)
            uow.session.add(TaxRegime(seller_id=1, since=date(2026, 1, 1), rate_bp=2000, inclusive=False))
    jobs = [worked(office, rng, net, codes) for _ in range(10)]
    close(office, size=20)
    with office.work() as uow:
        for job in jobs:
            ticket = uow.session.get_one(Ticket, job.ticket.id)
            if ticket.state == "disputed":
                resolve_dispute(uow, ticket.id, job.keep, job.firm.dispatcher)
                assert billed(uow, job) == job.plain.kopecks(), (job.plain, "after the dispute")
                accept_work(uow, ticket.id, job.firm.requester)
            assert billed(uow, job) == job.plain.kopecks(), (job.plain, "accepted")
    close(office, DECEMBER, AFTER_DECEMBER, size=20)
    session.rollback()
    for job in jobs:
        papers = session.exec(select(Statement.gross).where(Statement.contract_id == job.firm.contract)).all()
        assert sum(papers) == job.plain.kopecks(), (job.plain, papers)
    with office.work() as uow:
        assert all(billed(uow, job) == job.plain.kopecks() for job in jobs), "on paper too"
    acts = session.exec(select(Document.gross).where(Document.kind == "act")).all()
    assert sum(acts) == sum(job.plain.kopecks() for job in jobs)
