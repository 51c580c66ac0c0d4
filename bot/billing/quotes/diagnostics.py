"""Diagnostics that were paid for are taken off the work ordered after them on the same ticket (R5.6)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlmodel import Session, col, select

from bot.billing.prices.models import WorkItem
from bot.billing.quotes.models import QuoteState
from bot.billing.quotes.rule import QuoteLine, less
from bot.billing.quotes.send import OPEN, awaits_prepayment, quotes_of, version_of
from bot.billing.terms.of_contract import terms_of

AGREED = (
    QuoteState.APPROVED,
    QuoteState.IN_WORK,
    QuoteState.DONE,
    QuoteState.ACCEPTED,
    QuoteState.INVOICED,
    QuoteState.PAID,
)


def with_credit(
    session: Session,
    ticket_id: int,
    contract_id: int,
    on: date,
    lines: Sequence[QuoteLine],
    revising: int | None = None,
) -> tuple[QuoteLine, ...]:
    """The lines of a new quote, less what was agreed for diagnostics and isn't credited yet. Parts and further
    diagnostics cost what they cost. `revising` is a quote that these lines replace: its own credit is free again.
    """
    diagnostics = terms_of(session, contract_id, on).diagnostics
    if not diagnostics:
        return tuple(lines)
    agreed = credited = 0
    for quote in quotes_of(session, ticket_id):
        for kept in version_of(session, quote).lines:
            if quote.state in AGREED and not awaits_prepayment(quote) and kept["item"] in diagnostics:
                agreed += kept["kopecks"]
            if quote.state in (*AGREED, *OPEN) and quote.id != revising:
                credited += kept["credit"]
    parts = session.exec(select(WorkItem.code).where(WorkItem.kind == "part", col(WorkItem.code).in_(_items(lines))))
    apart = {*diagnostics, *parts.all()}
    left = max(agreed - credited, 0)
    made: list[QuoteLine] = []
    for line in lines:
        (lessened,), rest = less([line], 0 if line.item in apart else left)
        taken = left - rest if line.item not in apart else 0
        left -= taken
        made.append(replace(lessened, credit=taken))
    return tuple(made)


def _items(lines: Sequence[QuoteLine]) -> list[str]:
    return [line.item for line in lines]
