"""People price what the price list couldn't (R3.3): an «до N» estimate that the client approves like any quote."""

from collections.abc import Sequence
from dataclasses import replace

from bot.billing.quotes.approvers import may_approve, scope_of
from bot.billing.quotes.diagnostics import with_credit
from bot.billing.quotes.models import Quote
from bot.billing.quotes.rule import PIECE, pieces_line
from bot.billing.quotes.send import lock_quotes, open_quote_of, revise_quote, send_quote, version_of
from bot.billing.scope.decide import decide_to_hold
from bot.clients.policy import policy
from bot.db.errors import Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.bill.card import show
from bot.tickets.life.acts import Act
from bot.tickets.life.deadlines import follow
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import FINISHED, locked_ticket, moved, note
from bot.tickets.life.open_price import may_price
from bot.tickets.offers.offer import asked_of, offer_of
from bot.tickets.offers.offering import offer_to_people

HIGHEST = 100_000_000_00


class BadSum(Refusal):
    """Not a sum of money with words for what it is."""

    key = "refusal.bad_sum"


class SumForWhat(BadSum):
    """A sum without words for what it is; `kopecks` is what was understood."""

    key = "refusal.sum_for_what"


def require_said(lines: Sequence[tuple[int, str]]) -> None:
    """Each line is a sum above zero with words for what it is. Raises BadSum, SumForWhat."""
    for kopecks, words in lines:
        if not 0 < kopecks <= HIGHEST:
            raise BadSum
        if not words.strip():
            raise SumForWhat(kopecks=kopecks)


def send_estimate(
    uow: UnitOfWork,
    ticket_id: int,
    kopecks: int,
    name: str,
    by: int,
    options: Sequence[tuple[int, str]] = (),
) -> Quote:
    """Offer work at «до N»: a new quote, or a new version of the one that waits (R7.3, R7.8). `options` are sums with
    words that the client may take besides. Urgent work that is done may be priced still (R3.1).

    Raises NotAllowed, TicketMoved, BadSum, SumForWhat.
    """
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.ESTIMATE, by)
    if ticket.state in FINISHED and not may_price(uow.session, ticket):
        raise moved(uow.session, ticket)
    said = [(kopecks, name), *options]
    require_said(said)
    lock_quotes(uow.session, ticket_id)
    asked = asked_of(uow, ticket)
    decision = decide_to_hold(uow, asked)
    waiting = open_quote_of(uow.session, ticket_id)
    contract = int(decision.contract or ticket.contract_id)
    lines = [
        replace(pieces_line("estimate", words.strip()[:300], PIECE, 1, money), optional=place > 0)
        for place, (money, words) in enumerate(said)
    ]
    offer = replace(
        offer_of(uow, ticket, decision),
        lines=with_credit(uow.session, ticket_id, contract, asked.on, lines, waiting.id if waiting else None),
        visit_free=False,
        draws=decision.draws if decision.amount else (),  # people's price has the way in it: no included visit
        least=0,
        starts="",  # people name the price, whatever the hour
        why=f"why.{decision.reason if decision.lines else 'price_found'}",
        up_to=True,
        project=kopecks >= policy(uow.session, "project_from_kopecks"),
    )
    quote = revise_quote(uow, waiting.id, offer) if waiting else send_quote(uow, offer, by)
    note(uow, ticket, "estimated", by, quote=quote.number, kopecks=kopecks)
    follow(uow, ticket)  # a price that people name is a reaction (R8.2)
    gross = version_of(uow.session, quote).gross
    own = may_approve(uow.session, ticket.requester_id, scope_of(quote), gross, uow.now)
    offer_to_people(uow, ticket, quote, only=ticket.requester_id if own else None)
    show(uow, ticket)
    return quote
