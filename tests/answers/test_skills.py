"""Which lines ask for a skill, what they name besides, and files of skills that can't be taken (R1.8, R1.13)."""

import tomllib
from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest
from sqlmodel import select

from bot.answers.skills.acts import CLIENT
from bot.answers.skills.choosing import nearest_skills, skill_asked, spoken_to_as
from bot.answers.skills.files import SkillText, parse_skill, read_skills
from bot.answers.skills.models import Skill
from bot.answers.skills.pricing import works_asked
from bot.answers.skills.sync import skill_units, sync_skills, unit_of
from bot.answers.skills.words import bare_number, month_named, ticket_number
from bot.billing.prices.book import BookItem
from bot.billing.prices.rule import PriceMode
from bot.clients.models import ClientRole, StaffRole
from bot.kb.articles.article import ArticleError, read_articles
from bot.kb.articles.sync import BadArticlesError, version
from bot.kb.index.search import Index
from bot.kb.judging.beside import MARK, apart
from bot.kb.judging.reading import Thresholds
from tests.conftest import TestOffice

ROOT = Path(__file__).parents[2]
LINES = tomllib.loads((Path(__file__).parent / "data" / "asked.toml").read_text("utf-8"))
SKILLS = ROOT / "content" / "skills"
GOOD = (
    "---\nid: hours\ntitle: Сколько осталось часов\nquestions: [сколько часов]\naudience: [client]\nact: hours\n---\n"
)


@lru_cache(maxsize=1)
def shipped() -> tuple[SkillText, ...]:
    skills, errors = read_skills(SKILLS)
    assert not errors
    return tuple(skills)


@lru_cache(maxsize=1)
def index() -> Index:
    """Articles and skills by words alone, as with `KB_ENCODER=off`."""
    return Index.build(
        [*read_articles(ROOT / "content" / "faq")[0], *(unit_of(skill, skill.lang) for skill in shipped())]
    )


def asked(line: str) -> str | None:
    """The skill that a client's line asks for."""
    reading = apart(index().ask(line, audience=frozenset({"public", f"{MARK}{CLIENT}"})), Thresholds())
    near = [skill for code in nearest_skills(reading) for skill in shipped() if skill.code == code]
    found = skill_asked(reading, near)
    return found.code if found is not None else None


def test_hurried_lines_ask_for_their_skill() -> None:
    lines = [(skill, line) for skill, text in LINES.items() if skill != "nothing" for line in text.split("\n") if line]
    missed = [f"{line}: {got}, not {skill}" for skill, line in lines if (got := asked(line)) != skill]
    assert len(missed) <= len(lines) * 0.08, missed  # by words alone; with the encoders one in a hundred


def test_what_articles_answer_is_left_to_them() -> None:
    taken = [f"{line}: {got}" for line in LINES["nothing"].split("\n") if line and (got := asked(line)) is not None]
    assert not taken


def test_every_skill_is_there_in_both_languages_with_many_ways_to_ask_it() -> None:
    both = {
        lang: {(each.id, each.act, each.audience) for each in shipped() if each.lang == lang} for lang in ("ru", "en")
    }
    assert both["ru"] == both["en"]
    assert all(len(each.questions) >= (5 if each.lang == "ru" else 4) for each in shipped())


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        (("act: hours", "act: hourz"), 6, "unknown act 'hourz'; there are hours, plan"),
        (("[client]", "[client, boss]"), 5, "unknown audience 'boss'"),
        (("audience: [client]\n", ""), 2, "a skill needs an audience"),
        (("title: Сколько осталось часов", "title: ''"), 3, "a skill needs a title"),
        (("id: hours", "id: other"), 2, "differs from the file name"),
        (("act: hours", "act: hours\ntags: [x]"), 7, "unknown field 'tags'"),
        (("act: hours\n---\n", "act: hours\n---\nОсталось:\n{figures}\n{hurz}\n"), 10, "unknown placeholder {hurz}"),
    ],
)
def test_a_bad_file_fails_with_its_line(change: tuple[str, str], line: int, reason: str) -> None:
    with pytest.raises(ArticleError) as caught:
        parse_skill(GOOD.replace(*change), "ru", "ru/hours.md")
    assert (caught.value.line, reason in str(caught.value)) == (line, True), str(caught.value)


