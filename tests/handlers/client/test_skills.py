"""What is asked about one's own account is answered with one's own figures, to those who may see them (R1.13)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.answers.skills.sync import sync_skills
from bot.billing.hours.balances import pool_balances
from bot.clients.models import Account, Company, Contract, Person
from bot.db.clock import day_of
from bot.db.engine import Database
from bot.imports.bring_in import bring_in
from bot.messaging.notices.texts import duration, hours
from bot.tickets.life.models import Appeal, AppealEnd
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
    assert all(f"осталось <b>{hours(pool.left, 'ru')}</b>" in shown for pool in pools)


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
