from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.answers.asking import missed, say_helped, show_article
from bot.answers.digest import answer_gap, dismiss_gap, gap_of, next_digest, open_gaps, tell_digest
from bot.answers.writing import ArticleDraft, publish_draft
from bot.db.errors import NotAllowed, Outdated
from bot.kb.articles.sync import BadArticleTextError, published, sync_articles
from bot.messaging.models import Timer
from tests.builders.appeals import Town, build_town, says
from tests.conftest import TestOffice
from tests.kb.articles.test_sync import write


@pytest.fixture
def town(office: TestOffice, tmp_path: Path) -> Town:
    write(tmp_path, "printer", "Принтер не печатает", "принтер молчит")
    with office.work() as uow:
        sync_articles(uow, tmp_path)
        town = build_town(uow.session)
        appeal = says(uow, town.client, "x").appeal
        for line in ("сканер не читает штрихкод", "не читает штрихкод сканер", "как оплатить счёт"):
            missed(uow, appeal, line, "ru", "none")
    return town


def test_a_question_becomes_an_article_in_a_few_presses(office: TestOffice, town: Town) -> None:
    with office.work() as uow:
        first = open_gaps(uow.session, uow.now, town.dispatcher)[0]
        article = publish_draft(
            uow, ArticleDraft("ru", "Сканер не читает", "Протрите **стекло**.", miss=first.misses[0]), town.dispatcher
        )
        assert article.questions == ["сканер не читает штрихкод", "не читает штрихкод сканер"]
        assert "Сканер не читает" in [found.title for found in published(uow.session)]
        assert [gap.count for gap in open_gaps(uow.session, uow.now, town.dispatcher)] == [1]
        with pytest.raises(Outdated):
            gap_of(uow.session, first.misses[0], uow.now, town.dispatcher)


def test_only_authors_change_the_base(office: TestOffice, town: Town) -> None:
    with office.work() as uow:
        first = open_gaps(uow.session, uow.now, town.dispatcher)[0].misses[0]
        for act in (
            lambda: open_gaps(uow.session, uow.now, town.client),
            lambda: answer_gap(uow, first, "printer", town.client),
            lambda: dismiss_gap(uow, first, town.stranger),
            lambda: publish_draft(uow, ArticleDraft("ru", "t", "b", miss=first), town.client),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_an_article_without_text_is_refused(office: TestOffice, town: Town) -> None:
    with office.work() as uow:
        first = open_gaps(uow.session, uow.now, town.dispatcher)[0].misses[0]
        with pytest.raises(BadArticleTextError):
            publish_draft(uow, ArticleDraft("ru", "Заголовок", "  ", miss=first), town.dispatcher)
        assert len(open_gaps(uow.session, uow.now, town.dispatcher)) == 2


def test_the_week_is_told_and_the_next_one_is_set(office: TestOffice, town: Town) -> None:
    with office.work() as uow:
        appeal = says(uow, town.other, "принтер").appeal
        _, shown = show_article(uow, appeal, "printer", "ru", "принтер", 0.9)
        say_helped(uow, shown, False, town.other)
    office.moment += timedelta(days=3)
    with office.work() as uow:
        tell_digest(uow, {})
        told = office.told[-1]
        assert told.template == "kb/digest"
        assert [row.count for row in told.values["rows"]] == [2, 1, 1]
        (poor,) = told.values["poor"]
        assert poor.title == "Принтер не печатает"
        assert (poor.stats.shown, poor.stats.not_helped, poor.stats.returned) == (1, 1, 0)
        timer = uow.session.exec(select(Timer).where(Timer.key == "kb_digest")).one()
        assert timer.due_at == datetime(2026, 11, 30, 7, 0, tzinfo=UTC)  # Monday, 10:00 in Moscow


def test_the_digest_comes_on_mondays_at_ten(session: Session) -> None:
    monday = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
    assert next_digest(session, monday - timedelta(minutes=1)) == monday
    assert next_digest(session, monday) == monday + timedelta(days=7)


def test_a_person_who_comes_back_counts_against_the_article(office: TestOffice, town: Town) -> None:
    with office.work() as uow:
        appeal = says(uow, town.other, "принтер").appeal
        _, shown = show_article(uow, appeal, "printer", "ru", "принтер", 0.9)
        say_helped(uow, shown, True, town.other)
    office.moment += timedelta(days=2)
    with office.work() as uow:
        says(uow, town.other, "опять принтер")
        tell_digest(uow, {})
        told = office.told[-1].values
        assert told["poor"][0].stats.returned == 1
        assert (told["answered"], told["kept"]) == (1, 0)
