"""Ceilings of objects by file: set with the person's right, written once, ended by the next; refused without one."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.billing.quotes.ceilings import set_ceiling
from bot.billing.quotes.models import Ceiling
from bot.clients.models import StaffRole
from bot.db.errors import NotAllowed
from bot.imports.files.findings import BadImportError
from tests.builders.jobs import build_firm, worker
from tests.conftest import TestOffice
from tests.imports.folder import load, small

PEOPLE = (
    "code;name;phone;company;roles;job_limit\n"
    "anna;Анна;+79001234567;shop;approver;3 750,00\n"
    "petr;Пётр;+79001234568;shop;requester;\n"
)


def ceilings(session: Session) -> list[tuple[int, bool]]:
    rows = session.exec(select(Ceiling).order_by(col(Ceiling.id))).all()
    return [(row.kopecks, row.ended_at is None) for row in rows]


def test_a_ceiling_is_loaded_once_and_the_next_one_ends_it(
    office: TestOffice, tmp_path: Path, session: Session
) -> None:
    path = small(tmp_path / "in", people=PEOPLE, ceilings="object;amount;granted_by\nt1;3000;anna\n")
    assert load(office, path).counts["ceilings"].added == 1
    assert load(office, path).changed_nothing
    office.moment += timedelta(days=1)
    load(office, small(tmp_path / "in", people=PEOPLE, ceilings="объект;потолок;разрешил\nt1;2 500,50;anna\n"))
    assert ceilings(session) == [(300_000, False), (250_050, True)]


@pytest.mark.parametrize("row", ["t1;3000;petr", "t1;5000;anna"])
def test_nobody_gives_more_than_they_may_approve(
    office: TestOffice, tmp_path: Path, session: Session, row: str
) -> None:
    path = small(tmp_path / "in", people=PEOPLE, ceilings=f"object;amount;granted_by\n{row}\n")
    with pytest.raises(BadImportError) as refused:
        load(office, path)
    assert "не может дать этот лимит" in refused.value.text("ru")
    assert ceilings(session) == []


def test_our_manager_may_set_it_and_a_stranger_may_not(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
        made = set_ceiling(uow, firm.till, 500_000, manager)
        assert (made.granted_by, made.granted_at) == (manager, uow.now)
        for stranger in (firm.outsider, firm.requester, firm.engineer):
            with pytest.raises(NotAllowed):
                set_ceiling(uow, firm.till, 100, stranger)
