"""A ticket's bill is said at acceptance, on the card and in the proof with one sum, that of the month (R10.5)."""

import re
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.billing.prices.models import PriceLine
from bot.messaging.notices.texts import render
from bot.tickets.bill.of_ticket import bill_of
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.life.models import Ticket
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.offers.proof import proven_work
from bot.tickets.work.accept import accept_work
from bot.tickets.work.add import add_work
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.bills import PRESS, billed_firm, close, lines_of, quote_of, statement_of
from tests.builders.jobs import Firm, opened
from tests.conftest import TestOffice


def said(office: TestOffice, template: str) -> str:
    """The newest text of a template, as it is read."""
    told = next(each for each in reversed(office.told) if each.template == template)
    return " ".join(re.sub(r"<[^>]+>", "", render(template, "ru", told.subject)).replace("\u00a0", " ").split())


def job(uow: Any, firm: Firm, minutes: int, part: int = 0) -> Ticket:
    """Work done by somebody who is paid by the hour, with a part that is agreed on site."""
    ticket = opened(uow, firm)
    if (quote := quote_of(uow, ticket)) is not None:
        approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)
    take_ticket(uow, ticket.id, firm.engineer)
    start_work(uow, ticket.id, firm.engineer)
    if part:
        made = add_work(uow, ticket.id, firm.part, part, firm.engineer)
        if made.quote is not None:
            approve_paid_work(uow, made.quote.id, 1, firm.approver, PRESS)
    say_time(uow, ticket.id, minutes, "по факту", firm.engineer)
    finish_work(uow, ticket.id, firm.engineer)
    return ticket


@pytest.mark.parametrize(
    ("kind", "minutes", "part"),
    [
        ({}, 50, 0),
        ({}, 50, 3),
        ({"minutes": 600}, 50, 0),
        ({"minutes": 600}, 50, 3),
        ({"minutes": 30}, 60, 0),
        ({"minutes": 30}, 90, 3),
        ({"unlimited": True}, 50, 2),
        ({"terms": {"hourly_by_fact": True}}, 20, 0),
    ],
    ids=["paid", "paid with a part", "hours", "hours and a part", "partly", "partly, longer", "unlimited", "up to N"],
)
def test_one_sum_at_acceptance_on_the_card_in_the_proof_and_on_paper(
    office: TestOffice, session: Session, kind: dict[str, Any], minutes: int, part: int
) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, **kind)
        for line in uow.session.exec(select(PriceLine).where(col(PriceLine.item_code).like("PART%"))).all():
            line.kopecks = 33_333
        ticket = job(uow, firm, minutes, part)
        before = bill_of(uow.session, ticket, uow.now)
        accept_work(uow, ticket.id, firm.requester)
        assert bill_of(uow.session, ticket, uow.now) == before
        proof = proven_work(uow.session, ticket, "ru").total.replace("\u00a0", " ")
    close(office)
    statement = statement_of(session, firm.contract)
    paper = sum(line.gross for line in lines_of(session, statement)) if statement is not None else 0
    assert before.gross == paper
    assert before.vat == (statement.vat if statement is not None else 0)
    words = "Доплаты нет." if not paper else f"Итого к оплате по заявке № {ticket.number}: "
    assert words in said(office, "ticket/done") and words in said(office, "ticket/card")
    if paper:
        total = re.search(words + r"([\d ,]+ ₽), в том числе НДС 22 %: ([\d ,]+ ₽)", said(office, "ticket/done"))
        assert total is not None
        assert total[1] in proof and total[2] in proof, (total, proof)
    else:
        assert proof == "Доплаты нет."


def test_what_waits_for_its_price_is_not_called_free(office: TestOffice) -> None:
    with office.work() as uow:
        firm = billed_firm(uow)
        ticket = opened(uow, firm, emergency=True)
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
        say_time(uow, ticket.id, 50, "по факту", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
    assert "Доплаты нет" not in said(office, "ticket/done")
    assert "ждём" in said(office, "ticket/done")
