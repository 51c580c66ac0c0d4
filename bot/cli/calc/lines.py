"""The billing arithmetic as JSON lines (`python -m bot calc`), over the product's own pure rules.

Needs no database, no settings and no Telegram. A bad line gives `{"error": "where: what"}` and the rest goes on.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from bot.billing.hours.draw import DRAW_ORDER, PoolKind, PoolToDraw, draw
from bot.billing.prices.rule import Combining, ItemPrice, ListScope, PriceListVersion, find_price, hourly_rate, labour
from bot.billing.seller.requisites import account_key_valid, inn_valid
from bot.billing.work.rounding import Rounding, RoundingScope, Spent, round_entries
from bot.calendar.bands import Band, split
from bot.calendar.read_minutes import read_minutes
from bot.calendar.workdays import EveryDay, NoCalendarError, production_calendar
from bot.calendar.working_clock import WorkingClock
from bot.cli.calc.strict_json import (
    BadLineError,
    Fields,
    clock,
    clock_end,
    day,
    each,
    flag,
    in_order,
    local_minute,
    moment,
    one_of,
    parse,
    positive,
    shaped,
    text,
    text_or_number,
    time_zone,
    whole,
    whole_or_null,
)
from bot.sums.read_sum import read_sum
from bot.sums.vat import vat_of_lines
from bot.sums.words import sum_in_words
from bot.sums.written import UnclearError

Answer = dict[str, Any]

LONGEST = 365 * 24 * 60  # minutes of a target


def answers(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield one JSON line for each line, in order."""
    for line in lines:
        try:
            answer = json.dumps(answer_line(line), ensure_ascii=False)
        except BadLineError as error:
            answer = json.dumps({"error": str(error)}, ensure_ascii=False)
        except ValueError as error:
            answer = json.dumps({"error": f"line: {error}"}, ensure_ascii=False)
        # A lone surrogate from the input has no UTF-8; its escape is valid JSON.
        yield answer.encode("utf-8", "backslashreplace") + b"\n"


def answer_line(line: bytes) -> Answer:
    """Answer one line. Raises BadLineError or ValueError, saying what is wrong and where."""
    fields = Fields(parse(line), "")
    name = fields.take("calc", text)
    if name not in _CALCS:
        raise BadLineError(f"calc: must be one of {', '.join(_CALCS)}")
    return _CALCS[name](fields)


def _labour(fields: Fields) -> Answer:
    minutes, rate = fields.take("minutes", whole), fields.take("rate", whole)
    fields.done()
    return {"kopecks": labour(minutes, rate)}


def _round(fields: Fields) -> Answer:
    entries = fields.take("entries", each(shaped(_spent)))
    step, minimum = fields.take("step", positive), fields.take("minimum", whole)
    scope = fields.take("scope", one_of(RoundingScope))
    fields.done()
    groups = round_entries(entries, Rounding(scope, step, minimum_remote=minimum, minimum_visit=minimum))
    shown = [
        {"ticket": group.ticket}
        | ({"day": group.day.isoformat()} if group.day else {})
        | {"raw": group.raw, "billed": group.billed}
        for group in groups
    ]
    return {"minutes": sum(group.billed for group in groups), "groups": shown}


def _spent(fields: Fields) -> Spent:
    return Spent(fields.take("minutes", whole), fields.take("ticket", text_or_number), fields.take("day", day))


def _vat(fields: Fields) -> Answer:
    lines, rate = fields.take("lines", each(whole)), fields.take("rate", whole_or_null)
    inclusive = fields.take("inclusive", flag)
    fields.done()
    totals = vat_of_lines(lines, rate, inclusive=inclusive)
    return {"vat": list(totals.vat), "net": totals.net, "total_vat": totals.total_vat, "gross": totals.gross}


def _draw(fields: Fields) -> Answer:
    need, on = fields.take("need", whole), fields.take("on", day)
    pools = fields.take("pools", each(shaped(_pool)))
    order = fields.maybe("order", each(one_of(PoolKind)))
    fields.done()
    draws, uncovered = draw(need, pools, on, DRAW_ORDER if order is None else order)
    return {"draws": [{"id": taken.pool, "minutes": taken.amount} for taken in draws], "uncovered": uncovered}


def _pool(fields: Fields) -> PoolToDraw:
    pool = PoolToDraw(
        id=fields.take("id", text),
        kind=fields.take("kind", one_of(PoolKind)),
        available=fields.take("available", whole),
        start=fields.take("start", day),
        end=fields.maybe("end", day),
    )
    in_order(pool.start, pool.end, f"pool {pool.id}")
    return pool


def _rate(fields: Fields) -> Answer:
    base, sla, band, urgency = (fields.take(key, whole) for key in ("base", "sla", "band", "urgency"))
    mode = fields.take("mode", one_of(Combining))
    fields.done()
    return {"rate": hourly_rate(base, sla, band, urgency, mode)}


