"""What was worked of a ticket's quotes, by its rates (R5.3, R6.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from bot.billing.scope.input import ScopeRequest
from bot.billing.scope.snapshot import thaw
from bot.billing.scope.worked import Booked, RatedMinutes, agreed_rate, rated, worked_parts
from bot.billing.statements.due import PricedLine
from bot.billing.statements.rows import AcceptedQuote
from bot.billing.work.rounding import RoundingScope
from bot.db.clock import local
from bot.tickets.bill.count_minutes import settled_together


@dataclass(frozen=True, slots=True)
class WorkedMinutes:
    """Minutes of quotes by the bands they were worked in, at the rates of their decisions (R5.3, R6.3)."""

    decisions: Mapping[int, Sequence[Row[Any]]]
    zones: Mapping[int, str]
    scopes: Mapping[int, RoundingScope]

    def of(
        self, offer: AcceptedQuote, timed: Sequence[PricedLine], entries: Sequence[Row[Any]], skip: int, take: int
    ) -> tuple[RatedMinutes, ...]:
        """The `take` minutes after the first `skip`; without a decision's rate, at that of the quote's hour."""
        if not timed:
            return ()
        hour = timed[0].line
        scope = self.scopes.get(offer.contract, RoundingScope.TICKET_DAY)
        zone = self.zones[offer.ticket]
        booked = [
            Booked(
                local(entry.started_at, zone) if entry.started_at else None,
                entry.minutes,
                entry.billed_minutes or 0,
                settled_together(entry, scope),
            )
            for entry in entries
        ]
        contract = str(offer.contract)
        for row in self.decisions.get(offer.ticket, ()):
            if row.explanation["contract"] == contract and any(
                line["item"] == hour.item and line["price"] == hour.price for line in row.explanation["lines"]
            ):
                request = thaw(ScopeRequest, row.snapshot)
                rate_of = agreed_rate(request, contract)
                if rate_of is not None:
                    bands = next(each.bands for each in request.contracts if each.id == contract)
                    return rated(worked_parts(booked, bands), skip, take, rate_of)
        return rated(worked_parts(booked, ()), skip, take, lambda _: hour.price)
