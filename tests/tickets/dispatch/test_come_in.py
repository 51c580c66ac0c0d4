"""Who comes in by a phone number brings what they wrote, to the company that they act for now (R2.1, R2.8)."""

from sqlmodel import select

from bot.clients.models import Account, ClientRole, Company, Membership, Person
from bot.clients.zones import person_zone
from bot.messaging.messengers import AccountId, Messenger
from bot.tickets.dispatch.come_in import come_in_by_phone
from bot.tickets.life.models import Appeal
from tests.builders.appeals import add, build_town, person, says
from tests.conftest import NOON, TestOffice

PHONE = "+79001234567"


def test_words_of_before_go_to_the_company_that_is_open_still(office: TestOffice) -> None:
    for closed, of in ((("cafe",), "shop"), (("cafe", "shop"), None)):
        with office.work() as uow:
            town = build_town(uow.session)
            known = add(uow.session, Person(name="Анна", phone=f"{PHONE[:-1]}{len(closed)}", created_at=NOON))
            for company in (town.shop, town.cafe):
                role = Membership(person_id=known.id, company_id=company, role=ClientRole.OWNER, granted_at=NOON)
                add(uow.session, role)
            uow.session.get_one(Company, town.shop).timezone = "Asia/Vladivostok"
            for name in closed:
                uow.session.get_one(Company, getattr(town, name)).active = False
            stranger = person(uow.session, 770_000 + len(closed), "Кто-то")
            said = says(uow, stranger, "Не печатает").appeal
            account = uow.session.exec(select(Account).where(Account.person_id == stranger)).one()
            key = AccountId(Messenger(account.messenger), account.user_id)
            by = uow.session.get_one(Person, stranger)
            come_in_by_phone(uow, by, key, known.phone, account.user_id, forwarded=False)
            if of is not None:
                appeal = uow.session.get_one(Appeal, said.id)
                assert (appeal.person_id, appeal.company_id) == (known.id, town.shop)
                assert person_zone(uow.session, known.id) == "Asia/Vladivostok"
            else:
                appeal = uow.session.get_one(Appeal, said.id)
                assert (appeal.person_id, appeal.company_id) == (stranger, None), "of closed companies is nobody"
