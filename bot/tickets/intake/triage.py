"""Triage: appeals that can't be linked yet, or that want a person; the dispatcher sees them with their age (R1.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from bot.clients.audiences import Dispatchers, Managers, To
from bot.clients.identification.phones import Reached
from bot.clients.models import Company, Person, ServiceObject
from bot.clients.objects import is_staff
from bot.clients.phone_lines import numbers_of
from bot.clients.rights import OFFICE, employed, require
from bot.db.errors import NotFound, Outdated
from bot.db.live import is_live, live
from bot.db.locks import lock
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import drop_timer
from bot.tickets.bill.card import reachable
from bot.tickets.intake.appeals import (
    AppealClosed,
    AppealOnTicket,
    TranscriptLine,
    end,
    join_appeal,
    locked,
    messages_of,
    transcript,
)
from bot.tickets.intake.passing import pass_on
from bot.tickets.intake.record import Incoming, open_appeal, present_appeal, record_loose
from bot.tickets.life.acts import JOINABLE, Act
from bot.tickets.life.leave import require_state
from bot.tickets.life.models import Appeal, AppealEnd, AppealLink, IntakeChannel, Message, Ticket, in_triage_now

# What a person is asked for (R1.10), the heaviest first; all but the last are told to managers as well.
WISHES = ("leaving", "complaint", "nobody_came", "human")
REASONS = (*WISHES, "not_in_list", "no_contract", "no_objects", "stranger", "forwarded", "still_needed", "which_ticket")


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageCard:
    """An appeal that waits for people. `reason` is one of REASONS; `linked`: staff said whose it is; `mutable`: the
    person may be silenced. `private`: on the reader's own screen, with all that can be done."""

    appeal_id: int
    person_id: int
    who: str
    phones: Sequence[Reached]
    mutable: bool
    unreachable: bool
    company: str | None
    company_id: int | None
    linked: bool
    object_name: str | None
    object_id: int | None
    reason: str
    wants_human: bool
    since: datetime
    open: bool
    articles: Sequence[str]
    talk: Sequence[TranscriptLine]
    files: int
    private: bool = False


def pass_to_triage(uow: UnitOfWork, appeal_id: int, reason: str) -> Appeal:
    """Hand an appeal to people, with its transcript and the articles already tried (R1.7).

    `reason` is one of REASONS. An appeal that waits there already stays where it is.
    """
    appeal = locked(uow.session, appeal_id)
    if appeal.end is AppealEnd.TRIAGE and appeal.triage_done_at is None:
        if reason == "human" and not appeal.wants_human:
            appeal.wants_human = True
            _show(uow, appeal)
        return appeal
    if appeal.end in {AppealEnd.TICKET, AppealEnd.ATTACHED}:
        raise Outdated
    appeal.end, appeal.end_reason = AppealEnd.TRIAGE, reason
    appeal.wants_human = appeal.wants_human or reason in WISHES
    appeal.ended_at = appeal.triaged_at = uow.now
    appeal.triage_done_at = appeal.triage_done_by = None
    drop_timer(uow.session, f"appeal:{appeal.id}", uow.now)
    uow.session.flush()
    _show(uow, appeal)
    return appeal


def ask_human(uow: UnitOfWork, person_id: int) -> Appeal:
    """«Человек»: the person's present appeal, or a new one, goes to people (R1.7)."""
    appeal = present_appeal(uow.session, person_id, uow.now) or open_appeal(uow, person_id)
    return pass_to_triage(uow, appeal.id, "human")


def call_person(uow: UnitOfWork, appeal_id: int, wish: str) -> Appeal:
    """A person asked for in the client's own words, one of WISHES: a complaint, a wish to leave and an engineer who
    did not come are marked and told to managers too (R1.10), once an appeal unless something heavier is said.

    What the appeal waits in triage for already is marked anew only by something heavier. Raises Outdated.
    """
    appeal = locked(uow.session, appeal_id)
    waits = appeal.end is AppealEnd.TRIAGE and appeal.triage_done_at is None
    before = _weight(appeal.end_reason) if waits else len(WISHES)
    appeal = pass_to_triage(uow, appeal_id, "human" if waits else wish)
    appeal.wants_human = True
    if WISHES.index(wish) < before:
        appeal.end_reason = wish
        uow.session.flush()
        _show(uow, appeal)
        if wish != "human":
            uow.tell(Managers(), "triage/told", triage_card(uow.session, appeal), urgent=True)
    return appeal


