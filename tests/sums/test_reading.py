"""Sums and times as people write them: a table by the words of the calc page, and two readers held side by side."""

import json
from random import Random
from typing import Any

import pytest

from bot.calendar.read_minutes import read_minutes
from bot.cli.calc.lines import answers
from bot.sums.read_sum import read_sum
from bot.sums.written import UnclearError
from tests.sums.second_reader import second_minutes, second_sum

SUMS: tuple[tuple[str, int, str], ...] = (
    ("12 500 замена термоблока", 1_250_000, "замена термоблока"),
    ("2,5 тыс доставка", 250_000, "доставка"),
    ("1 250 000 ₽", 125_000_000, ""),
    ("1 250 000,50 ₽ ремонт", 125_000_050, "ремонт"),
    ("1 250 000 тыс", 125_000_000_000, ""),
    ("0", 0, ""),
    ("0 ₽ по гарантии", 0, "по гарантии"),
    ("4500", 450_000, ""),
    ("4500,5", 450_050, ""),
    ("4500.50", 450_050, ""),
    ("  4500 – замена ", 450_000, "замена"),
    ("4500: замена: блок", 450_000, "замена: блок"),
    ("12\u00a0500\u2009руб.\tзамена", 1_250_000, "замена"),
    ("12\u202f500₽", 1_250_000, ""),
    ("5к", 500_000, ""),
    ("5К₽ доставка", 500_000, "доставка"),
    ("5 тыс. руб. доставка", 500_000, "доставка"),
    ("12,345 тыс", 1_234_500, ""),
    ("3 т.р.", 300_000, ""),
    ("3т.р. доставка", 300_000, "доставка"),
    ("3 ТР", 300_000, ""),
    ("2 тысячи рублей", 200_000, ""),
    ("100р", 10_000, ""),
    ("100р.", 10_000, ""),
    ("100 РУБЛЕЙ 50 коп.", 10_050, ""),
    ("100 руб 05 копеек доставка", 10_005, "доставка"),
    ("100 Кабель ВВГ", 10_000, "Кабель ВВГ"),
    ("100 rub", 10_000, ""),
    ("100 монтаж ёмкости", 10_000, "монтаж ёмкости"),
    ("100 (с выездом)", 10_000, "(с выездом)"),
    ("10000000000", 10**12, ""),
)
NO_SUMS = (
    "", " ", "замена", "₽100", "-100", "−100", "- 100", "+100", ".5", "1 250 000 ремонт", "1 250 000", "12 50",
    "12 5000", "1234 500", "12  500", "12'500", "12’500", "12.500", "12,500", "12,500 ₽", "12_500", "12\u2007500",
    "12 500.125", "5,1234 тыс", "100%", "100 %", "100*2", "100 * 2", "100×2", "100 × 2", "100x2", "100 x 2", "100 х2",
    "100 хомутов", "2 часа", "5 штук",
    "100 х", "100+5", "100 + 5", "100/2", "100 /2", "100-200", "100 - 200", "100–200", "100 200 300", "5 млн", "5млн",
    "5 млрд ₽", "2 шт", "2 шт. замена", "2шт", "2 ч", "2 час", "30 мин", "5 кг", "5 м", "5 км", "5 м2", "100замена",
    "100рдоставка", "100$", "100 ₽доставка", "100 руб 5 замена", "5 тыс 200", "10000000001", "9" * 5000, "١٢", "100٥",
    "1\n000", "100\nзамена",
)  # fmt: skip
TIMES: tuple[tuple[str, int, str], ...] = (
    ("90 ждал доступ", 90, "ждал доступ"),
    ("90", 90, ""),
    ("0 ничего не делал", 0, "ничего не делал"),
    ("90, ждал", 90, "ждал"),
    ("45 с клиентом", 45, "с клиентом"),
    ("45 мин", 45, ""),
    ("45м", 45, ""),
    ("45 м. ждал", 45, "ждал"),
    ("45 Минут ждал", 45, "ждал"),
    ("1 минуту", 1, ""),
    ("30 min", 30, ""),
    ("30 minutes waiting", 30, "waiting"),
    ("2 ч", 120, ""),
    ("2 ч.", 120, ""),
    ("1 час 30 мин", 90, ""),
    ("1 ч 30", 90, ""),
    ("1ч30м", 90, ""),
    ("1ч 30 ждал", 90, "ждал"),
    ("1 час 5 минут диагностика", 65, "диагностика"),
    ("2 hours", 120, ""),
    ("1 hr 15 min", 75, ""),
    ("1,5 ч", 90, ""),
    ("1.25 часа", 75, ""),
    ("0,05 ч", 3, ""),
    ("1:30", 90, ""),
    ("01:05 ждал", 65, "ждал"),
    ("24:00", 1440, ""),
    ("1440", 1440, ""),
    ("24 ч", 1440, ""),
    ("час", 60, ""),
    ("Час ждал", 60, "ждал"),
    ("полчаса", 30, ""),
    ("пол часа ждал", 30, "ждал"),
    ("полтора часа", 90, ""),
    ("четверть\u00a0часа", 15, ""),
    ("с 10:15 до 12 монтаж", 105, "монтаж"),
    ("с 9 до 18", 540, ""),
    ("с 22:30 до 1:00", 150, ""),
    ("с 0 до 24", 1440, ""),
    ("10:15-12:00", 105, ""),
    ("10:15–12:00 монтаж", 105, "монтаж"),
    ("10:15 - 12:00", 105, ""),
    ("23:00-1:00", 120, ""),
)
NO_TIMES = (
    "", "ждал", "-5", "1,5", "1.5 ждал", "1,5 мин", "1,33 ч", "1,255 ч", "1,5 ч 30", "1441", "25 ч", "24:01",
    "24 ч 1", "1:60", "1:5", "1:30:15", "1 ч 60", "1 ч 90 мин", "1 ч 100", "10-12", "10:15-12", "10-12:15",
    "10:15—12:00", "с 10 до 10", "10:00-10:00", "с 25 до 26", "с 24:30 до 1", "с 10:60 до 12", "40 мин 1 час",
    "1 ч 20 мин 5 сек", "2 дня", "2 шт", "2 раза", "30 сек", "2 недели", "2 hrs", "5 days", "90ждал", "90%", "90 %",
    "90+30", "2 х 30", "час 30", "час полчаса", "часа", "9" * 5000, "٩٠", "90\nждал", "1 200", "4500 ₽",
)  # fmt: skip


