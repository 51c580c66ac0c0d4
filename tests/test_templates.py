"""Every text in both languages, with hostile values: nothing breaks out, nothing is too long, nothing is missing."""

import dataclasses
import random
import re
import tomllib
from functools import cache
from itertools import pairwise
from typing import Any, Self

import pytest
from jinja2 import meta, pass_context

from bot.messaging.notices import texts
from bot.messaging.notices.subjects import NOTHING
from bot.messaging.notices.texts import LANGUAGES, TEMPLATES, subject_of
from bot.sandbox.markup.html import parse_html
from bot.telegram.showing.rendering import compose, plain_length, split
from tests.builders.hostile_subjects import HOSTILE, MOMENT, filled, subjects

FILTERS: dict[str, Any] = {"day": MOMENT, "clock": MOMENT, "moment": MOMENT, "month": MOMENT}
FILLINGS = 12

PLAIN: dict[str, dict[str, Any]] = {
    "errors/refusal": {"key": "refusal.not_allowed", "values": {}},
    "top_up/card": {"texts": {"ru": "Пополнить", "en": "Top up"}},  # likewise
    "quote/card": {"texts": {"ru": "Платная работа", "en": "Paid work"}},  # frozen HTML that a template made
}


class Hostile(int):
    """Any value a template may get: a number to filters, a hostile text on the screen, whatever is asked of it."""

    def __new__(cls) -> Self:
        return super().__new__(cls, 3750)

    def __str__(self) -> str:
        return HOSTILE

    def __format__(self, spec: str) -> str:
        return HOSTILE

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Hostile()

    def __getitem__(self, key: object) -> Any:
        return Hostile()

    def __call__(self, *args: object, **kwargs: object) -> Any:
        return Hostile()

    def __iter__(self) -> Any:
        return iter([Hostile(), Hostile()])

    def __len__(self) -> int:
        return 2

    def items(self) -> Any:
        return [(Hostile(), Hostile())]


def names(lang: str) -> list[str]:
    root = TEMPLATES / lang
    return sorted(str(path.relative_to(root))[: -len(".html")] for path in root.rglob("*.html"))


