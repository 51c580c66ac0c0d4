"""One meaning a word: what the names of the house are held to (docs/glossary.md)."""

import ast
from collections import defaultdict
from pathlib import Path

import bot

HOUSE = Path(bot.__file__).parent
# The sandbox plays Telegram: its words are those of the Bot API (Message, Topic, Webhook), whatever ours mean.
ELSEWHERE = (HOUSE / "sandbox",)


def classes(file: Path) -> list[str]:
    return [node.name for node in ast.parse(file.read_text("utf-8")).body if isinstance(node, ast.ClassDef)]


def test_a_class_name_means_one_thing_in_the_whole_house() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for file in sorted(HOUSE.rglob("*.py")):
        if not any(file.is_relative_to(each) for each in ELSEWHERE):
            for name in classes(file):
                homes[name].append(str(file.relative_to(HOUSE)))
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}
