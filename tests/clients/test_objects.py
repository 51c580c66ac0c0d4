from datetime import date

from sqlmodel import select

from bot.clients.models import Company, Contract, Membership, ServiceObject, Site
from bot.clients.objects import companies_of, contract_for, object_by_qr, object_lines, own_numbers, visible_objects
from tests.builders.appeals import add, build_town, client, thing
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


def test_twins_at_one_site_are_told_apart_by_what_is_written_on_them(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        shop, site = uow.session.get_one(Company, town.shop), uow.session.get_one(Site, town.site)
        add(uow.session, thing(shop, 1, "kkt", "АТОЛ 91Ф", site, serial="0010-6504", inventory="ИНВ-8"))
        add(uow.session, thing(shop, 1, "kkt", "АТОЛ 91Ф", site, serial="0010-6505"))
        nameless = add(uow.session, thing(shop, 1, "kkt", "АТОЛ 91Ф", site))
        everything = visible_objects(uow.session, town.client, town.shop)
        titles = {
            "АТОЛ 91Ф · ИНВ-7 · Тверская",
            "АТОЛ 91Ф · ИНВ-8 · Тверская",
            "АТОЛ 91Ф · 0010-6505 · Тверская",
            f"АТОЛ 91Ф · {nameless.code} · Тверская",
        }
        assert titles <= {line.title for line in object_lines(uow.session, everything)}
        one = [each for each in everything if each.id == town.till]
        assert [line.title for line in object_lines(uow.session, one)] == ["АТОЛ 91Ф · Тверская"]
        assert object_lines(uow.session, one, among=everything)[0].title in titles


def test_twins_at_sites_of_one_name_are_told_apart_by_the_address(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        shop = uow.session.get_one(Company, town.shop)
        for code, address in (("a", "Мира, 4"), ("b", "Лесная, 9")):
            site = add(uow.session, Site(company_id=shop.id, code=code, name="Пекарня", address=address))
            add(uow.session, thing(shop, 1, "other", "Печь", site))
        lines = object_lines(uow.session, visible_objects(uow.session, town.client, town.shop))
        assert {"Печь · Мира, 4 · Пекарня", "Печь · Лесная, 9 · Пекарня"} <= {line.title for line in lines}


def test_own_numbers_are_those_of_ones_companies_and_sites(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        one_site = client(uow.session, 900002, "Вера", town.shop, town.site)
        assert {each.id for each in own_numbers(uow.session, town.client)} == {town.till, town.printer}
        assert {each.id for each in own_numbers(uow.session, one_site)} == {town.till}
        assert own_numbers(uow.session, town.stranger) == own_numbers(uow.session, town.dispatcher) == []
