"""What is agreed within one contract for a time: hours, targets, exclusions and prices, each by its clause and days."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.billing.hours.grants import grant_included
from bot.billing.hours.models import Pool, PoolEntry
from bot.billing.quotes.models import Quote
from bot.billing.quotes.send import QuoteOutdated, version_of
from bot.billing.scope.explain import ScopeAudit, explained
from bot.billing.terms.models import Plan
from bot.billing.work.models import WorkLine
from bot.clients.models import Contract
from bot.db.errors import NotAllowed
from bot.handlers.client.quotes.presses import ShowQuote
from bot.imports.files.findings import BadImportError
from bot.messaging.notices.texts import render
from bot.tickets.bill.card import card_of, for_client
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.life.models import Ticket
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.offers.edit_specification import take_one_off
from bot.tickets.offers.offering import quote_card
from bot.tickets.work.add import add_work
from tests.builders.bills import PRESS, billed_firm, quote_of
from tests.builders.jobs import Firm, opened
from tests.builders.talk import Talk
from tests.conftest import TestOffice
from tests.imports.folder import load

BEFORE = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
WITHIN = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)
AFTER = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
CLAUSE = "п. 1 доп. соглашения № 3"


def agreed(office: TestOffice, folder: Path, columns: str, values: str, **firm: Any) -> Firm:
    """A contract with an agreement for December, imported."""
    with office.work() as uow:
        made = billed_firm(uow, **firm)
        number = uow.session.get(Contract, made.contract).number
    folder.mkdir(exist_ok=True)
    row = f"{number};{CLAUSE};01.12.2026;31.12.2026;{values}"
    (folder / "Особые условия.csv").write_text(f"договор;пункт;с;по;{columns}\n{row}\n")
    load(office, folder)
    assert load(office, folder).changed_nothing
    return made


def asked(office: TestOffice, firm: Firm, at: datetime) -> tuple[Ticket, Any]:
    office.moment = at
    with office.work() as uow:
        ticket = opened(uow, firm)
        [decision] = explained(uow.session, ticket.id)
        return ticket, decision


def test_an_exclusion_holds_on_its_days_only_and_the_explanation_names_its_clause(
    office: TestOffice, tmp_path: Path
) -> None:
    firm = agreed(office, tmp_path, "исключен способ", "выезд", unlimited=True)
    results = [asked(office, firm, at)[1] for at in (BEFORE, WITHIN, AFTER)]
    assert [each.result for each in results] == ["COVERED", "PAID", "COVERED"]
    assert [each.clause for each in results][1] == CLAUSE
    assert [each.again for each in results] == ["same"] * 3
    told = [render("scope/auditor", "ru", ScopeAudit(1, [each], {}, [])) for each in results]
    assert ["Действует особое условие договора" in each for each in told] == [False, True, False]
    assert f"({CLAUSE}); с: 2026-12-01; до: 2026-12-31" in told[1]


def test_exclusions_can_be_lifted_for_a_time(office: TestOffice, tmp_path: Path) -> None:
    firm = agreed(office, tmp_path, "без исключений", "да")
    with office.work() as uow:
        plan = uow.session.get(Plan, uow.session.get(Contract, firm.contract).plan_id)
        plan.unlimited = True
    assert [asked(office, firm, at)[1].result for at in (BEFORE, WITHIN, AFTER)] == ["PAID", "COVERED", "PAID"]


def test_a_faster_target_and_a_dearer_night_hold_on_their_days(office: TestOffice, tmp_path: Path) -> None:
    columns = "реакция обычный;решение обычный;коэффициент SLA"
    firm = agreed(office, tmp_path, columns, "30;60;200")
    waits, grosses = [], []
    for at in (BEFORE, WITHIN):
        ticket, decision = asked(office, firm, at)
        waits.append((ticket.reaction_due - at).total_seconds() // 60)
        grosses.append(decision.kopecks)
    assert waits == [120, 30]
    assert grosses == [250_000, 500_000]


def test_hours_of_the_months_it_covers_are_its_own(office: TestOffice, tmp_path: Path) -> None:
    firm = agreed(office, tmp_path, "включено;включено выездов", "10 ч;2", unlimited=False)
    for day in (date(2026, 11, 24), date(2026, 12, 1), date(2027, 1, 1)):
        with office.work() as uow:
            grant_included(uow, day)
    with office.work() as uow:
        query = select(Pool.unit, Pool.starts, PoolEntry.amount).join(PoolEntry, PoolEntry.pool_id == Pool.id)
        rows = uow.session.exec(query.where(Pool.contract_id == firm.contract)).all()
    assert sorted((unit, day.isoformat(), amount) for unit, day, amount in rows) == [
        ("minutes", "2026-12-01", 600),
        ("visits", "2026-12-01", 2),
    ]


def test_prices_for_a_time_are_dated_lines_of_the_contracts_own_list(office: TestOffice, tmp_path: Path) -> None:
    with office.work() as uow:
        firm = billed_firm(uow)
        number = uow.session.get(Contract, firm.contract).number
    (tmp_path / "price_lists.csv").write_text(f"код;название;для кого;договор\nown;Свои;договор;{number}\n")
    line = "own;hour:repair;2 000;01.12.2026;31.12.2026"
    (tmp_path / "price_lines.csv").write_text(f"прейскурант;работа;цена;с;по\n{line}\n")
    load(office, tmp_path)
    assert [asked(office, firm, at)[1].kopecks for at in (BEFORE, WITHIN, AFTER)] == [250_000, 200_000, 250_000]


def test_what_a_category_of_clients_sees_a_contract_can_say_otherwise(office: TestOffice, tmp_path: Path) -> None:
    (tmp_path / "categories.csv").write_text("код;видит спецификацию\nstandard;нет\n")
    load(office, tmp_path)
    shown = []
    for own in (None, {"shows_specification": True}):
        with office.work() as uow:
            firm = billed_firm(uow, unlimited=True)
            uow.session.get(Contract, firm.contract).terms = own or {}
            uow.session.flush()
            ticket = opened(uow, firm)
            take_ticket(uow, ticket.id, firm.engineer)
            start_work(uow, ticket.id, firm.engineer)
            add_work(uow, ticket.id, firm.cleaning, 1, firm.engineer)
            card = card_of(uow.session, ticket, uow.now)
            shown.append([line.name for line in for_client(uow.session, ticket, card).works])
    assert shown == [[], ["Чистка"]]


def test_an_agreement_needs_its_clause_and_days_in_order(office: TestOffice, tmp_path: Path) -> None:
    (tmp_path / "overrides.csv").write_text("договор;пункт;с;по\nД-1;;31.12.2026;01.12.2026\n")
    with pytest.raises(BadImportError) as refused:
        load(office, tmp_path)
    assert "пусто, а значение обязательно" in refused.value.text("ru")


def test_a_quote_of_another_month_is_not_touched(office: TestOffice, tmp_path: Path) -> None:
    firm = agreed(office, tmp_path, "коэффициент SLA", "200")
    ticket, _ = asked(office, firm, BEFORE)
    office.moment = WITHIN
    with office.work() as uow:
        assert quote_of(uow, ticket).version == 1


async def test_a_client_who_may_edit_the_specification_takes_less_before_the_yes(talk: Talk, session: Session) -> None:
    with talk.office.work() as uow:
        firm = billed_firm(uow, terms={"edits_specification": True})
        ticket = opened(uow, firm)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
        added = add_work(uow, ticket.id, firm.part, 3, firm.engineer)
    talk._buttons[talk.account(firm.approver), "карточка"] = ShowQuote(quote=added.quote.id).pack()
    await talk.press(firm.approver, "карточка")
    text = await talk.press(firm.approver, "➖ Головка: 2 вместо 3")
    assert "версия 2" in text and "2 × 3 200 ₽ = 6 400 ₽" in text.replace("\u00a0", " ")
    with talk.office.work() as uow:
        assert uow.session.get_one(WorkLine, added.line.id).quantity == 2
        quote = uow.session.get_one(Quote, added.quote.id)
        assert (quote.version, version_of(uow.session, quote).gross) == (2, 640_000)
        with pytest.raises(QuoteOutdated):
            take_one_off(uow, quote.id, 1, 0, firm.approver)
        with pytest.raises(NotAllowed):
            take_one_off(uow, quote.id, 2, 0, firm.requester)


def test_others_have_no_such_button_and_no_such_right(office: TestOffice) -> None:
    with office.work() as uow:
        firm = billed_firm(uow)
        ticket = opened(uow, firm)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
        added = add_work(uow, ticket.id, firm.part, 3, firm.engineer)
        assert quote_card(uow, added.quote).editable == []
        with pytest.raises(NotAllowed):
            take_one_off(uow, added.quote.id, 1, 0, firm.approver)
