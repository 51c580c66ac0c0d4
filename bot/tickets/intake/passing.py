"""What is said on a ticket or an appeal, carried to the other side as what it is (R1.9).

An album comes part by part with no end marker: its parts wait a moment and go together. What a person of ours said is
confirmed to them by what became of it: kept, sent, refused; nobody is told «sent» before it left.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from bot.clients.audiences import Dispatchers, Here, OurWorker, To
from bot.clients.models import Person
from bot.clients.policy import policy
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.outgoing import receipts
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.messaging.timers import want_timer
from bot.tickets.intake.said import carried, media_of, words_of
from bot.tickets.life.card import card_key_of, reachable, show
from bot.tickets.life.models import Appeal, DeliveryState, Message, Ticket
from bot.tickets.life.rights import Heard, client_of, who_hears

TIMER = "pass_on"
_STATES = {OutboxState.SENT: DeliveryState.SENT, OutboxState.REFUSED: DeliveryState.REFUSED}


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
    """Timer `pass_on`: all that waits on a ticket or appeal from one side goes, an album as one."""
    query = select(Message).where(
        Message.delivery == DeliveryState.WAITING, Message.from_staff == payload["from_staff"]
    )
    if payload["ticket"] is not None:
        query = query.where(Message.ticket_id == payload["ticket"])
    else:
        query = query.where(Message.appeal_id == payload["appeal"], col(Message.ticket_id).is_(None))
    files = False
    for together in _together(uow.session.exec(query.order_by(col(Message.id)).with_for_update()).all()):
        if together[0].from_staff:
            _to_client(uow, together)
        else:
            _to_staff(uow, together)
        files = files or any(message.kind != "text" for message in together)
    if files and payload["ticket"] is not None:
        show(uow, uow.session.get_one(Ticket, payload["ticket"]))  # the cards count its files


def take_receipt(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer `receipt`: delivery has settled a call that carries what a person of ours said; they hear how."""
    carries = payload["carries"]
    last = uow.session.get(Message, int(carries.partition(":")[2]))
    state = receipts.overall(receipts.what_became(uow.session, carries))
    if last is None or state not in _STATES:
        return
    together = [each for each in album_of(uow, last) if each.delivery is DeliveryState.KEPT and each.id <= last.id]
    if together:
        _mark(uow, together, _STATES[state])
        confirm(uow, together, [])


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
        Here(last.chat, topic, card_key=f"{carried(last)}:told"),
        "ticket/staff_written",
        urgent=True,
        ticket_id=ticket.id if ticket is not None else None,
        number=ticket.number if ticket is not None else None,
        state=(last.delivery or DeliveryState.KEPT).value,
        kinds=[message.kind for message in together],
        later=later,
        reachable=any(reachable(uow.session, reader) for reader in readers),
        heard=who_hears(uow.session, ticket) if ticket is not None else Heard(),
    )


def _to_staff(uow: UnitOfWork, together: Sequence[Message]) -> None:
    last = together[-1]
    ticket = uow.session.get_one(Ticket, last.ticket_id)
    values = said_values(uow, ticket, together)
    group = Dispatchers(topic_key=card_key_of(ticket.id), talk=True)
    uow.tell(group, "ticket/client_says", urgent=True, **values)
    if ticket.engineer_id is not None:
        uow.tell(OurWorker(ticket.engineer_id), "ticket/client_says", urgent=True, **values)
    _mark(uow, together, DeliveryState.KEPT)


def _to_client(uow: UnitOfWork, together: Sequence[Message]) -> None:
    last = together[-1]
    _mark(uow, together, DeliveryState.KEPT)
    if last.ticket_id is not None:
        ticket = uow.session.get_one(Ticket, last.ticket_id)
        values = said_values(uow, ticket, together)
        hears = client_of(uow.session, ticket)
        uow.tell(hears, "ticket/staff_says", urgent=ticket.emergency, receipt=True, **values)
    else:
        values = said_values(uow, None, together)
        uow.tell(To(_reader(uow, last)), "appeal/answer", urgent=True, receipt=True, appeal_id=last.appeal_id, **values)
    rows = receipts.what_became(uow.session, carried(last))
    if not rows:
        _mark(uow, together, DeliveryState.REFUSED)
    confirm(uow, together, rows)


def said_values(uow: UnitOfWork, ticket: Ticket | None, together: Sequence[Message]) -> dict[str, Any]:
    """What the other side reads of these messages, and what their copies carry."""
    who = uow.session.get(Person, together[0].person_id) if together[0].person_id is not None else None
    return {
        "number": ticket.number if ticket is not None else None,
        "ticket_id": ticket.id if ticket is not None else None,
        "who": who.name if who is not None else "",
        "text": words_of(together),
        "kinds": [message.kind for message in together],
        "media": media_of(together),
        "carries": carried(together[-1]),
    }


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
