"""What is asked about one's own account is answered with one's own figures, to those who may see them (R1.13)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.answers.skills.acts import SkillAct
from bot.answers.skills.sync import sync_skills
from bot.billing.debts.owed import unpaid_invoices
from bot.billing.hours.balances import pool_balances
from bot.billing.hours.plans import offered_plans
from bot.billing.quotes.models import TopUp
from bot.billing.seller.particulars import seller_of
from bot.billing.statements.models import Statement
from bot.clients.models import Account, ClientRole, Company, Contract, Membership, Person
from bot.db.clock import day_of
from bot.db.engine import Database
from bot.handlers.client.skills.talk import ACTS
from bot.imports.bring_in import bring_in
from bot.messaging.notices.texts import duration, money, spaced_phone
from bot.tickets.intake.appeals import said as words_said
from bot.tickets.life.models import Appeal, AppealEnd, Message, Ticket, TicketState
from tests.builders.talk import Newcomer, Talk, talking
from tests.conftest import NOON


@pytest.fixture
def talk(database: Database) -> Iterator[Talk]:
    with talking(database) as found:
        with found.office.work() as uow:
            bring_in(uow, Path("demo"))
            sync_skills(uow, Path("content/skills"))
            for each in uow.session.exec(select(Person)).all():
                uow.session.add(Account(user_id=7000 + each.id, person_id=each.id, linked_at=NOON))
        yield found


def person(session: Session, code: str) -> int:
    return session.exec(select(Person.id).where(Person.code == code)).one()


@pytest.fixture
def gusev(talk: Talk, session: Session) -> int:
    """He opens tickets and sees no figures of the company."""
    return person(session, "gusev")


@pytest.fixture
def orlova(talk: Talk, session: Session) -> int:
    """The owner."""
    return person(session, "orlova")


STRANGER = Newcomer(99)
HOURS = (
    "сколько часов осталось?",
    "скока часов у нас",
    "crjkmrj xfcjd jcnfkjcm",
    "бля сколько часов осталось",
    "how many hours are left",
)


async def test_hours_left_are_those_of_the_balance(talk: Talk, orlova: int, session: Session) -> None:
    company = session.exec(select(Company).where(Company.code == "romashka")).one()
    contracts = session.exec(select(Contract.id).where(Contract.company_id == company.id)).all()
    pools = pool_balances(session, contracts, day_of(NOON, company.timezone))
    assert pools
    for line in HOURS:
        said = await talk.say(orlova, line)
        for pool in pools:
            assert f"осталось <b>{duration(pool.left, 'ru')}</b> из {duration(pool.granted, 'ru')}" in said, line
            assert f"списано {duration(pool.used, 'ru')}" in said
    shown = await talk.press(orlova, "⏱ Баланс")
    assert all(f"осталось <b>{duration(pool.left, 'ru')}</b>" in shown for pool in pools)


async def test_what_was_answered_is_no_open_appeal(talk: Talk, orlova: int, session: Session) -> None:
    await talk.say(orlova, HOURS[0])
    session.rollback()  # the next look sees what came since
    appeal = session.exec(select(Appeal)).one()
    assert (appeal.end, appeal.end_reason, appeal.misses) == (AppealEnd.CLOSED, "skill", 0)


async def test_who_may_not_see_money_is_told_who_may(talk: Talk, gusev: int) -> None:
    for line in HOURS:
        said = await talk.say(gusev, line)
        assert "эти цифры видят" in said and "Орлова" in said
        assert "осталось" not in said and "⏱ Баланс" not in talk.buttons(gusev)


async def test_a_stranger_gets_nobodys_figures(talk: Talk) -> None:
    for line in HOURS:
        said = await talk.say(STRANGER, line)
        assert "Пока не знаю, из какой вы компании" in said and "Ромашка" not in said


def test_every_act_is_done() -> None:
    assert set(ACTS) == set(SkillAct)


def company(session: Session, code: str) -> Company:
    return session.exec(select(Company).where(Company.code == code)).one()


def own_ticket(session: Session, requester: int, *, engineer: int | None = None, **more: object) -> Ticket:
    """A ticket like the last one that the person asked for, in a state of its own."""
    like = session.exec(select(Ticket).where(Ticket.requester_id == requester).order_by(Ticket.id)).first()
    assert like is not None
    number = max(session.exec(select(Ticket.number)).all()) + 1
    same = {name: getattr(like, name) for name in ("company_id", "contract_id", "object_id", "coverage")}
    ticket = Ticket(number=number, requester_id=requester, engineer_id=engineer, opened_at=NOON, **same, **more)
    session.add(ticket)
    session.flush()
    return ticket


async def test_plans_and_prices_are_those_of_the_screens_and_open_to_anybody(
    talk: Talk, gusev: int, session: Session
) -> None:
    for line in ("какой у нас тариф", "что входит в наш договор", "на каком тарифе мы сидим", "what plan are we on"):
        said = await talk.say(gusev, line)
        assert "Тариф «Бизнес»" in said and "24\u00a0000" not in said
        assert "использовано" not in said, "what is left of pools is for those who see money"
    assert "Тариф «Бизнес»" in await talk.press(gusev, "💼 Мой тариф")
    for who in (gusev, STRANGER):
        for line in ("сравнить тарифы", "какие у вас тарифы", "чем отличаются тарифы"):
            said = await talk.say(who, line)
            for each in offered_plans(session, day_of(NOON, "Europe/Moscow")):
                assert each.name in said and (not each.monthly_fee or money(each.monthly_fee, "ru") in said)
    for line in (
        "сколько стоит замена фн",
        "фн почем",
        "скока стоит поменять фискальник",
        "how much is a fiscal drive",
    ):
        said = await talk.say(STRANGER, line)
        assert "Замена фискального накопителя" in said and "1\u00a0800\u00a0₽" in said, line
    for line in ("цена выезда", "сколько стоит вызвать мастера", "почём выезд инженера"):
        assert "Выезд инженера, шт: <b>1\u00a0500\u00a0₽</b>" in await talk.say(STRANGER, line), line
    for line in ("сколько стоит час работы", "цена часа", "hourly rate"):
        assert "Час ремонта" in await talk.say(gusev, line), line
    assert "не нашёл" in await talk.say(gusev, "сколько стоит жирафа покрасить")
    await talk.press(gusev, "📜 Весь прейскурант")


async def test_a_debt_is_that_of_the_screen_and_for_those_who_may_see_it(talk: Talk, session: Session) -> None:
    dyakov, kim = person(session, "dyakov"), person(session, "kim")
    owed = unpaid_invoices(session, company(session, "coffee").id)
    total = money(sum(each.kopecks for each in owed), "ru")
    for line in (
        "сколько мы вам должны",
        "есть у нас долги?",
        "скока должны",
        "неоплаченные счета",
        "how much do we owe",
    ):
        said = await talk.say(dyakov, line)
        assert f"К оплате: <b>{total}</b>" in said and "СЛ-412" in said, line
        assert total not in await talk.say(kim, line) and "Дьяков" in talk.words(kim)
        assert "СЛ-" not in await talk.say(STRANGER, line)
    await talk.say(dyakov, "долг")
    assert f"Всего: <b>{total}</b>" in await talk.press(dyakov, "🧾 Счета к оплате")


async def test_documents_of_a_month_are_its_statement(talk: Talk, orlova: int, gusev: int, session: Session) -> None:
    firm = company(session, "romashka")
    contract = session.exec(select(Contract).where(Contract.company_id == firm.id)).first()
    with talk.office.work() as uow:
        seller = seller_of(uow.session)
        assert contract is not None and seller is not None
        for month, gross in ((9, 700_000), (10, 2_400_000)):
            uow.session.add(
                Statement(
                    company_id=firm.id,
                    contract_id=contract.id,
                    period_start=date(2026, month, 1),
                    period_end=date(2026, month, 30),
                    net=gross,
                    gross=gross,
                    vat=0,
                    issued_at=NOON,
                )
            )
    for line in ("пришлите акт за октябрь", "документы за октябрь", "скиньте счет за октябрь", "акты за октябрь нужны"):
        said = await talk.say(orlova, line)
        assert "октябрь 2026" in said and "24\u00a0000\u00a0₽" in said and "7\u00a0000" not in said, line
        assert "24\u00a0000" not in await talk.say(gusev, line) and "24\u00a0000" not in await talk.say(STRANGER, line)
    assert "7\u00a0000\u00a0₽" in await talk.say(orlova, "закрывающие за сентябрь")
    assert "за август 2026 документов нет" in await talk.say(orlova, "нужен акт за август")
    assert "24\u00a0000\u00a0₽" in await talk.say(orlova, "пришлите счёт"), "the last month, where none is named"
    assert "24\u00a0000\u00a0₽" in await talk.press(orlova, f"октябрь 2026 · {contract.number}")


async def test_a_ticket_is_told_as_it_stands_by_its_number_too(talk: Talk, gusev: int, session: Session) -> None:
    worker, kim = person(session, "eng-2"), person(session, "kim")
    assert "Открытых заявок у вас сейчас нет" in await talk.say(gusev, "что с моей заявкой")
    with talk.office.work() as uow:
        number = own_ticket(uow.session, gusev, engineer=worker, state=TicketState.ON_THE_WAY).number
    lines = (
        "что с моей заявкой?",
        "статус",
        "чо там с заявкой",
        f"заявка {number}",
        f"{number}",
        f"что по заявке №\u00a0{number}",
    )
    for line in lines:
        said = await talk.say(gusev, line)
        assert f"№\u00a0{number}" in said and "Инженер едет" in said and "Зайцев" in said, line
    for line in ("когда приедет мастер?", "инженер выехал?", "rjulf ghbtltn vfcnth", "кто приедет", "ну чё едете"):
        assert "Зайцев Илья Романович: уже едет" in await talk.say(gusev, line), line
    for other in (kim, STRANGER):
        for line in (f"заявка {number}", f"{number}", f"что по заявке {number}"):
            assert "Зайцев" not in await talk.say(other, line)
    assert f"Заявки №\u00a0{number} у вас не нахожу" in await talk.say(kim, f"заявка {number}")
    await talk.say(gusev, "статус")
    opened = await talk.press(gusev, next(each for each in talk.buttons(gusev) if each.startswith(f"№\u00a0{number}")))
    assert f"Заявка №\u00a0{number}" in opened and "Инженер едет" in opened


async def test_one_whose_words_became_a_ticket_hears_of_it_and_of_no_other(
    talk: Talk, gusev: int, session: Session
) -> None:
    await talk.say(STRANGER, "у нас не работает касса")
    session.rollback()
    guest = session.exec(select(Account.person_id).where(Account.user_id == int(STRANGER))).one()
    with talk.office.work() as uow:
        other = own_ticket(uow.session, gusev, state=TicketState.NEW)
        theirs = own_ticket(uow.session, gusev, state=TicketState.NEW)
        theirs.requester_id = guest
        appeal = uow.session.exec(select(Appeal).where(Appeal.person_id == guest)).one()
        appeal.ticket_id, appeal.end, appeal.ended_at = theirs.id, AppealEnd.TICKET, NOON
        numbers = other.number, theirs.number
    for line in ("что с моей заявкой", "статус", f"заявка {numbers[1]}"):
        said = await talk.say(STRANGER, line)
        assert f"№\u00a0{numbers[1]}" in said and f"№\u00a0{numbers[0]}" not in said, line
    assert f"№\u00a0{numbers[0]} у вас не нахожу" in await talk.say(STRANGER, f"заявка {numbers[0]}")


async def test_a_ticket_is_cancelled_once_it_is_said_which(talk: Talk, gusev: int, session: Session) -> None:
    assert "Открытых заявок у вас сейчас нет" in await talk.say(gusev, "отмените заявку")
    with talk.office.work() as uow:
        first = own_ticket(uow.session, gusev, state=TicketState.NEW).number
    for line in ("отмените заявку", "отмена", "не приезжайте, само заработало", "cancel my ticket"):
        assert f"Отменить заявку №\u00a0{first}?" in await talk.say(gusev, line), line
    with talk.office.work() as uow:
        second = own_ticket(uow.session, gusev, state=TicketState.NEW).number
    assert "Какую заявку отменить?" in await talk.say(gusev, "отмените заявку")
    assert f"Отменить заявку №\u00a0{second}?" in await talk.say(gusev, f"отмените заявку {second}")
    assert "Отменена" in await talk.press(gusev, "Да, отменить")
    with talk.office.work() as uow:
        uow.session.exec(select(Ticket).where(Ticket.number == first)).one().state = TicketState.IN_WORK
    assert "«В работе»" in await talk.say(gusev, "отмените заявку")


async def test_another_time_is_noted_on_the_ticket_and_the_dispatcher_told(
    talk: Talk, gusev: int, session: Session
) -> None:
    dispatcher = person(session, "disp")
    with talk.office.work() as uow:
        first = own_ticket(uow.session, gusev, state=TicketState.TAKEN)
        number, ticket = first.number, first.id
    line = "перенесите визит на завтра, сегодня не получится"
    assert f"Записал в заявку №\u00a0{number}" in await talk.say(gusev, line)
    assert f"№\u00a0{number}" in talk.words(dispatcher) and line in talk.words(dispatcher)
    session.rollback()
    assert session.exec(select(Message.text).where(Message.ticket_id == ticket)).all() == [line]
    with talk.office.work() as uow:
        second = own_ticket(uow.session, gusev, state=TicketState.TAKEN).id
    assert "По какой заявке" in await talk.say(gusev, "можно перенести на четверг?")
    button = next(each for each in talk.buttons(gusev) if each.startswith(f"№\u00a0{number + 1}"))
    stolen = await talk.press(person(session, "klimova"), button, shown_to=gusev)
    assert "Записал" not in stolen, "nobody passes on another's words"
    for _twice in range(2):
        assert f"Записал в заявку №\u00a0{number + 1}" in await talk.press(gusev, button)
    session.rollback()
    assert session.exec(select(Message.text).where(Message.ticket_id == second)).all() == [
        "можно перенести на четверг?"
    ]


async def test_hours_are_bought_by_those_who_may(talk: Talk, orlova: int, gusev: int, session: Session) -> None:
    for line in ("хочу купить часы", "докупить часов", "нужны ещё часы", "buy more hours"):
        assert "сколько часов докупить" in await talk.say(orlova, line), line
        assert "часы покупает" in await talk.say(gusev, line) and "Орлова" in talk.words(gusev)
        assert not [each for each in talk.buttons(gusev) if "Купить" in each]
    await talk.say(orlova, "купить часы")
    await talk.press(orlova, next(each for each in talk.buttons(orlova) if "Купить" in each))
    session.rollback()
    assert session.exec(select(TopUp)).one().asked_by == orlova


async def test_people_hours_and_requisites(talk: Talk, orlova: int, gusev: int, session: Session) -> None:
    for line in ("добавьте нашего бухгалтера", "как добавить коллегу", "add a colleague"):
        await talk.say(orlova, line)
        assert "👥 Люди компании" in talk.buttons(orlova)
        assert "людей добавляет Орлова" in await talk.say(gusev, line)
        assert "Орлова" not in await talk.say(STRANGER, line)
    await talk.say(orlova, "добавить коллегу")
    assert "Гусев" in await talk.press(orlova, "👥 Люди компании")
    seller = seller_of(session)
    assert seller is not None
    for who in (gusev, STRANGER):
        for line in ("до скольки вы работаете", "какой у вас телефон", "график работы", "working hours"):
            said = await talk.say(who, line)
            assert "с 9:00 до 18:00" in said and spaced_phone(seller.phone) in said, line
        for line in ("реквизиты", "пришлите ваши реквизиты", "куда платить", "bank details"):
            said = await talk.say(who, line)
            assert seller.inn in said and str(seller.account) in said, line
            assert "📄 Документы" not in talk.buttons(who)


async def test_a_person_of_two_companies_is_told_both(talk: Talk, orlova: int, session: Session) -> None:
    coffee = company(session, "coffee")
    with talk.office.work() as uow:
        uow.session.add(Membership(person_id=orlova, company_id=coffee.id, role=ClientRole.REQUESTER, granted_at=NOON))
    said = await talk.say(orlova, "сколько часов осталось")
    assert "осталось" in said and "Кофе и точка»: эти цифры видят Дьяков" in said
    with talk.office.work() as uow:
        uow.session.add(Membership(person_id=orlova, company_id=coffee.id, role=ClientRole.FINANCE, granted_at=NOON))
    for line in ("сколько часов осталось", "сколько мы должны"):
        said = await talk.say(orlova, line)
        assert "Ромашка" in said and "Кофе и точка" in said
        assert {"ООО «Ромашка»", "ООО «Кофе и точка»"} <= set(talk.buttons(orlova))


async def test_staff_ask_for_theirs(talk: Talk, gusev: int, session: Session) -> None:
    manager, engineer = person(session, "mgr"), person(session, "eng-2")
    with talk.office.work() as uow:
        number = own_ticket(uow.session, gusev, state=TicketState.NEW).number
    for line in ("открытые заявки", "что висит", "open tickets"):
        assert f"№\u00a0{number}" in await talk.say(engineer, line), line
    for line in (f"заявка {number}", f"покажи заявку №\u00a0{number}"):
        assert f"№\u00a0{number}" in await talk.say(engineer, line), line
    assert "Заявки №\u00a099999 нет" in await talk.say(engineer, "заявка 99999")
    for line in ("клиент ромашка", "найди клиента Ромашка", "покажи клиента ромашка"):
        said = await talk.say(manager, line)
        assert "ООО «Ромашка»" in said and "Орлова" in said and "Бизнес" in said, line
        assert "Орлова" not in await talk.say(engineer, line)
    owed = sum(each.kopecks for each in unpaid_invoices(session, company(session, "coffee").id))
    for line in ("кто нам должен", "должники", "список должников"):
        said = await talk.say(manager, line)
        assert f"Кофе и точка»: <b>{money(owed, 'ru')}</b>" in said, line
        assert money(owed, "ru") not in await talk.say(engineer, line)


async def test_a_person_can_be_called_from_an_answer(talk: Talk, orlova: int, session: Session) -> None:
    await talk.say(orlova, HOURS[0])
    assert "Передал сотруднику" in await talk.press(orlova, "🙋 Человек")
    session.rollback()
    assert session.exec(select(Appeal)).one().end is AppealEnd.TRIAGE
    assert "осталось" in await talk.say(orlova, HOURS[0]), "who waits for a person is still told the figure"


async def test_a_draft_takes_no_words_that_were_answered(talk: Talk, orlova: int, session: Session) -> None:
    await talk.say(orlova, "касса не печатает чек")
    await talk.say(orlova, HOURS[0])
    session.rollback()
    appeal = session.exec(select(Appeal)).one()
    assert appeal.end is None and words_said(session, appeal.id).text == "касса не печатает чек"


async def test_the_office_sees_all_that_is_open_an_engineer_their_own(talk: Talk, gusev: int, session: Session) -> None:
    dispatcher, engineer = person(session, "disp"), person(session, "eng-3")
    with talk.office.work() as uow:
        taken = own_ticket(uow.session, gusev, state=TicketState.IN_WORK).number
        own_ticket(uow.session, gusev, state=TicketState.CLOSED)
    for line in ("открытые заявки", "что в работе", "список заявок", "мои заявки"):
        said = await talk.say(dispatcher, line)
        assert "Открытые заявки: 1" in said and f"№\u00a0{taken}" in said and "ООО «Ромашка»" in said, line
        assert f"№\u00a0{taken}" not in await talk.say(engineer, line), line


async def test_staff_name_a_ticket_by_its_number_and_a_client_by_their_name_alone(
    talk: Talk, gusev: int, session: Session
) -> None:
    dispatcher, engineer = person(session, "disp"), person(session, "eng-2")
    with talk.office.work() as uow:
        number = own_ticket(uow.session, gusev, state=TicketState.NEW).number
    for line in (f"{number}", f"чё по {number}", f"что с {number}?"):
        assert "Атол 91Ф" in await talk.say(engineer, line), line
    for line in ("найди ромашку", "телефон ромашки", "кто такие ромашка", "у ромашки какой тариф"):
        assert "ООО «Ромашка»" in await talk.say(dispatcher, line), line
        assert "Орлова" not in await talk.say(engineer, line), line
    for line in ("и", "по", "ооо", "не"):
        assert "Открытых заявок" not in await talk.say(dispatcher, line), line


async def test_plans_are_compared_by_their_names(talk: Talk, orlova: int) -> None:
    for line in ("чем бизнес отличается от максимума", "старт или бизнес: в чём разница"):
        assert "Максимум" in await talk.say(orlova, line), line


@pytest.mark.parametrize(
    ("line", "wish"),
    [
        ("стало только хуже после вашего визита, кто ответит", "complaint"),
        ("не будем больше обслуживаться у вас", "leaving"),
        ("мастера ждали весь день, не дождались", "nobody_came"),
        ("пусть мне кто-нибудь объяснит по телефону, ничего не поняла", "human"),
    ],
)
async def test_a_wish_for_a_person_is_found_as_a_skill_is(
    talk: Talk, orlova: int, session: Session, line: str, wish: str
) -> None:
    manager = person(session, "mgr")
    assert "Передал сотруднику" in await talk.say(orlova, line)
    session.rollback()
    appeal = session.exec(select(Appeal)).one()
    assert (appeal.end, appeal.end_reason, appeal.wants_human) == (AppealEnd.TRIAGE, wish, True)
    assert (line in talk.words(manager)) == (wish != "human"), "managers are told what isn't merely a call (R1.10)"


async def test_danger_found_as_a_skill_is_told_first_and_the_line_goes_on(
    talk: Talk, orlova: int, session: Session
) -> None:
    await talk.say(orlova, "удлинитель оплавился весь")
    said = talk.words(orlova)
    assert "Сначала безопасность" in said
    session.rollback()
    assert session.exec(select(Appeal)).one().end is None, "nobody has answered what was asked yet"
