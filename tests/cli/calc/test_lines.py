"""`calc` over whole lines: each row of its table, each kind of bad line, and that the rest goes on."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.calc.lines import answers


def ask(*lines: Any) -> list[Any]:
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines]
    return [json.loads(answer) for answer in answers(raw)]


def entry(minutes: int, ticket: Any = "T1", day: str = "2026-11-24") -> dict[str, Any]:
    return {"minutes": minutes, "ticket": ticket, "day": day}


ROUND = {"calc": "round", "entries": [entry(7), entry(6), entry(20)], "step": 15, "minimum": 0, "scope": "ticket_day"}
VAT = {"calc": "vat", "lines": [83_333, 83_333, 83_333], "rate": 2200, "inclusive": True}
POOL = {"id": "a", "kind": "gift", "available": 30, "start": "2026-01-01"}
MARCH = {"id": "m", "kind": "prepaid", "available": 45, "start": "2026-01-01", "end": "2026-03-31"}
JUNE = {"id": "j", "kind": "prepaid", "available": 600, "start": "2026-01-01", "end": "2026-06-30"}
DRAW = {"calc": "draw", "need": 105, "on": "2026-03-10", "pools": [JUNE, MARCH, POOL]}
RATE = {"calc": "rate", "base": 200_000, "sla": 10_000, "band": 15_000, "urgency": 20_000, "mode": "max"}
BAND = {"days": [7], "from": "23:00", "to": "06:00", "bp": 15_000}
WHOLE_DAY = {"days": [1], "from": "00:00", "to": "24:00", "bp": 12_000}
SPLIT = {"calc": "split", "start": "2026-11-01T22:00", "end": "2026-11-02T07:00", "bands": [BAND], "default": 10_000}
LINE = {"item": "clean", "kopecks": 100}
PRICE = {"calc": "price", "item": "clean", "on": "2026-03-10", "lists": [{"scope": "default", "lines": [LINE]}]}
WORKDAYS = {"calc": "workdays", "start": "2026-01-01", "end": "2026-12-31", "region": "RU"}
CLOCK = {"zone": "Europe/Moscow", "opens": "09:00", "closes": "18:00", "region": "RU", "calendar": True}
DEADLINE = CLOCK | {"calc": "deadline", "start": "2026-11-24T12:00:00+03:00", "minutes": 60}
WORKED = CLOCK | {"calc": "worked", "start": "2026-11-24T12:00:00+03:00", "end": "2026-11-24T10:00:59Z"}
LABOUR = {"calc": "labour", "minutes": 50, "rate": 199_900}

GOOD = [
    (LABOUR, {"kopecks": 166_583}),
    (LABOUR | {"minutes": 10**30, "rate": 60}, {"kopecks": 10**30}),
    (ROUND, {"minutes": 45, "groups": [{"ticket": "T1", "day": "2026-11-24", "raw": 33, "billed": 45}]}),
    (ROUND | {"scope": "ticket", "step": 30}, {"minutes": 60, "groups": [{"ticket": "T1", "raw": 33, "billed": 60}]}),
    (
        ROUND | {"scope": "entry", "step": 30},
        {
            "minutes": 90,
            "groups": [{"ticket": "T1", "day": "2026-11-24", "raw": raw, "billed": 30} for raw in (7, 6, 20)],
        },
    ),
    (ROUND | {"entries": []}, {"minutes": 0, "groups": []}),
    (
        ROUND | {"entries": [entry(0, 5)], "minimum": 60},
        {"minutes": 0, "groups": [{"ticket": 5, "day": "2026-11-24", "raw": 0, "billed": 0}]},
    ),
    (VAT, {"vat": [15_027] * 3, "net": 204_918, "total_vat": 45_081, "gross": 249_999}),
    (VAT | {"rate": None}, {"vat": [0, 0, 0], "net": 249_999, "total_vat": 0, "gross": 249_999}),
    (VAT | {"inclusive": False}, {"vat": [18_333] * 3, "net": 249_999, "total_vat": 54_999, "gross": 304_998}),
    (VAT | {"lines": []}, {"vat": [], "net": 0, "total_vat": 0, "gross": 0}),
    (
        DRAW,
        {
            "draws": [{"id": "a", "minutes": 30}, {"id": "m", "minutes": 45}, {"id": "j", "minutes": 30}],
            "uncovered": 0,
        },
    ),
    (
        DRAW | {"order": ["prepaid", "gift", "included"], "need": 646},
        {"draws": [{"id": "m", "minutes": 45}, {"id": "j", "minutes": 600}, {"id": "a", "minutes": 1}], "uncovered": 0},
    ),
    (DRAW | {"pools": [], "need": 3}, {"draws": [], "uncovered": 3}),
    (RATE, {"rate": 400_000}),
    (RATE | {"mode": "multiply"}, {"rate": 600_000}),
    (
        SPLIT,
        {"parts": [{"bp": 10_000, "minutes": 60}, {"bp": 15_000, "minutes": 420}, {"bp": 10_000, "minutes": 60}]},
    ),
    (
        SPLIT | {"start": "2026-11-02T22:00:00", "end": "2026-11-03T00:00:00", "bands": [WHOLE_DAY]},
        {"parts": [{"bp": 12_000, "minutes": 120}]},
    ),
    (SPLIT | {"end": SPLIT["start"]}, {"parts": []}),
    (PRICE, {"kopecks": 100, "scope": "default"}),
    (PRICE | {"item": "other"}, {"estimate_needed": True}),
    (
        PRICE
        | {
            "model": "M",
            "lists": [
                {
                    "scope": "client",
                    "lines": [LINE, LINE | {"model": "M", "from": "2026-03-10", "to": "2026-03-10", "kopecks": 0}],
                }
            ],
        },
        {"kopecks": 0, "scope": "client"},
    ),
    ({"calc": "account_key", "account": "30101810400000000225", "bic": "044525225"}, {"valid": True}),
    ({"calc": "account_key", "account": "30101810965770000413", "bic": "044525225"}, {"valid": False}),
    ({"calc": "inn", "inn": "500100732259"}, {"valid": True}),
    ({"calc": "inn", "inn": ""}, {"valid": False}),
    ({"calc": "words", "kopecks": 375_000}, {"text": "Три тысячи семьсот пятьдесят рублей 00 копеек"}),
    (WORKDAYS, {"days": 247, "minutes": 118_320}),
    (DEADLINE, {"due": "2026-11-24T10:00:00Z"}),
    (DEADLINE | {"closes": "24:00", "minutes": 720}, {"due": "2026-11-24T21:00:00Z"}),
    (DEADLINE | {"start": "2028-01-01T12:00:00Z", "calendar": False}, {"due": "2028-01-01T13:00:00Z"}),
    (DEADLINE | {"start": "2027-12-31T17:00:00Z", "calendar": False}, {"due": "2028-01-01T07:00:00Z"}),
    (DEADLINE | {"start": "2027-12-30T09:00:00+03:00", "minutes": 540}, {"due": "2027-12-30T15:00:00Z"}),
    (WORKED, {"minutes": 60}),
    (WORKED | {"end": WORKED["start"]}, {"minutes": 0}),
    (WORKED | {"start": "2028-01-01T00:00:00Z", "end": "2028-01-01T00:00:00Z"}, {"minutes": 0}),
]


@pytest.mark.parametrize(("line", "answer"), GOOD)
def test_a_good_line_is_answered(line: Any, answer: Any) -> None:
    assert ask(line) == [answer]


BAD = [
    (b"\n", "line: empty"),
    (b"{\n", "not JSON"),
    (b'{"calc": "labour"} {}\n', "not JSON"),
    (b"[]\n", "line: must be an object"),
    (b"5\n", "line: must be an object"),
    (b"\xff\n", "not UTF-8"),
    (b"[" * 100_000 + b"\n", "nested too deep"),
    (b'{"calc": "labour", "minutes": NaN, "rate": 1}\n', "NaN"),
    (b'{"calc": "labour", "minutes": -Infinity, "rate": 1}\n', "-Infinity"),
    (b'{"calc": "labour", "minutes": 1, "minutes": 2, "rate": 1}\n', "minutes: given twice"),
    (b'{"calc": "labour", "minutes": ' + b"9" * 5000 + b', "rate": 1}\n', "line: "),
    ({}, "calc: missing"),
    ({"calc": 5}, "calc: must be a string"),
    ({"calc": "tax"}, "calc: must be one of labour"),
    (LABOUR | {"extra": 1}, "extra: unknown key"),
    ({"calc": "labour", "minutes": 1}, "rate: missing"),
    (LABOUR | {"minutes": True}, "minutes: must be an integer"),
    (LABOUR | {"minutes": 50.0}, "minutes: must be an integer"),
    (LABOUR | {"minutes": "50"}, "minutes: must be an integer"),
    (LABOUR | {"minutes": None}, "minutes: must be an integer"),
    (LABOUR | {"minutes": -1}, "minutes: must not be negative"),
    (LABOUR | {"rate": -1}, "rate: must not be negative"),
    (ROUND | {"step": 0}, "step: must be positive"),
    (ROUND | {"minimum": -1}, "minimum: must not be negative"),
    (ROUND | {"scope": "day"}, "scope: must be one of entry, ticket_day, ticket"),
    (ROUND | {"scope": ["entry"]}, "scope: must be one of"),
    (ROUND | {"entries": {}}, "entries: must be a list"),
    (ROUND | {"entries": [entry(1), 5]}, "entries[1]: must be an object"),
    (ROUND | {"entries": [entry(1), entry(-1)]}, "entries[1].minutes: must not be negative"),
    (ROUND | {"entries": [entry(1, None)]}, "entries[0].ticket: must be a string or an integer"),
    (ROUND | {"entries": [entry(1, True)]}, "entries[0].ticket: must be a string or an integer"),
    (ROUND | {"entries": [entry(1) | {"who": 1}]}, "entries[0].who: unknown key"),
    (ROUND | {"entries": [entry(1, day="20260101")]}, "entries[0].day: must be a date"),
    (ROUND | {"entries": [entry(1, day="2026-W01-1")]}, "entries[0].day: must be a date"),
    (ROUND | {"entries": [entry(1, day="2026-02-29")]}, "entries[0].day: no such day"),
    (ROUND | {"entries": [entry(1, day="2026-01-01\n")]}, "entries[0].day: must be a date"),
    (ROUND | {"entries": [entry(1, day="٢٠٢٦-01-01")]}, "entries[0].day: must be a date"),
    (DEADLINE | {"minutes": 525_601}, "minutes: must be 525600 at most"),
    (DEADLINE | {"minutes": -1}, "minutes: must not be negative"),
    (DEADLINE | {"start": "2026-11-24T12:00:00"}, "start: must be a time with its offset"),
    (DEADLINE | {"start": "2026-11-24T12:00:00.5Z"}, "start: must be a time with its offset"),
    (DEADLINE | {"start": "2026-11-24 12:00:00Z"}, "start: must be a time with its offset"),
    (DEADLINE | {"start": "2026-02-29T12:00:00Z"}, "start: no such time"),
    (DEADLINE | {"start": "0001-01-01T00:00:00+03:00"}, "start: no such time"),
    (DEADLINE | {"start": "0001-01-01T00:00:00Z", "calendar": False}, "start: outside the years that can be counted"),
    (DEADLINE | {"start": "9999-12-31T20:00:00Z", "calendar": False}, "start: outside the years that can be counted"),
    (DEADLINE | {"start": "2027-12-31T12:00:00Z"}, "start: no production calendar of RU for 2028"),
    (DEADLINE | {"start": "2027-12-30T09:00:00+03:00", "minutes": 541}, "for 2028"),
    (DEADLINE | {"zone": "Europe/moscow"}, "zone: must be a time zone"),
    (DEADLINE | {"zone": "../etc/passwd"}, "zone: must be a time zone"),
    (DEADLINE | {"zone": None}, "zone: must be a time zone"),
    (DEADLINE | {"opens": "24:00"}, "opens: must be a time HH:MM"),
    (DEADLINE | {"closes": "09:00"}, "closes: must differ from opens"),
    (DEADLINE | {"closes": "24:01"}, "closes: must be a time HH:MM"),
    (DEADLINE | {"region": "US"}, "region: no production calendar of US"),
    (DEADLINE | {"region": "US", "calendar": False}, "region: no production calendar of US"),
    (DEADLINE | {"calendar": 1}, "calendar: must be true or false"),
    (DEADLINE | {"end": "2026-11-24T12:00:00Z"}, "end: unknown key"),
    (WORKED | {"end": "2026-11-24T08:59:59Z"}, "start"),
    (WORKED | {"start": "2027-12-31T00:00:00Z", "end": "2028-01-01T09:01:00+03:00"}, "start: no production calendar"),
    (VAT | {"lines": [1, -1]}, "lines[1]: must not be negative"),
    (VAT | {"rate": 22.0}, "rate: must be an integer"),
    (VAT | {"rate": -1}, "rate: must not be negative"),
    (VAT | {"inclusive": 1}, "inclusive: must be true or false"),
    ({"calc": "vat", "lines": [], "inclusive": True}, "rate: missing"),
    (DRAW | {"need": -1}, "need: must not be negative"),
    (DRAW | {"on": "2026-03-10T00:00"}, "on: must be a date"),
    (DRAW | {"pools": [POOL | {"end": "2025-12-31"}]}, "start is after end"),
    (DRAW | {"pools": [POOL | {"end": None}]}, "pools[0].end: must be a date"),
    (DRAW | {"pools": [POOL | {"id": 1}]}, "pools[0].id: must be a string"),
    (DRAW | {"pools": [POOL | {"available": -1}]}, "pools[0].available: must not be negative"),
    (DRAW | {"pools": [POOL | {"kind": "bonus"}]}, "pools[0].kind: must be one of"),
    (DRAW | {"order": ["gift"]}, "each kind once"),
    (DRAW | {"order": "gift"}, "order: must be a list"),
    (RATE | {"mode": "MAX"}, "mode: must be one of max, multiply"),
    (RATE | {"band": -1}, "band: must not be negative"),
    (SPLIT | {"start": "2026-11-02T07:01"}, "start is after end"),
    (SPLIT | {"start": "2026-11-01T22:00:30"}, "start: must be a whole minute"),
    (SPLIT | {"start": "2026-11-01T22:00Z"}, "start: must be a local time"),
    (SPLIT | {"start": "2026-11-01"}, "start: must be a local time"),
    (SPLIT | {"start": "2026-11-01T24:00"}, "start: no such time"),
    (SPLIT | {"bands": [BAND | {"to": "23:00"}]}, "bands[0]: a band must not end where it begins"),
    (SPLIT | {"bands": [BAND | {"from": "24:00"}]}, "bands[0].from: must be a time"),
    (SPLIT | {"bands": [BAND | {"to": "24:01"}]}, "bands[0].to: must be a time"),
    (SPLIT | {"bands": [BAND | {"to": "6:00"}]}, "bands[0].to: must be a time"),
    (SPLIT | {"bands": [BAND | {"to": "06:60"}]}, "bands[0].to: must be a time"),
    (SPLIT | {"bands": [BAND | {"days": [0]}]}, "bands[0].days[0]: must be positive"),
    (SPLIT | {"bands": [BAND | {"days": [8]}]}, "bands[0]: days must be 1 to 7"),
    (SPLIT | {"bands": [BAND | {"days": [True]}]}, "bands[0].days[0]: must be an integer"),
    (SPLIT | {"bands": [BAND | {"bp": -1}]}, "bands[0].bp: must not be negative"),
    (SPLIT | {"default": None}, "default: must be an integer"),
    (PRICE | {"model": None}, "model: must be a string"),
    (PRICE | {"lists": [{"scope": "all", "lines": []}]}, "lists[0].scope: must be one of"),
    (
        PRICE | {"lists": [{"scope": "client", "lines": [LINE | {"from": "2026-01-02", "to": "2026-01-01"}]}]},
        "start is after end",
    ),
    (
        PRICE | {"lists": [{"scope": "client", "lines": [LINE | {"kopecks": -1}]}]},
        "lists[0].lines[0].kopecks: must not be negative",
    ),
    ({"calc": "account_key", "account": 30101810400000000225, "bic": "044525225"}, "account: must be a string"),
    ({"calc": "inn", "inn": 7707083893}, "inn: must be a string"),
    ({"calc": "words", "kopecks": -1}, "kopecks: must not be negative"),
    ({"calc": "words", "kopecks": 10**40}, "too large for words"),
    (WORKDAYS | {"end": "2028-01-01"}, "no production calendar of RU for 2028"),
    (WORKDAYS | {"region": "KZ"}, "no production calendar of KZ for 2026"),
    (WORKDAYS | {"region": None}, "region: must be a string"),
    (WORKDAYS | {"start": "2027-01-01"}, "start is after end"),
]


@pytest.mark.parametrize(("line", "reason"), BAD)
def test_a_bad_line_says_what_and_where_and_the_rest_goes_on(line: Any, reason: str) -> None:
    before, answer, after = ask(LABOUR, line, LABOUR)
    assert list(answer) == ["error"]
    assert reason in answer["error"]
    assert before == after == {"kopecks": 166_583}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["2026-01-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
SAMPLES = [LABOUR, ROUND, VAT, DRAW, RATE, SPLIT, PRICE, WORKDAYS, {"calc": "words", "kopecks": 1}]


@given(st.sampled_from(SAMPLES), st.data(), JSON)
def test_any_value_in_any_place_gives_one_json_line(sample: dict[str, Any], data: st.DataObject, value: Any) -> None:
    key = data.draw(st.sampled_from(sorted(sample)))
    [answer] = ask(sample | {key: value})
    assert isinstance(answer, dict)
    assert answer


@given(st.binary(max_size=60).filter(lambda raw: b"\n" not in raw))
def test_any_bytes_give_one_json_line(raw: bytes) -> None:
    [answer] = answers([raw + b"\n"])
    assert answer.count(b"\n") == 1
    assert json.loads(answer)["error"]


def test_a_lone_surrogate_goes_through() -> None:
    line = DRAW | {"need": 5, "pools": [POOL | {"id": "\ud800"}]}
    assert ask(line) == [{"draws": [{"id": "\ud800", "minutes": 5}], "uncovered": 0}]


def test_the_command_streams_and_loads_neither_aiogram_nor_the_database() -> None:
    code = (
        "import sys, types; cli = sys.modules['bot.cli'] = types.ModuleType('bot.cli'); cli.__path__ = ['bot/cli'];"
        "from bot.cli.calc.command import calc; calc();"
        "heavy = {'aiogram', 'sqlalchemy', 'sqlmodel', 'telegram', 'numpy'} & set(sys.modules);"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        for _ in range(3):  # each answer comes before the next question is asked
            process.stdin.write(json.dumps(LABOUR).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == {"kopecks": 166_583}
        process.stdin.close()
        assert process.wait(timeout=30) == 0, process.stderr.read()
