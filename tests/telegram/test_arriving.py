"""What came from the network is made fit to be kept, and otherwise stays as it is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.arriving import DEEPEST, LARGEST, arrival_of, chat_of, pushed, read_json, tame

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
NUMBERS = st.integers(-LARGEST, LARGEST) | st.floats(-1e15, 1e15) | st.booleans() | st.none()
PLAIN = st.recursive(NUMBERS | TEXTS, lambda some: st.lists(some) | st.dictionaries(TEXTS, some))
ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=8)
ANY_NUMBER = st.integers() | st.floats() | st.booleans() | st.none()
ANYTHING = st.recursive(ANY_NUMBER | ANY_TEXT, lambda some: st.lists(some) | st.dictionaries(ANY_TEXT, some))


def nested(levels: int, inner: str = "1") -> str:
    return "[" * levels + inner + "]" * levels


def test_a_line_keeps_its_length() -> None:
    said = {"message": {"text": "а\0б\ud83d", "entities": [{"type": "bold", "offset": 2, "length": 1}]}}
    assert tame(said) == {"message": {"text": "а\ufffdб\ufffd", "entities": said["message"]["entities"]}}


@given(PLAIN)
def test_what_can_be_kept_stays_as_it_is(update: Any) -> None:
    assert tame(update) == update
    assert read_json(json.dumps(update).encode()) == update


@given(ANYTHING)
def test_whatever_comes_can_be_kept(update: Any) -> None:
    kept = json.dumps(tame(update), ensure_ascii=False, allow_nan=False)
    assert "\0" not in json.loads(kept) if isinstance(update, str) else kept.encode()
    arrival = arrival_of(1, update)
    assert arrival.update_id is not None
    for number in (arrival.update_id, arrival.chat_id):
        assert abs(number) <= LARGEST
    json.dumps(arrival.payload, ensure_ascii=False, allow_nan=False).encode()


@given(st.binary(max_size=200) | ANYTHING.map(lambda some: json.dumps(some).encode()))
def test_whatever_is_pushed_can_be_kept(body: bytes) -> None:
    arrival = pushed(1, body)
    assert abs(arrival.update_id or 0) <= LARGEST
    json.dumps(arrival.payload, ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize("levels", [DEEPEST + 1, 2_000, 100_000])
def test_what_is_nested_too_deep_costs_only_itself(levels: int) -> None:
    document = f'{{"a": {nested(levels)}, "text": "[[{{\\"", "b": [{nested(levels)}, 2]}}'
    found = tame(read_json(document.encode()))
    assert found["text"] == '[[{"'
    assert found["b"][1] == 2
    depth, inner = 0, found["a"]
    while isinstance(inner, list):
        depth, inner = depth + 1, inner[0]
    assert (depth, inner) == (DEEPEST - 1, None)


def test_numbers_that_no_reader_takes_become_null() -> None:
    body = b'{"update_id": 7, "a": [%s, 1e999, -Infinity, NaN, 18446744073709551616], "b": "\\ud800", "c": "\xff"}'
    found = tame(read_json(body % (b"9" * 10_000)))
    assert found == {"update_id": 7, "a": [None] * 5, "b": "\ufffd", "c": "\ufffd"}


@pytest.mark.parametrize("body", [b"", b"{", b'{"a":', b"[[[[", b"<html>", b"[" * 100_000, b'"' + b"\\" * 1001])
def test_what_is_no_json_is_told_so_at_any_depth(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(body)


@pytest.mark.parametrize(
    "update",
    [
        None,
        5,
        "x",
        [],
        {},
        {"message": {}},
        *({"update_id": bad} for bad in (None, True, "7", 7.5, -1, 2**63, 10**40, [], {})),
    ],
)
def test_what_has_no_id_is_set_aside_under_one_of_its_own(update: Any) -> None:
    arrival = arrival_of(1, update)
    assert arrival.aside == "no update id"
    assert (arrival.update_id or 0) < 0
    assert arrival_of(1, update) == arrival


def test_what_is_no_json_is_known_by_the_id_that_stands_in_it() -> None:
    body = b'{"update_id": 812, "message": {"text": "' + b"x" * 1_000
    assert pushed(1, body).update_id == pushed(1, body, whole=False).update_id == 812
    assert pushed(1, body).aside == "no JSON"
    assert pushed(1, body, whole=False).aside == "too long"


@pytest.mark.parametrize(
    "event",
    [
        {"chat": {"id": True}},
        {"chat": {"id": "5"}},
        {"chat": 5},
        {"from": 5},
        {"from": {"id": 5.0}},
        {"message": 5},
        {"message": {"chat": []}},
        5,
        None,
        [],
    ],
)
@pytest.mark.parametrize("kind", ["message", "callback_query", "something_new"])
def test_an_odd_chat_is_none(kind: str, event: Any) -> None:
    assert chat_of({"update_id": 1, kind: event}) == 0
