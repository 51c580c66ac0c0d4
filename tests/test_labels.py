"""Labels with values: what a call gives a label is what the label says, in both languages."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from jinja2 import meta, nodes

import bot
from bot.db.errors import Refusal
from bot.messaging.notices import texts
from bot.messaging.notices.texts import LANGUAGES

HOUSE = Path(bot.__file__).parent
NO_VALUES = {"label": {"lang"}, "alert": {"popup"}, "Button": set[str]()}  # what is said beside the label's values


@dataclass(frozen=True)
class Given:
    """A label and the names of the values that a place in the code gives it."""

    place: str
    key: str
    names: frozenset[str]


@cache
def variables(key: str, lang: str) -> frozenset[str]:
    environment = texts._environment(lang)
    tree = environment.parse(texts._labels(lang)[key])
    return frozenset(meta.find_undeclared_variables(tree) - set(environment.globals))


@cache
def refusals() -> dict[str, type[Refusal]]:
    """Every refusal of the house by its name, which means one thing (tests/test_names.py)."""
    found: dict[str, type[Refusal]] = {}
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.startswith("bot.sandbox") and not module.name.endswith("__main__"):
            for each in vars(importlib.import_module(module.name)).values():
                if isinstance(each, type) and issubclass(each, Refusal):
                    found[each.__name__] = each
    return found


def given() -> list[Given]:
    files = [file for file in sorted(HOUSE.rglob("*.py")) if not file.is_relative_to(HOUSE / "sandbox")]
    found = [each for file in files for each in _of_code(str(file.relative_to(HOUSE)), file.read_text("utf-8"))]
    for lang in LANGUAGES:
        for file in sorted((texts.TEMPLATES / lang).rglob("*.html")):
            found += _of_template(f"{lang}/{file.name}", lang, file.read_text("utf-8"))
    return found


def wrong(said: Given) -> str:
    """What is amiss; empty where nothing is."""
    for lang in LANGUAGES:
        if said.key not in texts._labels(lang):
            return f"{said.place}: there is no label {said.key} in {lang}"
        if (wanted := variables(said.key, lang)) != said.names:
            return f"{said.place}: {said.key} in {lang} wants {sorted(wanted)} and gets {sorted(said.names)}"
    return ""


def test_a_label_gets_the_values_it_says_in_both_languages() -> None:
    found = given()
    assert [amiss for each in found if (amiss := wrong(each))] == []
    assert {each.place.partition(":")[0].rpartition(".")[2] for each in found if each.names} == {"py", "html"}


@pytest.mark.parametrize(
    "code",
    [
        'label("statement.fee", lang, plan=1)',
        'label("statement.fee", lang, plan=1, month=2, year=3)',
        'label("statement.no_such_label", lang)',
        'turn.alert("statement.fee", popup=True)',
        'Button("draft.join", press, values={"name": 1})',
        'Button("draft.join", press)',
        "raise OverLimit",
        "raise OverLimit(name=1)",
        "raise NotAllowed(name=1)",
    ],
)
def test_a_value_too_few_too_many_or_of_another_name_is_found(code: str) -> None:
    assert [bool(wrong(each)) for each in _of_code("here.py", code)] == [True]


def test_what_is_right_is_not_found() -> None:
    code = 'label("statement.fee", lang, plan=1, month=2)\nraise OverLimit(names=1)\nraise NotAllowed\n'
    code += 'Button("draft.join", press, values={"number": 1})\nturn.alert("debts.settled", popup=True)'
    assert [wrong(each) for each in _of_code("here.py", code)] == [""] * 5


def _of_template(place: str, lang: str, source: str) -> Iterator[Given]:
    for node in texts._environment(lang).parse(source).find_all(nodes.Call):
        if isinstance(node.node, nodes.Name) and node.node.name == "label" and isinstance(node.args[0], nodes.Const):
            names = frozenset(each.key for each in node.kwargs)
            if node.dyn_kwargs is None:
                yield Given(f"{place}:{node.lineno}", str(node.args[0].value), names)


def _of_code(file: str, source: str) -> Iterator[Given]:
    tree = ast.parse(source)
    homes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    own = {id(inner): home.name for home in homes for inner in ast.walk(home)}
    for node in ast.walk(tree):
        place = f"{file}:{getattr(node, 'lineno', 0)}"
        said = None
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name) and node.exc.id in refusals():
            said = refusals()[node.exc.id].key, frozenset[str]()
        elif isinstance(node, ast.Call):
            said = _of_call(node, own.get(id(node), ""))
        if said is not None:
            yield Given(place, *said)


def _of_call(node: ast.Call, owner: str) -> tuple[str, frozenset[str]] | None:
    method = isinstance(node.func, ast.Attribute)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name == "__init__" and owner in refusals():
        return refusals()[owner].key, _keywords(node)
    if name in refusals():
        return None if _speaks_itself(refusals()[name]) else (refusals()[name].key, _keywords(node))
    if name not in NO_VALUES or (name == "label" and method):  # `column.label()` names a column
        return None
    key = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
    if not isinstance(key, str) or not key:
        return None
    if any(each.arg is None for each in node.keywords):
        return None  # `**values`: whose they are isn't seen here
    if name != "Button":
        return key, _keywords(node) - NO_VALUES[name]
    values = next((each.value for each in node.keywords if each.arg == "values"), None)
    if values is not None and not isinstance(values, ast.Dict):
        return None
    keys = values.keys if values is not None else []
    return key, frozenset(each.value for each in keys if isinstance(each, ast.Constant))


def _keywords(node: ast.Call) -> frozenset[str]:
    return frozenset(each.arg for each in node.keywords if each.arg is not None)


def _speaks_itself(refusal: type[Refusal]) -> bool:
    """Whether it names its values itself, whatever it is made of."""
    return refusal.__init__ is not Refusal.__init__
