"""Buttons of the dispatch card and of an engineer's screens."""

from collections.abc import Sequence

from bot.handlers.client.tickets.presses import TicketHistory, TicketOpen
from bot.handlers.common.coming_back import WaitsForStaff
from bot.handlers.dispatcher.oral.presses import OralApproval
from bot.handlers.dispatcher.triage.presses import TriageList
from bot.handlers.engineer.jobs.presses import (
    JobAdd,
    JobDecline,
    JobEstimate,
    JobFiles,
    JobFind,
    JobFinish,
    JobGo,
    JobGoOn,
    JobItems,
    JobList,
    JobOpen,
    JobPrepaid,
    JobRelease,
    JobRemove,
    JobResolve,
    JobScope,
    JobSpec,
    JobStart,
    JobTake,
    JobTakeAway,
    JobTime,
    JobWait,
    JobWrite,
    JobWriteOff,
    NoteInto,
    NotePass,
    NoteShot,
    Wanted,
)
from bot.handlers.engineer.jobs.screens import HowMany, ItemPage, MyJobs, Specification
from bot.handlers.engineer.writing.screens import WhoseJob
from bot.messaging.notices.texts import money
from bot.telegram.showing.keyboards import Button, Keyboard, buttons
from bot.tickets.bill.card import JobCard, given_on
from bot.tickets.dispatch.take import REASONS
from bot.tickets.intake.correcting import EditTold
from bot.tickets.intake.passing import HowFar, SaidOnTicket
from bot.tickets.life.acts import Act, open_to
from bot.tickets.life.models import TicketState, WaitsFor
from bot.tickets.life.numbers import OfTicket, TicketNamed
from bot.tickets.offers.other_way import OtherWayAsked
from bot.tickets.offers.told import (
    PrepaymentAwaited,
    QuoteAnswered,
    QuoteExpired,
    QuoteLeftUndone,
    QuotePrepaid,
    Reader,
)
from bot.tickets.thread.asked_staff import StaysInside
from bot.tickets.thread.listing import TicketLine, TicketTitled
from bot.tickets.work.accept import WorkDisputed

QUANTITIES = (1, 2, 3, 5, 10)


@buttons("dispatch/card")
def card(lang: str, card: JobCard) -> Keyboard:
    """The group's card has everybody's buttons; on one's own there are only those one may press now."""
    ticket_id, may = card.ticket_id, open_to(card.state, card.whos, given_on(card))
    first = [button for act, button in _steps(ticket_id, card.state) if act in may]
    talk = [
        (Act.TELL_CLIENT, Button("job.write", JobWrite(ticket=ticket_id))),
        (Act.SEE, Button("job.history", TicketHistory(ticket=ticket_id))),
        *([(Act.SEE_JOB, Button("job.files", JobFiles(ticket=ticket_id)))] if card.files else []),
        (Act.SEE_JOB, Button("job.scope", JobScope(ticket=ticket_id))),
    ]
    rows = [first, [button for act, button in talk if act in may]]
    if Act.DECLINE in may and card.state is not TicketState.NEW:
        rows.insert(1, [Button("job.decline", JobDecline(ticket=ticket_id))])
    if Act.GO_ON in may:
        rows.insert(1, [Button("job.go_on", JobGoOn(ticket=ticket_id))])
    elif Act.WAIT in may:
        rows.insert(1, [Button("job.wait", JobWait(ticket=ticket_id))])
    if Act.TAKE_AWAY in may:
        rows.append([Button("job.take_away", JobTakeAway(ticket=ticket_id))])
    if Act.WRITE_OFF in may:
        rows.append(_pricing(ticket_id))
    if Act.PREPAID in may:
        rows += [
            [Button("job.prepaid_sum", JobPrepaid(quote=each.id), values={"price": money(each.gross, lang)})]
            for each in card.quotes
            if each.unpaid
        ]
    if Act.YES_BY_WORD in may:
        rows.append([Button("quote.oral", OralApproval(ticket=ticket_id))])
    return Keyboard(rows)


