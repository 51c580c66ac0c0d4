"""Phone numbers: a shared contact is international as it is, what people and files write may be Russian (R2.1)."""

import pytest

from bot.clients.identification.phones import exists, shared_number, written_number, written_numbers
from bot.clients.identification.recognise import share_phone
from bot.clients.models import Account, Person
from bot.clients.people import NoNumber, hire
from bot.imports.files.values import phone as number_of_file
from bot.telegram.ids import account as telegram_account
from tests.builders.appeals import add, build_town, client
from tests.conftest import NOON, TestOffice

# digits as a messenger sends them, whose they are, what the Russian reading would make of them
ABROAD = [
    ("84932123456", "Vietnam", "+74932123456"),
    ("84912345678", "Vietnam", "+74912345678"),
    ("85291234567", "Hong Kong", "+75291234567"),
    ("85366123456", "Macau", "+75366123456"),
    ("6591234567", "Singapore", "+76591234567"),
    ("4520123456", "Denmark", "+74520123456"),
    ("4740612345", "Norway", "+74740612345"),
    ("3546111234", "Iceland", "+73546111234"),
    ("4915123456789", "Germany", None),
    ("37120123456", "Latvia", None),
    ("380501234567", "Ukraine", None),
    ("998901234567", "Uzbekistan", None),
    ("77011234567", "Kazakhstan", None),
    ("375291234567", "Belarus", None),
    ("905012345678", "Turkey", None),
    ("8613812345678", "China", None),
    ("819012345678", "Japan", None),
    ("821012345678", "Korea", None),
    ("15551234567", "USA", None),
    ("447400123456", "United Kingdom", None),
    ("8801812345678", "Bangladesh", None),
    ("8562012345678", "Laos", None),
]


@pytest.mark.parametrize(("digits", "country", "russian"), ABROAD, ids=[each[1] + each[0][-2:] for each in ABROAD])
def test_a_shared_number_is_international_with_or_without_its_plus(
    digits: str, country: str, russian: str | None
) -> None:
    assert shared_number(digits) == shared_number(f"+{digits}") == shared_number(f"+{digits[:2]} {digits[2:]}")
    assert shared_number(digits) == f"+{digits}" != russian
    assert written_number(f"+{digits}") == f"+{digits}", "a written plus is heeded as well"


@pytest.mark.parametrize("text", ["", "+", "12", "0079001234567", "ы" * 12, "7" * 16, "٨٤٩٣٢١٢٣٤٥٦"])
def test_what_is_no_number_is_nobodys(text: str) -> None:
    assert shared_number(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("8 (900) 123-45-67", "+79001234567"),
        ("89001234567", "+79001234567"),
        ("79001234567", "+79001234567"),
        ("9001234567", "+79001234567"),
        ("+7 900 123-45-67", "+79001234567"),
        ("8 (4932) 12-34-56", "+74932123456"),
        ("4932123456", "+74932123456"),
        ("+84 932 123 456", "+84932123456"),
        ("37120123456", "+37120123456"),
        ("380501234567", "+380501234567"),
        ("6591234567", "+6591234567"),
    ],
)
def test_what_people_and_files_write_is_read_the_russian_way_where_that_makes_a_number(text: str, number: str) -> None:
    assert written_number(text) == number
    assert exists(number) and number_of_file(text) == number


TWO = [("+74951234567", ""), ("+79165554433", "")]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("+7 495 123-45-67 доб. 12; 8 916 555-44-33", [("+74951234567", "12"), ("+79165554433", "")]),
        ("+7 495 123-45-67, доб. 12", [("+74951234567", "12")]),
        ("8 495 123-45-67, 12, 8 916 555-44-33", [("+74951234567", "12"), ("+79165554433", "")]),
        *(
            (f"8 (495) 123-45-67{said}", [("+74951234567", "12")])
            for said in (" (доб. 12)", " доб.12", " вн. 12", " внутр. 12", " д.12", " ext 12", " x12", "#12", ";ext=12")
        ),
        ("8 495 123-45-67 добавочный 101; 8 495 123-45-67 доб 102", [("+74951234567", "101"), ("+74951234567", "102")]),
        *(
            (f"8 495 123-45-67{between}8 916 555-44-33", TWO)
            for between in (",", "; ", "/", " / ", "\n", "|", " и ", ", моб. ")
        ),
        ("74951234567;79165554433", TWO),
        ("раб. 8 495 123-45-67, 8 916 555-44-33 (моб.)", TWO),
        ("8 495 123-45-67; 84951234567", TWO[:1]),
        ("Тел.: +7 916 555-44-33;", TWO[1:]),
    ],
)
def test_all_numbers_of_a_cell_are_read(text: str, numbers: list[tuple[str, str]]) -> None:
    assert [(each.number, each.extension) for each in written_numbers(text)] == numbers


@pytest.mark.parametrize(
    "text",
    [
        *("", ",", "доб. 12", "12", "8 495 123-45-67/68", "8 495 123-45-67 8 916 555-44-33", "8 916 555-44-33 Анна"),
        *("8 495 123-45-67 доб. 12 доб. 13", "8 495 123-45-67 доб. 12, 13", "8 916 555-44-33, нет", "нет"),
    ],
)
def test_a_cell_with_anything_that_is_no_number_is_not_read_in_part(text: str) -> None:
    assert written_numbers(text) == ()


def test_a_number_typed_for_somebody_needs_to_be_one(office: TestOffice) -> None:
    with office.work() as uow, pytest.raises(NoNumber):
        hire(uow, "Пётр", "+849", "engineer", None)


@pytest.mark.parametrize(("digits", "country", "russian"), [each for each in ABROAD if each[2]])
def test_a_foreigner_is_not_let_in_as_a_client_whose_number_looks_alike(
    office: TestOffice, digits: str, country: str, russian: str
) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        owner = client(uow.session, 41, "Владелец", town.shop)
        uow.session.get_one(Person, owner).phone = russian
        stranger = add(uow.session, Person(name=country, created_at=NOON))
        add(uow.session, Account(user_id=42, person_id=stranger.id, linked_at=NOON))
        found = share_phone(uow, stranger, telegram_account(42), digits, 42, forwarded=False)
        assert (found.known, found.person.id, found.person.phone) == (False, stranger.id, f"+{digits}")
        uow.session.get_one(Person, owner).phone = f"+{digits}"
        assert share_phone(uow, stranger, telegram_account(42), digits, 42, forwarded=False).person.id == owner, country
