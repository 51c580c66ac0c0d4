"""Objects are found and put in order by what was said (R1.3)."""

import pytest

from bot.clients.objects import visible_objects
from bot.tickets.intake.choosing_object import find_objects, numbered, ranked
from tests.builders.appeals import build_town
from tests.conftest import TestOffice


@pytest.mark.parametrize(
    ("words", "model"),
    [
        ("00106503", "АТОЛ 91Ф"),
        ("6503", "АТОЛ 91Ф"),
        ("инв 7", "АТОЛ 91Ф"),
        ("атол", "АТОЛ 91Ф"),
        ("касса", "АТОЛ 91Ф"),
        ("на тверской", "АТОЛ 91Ф"),
        ("vnc3z", "HP LaserJet 107a"),
        ("laserjet hp", "HP LaserJet 107a"),
        ("принтер на арбате", "HP LaserJet 107a"),
        ("арбата", "HP LaserJet 107a"),
        ("лампа", "Лампа"),
    ],
)
def test_objects_are_found_by_any_number_or_name(office: TestOffice, words: str, model: str) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        found = find_objects(uow.session, visible_objects(uow.session, town.client, town.shop), words)
        assert ([thing.model for thing in found.objects], found.surely) == ([model], True)


@pytest.mark.parametrize("words", ["нет такого", "---", "", "00106504", "99"])
def test_what_no_object_has_finds_none(office: TestOffice, words: str) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        assert find_objects(uow.session, visible_objects(uow.session, town.client, town.shop), words).objects == []


def test_what_fits_in_a_word_only_is_found_but_not_surely(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        found = find_objects(uow.session, visible_objects(uow.session, town.client, town.shop), "касса у окна справа")
        assert ([thing.id for thing in found.objects], found.surely) == ([town.till], False)


def test_all_objects_stay_in_the_list_those_that_were_named_first(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        objects = visible_objects(uow.session, town.client, town.shop)
        found = ranked(uow.session, objects, "лампа моргает")
        assert found.objects[0].id == town.lamp and len(found.objects) == len(objects) and found.surely
        for unsaid in ("", "всё плохо"):
            assert ranked(uow.session, objects, unsaid).objects == objects
            assert not ranked(uow.session, objects, unsaid).surely


def test_only_own_equipment_is_opened_by_its_number(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        assert numbered(uow.session, town.client, {"00106503"}) == [town.till]
        assert numbered(uow.session, town.other, {"00106503"}) == []
        assert numbered(uow.session, town.client, {"0010650"}) == []
        assert numbered(uow.session, town.client, set()) == []
