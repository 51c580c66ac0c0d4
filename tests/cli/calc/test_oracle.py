"""`calc` against a second, naive implementation written from its description: exact fractions and brute force."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import cmp_to_key
from math import floor
from typing import Any

import holidays
import pytest

from bot.cli.calc.lines import answers

SEED = 20_261_124
CASES = 400  # of each kind
KINDS = ("included", "gift", "prepaid")
SCOPES = ("client", "contract", "category", "default")
Case = tuple[dict[str, Any], dict[str, Any]]


def half_up(exact: Fraction) -> int:
    return floor(exact + Fraction(1, 2))


def amount(rng: random.Random) -> int:
    return rng.choice([0, 1, rng.randrange(100), rng.randrange(10**6), rng.randrange(10**12)])


def some_day(rng: random.Random, spread: int = 90) -> date:
    return date(2026, 1, 1) + timedelta(days=rng.randrange(spread))


def labour(rng: random.Random) -> Case:
    minutes, rate = rng.randrange(3000), amount(rng)
    return {"minutes": minutes, "rate": rate}, {"kopecks": half_up(Fraction(minutes * rate, 60))}


def rounding(rng: random.Random) -> Case:
    step, minimum, scope = rng.randint(1, 90), rng.randrange(120), rng.choice(["entry", "ticket_day", "ticket"])
    entries = [
        {
            "minutes": rng.choice([0, rng.randrange(200)]),
            "ticket": rng.choice(["A", "B", 1, "1"]),
            "day": some_day(rng, 3).isoformat(),
        }
        for _ in range(rng.randrange(8))
    ]
    groups: list[dict[str, Any]] = []
    for each in entries:
        names = {"entry": [], "ticket_day": ["ticket", "day"], "ticket": ["ticket"]}[scope]
        found = next((g for g in groups if names and all(g[n] == each[n] for n in names)), None)
        if found is None:
            shown = ["ticket"] if scope == "ticket" else ["ticket", "day"]
            groups.append({name: each[name] for name in shown} | {"raw": each["minutes"]})
        else:
            found["raw"] += each["minutes"]
    for group in groups:
        billed = 0
        while billed < group["raw"]:
            billed += step
        group["billed"] = max(billed, minimum) if group["raw"] else 0
    asked = {"entries": entries, "step": step, "minimum": minimum, "scope": scope}
    return asked, {"minutes": sum(group["billed"] for group in groups), "groups": groups}


def vat(rng: random.Random) -> Case:
    lines = [amount(rng) for _ in range(rng.randrange(7))]
    rate, inclusive = rng.choice([None, 0, 500, 700, 1000, 2000, 2200, rng.randrange(10_000)]), rng.random() < 0.5
    share = Fraction(rate or 0, 10_000)
    each = [half_up(line * share / (1 + share) if inclusive else line * share) for line in lines]
    gross = sum(lines) if inclusive else sum(lines) + sum(each)
    asked = {"lines": lines, "rate": rate, "inclusive": inclusive}
    return asked, {"vat": each, "net": gross - sum(each), "total_vat": sum(each), "gross": gross}


def draw(rng: random.Random) -> Case:
    pools = []
    for identity in rng.sample(["1", "2", "10", "a", "B", "ж"], rng.randrange(7)):
        start = some_day(rng)
        pool = {
            "id": identity,
            "kind": rng.choice(KINDS),
            "available": rng.choice([0, rng.randrange(300)]),
            "start": start.isoformat(),
        }
        if rng.random() < 0.7:
            pool["end"] = (start + timedelta(days=rng.choice([0, 5, 30, rng.randrange(60)]))).isoformat()
        pools.append(pool)
    need, on, order = rng.randrange(600), some_day(rng).isoformat(), rng.sample(KINDS, 3)
    default = rng.random() < 0.5
    ranks = KINDS if default else order

    def earlier(one: dict[str, Any], two: dict[str, Any]) -> int:
        if one["kind"] != two["kind"]:
            return ranks.index(one["kind"]) - ranks.index(two["kind"])
        ends = one.get("end"), two.get("end")
        if ends[0] != ends[1]:
            if None in ends:
                return 1 if ends[0] is None else -1
            return -1 if str(ends[0]) < str(ends[1]) else 1
        return -1 if (one["start"], one["id"]) < (two["start"], two["id"]) else 1

    left, draws = need, []
    for pool in sorted(pools, key=cmp_to_key(earlier)):
        valid = pool["start"] <= on and ("end" not in pool or on <= pool["end"])
        taken = min(left, pool["available"]) if valid else 0
        if taken:
            draws.append({"id": pool["id"], "minutes": taken})
            left -= taken
    asked = {"need": need, "on": on, "pools": pools} | ({} if default else {"order": order})
    return asked, {"draws": draws, "uncovered": left}


def rate(rng: random.Random) -> Case:
    base, (sla, band, urgency) = amount(rng), (rng.choice([10_000, rng.randrange(40_000)]) for _ in range(3))
    mode = rng.choice(["max", "multiply"])
    times = Fraction(max(band, urgency), 10_000) if mode == "max" else Fraction(band * urgency, 10_000**2)
    asked = {"base": base, "sla": sla, "band": band, "urgency": urgency, "mode": mode}
    return asked, {"rate": half_up(base * Fraction(sla, 10_000) * times)}


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def split(rng: random.Random) -> Case:
    bands = []
    for _ in range(rng.randrange(5)):
        begin = rng.choice([0, 60 * rng.randrange(24), rng.randrange(1440)])
        until = rng.choice([0, 1440, 60 * rng.randrange(25), rng.randrange(1441)])
        if begin != until:
            days = rng.sample(range(1, 8), rng.randint(1, 7))
            band = {"days": days, "from": clock(begin), "to": clock(until), "bp": 1000 * rng.randint(5, 20)}
            bands.append(band)
    start = datetime.fromisoformat("2026-02-25") + timedelta(minutes=rng.randrange(7 * 1440))
    end = start + timedelta(minutes=rng.choice([0, rng.randrange(90), rng.randrange(1440), rng.randrange(4000)]))
    default = 1000 * rng.randint(5, 20)
    parts: list[dict[str, int]] = []
    moment = start
    while moment < end:
        bp = max((b["bp"] for b in bands if covers(b, moment)), default=default)
        if parts and parts[-1]["bp"] == bp:
            parts[-1]["minutes"] += 1
        else:
            parts.append({"bp": bp, "minutes": 1})
        moment += timedelta(minutes=1)
    asked = {
        "start": start.isoformat(timespec="minutes"),
        "end": end.isoformat(timespec=rng.choice(["minutes", "seconds"])),
        "bands": bands,
        "default": default,
    }
    return asked, {"parts": parts}


def covers(band: dict[str, Any], moment: datetime) -> bool:
    for back in (0, 1):
        midnight = datetime.combine(moment, time()) - timedelta(days=back)
        if midnight.isoweekday() not in band["days"]:
            continue
        begin, until = (int(band[key][:2]) * 60 + int(band[key][3:]) for key in ("from", "to"))
        length = until - begin if until > begin else until - begin + 1440
        opens = midnight + timedelta(minutes=begin)
        if opens <= moment < opens + timedelta(minutes=length):
            return True
    return False


def price(rng: random.Random) -> Case:
    lists: list[dict[str, Any]] = []
    seen: set[tuple[Any, ...]] = set()
    for _ in range(rng.randrange(5)):
        scope, lines = rng.choice(SCOPES), []
        for _ in range(rng.randrange(5)):
            line: dict[str, Any] = {"item": rng.choice("xxy"), "kopecks": rng.choice([0, rng.randrange(10**6)])}
            if rng.random() < 0.5:
                line["model"] = rng.choice("MN")
            since = some_day(rng)
            if rng.random() < 0.6:
                line["from"] = since.isoformat()
            if rng.random() < 0.6:
                line["to"] = (since + timedelta(days=rng.randrange(40))).isoformat()
            key = (scope, line["item"], line.get("model"), line.get("from"))
            if key not in seen:  # equal lines have no order in the description
                seen.add(key)
                lines.append(line)
        lists.append({"scope": scope, "lines": lines})
    on, model = some_day(rng).isoformat(), rng.choice([None, "M"])
    best: tuple[Any, ...] | None = None
    for each in lists:
        for line in each["lines"]:
            if line["item"] != "x" or line.get("model", model) != model:
                continue
            if line.get("from", "0") > on or line.get("to", "9") < on:
                continue
            rank = (-SCOPES.index(each["scope"]), "model" in line, line.get("from", "0"))
            if best is None or rank > best[0]:
                best = (rank, {"kopecks": line["kopecks"], "scope": each["scope"]})
    asked = {"item": "x", "on": on, "lists": lists} | ({"model": model} if model else {})
    return asked, best[1] if best else {"estimate_needed": True}


def account_key(rng: random.Random) -> Case:
    account = rng.choice(["30101", "40702", ""]) + "".join(rng.choices("0123456789", k=20))
    bic = "04" + "".join(rng.choices("0123456789", k=4)) + rng.choice(["000", "001", "002", "003", "225", "999"])
    account = account[:20] if rng.random() < 0.9 else account[: rng.randrange(22)] + rng.choice(["", "x", "٣"])
    if rng.random() < 0.1:
        bic = bic[:-1] + rng.choice(["", "o", "55"])
    valid = False
    if len(account) == 20 and len(bic) == 9 and set(account + bic) <= set("0123456789"):
        centre = account[:5] == "30101" or bic[-3:] in ("000", "001", "002")
        digits = ("0" + bic[4] + bic[5] if centre else bic[6] + bic[7] + bic[8]) + account
        valid = sum(int(digit) * (7, 1, 3)[place % 3] for place, digit in enumerate(digits)) % 10 == 0
    return {"account": account, "bic": bic}, {"valid": valid}


def inn(rng: random.Random) -> Case:
    digits = "".join(rng.choices("0123456789", k=rng.choice([10, 12])))
    coefficients = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]

    def control(text: str) -> str:
        weights = coefficients[len(coefficients) - len(text) :]
        return str(sum(w * int(d) for w, d in zip(weights, text, strict=True)) % 11 % 10)

    if len(digits) == 10:
        right = digits[:9] + control(digits[:9])
    else:
        right = digits[:10] + control(digits[:10])
        right += control(right)
    given = rng.choice([right, right, digits, right[:-1], right + "0", right[:-1] + "a", "0" * len(right)])
    return {"inn": given}, {"valid": given == right and set(given) != {"0"}}


ONES = [
    "один",
    "два",
    "три",
    "четыре",
    "пять",
    "шесть",
    "семь",
    "восемь",
    "девять",
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
]
ONES += ["четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать", "девятнадцать"]
TENS = ["двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"]
HUNDREDS = ["сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"]
GROUPS = ["рубль рубля рублей", "тысяча тысячи тысяч", "миллион миллиона миллионов", "миллиард миллиарда миллиардов"]


def form(number: int, forms: str) -> str:
    one, few, many = forms.split()
    if 11 <= number % 100 <= 14:
        return many
    return {1: one, 2: few, 3: few, 4: few}.get(number % 10, many)


def words(rng: random.Random) -> Case:
    roubles = rng.choice([0, 1, 2, 11, rng.randrange(10**3), rng.randrange(10**6), rng.randrange(10**12), 10**9, 10**6])
    kopecks = rng.randrange(100)
    said: list[str] = []
    for place in (3, 2, 1, 0):
        three = roubles // 1000**place % 1000
        if three >= 100:
            said.append(HUNDREDS[three // 100 - 1])
        rest = three % 100
        if rest >= 20:
            said.append(TENS[rest // 10 - 2])
            rest %= 10
        if rest:
            said.append({1: "одна", 2: "две"}.get(rest, ONES[rest - 1]) if place == 1 else ONES[rest - 1])
        if place and three:
            said.append(form(three, GROUPS[place]))
    text = " ".join([*(said or ["ноль"]), form(roubles, GROUPS[0])])
    text = f"{text[0].upper()}{text[1:]} {kopecks:02d} {form(kopecks, 'копейка копейки копеек')}"
    return {"kopecks": roubles * 100 + kopecks}, {"text": text}


# Decrees that moved a day off from before a holiday made these Saturdays as short as the day they stand in for
# (order 588n); with them the years have their published norms of 1 979 and 1 972 hours.
SHORT_SATURDAYS = {date(2024, 11, 2), date(2025, 11, 1), date(2027, 2, 20)}
PUBLIC = {(1, day) for day in range(1, 9)} | {(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}
CALENDAR = holidays.country_holidays("RU", years=range(2023, 2029), language="en_US")


def workdays(rng: random.Random) -> Case:
    start = date(2024, 1, 1) + timedelta(days=rng.randrange(1461))
    end = min(date(2027, 12, 31), start + timedelta(days=rng.choice([0, 1, rng.randrange(40), rng.randrange(800)])))
    worked = [day for day in (start + timedelta(days=n) for n in range((end - start).days + 1)) if works(day)]
    minutes = sum(420 if is_short(day) else 480 for day in worked)
    asked = {"start": start.isoformat(), "end": end.isoformat(), "region": "RU"}
    return asked, {"days": len(worked), "minutes": minutes}


def works(day: date) -> bool:
    return CALENDAR.is_working_day(day)


def is_short(day: date) -> bool:
    """The working day before a public holiday (article 95)."""
    following = day + timedelta(days=1)
    return (following.month, following.day) in PUBLIC or day in SHORT_SATURDAYS


MAKERS: dict[str, Callable[[random.Random], Case]] = {
    "labour": labour,
    "round": rounding,
    "vat": vat,
    "draw": draw,
    "rate": rate,
    "split": split,
    "price": price,
    "account_key": account_key,
    "inn": inn,
    "words": words,
    "workdays": workdays,
}


def asked(lines: list[dict[str, Any]]) -> list[Any]:
    raw = [json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines]
    return [json.loads(answer) for answer in answers(raw)]


@pytest.mark.sampled(9)
@pytest.mark.parametrize("name", MAKERS)
def test_calc_equals_the_naive_implementation(name: str) -> None:
    rng = random.Random(f"{SEED}/{name}")
    cases = [MAKERS[name](rng) for _ in range(CASES)]
    for (line, expected), answer in zip(cases, asked([{"calc": name} | line for line, _ in cases]), strict=True):
        assert answer == expected, line


def spoilt(line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same line with one thing wrong, at every place in turn."""
    yield line | {"unknown": 1}
    for key, value in line.items():
        if key == "calc":
            continue
        optional = key in ("order", "model", "end", "from", "to")
        if not optional or (key in ("end", "from", "to") and "kopecks" not in line and "kind" not in line):
            yield {k: v for k, v in line.items() if k != key}
        yield line | {key: 1.5}
        if isinstance(value, bool):
            yield line | {key: 1}
        elif key == "ticket":  # a number or a text
            yield from (line | {key: wrong} for wrong in (None, True, [value]))
        elif isinstance(value, int):
            yield from (line | {key: wrong} for wrong in (True, float(value), str(value), None, -1 - value, [value]))
        elif isinstance(value, str):
            yield from (line | {key: wrong} for wrong in (None, True, [value]))
        elif isinstance(value, list):
            yield from (line | {key: wrong} for wrong in (None, True, {}, "x"))
            for place, inner in enumerate(value):
                wrongs = spoilt(inner) if isinstance(inner, dict) else (1.5, True, None, {})
                yield from (line | {key: [*value[:place], wrong, *value[place + 1 :]]} for wrong in wrongs)


@pytest.mark.parametrize("name", MAKERS)
def test_one_thing_wrong_anywhere_is_an_error(name: str) -> None:
    rng = random.Random(f"{SEED}/bad/{name}")
    for _ in range(8):
        line = {"calc": name} | MAKERS[name](rng)[0]
        if allowed(line):
            line["rate"] = 2200
        wrong = [each for each in spoilt(line) if not allowed(each)]
        for each, answer in zip(wrong, asked(wrong), strict=True):
            assert list(answer) == ["error"], each
            assert answer["error"]


def allowed(line: dict[str, Any]) -> bool:
    """What `spoilt` makes that is right all the same: «без НДС»."""
    return line["calc"] == "vat" and line.get("rate", 0) is None
