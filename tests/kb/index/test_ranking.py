import pytest

from bot.kb.index.search import Index
from bot.kb.judging.reading import Context, Thresholds
from tests.kb.shelf import article, russian_index


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("принтер не печатает", "printer-not-printing"),
        ("принтер в статусе автономно", "printer-offline"),
        ("полосы на листе при печати", "printer-streaks"),
        ("зажевало бумагу", "printer-paper-jam"),
        ("1с не открывается", "onec-not-starting"),
        ("база 1с тормозит", "onec-slow"),
        ("вайфай медленный", "wifi-slow"),
        ("пароль от вайфая для гостей", "wifi-password-guest"),
        ("сколько часов у меня осталось", "hours-left"),
        ("часы закончились что теперь", "hours-limit-reached"),
        ("позовите человека", "talk-to-person"),
    ],
)
def test_the_right_one_of_near_twins_comes_first(line: str, code: str) -> None:
    assert russian_index().ask(line).hits[0].id == code


def test_negation_tells_twins_apart() -> None:
    index = Index.build(
        [article("on", "Касса включается сама"), article("off", "Касса не включается"), article("vpn", "Настройка VPN")]
    )
    assert index.ask("касса не включается").hits[0].id == "off"
    assert index.ask("касса включается сама по себе").hits[0].id == "on"


def test_an_article_for_the_clients_own_equipment_goes_first() -> None:
    index = Index.build(
        [
            article("atol", "Как заменить фискальный накопитель", kinds=["atol 91f"]),
            article("evotor", "Как заменить фискальный накопитель", kinds=["evotor 7.2"]),
            article("other", "Как настроить почту"),
        ]
    )
    for own in ("atol 91f", "evotor 7.2"):
        first = index.ask("как заменить фискальный накопитель", context=Context(frozenset({own}))).hits[0]
        assert first.id == own.split()[0]


def test_the_clients_equipment_never_beats_what_was_asked() -> None:
    found = russian_index().ask("зажевало бумагу", context=Context(frozenset({"kkt"})))
    assert found.hits[0].id == "printer-paper-jam"


def test_an_article_of_another_plan_is_never_shown() -> None:
    index = Index.build(
        [
            article("public", "Как вызвать инженера"),
            article("gold", "Как вызвать инженера ночью", audience=["gold"]),
        ]
    )
    line = "как вызвать инженера ночью"
    assert [hit.id for hit in index.ask(line).hits] == ["public"]
    assert index.ask(line, audience=frozenset({"public", "gold"})).hits[0].id == "gold"
    only_gold = Index.build([article("gold", "Как вызвать инженера ночью", audience=["gold"])])
    assert only_gold.ask(line).decision == "none"
    assert only_gold.ask(line).hits == ()


def test_a_synonym_finds_what_no_word_of_the_line_names() -> None:
    index = Index.build(
        [article("pc", "Компьютер тормозит"), article("mail", "Настроить почту"), article("vpn", "VPN")]
    )
    assert index.ask("комп лагает").hits[0].id == "pc"


def test_a_sure_line_is_answered_a_vague_one_gets_suggestions_a_strange_one_nothing() -> None:
    decided = {line: russian_index().ask(line).decision for line in ("зажевало бумагу", "принтер", "столица франции")}
    assert decided == {"зажевало бумагу": "answer", "принтер": "suggest", "столица франции": "none"}


def test_thresholds_decide() -> None:
    index = russian_index()
    reading = index.ask("зажевало бумагу")
    stern = Index(
        index.base, index.repairer, index.similar, index.unit_kinds, index.models, Thresholds(answer=1.01, suggest=0.5)
    )
    assert (reading.decision, stern.ask("зажевало бумагу").decision) == ("answer", "suggest")


def test_probabilities_are_probabilities_and_fall() -> None:
    for line in ("зажевало бумагу", "принтер", "какая погода завтра"):
        reading = russian_index().ask(line)
        scores = [hit.score for hit in reading.hits]
        assert 0 <= reading.in_scope <= 1
        assert all(0 <= score <= 1 for score in scores)
        assert scores == sorted(scores, reverse=True)
        assert len(scores) <= 10


def test_articles_of_any_shape_are_found_together() -> None:
    index = Index.build(
        [
            article("bare", "Вернуть деньги за покупку"),
            article("asked", "", "как поменять тариф на другой"),
            article("text", "", body="Чтобы подключить телевизор, вставьте кабель HDMI и выберите источник сигнала."),
            article("english", "Reset your password", "i forgot my password", lang="en"),
        ]
    )
    for line, code in (
        ("хочу вернуть деньги", "bare"),
        ("поменять тариф", "asked"),
        ("подключить телевизор кабелем", "text"),
        ("forgot password", "english"),
    ):
        assert index.ask(line).hits[0].id == code


def test_the_order_of_articles_changes_nothing() -> None:
    from tests.kb.shelf import russian_articles

    turned = Index.build(tuple(reversed(russian_articles())))
    for line in ("принтер", "часы закончились", "kassa ne probivaet chek"):
        assert turned.ask(line) == russian_index().ask(line)


def test_an_empty_base_has_no_answer() -> None:
    assert Index.build([]).ask("принтер не печатает").decision == "none"
