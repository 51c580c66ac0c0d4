"""Further numbers, lines of companies, and what is dialled behind a number (R2.1)."""

import pytest
from sqlmodel import select

from bot.clients.access import insider, let_in, name_and_phone
from bot.clients.identification.phones import Reached
from bot.clients.identification.recognise import share_phone
from bot.clients.models import Account, ClientRole, Company, Membership, Person, PhoneLine, StaffRole
from bot.clients.phone_lines import companies_of, keep_lines, numbers_of
from bot.clients.search import find_people
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.notices.texts import phone
from bot.telegram.ids import account as telegram_account
from tests.builders.appeals import Town, add, build_town, staff
from tests.conftest import NOON, TestOffice

MOBILE, OFFICE = "+79165554433", "+74951234567"


def comes(uow: UnitOfWork, user: int, number: str) -> Person:
    """Somebody nobody knows shares the number that is theirs."""
    guest = add(uow.session, Person(name="Гость", created_at=NOON))
    add(uow.session, Account(user_id=user, person_id=guest.id, linked_at=NOON))
    return share_phone(uow, guest, telegram_account(user), number, user, forwarded=False).person


def colleague(uow: UnitOfWork, town: Town, company: int | None = None) -> Person:
    other = add(uow.session, Person(name="Борис", created_at=NOON))
    given = {"person_id": other.id, "company_id": company or town.shop, "role": ClientRole.REQUESTER}
    add(uow.session, Membership(**given, granted_at=NOON))
    return other


def test_a_further_number_tells_its_person(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        keep_lines(uow.session, [Reached(MOBILE)], person_id=town.client)
        assert comes(uow, 7001, MOBILE).id == town.client


def test_a_number_of_two_people_tells_neither(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        other = colleague(uow, town)
        other.phone = MOBILE
        keep_lines(uow.session, [Reached(MOBILE)], person_id=town.client)
        assert comes(uow, 7001, MOBILE).id not in (town.client, other.id)


@pytest.mark.parametrize("own", [True, False])
def test_a_switchboard_tells_nobody(own: bool, office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        if own:
            uow.session.get_one(Person, town.client).phone = OFFICE
        keep_lines(uow.session, [Reached(OFFICE, "12")], person_id=town.client)
        assert comes(uow, 7001, OFFICE).id != town.client


def test_a_line_tells_its_company_and_two_companies_none(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        keep_lines(uow.session, [Reached(OFFICE, "1")], company_id=town.shop)
        keep_lines(uow.session, [Reached(MOBILE)], person_id=town.client)
        assert [each.id for each in companies_of(uow.session, OFFICE)] == [town.shop]
        assert [each.id for each in companies_of(uow.session, MOBILE)] == [town.shop]
        other = add(uow.session, Company(code="other", name="Другая"))
        keep_lines(uow.session, [Reached(MOBILE)], person_id=colleague(uow, town, other.id).id)
        assert {each.id for each in companies_of(uow.session, MOBILE)} == {town.shop, other.id}


def test_a_person_is_found_and_shown_with_all_their_numbers(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        manager = staff(uow.session, 1, "Мария", StaffRole.MANAGER)
        uow.session.get_one(Person, town.client).phone = OFFICE
        keep_lines(uow.session, [Reached(OFFICE, "12"), Reached(MOBILE)], person_id=town.client)
        assert [each.id for each in find_people(uow.session, "8 916 555-44-33")] == [town.client]
        assert insider(uow.session, town.shop, town.client, manager).phones == (Reached(OFFICE, "12"), Reached(MOBILE))
    assert phone(OFFICE, "12", "ru") == "+7 495 123-45-67 доб. 12"
    assert phone(OFFICE, "12", "en") == "+7 495 123-45-67 ext. 12"


def test_the_same_lines_again_change_nothing_and_others_take_their_place(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        two = [Reached(MOBILE), Reached(OFFICE, "12")]
        assert keep_lines(uow.session, two, person_id=town.client) == 2
        assert keep_lines(uow.session, two, person_id=town.client) == 0
        assert keep_lines(uow.session, two[1:], person_id=town.client) == 2
        assert [(row.number, row.extension) for row in uow.session.exec(select(PhoneLine)).all()] == [(OFFICE, "12")]


@pytest.mark.parametrize("ending", [" доб. 12", ", доб. 12", " (доб 12)", " вн.12", " ext 12"])
def test_an_extension_typed_for_somebody_is_no_part_of_the_name(ending: str, office: TestOffice) -> None:
    line = f"Иван Петров 8 495 123-45-67{ending}"
    assert name_and_phone(line)[0] == "Иван Петров"
    with office.work() as uow:
        town = build_town(uow.session)
        manager = staff(uow.session, 1, "Мария", StaffRole.MANAGER)
        ivan = let_in(uow, town.shop, line, "requester", manager).person_id
        assert numbers_of(uow.session, ivan) == (Reached(OFFICE, "12"),)
        assert let_in(uow, town.shop, line, "approver", manager).person_id == ivan
        other = let_in(uow, town.shop, "Анна 8 495 123-45-67 доб. 13", "requester", manager).person_id
        assert other != ivan, "a colleague behind the same switchboard"
