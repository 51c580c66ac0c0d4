"""What is said on a ticket or an appeal, carried to the other side as what it is (R1.9).

An album comes part by part with no end marker: its parts wait a moment and go together. What a person of ours said is
confirmed to them by what became of it: kept, sent, refused; nobody is told «sent» before it left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, select

from bot.clients.audiences import Here, To
from bot.clients.models import Membership, Person
from bot.clients.policy import policy
from bot.db.last import savepoint
from bot.db.locks import lock, lock_where
from bot.db.readable import UNREADABLE
from bot.db.trouble import passing, storage_trouble
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.notices.telling import Audience
from bot.messaging.outgoing import receipts
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.messaging.timers import want_timer
from bot.tickets.bill.card import card_key_of, reachable, show
from bot.tickets.intake.said import at_work_on, carried, media_of, words_of
from bot.tickets.life.acts import OVER
from bot.tickets.life.models import Appeal, DeliveryState, Message, Ticket
from bot.tickets.life.rights import Heard, client_of, who_hears

TIMER, ALONE = "pass_on", "pass_alone"
_STATES = {OutboxState.SENT: DeliveryState.SENT, OutboxState.REFUSED: DeliveryState.REFUSED}


@dataclass(frozen=True, slots=True)
class SaidOnTicket:
    """What one side of a ticket said to the other: words, or else the kinds of what was sent."""

    ticket_id: int
    number: int
    who: str
    text: str
    kinds: Sequence[str]


@dataclass(frozen=True, slots=True)
class StaffAnswer:
    """What a person of ours answers in an appeal."""

    who: str
    text: str
    kinds: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HowFar:
    """How far got what staff wrote, on a ticket or in an appeal: `later`, it waits for the morning of its reader."""

    ticket_id: int | None
    number: int | None
    state: DeliveryState
    kinds: Sequence[str]
    later: bool
    reachable: bool
    heard: Heard


@dataclass(frozen=True, slots=True)
class WordsPassed:
    """How far got what a client said on a ticket, which may be `over` already."""

    ticket_id: int
    number: int
    state: DeliveryState
    over: bool


def pass_on(uow: UnitOfWork, message: Message) -> None:
    """Carry a message of a ticket's thread, or staff's answer in an appeal, to the other side: now, or with its album
    or burst a moment later."""
    message.delivery = DeliveryState.WAITING
    uow.session.flush()
    pause = _pause(uow, message)
    if pause is None:
        pass_waiting(uow, _payload(message))
    else:
        key = f"{TIMER}:{'appeal' if message.ticket_id is None else 'ticket'}:{message.ticket_id or message.appeal_id}"
        want_timer(uow.session, f"{key}:{message.from_staff:d}", TIMER, uow.now + pause, **_payload(message))


def pass_waiting(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer `pass_on`: all that waits on a ticket or appeal from one side goes, an album as one.

    What can't be carried keeps back nothing else: it waits for its own next try.
    """
    waits = Message.delivery == DeliveryState.WAITING, Message.from_staff == payload["from_staff"]
    place = [Message.ticket_id == payload["ticket"]]
    if payload["ticket"] is None:
        place = [Message.appeal_id == payload["appeal"], col(Message.ticket_id).is_(None)]
    try:
        waiting = lock_where(uow.session, Message, *waits, *place)
    except UNREADABLE:
        waiting = ()
        for message_id in uow.session.exec(select(Message.id).where(*waits, *place).order_by(col(Message.id))).all():
            _alone(uow, message_id)
    runs = _together(waiting)
    for together in runs:
        if len(runs) == 1:
            _carry(uow, together)
            continue
        try:
            with savepoint(uow.session):
                _carry(uow, together)
        except Exception as error:
            if storage_trouble(error) or passing(error):
                raise
            _alone(uow, together[-1].id)


