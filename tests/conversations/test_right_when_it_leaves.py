"""What had to wait is told by the right of the moment it leaves (R2.4, R2.7), and withdrawn consent is heard of."""

from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from bot.clients.audiences import (
    Approvers,
    Dispatchers,
    Finance,
    ForClient,
    InCompany,
    Managers,
    OurWorker,
    To,
    still_hears,
)
from bot.clients.consent import give_consent
from bot.clients.models import Account, ClientRole, Company, Membership, Person, StaffRole
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.messaging.outgoing.outbox import RIGHT
from bot.messaging.outgoing.outlived import outlived
from bot.telegram.ids import account as telegram_account
from bot.tickets.dispatch.come_in import step_back
from bot.tickets.life.numbers import TicketNamed
from tests.builders.appeals import add
from tests.builders.jobs import build_firm, opened, person, worker
from tests.builders.talk import Talk
from tests.conftest import NOON, TestOffice
from tests.tickets.dispatch.test_leaving import chat_of, deactivate, end_employment, end_membership, withdraw

NIGHT = NOON.replace(hour=21, minute=30)  # 00:30 in Moscow
LATER = timedelta(hours=8)


def leaves(uow: UnitOfWork, row: Outbox) -> bool:
    """Whether a row is sent when its time has come."""
    return not outlived(uow.session, row, row.created_at + LATER, still_hears)


def told(uow: UnitOfWork, audience: Any) -> list[Outbox]:
    """What an audience is told, as it waits for its readers."""
    before = max(uow.session.exec(select(Outbox.id)).all(), default=0)
    uow.tell(audience, "ticket/on_hold_finance", TicketNamed(1, 1))
    uow.session.flush()
    return list(uow.session.exec(select(Outbox).where(col(Outbox.id) > before)).all())


def test_a_notice_waits_for_who_still_has_its_right_in_every_role(talk: Talk) -> None:
    with talk.office.work() as uow:
        uow.now = NIGHT
        firm = build_firm(uow.session)
        elsewhere = add(uow.session, Company(code="else", name="Другая")).id
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
        people = {"owner": firm.boss, "approver": firm.approver, "requester": firm.requester}
        people["finance"] = person(uow.session, "Фомина", firm.company, ClientRole.FINANCE)
        for who in people.values():
            add(
                uow.session, Membership(person_id=who, company_id=elsewhere, role=ClientRole.REQUESTER, granted_at=NOON)
            )
        audiences = (
            (Finance(firm.company), {"owner", "finance"}),
            (Approvers(firm.company), {"owner", "approver"}),
            (InCompany(firm.company, frozenset({ClientRole.REQUESTER})), {"owner", "requester"}),
            (ForClient(firm.requester, firm.company), {"requester"}),
        )
        chats = {
            uow.session.exec(select(Account.user_id).where(Account.person_id == people[n])).one(): n for n in people
        }
        for audience, readers in audiences:
            rows = told(uow, audience)
            assert {chats[row.chat_id or 0] for row in rows} == readers and all(row.not_before for row in rows)
            for row in rows:
                assert leaves(uow, row), audience
                with uow.session.begin_nested() as undone:
                    here = select(Membership).where(Membership.company_id == firm.company)
                    mine = here.where(Membership.person_id == people[chats[row.chat_id or 0]])
                    for each in uow.session.exec(mine).all():
                        each.ended_at = uow.now  # they keep the other company
                    uow.session.flush()
                    assert not leaves(uow, row), audience
                    assert not outlived(uow.session, row, row.created_at, still_hears), "at once it is as it was told"
                    undone.rollback()
                uow.session.expire_all()
                with uow.session.begin_nested() as undone:
                    uow.session.get_one(Company, firm.company).active = False
                    uow.session.flush()
                    assert not leaves(uow, row), audience
                    undone.rollback()
                uow.session.expire_all()
        for audience, leave, who in (
            (Managers(), end_employment, manager),
            (OurWorker(firm.engineer), end_employment, firm.engineer),
            (To(firm.requester), deactivate, firm.requester),
            (To(firm.approver), withdraw, firm.approver),
            (Dispatchers(), end_employment, firm.dispatcher),
        ):
            (row,) = told(uow, audience)
            assert leaves(uow, row), audience
            leave(uow, who)
            assert not leaves(uow, row), audience


