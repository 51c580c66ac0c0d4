"""Pictures of a job before and after it: kept apart from talk, for the client to see, sent to nobody (R1.9)."""

from enum import StrEnum

from bot.db.errors import NotFound, Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.bill.card import show
from bot.tickets.intake.passing import album_of
from bot.tickets.life.acts import Act
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import locked_ticket
from bot.tickets.life.models import SHOT, Message, Ticket

PICTURES = frozenset({"photo", "video", "document", "animation", "video_note"})


class Shot(StrEnum):
    """When it was taken."""

    BEFORE = "before"
    AFTER = "after"


class NoPicture(Refusal):
    """Words and voices show no state of a thing."""

    key = "refusal.no_picture"


def name_shot(uow: UnitOfWork, message_id: int, shot: Shot, by: int) -> Ticket:
    """What a person of ours said on a ticket is a picture of the job, an album whole; said again it changes nothing.

    Raises NotFound, NotAllowed, NoPicture.
    """
    found = uow.session.get(Message, message_id)
    if found is None or found.ticket_id is None or not found.from_staff:
        raise NotFound
    ticket = locked_ticket(uow.session, found.ticket_id)
    require_act(uow.session, ticket, Act.NOTE, by)
    together = album_of(uow, found)
    if any(message.kind not in PICTURES for message in together):
        raise NoPicture
    for message in together:
        message.file = {**message.file, SHOT: shot.value}
        message.internal = False
    uow.session.flush()
    show(uow, ticket)  # the cards count its files
    return ticket
