"""Column types: what every row of every table relies on."""

import ast

import pytest
from sqlmodel import SQLModel

import bot.tables  # noqa: F401 - so that the registry is whole
from bot.tickets.life.models import Appeal


def test_a_new_row_parses_no_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """CPython 3.11 can't parse in two threads at once, and every lane makes rows."""
    tables = [mapper.class_ for mapper in SQLModel._sa_registry.mappers]
    assert len(tables) > 40
    parse, parsed = ast.parse, []
    with monkeypatch.context() as patch:
        patch.setattr(ast, "parse", lambda *words, **how: [parsed.append(table), parse(*words, **how)][1])
        for table in tables:
            table()
    assert parsed == []


def test_each_row_has_a_document_of_its_own() -> None:
    first, second = Appeal(), Appeal()
    first.articles.append("a")
    assert second.articles == []
