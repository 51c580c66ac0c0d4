"""A draft finds its object in the client's own words; a number typed at any time opens the object (R1.3)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.answers.skills.sync import sync_skills
from bot.clients.models import Account, ClientRole, Company, Membership, Person, ServiceObject
from bot.db.engine import Database
from bot.imports.bring_in import bring_in
from bot.messaging.notices.texts import label
from bot.tickets.life.models import Appeal, AppealEnd, Message, Ticket, TicketState
from tests.builders.talk import Talk, talking
from tests.conftest import NOON

ARBAT_TILL, TVERSKAYA_TILL = "Атол 91Ф · Магазин на Арбате", "Атол 91Ф · Магазин на Тверской"
ARBAT_SERIAL, TVERSKAYA_SERIAL = "00105879142802", "00104806583321"
TO_TICKET = "📝 Оформить заявку"


@pytest.fixture
def talk(database: Database) -> Iterator[Talk]:
    with talking(database) as found:
        with found.office.work() as uow:
            bring_in(uow, Path("demo"))
            sync_skills(uow, Path("content/skills"))
            for each in uow.session.exec(select(Person)).all():
                uow.session.add(Account(user_id=7000 + each.id, person_id=each.id, linked_at=NOON))
        yield found


def newest(talk: Talk, model: Any) -> Any:
    with talk.database.read() as session:
        return session.exec(select(model).order_by(col(model.id).desc())).first()


def person(session: Session, code: str) -> int:
    return session.exec(select(Person.id).where(Person.code == code)).one()


@pytest.fixture
def gusev(session: Session, talk: Talk) -> int:
    """He opens tickets for a company of ten objects at three places."""
    return person(session, "gusev")


@pytest.fixture
def dyakov(session: Session, talk: Talk) -> int:
    """The owner of another company."""
    return person(session, "dyakov")


def things(talk: Talk, who: int) -> list[str]:
    """Objects on the buttons of the last screen."""
    return [each for each in talk.buttons(who) if " · " in each]


async def begins(talk: Talk, who: int, line: str) -> str:
    await talk.say(who, label("menu.new_ticket", "ru"))
    return await talk.say(who, line)


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("касса на арбате не включается", ARBAT_TILL),
        ("у арбата касса сдохла", ARBAT_TILL),
        ("kassa na tverskoy ne vkluchaetsya", TVERSKAYA_TILL),
        ("интернет на арбате упал", "Keenetic Giga · Магазин на Арбате"),
        ("the camera on Tverskaya is dark", "Hikvision DS-2CD2043 · Магазин на Тверской"),
        ("бразер жуёт бумагу", "Brother DCP-L2520DWR · Офис"),
    ],
)
async def test_what_was_named_is_one_press_away(talk: Talk, gusev: int, line: str, first: str) -> None:
    assert "Сверху — то, что похоже на ваши слова" in await begins(talk, gusev, line)
    assert things(talk, gusev)[0] == first and len(things(talk, gusev)) == 6
    assert talk.buttons(gusev)[0] == "🔎 Найти"  # ten objects: a search comes first
    assert line in await talk.press(gusev, first)
    await talk.press(gusev, "✅ Отправить")
    assert newest(talk, Ticket).description == line


async def test_a_list_that_nothing_tells_apart_is_as_it_was(talk: Talk, gusev: int) -> None:
    assert "похоже" not in await begins(talk, gusev, "помогите, всё сломалось")
    models = [each.split(" · ")[0] for each in things(talk, gusev)]
    assert models == sorted(models)
    said = await talk.say(gusev, "на арбате")
    assert "похоже" in said and "на арбате" in said  # what is said later ranks too, and is no less said
    assert all("Арбате" in each for each in things(talk, gusev)[:3])


async def test_pages_keep_their_order_and_lose_nothing(talk: Talk, gusev: int) -> None:
    await begins(talk, gusev, "касса на арбате не включается")
    seen = things(talk, gusev)
    await talk.press(gusev, "Дальше →")
    seen += things(talk, gusev)
    assert len(seen) == len(set(seen)) == 10
    await talk.press(gusev, "← Предыдущие")
    assert things(talk, gusev) == seen[:6]


async def test_a_few_objects_have_their_search_below(talk: Talk, session: Session) -> None:
    sokolova = person(session, "sokolova")
    await begins(talk, sokolova, "помогите, всё сломалось")
    assert talk.buttons(sokolova).index("🔎 Найти") == len(things(talk, sokolova))


async def test_twins_are_told_apart(talk: Talk, session: Session) -> None:
    lapin = person(session, "lapin")
    await begins(talk, lapin, "комп в химках не грузится")
    assert things(talk, lapin)[:2] == [
        "Dell OptiPlex 3080 · ПК-0021 · Склад в Химках",
        "Dell OptiPlex 3080 · ПК-0022 · Склад в Химках",
    ]
    assert things(talk, lapin)[2] == "Dell OptiPlex 3080 · Склад в Екатеринбурге"
    assert "ПК-0022" in await talk.press(lapin, "Dell OptiPlex 3080 · ПК-0022 · Склад в Химках")


async def test_the_search_knows_kinds_places_and_numbers(talk: Talk, gusev: int) -> None:
    for words, expected in {
        "цветной бульвар": 4,
        "кассы": 2,
        "арбат 30": 3,
        "касса на тверской": 1,
        "СЕТ-0005": 1,
        "142802": 1,
        "м404": 1,
    }.items():
        await begins(talk, gusev, "помогите, всё сломалось")
        await talk.press(gusev, "🔎 Найти")
        said = await talk.say(gusev, words)
        assert ("Договор:" in said) is (expected == 1), words
        assert "<blockquote>помогите, всё сломалось</blockquote>" in said
        if expected > 1:
            assert f"Нашлось: {expected}" in said
            assert len(things(talk, gusev)) == expected
        await talk.press(gusev, "✖️ Отмена")


@pytest.mark.parametrize(
    "line", [ARBAT_SERIAL, f"с/н {ARBAT_SERIAL}", "0010 5879 142802", "ККТ-0004", "инв. № ККТ 0004", "ккт0004."]
)
async def test_a_number_opens_its_object_and_asks_what_happened(talk: Talk, gusev: int, line: str) -> None:
    said = await talk.say(gusev, line)
    assert "Атол 91Ф" in said and "Что случилось?" in said
    confirm = await talk.say(gusev, "не включается")
    assert ARBAT_SERIAL in confirm and "не включается" in confirm
    await talk.press(gusev, "✅ Отправить")
    assert newest(talk, Ticket).description == "не включается"


async def test_a_number_among_words_needs_no_choice(talk: Talk, gusev: int) -> None:
    said = await talk.say(gusev, f"{ARBAT_SERIAL} абракадабра")
    assert "Договор:" in said and ARBAT_SERIAL in said
    assert "С чем нужна помощь" in await talk.press(gusev, "Другой объект")
    assert things(talk, gusev)[0] == ARBAT_TILL


async def test_the_object_left_is_not_chosen_again(talk: Talk, gusev: int) -> None:
    await talk.say(gusev, f"{ARBAT_SERIAL} абракадабра")
    await talk.press(gusev, "← Назад")
    assert "С чем нужна помощь" in await talk.say(gusev, "не та касса")


async def test_another_number_at_the_last_step_is_another_object(talk: Talk, gusev: int) -> None:
    await begins(talk, gusev, "касса не включается")
    assert ARBAT_SERIAL in await talk.press(gusev, ARBAT_TILL)
    said = await talk.say(gusev, TVERSKAYA_SERIAL)
    assert TVERSKAYA_SERIAL in said and ARBAT_SERIAL not in said
    assert said.count(TVERSKAYA_SERIAL) == 1  # not among the words


async def test_a_number_opens_the_object_of_whichever_company(talk: Talk, gusev: int, session: Session) -> None:
    with talk.office.work() as uow:
        coffee = uow.session.exec(select(Company.id).where(Company.code == "coffee")).one()
        uow.session.add(Membership(person_id=gusev, company_id=coffee, role=ClientRole.REQUESTER, granted_at=NOON))
    await begins(talk, gusev, "не включается 00107991647367")
    assert "Эвотор 7.3" in talk.words(gusev) and "Для какой организации" not in talk.words(gusev)


async def test_a_number_of_two_objects_asks_which(talk: Talk, gusev: int) -> None:
    with talk.office.work() as uow:
        for serial in (ARBAT_SERIAL, TVERSKAYA_SERIAL):
            thing = uow.session.exec(select(ServiceObject).where(ServiceObject.serial == serial)).one()
            thing.inventory = "77-1"
    assert "Нашлось: 2" in await talk.say(gusev, "77-1")
    assert "Что случилось?" in await talk.press(gusev, ARBAT_TILL)


async def test_a_strangers_and_anothers_number_opens_nothing(talk: Talk, dyakov: int, session: Session) -> None:
    said = await talk.say(dyakov, ARBAT_SERIAL)
    assert "Атол" not in said and "Что случилось" not in said
    await begins(talk, dyakov, f"не включается {ARBAT_SERIAL}")
    assert "Атол" not in talk.words(dyakov) and "С чем нужна помощь" in talk.words(dyakov)
    disp = person(session, "disp")
    assert "Что случилось" not in await talk.say(disp, ARBAT_SERIAL)


async def test_a_number_goes_to_people_who_have_the_appeal(talk: Talk, gusev: int, session: Session) -> None:
    await begins(talk, gusev, "абракадабра")
    await talk.press(gusev, "Нет в списке")
    assert "Добавил" in await talk.say(gusev, ARBAT_SERIAL)
    assert newest(talk, Appeal).end is AppealEnd.TRIAGE


async def test_a_number_while_a_job_is_under_way_is_asked_about(talk: Talk, gusev: int, session: Session) -> None:
    await begins(talk, gusev, "касса не включается")
    await talk.press(gusev, ARBAT_TILL)
    await talk.press(gusev, "✅ Отправить")
    with talk.office.work() as uow:
        ticket = uow.session.exec(select(Ticket).order_by(col(Ticket.id).desc())).first()
        ticket.state, ticket.engineer_id = TicketState.IN_WORK, person(uow.session, "eng-1")
    assert "Это к заявке №" in await talk.say(gusev, TVERSKAYA_SERIAL)


async def test_a_number_said_twice_opens_one_draft(talk: Talk, gusev: int, session: Session) -> None:
    await talk.say(gusev, ARBAT_SERIAL)
    assert "Что случилось?" in await talk.say(gusev, ARBAT_SERIAL)
    with talk.database.read() as session:
        begun = session.exec(select(Appeal.object_id).where(Appeal.person_id == gusev)).all()
    assert len(begun) == 1 and begun[0] is not None


async def test_a_number_in_a_burst_is_heard_with_it(talk: Talk, gusev: int, session: Session) -> None:
    await talk.burst(gusev, {"text": "абракадабра"}, {"text": ARBAT_SERIAL})
    assert len([call for call in talk.heard if "text" in call]) == 1
    assert "Атол 91Ф" in talk.words(gusev) and "абракадабра" in talk.words(gusev)
    assert newest(talk, Message).file.get("search")


async def test_a_dispatcher_finds_what_a_stranger_named_on_top(talk: Talk, session: Session) -> None:
    disp, gusev = person(session, "disp"), person(session, "gusev")
    await talk.say(gusev, "касса на арбате дымно пахнет кракозяброй")
    await talk.press(gusev, "🙋 Человек")
    await talk.say(disp, "/triage")
    await talk.press(disp, "1")
    await talk.press(disp, "🖨 Объект")
    assert ARBAT_TILL in talk.buttons(disp)[:1]
    await talk.say(disp, "камера на тверской")
    assert things(talk, disp) == ["Hikvision DS-2CD2043 · Магазин на Тверской"]
