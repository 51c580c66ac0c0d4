"""Buttons of a client's tickets."""

from collections.abc import Sequence

from bot.billing.quotes.models import QuoteState
from bot.handlers.client.drafting.presses import StartDraft
from bot.handlers.client.quotes.presses import ShowQuote
from bot.handlers.client.tickets.presses import (
    AboutNone,
    DisputeTicketLine,
    ProofPack,
    SayInto,
    TicketAccept,
    TicketCancel,
    TicketDispute,
    TicketHistory,
    TicketList,
    TicketOpen,
    TicketOtherWay,
    TicketRate,
    TicketReopen,
    TicketWrite,
)
from bot.handlers.client.tickets.screens import Cancelling, Disputable, TicketPage, WhoseWords
from bot.telegram.showing.keyboards import Button, Keyboard, buttons
from bot.tickets.bill.card import CardQuote, JobCard, given_on
from bot.tickets.dispatch.wait import JobWaits
from bot.tickets.intake.passing import SaidOnTicket
from bot.tickets.life.acts import Act, open_to
from bot.tickets.life.models import TicketState
from bot.tickets.life.numbers import OfTicket
from bot.tickets.offers.late_yes import JobClosed
from bot.tickets.thread.listing import HistoryTold
from bot.tickets.work.finish import WorkDone

ACCEPTABLE = (TicketState.DONE, TicketState.DISPUTED)
CANCELLABLE = (
    TicketState.AWAITING_APPROVAL,
    TicketState.AWAITING_PAYMENT,
    TicketState.NEW,
    TicketState.TAKEN,
    TicketState.ON_THE_WAY,
)
BEST = 5


@buttons("ticket/card")
def card(_lang: str, card: JobCard) -> Keyboard:
    """Only what its reader may do now."""
    ticket_id, may = card.ticket_id, open_to(card.state, card.whos, given_on(card))
    rows = _asked(card.quotes) if Act.SEE_QUOTE in may else []
    if Act.ASK_OTHER_WAY in may:
        rows.append(_other_ways(ticket_id))
    if Act.ACCEPT in may:
        rows.append(_accepting(ticket_id))
    if Act.REOPEN in may:
        rows.append([Button("ticket.reopen", TicketReopen(ticket=ticket_id))])
    if Act.RATE in may and card.rating is None:
        rows.append(_stars(ticket_id))
    talk = [Button("ticket.history", TicketHistory(ticket=ticket_id))]
    if Act.WRITE in may:
        talk.insert(0, Button("ticket.write", TicketWrite(ticket=ticket_id)))
    rows.append(talk)
    if Act.CANCEL in may:
        closing = "ticket.close" if Act.ASK_OTHER_WAY in may else "ticket.cancel"
        rows.append([Button(closing, TicketCancel(ticket=ticket_id))])
    return Keyboard(rows)


@buttons("ticket/done")
def done(_lang: str, work: WorkDone) -> Keyboard:
    again = [Button("ticket.reopen", TicketReopen(ticket=work.ticket_id))]
    return Keyboard([*_asked(work.quotes), _accepting(work.ticket_id), again])


@buttons("ticket/rate")
def rate(_lang: str, job: JobClosed) -> Keyboard:
    return Keyboard([_stars(job.ticket_id), [Button("ticket.reopen", TicketReopen(ticket=job.ticket_id))]])


@buttons("ticket/whose")
def whose(_lang: str, asked: WhoseWords) -> Keyboard:
    appeal_id, only = asked.appeal_id, len(asked.tickets) == 1
    into = [
        [
            Button(
                "ticket.into" if only else "ticket.line",
                SayInto(appeal=appeal_id, ticket=each.id),
                values={"number": each.number, "title": each.title},
            )
        ]
        for each in asked.tickets
        if asked.state is not TicketState.CANCELLED
    ]
    if asked.state is None:
        return Keyboard([*into, [Button("ticket.about_none", AboutNone(appeal=appeal_id))]])
    again = [Button("ticket.reopen", TicketReopen(ticket=each.id)) for each in asked.tickets[:1] if asked.reopens]
    return Keyboard([*into, again, [Button("menu.new_ticket", StartDraft(appeal=appeal_id))]])


@buttons("ticket/list")
def tickets_list(_lang: str, shown: TicketPage) -> Keyboard:
    rows = [
        [Button("ticket.line", TicketOpen(ticket=each.id), values={"number": each.number, "title": each.title})]
        for each in shown.tickets
    ]
    turning = []
    if shown.page > 0:
        turning.append(Button("ticket.earlier", TicketList(page=shown.page - 1)))
    if shown.more:
        turning.append(Button("ticket.further", TicketList(page=shown.page + 1)))
    return Keyboard([*rows, turning])


@buttons(
    "ticket/write",
    "ticket/written",
    "ticket/rated",
    "ticket/accepted",
    "ticket/disputed",
    "ticket/dispute_reason",
    "ticket/step",
)
def back(_lang: str, told: OfTicket) -> Keyboard:
    return Keyboard([[Button("ticket.back", TicketOpen(ticket=told.ticket_id))]])


@buttons("ticket/history")
def history(_lang: str, told: HistoryTold) -> Keyboard:
    rows = [[Button("proof.button", ProofPack(ticket=told.ticket_id))]] if told.provable else []
    return Keyboard([*rows, [Button("ticket.back", TicketOpen(ticket=told.ticket_id))]])


@buttons("ticket/staff_says", "ticket/waits")
def staff_says(_lang: str, said: SaidOnTicket | JobWaits) -> Keyboard:
    ticket_id = said.ticket_id
    return Keyboard(
        [[Button("ticket.reply", TicketWrite(ticket=ticket_id)), Button("ticket.back", TicketOpen(ticket=ticket_id))]]
    )


@buttons("ticket/cancel_sure")
def cancel_sure(_lang: str, asked: Cancelling) -> Keyboard:
    return Keyboard(
        [
            [
                Button("ticket.cancel_yes", TicketCancel(ticket=asked.ticket_id, sure=1)),
                Button("ticket.keep", TicketOpen(ticket=asked.ticket_id)),
            ]
        ]
    )


@buttons("ticket/dispute")
def dispute(_lang: str, lines: Disputable) -> Keyboard:
    ticket_id = lines.ticket_id
    rows = [
        [Button(text=line.name, press=DisputeTicketLine(ticket=ticket_id, time=0, line=line.id))]
        for line in lines.works
    ]
    rows += [
        [Button("ticket.time", DisputeTicketLine(ticket=ticket_id, time=1, line=entry.id))] for entry in lines.times
    ]
    return Keyboard([*rows, [Button("ticket.back", TicketOpen(ticket=ticket_id))]])


def _asked(quotes: Sequence[CardQuote]) -> list[list[Button]]:
    return [
        [Button("ticket.approve_show", ShowQuote(quote=each.id))] for each in quotes if each.state is QuoteState.SENT
    ]


def _other_ways(ticket_id: int) -> list[Button]:
    return [
        Button("ticket.advice", TicketOtherWay(ticket=ticket_id, price=0)),
        Button("ticket.other_price", TicketOtherWay(ticket=ticket_id, price=1)),
    ]


def _accepting(ticket_id: int) -> list[Button]:
    return [
        Button("ticket.accept", TicketAccept(ticket=ticket_id)),
        Button("ticket.dispute", TicketDispute(ticket=ticket_id)),
    ]


def _stars(ticket_id: int) -> list[Button]:
    return [
        Button("ticket.star", TicketRate(ticket=ticket_id, rating=rating), values={"rating": rating})
        for rating in range(1, BEST + 1)
    ]
