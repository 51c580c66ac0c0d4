"""A ticket in a state, as a row, with all that any act may need there, and everybody who may try the act (R2.4)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from bot.billing.hours.models import EntryDispute, EntryKind, Pool, PoolEntry
from bot.billing.quotes.models import Approval, Quote, QuoteState
from bot.billing.quotes.rule import ApprovalWay, QuoteLine
from bot.billing.quotes.send import offer_as_sent, revise_quote, version_of
from bot.billing.work.models import TimeEntry, WorkLine
from bot.billing.work.phone_calls import CallPurpose, CallState
from bot.clients.audiences import Dispatchers, ForClient, InCompany, OurWorker, Staff, Together
from bot.clients.models import ClientRole, Membership, Person, StaffRole
from bot.tickets.calls.models import PhoneCall
from bot.tickets.intake.record import Incoming, record_contact
from bot.tickets.intake.triage import pass_to_triage
from bot.tickets.life.acts import ACTS, WITH_HOLDER, Act, Given, Hearer, Who
from bot.tickets.life.models import Appeal, AppealEnd, AppealLink, Message, TicketEvent, TicketState, WaitsFor
from tests.builders.jobs import Firm, build_firm, opened, person, worker
from tests.conftest import NOON

S = TicketState
ANSWERS = (Act.YES, Act.NO, Act.YES_BY_WORD)
MINE = (*WITH_HOLDER, S.DONE, S.DISPUTED, S.CLOSED)
OUR_OWN = frozenset({Who.ENGINEER, Who.OTHER_ENGINEER, Who.DISPATCHER, Who.MANAGER, Who.ADMIN})


class Stage:
    """A ticket with all that acts may need, and everybody who may try them."""

    def __init__(self, uow: Any) -> None:
        self.uow = uow
        self.firm: Firm = build_firm(uow.session)
        firm, session = self.firm, uow.session
        self.ticket = opened(uow, firm)
        self.offer = session.exec(select(Quote).where(Quote.ticket_id == self.ticket.id)).one()
        colleague = person(session, "Коллега", firm.company, ClientRole.REQUESTER)
        joined = person(session, "Тоже", firm.company, ClientRole.REQUESTER)
        deputy = person(session, "Зам", firm.company, ClientRole.REQUESTER)
        session.add(Appeal(person_id=joined, ticket_id=self.ticket.id, started_at=NOON, last_at=NOON))
        right = session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
        right.deputy_id = deputy
        self.people: dict[Who | None, int] = {
            Who.REQUESTER: firm.requester,
            Who.JOINED: joined,
            Who.NEIGHBOUR: colleague,
            Who.APPROVER: firm.approver,
            Who.DEPUTY: deputy,
            Who.FINANCE: person(session, "Деньги", firm.company, ClientRole.FINANCE),
            Who.OWNER: firm.boss,
            Who.ENGINEER: firm.engineer,
            Who.OTHER_ENGINEER: firm.other_engineer,
            Who.DISPATCHER: firm.dispatcher,
            Who.MANAGER: worker(session, "Мария", StaffRole.MANAGER),
            Who.ADMIN: worker(session, "Админ", StaffRole.ADMIN),
            None: firm.outsider,
        }
        self.entry = self.add(
            TimeEntry(
                ticket_id=self.ticket.id,
                engineer_id=firm.engineer,
                way="visit",
                minutes=30,
                work_date=NOON.date(),
                started_at=NOON,
                ended_at=NOON,
                made_at=NOON,
            )
        )
        self.line = self.add(
            WorkLine(
                ticket_id=self.ticket.id,
                item_code="X",
                name="Чистка",
                unit="шт",
                quantity=1,
                added_by=firm.engineer,
                added_at=NOON,
            )
        )
        self.appeal = self.call = self.drawing = self.objection = 0
        self.said: Message | None = None

    def add(self, row: Any) -> Any:
        self.uow.session.add(row)
        self.uow.session.flush()
        return row

    def whos(self, who: Who | None) -> set[Who]:
        """What somebody is to the ticket as it stands: who will take it is one of the engineers until then."""
        if who is Who.ENGINEER and self.ticket.engineer_id is None:
            return {Who.OTHER_ENGINEER}
        return {who} if who is not None else set()

    def put(self, state: TicketState, act: Act, by: Who | None = None) -> None:
        """Make the row be in the state, and there what the act, done by somebody, needs besides."""
        ticket, firm = self.ticket, self.firm
        ticket.state, ticket.emergency, ticket.waits_for = state, False, None
        ticket.engineer_id = firm.engineer if state in MINE else None
        ticket.started_at = NOON - timedelta(hours=1) if ticket.engineer_id else None
        ticket.taken_at = ticket.started_at
        given = {leave.given for leave in ACTS[act].leaves if state in leave.states}
        late = given & {Given.PRICE_WAITS, Given.PRICEABLE}
        ticket.emergency = bool(late) or (act in (*ANSWERS, Act.EXPIRE) and state in (S.DONE, S.DISPUTED))
        if Given.QUOTE_WAITS in given or late:
            self.offer.state = QuoteState.SENT
        elif act is Act.ASK_OTHER_WAY:
            self.offer.state = QuoteState.DECLINED
        elif act is Act.PREPAID:
            self.offer.state, self.offer.prepayment, self.offer.prepaid_at = QuoteState.APPROVED, True, None
        else:
            self.offer.state = QuoteState.SENT if act is Act.SEE_QUOTE else QuoteState.APPROVED
        if act is Act.RESOLVE and state is S.DISPUTED:
            self.line.disputed_at = NOON
        if act in _BESIDES:
            _BESIDES[act](self, by)
        self.uow.session.flush()


def _said_apart(stage: Stage, by: Who | None) -> None:
    """An appeal of the client's own, or of the requester where staff puts it to the ticket."""
    staff = by in OUR_OWN
    author = stage.firm.requester if staff else stage.people[by]
    said = record_contact(stage.uow, stage.uow.session.get_one(Person, author), Incoming("text", "И ещё код 15"))
    assert said.appeal is not None
    stage.said, stage.appeal = said.message, said.appeal.id
    said.appeal.company_id, said.appeal.object_id = stage.firm.company, stage.firm.till
    if staff:
        pass_to_triage(stage.uow, stage.appeal, "human")


