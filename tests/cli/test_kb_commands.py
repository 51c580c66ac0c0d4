"""`python -m bot kb …` as an operator runs it, on both databases."""

from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from bot.cli import commands
from bot.cli.failing import CommandError
from bot.kb.articles.models import Article
from bot.kb.articles.sync import set_published, write_article
from bot.kb.learning.feedback import record_miss, record_shown
from tests.conftest import TestOffice
from tests.kb.articles.test_sync import write


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("KB_ENCODER", "off")

    def invoke(*words: str) -> str:
        done = CliRunner().invoke(commands, ["kb", *words])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    return invoke


def test_files_become_the_base_and_mistakes_change_nothing(run, office: TestOffice, tmp_path: Path) -> None:
    write(tmp_path, "one", "Один")
    assert run("sync", str(tmp_path)) == "added 1, changed 0, removed 0, unchanged 0\n"
    write(tmp_path, "one", "Один иначе")
    (tmp_path / "ru" / "bad.md").write_text("---\ntitle: x\n---\nтекст\n\n![нет](no.png)\n", "utf-8")
    assert "bad.md:6: picture 'no.png' is not there" in run("check", str(tmp_path))
    with pytest.raises(CommandError, match=r"bad\.md:6: picture 'no\.png' is not there\nnothing was changed"):
        run("sync", str(tmp_path))
    with office.work() as uow:
        assert [row.title for row in uow.session.exec(select(Article)).all()] == ["Один"]


def test_what_was_changed_in_the_chat_is_kept_and_can_be_brought_into_files(
    run, office: TestOffice, tmp_path: Path
) -> None:
    for code in ("one", "two", "three"):
        write(tmp_path, code, f"Статья {code}")
    run("sync", str(tmp_path))
    with office.work() as uow:
        write_article(uow, "ru", "one", "Из чата: «1»", "Новый *текст*", by=None)
        set_published(uow, "two", "ru", False, by=None)
    said = run("sync", str(tmp_path))
    assert "added 0, changed 0, removed 0, unchanged 1" in said
    assert "kept ru/one" in said
    assert "kept ru/two" in said
    exported = run("export", str(tmp_path))
    assert f"wrote {tmp_path}/ru/one.md" in exported
    assert f"delete {tmp_path}/ru/two.md" in exported
    (tmp_path / "ru" / "two.md").unlink()
    assert run("sync", str(tmp_path)) == "added 0, changed 0, removed 0, unchanged 2\n"
    with office.work() as uow:
        one = uow.session.exec(select(Article).where(Article.code == "one")).one()
        assert (one.title, one.body, one.from_file, one.published) == ("Из чата: «1»", "Новый *текст*", True, True)
    write(tmp_path, "two", "Статья two")
    assert "changed 1" in run("sync", str(tmp_path), "--overwrite")


def test_what_is_missing_and_what_articles_do_is_told(run, office: TestOffice, tmp_path: Path) -> None:
    write(tmp_path, "one", "Один")
    run("sync", str(tmp_path))
    office.moment = office.clock()
    with office.work() as uow:
        record_miss(uow, "сканер не читает штрихкод", "ru", "none", person_id=None)
        record_miss(uow, "не читает штрихкод сканер", "ru", "none", person_id=None)
        record_shown(uow, "one", "ru", "один", 0.9, person_id=None, appeal_id=None)
    told = run("gaps", "--days", "3650")
    assert "2 questions, 1 people, ru, nearest: none" in told
    assert "    сканер не читает штрихкод" in told
    assert "    1       0           0            0  one" in run("stats", "--days", "3650")
    assert "too few, at least 100 more are needed" in run("refit")
