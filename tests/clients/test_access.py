"""Letting in and out as acts: rights, lines as people type them, admins against each other."""

import threading

import pytest
from sqlmodel import col, select

from bot.clients.access import OURS, fresh_link, insiders, let_in, let_out, name_and_phone
from bot.clients.identification.invitations import InvitationSpent, accept_invitation
from bot.clients.identification.recognise import share_phone
from bot.clients.models import Account, Employment, Membership, Person, StaffRole
from bot.clients.people import NoNumber, dismiss, mute
from bot.db.errors import NotAllowed, NotFound, Refusal
from bot.telegram.ids import account as telegram_account
from tests.builders.appeals import add, build_town, person, staff
from tests.conftest import NOON, TestOffice


@pytest.mark.parametrize(
    ("line", "name", "phone"),
    [
        ("Иван Петров +7 900 123-45-67", "Иван Петров", "+7 900 123-45-67"),
        ("8(900)123-45-67, Иван", "Иван", "8(900)123-45-67"),
        ("89001234567", "89001234567", "89001234567"),
        ("<b>Иван</b> & Ко 🙃 +79001234567", "<b>Иван</b> & Ко 🙃", "+79001234567"),
    ],
)
def test_a_line_with_name_and_number(line: str, name: str, phone: str) -> None:
    assert name_and_phone(line) == (name, phone)


@pytest.mark.parametrize("line", ["", "Иван", "Иван 12", "+", "ы" * 5000])
def test_a_line_with_no_number(line: str) -> None:
    with pytest.raises(NoNumber):
        name_and_phone(line)


def test_only_an_admin_lets_staff_in(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        manager = staff(uow.session, 1, "Мария", StaffRole.MANAGER)
        for by in (manager, town.dispatcher, town.client, town.stranger):
            with pytest.raises(NotAllowed):
                let_in(uow, OURS, "Пётр +7 900 123-45-67", "admin", by)
        let_in(uow, town.shop, "Пётр +7 900 123-45-67", "owner", manager)
        with pytest.raises(NotFound):
            let_in(uow, town.shop, "Пётр +7 900 123-45-67", "admin", manager)
        with pytest.raises(NotFound):
            let_in(uow, 999_999, "Пётр +7 900 123-45-67", "owner", manager)


def test_a_role_given_twice_is_one_and_the_newest_link_counts(office: TestOffice) -> None:
    with office.work() as uow:
        admin = staff(uow.session, 1, "Админ", StaffRole.ADMIN)
        first = let_in(uow, OURS, "Пётр +7 900 123-45-67", "engineer", admin)
        second = let_in(uow, OURS, "Пётр 89001234567", "engineer", admin)
        third = fresh_link(uow, OURS, second.person_id, admin)
        assert first.person_id == second.person_id
        for spent in (first, second):
            with pytest.raises(InvitationSpent):
                accept_invitation(uow, spent.code, telegram_account(77))
        assert accept_invitation(uow, third.code, telegram_account(77)).staff
        with pytest.raises(InvitationSpent):
            accept_invitation(uow, third.code, telegram_account(78))
        assert [row.roles for row in insiders(uow.session, OURS, admin) if row.id == third.person_id] == [("engineer",)]


def test_let_out_of_one_company_is_still_in_the_other(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        manager = staff(uow.session, 1, "Мария", StaffRole.MANAGER)
        both = let_in(uow, town.shop, "Вера +7 900 123-45-67", "requester", manager).person_id
        let_in(uow, town.cafe, "Вера +7 900 123-45-67", "owner", manager)
        let_out(uow, town.shop, both, manager)
        live = select(Membership.company_id).where(Membership.person_id == both, col(Membership.ended_at).is_(None))
        assert uow.session.exec(live).all() == [town.cafe]
        with pytest.raises(NotFound):
            let_out(uow, town.shop, both, manager)


def test_two_admins_who_dismiss_each_other_leave_one(office: TestOffice) -> None:
    with office.work() as uow:
        admins = [staff(uow.session, n, f"А{n}", StaffRole.ADMIN) for n in (1, 2)]
    refused: list[Refusal] = []

    def against(mine: int, other: int) -> None:
        try:
            with office.work() as uow:
                dismiss(uow, other, mine)
        except NotAllowed as refusal:
            refused.append(refusal)

    threads = [threading.Thread(target=against, args=pair) for pair in (admins, admins[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with office.database.read() as session:
        assert len(session.exec(select(Employment).where(col(Employment.ended_at).is_(None))).all()) == 1
    assert len(refused) == 1


def test_staff_is_never_muted_and_clients_mute_nobody(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        for who, by in ((town.dispatcher, town.dispatcher), (town.stranger, town.client)):
            with pytest.raises(NotAllowed):
                mute(uow, who, by, muted=True)


def test_a_deactivated_person_is_not_recognised_by_their_number(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        gone = uow.session.get(Person, town.client)
        gone.phone, gone.active = "+79001234567", False
        uow.session.flush()
        stranger = uow.session.get(Person, person(uow.session, 555, "Кто-то ещё"))
        found = share_phone(uow, stranger, telegram_account(555), "+7 900 123-45-67", 555, forwarded=False)
        assert (found.known, found.person.id) == (False, stranger.id)


def test_a_number_of_two_known_people_recognises_neither(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        for who in (town.client, town.other):
            uow.session.get(Person, who).phone = "+79001234567"
        row = add(uow.session, Person(name="x", created_at=NOON))
        add(uow.session, Account(user_id=556, person_id=row.id, linked_at=NOON))
        assert not share_phone(uow, row, telegram_account(556), "+7 900 123-45-67", 556, forwarded=False).known
