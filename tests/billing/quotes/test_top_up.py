"""Hours bought when a pool runs out: one yes, one grant, one line in a statement; on both databases (R4.8)."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot.billing.documents.issued import statement_view, top_up_of_line
from bot.billing.hours.models import PoolEntry
from bot.billing.prices.models import PriceLine
from bot.billing.quotes.approve import OverLimit, Press, QuoteOutdated
from bot.billing.quotes.models import TopUp, TopUpState
from bot.billing.quotes.send import text_hash
from bot.billing.quotes.top_up import approve_top_up, ask_top_up, offer_top_up
from bot.clients.models import ClientRole, Membership, Site, StaffRole
from bot.db.errors import NotAllowed, NotFound
from tests.builders.appeals import add
from tests.builders.bills import AFTER_DECEMBER, DECEMBER, billed_firm, close, documents_of, lines_of, statement_of
from tests.builders.jobs import Firm, build_firm, person, worker
from tests.conftest import TestOffice

PRESS = Press(1, 2, "ru", "top_up.approve")


def test_a_top_up_at_the_list_price_is_granted_once(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=60)
        with pytest.raises(NotFound):
            ask_top_up(uow, firm.contract, 300, firm.requester)
        top_up = ask_top_up(uow, firm.contract, 300, firm.boss)
        assert (top_up.state, top_up.kopecks, top_up.vat) == (TopUpState.OFFERED, 1_250_000, 225_410)
        assert "5\u00a0ч" in top_up.texts["ru"]
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


def bought(uow: Any, firm: Firm, by: int | None = None) -> TopUp:
    top_up = ask_top_up(uow, firm.contract, 300, firm.boss)
    return approve_top_up(uow, top_up.id, by or firm.boss, PRESS)[0]


def test_bought_hours_are_billed_once_with_who_said_yes(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, minutes=60)
        bought(uow, firm)
        ask_top_up(uow, firm.contract, 600, firm.boss)  # offered, never approved
    close(office)
    close(office, DECEMBER, AFTER_DECEMBER)
    statement = statement_of(session, firm.contract)
    (line,) = lines_of(session, statement)
    assert (line.kind, line.quantity, line.unit, line.gross, line.vat) == ("top_up", 1, "шт", 1_250_000, 225_410)
    assert (line.name, line.work_date) == ("Предоплаченные часы: 5\u00a0ч", date(2026, 11, 24))
    assert top_up_of_line(session, line).person == "Орлова"
    documents = documents_of(session, statement)
    assert (documents["invoice"].gross, documents["act"].gross) == (1_250_000, 1_250_000)
    assert statement_of(session, firm.contract, DECEMBER) is None


def test_hours_bought_after_the_month_go_to_the_next_one(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, minutes=60, fee=100_000)
    office.moment += timedelta(days=8)
    with office.work() as uow:
        bought(uow, firm)
    close(office)
    close(office, DECEMBER, AFTER_DECEMBER)
    assert [line.kind for line in lines_of(session, statement_of(session, firm.contract))] == ["fee"]
    fee, hours = lines_of(session, statement_of(session, firm.contract, DECEMBER))
    assert (fee.kind, hours.kind, hours.late) == ("fee", "top_up", False)


def never_said(_uow: Any, top_up: TopUp, _firm: Firm) -> None:
    top_up.approved_at = top_up.approved_by = None


def said_too_late(_uow: Any, top_up: TopUp, _firm: Firm) -> None:
    top_up.valid_until = top_up.approved_at - timedelta(minutes=1)


def said_to_another_text(_uow: Any, top_up: TopUp, _firm: Firm) -> None:
    top_up.texts = {lang: f"{text}!" for lang, text in top_up.texts.items()}


def said_by_a_requester(_uow: Any, top_up: TopUp, firm: Firm) -> None:
    top_up.approved_by = firm.requester


def said_above_the_limit(_uow: Any, top_up: TopUp, firm: Firm) -> None:
    top_up.approved_by = firm.approver


def said_for_one_site_only(uow: Any, _top_up: TopUp, firm: Firm) -> None:
    right = uow.session.exec(select(Membership).where(Membership.person_id == firm.boss)).one()
    right.site_id = add(uow.session, Site(company_id=firm.company, code="s", name="Офис")).id


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    ("forced", "reason"),
    [
        (never_said, "not_approved"),
        (said_too_late, "expired"),
        (said_to_another_text, "changed"),
        (said_by_a_requester, "wrong_person"),
        (said_above_the_limit, "over_limit"),
        (said_for_one_site_only, "wrong_person"),
    ],
)
def test_hours_without_a_yes_that_stands_are_left_out_and_said(
    office: TestOffice, session: Any, forced: Any, reason: str
) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, minutes=60, fee=100_000)
        forced(uow, bought(uow, firm), firm)
    close(office)
    statement = statement_of(session, firm.contract)
    assert statement.gross == 100_000
    assert [(each["ticket"], each["reason"]) for each in statement.left_out] == [(None, reason)]
    assert statement_view(session, statement.id).covered_minutes == 0


def test_bought_hours_use_up_the_month_limit(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=60)
        limited = person(uow.session, "Второй", firm.company, ClientRole.APPROVER, month_limit=2_000_000)
        assert bought(uow, firm, limited).state is TopUpState.APPROVED
        with pytest.raises(OverLimit):
            bought(uow, firm, limited)