def _weight(reason: str | None) -> int:
    return WISHES.index(reason) if reason in WISHES else len(WISHES)


def bring_back(uow: UnitOfWork, appeal_id: int, by: int) -> Appeal:
    """The client still needs what was closed by silence or by staff: on to a person. Raises NotFound, Outdated."""
    appeal = locked(uow.session, appeal_id)
    if appeal.person_id != by:
        raise NotFound
    return pass_to_triage(uow, appeal_id, "still_needed")


def show_in_triage(uow: UnitOfWork, appeal: Appeal) -> None:
    """The card of the appeal is shown as it is by now: more words, or done."""
    _show(uow, appeal)


@dataclass(frozen=True, slots=True)
class WaitingAppeal:
    """An appeal in triage as a list shows it; `since` it waits."""

    appeal_id: int
    who: str
    company: str | None
    wants_human: bool
    since: datetime
    summary: str


def how_many_wait(session: Session, by: int) -> int:
    """Appeals in triage. Raises NotAllowed."""
    require(session, employed, OFFICE, person=by)
    return session.exec(select(func.count()).select_from(Appeal).where(in_triage_now())).one()


def waiting(session: Session, by: int, first: int, most: int) -> list[WaitingAppeal]:
    """Some of them, from the `first` (0) on: those who asked for a person, then the oldest. Raises NotAllowed."""
    require(session, employed, OFFICE, person=by)
    columns = (Appeal.id, Person.name, Company.name, Appeal.wants_human)
    query = (
        select(*columns, func.coalesce(Appeal.triaged_at, Appeal.started_at), Appeal.summary)  # type: ignore[call-overload]  # six columns: SQLModel types four
        .join(Person, col(Person.id) == col(Appeal.person_id))
        .outerjoin(Company, col(Company.id) == col(Appeal.company_id))
        .where(in_triage_now())
        .order_by(col(Appeal.wants_human).desc(), col(Appeal.triaged_at), col(Appeal.id))
    )
    return [WaitingAppeal(*row) for row in session.exec(query.offset(first).limit(most)).all()]


def in_triage(session: Session, appeal_id: int, by: int) -> Appeal:
    """An appeal that waits in triage, locked, for one who may work on it. Raises NotAllowed, NotFound, Outdated."""
    require(session, employed, OFFICE, person=by)
    appeal = locked(session, appeal_id)
    if appeal.end is not AppealEnd.TRIAGE or appeal.triage_done_at is not None:
        raise Outdated
    return appeal


def assign_company(uow: UnitOfWork, appeal_id: int, company_id: int, by: int) -> Appeal:
    """The dispatcher says whose appeal it is. Raises NotAllowed, NotFound, Outdated."""
    appeal = in_triage(uow.session, appeal_id, by)
    company = uow.session.get(Company, company_id)
    if company is None or not is_live(company):
        raise NotFound
    if appeal.company_id != company_id:
        appeal.company_id, appeal.object_id = company_id, None
    uow.session.flush()
    return appeal


def assign_object(uow: UnitOfWork, appeal_id: int, object_id: int, by: int) -> Appeal:
    """The dispatcher says what it is about; the company follows. Raises NotAllowed, NotFound, Outdated."""
    appeal = in_triage(uow.session, appeal_id, by)
    thing = uow.session.get(ServiceObject, object_id)
    if thing is None or not is_live(thing):
        raise NotFound
    appeal.company_id, appeal.object_id = thing.company_id, thing.id
    uow.session.flush()
    return appeal


def triage_into_ticket(uow: UnitOfWork, appeal_id: int, ticket_id: int, by: int) -> Appeal:
    """The dispatcher attaches the appeal to a ticket that is there already (R1.2); its client is told.

    Raises NotAllowed, NotFound, Outdated, and TicketMoved when that ticket is finished by now.
    """
    appeal = in_triage(uow.session, appeal_id, by)
    ticket = lock(uow.session, Ticket, ticket_id)
    if ticket is None or appeal.company_id not in (None, ticket.company_id):
        raise NotFound
    require_state(uow.session, ticket, Act.JOIN)
    appeal.company_id = ticket.company_id
    appeal.triage_done_at, appeal.triage_done_by = uow.now, by
    join_appeal(uow, appeal, ticket, by)
    _show(uow, appeal)
    uow.tell(To(appeal.person_id), "appeal/attached", AppealOnTicket(ticket.id, ticket.number, appeal.summary))
    return appeal