def _linked(stage: Stage, _by: Who | None) -> None:
    """A stranger's appeal of which a dispatcher said that it is of the company, and the ticket came from it."""
    made = stage.add(
        Appeal(
            person_id=stage.firm.outsider,
            company_id=stage.firm.company,
            ticket_id=stage.ticket.id,
            end=AppealEnd.TICKET,
            started_at=NOON,
            last_at=NOON,
            ended_at=NOON,
        )
    )
    stage.appeal = made.id
    link = AppealLink(appeal_id=made.id, company_id=stage.firm.company, linked_by=stage.firm.dispatcher, linked_at=NOON)
    stage.add(link)


def _optional_line(stage: Stage, _by: Who | None) -> None:
    offer = offer_as_sent(version_of(stage.uow.session, stage.offer))
    more = QuoteLine("X", "Чехол", "шт", 1, 10_000, 10_000, optional=True)
    state = stage.offer.state
    stage.offer.state = QuoteState.SENT
    revise_quote(stage.uow, stage.offer.id, replace(offer, lines=(*offer.lines, more)))
    stage.offer.state = state


def _oral_yes(stage: Stage, _by: Who | None) -> None:
    stage.add(
        Approval(
            quote_id=stage.offer.id,
            version=stage.offer.version,
            approved=True,
            person_id=stage.firm.boss,
            way=ApprovalWay.ORAL,
            text="Да",
            text_hash="x",
            gross=1,
            reason="нет телефона",
            evidence="звонок",
            recorded_by=stage.firm.dispatcher,
            disputable_until=NOON + timedelta(hours=24),
            decided_at=NOON,
        )
    )


def _phone_call(stage: Stage, _by: Who | None) -> None:
    call = PhoneCall(
        code=f"call-{stage.ticket.id}",
        phone="+79000000000",
        engineer_id=stage.firm.engineer,
        company_id=stage.firm.company,
        started_at=NOON,
        seconds=90,
        purpose=CallPurpose.WORK,
        state=CallState.DRAFT,
        told_at=NOON,
        recorded_at=NOON,
    )
    stage.call = stage.add(call).id


