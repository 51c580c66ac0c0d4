from datetime import date

import pytest
from sqlmodel import select

from bot.clients.models import Contract, Membership, ServiceObject
from bot.clients.objects import companies_of, contract_for, find_objects, object_by_qr, object_lines, visible_objects
from tests.builders.appeals import add, build_town, client
from tests.conftest import TestOffice


def test_a_person_sees_the_objects_of_their_company_or_site(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        one_site = client(uow.session, 900001, "Вера", town.shop, town.site)
        assert {o.id for o in visible_objects(uow.session, town.client, town.shop)} == {
            town.till,
            town.printer,
            town.lamp,
        }
        assert [o.id for o in visible_objects(uow.session, one_site, town.shop)] == [town.till]
        assert visible_objects(uow.session, town.client, town.cafe) == []
        assert visible_objects(uow.session, town.stranger, town.shop) == []
        assert len(visible_objects(uow.session, town.dispatcher, town.shop)) == 3


@pytest.mark.parametrize(
    ("words", "model"),
    [
        ("00106503", "АТОЛ 91Ф"),
        ("6503", "АТОЛ 91Ф"),
        ("инв 7", "АТОЛ 91Ф"),
        ("атол", "АТОЛ 91Ф"),
        ("vnc3z", "HP LaserJet 107a"),
        ("laserjet hp", "HP LaserJet 107a"),
        ("лампа", "Лампа"),
        ("нет такого", None),
        ("---", None),
    ],
)
def test_objects_are_found_by_any_number_or_model(office: TestOffice, words: str, model: str | None) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        found = find_objects(visible_objects(uow.session, town.client, town.shop), words)
        assert [thing.model for thing in found] == ([model] if model else [])


def test_a_sticker_gives_no_access(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        code = uow.session.get(ServiceObject, town.till).qr_code
        assert object_by_qr(uow.session, code, town.client).id == town.till
        assert object_by_qr(uow.session, code, town.other) is None
        assert object_by_qr(uow.session, "unknown", town.client) is None


def test_the_contract_follows_from_the_object(office: TestOffice) -> None:
    today = date(2026, 11, 24)
    with office.work() as uow:
        town = build_town(uow.session)
        till, printer, lamp = (uow.session.get(ServiceObject, i) for i in (town.till, town.printer, town.lamp))
        assert contract_for(uow.session, till, today).id == town.contract
        assert contract_for(uow.session, printer, today).id == town.contract  # by its site
        assert contract_for(uow.session, lamp, today) is None
        plan = uow.session.get(Contract, town.contract).plan_id
        whole = add(
            uow.session,
            Contract(company_id=town.shop, number="ALL", plan_id=plan, starts=date(2026, 1, 1), covers_all=True),
        )
        assert contract_for(uow.session, lamp, today).id == whole.id
        assert contract_for(uow.session, till, today).id == town.contract  # the listing one goes first
        assert contract_for(uow.session, till, date(2025, 12, 31)) is None


def test_an_ended_membership_is_none(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        assert [c.id for c in companies_of(uow.session, town.client)] == [town.shop]
        for row in uow.session.exec(select(Membership).where(Membership.person_id == town.client)).all():
            row.ended_at = uow.now
        uow.session.flush()
        assert companies_of(uow.session, town.client) == []
        assert visible_objects(uow.session, town.client, town.shop) == []


def test_twins_are_told_apart_by_their_site(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        lines = object_lines(uow.session, visible_objects(uow.session, town.client, town.shop))
        assert {line.title for line in lines} == {"АТОЛ 91Ф · Тверская", "HP LaserJet 107a · Арбат", "Лампа"}