def labels(lang: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for file in (TEMPLATES / lang / "labels").glob("*.toml"):
        for section, entries in tomllib.loads(file.read_text("utf-8")).items():
            for key, text in entries.items():
                assert f"{section}.{key}" not in flat, f"{section}.{key} is said twice"
                flat[f"{section}.{key}"] = text
    return flat


@pytest.fixture(autouse=True)
def _tame_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Filters that want a date get one where a template gives a hostile value."""
    for lang in LANGUAGES:
        filters = texts._environment(lang).filters
        for name, stand_in in FILTERS.items():
            monkeypatch.setitem(filters, name, _given(filters[name], stand_in))
        monkeypatch.setitem(filters, "of_unit", lambda quantity, _unit, say=filters["of_unit"]: say(quantity, "шт"))
        counted_out = filters["amount"]  # its unit names a label
        monkeypatch.setitem(filters, "amount", lambda value, _unit, exact=False, say=counted_out: say(value, "roubles"))
        monkeypatch.setitem(texts._environment(lang).globals, "label", lambda *_args, **_values: HOSTILE)


def _given(original: Any, stand_in: Any) -> Any:
    if hasattr(original, "jinja_pass_arg"):  # it asks the render for the reader's zone

        @pass_context
        def in_context(context: Any, value: Any, *more: Any, **named: Any) -> Any:
            return original(context, stand_in if isinstance(value, Hostile) else value)

        return in_context

    def filtered(value: Any, *more: Any, **named: Any) -> Any:
        if isinstance(value, Hostile):
            return original(stand_in)
        return original(value)  # without its zone, a hostile text here

    return filtered


def variables(lang: str, name: str) -> set[str]:
    environment = texts._environment(lang)
    assert environment.loader is not None
    source = environment.loader.get_source(environment, f"{name}.html")[0]
    tree = environment.parse(source)
    found = meta.find_undeclared_variables(tree) - set(environment.globals)
    for other in meta.find_referenced_templates(tree):
        if other:
            found |= variables(lang, other.removesuffix(".html"))
    return found


def test_both_languages_have_the_same_templates_and_labels() -> None:
    assert names("ru") == names("en")
    assert set(labels("ru")) == set(labels("en"))


@cache
def classes() -> dict[str, type]:
    return subjects()


def parts(lang: str) -> set[str]:
    """Templates that others include: they have what those have."""
    environment = texts._environment(lang)
    assert environment.loader is not None
    trees = [environment.parse(environment.loader.get_source(environment, f"{name}.html")[0]) for name in names(lang)]
    return {other.removesuffix(".html") for tree in trees for other in meta.find_referenced_templates(tree) if other}


@pytest.mark.parametrize("name", [name for name in names("ru") if subject_of(name)])
def test_a_template_reads_what_its_subject_has(name: str) -> None:
    subject = classes()[subject_of(name)]
    assert variables("ru", name) <= {field.name for field in dataclasses.fields(subject)}


def test_each_template_names_its_subject_in_both_languages() -> None:
    heads = {
        lang: {name: texts.HEAD.match((TEMPLATES / lang / f"{name}.html").read_text("utf-8")) for name in names(lang)}
        for lang in LANGUAGES
    }
    for name in names("ru"):
        ru, en = (heads[lang][name] for lang in LANGUAGES)
        assert (ru and ru[1]) == (en and en[1]), name


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", names("ru"))
def test_a_template_holds_with_hostile_values(name: str, lang: str) -> None:
    if not subject_of(name):
        values: dict[str, Any] = {variable: Hostile() for variable in variables(lang, name)} | PLAIN.get(name, {})
        holds(texts.render(name, lang, **values))
        return
    for seed in range(FILLINGS):
        subject = filled(classes()[subject_of(name)], random.Random(seed))
        holds(texts.render(name, lang, dataclasses.replace(subject, **PLAIN.get(name, {}))))


def holds(text: str) -> None:
    for part in split(text):
        assert 0 < plain_length(part) <= 4096
        shown, entities = parse_html(part)
        assert "script" not in {entity["type"] for entity in entities}
        assert "\n\n\n" not in shown
    assert "<script>" not in text


@pytest.mark.parametrize("name", names("ru"))
def test_both_languages_tell_the_same_things(name: str) -> None:
    assert variables("ru", name) == variables("en", name)


def test_a_long_text_is_split_at_blocks_with_its_tags_closed() -> None:
    text = "\n\n".join(f"<b>Часть {n}</b>\n" + "слово " * 300 for n in range(12))
    parts = split(text)
    assert len(parts) > 3
    assert all(plain_length(part) <= 4096 and parse_html(part) for part in parts)
    assert "".join(parts).count("слово") == text.count("слово")


def test_a_part_ends_behind_a_whole_block_and_never_with_a_heading() -> None:
    block = "\n".join(f"{n}. " + "слово " * 80 for n in range(1, 6))
    other = block.replace("слово", "крышка")
    parts = split("\n\n".join([block, other, "<b>Если не помогло</b>", block]), 4_500)
    assert [part.split()[0] for part in parts] == ["1.", "1.", "<b>Если"]
    assert [part.split()[-1] for part in parts] == ["слово", "крышка", "слово"]


def test_compose_puts_the_buttons_under_the_last_part() -> None:
    messages = compose("errors/apology", "ru", NOTHING, 1)
    assert [message["chat_id"] for message in messages] == [1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_line_of_a_template_runs_into_the_next(lang: str) -> None:
    """Jinja takes the line break behind a tag: a line of words that ends with one needs an empty line below it."""
    glued = []
    for name in names(lang):
        lines = (TEMPLATES / lang / f"{name}.html").read_text("utf-8").split("\n")
        words = [bool(re.sub(r"\{%.*?%\}", "", line).strip()) for line in lines]
        glued += [
            f"{name}:{number}"
            for number, (line, below) in enumerate(pairwise(lines), start=1)
            if line.endswith("%}")
            and words[number - 1]
            and below.strip()
            and (any(words[number:]) or "endfor" in below)
        ]
    assert glued == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_alarm_has_a_line_of_its_own(lang: str) -> None:
    alarms = [{"kind": "refused", "about": "Анна", "count": 2}, {"kind": "poison", "about": "", "count": 1}]
    lines = texts.render("staff/alarms", lang, alarms=alarms, more=3).split("\n")
    assert [line[0] for line in lines] == ["⚠", "•", "•", "…"]
