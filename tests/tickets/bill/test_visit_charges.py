"""R5.6 from the import to the bill: call-out, road, minimum on site, diagnostics credit, included visits."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.billing.hours.balances import pool_balances
from bot.billing.hours.models import Pool
from bot.billing.hours.plans import own_plans
from bot.billing.prices.models import WorkItem
from bot.billing.quotes.models import QuoteState
from bot.billing.quotes.send import version_of
from bot.billing.scope.explain import ScopeAudit, explained
from bot.billing.work.rounding import Way
from bot.clients.models import Company, Contract, ServiceObject, Site
from bot.handlers.client.balance.screens import CompanyBalance
from bot.imports.files.findings import BadImportError
from bot.messaging.notices.texts import render
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.life.models import Ticket
from bot.tickets.offers.answer import approve_paid_work, decline_paid_work
from bot.tickets.opening.cancel import cancel_ticket
from bot.tickets.work.accept import accept_work
from bot.tickets.work.add import add_work
from bot.tickets.work.finish import finish_work
from tests.builders.bills import PRESS, billed_firm, close, lines_of, quote_of, statement_of, work
from tests.builders.jobs import Firm, opened
from tests.conftest import TestOffice
from tests.imports.folder import load

ITEMS = "код;название;вид работ\nCALL;Выезд инженера;ремонт\nZONE2;Дорога, зона 2;прочее\nKM;Дорога;прочее\n"
ITEMS += "DIAG;Диагностика;прочее\nFIX;Замена платы;прочее\n"
LINES = "прейскурант;работа;цена\nroad;CALL;1500\nroad;ZONE2;700\nroad;KM;40\nroad;DIAG;900\nroad;FIX;2500\n"
LISTS = "код;название;для кого\nroad;Выезды;все\n"


def charged(office: TestOffice, folder: Path, road: str = "", km: str = "", **terms: Any) -> Firm:
    """A firm whose contract charges visits; works, prices and the road of its site are imported."""
    with office.work() as uow:
        firm = billed_firm(uow, terms={"callout": "CALL", "travel": bool(road), **terms})
        thing = uow.session.get(ServiceObject, firm.till)
        site = Site(company_id=firm.company, code="shop", name="Магазин")
        uow.session.add(site)
        uow.session.flush()
        thing.site_id = site.id
        code = uow.session.get_one(Company, firm.company).code
    folder.mkdir(exist_ok=True)
    (folder / "sites.csv").write_text(f"компания;код;название;дорога;километры\n{code};shop;Магазин;{road};{km}\n")
    for name, text in (("work_items", ITEMS), ("price_lists", LISTS), ("price_lines", LINES)):
        (folder / f"{name}.csv").write_text(text)
    load(office, folder)
    return firm


def shown(uow: Any, ticket: Ticket) -> str:
    return str(version_of(uow.session, quote_of(uow, ticket)).texts["ru"]).replace("\u00a0", " ")


def billed(office: TestOffice, session: Any, firm: Firm, ticket_id: int) -> list[tuple[str, int, int]]:
    with office.work() as uow:
        ticket = uow.session.get_one(Ticket, ticket_id)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
        work(uow, firm, ticket, 60)
        accept_work(uow, ticket_id, firm.requester)
    close(office)
    return [(line.name, line.quantity, line.gross) for line in lines_of(session, statement_of(session, firm.contract))]


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("road", "km", "said", "line"),
    [
        ("ZONE2", "", "Дорога, зона 2: 1 × 700 ₽ = 700 ₽", ("Дорога, зона 2", 1, 70_000)),
        ("KM", "25", "Дорога: 25 км × 40 ₽ = 1 000 ₽", ("Дорога", 25, 100_000)),
    ],
)
def test_a_paid_visit_costs_the_call_out_and_the_road_by_zone_or_by_kilometre(
    office: TestOffice, session: Any, tmp_path: Path, road: str, km: str, said: str, line: tuple[str, int, int]
) -> None:
    firm = charged(office, tmp_path, road, km)
    with office.work() as uow:
        ticket = opened(uow, firm)
        text = shown(uow, ticket)
        [decision] = explained(uow.session, ticket.id)
        auditor = render("scope/auditor", "ru", ScopeAudit(1, [decision], {}, [])).replace("\u00a0", " ")
    assert said in text and "Выезд инженера: 1 × 1 500 ₽ = 1 500 ₽" in text
    assert f"Платно {road}: {line[1]} {'км' if km else 'шт'}" in auditor and decision.again == "same"
    assert billed(office, session, firm, ticket.id)[1:] == [("Выезд инженера", 1, 150_000), line]


def test_remote_work_has_no_way_to_pay_for(office: TestOffice, tmp_path: Path) -> None:
    clause = {"exclusions": [{"clause": "п. 3", "work_types": ["repair"]}]}
    firm = charged(office, tmp_path, "ZONE2", **clause)
    with office.work() as uow:
        assert "Дорога" not in shown(uow, opened(uow, firm, way=Way.REMOTE))


def test_a_road_that_nobody_measured_needs_an_estimate_and_is_never_free(office: TestOffice, tmp_path: Path) -> None:
    firm = charged(office, tmp_path, "ZONE2")
    with office.work() as uow:
        uow.session.get(ServiceObject, firm.till).site_id = None
        uow.session.flush()
        ticket = opened(uow, firm)
        assert (ticket.coverage, quote_of(uow, ticket)) == ("ESTIMATE_NEEDED", None)


def test_a_shorter_visit_is_quoted_and_told_at_the_minimum_on_site(office: TestOffice, tmp_path: Path) -> None:
    firm = charged(office, tmp_path, minimum_visit=120)
    with office.work() as uow:
        text = shown(uow, opened(uow, firm))
    assert "2 ч по 2 500 ₽ в час = 5 000 ₽" in text and "Время на месте считаем не меньше чем за 2 ч." in text


def test_an_included_visit_pays_the_way_once_and_comes_back_from_a_cancelled_job(
    office: TestOffice, session: Any, tmp_path: Path
) -> None:
    firm = charged(office, tmp_path, "ZONE2")
    number = session.get_one(Contract, firm.contract).number
    header = "код;договор;вид;единица;объем;начало"
    (tmp_path / "pools.csv").write_text(f"{header}\nv1;{number};предоплата;выезды;1;01.11.2026\n")
    load(office, tmp_path)
    with office.work() as uow:
        first = opened(uow, firm)
        text = shown(uow, first)
        approve_paid_work(uow, quote_of(uow, first).id, 1, firm.approver, PRESS)
        second = opened(uow, firm)
        dearer = shown(uow, second)
        checks = {check.name: check.passed for check in explained(uow.session, second.id)[0].checks}
    assert "Выезд и дорога входят в договор" in text and "Дорога, зона 2" not in text
    assert "Дорога, зона 2" in dearer and checks["visit_included"] is False
    with office.work() as uow:
        cancel_ticket(uow, first.id, firm.requester)
        third = opened(uow, firm)
        approve_paid_work(uow, quote_of(uow, third).id, 1, firm.approver, PRESS)
        work(uow, firm, third, 60)
        accept_work(uow, third.id, firm.requester)
    with office.work() as uow:
        [visits] = [
            each for each in pool_balances(uow.session, [firm.contract], office.moment.date()) if each.unit == "visits"
        ]
        assert (visits.used, visits.held, visits.left) == (1, 0, 0)
    close(office)
    assert [line.name for line in lines_of(session, statement_of(session, firm.contract))] == ["Час ремонта"]


def test_visits_of_a_month_come_with_the_plan(office: TestOffice, tmp_path: Path) -> None:
    firm = charged(office, tmp_path, included_visits=2)
    with office.work() as uow:
        pools = uow.session.exec(select(Pool).where(Pool.unit == "visits")).all()
        assert [(pool.kind, pool.ends.isoformat()) for pool in pools] == [("included", "2026-11-30")]
        shown = CompanyBalance(firm.company, "Ромашка", _plans(uow, firm), approves=False)
        text = render("balance/mine", "ru", shown).replace("\u00a0", " ")
    assert "осталось <b>2 выезда</b>" in text


def _plans(uow: Any, firm: Firm) -> Any:
    return own_plans(uow.session, firm.company, uow.now.date())


def test_diagnostics_are_taken_off_the_work_that_is_ordered_then(
    office: TestOffice, session: Any, tmp_path: Path
) -> None:
    firm = charged(office, tmp_path, diagnostics=["DIAG"])
    with office.work() as uow:
        items = {row.code: row.id for row in uow.session.exec(select(WorkItem)).all()}
        ticket = opened(uow, firm)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
        looked = add_work(uow, ticket.id, items["DIAG"], 1, firm.engineer)
        approve_paid_work(uow, looked.quote.id, 1, firm.approver, PRESS)
        refused = add_work(uow, ticket.id, items["FIX"], 1, firm.engineer)
        assert version_of(uow.session, refused.quote).gross == 160_000
        assert "(за вычетом 900 ₽ за диагностику)" in shown(uow, ticket)
        decline_paid_work(uow, refused.quote.id, 1, firm.approver, PRESS)
        ordered = add_work(uow, ticket.id, items["FIX"], 1, firm.engineer)
        approve_paid_work(uow, ordered.quote.id, 1, firm.approver, PRESS)
        again = add_work(uow, ticket.id, items["FIX"], 1, firm.engineer)
        assert (ordered.quote.state, version_of(uow.session, again.quote).gross) == (QuoteState.APPROVED, 250_000)
        finish_work(uow, ticket.id, firm.engineer)
        accept_work(uow, ticket.id, firm.requester)
    close(office)
    lines = lines_of(session, statement_of(session, firm.contract))
    assert [line.gross for line in lines if line.name in ("Диагностика", "Замена платы")] == [90_000, 160_000]


def test_kilometres_without_a_price_are_a_mistake_of_the_file(office: TestOffice, tmp_path: Path) -> None:
    with pytest.raises(BadImportError):
        charged(office, tmp_path, "", "25")
