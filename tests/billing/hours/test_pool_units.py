"""R4.1, R4.3: pools in roubles and in points are held, drawn and shown like hours, in their own words."""

from pathlib import Path
from typing import Any

import pytest

from bot.billing.hours.balances import pool_balances
from bot.billing.hours.plans import own_plans
from bot.billing.scope.explain import explained
from bot.billing.terms.models import Plan
from bot.clients.models import Contract
from bot.handlers.client.balance.screens import CompanyBalance
from bot.messaging.notices.texts import amount, render
from bot.tickets.bill.card import card_of
from bot.tickets.life.models import Ticket
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.work.accept import accept_work
from tests.builders.bills import PRESS, billed_firm, close, lines_of, quote_of, statement_of, work
from tests.builders.jobs import Firm, opened
from tests.conftest import TestOffice
from tests.imports.folder import load


def stocked(office: TestOffice, folder: Path, unit: str, size: str, **terms: Any) -> Firm:
    """A firm whose hours are counted in another unit; the pool is imported."""
    with office.work() as uow:
        firm = billed_firm(uow, terms=terms)
        plan = uow.session.get(Plan, uow.session.get(Contract, firm.contract).plan_id)
        plan.terms = {name: value for name, value in plan.terms.items() if name != "exclusions"}
        number = uow.session.get(Contract, firm.contract).number
    folder.mkdir(exist_ok=True)
    (folder / "pools.csv").write_text(
        f"код;договор;вид;единица;объем;начало\np{firm.contract};{number};предоплата;{unit};{size};01.01.2026\n"
    )
    load(office, folder)
    return firm


def sums(office: TestOffice, firm: Firm) -> tuple[int, int, int]:
    with office.work() as uow:
        [pool] = pool_balances(uow.session, [firm.contract], office.moment.date())
        return pool.held, pool.used, pool.left


CASES = [
    ("рубли", "10 000", {}, 250_000, 375_000, 1_000_000, "2 500 ₽, после этого останется 7 500 ₽"),
    ("баллы", "100", {"point": 10_000}, 25, 38, 100, "25 баллов, после этого останется 75 баллов"),
]


@pytest.mark.parametrize(("unit", "size", "terms", "held", "used", "granted", "said"), CASES)
def test_a_job_holds_its_price_and_draws_what_was_done(
    office: TestOffice,
    session: Any,
    tmp_path: Path,
    unit: str,
    size: str,
    terms: dict[str, int],
    held: int,
    used: int,
    granted: int,
    said: str,
) -> None:
    firm = stocked(office, tmp_path, unit, size, **terms)
    with office.work() as uow:
        ticket = opened(uow, firm)
        card = render("ticket/card", "ru", card_of(uow.session, ticket, uow.now)).replace("\u00a0", " ")
        assert ticket.coverage == "COVERED_BY_HOURS" and "спишем из пакета" in card and said in card
        assert [each.again for each in explained(uow.session, ticket.id)] == ["same"]
    assert sums(office, firm) == (held, 0, granted - held)
    with office.work() as uow:
        work(uow, firm, uow.session.get_one(Ticket, ticket.id), 90)
        accept_work(uow, ticket.id, firm.requester)
    assert sums(office, firm) == (0, used, granted - used)
    with office.work() as uow:
        plans = own_plans(uow.session, firm.company, office.moment.date())
        shown = CompanyBalance(firm.company, "Ромашка", plans, approves=False)
        balance = render("balance/mine", "ru", shown).replace("\u00a0", " ")
    assert f"осталось <b>{amount(granted - used, plans[0].pools[0].unit, 'ru')}</b>".replace("\u00a0", " ") in balance
    close(office)
    (line,) = lines_of(session, statement_of(session, firm.contract))
    assert line.draws == [{"kind": "prepaid", "amount": used, "unit": plans[0].pools[0].unit}]


def test_what_the_roubles_of_a_pool_cover_is_taken_off_and_the_rest_is_paid(
    office: TestOffice, session: Any, tmp_path: Path
) -> None:
    firm = stocked(office, tmp_path, "рубли", "1 000")
    with office.work() as uow:
        ticket = opened(uow, firm)
        quote = quote_of(uow, ticket)
        assert ticket.coverage == "PARTLY"
        approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)
    assert sums(office, firm) == (100_000, 0, 0)
    with office.work() as uow:
        work(uow, firm, uow.session.get_one(Ticket, ticket.id), 60)
        accept_work(uow, ticket.id, firm.requester)
    assert sums(office, firm) == (0, 100_000, 0)
    close(office)
    assert sum(line.gross for line in lines_of(session, statement_of(session, firm.contract))) == 150_000


def test_points_without_a_price_of_a_point_need_an_estimate(office: TestOffice, tmp_path: Path) -> None:
    firm = stocked(office, tmp_path, "баллы", "100")
    with office.work() as uow:
        assert opened(uow, firm).coverage == "ESTIMATE_NEEDED"


@pytest.mark.parametrize(
    ("count", "unit", "said"),
    [
        (1, "points", "1 балл"),
        (22, "points", "22 балла"),
        (11, "points", "11 баллов"),
        (1, "visits", "1 выезд"),
        (3, "visits", "3 выезда"),
        (5, "tickets", "5 заявок"),
        (250_050, "roubles", "2 500,50 ₽"),
        (30, "minutes", "30 мин"),
    ],
)
def test_amounts_are_said_with_the_right_grammar(count: int, unit: str, said: str) -> None:
    assert amount(count, unit, "ru").replace("\u00a0", " ") == said
