"""docs/calc.md: every operation has its row and an example, and each example is answered as the page says."""

import json
import re
from pathlib import Path

from bot.cli.calc.lines import answers

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "calc.md").read_text("utf-8")


def examples() -> list[tuple[str, str]]:
    (block,) = re.findall(r"```json\n(.+?)```", PAGE, re.DOTALL)
    lines = block.splitlines()
    return list(zip(lines[::2], lines[1::2], strict=True))


def test_each_example_is_answered_as_the_page_says() -> None:
    for asked, answer in examples():
        assert [json.loads(line) for line in answers([asked.encode()])] == [json.loads(answer)], asked


def test_every_operation_has_its_row_and_an_example() -> None:
    (refused,) = answers([b'{"calc": "?"}'])
    known = set(json.loads(refused)["error"].removeprefix("calc: must be one of ").split(", "))
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == known
    assert {json.loads(asked)["calc"] for asked, _ in examples()} == known
