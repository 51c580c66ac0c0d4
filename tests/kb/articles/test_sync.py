from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.kb.articles.models import Article
from bot.kb.articles.sync import (
    BadArticlesError,
    add_phrasing,
    article_for,
    published,
    sync_articles,
    version,
    write_article,
)
from tests.conftest import TestOffice

GOOD = """---
id: {code}
title: {title}
questions: [{question}]
audience: {audience}
actions: [ticket]
---
Body of {title}.
"""


def write(
    folder: Path, code: str, title: str, question: str = "как", audience: str = "public", lang: str = "ru"
) -> None:
    (folder / lang).mkdir(parents=True, exist_ok=True)
    text = GOOD.format(code=code, title=title, question=question, audience=audience)
    (folder / lang / f"{code}.md").write_text(text, "utf-8")


def test_a_sync_adds_changes_and_takes_away(office: TestOffice, tmp_path: Path) -> None:
    write(tmp_path, "one", "Один")
    write(tmp_path, "two", "Два")
    with office.work() as uow:
        first = sync_articles(uow, tmp_path)
        assert (first.added, first.changed, first.removed, first.unchanged) == (2, 0, 0, 0)
        assert version(uow.session) == 1
    write(tmp_path, "one", "Один иначе")
    (tmp_path / "ru" / "two.md").unlink()
    with office.work() as uow:
        second = sync_articles(uow, tmp_path)
        assert (second.added, second.changed, second.removed) == (0, 1, 1)
        assert [article.title for article in published(uow.session)] == ["Один иначе"]
        assert version(uow.session) == 2


def test_the_same_files_again_change_nothing(office: TestOffice, tmp_path: Path) -> None:
    write(tmp_path, "one", "Один")
    for _ in range(2):
        with office.work() as uow:
            sync_articles(uow, tmp_path)
    with office.work() as uow:
        assert version(uow.session) == 1


def test_a_bad_article_stops_the_sync_with_file_and_line(office: TestOffice, tmp_path: Path) -> None:
    write(tmp_path, "one", "Один")
    with office.work() as uow:
        sync_articles(uow, tmp_path)
    write(tmp_path, "one", "Один иначе")
    (tmp_path / "ru" / "bad.md").write_text("---\ntitle: x\nwrong: field\n---\ntext\n", "utf-8")
    with pytest.raises(BadArticlesError, match=r"bad\.md:3: unknown field 'wrong'"), office.work() as uow:
        sync_articles(uow, tmp_path)
    with office.work() as uow:
        assert [article.title for article in published(uow.session)] == ["Один"]


def test_what_was_written_in_the_chat_survives_a_sync(office: TestOffice, tmp_path: Path) -> None:
    write(tmp_path, "one", "Один")
    with office.work() as uow:
        sync_articles(uow, tmp_path)
        write_article(uow, "ru", "chat-1", "Из чата", "Текст", ["вопрос"], by=None)
        assert add_phrasing(uow, "one", "ru", "ещё  один вопрос", by=None)
        assert not add_phrasing(uow, "one", "ru", "ещё один вопрос", by=None)
    write(tmp_path, "one", "Один, новый")
    with office.work() as uow:
        sync_articles(uow, tmp_path)
        found = {article.id: article for article in published(uow.session)}
        assert set(found) == {"one", "chat-1"}
        assert found["one"].questions == ("как", "ещё один вопрос")


def test_an_article_of_another_plan_is_not_there(office: TestOffice, tmp_path: Path) -> None:
    write(tmp_path, "gold", "Для золотых", audience="gold")
    write(tmp_path, "gold", "For gold", audience="gold", lang="en")
    with office.work() as uow:
        sync_articles(uow, tmp_path)
        assert article_for(uow.session, "gold", "ru", frozenset({"public"})) is None
        russian = article_for(uow.session, "gold", "ru", frozenset({"public", "gold"}))
        english = article_for(uow.session, "gold", "en", frozenset({"public", "gold"}))
    assert russian is not None
    assert russian.title == "Для золотых"
    assert english is not None
    assert english.title == "For gold"


def test_an_article_in_one_language_serves_the_other(office: TestOffice, session: Session, tmp_path: Path) -> None:
    write(tmp_path, "one", "Один")
    with office.work() as uow:
        sync_articles(uow, tmp_path)
        found = article_for(uow.session, "one", "en", frozenset({"public"}))
    assert found is not None
    assert found.title == "Один"
    assert session.exec(select(Article)).one().language == "ru"
