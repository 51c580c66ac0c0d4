import pytest

from bot.kb.line.repair import Repaired
from tests.kb.shelf import russian_articles, russian_index


def read(line: str) -> Repaired:
    return russian_index().repairer.repair(line)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ghbynth yt gtxfnftn", "принтер не печатает"),
        ("GHBYNTH YT GTXFNFTN", "ПРИНТЕР НЕ ПЕЧАТАЕТ"),
        ("hjenth yt hf,jnftn", "роутер не работает"),
        ("jib,rf 235", "ошибка 235"),
        ("ghbynth M404dn yt gtxfnftn", "принтер M404dn не печатает"),
        ("цшаш пароль", "wifi пароль"),
    ],
)
def test_a_line_on_the_wrong_layout_is_read_as_meant(typed: str, meant: str) -> None:
    found = read(typed)
    assert (found.text, found.ways) == (meant, ("layout",))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("printer ne pechataet", "printer не печатает"),
        ("kassa ne probivaet chek", "касса не пробивает чек"),
        ("hochu pomenyat tarif", "хочу поменять тариф"),
        ("ne mogu zajti v kabinet", "не могу зайти в кабинет"),
        ("rutoken ne viditsa", "рутокен не видится"),
        ("NE RABOTAET KASSA", "не работает касса"),
        ("printer HP ne pechataet", "printer HP не печатает"),
        ("Atol 91F ne vklyuchaetsya", "атол 91F не включается"),
    ],
)
def test_russian_in_latin_letters_is_read_as_russian(typed: str, meant: str) -> None:
    assert read(typed).text == meant
    assert "translit" in read(typed).ways


def test_a_spelling_of_its_own_kind_is_still_read() -> None:
    assert read("kak podkluchit wifi").text == "как подключить wifi"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("принтре не печатет", "принтер не печатает"),
        ("кассса не включаеться", "касса не включается"),
        ("полсы на печати", "полосы на печати"),
    ],
)
def test_slips_of_the_finger_are_mended(typed: str, meant: str) -> None:
    found = read(typed)
    assert (found.text, found.ways) == (meant, ("typo",))


@pytest.mark.parametrize(
    "line",
    [
        "принтер не печатает",
        "Как посмотреть, сколько часов осталось?",
        "E-04",
        "ошибка E-04 на кассе",
        "HP LaserJet M404dn",
        "Kyocera M2040dn ошибка C7990",
        "1С не открывается",
        "вы там чтоли спите",
        "how do I reset my password",
        "My laptop is slow today, can you help?",
        "ФН закончится через 30 дней",
        "IP 192.168.0.1 не пингуется",
        "позвоните на 8 (495) 123-45-67",
        "",
        "😀😀",
    ],
)
def test_a_line_that_reads_well_stays_as_typed(line: str) -> None:
    assert read(line) == Repaired(line, (), line)


def test_no_way_to_ask_an_article_is_changed() -> None:
    lines = [text for found in russian_articles() for text in (found.title, *found.questions)]
    assert [line for line in lines if read(line).text != line] == []


def test_the_answer_tells_how_the_line_was_read_only_if_differently() -> None:
    assert russian_index().ask("ghbynth yt gtxfnftn").read_as == "принтер не печатает"
    assert russian_index().ask("принтер не печатает").read_as is None


def test_codes_and_numbers_lead_to_their_article() -> None:
    assert russian_index().ask("ошибка 235").hits[0].id == "kkt-receipts-not-sent-to-ofd"
    assert russian_index().ask("jib,rf 235").hits[0].id == "kkt-receipts-not-sent-to-ofd"
