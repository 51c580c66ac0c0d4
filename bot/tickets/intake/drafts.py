"""A draft: what an appeal needs before it can become a ticket; its state lives on the appeal (R1.3, R1.4)."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session, col, select

from bot.billing.terms.shape import TicketPriority
from bot.clients.models import Contract, ServiceObject
from bot.clients.objects import ObjectLine, companies_of, contract_for, object_lines, visible_object, visible_objects
from bot.clients.rights import acts_for, allowed
from bot.clients.zones import object_zone
from bot.db.clock import day_of
from bot.db.errors import NotFound, Outdated, Refusal
from bot.db.locks import lock
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.bill.card import show
from bot.tickets.intake.appeals import AppealWords, attach_appeal, join_appeal, locked, own, said
from bot.tickets.intake.choosing_object import numbered
from bot.tickets.intake.numbers_said import numbers_among
from bot.tickets.intake.preferred_time import Slot, day_after, slot_at, slots
from bot.tickets.intake.triage import in_triage, pass_to_triage, show_in_triage
from bot.tickets.life.acts import JOINABLE, Act, possible_in
from bot.tickets.life.at_work import work_begins
from bot.tickets.life.leave import require_right, require_state
from bot.tickets.life.models import Appeal, AppealEnd, Ticket
from bot.tickets.life.pre_authorised import PreAuthorised, pre_authorised
from bot.tickets.life.rights import may_see
from bot.tickets.opening.open import Draft, open_ticket

_WORDS = Path(__file__).resolve().parent / "emergency_words.toml"


class NothingSaid(Refusal):
    """A ticket needs at least a word or a photo about what happened."""

    key = "refusal.nothing_said"


@dataclass(frozen=True, slots=True)
class Ending:
    """A contract that is in force now and would be over on the day of the work: what is urgent is still done by it."""

    contract: Contract
    works: date


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft as its confirm screen shows it; `contract` is None where only triage can go on, `ending` the one that
    would do for urgent work."""

    appeal: Appeal
    said: AppealWords
    thing: ObjectLine
    contract: Contract | None
    timezone: str
    sounds_urgent: bool
    preferred: Slot | None
    preferred_words: str | None
    asks_time: bool
    pre_authorised: PreAuthorised | None
    ending: Ending | None


def begin_draft(uow: UnitOfWork, appeal_id: int, by: int, words: str | None = None) -> Appeal:
    """Start putting a ticket together from what was already said. What settles itself is settled: one company, one
    object, an object whose number is among the `words`, by default all that was said. Raises NotFound, Outdated."""
    appeal = own(uow.session, appeal_id, by)
    if appeal.company_id is None:
        companies = companies_of(uow.session, by)
        if len(companies) == 1:
            appeal.company_id = companies[0].id
    if appeal.company_id is not None and appeal.object_id is None:
        objects = visible_objects(uow.session, by, appeal.company_id)
        if len(objects) == 1:
            appeal.object_id = objects[0].id
    if appeal.object_id is None:
        _choose_numbered(uow, appeal, said(uow.session, appeal_id).text if words is None else words)
    uow.session.flush()
    return appeal


def _choose_numbered(uow: UnitOfWork, appeal: Appeal, words: str) -> None:
    things = numbered(uow.session, appeal.person_id, numbers_among(words))
    thing = visible_object(uow.session, appeal.person_id, things[0]) if len(things) == 1 else None
    if thing is not None and appeal.company_id in {None, thing.company_id}:
        appeal.company_id, appeal.object_id = thing.company_id, thing.id


def choose_company(uow: UnitOfWork, appeal_id: int, company_id: int, by: int) -> Appeal:
    """The client says for which of their companies. Raises NotFound, Outdated."""
    appeal = own(uow.session, appeal_id, by)
    if all(company.id != company_id for company in companies_of(uow.session, by)):
        raise NotFound
    if appeal.company_id != company_id:
        appeal.company_id, appeal.object_id = company_id, None
    uow.session.flush()
    return begin_draft(uow, appeal_id, by)


def choose_object(uow: UnitOfWork, appeal_id: int, object_id: int, by: int) -> Appeal:
    """The client says about what. Raises NotFound (also for what they may not see), Outdated."""
    appeal = own(uow.session, appeal_id, by)
    thing = visible_object(uow.session, by, object_id)
    if thing is None:
        raise NotFound
    appeal.company_id, appeal.object_id = thing.company_id, thing.id
    uow.session.flush()
    return appeal


def forget_object(uow: UnitOfWork, appeal_id: int, by: int) -> Appeal:
    """Back to the choice of the object. Raises NotFound, Outdated."""
    appeal = own(uow.session, appeal_id, by)
    appeal.object_id = None
    uow.session.flush()
    return appeal


