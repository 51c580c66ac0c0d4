"""Tables of appeals, tickets and their threads."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Index, UniqueConstraint, literal_column, text
from sqlmodel import Field, SQLModel, col

from bot.db.types import big_id, big_int, ending, enumerated, json_column, moment, ref
from bot.messaging.messengers import ChatId, Messenger, no_messenger


class AppealEnd(StrEnum):
    """How an appeal ended (R1.2); an open one has none."""

    ANSWERED = "answered"
    ATTACHED = "attached"
    TICKET = "ticket"
    TRIAGE = "triage"
    CLOSED = "closed"


class IntakeChannel(StrEnum):
    """How a contact came in (R1.6)."""

    CHAT = "chat"
    FORWARDED = "forwarded"
    CALL = "call"
    BACK_OFFICE = "back_office"
    API = "api"


_IN_TRIAGE = text("\"end\" = 'triage' AND triage_done_at IS NULL")
_ANSWERED = text("\"end\" = 'answered'")


class Appeal(SQLModel, table=True):
    """One conversation of one person about one thing (R1.1)."""

    __table_args__ = (
        Index("ix_appeal_open", "person_id", "ended_at"),
        Index(
            "ix_appeal_triage",
            "wants_human",
            "triaged_at",
            "id",
            sqlite_where=_IN_TRIAGE,
            postgresql_where=_IN_TRIAGE,
        ),
        Index("ix_appeal_answered", "ended_at", sqlite_where=_ANSWERED, postgresql_where=_ANSWERED),
    )
    id: int = big_id()
    person_id: int = ref("person.id")
    company_id: int | None = ref("company.id", nullable=True)
    channel: IntakeChannel = enumerated(IntakeChannel, default=IntakeChannel.CHAT)
    summary: str = Field(default="", max_length=600)
    misses: int = 0
    articles: list[str] = json_column(default_factory=list)  # already shown, in order
    ticket_id: int | None = ref("ticket.id", nullable=True)
    end: AppealEnd | None = enumerated(AppealEnd, default=None, nullable=True)
    end_reason: str | None = Field(default=None, max_length=300)
    wants_human: bool = False
    object_id: int | None = ref("serviceobject.id", nullable=True, index=False)  # chosen for the draft so far
    emergency: bool = False  # «всё стоит», said by the client
    preferred_at: datetime | None = moment(default=None, nullable=True)  # when the client wants it done
    preferred_words: str | None = Field(default=None, max_length=200)  # the same as they said it
    started_at: datetime = moment()
    last_at: datetime = moment()
    ended_at: datetime | None = moment(default=None, nullable=True)
    triaged_at: datetime | None = moment(default=None, nullable=True)
    joined_until: datetime | None = moment(default=None, nullable=True)  # later messages begin another appeal
    triage_done_at: datetime | None = moment(default=None, nullable=True)
    triage_done_by: int | None = ref("person.id", nullable=True, index=False)


def in_triage_now(rows: type[Appeal] = Appeal) -> ColumnElement[bool]:
    """What waits in triage, in the words of its partial index: SQLite sees that an index serves a literal alone."""
    return (col(rows.end) == literal_column("'triage'")) & col(rows.triage_done_at).is_(None)


def by_an_article(rows: type[Appeal] = Appeal) -> ColumnElement[bool]:
    """What an article answered, likewise in the words of its index."""
    return col(rows.end) == literal_column("'answered'")


class AppealLink(SQLModel, table=True):
    """Who of ours said that a stranger's appeal is of a company, and who took it back. Only added and undone."""

    __table_args__ = (
        Index(
            "uq_appeal_link_live",
            "appeal_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )
    id: int = big_id()
    appeal_id: int = ref("appeal.id")
    company_id: int = ref("company.id")
    linked_by: int = ref("person.id", index=False)
    linked_at: datetime = moment()
    undone_by: int | None = ref("person.id", nullable=True, index=False)
    undone_at: datetime | None = ending()


class TicketState(StrEnum):
    """Life of a ticket; the moves allowed are in lifecycle.py."""

    AWAITING_APPROVAL = "awaiting_approval"
    AWAITING_PAYMENT = "on_hold"  # «ожидает оплаты» (R9.1)
    NEW = "new"  # on the dispatch board
    TAKEN = "taken"
    ON_THE_WAY = "on_the_way"
    IN_WORK = "in_work"
    WAITING = "waiting"  # for approval of more work
    DONE = "done"  # the client is asked to accept
    DISPUTED = "disputed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class WaitsFor(StrEnum):
    """What an engineer waits for with the job in their hands: resolution is paused meanwhile (R8.2)."""

    CLIENT = "client"
    ACCESS = "access"
    PARTS = "parts"


class Ticket(SQLModel, table=True):
    """A job on one object under one contract, always (R1.3)."""

    __table_args__ = (Index("ix_ticket_board", "state", "emergency", "id"),)
    id: int = big_id()
    number: int = Field(unique=True)
    code: str | None = Field(default=None, max_length=40, unique=True)  # of an imported ticket in its source
    company_id: int = ref("company.id")
    contract_id: int = ref("contract.id")
    object_id: int = ref("serviceobject.id")
    requester_id: int = ref("person.id")
    engineer_id: int | None = ref("person.id", nullable=True)
    channel: IntakeChannel = enumerated(IntakeChannel, default=IntakeChannel.CHAT)
    work_type: str = Field(default="repair", max_length=40)
    way: str = Field(default="visit", max_length=10, sa_column_kwargs={"name": "work_channel"})  # Way
    description: str = Field(default="", max_length=8000)
    priority: str = Field(default="normal", max_length=10)  # low | normal | high
    emergency: bool = False
    preferred_at: datetime | None = moment(default=None, nullable=True)  # when the client wants it done
    preferred_words: str | None = Field(default=None, max_length=200)  # the same as they said it
    state: TicketState = enumerated(TicketState, default=TicketState.NEW)
    coverage: str = Field(default="", max_length=20)  # result of the scope decision
    held_amount: int = Field(default=0, sa_column_kwargs={"name": "hold_minutes"})  # in the unit of the pools
    reaction_due: datetime | None = moment(default=None, nullable=True)
    resolution_due: datetime | None = moment(default=None, nullable=True)
    opened_at: datetime = moment()
    taken_at: datetime | None = moment(default=None, nullable=True)
    started_at: datetime | None = moment(default=None, nullable=True)
    finished_at: datetime | None = moment(default=None, nullable=True)
    closed_at: datetime | None = moment(default=None, nullable=True)
    rating: int | None = None
    escalated_at: datetime | None = moment(default=None, nullable=True)
    paused_at: datetime | None = moment(default=None, nullable=True)  # resolution waits since then (R8.2)
    waits_for: WaitsFor | None = enumerated(WaitsFor, default=None, nullable=True)  # whatever its state besides


class TicketEvent(SQLModel, table=True):
    """One line of a ticket's history: who did what and when. Only added."""

    id: int = big_id()
    ticket_id: int = ref("ticket.id")
    kind: str = Field(max_length=40)  # opened, approved, taken, declined, on_the_way, started, …
    person_id: int | None = ref("person.id", nullable=True, index=False)
    details: dict[str, Any] = json_column()
    happened_at: datetime = moment()


SHOT = "shot"  # of a message's file: a picture of the job `before` or `after` it, kept apart from talk (R1.9)


class DeliveryState(StrEnum):
    """How far a message of a thread got on its way to the other side (R1.9)."""

    WAITING = "waiting"  # more of its album may come: they go together
    KEPT = "kept"  # handed to delivery
    SENT = "sent"
    REFUSED = "refused"  # it can't reach its reader


class Message(SQLModel, table=True):
    """One message of an appeal's or ticket's thread. Every contact is here, whatever it was (R1.1).

    `kind`: text, photo, document, voice, video, audio, animation, video_note, sticker, location, contact, poll, other.
    `internal` is for staff's eyes only. `file` keeps file ids and names, never links. `delivery` is empty for what
    goes to nobody by itself: internal notes, and what was said before there was a ticket.
    """

    __table_args__ = (UniqueConstraint("messenger", "chat_id", "message_id", name="uq_message_source"),)
    id: int = big_id()
    appeal_id: int | None = ref("appeal.id", nullable=True)
    ticket_id: int | None = ref("ticket.id", nullable=True)
    person_id: int | None = ref("person.id", nullable=True)
    from_staff: bool = False
    internal: bool = False
    kind: str = Field(default="text", max_length=20)
    text: str = Field(default="")
    file: dict[str, Any] = json_column()
    album: str | None = Field(default=None, max_length=80, index=True)
    messenger: Messenger | None = no_messenger()
    chat_id: int | None = big_int(default=None, nullable=True)
    message_id: int | None = big_int(default=None, nullable=True)
    delivery: DeliveryState | None = enumerated(DeliveryState, default=None, nullable=True)
    edited_at: datetime | None = moment(default=None, nullable=True)
    sent_at: datetime = moment()

    @property
    def chat(self) -> ChatId | None:
        return ChatId(self.messenger, self.chat_id) if self.messenger and self.chat_id is not None else None