def _split(fields: Fields) -> Answer:
    start, end = fields.take("start", local_minute), fields.take("end", local_minute)
    bands, default = fields.take("bands", each(shaped(_band))), fields.take("default", whole)
    fields.done()
    in_order(start, end, "start")
    return {"parts": [{"bp": part.bp, "minutes": part.minutes} for part in split(start, end, bands, default)]}


def _band(fields: Fields) -> Band:
    return Band(
        days=frozenset(fields.take("days", each(positive))),
        start=fields.take("from", clock),
        end=fields.take("to", clock_end),
        bp=fields.take("bp", whole),
    )


def _price(fields: Fields) -> Answer:
    item, on, model = fields.take("item", text), fields.take("on", day), fields.maybe("model", text)
    lists = fields.take("lists", each(shaped(_price_list)))
    fields.done()
    price = find_price(item, on, lists, model)
    return {"estimate_needed": True} if price is None else {"kopecks": price.line.kopecks, "scope": price.scope.value}


def _price_list(fields: Fields) -> PriceListVersion:
    return PriceListVersion(
        fields.take("scope", one_of(ListScope)), tuple(fields.take("lines", each(shaped(_price_line))))
    )


def _price_line(fields: Fields) -> ItemPrice:
    line = ItemPrice(
        item=fields.take("item", text),
        model=fields.maybe("model", text),
        since=fields.maybe("from", day),
        until=fields.maybe("to", day),
        kopecks=fields.take("kopecks", whole),
    )
    in_order(line.since, line.until, f"line of {line.item}")
    return line


def _account_key(fields: Fields) -> Answer:
    account, bic = fields.take("account", text), fields.take("bic", text)
    fields.done()
    return {"valid": account_key_valid(account, bic)}


def _inn(fields: Fields) -> Answer:
    inn = fields.take("inn", text)
    fields.done()
    return {"valid": inn_valid(inn)}


def _words(fields: Fields) -> Answer:
    kopecks = fields.take("kopecks", whole)
    fields.done()
    return {"text": sum_in_words(kopecks)}


def _workdays(fields: Fields) -> Answer:
    start, end, region = fields.take("start", day), fields.take("end", day), fields.take("region", text)
    fields.done()
    in_order(start, end, "start")
    try:
        time = production_calendar(region).between(start, end)
    except NoCalendarError as error:
        raise BadLineError(f"region or year: {error}") from error
    return {"days": time.days, "minutes": time.minutes}


def _deadline(fields: Fields) -> Answer:
    start, minutes = fields.take("start", moment), fields.take("minutes", whole)
    clock_here = _working_clock(fields)
    fields.done()
    if minutes > LONGEST:
        raise BadLineError(f"minutes: must be {LONGEST} at most")
    with _looking():
        due = clock_here.after(start, minutes)
    return {"due": due.isoformat().replace("+00:00", "Z")}


def _worked(fields: Fields) -> Answer:
    start, end = fields.take("start", moment), fields.take("end", moment)
    clock_here = _working_clock(fields)
    fields.done()
    in_order(start, end, "start")
    with _looking():
        return {"minutes": clock_here.between(start, end)}


def _working_clock(fields: Fields) -> WorkingClock:
    zone, opens, closes = fields.take("zone", time_zone), fields.take("opens", clock), fields.take("closes", clock_end)
    calendar, counted = production_calendar(fields.take("region", text)), fields.take("calendar", flag)
    if opens == closes:
        raise BadLineError("closes: must differ from opens")
    if not calendar.years:
        raise BadLineError(f"region: no production calendar of {calendar.region}")
    return WorkingClock(calendar if counted else EveryDay(), zone, opens, closes)


@contextmanager
def _looking() -> Iterator[None]:
    """Days are looked at: one may be of a year without data, or of none at all."""
    try:
        yield
    except NoCalendarError as error:
        raise BadLineError(f"start: {error}") from error
    except OverflowError as error:
        raise BadLineError("start: outside the years that can be counted") from error


def _read_sum(fields: Fields) -> Answer:
    said = fields.take("text", text)
    fields.done()
    try:
        found = read_sum(said)
    except UnclearError as error:
        raise BadLineError(f"text: {error}") from error
    return {"kopecks": found.kopecks, "rest": found.rest}


def _read_minutes(fields: Fields) -> Answer:
    said = fields.take("text", text)
    fields.done()
    try:
        found = read_minutes(said)
    except UnclearError as error:
        raise BadLineError(f"text: {error}") from error
    return {"minutes": found.minutes, "rest": found.rest}


_CALCS: dict[str, Callable[[Fields], Answer]] = {
    "labour": _labour,
    "round": _round,
    "vat": _vat,
    "draw": _draw,
    "rate": _rate,
    "split": _split,
    "price": _price,
    "account_key": _account_key,
    "inn": _inn,
    "words": _words,
    "workdays": _workdays,
    "deadline": _deadline,
    "worked": _worked,
    "read_sum": _read_sum,
    "read_minutes": _read_minutes,
}