def tickets_to_join(session: Session, appeal: Appeal, most: int = 8) -> Sequence[Ticket]:
    """Tickets of the appeal's company that are not finished, those of its object first, then the newest."""
    if appeal.company_id is None:
        return ()
    return session.exec(
        select(Ticket)
        .where(Ticket.company_id == appeal.company_id, col(Ticket.state).in_(JOINABLE))
        .order_by((col(Ticket.object_id) == (appeal.object_id or 0)).desc(), col(Ticket.id).desc())
        .limit(most)
    ).all()


def close_appeal(uow: UnitOfWork, appeal_id: int, reason: str, by: int) -> Appeal:
    """Staff ends an appeal with a reason; the client is told it (R1.2)."""
    appeal = locked(uow.session, appeal_id)
    if appeal.end not in {None, AppealEnd.TRIAGE} or (appeal.end is AppealEnd.TRIAGE and appeal.triage_done_at):
        raise Outdated
    if appeal.triaged_at is not None:
        appeal.triage_done_at, appeal.triage_done_by = uow.now, by
    end(uow, appeal, AppealEnd.CLOSED, reason)
    uow.tell(To(appeal.person_id), "appeal/closed", AppealClosed(appeal.id, appeal.summary, reason))
    if appeal.triaged_at is not None:
        _show(uow, appeal)
    return appeal


def answer_from_staff(uow: UnitOfWork, appeal_id: int, said: Incoming, by: int) -> Message:
    """A person of ours answers in an appeal with words or files; the client gets it, the transcript keeps it.

    Raises as in_triage.
    """
    appeal = in_triage(uow.session, appeal_id, by)
    message = record_loose(uow, said, by)
    if message.delivery is not None:
        return message
    message.appeal_id, message.from_staff = appeal.id, True
    appeal.last_at = uow.now
    pass_on(uow, message)
    _show(uow, appeal)
    return message


def appeal_of_client(uow: UnitOfWork, person_id: int, messages: Sequence[Message], by: int) -> Appeal:
    """What staff forwarded becomes an appeal of the client who wrote it (R1.5), and waits in triage."""
    require(uow.session, employed, person=by)
    person = uow.session.get(Person, person_id)
    if person is None:
        raise NotFound
    appeal = open_appeal(uow, person_id, IntakeChannel.FORWARDED)
    for message in messages:
        message.appeal_id, message.person_id = appeal.id, person_id
        appeal.summary = appeal.summary or " ".join(message.text.split())[:600] or f"[{message.kind}]"
    uow.session.flush()
    return pass_to_triage(uow, appeal.id, "forwarded")


def triage_card(session: Session, appeal: Appeal) -> TriageCard:
    """The appeal as it is now."""
    person = session.get(Person, appeal.person_id)
    company = session.get(Company, appeal.company_id) if appeal.company_id else None
    thing = session.get(ServiceObject, appeal.object_id) if appeal.object_id else None
    return TriageCard(
        appeal_id=appeal.id,
        who=person.name if person else "",
        phones=numbers_of(session, person.id) if person else (),
        person_id=appeal.person_id,
        mutable=person is not None and person.muted_at is None and not is_staff(session, appeal.person_id),
        unreachable=not reachable(session, appeal.person_id),
        company=company.name if company else None,
        company_id=appeal.company_id,
        linked=_is_linked(session, appeal),
        object_name=thing.model if thing else None,
        object_id=appeal.object_id,
        reason=appeal.end_reason if appeal.end_reason in REASONS else "human",
        wants_human=appeal.wants_human,
        since=appeal.triaged_at or appeal.started_at,
        open=appeal.end is AppealEnd.TRIAGE and appeal.triage_done_at is None,
        articles=list(appeal.articles),
        talk=transcript(session, appeal.id),
        files=sum(m.kind != "text" for m in messages_of(session, appeal.id)),
    )


def _is_linked(session: Session, appeal: Appeal) -> bool:
    link = select(AppealLink.id).where(AppealLink.appeal_id == appeal.id, live(AppealLink))
    return session.exec(link).first() is not None


def _show(uow: UnitOfWork, appeal: Appeal) -> None:
    uow.tell(
        Dispatchers(card_key=f"triage:{appeal.id}"),
        "triage/card",
        triage_card(uow.session, appeal),
        urgent=appeal.wants_human,
    )
