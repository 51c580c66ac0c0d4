"""Every text in both languages, with hostile values: nothing breaks out, nothing is too long, nothing is missing."""

import dataclasses
import inspect
import random
import re
import tomllib
import types
import typing
from itertools import pairwise
from typing import Any

import pytest
from jinja2 import meta, pass_context

from bot.messaging.notices import texts
from bot.messaging.notices.subjects import NOTHING
from bot.messaging.notices.texts import LANGUAGES, TEMPLATES, subject_of
from bot.sandbox.markup.html import parse_html
from bot.telegram.showing import keyboards
from bot.telegram.showing.rendering import compose, plain_length, split
from bot.tickets.dispatch.alarms import AlarmLine, Alarms
from tests.builders.hostile_subjects import HOSTILE, filled, subjects

ZONED = ("day", "clock", "moment")
FILLINGS = 12
CLASSES = subjects()  # with every module there is, so that all buttons are registered

PLAIN: dict[str, dict[str, Any]] = {
    "errors/refusal": {"key": "refusal.not_allowed", "values": {}},
    "top_up/card": {"texts": {"ru": "Пополнить", "en": "Top up"}},  # likewise
    "quote/card": {"texts": {"ru": "Платная работа", "en": "Paid work"}},  # frozen HTML that a template made
}


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
    """A hostile text is no time zone, no unit and no label's key."""
    for lang in LANGUAGES:
        environment = texts._environment(lang)
        for name in ZONED:
            monkeypatch.setitem(environment.filters, name, _without_zone(environment.filters[name]))
        of_unit, amount = environment.filters["of_unit"], environment.filters["amount"]
        monkeypatch.setitem(environment.filters, "of_unit", lambda quantity, _unit, say=of_unit: say(quantity, "шт"))
        monkeypatch.setitem(environment.filters, "amount", lambda value, _unit, say=amount: say(value, "roubles"))
        monkeypatch.setitem(environment.globals, "label", lambda *_args, **_values: HOSTILE)


def _without_zone(original: Any) -> Any:
    if hasattr(original, "jinja_pass_arg"):  # it asks the render for the reader's zone
        return pass_context(lambda context, value, *_zone, **_how: original(context, value))
    return lambda value, *_zone, **_how: original(value)


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


def parts(lang: str) -> set[str]:
    """Templates that others include: they have what those have."""
    environment = texts._environment(lang)
    assert environment.loader is not None
    trees = [environment.parse(environment.loader.get_source(environment, f"{name}.html")[0]) for name in names(lang)]
    return {other.removesuffix(".html") for tree in trees for other in meta.find_referenced_templates(tree) if other}


def test_each_phone_is_told_with_spaces() -> None:
    bare = re.compile(r"\{\{[^|{}]*\b(?:emergency_)?phones? *\}\}")
    told = {
        f"{lang}/{name}": (TEMPLATES / lang / f"{name}.html").read_text("utf-8")
        for lang in LANGUAGES
        for name in names(lang)
    }
    assert {where: bare.findall(text) for where, text in told.items() if bare.search(text)} == {}


# Where a command is what has to be typed: the list of what there is, the group that is linked, the way back.
COMMANDS = {"menu/help", "people/dispatch_how", "settings/withdraw_sure", "settings/withdrawn"}


def test_texts_name_screens_not_commands() -> None:
    command = re.compile(r"(?:^|[ («“])/[a-z]{3,}", re.MULTILINE)
    for lang in LANGUAGES:
        told = {name: (TEMPLATES / lang / f"{name}.html").read_text("utf-8") for name in names(lang)}
        assert {name for name, text in told.items() if command.search(text)} == COMMANDS


# What leaves for a bank or a till is written as they have it.
ELSEWHERE = {"paper.purpose", "statement.quote"}


def test_a_number_is_told_in_one_form_everywhere() -> None:
    bare = re.compile(r"(?:№|#|\bNo\.?)\s*\{")
    for lang in LANGUAGES:
        told = {name: (TEMPLATES / lang / f"{name}.html").read_text("utf-8") for name in names(lang)}
        told |= {key: text for key, text in labels(lang).items() if key not in ELSEWHERE}
        assert [name for name, text in told.items() if bare.search(text)] == [], "the filter `no` writes it"


def test_the_sign_and_the_number_are_never_parted() -> None:
    assert texts.numbered(49, "ru") == "№\u00a049"
    assert texts.numbered(49, "en") == "No.\u00a049"
    assert texts.label("ticket.into", "ru", number=49) == "Да, к №\u00a049"


WHOLE = [name for name in names("ru") if subject_of(name)]


def test_a_template_without_a_subject_is_a_part_of_others() -> None:
    assert set(names("ru")) - set(WHOLE) == {name for name in parts("ru") if not subject_of(name)}


@pytest.mark.parametrize("name", WHOLE)
def test_a_template_reads_what_its_subject_has(name: str) -> None:
    subject = CLASSES[subject_of(name)]
    assert variables("ru", name) <= {field.name for field in dataclasses.fields(subject)}


def test_each_template_names_its_subject_in_both_languages() -> None:
    heads = {
        lang: {name: texts.HEAD.match((TEMPLATES / lang / f"{name}.html").read_text("utf-8")) for name in names(lang)}
        for lang in LANGUAGES
    }
    for name in names("ru"):
        ru, en = (heads[lang][name] for lang in LANGUAGES)
        assert (ru and ru[1]) == (en and en[1]), name


@pytest.mark.parametrize("name", sorted(keyboards._screens))
def test_buttons_are_made_of_what_their_template_gets(name: str) -> None:
    build = keyboards._screens[name]
    hints = typing.get_type_hints(build)
    _lang, given = inspect.signature(build).parameters
    kind, subject = hints[given], CLASSES[subject_of(name)]
    admitted = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    if getattr(kind, "_is_protocol", False):
        assert all(hasattr(subject, each) for each in vars(kind) if not each.startswith("_")), (name, kind)
    else:
        assert subject in admitted, (name, kind)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", WHOLE)
def test_a_template_holds_with_hostile_values(name: str, lang: str) -> None:
    for seed in range(FILLINGS):
        subject = filled(CLASSES[subject_of(name)], random.Random(seed))
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
    alarms = [AlarmLine("refused", "Анна", 2), AlarmLine("poison", "", 1)]
    lines = texts.render("staff/alarms", lang, Alarms(alarms, more=3)).split("\n")
    assert [line[0] for line in lines] == ["⚠", "•", "•", "…"]
