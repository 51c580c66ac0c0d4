"""Two who give one thing at the same moment leave one live row; the second reads what the first left."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from bot.billing.debts.handle import dispute_invoice, exempt_debtor
from bot.billing.debts.models import Debt, DebtExemption, InvoiceDispute
from bot.billing.debts.report import keep_own
from bot.billing.debts.rule import DebtLevel
from bot.billing.prices.models import PriceList
from bot.billing.quotes.ceilings import set_ceiling
from bot.billing.quotes.models import Ceiling
from bot.clients.consent import give_consent
from bot.clients.identification.recognise import move_account
from bot.clients.models import Account, ClientRole, Consent, Employment, Membership, Person, StaffRole
from bot.clients.people import admit, hire
from bot.db.trouble import lost_race
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import AccountId, Messenger
from tests.builders.jobs import Firm, build_firm, worker
from tests.conftest import NOON, TestOffice

TG = Messenger.TELEGRAM
PHONE = "+79165550101"


def at_once(office: TestOffice, act: Callable[[UnitOfWork], Any]) -> None:
    """Two transactions that have both read before either writes; the one that loses is done again, as a turn is."""
    both, lost = Barrier(2), list[BaseException]()

    def run() -> None:
        for attempt in range(3):
            met: list[bool] = [attempt > 0]
            try:
                with office.work() as uow:

                    def meet(_session: Session, _context: Any, _rows: Any, met: list[bool] = met) -> None:
                        if not met[0] and not office.database.is_sqlite:
                            met[0] = True
                            both.wait(20)

                    event.listen(uow.session, "before_flush", meet)
                    act(uow)
            except IntegrityError as error:
                lost.append(error)
            else:
                return

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all(map(lost_race, lost))


def known(office: TestOffice) -> tuple[Firm, int, int]:
    """The firm, our manager, and a person whom both name by phone."""
    with office.work() as uow:
        firm = build_firm(uow.session)
        manager = worker(uow.session, "Мария", StaffRole.ADMIN)
        person = Person(name="Новый", phone=PHONE, created_at=uow.now)
        uow.session.add(person)
        uow.session.flush()
        return firm, manager, person.id


def live(office: TestOffice, model: Any, *conditions: Any) -> int:
    with office.database.read() as session:
        return len(session.exec(select(model).where(*conditions)).all())


def test_a_role_of_ours(office: TestOffice) -> None:
    _, manager, person = known(office)
    at_once(office, lambda uow: hire(uow, "Новый", PHONE, StaffRole.ENGINEER, manager))
    assert live(office, Employment, Employment.person_id == person, col(Employment.ended_at).is_(None)) == 1


def test_a_role_at_a_client(office: TestOffice) -> None:
    firm, manager, person = known(office)
    at_once(office, lambda uow: admit(uow, firm.company, "Новый", PHONE, ClientRole.APPROVER, manager))
    assert live(office, Membership, Membership.person_id == person, col(Membership.ended_at).is_(None)) == 1


def test_a_consent(office: TestOffice) -> None:
    _, _, person = known(office)
    at_once(office, lambda uow: give_consent(uow, person, AccountId(TG, 5), "ru", None))
    assert live(office, Consent, Consent.person_id == person, col(Consent.withdrawn_at).is_(None)) == 1


def test_an_account(office: TestOffice) -> None:
    _, _, person = known(office)
    numbers = iter(range(7_000, 7_100))
    at_once(
        office,
        lambda uow: move_account(uow, uow.session.get_one(Person, person), AccountId(TG, next(numbers))),
    )
    assert live(office, Account, Account.person_id == person, col(Account.unlinked_at).is_(None)) == 1


def test_a_ceiling(office: TestOffice) -> None:
    firm, _, _ = known(office)
    sums = iter(range(100_000, 900_000, 100_000))
    with office.work() as uow:
        set_ceiling(uow, firm.till, 50_000, firm.boss)
    without_meeting(office, lambda uow: set_ceiling(uow, firm.till, next(sums), firm.boss))
    assert live(office, Ceiling, Ceiling.object_id == firm.till, col(Ceiling.ended_at).is_(None)) == 1


def test_an_exemption(office: TestOffice) -> None:
    firm, manager, _ = known(office)
    without_meeting(office, lambda uow: exempt_debtor(uow, firm.company, DebtLevel.D1, "Обещали", 5, manager))
    assert live(office, DebtExemption, col(DebtExemption.ended_at).is_(None)) == 1


def test_a_dispute(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=20)
        debt = uow.session.exec(select(Debt.id).where(Debt.company_id == firm.company)).one()
    without_meeting(office, lambda uow: dispute_invoice(uow, firm.company, debt, "Не получали", firm.boss))
    assert live(office, InvoiceDispute, col(InvoiceDispute.settled_at).is_(None)) == 1


def test_a_debt_of_ours(office: TestOffice) -> None:
    firm, _, _ = known(office)
    day = NOON.date()
    at_once(office, lambda uow: keep_own(uow, firm.company, "1", day, day, 100, paid_on=None))
    assert live(office, Debt, Debt.company_id == firm.company, col(Debt.ended_at).is_(None)) == 1


def without_meeting(office: TestOffice, act: Callable[[UnitOfWork], Any]) -> None:
    """Two at once of an act that locks what both would write for: the second waits before it reads."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with office.work() as uow:
                act(uow)
        except BaseException as error:
            failed.append(error)

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []


@pytest.mark.parametrize(
    "row",
    [
        lambda firm, now: PriceList(code="same", name="Основной", scope="default"),
        lambda firm, now: Ceiling(
            company_id=firm.company, object_id=firm.till, kopecks=1, granted_by=firm.boss, granted_at=now
        ),
        lambda firm, now: Debt(company_id=firm.company, invoice="1", kopecks=1, due=now.date(), reported_at=now),
        lambda firm, now: Debt(
            company_id=firm.company, invoice="1", issued_on=now.date(), kopecks=1, due=now.date(), reported_at=now
        ),
        lambda firm, now: InvoiceDispute(
            company_id=firm.company, invoice="1", person_id=firm.boss, reason="х", made_at=now
        ),
        lambda firm, now: Membership(
            person_id=firm.outsider, company_id=firm.company, role=ClientRole.OWNER, granted_at=now
        ),
        lambda firm, now: DebtExemption(
            company_id=firm.company, level=DebtLevel.D1, reason="х", until=now.date(), given_by=firm.boss, given_at=now
        ),
    ],
)
def test_the_database_takes_no_second_live_row(office: TestOffice, row: Callable[..., Any]) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        uow.session.add(row(firm, uow.now))
    with pytest.raises(IntegrityError), office.work() as uow:
        uow.session.add(row(firm, uow.now))
