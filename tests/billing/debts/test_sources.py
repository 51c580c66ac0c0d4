"""Accounting's report and our own invoices as one list (R9.3)."""

from datetime import date, timedelta

import pytest

from bot.billing.debts.rule import (
    ClaimedInvoice,
    DebtLevel,
    DebtSettings,
    DebtSource,
    OwedInvoice,
    debt_state,
    one_list,
)

ISSUED, DUE, AS_OF = date(2026, 11, 2), date(2026, 11, 12), date(2026, 11, 20)
YEAR_AGO = date(2025, 11, 2)
SETTINGS = DebtSettings(remind_days=1, prepay_days=15, hold_days=30, hold_kopecks=100_000, fresh_days=7)


def own(number: str = "12", rest: int = 700, paid_on: date | None = None, issued: date = ISSUED) -> ClaimedInvoice:
    return ClaimedInvoice(1, DebtSource.OWN, number, issued, rest, DUE, paid_on=paid_on)


def told(number: str = "12", rest: int = 500, issued: date | None = ISSUED, row: int = 2) -> ClaimedInvoice:
    return ClaimedInvoice(row, DebtSource.ACCOUNTING, number, issued, rest, DUE)


@pytest.mark.parametrize(
    ("case", "claims", "reported_on", "rests"),
    [
        ("only ours, no report", [own()], None, [700]),
        ("only theirs", [told()], AS_OF, [500]),
        ("in both: accounting's rest", [own(), told()], AS_OF, [500]),
        ("numbers without case and leading zeros", [own("A12"), told("00a12")], AS_OF, [500]),
        ("a report without dates", [own(), told(issued=None)], AS_OF, [500]),
        (
            "another year's number is another debt",
            [own(), told(issued=date(2025, 11, 2))],
            date(2026, 11, 1),
            [700, 500],
        ),
        ("paid after the report: ours", [own(rest=200, paid_on=AS_OF + timedelta(1)), told()], AS_OF, [200]),
        ("paid whole after the report", [own(rest=0, paid_on=AS_OF + timedelta(1)), told()], AS_OF, []),
        ("paid on the report's day: theirs", [own(rest=200, paid_on=AS_OF), told()], AS_OF, [500]),
        ("left out of a later report: paid", [own()], AS_OF, []),
        ("issued after the report", [own(issued=AS_OF + timedelta(1))], AS_OF, [700]),
        ("part paid after a report that left it out", [own(rest=200, paid_on=AS_OF + timedelta(1))], AS_OF, [200]),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_an_invoice_is_owed_once(
    case: str, claims: list[ClaimedInvoice], reported_on: date | None, rests: list[int]
) -> None:
    assert [each.kopecks for each in one_list(claims, reported_on, report_has_ours=True)] == rests, case
    assert [each.kopecks for each in one_list(claims[::-1], reported_on, report_has_ours=True)] == rests, case


def test_where_accounting_does_not_keep_our_invoices_a_report_without_one_says_nothing_of_it() -> None:
    assert [each.kopecks for each in one_list([own()], AS_OF, report_has_ours=False)] == [700]


def test_our_own_invoice_never_grows_stale_and_a_report_does() -> None:
    today = AS_OF + timedelta(days=SETTINGS.fresh_days + 20)
    stale = OwedInvoice("7", 500_000, today - timedelta(days=90))
    ours = OwedInvoice("12", 100_000, today - timedelta(days=16), own=True)
    assert debt_state([stale], AS_OF, today, SETTINGS).level is DebtLevel.UNKNOWN
    found = debt_state([stale, ours], AS_OF, today, SETTINGS)
    assert (found.level, found.kopecks, found.invoices) == (DebtLevel.D2, 100_000, ("12",))
    assert debt_state([ours], None, today, SETTINGS).level is DebtLevel.D2
