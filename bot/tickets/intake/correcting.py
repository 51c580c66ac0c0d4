"""What a person of ours edits after it went out is edited at the client's too; they hear whether it could be (R1.9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlmodel import Session

from bot.clients.audiences import Here, To
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import ChatId
from bot.messaging.notices.telling import Address
from bot.messaging.outgoing import receipts
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.tickets.bill.card import card_key_of
from bot.tickets.intake.passing import album_of, tell_client
from bot.tickets.intake.said import EDITED, carried
from bot.tickets.life.models import Appeal, DeliveryState, Message, Ticket
from bot.tickets.life.rights import client_of

LOST = frozenset({OutboxState.REFUSED, OutboxState.EXPIRED})


@dataclass(frozen=True, slots=True)
class EditTold:
    """What became of an edit; `unread`: the client has not got the message itself."""

    ticket_id: int | None
    state: str
    unread: bool


class Readers(Protocol):
    def addresses(self, session: Session) -> Sequence[Address]: ...


@dataclass(frozen=True, slots=True)
class Corrected:
    """Those of an audience, as it is now, to whom something went: `sent` is the call by the chat it went to."""

    readers: Readers
    sent: Mapping[ChatId, int]

    def addresses(self, session: Session) -> Sequence[Address]:
        """Their addresses, each with the call that is corrected."""
        return [
            replace(address, corrects=self.sent[address.chat])
            for address in self.readers.addresses(session)
            if address.chat in self.sent
        ]


def correct(uow: UnitOfWork, message: Message, *, may: bool) -> None:
    """Bring the client's copies of a message to its present words, and tell its writer how far that got.

    What still waits for its album goes with the new words by itself. `may`: its writer may still write to clients.
    """
    if message.delivery is DeliveryState.WAITING:
        return
    together, before = album_of(uow, message), len(_edits(uow.session, message))
    ticket = uow.session.get(Ticket, message.ticket_id) if message.ticket_id is not None else None
    if may and (sent := _sent(uow.session, together)):
        if ticket is not None:
            reader: Readers = client_of(uow.session, ticket)
        else:
            reader = To(uow.session.get_one(Appeal, message.appeal_id).person_id)
        tell_client(uow, Corrected(reader, sent), ticket, together, f"{EDITED}{message.id}")
    uow.session.flush()
    edits = _edits(uow.session, message)
    _tell(uow, message, edits if len(edits) > before else [])


def take_edit(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer `receipt`: delivery has settled an edit."""
    message = uow.session.get(Message, int(payload["carries"].removeprefix(EDITED)))
    if message is not None:
        _tell(uow, message, _edits(uow.session, message))


def _edits(session: Session, message: Message) -> list[Outbox]:
    """The calls that carry edits of a message, oldest first."""
    return receipts.what_became(session, f"{EDITED}{message.id}")


def _tell(uow: UnitOfWork, message: Message, edits: Sequence[Outbox]) -> None:
    """Tell the writer, where they wrote, what became of the newest edit; a word that was told before is edited."""
    if message.chat is None:
        return
    state = receipts.overall(list({row.chat: row for row in edits}.values()))
    topic = card_key_of(message.ticket_id) if message.ticket_id is not None else None
    said = {OutboxState.NEW: "kept", OutboxState.SENT: "sent"}.get(state or OutboxState.REFUSED, "stays")
    uow.tell(
        Here(message.chat, topic, card_key=f"{EDITED}{message.id}:told"),
        "ticket/edit_told",
        EditTold(message.ticket_id, said, unread=message.delivery is DeliveryState.REFUSED),
        urgent=True,
    )


def _sent(session: Session, together: Sequence[Message]) -> dict[ChatId, int]:
    """The call that carries the words of these messages, by the chat that it went to or is about to."""
    rows: list[Outbox] = []
    for message in reversed(together):
        if rows := receipts.what_became(session, carried(message)):
            break
    return {row.chat: row.id for row in reversed(rows) if row.state not in LOST}