def forget_company(uow: UnitOfWork, appeal_id: int, by: int) -> Appeal:
    """Back to the choice of the company, and with it of the object. Raises NotFound, Outdated."""
    appeal = forget_object(uow, appeal_id, by)
    appeal.company_id = None
    uow.session.flush()
    return appeal


def let_go_of_lost(uow: UnitOfWork, appeal: Appeal) -> None:
    """What was chosen for a draft and its person may not see any more is chosen no more: the role may have ended since,
    or the company been closed (R2.4, R2.8)."""
    by = appeal.person_id
    if appeal.object_id is not None:
        if visible_object(uow.session, by, appeal.object_id) is not None:
            return
        appeal.object_id = None
    if appeal.company_id is not None and not allowed(uow.session, acts_for, person=by, company=appeal.company_id):
        appeal.company_id = None
    uow.session.flush()


def set_emergency(uow: UnitOfWork, appeal_id: int, emergency: bool, by: int) -> Appeal:
    """«Срочно, всё стоит», or not after all. Raises NotFound, Outdated."""
    appeal = own(uow.session, appeal_id, by)
    appeal.emergency = emergency
    uow.session.flush()
    return appeal


def open_tickets_on(session: Session, object_id: int) -> Sequence[Ticket]:
    """Tickets of the object that are not finished, newest first (R1.4)."""
    return session.exec(
        select(Ticket)
        .where(Ticket.object_id == object_id, col(Ticket.state).in_(JOINABLE))
        .order_by(col(Ticket.id).desc())
    ).all()


def view(uow: UnitOfWork, appeal: Appeal) -> DraftView:
    """The draft with its object and contract. Raises NotFound when no object is chosen."""
    thing = uow.session.get(ServiceObject, appeal.object_id) if appeal.object_id else None
    if thing is None:
        raise NotFound
    words = said(uow.session, appeal.id)
    zone = object_zone(uow.session, thing.id)
    contract = _contract_of(uow, appeal, thing)
    wanted = appeal.preferred_at if contract and not appeal.emergency else None
    asks = contract is not None and not appeal.emergency and bool(_times(uow, thing, contract, zone))
    return DraftView(
        appeal,
        words,
        object_lines(uow.session, [thing])[0],
        contract,
        zone,
        sounds_urgent(words.text),
        slot_at(uow.session, contract.id, zone, wanted) if contract and wanted and wanted > uow.now else None,
        None if appeal.emergency else appeal.preferred_words,
        asks,
        pre_authorised(uow.session, contract.id, uow.day(zone)) if contract is not None and appeal.emergency else None,
        _ending(uow, appeal, thing, zone) if contract is None and not appeal.emergency else None,
    )


def offered_times(uow: UnitOfWork, appeal: Appeal) -> tuple[list[Slot], str]:
    """Times to choose from for a draft, none where the hour doesn't make the price, and the time zone they are in.
    Raises NotFound, and Outdated for what is urgent."""
    let_go_of_lost(uow, appeal)
    draft = view(uow, appeal)
    thing = uow.session.get_one(ServiceObject, appeal.object_id)
    if appeal.emergency:
        raise Outdated
    times = _times(uow, thing, draft.contract, draft.timezone) if draft.contract and draft.asks_time else []
    return times, draft.timezone


def _times(uow: UnitOfWork, thing: ServiceObject, contract: Contract, zone: str) -> list[Slot]:
    """Times that may be wished for, also under the contract that follows when this one ends before long."""
    found = slots(uow.session, contract.id, zone, uow.now)
    after = day_after(uow.session, contract, zone, uow.now)
    following = contract_for(uow.session, thing, after) if after is not None else None
    return [*found, *slots(uow.session, following.id, zone, uow.now)] if following is not None else found


def send_draft(uow: UnitOfWork, appeal_id: int, by: int) -> Ticket | None:
    """Open the ticket; None when no contract lists the object and the appeal went to triage instead (R1.3).

    The same press again gets the same ticket. Raises NotFound, Outdated, NothingSaid.
    """
    appeal = locked(uow.session, appeal_id)
    if appeal.person_id != by:
        raise NotFound
    if appeal.end is AppealEnd.TICKET and appeal.ticket_id is not None:
        return uow.session.get(Ticket, appeal.ticket_id)
    if appeal.ended_at is not None or appeal.object_id is None:
        raise Outdated
    choose_object(uow, appeal_id, appeal.object_id, by)  # rights may have gone since it was chosen (R2.4)
    draft = _complete(uow, appeal)
    if draft is None:
        pass_to_triage(uow, appeal_id, "no_contract")
        return None
    return _opened(uow, draft, appeal_id, by)


