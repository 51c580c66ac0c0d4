"""docs/rules.md has every rule that is cited, with homes and tests that cite it; pages that code names are in docs/."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
CITING = ("bot", "tests", "bench", "migrations", "docs", "README.md")
CODE = ("bot", "tests", "bench", "migrations")
KINDS = {".py", ".md", ".toml", ".html", ".mako"}

RULE = re.compile(r"\bR(\d+)\.(\d+)(?:[–-]R(\d+)\.(\d+))?|\btest_r(\d+)_(\d+)_")
CHAPTER = re.compile(r"\bR(\d{1,2})\b(?!\.\d)")
ENTRY = re.compile(r"^- \*\*R(\d+)\.(\d+)\*\* (.+?)(?=^- \*\*R|^## |\Z)", re.DOTALL | re.MULTILINE)
HOLDS = re.compile(r"^  Home: (?P<home>.+?)\. Tests: (?P<tests>.+?)\.$", re.DOTALL | re.MULTILINE)
PATH = re.compile(r"`([\w/]+\.py)`")
NAMED = re.compile(r"(?<![\w./<>-])(?:docs/)?((?:decisions/)?[\w-]+\.md)\b")
MODULE = re.compile(r"`((?:bot|tests|bench)/[\w/-]+\.(?:py|toml|typ))`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")

Rule = tuple[int, int]


@cache
def files(*places: str) -> tuple[Path, ...]:
    found = (ROOT / place for place in places)
    return tuple(
        file
        for place in found
        for file in ([place] if place.is_file() else sorted(place.rglob("*")))
        if file.suffix in KINDS and file.is_file()
    )


@cache
def cited(file: Path) -> frozenset[Rule]:
    rules: set[Rule] = set()
    for chapter, number, last_chapter, last, test_chapter, test_number in RULE.findall(file.read_text("utf-8")):
        first = int(number or test_number)
        until = int(last) if last and last_chapter == chapter else first
        rules |= {(int(chapter or test_chapter), each) for each in range(first, until + 1)}
    return frozenset(rules)


@cache
def page() -> str:
    return (DOCS / "rules.md").read_text("utf-8")


def entries() -> dict[Rule, str]:
    return {(int(chapter), int(number)): text.rstrip() for chapter, number, text in ENTRY.findall(page())}


def named(rule: Rule) -> str:
    return f"R{rule[0]}.{rule[1]}"


def test_every_rule_that_is_cited_stands_on_the_page() -> None:
    known = entries()
    strangers = {
        f"{named(rule)} in {file.relative_to(ROOT)}"
        for file in files(*CITING)
        for rule in cited(file)
        if rule not in known
    }
    assert not strangers
    chapters = {int(number) for number in re.findall(r"^## R(\d+) ", page(), re.MULTILINE)}
    assert {chapter for chapter, _ in known} <= chapters
    for file in files("bot", "docs"):
        assert {int(number) for number in CHAPTER.findall(file.read_text("utf-8"))} <= chapters, file


def test_rules_stand_once_and_in_order() -> None:
    found = [(int(chapter), int(number)) for chapter, number, _ in ENTRY.findall(page())]
    assert found == sorted(set(found))
    assert len(found) == len(re.findall(r"^- ", page(), re.MULTILINE)), "a line of the page that is no rule"


@pytest.mark.parametrize("rule", entries(), ids=named)
def test_homes_and_tests_of_a_rule_are_there_and_cite_it(rule: Rule) -> None:
    holds = HOLDS.search(entries()[rule])
    assert holds is not None, "its last lines name home and tests"
    for place, begins, pattern in (("home", "bot/", "*.py"), ("tests", "tests/", "test_*.py")):
        paths = PATH.findall(holds[place])
        if holds[place].startswith("none: "):
            citing = {file.relative_to(ROOT) for file in files(begins) if rule in cited(file)}
            assert not paths
            assert not citing, f"it has a {place} by now"
            continue
        assert paths, f"no {place}, and no word why"
        for path in paths:
            assert path.startswith(begins)
            assert Path(path).match(pattern)
            assert (ROOT / path).is_file(), path
            assert rule in cited(ROOT / path), f"{path} doesn't cite {named(rule)}"


def words(file: Path) -> Iterator[str]:
    """Comments and docstrings of a module: a page named there is one to read."""
    text = file.read_text("utf-8")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def test_every_page_that_code_names_is_there() -> None:
    missing = {
        f"{name} in {file.relative_to(ROOT)}"
        for file in files(*CODE)
        if file.suffix == ".py" and ".md" in file.read_text("utf-8")
        for said in words(file)
        for name in NAMED.findall(said)
        if not (DOCS / name).is_file()
    }
    assert not missing
    for file in files("bot"):
        if file.suffix != ".py":
            for name in re.findall(r"\bdocs/([\w/-]+\.md)", file.read_text("utf-8")):
                assert (DOCS / name).is_file(), f"{name} in {file}"


def test_every_module_that_a_page_names_is_there() -> None:
    for file in files("docs", "README.md"):
        for path in MODULE.findall(file.read_text("utf-8")):
            assert (ROOT / path).is_file(), f"{path} in {file.relative_to(ROOT)}"


def test_every_link_between_pages_leads_somewhere() -> None:
    for file in files("docs", "README.md"):
        if file.suffix == ".md":
            for link in LINK.findall(file.read_text("utf-8")):
                assert (file.parent / link).exists(), f"{link} in {file.relative_to(ROOT)}"