def pass_alone(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer `pass_alone`: one message that waits, with its album."""
    last = lock(uow.session, Message, int(payload["message"]))
    if last is not None and last.delivery is DeliveryState.WAITING:
        _carry(uow, [each for each in album_of(uow, last) if each.delivery is DeliveryState.WAITING])


def _alone(uow: UnitOfWork, message_id: int) -> None:
    want_timer(uow.session, f"{ALONE}:said:{message_id}", ALONE, uow.now, message=message_id)


def _carry(uow: UnitOfWork, together: Sequence[Message]) -> None:
    """Messages that go as one."""
    if together[0].from_staff:
        _to_client(uow, together)
    else:
        _to_staff(uow, together)
    if together[0].ticket_id is not None and any(message.kind != "text" for message in together):
        show(uow, uow.session.get_one(Ticket, together[0].ticket_id))  # the cards count its files


def pass_refused(uow: UnitOfWork, person_id: int) -> None:
    """What staff wrote to the person and could not reach them goes once more; the writers hear of it."""
    mine = select(Ticket.id).where(
        or_(
            col(Ticket.requester_id) == person_id,
            col(Ticket.company_id).in_(select(Membership.company_id).where(Membership.person_id == person_id)),
        )
    )
    own = select(Appeal.id).where(Appeal.person_id == person_id)
    refused = lock_where(
        uow.session,
        Message,
        Message.delivery == DeliveryState.REFUSED,
        col(Message.from_staff).is_(True),
        col(Message.internal).is_(False),
        or_(col(Message.ticket_id).in_(mine), col(Message.ticket_id).is_(None) & col(Message.appeal_id).in_(own)),
    )
    again = [message for message in refused if person_id in _hear(uow, message)]
    for message in again:
        receipts.forget_refused(uow.session, carried(message))
    _mark(uow, again, DeliveryState.WAITING)
    for payload in {tuple(_payload(message).items()): _payload(message) for message in again}.values():
        pass_waiting(uow, payload)


def _hear(uow: UnitOfWork, message: Message) -> Sequence[int]:
    if message.ticket_id is None:
        return [_reader(uow, message)]
    return client_of(uow.session, uow.session.get_one(Ticket, message.ticket_id)).people(uow.session)


def take_receipt(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer `receipt`: delivery has settled a call that carries what a person of ours said; they hear how."""
    carries = payload["carries"]
    last = uow.session.get(Message, int(carries.partition(":")[2]))
    rows = receipts.what_became(uow.session, carries)
    if last is None:
        return
    state = receipts.overall(rows) if last.from_staff else receipts.reached_any(rows)
    if state not in _STATES:
        return
    together = [each for each in album_of(uow, last) if each.delivery is DeliveryState.KEPT and each.id <= last.id]
    if together:
        _mark(uow, together, _STATES[state])
        if last.from_staff:
            confirm(uow, together, [])
        else:
            confirm_to_client(uow, together)


def album_of(uow: UnitOfWork, message: Message) -> list[Message]:
    """The message with all parts of its album, in the order they came."""
    if message.album is None:
        return [message]
    same = select(Message).where(
        Message.album == message.album, Message.messenger == message.messenger, Message.chat_id == message.chat_id
    )
    return list(uow.session.exec(same.order_by(col(Message.id))).all())


def confirm(uow: UnitOfWork, together: Sequence[Message], rows: Sequence[Outbox]) -> None:
    """Tell the writer, where they wrote, how far it got; the same message of ours is edited later."""
    last = together[-1]
    if last.chat is None:
        return
    ticket = uow.session.get(Ticket, last.ticket_id) if last.ticket_id is not None else None
    readers = client_of(uow.session, ticket).people(uow.session) if ticket is not None else [_reader(uow, last)]
    topic = card_key_of(ticket.id) if ticket is not None else None
    later = max(
        (row.not_before for row in rows if row.not_before is not None and row.not_before > uow.now), default=None
    )
    uow.tell(
        Here(last.chat, topic, card_key=told_key(last)),
        "ticket/staff_written",
        HowFar(
            ticket_id=ticket.id if ticket is not None else None,
            number=ticket.number if ticket is not None else None,
            state=last.delivery or DeliveryState.KEPT,
            kinds=_kinds(together),
            later=later is not None,
            reachable=any(reachable(uow.session, reader) for reader in readers),
            heard=who_hears(uow.session, ticket) if ticket is not None else Heard(),
        ),
        urgent=True,
    )


def confirm_to_client(uow: UnitOfWork, together: Sequence[Message]) -> None:
    """Tell the client how far got what they said on a ticket: kept, sent, refused (R1.9); told once and edited then."""
    last = together[-1]
    person = uow.session.get(Person, last.person_id) if last.person_id is not None else None
    if last.chat is None or last.delivery is None or (person is not None and person.muted_at is not None):
        return
    ticket = uow.session.get_one(Ticket, last.ticket_id)
    uow.tell(
        Here(last.chat, card_key=told_key(last)),
        "ticket/written",
        WordsPassed(ticket.id, ticket.number, last.delivery, over=ticket.state in OVER),
        urgent=True,
    )


def told_key(message: Message) -> str:
    """The card that tells whoever said something how far it got."""
    return f"{carried(message)}:told"


def _to_staff(uow: UnitOfWork, together: Sequence[Message]) -> None:
    last = together[-1]
    ticket = uow.session.get_one(Ticket, last.ticket_id)
    words, carries, media = said_on(uow, ticket, together), carried(last), media_of(together)
    uow.tell(at_work_on(ticket), "ticket/client_says", words, urgent=True, receipt=True, carries=carries, media=media)
    rows = receipts.what_became(uow.session, carries)
    _mark(uow, together, DeliveryState.KEPT if rows else DeliveryState.REFUSED)
    confirm_to_client(uow, together)


def _to_client(uow: UnitOfWork, together: Sequence[Message]) -> None:
    last = together[-1]
    _mark(uow, together, DeliveryState.KEPT)
    ticket = uow.session.get_one(Ticket, last.ticket_id) if last.ticket_id is not None else None
    hears = client_of(uow.session, ticket) if ticket is not None else To(_reader(uow, last))
    tell_client(uow, hears, ticket, together, carried(last), urgent=ticket is None or ticket.emergency)
    rows = receipts.what_became(uow.session, carried(last))
    if not rows:
        _mark(uow, together, DeliveryState.REFUSED)
    confirm(uow, together, rows)


def tell_client(
    uow: UnitOfWork,
    hears: Audience,
    ticket: Ticket | None,
    together: Sequence[Message],
    carries: str,
    *,
    urgent: bool = False,
) -> None:
    """What staff said on a ticket, or in an appeal, goes to its client; somebody waits to hear what became of it."""
    media = media_of(together)
    if ticket is None:
        answer = StaffAnswer(_who(uow, together), words_of(together), _kinds(together))
        uow.tell(hears, "appeal/answer", answer, urgent=urgent, receipt=True, carries=carries, media=media)
    else:
        words = said_on(uow, ticket, together)
        uow.tell(hears, "ticket/staff_says", words, urgent=urgent, receipt=True, carries=carries, media=media)


def said_on(uow: UnitOfWork, ticket: Ticket, together: Sequence[Message]) -> SaidOnTicket:
    """What the other side reads of these messages."""
    return SaidOnTicket(ticket.id, ticket.number, _who(uow, together), words_of(together), _kinds(together))


def _who(uow: UnitOfWork, together: Sequence[Message]) -> str:
    who = uow.session.get(Person, together[0].person_id) if together[0].person_id is not None else None
    return who.name if who is not None else ""


def _kinds(together: Sequence[Message]) -> list[str]:
    return [message.kind for message in together]


def _reader(uow: UnitOfWork, message: Message) -> int:
    """The person whom staff answers in an appeal."""
    return uow.session.get_one(Appeal, message.appeal_id).person_id


def _mark(uow: UnitOfWork, together: Sequence[Message], how: DeliveryState) -> None:
    for message in together:
        message.delivery = how
    uow.session.flush()


def _pause(uow: UnitOfWork, message: Message) -> timedelta | None:
    """How long it waits for more of the same."""
    if message.album is not None:
        return timedelta(seconds=policy(uow.session, "album_seconds"))
    if message.from_staff:
        return None
    window = timedelta(seconds=policy(uow.session, "burst_seconds"))
    lately = select(Message.id).where(
        Message.ticket_id == message.ticket_id,
        col(Message.from_staff).is_(False),
        col(Message.sent_at) >= message.sent_at - window,
    )
    many = policy(uow.session, "burst_messages")
    return window if len(uow.session.exec(lately.limit(many)).all()) >= many else None


def _payload(message: Message) -> dict[str, Any]:
    return {"ticket": message.ticket_id, "appeal": message.appeal_id, "from_staff": message.from_staff}


def _together(waiting: Sequence[Message]) -> list[list[Message]]:
    """Parts of one album, or lines of one person one after another, in the order they came."""
    runs: list[list[Message]] = []
    for message in waiting:
        before = runs[-1][-1] if runs else None
        if (
            before is not None
            and before.person_id == message.person_id
            and (before.album, before.chat_id) == (message.album, message.chat_id)
            and (message.album is not None or before.kind == message.kind == "text")
        ):
            runs[-1].append(message)
        else:
            runs.append([message])
    return runs
