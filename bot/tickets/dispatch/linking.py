"""A dispatcher says which company a stranger's appeal is of: confirmed by names, on record, and to be undone (R1.3)."""

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.clients.audiences import To
from bot.clients.rights import OFFICE, acts_for, allowed, employed, require
from bot.db.errors import Outdated
from bot.db.live import live
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.intake.appeals import AppealOnTicket, locked
from bot.tickets.intake.triage import assign_company, show_in_triage
from bot.tickets.life.acts import Act, Given, possible_in
from bot.tickets.life.lifecycle import TicketMoved, locked_ticket, note, stage_of
from bot.tickets.life.models import Appeal, AppealEnd, AppealLink, Message
from bot.tickets.opening.cancel import take_back


class WorkBegun(TicketMoved):
    """The ticket that was opened on it is worked on, or was: the work is settled with the client first."""

    key = "refusal.work_begun"


def is_of(session: Session, appeal: Appeal, company_id: int) -> bool:
    """Whether the appeal's person acts for the company anyway: then there is nothing to confirm."""
    return allowed(session, acts_for, person=appeal.person_id, company=company_id)


def link_company(uow: UnitOfWork, appeal_id: int, company_id: int, by: int) -> Appeal:
    """The appeal is the company's from now on; who said so stays on record. Raises NotAllowed, NotFound, Outdated."""
    appeal = assign_company(uow, appeal_id, company_id, by)
    link = live_link(uow.session, appeal_id)
    if link is not None and link.company_id == company_id:
        return appeal
    if link is not None:
        link.undone_by, link.undone_at = by, uow.now
        uow.session.flush()
    uow.session.add(AppealLink(appeal_id=appeal_id, company_id=company_id, linked_by=by, linked_at=uow.now))
    uow.session.flush()
    return appeal


def live_link(session: Session, appeal_id: int) -> AppealLink | None:
    """The link that stands; who changes it holds the appeal."""
    query = select(AppealLink).where(AppealLink.appeal_id == appeal_id, live(AppealLink))
    return session.exec(query.order_by(col(AppealLink.id).desc())).first()


def unlink_company(uow: UnitOfWork, appeal_id: int, by: int) -> Appeal:
    """It was the wrong company: the appeal waits in triage again, of nobody; a ticket opened from it is taken back, of
    one it was added to its words are taken out. Pressed again it changes nothing.

    Raises NotAllowed, NotFound, Outdated, WorkBegun.
    """
    require(uow.session, employed, OFFICE, person=by)
    appeal = locked(uow.session, appeal_id)
    link = live_link(uow.session, appeal_id)
    if link is None:
        return appeal
    if appeal.end is AppealEnd.CLOSED:
        raise Outdated
    if appeal.ticket_id is not None:
        _out_of_ticket(uow, appeal, by)
    link.undone_by, link.undone_at = by, uow.now
    appeal.company_id = appeal.object_id = appeal.ticket_id = None
    appeal.end, appeal.ended_at = AppealEnd.TRIAGE, uow.now
    appeal.triaged_at = appeal.triaged_at or uow.now
    appeal.triage_done_at = appeal.triage_done_by = None
    uow.session.flush()
    show_in_triage(uow, appeal)
    return appeal


def _out_of_ticket(uow: UnitOfWork, appeal: Appeal, by: int) -> None:
    ticket = locked_ticket(uow.session, appeal.ticket_id or 0)
    opened = appeal.end is AppealEnd.TICKET
    if opened:
        if not possible_in(Act.UNLINK, ticket.state, lacking={Given.ADDED}):
            raise WorkBegun(number=ticket.number, stage=stage_of(uow.session, ticket))
        take_back(uow, ticket, by, "unlinked")
    else:
        note(uow, ticket, "unlinked", by, appeal=appeal.id)
    uow.session.connection().execute(
        update(Message)
        .where(col(Message.appeal_id) == appeal.id, col(Message.ticket_id) == ticket.id)
        .values(ticket_id=None)
    )
    uow.session.expire_all()
    uow.tell(To(appeal.person_id), "appeal/unlinked", AppealOnTicket(ticket.id, ticket.number, appeal.summary))
