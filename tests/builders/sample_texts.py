"""What clients read in ten typical cases, told by the real acts through the real templates: `docs/texts.md`.

`python -m tests.builders.sample_texts` writes the file anew; a test holds it current.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import select

from bot.billing.quotes.approve import OverLimit, Press
from bot.billing.quotes.models import Quote
from bot.clients.models import ClientRole, Contract, Employment, Membership, ServiceObject
from bot.db.engine import Database
from bot.db.schema.migrating import upgrade
from bot.messaging.notices.subjects import RefusalSaid
from bot.messaging.notices.texts import render
from bot.sandbox.markup.html import parse_html
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.offers.estimate import send_estimate
from tests.builders.held_tickets import remind_all
from tests.builders.jobs import Firm, build_firm, opened, person
from tests.conftest import TestOffice

PAGE = Path(__file__).resolve().parents[2] / "docs" / "texts.md"
HEAD = """# Что читает клиент

Десять типичных случаев. Страница сделана из шаблонов теми же действиями, которые работают в боте
(`python -m tests.builders.sample_texts`), и тест следит, чтобы она не отставала.
"""
Tell = Callable[[Any], Firm]


@dataclass(frozen=True)
class Case:
    """A story with its name and what it does."""

    title: str
    play: Tell


def _covered(uow: Any) -> Firm:
    firm = _firm(uow, minutes=600)
    opened(uow, firm)
    return firm


def _partly(uow: Any) -> Firm:
    firm = _firm(uow, minutes=30)
    opened(uow, firm)
    return firm


def _hours_run_out(uow: Any) -> Firm:
    firm = _firm(uow, minutes=60)
    opened(uow, firm)
    uow.teller.told.clear()
    opened(uow, firm)
    return firm


def _excluded(uow: Any) -> Firm:
    firm = _firm(uow)
    opened(uow, firm)
    return firm


def _warranty(uow: Any) -> Firm:
    firm = _firm(uow)
    uow.session.get(ServiceObject, firm.till).warranty_until = uow.now.date() + timedelta(days=90)
    opened(uow, firm)
    return firm


def _debtor(uow: Any) -> Firm:
    firm = _firm(uow, debt=40)
    person(uow.session, "Счётова", firm.company, ClientRole.FINANCE)
    opened(uow, firm)
    remind_all(uow)
    return firm


def _emergency(uow: Any) -> Firm:
    firm = _firm(uow)
    opened(uow, firm, emergency=True)
    return firm


def _above_the_limit(uow: Any) -> Firm:
    firm = _firm(uow)
    right = uow.session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
    right.job_limit = 100_000
    ticket = opened(uow, firm, by=firm.approver)
    quote = uow.session.exec(select(Quote).where(Quote.ticket_id == ticket.id)).one()
    try:
        approve_paid_work(uow, quote.id, 1, firm.approver, Press())
    except OverLimit as refused:
        uow.teller.told.append(_Alert(firm.approver, RefusalSaid(refused.key, refused.values)))
    return firm


def _up_to(uow: Any) -> Firm:
    firm = _firm(uow)
    ticket = opened(uow, firm)
    uow.teller.told.clear()
    send_estimate(uow, ticket.id, 450_000, "Замена блока питания", firm.dispatcher, [(80_000, "Чистка механизма")])
    return firm


def _unlimited(uow: Any) -> Firm:
    firm = _firm(uow, unlimited=True)
    opened(uow, firm)
    return firm


CASES = (
    Case("Работа входит в договор", _covered),
    Case("Часов хватает только на часть", _partly),
    Case("Часы закончились", _hours_run_out),
    Case("Работа, которой нет в договоре", _excluded),
    Case("Гарантия", _warranty),
    Case("Есть долг", _debtor),
    Case("Авария", _emergency),
    Case("Сумма выше лимита согласующего", _above_the_limit),
    Case("Оценка «до N»", _up_to),
    Case("Старый договор без ограничений", _unlimited),
)


@dataclass
class _Alert:
    """A short answer to a press, shown like a notice."""

    person_id: int
    subject: RefusalSaid
    template: str = "errors/refusal"
    urgent: bool = True

    @property
    def audience(self) -> "_Alert":
        return self

    def addresses(self, _session: Any) -> list["_Alert"]:
        return [self]


def page(office: TestOffice) -> str:
    """The whole page."""
    return HEAD + "".join(part for place, case in enumerate(CASES, 1) for part in _told(office, place, case))


def _told(office: TestOffice, place: int, case: Case) -> Iterator[str]:
    office.told.clear()
    with office.work() as uow:
        firm = case.play(uow)
        yield f"\n## {place}. {case.title}\n"
        said: dict[tuple[str, str], list[str]] = {}
        for told in office.told:
            readers = [each.person_id for each in told.audience.addresses(uow.session)]
            names = [_who(uow, firm, reader) for reader in readers if reader is not None]
            text = parse_html(render(told.template, "ru", told.subject))[0]
            if any(names):
                said.setdefault((told.template, text), []).extend(name for name in names if name)
        for (_template, text), names in said.items():
            yield f"\n**{', '.join(dict.fromkeys(names))}:**\n\n" + "".join(
                f"> {line}".rstrip() + ("  \n" if line else "\n") for line in text.splitlines()
            )


def _who(uow: Any, firm: Firm, person_id: int) -> str:
    if uow.session.exec(select(Employment).where(Employment.person_id == person_id)).first() is not None:
        return ""
    if person_id not in (firm.requester, firm.approver, firm.boss):
        return "Бухгалтер"
    return {firm.requester: "Кто обратился", firm.approver: "Согласующий"}.get(person_id, "Руководитель")


def _firm(uow: Any, **kind: Any) -> Firm:
    firm = build_firm(uow.session, **kind)
    count = len(uow.session.exec(select(Contract)).all())
    uow.session.get(Contract, firm.contract).number = f"СО-2026/{count}"
    uow.session.flush()
    return firm


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/texts.db")
        upgrade(database)
        PAGE.write_text(page(TestOffice(database)), "utf-8")
        database.dispose()


if __name__ == "__main__":
    main()