def _steps(ticket_id: int, state: TicketState) -> list[tuple[Act, Button]]:
    """What moves the job on, in order. A price is asked for where the job waits for one."""
    declining = [(Act.DECLINE, Button("job.decline", JobDecline(ticket=ticket_id)))]
    pricing = [(Act.ESTIMATE, Button("job.estimate", JobEstimate(ticket=ticket_id)))]
    return [
        (Act.TAKE, Button("job.take", JobTake(ticket=ticket_id))),
        *(declining if state is TicketState.NEW else []),
        (Act.GO, Button("job.go", JobGo(ticket=ticket_id))),
        (Act.START, Button("job.start", JobStart(ticket=ticket_id))),
        (Act.ADD_WORK, Button("job.more", JobItems(ticket=ticket_id))),
        (Act.FINISH, Button("job.finish", JobSpec(ticket=ticket_id))),
        (Act.RELEASE, Button("job.release", JobRelease(ticket=ticket_id))),
        *(pricing if state is TicketState.AWAITING_APPROVAL else []),
        (Act.RESOLVE, Button("job.keep_line", JobResolve(ticket=ticket_id, keep=1))),
        (Act.RESOLVE, Button("job.drop_line", JobResolve(ticket=ticket_id, keep=0))),
    ]


@buttons("dispatch/reasons")
def reasons(_lang: str, ticket: TicketNamed) -> Keyboard:
    return Keyboard(
        [
            [Button(f"decline.{reason}", JobDecline(ticket=ticket.ticket_id, reason=place))]
            for place, reason in enumerate(REASONS)
        ]
    )


@buttons("dispatch/wait_for")
def wait_for(_lang: str, ticket: TicketNamed) -> Keyboard:
    what = [
        [Button(f"waits_for.{each.value}", JobWait(ticket=ticket.ticket_id, what=place))]
        for place, each in enumerate(WaitsFor)
    ]
    return Keyboard([*what, [Button("job.back", JobOpen(ticket=ticket.ticket_id))]])


@buttons("engineer/list")
def jobs(_lang: str, mine: MyJobs) -> Keyboard:
    return Keyboard(_to_each(mine.jobs))


@buttons("staff/waits")
def waits(_lang: str, here: WaitsForStaff) -> Keyboard:
    triage = Button("triage.to_list", TriageList(), values={"count": here.triage})
    return Keyboard([*_to_each(here.jobs), *([[triage]] if here.triage else [])])


@buttons("engineer/spec")
def spec(_lang: str, done: Specification) -> Keyboard:
    ticket_id = done.ticket_id
    rows = [
        [Button("job.remove", JobRemove(ticket=ticket_id, line=line.id), values={"name": line.name})]
        for line in done.works
    ]
    return Keyboard(
        [
            *rows,
            [
                Button("job.add", JobItems(ticket=ticket_id)),
                Button("job.find", JobFind(ticket=ticket_id)),
                Button("job.time", JobTime(ticket=ticket_id)),
            ],
            [Button("job.done", JobFinish(ticket=ticket_id))],
            [Button("job.back", JobOpen(ticket=ticket_id)), Button("job.list", JobList())],
        ]
    )


@buttons("engineer/items")
def items(_lang: str, shown: ItemPage) -> Keyboard:
    ticket_id, page = shown.ticket_id, shown.page
    rows = [[Button(text=item.name, press=JobAdd(ticket=ticket_id, item=item.id))] for item in shown.items]
    turning = []
    if page > 0:
        turning.append(Button("job.earlier", JobItems(ticket=ticket_id, page=page - 1)))
    if page + 1 < shown.pages:
        turning.append(Button("job.further", JobItems(ticket=ticket_id, page=page + 1)))
    ways = [Button("job.find", JobFind(ticket=ticket_id)), Button("job.spec", JobSpec(ticket=ticket_id))]
    return Keyboard([*rows, turning, ways])


@buttons("engineer/quantity")
def quantity(_lang: str, asked: HowMany) -> Keyboard:
    row = [
        Button(
            "job.times",
            JobAdd(ticket=asked.ticket_id, item=asked.item_id, quantity=count, lines=asked.lines),
            values={"count": count},
        )
        for count in QUANTITIES
    ]
    return Keyboard([row, [Button("job.spec", JobSpec(ticket=asked.ticket_id))]])


@buttons("engineer/find", "engineer/time")
def to_spec(_lang: str, ticket: TicketNamed) -> Keyboard:
    return Keyboard([[Button("job.spec", JobSpec(ticket=ticket.ticket_id))]])


@buttons("quote/approved_told", "quote/declined_told", "quote/prepaid", "quote/left_undone")
def quote_answered(_lang: str, told: QuoteAnswered | QuotePrepaid | QuoteLeftUndone) -> Keyboard:
    """The group has its card above, the engineer and the requester a way to theirs."""
    ticket_id = told.ticket_id
    if told.reader is Reader.ENGINEER:
        spec, back = Button("job.spec", JobSpec(ticket=ticket_id)), Button("job.back", JobOpen(ticket=ticket_id))
        return Keyboard([[spec, back]])
    if told.reader is Reader.REQUESTER:
        return Keyboard([[Button("ticket.back", TicketOpen(ticket=ticket_id))]])
    return Keyboard([])


