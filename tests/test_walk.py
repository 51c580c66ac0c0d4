"""docs/walk.md: each file and function that it names exists; that they run on the way is counted by `bench.walk`."""

import ast
from pathlib import Path

import pytest

from bench.walk.page import named

HOUSE = Path(__file__).resolve().parents[1]


def functions_of(path: Path) -> set[str]:
    """Functions of a module and methods of its classes, as `Class.method`."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{part.name}" for part in node.body if hasattr(part, "name")}
    return found


@pytest.mark.parametrize(("chapter", "at_least"), [("One message", 40), ("One rouble", 30)])
def test_every_step_of_the_walk_is_there(chapter: str, at_least: int) -> None:
    steps = [step.split(": ") for step in named(chapter)]
    assert len(steps) >= at_least
    assert [step for step in steps if step[1] not in functions_of(HOUSE / step[0])] == []
