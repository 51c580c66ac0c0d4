"""A wrong or half a folder takes no articles away: it is named, and a large removal must be asked for."""

import shutil
from pathlib import Path

import pytest
from sqlmodel import func, select
from typer.testing import CliRunner

from bot.cli import commands
from bot.cli.failing import CommandError
from bot.clients.models import Policy
from bot.kb.articles.models import Article
from tests.conftest import TestOffice
from tests.kb.articles.test_sync import write


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Twelve Russian articles and two English ones, where a repository has them."""
    folder = tmp_path / "content" / "faq"
    for number in range(12):
        write(folder, f"a{number}", f"Статья {number}", f"вопрос {number}")
    for number in range(2):
        write(folder, f"a{number}", f"Article {number}", f"question {number}", lang="en")
    return folder


@pytest.fixture
def kb(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("KB_ENCODER", "off")

    def run(*words: object) -> str:
        done = CliRunner().invoke(commands, ["kb", *map(str, words)])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return f"{done.exit_code} {done.output}"

    return run


def published(office: TestOffice) -> int:
    with office.work() as uow:
        return uow.session.exec(select(func.count()).where(Article.published)).one()


def test_a_wrong_folder_is_named_and_takes_nothing_away(kb, office: TestOffice, content: Path, tmp_path: Path) -> None:
    kb("sync", content)
    (tmp_path / "empty").mkdir()
    for folder, said in (
        (tmp_path / "empty", "no articles here; they are files <lang>/<id>.md in it"),
        (content.parent, f"did you mean {content}?"),
        (content / "ru", f"did you mean {content}?"),
        (tmp_path, "no articles here"),
    ):
        with pytest.raises(CommandError, match=r"nothing was changed") as refused:
            kb("sync", folder, "--remove")
        assert said in str(refused.value)
        assert kb("check", folder).startswith("1 ")
        with pytest.raises(CommandError, match="no articles here"):
            kb("search", "вопрос", "--content", folder)
        (tmp_path / "queries.jsonl").write_text('{"query": "вопрос"}\n')
        assert kb("rank", "--content", folder, "--queries", tmp_path / "queries.jsonl").startswith("2 ")
    assert published(office) == 14


def test_a_large_removal_is_refused_unless_asked_for(kb, office: TestOffice, content: Path) -> None:
    kb("sync", content)
    for number in range(8, 12):
        (content / "ru" / f"a{number}.md").unlink()
    with pytest.raises(CommandError, match=r"4 published articles have no file any more: ru/a10, ru/a11") as refused:
        kb("sync", content)
    assert f"kb sync {content} --remove" in str(refused.value)
    assert published(office) == 14
    write(content, "a8", "Статья 8", "вопрос 8")
    assert "removed 3" in kb("sync", content), "a few are ordinary work"
    for number in range(5):
        (content / "ru" / f"a{number}.md").unlink()
    assert "removed 5" in kb("sync", content, "--remove")
    assert published(office) == 6


def test_a_whole_language_is_never_a_few(kb, office: TestOffice, content: Path) -> None:
    kb("sync", content)
    shutil.rmtree(content / "en")
    with pytest.raises(CommandError, match=r"2 published articles have no file any more: en/a0, en/a1"):
        kb("sync", content)
    shutil.rmtree(content / "ru")
    (content / "ru").mkdir()
    with pytest.raises(CommandError, match="no articles here"):
        kb("sync", content, "--remove")
    assert published(office) == 14


def test_how_many_are_a_few_is_policy(kb, office: TestOffice, content: Path) -> None:
    kb("sync", content)
    with office.work() as uow:
        uow.session.add(Policy(name="kb_removed_articles", value=0))
    (content / "ru" / "a1.md").unlink()
    assert "removed 1" in kb("sync", content), "one of fourteen is less than a tenth"
    with office.work() as uow:
        uow.session.add(Policy(name="kb_removed_percent", value=0))
    (content / "ru" / "a2.md").unlink()
    with pytest.raises(CommandError, match="1 published articles"):
        kb("sync", content)


def test_what_lies_too_deep_or_in_no_language_is_named(kb, office: TestOffice, content: Path) -> None:
    kb("sync", content)
    (content / "ru" / "printers").mkdir()
    shutil.move(content / "ru" / "a1.md", content / "ru" / "printers" / "a1.md")
    shutil.move(content / "ru" / "a2.md", content / "ru" / "a2.MD")
    shutil.move(content / "en", content / "English")
    with pytest.raises(CommandError) as refused:
        kb("sync", content)
    for name in ("ru/printers/a1.md: not read", "ru/a2.MD: not read", "English: a language is a folder"):
        assert name in str(refused.value)
    (content / "README.md").write_text("# Наши статьи")
    assert published(office) == 14


def test_a_language_that_the_bot_does_not_speak_is_refused_by_name(kb, office: TestOffice, content: Path) -> None:
    kb("sync", content)
    shutil.copytree(content / "en", content / "de")
    with pytest.raises(CommandError, match=r"de: the bot doesn't speak de; it has ru and en"):
        kb("sync", content)
    assert kb("check", content).startswith("1 ")
    assert published(office) == 14
