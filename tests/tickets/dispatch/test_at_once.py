"""Two people at the same moment over one ticket, one quote, one pool; on both databases (R7.4)."""

from threading import Barrier, Thread
from typing import Any

from sqlmodel import select

from bot.billing.quotes.approve import Press, QuoteOutdated
from bot.billing.quotes.models import Approval
from bot.db.errors import Refusal
from bot.tickets.dispatch.take import TakenAlready, take_ticket
from bot.tickets.life.models import TicketState
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.opening.cancel import cancel_ticket
from tests.builders.bills import quote_of
from tests.builders.jobs import balance, build_firm, opened
from tests.conftest import TestOffice

PRESS = Press(user_id=1, message_id=2, language="ru")
S = TicketState


def at_once(office: TestOffice, *acts: Any) -> list[Any]:
    """Run acts in threads of their own, each in its own transaction; what each returned or raised."""
    barrier, results = Barrier(len(acts)), [None] * len(acts)

    def run(place: int) -> None:
        barrier.wait()
        try:
            with office.work() as uow:
                results[place] = acts[place](uow)
        except Refusal as refusal:
            results[place] = refusal

    threads = [Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_two_approvals_at_once_leave_one(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        quote_id = quote_of(uow, opened(uow, firm)).id
    results = at_once(
        office,
        *(
            lambda uow, who=who: approve_paid_work(uow, quote_id, 1, who, PRESS).repeated
            for who in (firm.approver, firm.boss, firm.approver, firm.boss)
        ),
    )
    assert results.count(False) == 1
    assert all(result in (False, True) or isinstance(result, QuoteOutdated) for result in results)
    with office.work() as uow:
        assert len(uow.session.exec(select(Approval)).all()) == 1


def test_two_engineers_at_once_one_wins(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket_id = opened(uow, firm).id
    results = at_once(
        office,
        lambda uow: take_ticket(uow, ticket_id, firm.engineer).engineer_id,
        lambda uow: take_ticket(uow, ticket_id, firm.other_engineer).engineer_id,
    )
    assert sum(isinstance(result, TakenAlready) for result in results) == 1


def test_two_tickets_at_once_never_hold_the_same_minutes(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=90)
        cancel_ticket(uow, opened(uow, firm).id, firm.requester)  # the series of numbers exists
    at_once(office, lambda uow: opened(uow, firm).id, lambda uow: opened(uow, firm).id)
    with office.work() as uow:
        left, held, _ = balance(uow, firm)
        assert (left, held) == (30, 60)  # the second waits for a yes to what the hours don't cover
