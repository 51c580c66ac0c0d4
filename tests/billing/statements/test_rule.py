"""A statement's lines and sums for any facts: nothing lost, nothing added, nothing billed above the approved."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.billing.prices.rule import labour
from bot.billing.quotes.rule import MINUTE, QuoteLine
from bot.billing.scope.worked import RatedMinutes
from bot.billing.statements.due import ApprovedWork, PricedLine
from bot.billing.statements.rule import (
    BoughtHours,
    DoneWork,
    DraftLine,
    Drawn,
    Facts,
    Fee,
    LineKind,
    SpentTime,
    draft_statement,
)
from bot.calendar.periods import month_of
from bot.sums.exact import half_up
from bot.sums.vat import Regime

OCTOBER = month_of(date(2026, 10, 1))
RATES = st.sampled_from([None, 0, 500, 700, 1000, 2000, 2200])
DAYS = st.dates(OCTOBER.start - timedelta(days=70), OCTOBER.end + timedelta(days=5))
SUMS = st.integers(0, 10**12)


@st.composite
def spent(draw: st.DrawFn) -> SpentTime:
    raw = draw(st.integers(1, 600))
    return SpentTime(
        draw(st.integers(1, 10**6)),
        ticket := draw(st.integers(1, 4)),
        ticket + 100,
        draw(st.sampled_from([LineKind.HOURS, LineKind.COVERED, LineKind.QUOTE, LineKind.FREE])),
        draw(st.sampled_from(["remote", "visit"])),
        draw(DAYS),
        raw,
        -(-raw // 15) * 15,
        "Работа",
        (Drawn(draw(st.sampled_from(["included", "gift"])), raw, draw(st.sampled_from(["minutes", "roubles"]))),),
    )


@st.composite
def priced(draw: st.DrawFn, position: int) -> PricedLine:
    if draw(st.booleans()):
        minutes, rate = draw(st.integers(1, 600)), draw(st.integers(0, 10**7))
        line = QuoteLine("hour:repair", "hour:repair", MINUTE, minutes, rate, labour(minutes, rate))
    else:
        kopecks = draw(SUMS)
        line = QuoteLine("part", "Деталь", "шт", 1, kopecks, kopecks)
    return PricedLine(position, line.name, line, draw(st.booleans()), draw(st.booleans()))


@st.composite
def approved(draw: st.DrawFn) -> ApprovedWork:
    quote = draw(st.integers(1, 10**6))
    lines = tuple(draw(priced(position)) for position in range(draw(st.integers(1, 4))))
    ticket = draw(st.integers(1, 4))
    return ApprovedWork(
        quote,
        quote,
        ticket,
        ticket + 100,
        draw(DAYS),
        lines,
        draw(st.booleans()),
        tuple(draw(st.lists(st.builds(RatedMinutes, st.integers(1, 600), st.integers(0, 10**7)), max_size=3))),
        draw(st.booleans()),
    )


FACTS = st.builds(
    Facts,
    fee=st.none() | st.builds(Fee, st.just(7), st.just("Плата"), SUMS),
    times=st.lists(spent(), max_size=12, unique_by=lambda each: each.id),
    approved=st.lists(approved(), max_size=4, unique_by=lambda each: each.quote_id),
    works=st.lists(
        st.builds(
            DoneWork,
            st.integers(1, 10**6),
            st.integers(1, 4),
            st.integers(101, 104),
            st.just(LineKind.COVERED),
            st.just("Чистка"),
            st.just("шт"),
            st.integers(1, 9),
            DAYS,
        ),
        max_size=3,
        unique_by=lambda each: each.id,
    ),
)


@given(FACTS, RATES, st.booleans())
def test_sums_are_those_of_the_lines_and_no_kopeck_is_lost(facts: Facts, rate: int | None, inclusive: bool) -> None:
    draft = draft_statement(facts, OCTOBER, Regime(date.min, rate, inclusive))
    assert (draft.net, draft.vat, draft.gross) == (
        sum(line.net for line in draft.lines),
        sum(line.vat for line in draft.lines),
        sum(line.gross for line in draft.lines),
    )
    assert draft.net + draft.vat == draft.gross
    assert all(line.net + line.vat == line.gross and min(line.net, line.vat) >= 0 for line in draft.lines)
    if rate is None:
        assert draft.vat == 0


@given(FACTS, RATES)
def test_the_total_is_what_a_plain_recomputation_gives(facts: Facts, rate: int | None) -> None:
    expected = facts.fee.kopecks if facts.fee else 0
    vat = half_up(expected * rate, 10_000 + rate) if rate else 0
    for work in facts.approved:
        if work.work_date > OCTOBER.end:
            continue
        live = [each.line for each in work.lines if not (each.struck or each.frozen)]
        by_fact = [line for line in live if line.unit == MINUTE and (work.up_to or work.by_fact)]
        sums = [line.kopecks for line in live if line not in by_fact]
        left = sum(line.kopecks for line in by_fact)
        for worked in work.worked if by_fact else ():
            sums.append(min(left, half_up(worked.minutes * worked.rate, 60)))
            left -= sums[-1]
        expected += sum(sums)
        vat += sum(half_up(kopecks * rate, 10_000 + rate) for kopecks in sums) if rate else 0
    draft = draft_statement(facts, OCTOBER, Regime(date.min, rate))
    assert (draft.gross, draft.vat) == (expected, vat)


@given(FACTS)
def test_every_time_entry_up_to_the_end_stands_in_one_line_with_all_its_minutes(facts: Facts) -> None:
    draft = draft_statement(facts, OCTOBER, Regime(date.min, 2200))
    wanted = {each.id: each for each in facts.times if each.work_date <= OCTOBER.end}
    stated = [entry for line in draft.lines for entry in line.entries]
    assert sorted(stated) == sorted(wanted)
    assert sum(line.raw for line in draft.lines) == sum(each.raw for each in wanted.values())
    assert sum(line.billed for line in draft.lines) == sum(each.billed for each in wanted.values())


@given(FACTS)
def test_nothing_is_billed_above_the_approved_nor_twice(facts: Facts) -> None:
    draft = draft_statement(facts, OCTOBER, Regime(date.min, 2200))
    sources = [line.source for line in draft.lines]
    assert len(sources) == len(set(sources))
    agreed = {work.quote_id: sum(each.line.kopecks for each in work.lines) for work in facts.approved}
    billed: dict[int, int] = {}
    for line in draft.lines:
        if line.kind is LineKind.QUOTE and line.quote_id is not None:
            assert line.approval_id is not None
            billed[line.quote_id] = billed.get(line.quote_id, 0) + line.gross
        elif line.kind is not LineKind.FEE:
            assert line.gross == 0
    assert all(kopecks <= agreed[quote] for quote, kopecks in billed.items())


@given(FACTS)
def test_late_is_what_was_done_before_the_period(facts: Facts) -> None:
    for line in draft_statement(facts, OCTOBER, Regime(date.min, 2200)).lines:
        assert line.work_date <= OCTOBER.end
        assert line.late == (line.work_date < OCTOBER.start)


def test_bought_hours_stand_after_the_fee_with_their_vat_and_are_late_before_the_period() -> None:
    bought = [
        BoughtHours(7, "Часы", 1_250_000, OCTOBER.start),
        BoughtHours(8, "Часы раньше", 100_000, OCTOBER.start - timedelta(days=1)),
        BoughtHours(9, "Часы потом", 100_000, OCTOBER.end + timedelta(days=1)),
    ]
    fee, hours, earlier = draft_statement(
        Facts(fee=Fee(1, "Абонентская плата", 1_500_000), bought=bought), OCTOBER, Regime(date.min, 2200, False)
    ).lines
    assert (fee.gross, fee.kind) == (1_830_000, LineKind.FEE)
    assert hours == DraftLine(
        kind=LineKind.TOP_UP,
        source="top-up/7",
        name="Часы",
        unit="шт",
        quantity=1,
        price=1_250_000,
        gross=1_250_000,
        net=1_024_590,
        vat=225_410,
        work_date=OCTOBER.start,
        late=False,
    )
    assert (earlier.source, earlier.late) == ("top-up/8", True)


def test_each_line_says_all_it_knows() -> None:
    """A month with one line of each kind, to the letter: this is what the client and the accountant read."""
    first, last = OCTOBER.start, OCTOBER.end
    early = first - timedelta(days=1)
    hour = QuoteLine("hour:repair", "Ремонт", MINUTE, 60, 250_000, 250_000)
    part = QuoteLine("fuse", "Плавкая вставка", "piece", 2, 45_000, 90_000)
    facts = Facts(
        fee=Fee(41, "Обслуживание за октябрь", 1_000_000),
        times=(
            SpentTime(5, 1, 101, LineKind.QUOTE, "visit", last, 50, 60, "Ремонт"),
            SpentTime(
                9,
                2,
                102,
                LineKind.HOURS,
                "remote",
                last,
                10,
                15,
                "Настройка",
                (Drawn("gift", 5), Drawn("included", 10)),
            ),
            SpentTime(
                7,
                2,
                102,
                LineKind.HOURS,
                "remote",
                last,
                20,
                30,
                "Чистка",
                (Drawn("gift", 30), Drawn("gift", 3, "points")),
            ),
            SpentTime(8, 3, 103, LineKind.COVERED, "visit", early, 40, 60, "Осмотр"),
        ),
        approved=(
            ApprovedWork(11, 12, 1, 101, last, (PricedLine(0, "Ремонт", hour), PricedLine(1, "Вставка", part))),
            ApprovedWork(13, 14, 4, 104, early, (PricedLine(0, "Вставка", part),)),
            ApprovedWork(15, 16, 5, 105, first, (PricedLine(0, "Вставка", replace(part, kopecks=0)),)),
        ),
        works=(
            DoneWork(21, 2, 102, LineKind.HOURS, "Чистка печи", "piece", 1, first),
            DoneWork(22, 3, 103, LineKind.WARRANTY, "Плата", "piece", 3, early),
        ),
        bought=(BoughtHours(31, "Пакет 5 ч", 1_220_000, last),),
    )
    draft = draft_statement(facts, OCTOBER, Regime(date(2026, 1, 1), 2200, inclusive=False))
    quote = {"kind": LineKind.QUOTE, "ticket_id": 1, "ticket_number": 101, "quote_id": 11, "approval_id": 12}
    time = {"unit": MINUTE, "price": 0, "gross": 0, "net": 0, "vat": 0}
    free = {"unit": "piece", "price": 0, "gross": 0, "net": 0, "vat": 0}
    assert draft.lines == (
        DraftLine(
            LineKind.FEE,
            "fee/41/2026-10",
            "Обслуживание за октябрь",
            unit="month",
            quantity=1,
            price=1_220_000,
            gross=1_220_000,
            net=1_000_000,
            vat=220_000,
            work_date=last,
        ),
        DraftLine(LineKind.TOP_UP, "top-up/31", "Пакет 5 ч", "шт", 1, 1_220_000, 1_220_000, 1_000_000, 220_000, last),
        DraftLine(
            source="quote/11/0",
            name="Ремонт",
            unit=MINUTE,
            quantity=60,
            price=250_000,
            gross=250_000,
            net=204_918,
            vat=45_082,
            work_date=last,
            raw=50,
            billed=60,
            entries=(5,),
            **quote,
        ),
        DraftLine(
            source="quote/11/1",
            name="Вставка",
            unit="piece",
            quantity=2,
            price=45_000,
            gross=90_000,
            net=73_770,
            vat=16_230,
            work_date=last,
            **quote,
        ),
        DraftLine(
            source="quote/13/0",
            name="Вставка",
            unit="piece",
            quantity=2,
            price=45_000,
            gross=90_000,
            net=73_770,
            vat=16_230,
            work_date=early,
            late=True,
            **quote | {"ticket_id": 4, "ticket_number": 104, "quote_id": 13, "approval_id": 14},
        ),
        DraftLine(
            source="quote/15/0",
            name="Вставка",
            unit="piece",
            quantity=2,
            price=45_000,
            gross=0,
            net=0,
            vat=0,
            work_date=first,
            **quote | {"ticket_id": 5, "ticket_number": 105, "quote_id": 15, "approval_id": 16},
        ),
        DraftLine(
            LineKind.HOURS,
            "time/7",
            "Настройка",
            quantity=45,
            work_date=last,
            ticket_id=2,
            ticket_number=102,
            raw=30,
            billed=45,
            entries=(9, 7),
            draws=(Drawn("gift", 35), Drawn("included", 10), Drawn("gift", 3, "points")),
            **time,
        ),
        DraftLine(
            LineKind.COVERED,
            "time/8",
            "Осмотр",
            quantity=60,
            work_date=early,
            late=True,
            ticket_id=3,
            ticket_number=103,
            raw=40,
            billed=60,
            entries=(8,),
            **time,
        ),
        DraftLine(
            LineKind.HOURS,
            "work/21",
            "Чистка печи",
            quantity=1,
            work_date=first,
            ticket_id=2,
            ticket_number=102,
            **free,
        ),
        DraftLine(
            LineKind.WARRANTY,
            "work/22",
            "Плата",
            quantity=3,
            work_date=early,
            late=True,
            ticket_id=3,
            ticket_number=103,
            **free,
        ),
    )
    assert (draft.net, draft.vat, draft.gross) == (2_352_458, 517_542, 2_870_000)


def test_what_is_billed_by_the_fact_has_a_line_of_each_rate_with_its_minutes() -> None:
    hour = QuoteLine("hour:repair", "Ремонт", MINUTE, 120, 300_000, 600_000)
    worked = (RatedMinutes(60, 300_000), RatedMinutes(30, 450_000))
    work = ApprovedWork(1, 2, 3, 4, OCTOBER.end, (PricedLine(0, "Ремонт", hour),), up_to=True, worked=worked)
    draft = draft_statement(Facts(approved=(work,)), OCTOBER, Regime(date(2026, 1, 1), None))
    assert [(line.source, line.quantity, line.price, line.gross) for line in draft.lines] == [
        ("quote/1/0", 60, 300_000, 300_000),
        ("quote/1/0.1", 30, 450_000, 225_000),
    ]