@buttons("quote/expired")
def expired(_lang: str, told: QuoteExpired) -> Keyboard | None:
    return Keyboard([_pricing(told.ticket_id)]) if told.done and told.staff else None


@buttons("ticket/prepayment_due")
def prepayment_due(_lang: str, told: PrepaymentAwaited) -> Keyboard:
    press = JobPrepaid(quote=told.quote_id) if told.more else JobRelease(ticket=told.ticket_id)
    return Keyboard([[Button("job.prepaid", press)]])


@buttons("ticket/client_says")
def client_says(_lang: str, said: SaidOnTicket) -> Keyboard:
    ticket_id = said.ticket_id
    return Keyboard(
        [[Button("ticket.reply", JobWrite(ticket=ticket_id)), Button("job.back", JobOpen(ticket=ticket_id))]]
    )


@buttons("ticket/staff_written", "ticket/edit_told")
def to_job_if_any(_lang: str, told: HowFar | EditTold) -> Keyboard | None:
    return Keyboard([[Button("job.back", JobOpen(ticket=told.ticket_id))]]) if told.ticket_id is not None else None


@buttons("ticket/stays_inside")
def stays_inside(_lang: str, said: StaysInside) -> Keyboard | None:
    if said.message_id is not None:
        shots = [
            Button("job.before", NoteShot(message=said.message_id, after=0)),
            Button("job.after", NoteShot(message=said.message_id, after=1)),
        ]
        passing = [Button("job.pass_on", NotePass(message=said.message_id))]
        return Keyboard([passing, shots if said.picture else []])
    return Keyboard([[Button("job.write", JobWrite(ticket=said.ticket_id))]]) if said.ticket_id is not None else None


@buttons("ticket/whose_job")
def whose_job(_lang: str, asked: WhoseJob) -> Keyboard:
    def into(key: str, ticket: TicketTitled, wanted: Wanted) -> Button:
        press = NoteInto(message=asked.message_id, ticket=ticket.id, wanted=wanted)
        return Button(key, press, values={"number": ticket.number, "title": ticket.title})

    nowhere = [Button("job.nowhere", NoteInto(message=asked.message_id, ticket=0))]
    if len(asked.tickets) != 1:
        return Keyboard([*([into("ticket.line", each, Wanted.INSIDE)] for each in asked.tickets), nowhere])
    only = asked.tickets[0]
    shots = [into("job.before", only, Wanted.BEFORE), into("job.after", only, Wanted.AFTER)]
    talk = [into("job.write", only, Wanted.CLIENT), into("job.inside", only, Wanted.INSIDE)]
    return Keyboard([shots if asked.picture else [], talk, nowhere])


@buttons(
    "ticket/shot_kept",
    "ticket/staff_write",
    "dispatch/sla_warn",
    "dispatch/sla_late",
    "dispatch/not_taken",
    "dispatch/waits",
    "dispatch/estimate",
    "dispatch/estimated",
    "dispatch/still_waits",
    "quote/nobody",
)
def to_job(_lang: str, told: OfTicket) -> Keyboard:
    return Keyboard([[Button("job.back", JobOpen(ticket=told.ticket_id))]])


@buttons("dispatch/other_way")
def other_way(_lang: str, asked: OtherWayAsked) -> Keyboard:
    ticket = asked.ticket_id
    return Keyboard(
        [[Button("job.estimate", JobEstimate(ticket=ticket)), Button("job.write", JobWrite(ticket=ticket))]]
    )


@buttons("dispatch/disputed")
def disputed(_lang: str, told: WorkDisputed) -> Keyboard:
    ticket_id = told.ticket_id
    return Keyboard(
        [
            [
                Button("job.keep_line", JobResolve(ticket=ticket_id, keep=1)),
                Button("job.drop_line", JobResolve(ticket=ticket_id, keep=0)),
            ],
            [Button("job.write", JobWrite(ticket=ticket_id))],
        ]
    )


def _to_each(jobs: Sequence[TicketLine]) -> list[list[Button]]:
    return [
        [Button("ticket.line", JobOpen(ticket=each.id), values={"number": each.number, "title": each.title})]
        for each in jobs
    ]


def _pricing(ticket_id: int) -> list[Button]:
    return [
        Button("job.estimate", JobEstimate(ticket=ticket_id)),
        Button("job.write_off", JobWriteOff(ticket=ticket_id)),
    ]