def test_a_sync_takes_all_or_nothing_and_changes_what_changed(office: TestOffice, tmp_path: Path) -> None:
    (tmp_path / "ru").mkdir()
    file = tmp_path / "ru" / "hours.md"
    file.write_text(GOOD, "utf-8")
    with office.work() as uow:
        assert sync_skills(uow, tmp_path) == 1
        first = version(uow.session)
    with office.work() as uow:
        assert (sync_skills(uow, tmp_path), version(uow.session)) == (0, first)
    file.write_text(GOOD.replace("сколько часов", "остаток"), "utf-8")
    with office.work() as uow:
        assert (sync_skills(uow, tmp_path), version(uow.session)) == (1, first + 1)
        assert [each.questions for each in skill_units(uow.session)] == [("остаток",)]
    (tmp_path / "ru" / "bad.md").write_text(GOOD.replace("id: hours", "id: bad").replace("act: h", "act: x"), "utf-8")
    with pytest.raises(BadArticlesError, match=r"bad\.md:6: unknown act"), office.work() as uow:
        sync_skills(uow, tmp_path)
    (tmp_path / "ru" / "bad.md").unlink()
    file.rename(tmp_path / "ru" / "left.md").write_text(GOOD.replace("id: hours", "id: left"), "utf-8")
    with office.work() as uow:
        assert sync_skills(uow, tmp_path) == 2
        assert uow.session.exec(select(Skill.code)).all() == ["left"]


def test_a_skill_is_for_roles() -> None:
    assert spoken_to_as([ClientRole.OWNER], []) == {"/client", "/owner"}
    assert spoken_to_as([], [StaffRole.ADMIN]) == {"/staff", *(f"/{role}" for role in StaffRole)}
    assert spoken_to_as([], []) == {"/stranger"}


@pytest.mark.parametrize(
    ("line", "number", "alone"),
    [
        ("12", None, 12),
        *((line, 12, 12) for line in ("№12", "№ 12", "№\u00a012", "#12", "# 12", "No.\u00a012", "No 12")),
        ("заявка 12", 12, 12),
        ("Заявка №12?", 12, 12),
        ("заявка номер 12", 12, 12),
        ("что по заявке 12", 12, 12),
        ("чё по 12", None, 12),
        ("что с 12", None, 12),
        ("что с кассой 12", None, None),
        ("n " * 60, None, None),
        ("ticket 7 please", 7, None),
        ("ошибка 3897", None, None),
        ("касса 12 не печатает", None, None),
        ("заявка на 12 мая", None, None),
        ("8 916 123-45-67", None, None),
        ("", None, None),
    ],
)
def test_numbers_of_tickets(line: str, number: int | None, alone: int | None) -> None:
    assert (ticket_number(line), bare_number(line)) == (number, alone)


@pytest.mark.parametrize(
    ("line", "month"),
    [
        ("акт за октябрь", date(2026, 10, 1)),
        ("счёт за ДЕКАБРЬ", date(2025, 12, 1)),
        ("документы за март 2024", date(2024, 3, 1)),
        ("акты за прошлый месяц", date(2026, 10, 1)),
        ("за этот месяц", date(2026, 11, 1)),
        ("invoice for October", date(2026, 10, 1)),
        ("счёт на оплату", None),
    ],
)
def test_months(line: str, month: date | None) -> None:
    assert month_named(line, date(2026, 11, 24)) == month


def test_the_month_before_january_is_december() -> None:
    assert month_named("за прошлый месяц", date(2027, 1, 1)) == date(2026, 12, 1)


BOOK = [
    BookItem(None if code.startswith("hour:") else n, code, name, "шт", False, "repair", PriceMode.FIXED, 0)
    for n, (code, name) in enumerate(
        [
            ("hour:repair", "Час ремонта"),
            ("CALLOUT", "Выезд инженера"),
            ("KKT-FN", "Замена фискального накопителя"),
            ("PRN-REPAIR", "Ремонт принтера"),
            ("KKT-REPAIR", "Ремонт кассы"),
            ("PRN-REFILL", "Заправка картриджа"),
        ]
    )
]


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("скока стоит поменять фискальник?", ["KKT-FN"]),
        ("фн почём", ["KKT-FN"]),
        ("почем ремонт принтера", ["PRN-REPAIR"]),
        ("цена ремонта", ["hour:repair", "PRN-REPAIR", "KKT-REPAIR"]),
        ("сколько стоит час работы", ["hour:repair"]),
        ("сколько стоит вызвать мастера", ["CALLOUT"]),
        ("сколько будет заправить картридж", ["PRN-REFILL"]),
        ("how much is a printer repair", ["PRN-REPAIR"]),
        ("прайс", []),
        ("сколько стоит жираф", []),
    ],
)
def test_works_whose_price_is_asked(line: str, codes: list[str]) -> None:
    assert [item.code for item in works_asked(line, BOOK)] == codes
