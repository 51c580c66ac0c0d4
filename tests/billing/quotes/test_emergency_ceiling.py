"""What an urgent ticket may cost without being asked is one sum for the ticket, not one for each addition (R7.10)."""

import pytest

from bot.billing.quotes.models import QuoteState
from bot.tickets.offers.answer import approve_paid_work
from tests.builders.bills import PRESS, quote_of
from tests.conftest import TestOffice
from tests.tickets.work.test_added_works import added, begun

CEILING = 1_000_000  # 10 000,00; the hour of the ticket is 2 500,00, a fixed work 7 000,00


@pytest.mark.parametrize("quantities", [(2,), (1, 1)])
def test_what_passes_the_ceiling_in_all_is_asked_for(office: TestOffice, quantities: tuple[int, ...]) -> None:
    with office.work() as uow:
        job = begun(uow, emergency=True, approve=False, terms={"emergency_ceiling": CEILING})
        assert quote_of(uow, job.ticket).state is QuoteState.APPROVED
        *within, last = [added(uow, job, "fixed-repair", each).quote for each in quantities]
        assert [each.state for each in within] == [QuoteState.APPROVED] * len(within)
        assert last.state is QuoteState.SENT
        approve_paid_work(uow, last.id, 1, job.firm.boss, PRESS)
        assert last.state is QuoteState.APPROVED