def _drawn(stage: Stage, _by: Who | None) -> None:
    pool = stage.add(
        Pool(contract_id=stage.firm.contract, kind="prepaid", starts=NOON.date().replace(month=1), created_at=NOON)
    )
    stage.add(PoolEntry(pool_id=pool.id, kind=EntryKind.GRANT, amount=600, made_at=NOON))
    entry = PoolEntry(
        pool_id=pool.id,
        kind=EntryKind.CONSUME,
        amount=60,
        ticket_id=stage.ticket.id,
        work_date=NOON.date(),
        made_at=NOON,
    )
    stage.drawing = stage.add(entry).id


def _objected(stage: Stage, by: Who | None) -> None:
    _drawn(stage, by)
    objection = EntryDispute(
        entry_id=stage.drawing,
        company_id=stage.firm.company,
        person_id=stage.firm.requester,
        reason="Много",
        opened_at=NOON,
    )
    stage.objection = stage.add(objection).id


def _waits(stage: Stage, _by: Who | None) -> None:
    stage.ticket.waits_for = WaitsFor.ACCESS


_BESIDES: Mapping[Act, Callable[[Stage, Who | None], None]] = {
    Act.WRITE: _said_apart,
    Act.JOIN: _said_apart,
    Act.GO_ON: _waits,
    Act.UNLINK: _linked,
    Act.CHANGE_QUOTE: _optional_line,
    Act.DISPUTE_WORD: _oral_yes,
    Act.BOOK_CALL: _phone_call,
    Act.DISPUTE_ENTRY: _drawn,
    Act.SETTLE_ENTRY: _objected,
}


def rows(stage: Stage) -> tuple[Any, ...]:
    """What an act may change: the ticket, its offers, lines and history, what was said on it, what was drawn for it."""
    session, ticket = stage.uow.session, stage.ticket
    offers = session.exec(
        select(Quote.id, Quote.state, Quote.version).where(Quote.ticket_id == ticket.id).order_by(col(Quote.id))
    )
    counted = (
        select(TicketEvent.id).where(TicketEvent.ticket_id == ticket.id),
        select(Message.id).where(Message.ticket_id == ticket.id),
        select(PoolEntry.id),
    )
    listed = (
        select(WorkLine.id, WorkLine.removed_at).order_by(col(WorkLine.id)),
        select(TimeEntry.id, TimeEntry.minutes).order_by(col(TimeEntry.id)),
        select(EntryDispute.id, EntryDispute.state).order_by(col(EntryDispute.id)),
        select(PhoneCall.id, PhoneCall.state).order_by(col(PhoneCall.id)),
        select(Appeal.id, Appeal.end, Appeal.ticket_id, Appeal.triage_done_at).order_by(col(Appeal.id)),
    )
    own = (
        ticket.state,
        ticket.engineer_id,
        ticket.held_amount,
        ticket.rating,
        ticket.closed_at,
        ticket.paused_at,
        ticket.waits_for,
    )
    return (
        own,
        tuple(offers.all()),
        tuple(len(session.exec(query).all()) for query in counted),
        tuple(tuple(session.exec(query).all()) for query in listed),
    )


def hearers(audience: Any) -> set[Hearer]:
    """Who of the table an audience is."""
    match audience:
        case ForClient():
            return {Hearer.CLIENT}
        case Dispatchers():
            return {Hearer.DISPATCHERS}
        case Together(each=each):
            return set[Hearer]().union(*(hearers(one) for one in each))
        case OurWorker():
            return {Hearer.ENGINEER}
        case Staff():
            return {Hearer.MANAGERS}
        case InCompany(roles=roles):
            return {Hearer.PAYERS if ClientRole.FINANCE in roles else Hearer.APPROVERS}
        case _:  # To, Here: who pressed or wrote, or one who may approve
            return {Hearer.AUTHOR, Hearer.APPROVERS}


def after(act: Act, state: TicketState, who: Who) -> set[TicketState]:
    """The states that may follow, by the table."""
    found: set[TicketState] = set()
    for leave in ACTS[act].leaves:
        if state in leave.states and who in leave.who:
            found |= {state} if leave.again or not leave.to else leave.to
    return found