def test_a_right_that_is_lost_within_the_company_withdraws_what_it_was_for(talk: Talk) -> None:
    with talk.office.work() as uow:
        uow.now = NIGHT
        firm = build_firm(uow.session)
        finance = person(uow.session, "Фомина", firm.company, ClientRole.FINANCE)
        end_membership(uow, firm.boss)
        (row,) = told(uow, Finance(firm.company))
        assert row.params[RIGHT]["company"] == firm.company
        end_membership(uow, finance)
        add(
            uow.session,
            Membership(person_id=finance, company_id=firm.company, role=ClientRole.REQUESTER, granted_at=NOON),
        )
        assert not leaves(uow, row), "money is not for requesters"


def test_what_is_told_to_a_group_asks_for_nobody_s_right(talk: Talk) -> None:
    with talk.office.work() as uow:
        row = Outbox(bot_id=1, chat_id=-5, method="sendMessage", params={"chat_id": -5}, created_at=NIGHT)
        assert leaves(uow, row)


def withdrawals(office: TestOffice) -> list[dict[str, Any]]:
    return [each.values for each in office.told if each.template == "people/consent_withdrawn"]


def test_dispatchers_hear_once_what_a_withdrawn_consent_leaves_behind(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        first, second = opened(uow, firm), opened(uow, firm)
        opened(uow, firm, by=firm.boss)
        me = uow.session.get_one(Person, firm.requester)
        user = chat_of(uow, firm.requester)
        assert not step_back(uow, me, telegram_account(user)) and not withdrawals(office), "there was no consent"
        give_consent(uow, firm.requester, telegram_account(user), "ru", None)
        assert step_back(uow, me, telegram_account(user))
        assert not step_back(uow, me, telegram_account(user))
        (told_once,) = withdrawals(office)
        (here,) = told_once["left"]
        assert here.numbers == [first.number, second.number]
        assert here.names == ["Климова", "Орлова"]
        cards = [each for each in office.told if each.template == "ticket/card" or "card" in each.template]
        hear = {each.person_id for card in cards for each in card.audience.addresses(uow.session)}
        assert {firm.boss, firm.approver} <= hear and firm.requester not in hear


def test_nobody_is_left_when_the_only_person_of_a_company_takes_consent_back(talk: Talk) -> None:
    with talk.office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        number = opened(uow, firm).number
        for who in (firm.boss, firm.approver):
            end_membership(uow, who)
        user = chat_of(uow, firm.requester)
        give_consent(uow, firm.requester, telegram_account(user), "ru", None)
        assert step_back(uow, uow.session.get_one(Person, firm.requester), telegram_account(user))
        rows = uow.session.exec(select(Outbox).where(Outbox.state == OutboxState.NEW)).all()
        (notice,) = {row.params["text"] for row in rows if "Согласие на обработку" in row.params.get("text", "")}
        assert f"№\u00a0{number}" in notice and "некому" in notice


def test_one_who_leaves_nothing_behind_or_has_another_account_is_no_news(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        give_consent(uow, firm.boss, telegram_account(1), "ru", None)
        user = chat_of(uow, firm.boss)
        assert step_back(uow, uow.session.get_one(Person, firm.boss), telegram_account(user))
        opened(uow, firm)
        add(uow.session, Account(messenger="max", user_id=987654, person_id=firm.requester, linked_at=uow.now))
        user = uow.session.exec(
            select(Account.user_id).where(Account.person_id == firm.requester, Account.messenger == "telegram")
        ).one()
        give_consent(uow, firm.requester, telegram_account(user), "ru", None)
        assert step_back(uow, uow.session.get_one(Person, firm.requester), telegram_account(user))
        assert withdrawals(office) == []


def test_consent_taken_back_locks_the_tickets_of_all_companies_in_one_order(talk: Talk) -> None:
    """Two transactions that lock the same tickets each in its own order wait for each other for ever."""
    with talk.office.work() as uow:
        firm, other = build_firm(uow.session, unlimited=True), build_firm(uow.session, unlimited=True)
        add(
            uow.session,
            Membership(person_id=firm.requester, company_id=other.company, role=ClientRole.REQUESTER, granted_at=NOON),
        )
        user = chat_of(uow, firm.requester)
        give_consent(uow, firm.requester, telegram_account(user), "ru", None)
    for of in (other, firm, other):
        with talk.office.work() as uow:
            opened(uow, of, by=firm.requester)
    with talk.office.work() as uow:  # its notices have not left yet
        assert step_back(uow, uow.session.get_one(Person, firm.requester), telegram_account(user))
        waiting = select(Outbox).where(Outbox.chat_id == user, Outbox.state == OutboxState.NEW)
        assert not uow.session.exec(waiting).all()
