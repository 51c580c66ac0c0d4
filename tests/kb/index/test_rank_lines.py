import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


def write(folder: Path, code: str, text: str, lang: str = "ru") -> None:
    (folder / lang).mkdir(parents=True, exist_ok=True)
    (folder / lang / f"{code}.md").write_text(text, "utf-8")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    write(
        folder, "paper-jam", "---\nid: paper-jam\ntitle: Застряла бумага\nquestions: [зажевало бумагу]\n---\nОткройте."
    )
    write(folder, "only_title", "---\ntitle: Как сменить тариф\n---\n")
    write(folder, "text-1", "---\nid: text-1\n---\nКассу перезагружают кнопкой питания. Подождите минуту.")
    write(folder, "broken", "Тут нет заголовка, но есть текст: настройка почты в телефоне.")
    write(folder, "reset", "---\nid: reset\ntitle: Reset your password\n---\nUse the link.", "en")
    return folder


def rank(content: Path, lines: str, tmp_path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    queries = tmp_path / "queries.jsonl"
    queries.write_text(lines, "utf-8")
    command = [sys.executable, "-m", "bot", "kb", "rank", "--content", str(content), "--queries", str(queries), *more]
    environment = os.environ | {"KB_ENCODER": "off"}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)


def asked(*lines: str) -> str:
    return "".join(json.dumps({"query": line}, ensure_ascii=False) + "\n" for line in lines)


def test_each_query_gets_one_line_with_the_promised_fields(content: Path, tmp_path: Path) -> None:
    lines = ["зажевало бумагу", "pf;tdfkj ,evfue", "", "forgot my password", "сменить тариф"]
    done = rank(content, asked(*lines), tmp_path)
    rows: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [row["query"] for row in rows] == lines
    assert [set(row) for row in rows] == [{"query", "read_as", "decision", "in_scope", "hits", "ms"}] * 5
    assert [row["hits"][0]["id"] for row in rows if row["query"]] == ["paper-jam", "paper-jam", "reset", "only_title"]
    assert rows[1]["read_as"] == "зажевало бумагу"
    assert (rows[2]["decision"], rows[2]["hits"]) == ("none", [])
    assert all(0 <= hit["score"] <= 1 for row in rows for hit in row["hits"])


def test_a_broken_article_is_named_and_what_can_be_read_of_it_is_found(content: Path, tmp_path: Path) -> None:
    done = rank(content, asked("настройка почты"), tmp_path)
    assert "broken.md:1: front matter is missing" in done.stderr
    assert json.loads(done.stdout)["hits"][0]["id"] == "broken"


def test_a_bad_line_is_named_and_keeps_its_place(content: Path, tmp_path: Path) -> None:
    lines = asked("зажевало бумагу") + '{"query": \n\nсменить тариф\n{"text": 1}\n' + asked("зажевало бумагу")
    done = rank(content, lines, tmp_path)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["query"] for row in rows] == ["зажевало бумагу", "", "сменить тариф", "", "зажевало бумагу"]
    assert [line.split(":")[1] for line in done.stderr.splitlines() if "queries.jsonl" in line] == ["2", "4", "5"]


def test_a_folder_without_articles_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = rank(tmp_path / "empty", asked("что"), tmp_path)
    assert done.returncode == 2
    assert "no articles" in done.stderr


def test_no_settings_and_no_database_are_needed(content: Path, tmp_path: Path) -> None:
    os.environ.pop("DATABASE_URL", None)
    done = rank(content, asked("зажевало бумагу"), tmp_path)
    assert done.returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["content", "queries.jsonl"]


def test_search_and_rank_load_no_aiogram() -> None:
    code = (
        "import sys, pkgutil, importlib, bot.kb, bot.cli.kb\n"
        "for found in pkgutil.walk_packages(bot.kb.__path__, 'bot.kb.'): importlib.import_module(found.name)\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('aiogram', 'telegram')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_vectors_are_kept_in_the_cache_file_between_runs(content: Path, tmp_path: Path) -> None:
    from bot.kb.articles.article import read_articles
    from bot.kb.base.encoder import VectorCache
    from bot.kb.index.search import Index
    from tests.kb.shelf import Letters

    articles, _ = read_articles(content)
    file = tmp_path / "vectors.npz"
    first, second = Letters(), Letters()
    cache = VectorCache(file)
    reading = Index.build(articles, first, cache).ask("зажевало бумагу")
    cache.save()
    again = Index.build(articles, second, VectorCache(file))
    assert (first.texts > 0, second.texts) == (True, 0)
    assert again.ask("зажевало бумагу") == reading


def test_search_explains_feature_by_feature(content: Path) -> None:
    command = [sys.executable, "-m", "bot", "kb", "search", "pf;tdfkj ,evfue", "--content", str(content)]
    environment = os.environ | {"KB_ENCODER": "off"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=True)
    assert "зажевало бумагу" in done.stdout
    assert "paper-jam" in done.stdout
    assert "char_best" in done.stdout