@pytest.mark.parametrize(("text", "kopecks", "rest"), SUMS)
def test_a_sum_is_read_with_its_words(text: str, kopecks: int, rest: str) -> None:
    found = read_sum(text)
    assert (found.kopecks, found.rest) == (kopecks, rest)
    assert second_sum(text) == (kopecks, rest)


@pytest.mark.parametrize("text", NO_SUMS)
def test_what_is_no_clear_sum_is_refused(text: str) -> None:
    with pytest.raises(UnclearError):
        read_sum(text)
    assert second_sum(text[:100]) is None


@pytest.mark.parametrize(("text", "minutes", "rest"), TIMES)
def test_a_time_is_read_with_its_words(text: str, minutes: int, rest: str) -> None:
    found = read_minutes(text)
    assert (found.minutes, found.rest) == (minutes, rest)
    assert second_minutes(text) == (minutes, rest)


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_clear_time_is_refused(text: str) -> None:
    with pytest.raises(UnclearError):
        read_minutes(text)
    assert second_minutes(text[:100]) is None


SUM_TOKENS = (
    "0", "5", "12", "50", "500", "000", "1250", "12500", "9999999999", " ", " ", " ", "\u00a0", "\u2009", "\u202f",
    "\t", "  ", ",", ".", ":", ";", "–", "—", "-", "тыс", "тыс.", "тысяча", "тысячи", "тысяч", "т.р.", "тр", "к", "К",
    "₽", "р", "р.", "руб", "руб.", "рубль", "рублей", "РУБ", "rub", "коп", "коп.", "копеек", "%", "*", "×", "x", "х",
    "+", "/", "млн", "шт", "ч", "час", "мин", "кг", "м", "км", "замена", "ёлка", "хомут", "кабель", "'", "’", "٥",
    "(", "−", "\u2007", "$",
)  # fmt: skip
TIME_TOKENS = (
    "0", "1", "5", "10", "12", "24", "30", "59", "60", "90", "1440", "1441", " ", " ", " ", "\u00a0", "\u202f", "\t",
    ":", ":", ":15", ":00", "-", "–", "—", ",", ".", ",5", ",25", "мин", "мин.", "м", "минут", "минуту", "m", "min",
    "minutes", "ч", "ч.", "Час", "часа", "часов", "h", "hr", "hour", "hours", "полчаса", "пол", "полтора", "четверть",
    "с ", "с", " до ", "до", "ждал", "монтаж", "ёлка", "дня", "шт", "%", "+", "(", "٥",
)  # fmt: skip
SUM_SHAPE = (
    ("12", "1", "0", "12500", "12 500", "1 250 000", "1\u00a0250", "1234 500", "12  500", "٥"),
    ("", "", ",5", ".50", ",125", ".", ",1234"),
    ("", "", " ", "\t"),
    ("", "", "тыс", "тыс.", "тысяч", "т.р.", "тр", "к", "К"),
    ("", " "),
    ("", "", "₽", "р", "р.", "руб", "руб.", "рублей", "rub", "РУБЛЯ"),
    ("", " ", "\u202f"),
    ("", "", "", "50 коп", "05коп.", "5 коп", "50 копеек"),
    ("", " ", " — ", ", ", ".", "-"),
    ("", "замена", "Ёлка", "хомут", "шт", "5", "%", "+5", "/2", "x2", "час", "млн", "к"),
    ("", " ", " блока"),
)
TIME_SHAPE = (
    ("", "", "с ", "С\u00a0"),
    ("1", "90", "10:15", "24", "1,5", "0,25", "1,33", "час", "полчаса", "пол часа", "1:75", "1441"),
    ("", " ", " "),
    ("", "", "ч", "ч.", "час", "м", "мин", "min", "hours", "до", "-", "–", "—"),
    ("", " ", " "),
    ("", "", "30", "05", "12", "12:00", "60", "1:30"),
    ("", " "),
    ("", "", "м", "мин.", "минут", "ч"),
    ("", " ", ", "),
    ("", "ждал", "Ёлка", "дня", "шт", "2", "1 час"),
)


