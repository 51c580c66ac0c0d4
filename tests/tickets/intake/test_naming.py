"""What was said names objects, as people say it: in any form, with slips, in either script, by colloquial names."""

import pytest

from bot.tickets.intake.naming import Described, fits
from bot.tickets.intake.numbers_said import folded, numbers_alone, numbers_among
from bot.tickets.intake.sounding import sound

TVERSKAYA = ("Магазин на Тверской", "Москва, ул. Тверская, 12")
ARBAT = ("Магазин на Арбате", "Москва, ул. Арбат, 30")
OFFICE = ("Офис", "Москва, Цветной бульвар, 7")
LIGOVSKY = ("Кофейня", "Санкт-Петербург, Лиговский пр., 50")
THINGS = (
    Described(1, "kkt", "Атол 91Ф", "OB-001", "00104806583321", "ККТ-0001", *TVERSKAYA),
    Described(2, "network", "Keenetic Giga", "OB-002", "RT14AA4E71", "СЕТ-0002", *TVERSKAYA),
    Described(3, "kkt", "Атол 91Ф", "OB-004", "00105879142802", "ККТ-0004", *ARBAT),
    Described(4, "network", "Keenetic Giga", "OB-005", "RTC40D31B5", "СЕТ-0005", *ARBAT),
    Described(5, "printer", "HP LaserJet Pro M404dn", "OB-007", "VNB3454103", "ПРН-0007", *OFFICE),
    Described(6, "printer", "Brother DCP-L2520DWR", "OB-008", "VNB3489324", "ПРН-0008", *OFFICE),
    Described(7, "computer", "Lenovo ThinkCentre M70", "OB-009", "PC-4470559", "ПК-0009", *OFFICE),
    Described(8, "video", "Hikvision DS-7608NI", "OB-010", "DS025084757", None, *LIGOVSKY),
    Described(9, "kkt", "Эвотор 7.3", "OB-011", "00107991647367", "ККТ-0011", *LIGOVSKY),
    Described(10, "oven", "Печь у окна", "OB-012", None, None, *LIGOVSKY),
)
SAID = {
    "касса на арбате не включается": 3,
    "у нас на Арбате касса сдохла": 3,
    "чек не пробивается, магазин с арбата": 3,
    "ККМ арбат": 3,
    "арбат 30 касса": 3,
    "каса на арбте не включаеца": 3,
    "kassa na arbate ne vkluchaetsya": 3,
    "rfccf yf fh,fnt yt dcnexftn": 3,
    "на тверской инет упал": 2,
    "the till on Tverskaya is dead": 1,
    "роутер тверская": 2,
    "бразер не печатает": 6,
    "хп мажет": 5,
    "лазерджет м404 жуёт": 5,
    "hp m404 замятие": 5,
    "комп в офисе не грузится": 7,
    "хиквижн не пишет": 8,
    "камера ничего не видит": 8,
    "на лиговке касса зависла": 9,
    "эватор завис": 9,
    "печь у окна не греет": 10,
    "oven is cold": 10,
    "не включается 00105879142802": 3,
    "касса 0010 5879 142802": 3,
    "сломалась 142802": 3,
    "ккт 0004": 3,
    "инв. № ККТ-0001": 1,
    "РТС40Д31В5": None,
    "rtc40d31b5": 4,
    "RТС40D31В5": 4,
    "pc4470559 синий экран": 7,
    "всё сломалось, помогите": None,
    "здравствуйте": None,
    "30 минут ждём": None,
    "": None,
}


@pytest.mark.parametrize(("said", "meant"), SAID.items(), ids=[said or "nothing" for said in SAID])
def test_what_was_said_puts_what_is_meant_first(said: str, meant: int | None) -> None:
    first, second = fits(said, THINGS)[:2]
    if meant is None:
        assert first.score == 0
    else:
        assert first.thing.id == meant and first.score > second.score


def test_what_nothing_tells_apart_stays_in_the_order_given() -> None:
    assert [fit.thing.id for fit in fits("помогите", THINGS)] == [thing.id for thing in THINGS]
    assert [fit.thing.id for fit in fits("офис", THINGS)][:3] == [5, 6, 7]


def test_a_house_says_something_beside_its_street_only() -> None:
    things = [Described(n, "kkt", "Атол", f"c{n}", site="Магазин", address=f"Ленина, {n}") for n in (5, 30, 31)]
    assert fits("на ленина 31 касса стоит", things)[0].thing.id == 31
    assert len({fit.score for fit in fits("касса стоит уже 31 минуту", things)}) == 1


def test_a_word_of_fewer_objects_says_more() -> None:
    things = [Described(n, "kkt", "Атол", f"c{n}", site="Центр" if n < 9 else "Окраина") for n in range(10)]
    assert fits("из центра перевезли на окраину", things)[0].thing.id == 9


def test_whole_is_what_has_every_word() -> None:
    whole = {fit.thing.id for fit in fits("касса на арбате", THINGS) if fit.whole}
    assert whole == {3}
    assert not any(fit.whole for fit in fits("касса на арбате не включается", THINGS))
    assert not any(fit.whole for fit in fits("касса 2", THINGS))  # every long number has a 2 in it
    assert {fit.thing.id for fit in fits("касса 802", THINGS) if fit.whole} == {3}


def test_any_line_is_read() -> None:
    for line in ("😀" * 3000, "\x00\ud800", "касса " * 2000 + "арбат", "№" * 50, "1 " * 3000):
        assert len(fits(line, THINGS)) == len(THINGS)
    assert fits("касса " * 2000 + "арбат", THINGS)[0].thing.id == 3
    assert fits("касса", ()) == []


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("00105879142802", {"00105879142802"}),
        ("с/н 00105879142802", {"00105879142802"}),
        ("серийный номер: 0010-5879 142802.", {"00105879142802"}),
        ("инв 7", {folded("инв7")}),
        ("дом 7", {folded("дом7")}),
        ("7", set()),
        ("ИНВ-77", {folded("инв77")}),
        ("инв. № 1013400", {"1013400"}),
        ("SN VNB3454103", {"vnb3454103", "snvnb3454103"}),
        ("вот VNB3454103", {"vnb3454103"}),
        ("касса не работает 00105879142802", set()),
        ("привет", set()),
        ("😀", set()),
        ("", set()),
    ],
)
def test_a_number_alone(line: str, numbers: set[str]) -> None:
    assert numbers_alone(line) >= numbers and bool(numbers_alone(line)) == bool(numbers)


def test_among_words_only_what_must_be_a_number_counts() -> None:
    assert "00105879142802" in numbers_among("не включается касса 00105879142802!")
    assert numbers_among("код домофона 35К, ошибка E04, этаж 305") == frozenset()


def test_names_sound_alike_in_both_scripts() -> None:
    for russian, latin in {"кинетик": "keenetic", "микротик": "mikrotik", "эвотор": "evotor", "хп": "hp"}.items():
        assert sound(russian) == sound(latin) is not None
    assert sound("да") is None and sound("мэ") is None
