"""What hurried lines want besides an answer, by the shipped lists (R1.10, R1.12)."""

import tomllib
from pathlib import Path

import pytest

from bot.answers.hearing import WISHES, LineWish, hear

LINES = tomllib.loads((Path(__file__).parent / "data" / "heard.toml").read_text("utf-8"))


def lines(kind: str) -> list[str]:
    return [line for line in LINES[kind].splitlines() if line]


@pytest.mark.parametrize("line", [line for wish in WISHES for line in lines(wish)])
def test_who_wants_a_person_is_heard(line: str) -> None:
    assert hear(line).wish is not None


@pytest.mark.parametrize(("wish", "line"), [(wish, line) for wish in WISHES[:3] for line in lines(wish)])
def test_what_a_person_is_wanted_for_is_marked(wish: str, line: str) -> None:
    assert hear(line).wish == wish


@pytest.mark.parametrize("line", lines("danger"))
def test_danger_is_heard(line: str) -> None:
    assert hear(line).danger


@pytest.mark.parametrize("line", lines("haste"))
def test_haste_is_heard_and_calls_nobody(line: str) -> None:
    heard = hear(line)
    assert (heard.haste, heard.wish) == (True, None)


@pytest.mark.parametrize("line", lines("nothing"))
def test_an_ordinary_line_goes_to_nobody(line: str) -> None:
    assert hear(line) == LineWish()


@pytest.mark.parametrize("line", ["", " ", "\ud83d", "\x00", "!!!", "а" * 5_000, "🙋" * 300, "оператор " * 500])
def test_any_text_is_accepted(line: str) -> None:
    hear(line)
