"""Questions and answers inside an appeal (R1.7)."""

from pathlib import Path

import pytest
from sqlmodel import select

from bot.answers.asking import article_code, asker, missed, say_helped, show_article, titles
from bot.billing.terms.models import Plan
from bot.clients.models import Contract, Site
from bot.db.errors import NotFound
from bot.kb.articles.sync import published, sync_articles
from bot.kb.learning.feedback import figures
from bot.kb.learning.gaps import gaps, resolve_gap
from bot.kb.learning.models import Feedback, Miss
from bot.tickets.intake.appeals import answers_kept
from bot.tickets.life.models import AppealEnd
from tests.builders.appeals import build_town, client, says
from tests.conftest import NOON, TestOffice
from tests.kb.articles.test_sync import write


@pytest.fixture
def articles(office: TestOffice, tmp_path: Path) -> None:
    write(tmp_path, "printer", "Принтер не печатает", "принтер молчит")
    write(tmp_path, "gold", "Только золотым", audience="gold")
    with office.work() as uow:
        sync_articles(uow, tmp_path)


@pytest.mark.usefixtures("articles")
def test_an_answer_that_helped_ends_the_appeal(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.client, "не печатает").appeal
        _, shown = show_article(uow, appeal, "printer", "ru", "не печатает", 0.91)
        feedback = uow.session.get(Feedback, shown)
        assert (feedback.score_bp, appeal.articles) == (9100, ["printer"])
        with pytest.raises(NotFound):
            say_helped(uow, shown, True, town.other)
        assert not say_helped(uow, shown, True, town.client).repeated
        assert say_helped(uow, shown, False, town.client).repeated
        assert (appeal.end, feedback.helped) == (AppealEnd.ANSWERED, True)
        assert [(f.code, f.shown, f.helped, f.not_helped) for f in figures(uow.session, NOON)] == [("printer", 1, 1, 0)]
        assert answers_kept(uow.session, NOON, NOON.replace(year=2027)) == (1, 1)


@pytest.mark.usefixtures("articles")
def test_two_misses_in_a_row_offer_a_person(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.client, "абракадабра").appeal
        assert not missed(uow, appeal, "абракадабра", "ru", "none")
        _, shown = show_article(uow, appeal, "printer", "ru", "снова", 0.8)
        assert say_helped(uow, shown, False, town.client).offer_human
        assert [m.reason for m in uow.session.exec(select(Miss).order_by(Miss.id)).all()] == ["none", "not_helped"]
        assert appeal.end is None


@pytest.mark.usefixtures("articles")
def test_an_article_of_another_plan_is_never_shown(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.client, "золото").appeal
        assert show_article(uow, appeal, "gold", "ru", "золото", 0.99) is None
        assert uow.session.exec(select(Feedback)).all() == []
        own = asker(uow.session, town.client, NOON)
        assert "gold" not in own.audience
        assert {"kkt", "атол 91ф"} <= own.kinds
        contract = uow.session.get(Contract, town.contract)
        uow.session.get(Plan, contract.plan_id).code = "gold"
        uow.session.flush()
        assert show_article(uow, appeal, "gold", "ru", "золото", 0.99) is not None
        shown = titles(uow.session, ["gold", "printer", "gone"], "ru", frozenset({"public"}))
        assert [row.code for row in shown] == ["printer"]
        assert article_code(uow.session, shown[0].id) == "printer"
        nobody = asker(uow.session, None, NOON).audience
        assert "public" in nobody and "gold" not in nobody


@pytest.mark.usefixtures("articles")
def test_unanswered_questions_are_grouped_and_become_ways_to_ask(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.client, "x").appeal
        for line in ("сканер не читает штрихкод", "не читает штрихкод сканер", "как оплатить счёт"):
            missed(uow, appeal, line, "ru", "none")
        found = gaps(uow.session, NOON)
        assert [gap.count for gap in found] == [2, 1]
        assert found[0].examples == ("сканер не читает штрихкод", "не читает штрихкод сканер")
        assert resolve_gap(uow, found[0].misses, "printer", town.dispatcher) == 2
        assert "сканер не читает штрихкод" in published(uow.session)[1].questions
        assert [gap.count for gap in gaps(uow.session, NOON)] == [1]


def test_the_search_knows_a_persons_own_names_of_things_and_places(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        uow.session.get_one(Site, town.site).address = "Лиговский пр., 50"
        uow.session.flush()
        known = asker(uow.session, town.client, NOON)
        assert {"арбат", "лиговский", "91ф", "laserjet", "лампа"} <= known.names and "50" not in known.names
        assert {"kkt", "атол 91ф"} <= known.kinds and "тверская" not in known.kinds
        one_site = asker(uow.session, client(uow.session, 900_003, "Вера", town.shop, town.site), NOON)
        assert "лиговский" in one_site.names and "арбат" not in one_site.names
        for other in (town.other, town.stranger, town.dispatcher, None):
            assert "арбат" not in asker(uow.session, other, NOON).names
