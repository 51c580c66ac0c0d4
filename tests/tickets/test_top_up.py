"""Hours bought when a pool runs out: one yes, one grant."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.billing.approve_quote import OverLimit, Press, QuoteOutdated
from bot.billing.models import PoolEntry, PriceLine
from bot.billing.send_quote import text_hash
from bot.billing.top_up import approve_top_up, ask_top_up, offer_top_up
from bot.billing.top_up_models import TopUpState
from bot.clients.models import StaffRole
from bot.db.errors import NotAllowed
from tests.conftest import TestOffice
from tests.tickets.job_builders import build_firm, worker

PRESS = Press(1, 2, "ru", "top_up.approve")


def test_a_top_up_at_the_list_price_is_granted_once(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=60)
        with pytest.raises(NotAllowed):
            ask_top_up(uow, firm.contract, 300, firm.requester)
        top_up = ask_top_up(uow, firm.contract, 300, firm.boss)
        assert (top_up.state, top_up.kopecks, top_up.vat) == (TopUpState.OFFERED, 1_250_000, 225_410)
        assert "5\u00a0часов" in top_up.texts["ru"]
        with pytest.raises(OverLimit):
            approve_top_up(uow, top_up.id, firm.approver, PRESS)
        assert [approve_top_up(uow, top_up.id, firm.boss, PRESS)[1] for _ in range(2)] == [True, False]
        entries = uow.session.exec(select(PoolEntry).where(PoolEntry.pool_id == top_up.pool_id)).all()
        assert [(each.kind.value, each.amount) for each in entries] == [("grant", 300)]
        assert top_up.text_hash == text_hash(top_up.texts["ru"])


def test_without_a_list_price_a_manager_names_it_and_it_expires(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=60)
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
        for line in uow.session.exec(select(PriceLine).where(col(PriceLine.item_code) == "hour:repair")).all():
            uow.session.delete(line)
        uow.session.flush()
        top_up = ask_top_up(uow, firm.contract, 600, firm.boss)
        assert top_up.state is TopUpState.ASKED
        assert "top_up/request" in office.notices.templates()
        with pytest.raises(QuoteOutdated):
            approve_top_up(uow, top_up.id, firm.boss, PRESS)
        with pytest.raises(NotAllowed):
            offer_top_up(uow, top_up.id, 2_000_000, firm.boss)
        offer_top_up(uow, top_up.id, 2_000_000, manager)
        top_up_id = top_up.id
    with office.work(now=office.moment + timedelta(days=8)) as uow, pytest.raises(QuoteOutdated):
        approve_top_up(uow, top_up_id, firm.boss, PRESS)
