"""A wished time is understood as people say it, whole or not at all."""

from datetime import datetime

import pytest

from bot.calendar.read_wish import PartsOfDay, WishKind, read_wish

at = datetime.fromisoformat
MONDAY = at("2026-11-30 12:07")
PARTS = PartsOfDay(10, 14, 19)

WISHES = """
завтра после обеда · day · 12-01 14:00
Завтра после обеда. · day · 12-01 14:00
приезжайте завтра после обеда, пожалуйста · day · 12-01 14:00
завтро после обеда · day · 12-01 14:00
в четверг к 10 · by · 12-03 10:00
в четверк к 10 · by · 12-03 10:00
в четверг, 3 декабря, к 10 · by · 12-03 10:00
после 15 · after · 11-30 15:00
не раньше двух · after · 11-30 14:00
15 декабря утром · morning · 12-15 10:00
3-го декабря после обеда · day · 12-03 14:00
пятого декабря к 12 · by · 12-05 12:00
03.12 в 14 · by · 12-03 14:00
03.12.2026 в 14 · by · 12-03 14:00
15-го · that_day · 12-15 10:00
15 числа к 11 · by · 12-15 11:00
завтра · that_day · 12-01 10:00
завтра 10:00 · by · 12-01 10:00
завтра к 10-00 · by · 12-01 10:00
завтра в 18.00 · by · 12-01 18:00
завтра, часов в 5 · by · 12-01 17:00
к трём часам · by · 11-30 15:00
часа в три · by · 11-30 15:00
в час дня · by · 11-30 13:00
завтра в полдесятого · by · 12-01 09:30
в половине десятого · by · 12-01 09:30
в полдень · by · 12-01 12:00
завтра в 8 вечера · by · 12-01 20:00
завтра вечером после 8 · after · 12-01 20:00
в 9 · by · 12-01 09:00
в 7:00 · by · 12-01 07:00
послезавтра с 10 до 12 · between · 12-02 10:00 · 12-02 12:00
чт 14-16 · between · 12-03 14:00 · 12-03 16:00
с 2 до 4 · between · 11-30 14:00 · 11-30 16:00
с 11 до 13 · between · 11-30 12:15 · 11-30 13:00
завтра до 12 · before · 12-01 10:00 · 12-01 12:00
сегодня не позже 17 · before · 11-30 12:15 · 11-30 17:00
через 2 часа · by · 11-30 14:15
через полчаса · by · 11-30 12:45
через три дня утром · morning · 12-03 10:00
через неделю · that_day · 12-07 10:00
в понедельник · that_day · 12-07 10:00
в этот понедельник после 15 · after · 11-30 15:00
в следующий вторник · that_day · 12-08 10:00
во второй половине дня · day · 11-30 14:00
ближе к вечеру · evening · 11-30 19:00
утром · morning · 12-01 10:00
tomorrow afternoon · day · 12-01 14:00
Thursday by 10 · by · 12-03 10:00
after 3pm · after · 11-30 15:00
on December 15 in the morning · morning · 12-15 10:00
next Monday at 10:30 am · by · 12-07 10:30
between 10 and 12 tomorrow · between · 12-01 10:00 · 12-01 12:00
tonight · evening · 11-30 19:00
in two days · that_day · 12-02 10:00
half past 3 tomorrow · by · 12-01 15:30
"""

# Two meanings, none, a day that there isn't, or something else besides.
UNREAD = """
10
к 7
к 25
завтра или в пятницу
не завтра
кроме четверга
с четверга
после 15 декабря
в четверг 4 декабря
31.02
32 декабря
вчера
завтра и послезавтра
на следующей неделе
завтра, если Петрович будет
когда Петрович придёт
сканер тоже не работает
завтра сканер опять не печатал
с 4 до 2
12 ночи
"""


def lines(table: str) -> list[str]:
    return table.strip().splitlines()


@pytest.mark.parametrize("line", lines(WISHES))
def test_a_wish_is_read(line: str) -> None:
    said, kind, *moments = line.split(" · ")
    wish = read_wish(said, MONDAY, PARTS)
    assert wish is not None
    shown = [f"{each:%m-%d %H:%M}" for each in (wish.begins, wish.until) if each is not None]
    assert (wish.kind, shown) == (WishKind(kind), moments)


@pytest.mark.parametrize("said", lines(UNREAD))
def test_what_is_not_wholly_a_time_is_not_guessed(said: str) -> None:
    assert read_wish(said, MONDAY, PARTS) is None


@pytest.mark.parametrize("said", ["", "   ", "-", "к", "в", "января", "99999999999", "завтра " * 40, "\u0000", "١٥"])
def test_hostile_lines_are_no_time(said: str) -> None:
    assert read_wish(said, MONDAY, PARTS) is None


def test_what_is_past_is_said_as_such() -> None:
    wish = read_wish("сегодня утром", MONDAY, PARTS)
    assert wish is not None and wish.begins is not None and wish.begins < MONDAY


def test_no_matter_and_the_sooner_the_better_have_no_moment() -> None:
    found = [read_wish(said, MONDAY, PARTS) for said in ("неважно", "когда угодно", "как можно скорее", "asap")]
    assert [wish and (wish.kind.value, wish.begins) for wish in found] == [
        ("any", None),
        ("any", None),
        ("soon", None),
        ("soon", None),
    ]


def test_a_date_that_is_over_this_year_is_the_next_ones() -> None:
    wish = read_wish("10 января", MONDAY, PARTS)
    assert wish is not None and wish.begins == at("2027-01-10 10:00")
    assert read_wish("29 февраля", MONDAY, PARTS) is None
    leap = read_wish("29 февраля", at("2027-12-01 09:00"), PARTS)
    assert leap is not None and leap.begins == at("2028-02-29 10:00")
    turn = read_wish("3-го", at("2026-12-30 09:00"), PARTS)
    assert turn is not None and turn.begins == at("2027-01-03 10:00")