def test_both_readers_agree_on_anything_made_of_their_tokens() -> None:
    """Random strings of tokens, and shapes that come near the right ones."""
    seed = Random().randrange(10**9)
    rng = Random(seed)
    differ = []
    read = 0
    for _ in range(3_000):
        for tokens, shape, first, second in (
            (SUM_TOKENS, SUM_SHAPE, _sum, second_sum),
            (TIME_TOKENS, TIME_SHAPE, _minutes, second_minutes),
        ):
            loose = "".join(rng.choices(tokens, k=rng.randint(1, 8)))
            near = "".join(rng.choice(part) for part in shape)
            for text in (loose, near):
                one, other = first(text), second(text)
                read += one is not None
                if one != other:
                    differ.append((text, one, other))
    assert not differ, f"seed {seed}: {len(differ)} differ, such as {differ[:5]}"
    assert read > 1_000


def _sum(text: str) -> tuple[int, str] | None:
    try:
        found = read_sum(text)
    except UnclearError:
        return None
    return found.kopecks, found.rest


def _minutes(text: str) -> tuple[int, str] | None:
    try:
        found = read_minutes(text)
    except UnclearError:
        return None
    return found.minutes, found.rest


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ({"calc": "read_sum", "text": "12 500 замена"}, {"kopecks": 1_250_000, "rest": "замена"}),
        ({"calc": "read_minutes", "text": "1 ч 30"}, {"minutes": 90, "rest": ""}),
        ({"calc": "read_sum", "text": 12_500}, None),
        ({"calc": "read_sum", "text": None}, None),
        ({"calc": "read_sum"}, None),
        ({"calc": "read_sum", "text": "5", "lang": "ru"}, None),
        ({"calc": "read_sum", "text": "5 x 2"}, None),
        ({"calc": "read_minutes", "text": ["90"]}, None),
        ({"calc": "read_minutes", "text": "90", "rest": ""}, None),
        ({"calc": "read_minutes", "text": "10-12"}, None),
    ],
)
def test_the_readers_are_open_as_calc(line: dict[str, Any], answer: dict[str, Any] | None) -> None:
    found = json.loads(next(answers([json.dumps(line).encode()])))
    assert list(found) == ["error"] if answer is None else found == answer