def send_from_triage(uow: UnitOfWork, appeal_id: int, by: int) -> Ticket:
    """The dispatcher opens the ticket for the client, on the object assigned.

    Raises NotAllowed, NoContract, NothingSaid, Outdated.
    """
    appeal = in_triage(uow.session, appeal_id, by)
    draft = _complete(uow, appeal)
    if draft is None:
        raise NoContract
    appeal.triage_done_at, appeal.triage_done_by = uow.now, by
    ticket = _opened(uow, draft, appeal_id, by)
    show_in_triage(uow, appeal)
    return ticket


class NoContract(Refusal):
    """No active contract lists the object: there is no way round it, for staff either (R1.3)."""

    key = "refusal.no_contract"


def join_ticket(uow: UnitOfWork, appeal_id: int, ticket_id: int, by: int) -> Ticket:
    """The client adds what they said to a ticket that is open on the object already (R1.4).

    Raises NotFound, NotAllowed, Outdated, and TicketMoved when that ticket is finished by now.
    """
    appeal = locked(uow.session, appeal_id)
    if appeal.person_id != by:
        raise NotFound
    ticket = lock(uow.session, Ticket, ticket_id)
    if ticket is None or visible_object(uow.session, by, ticket.object_id) is None:
        raise NotFound
    if appeal.end is AppealEnd.ATTACHED and appeal.ticket_id == ticket_id:
        return ticket
    require_right(uow.session, ticket, Act.JOIN, by)
    if appeal.ended_at is not None:
        raise Outdated
    if not possible_in(Act.JOIN, ticket.state) and not may_see(uow.session, ticket, by):
        raise Outdated  # a colleague's: how it stands by now is told to those who see it (R2.8)
    require_state(uow.session, ticket, Act.JOIN)
    join_appeal(uow, appeal, ticket, by)
    return ticket


def not_in_list(uow: UnitOfWork, appeal_id: int, by: int) -> Appeal:
    """The object is not in the list: to triage with what was said (R1.3). Raises NotFound, Outdated, NothingSaid."""
    appeal = own(uow.session, appeal_id, by)
    _require_said(uow, appeal)
    return pass_to_triage(uow, appeal_id, "not_in_list")


def sounds_urgent(text: str) -> bool:
    """Whether the words are those of somebody whose work stands still; only asks, decides nothing."""
    folded = " ".join(text.casefold().replace("ё", "е").split())
    return any(phrase in folded for phrase in _urgent_phrases())


@lru_cache(maxsize=1)
def _urgent_phrases() -> tuple[str, ...]:
    return tuple(phrase for phrases in tomllib.loads(_WORDS.read_text("utf-8")).values() for phrase in phrases)


def _complete(uow: UnitOfWork, appeal: Appeal) -> Draft | None:
    thing = uow.session.get(ServiceObject, appeal.object_id) if appeal.object_id else None
    if thing is None:
        raise NotFound
    words = _require_said(uow, appeal)
    contract = _contract_of(uow, appeal, thing)
    if contract is None:
        return None
    return Draft(
        company_id=thing.company_id,
        object_id=thing.id,
        contract_id=contract.id,
        requester_id=appeal.person_id,
        description=words.text,
        appeal_id=appeal.id,
        emergency=appeal.emergency,
        priority=TicketPriority.HIGH if appeal.emergency else TicketPriority.NORMAL,
        channel=appeal.channel,
        preferred_at=None if appeal.emergency else appeal.preferred_at,
        preferred_words=None if appeal.emergency else appeal.preferred_words,
    )


def _ending(uow: UnitOfWork, appeal: Appeal, thing: ServiceObject, zone: str) -> Ending | None:
    today = uow.day(zone)
    contract = contract_for(uow.session, thing, today)
    works = day_of(work_begins(uow, zone, appeal.preferred_at, at_once=False), zone)
    return Ending(contract, works) if contract is not None and works > today else None


def _contract_of(uow: UnitOfWork, appeal: Appeal, thing: ServiceObject) -> Contract | None:
    """The contract that is in force on the day of the work (R3.5)."""
    zone = object_zone(uow.session, thing.id)
    begins = work_begins(uow, zone, appeal.preferred_at, at_once=appeal.emergency)
    return contract_for(uow.session, thing, day_of(begins, zone))


def _require_said(uow: UnitOfWork, appeal: Appeal) -> AppealWords:
    words = said(uow.session, appeal.id)
    if not words.text and not words.files:
        raise NothingSaid
    return words


def _opened(uow: UnitOfWork, draft: Draft, appeal_id: int, by: int) -> Ticket:
    files = said(uow.session, appeal_id).files
    ticket = open_ticket(uow, draft, by)
    attach_appeal(uow, appeal_id, ticket.id, AppealEnd.TICKET)
    if files:
        show(uow, ticket)  # the cards count the files that came with the appeal
    return ticket
