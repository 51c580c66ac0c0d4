"""What the stories share: a ticket with its cards really written, presses in the group, what was told to whom."""

import json
from collections.abc import Callable
from typing import Any

from sqlmodel import col, select

from bot.clients.models import StaffChat
from bot.db.errors import Refusal
from bot.messaging.outgoing.models import Outbox
from bot.tickets.life.models import Ticket, TicketEvent
from tests.builders.jobs import Firm, build_firm, opened
from tests.builders.talk import Talk
from tests.conftest import NOON

GROUP = -100700


def begun(talk: Talk, *, forum: bool = False, by: str = "requester", **kind: Any) -> tuple[Firm, int]:
    """A firm and its ticket, opened in a transaction like a turn's."""
    with talk.office.work() as uow:
        firm = build_firm(uow.session, **kind)
        uow.session.add(StaffChat(chat_id=GROUP, title="Инженеры", is_forum=forum, linked_at=NOON))
        uow.session.flush()
        ticket = opened(uow, firm, by=getattr(firm, by))
        number = ticket.id
    learn(talk)
    return firm, number


def learn(talk: Talk) -> None:
    """Every button that anyone has been shown so far, the newest of each text."""
    with talk.database.read() as session:
        for call in session.exec(select(Outbox).order_by(col(Outbox.id))).all():
            for row in call.params.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    talk._buttons[call.params["chat_id"], button["text"]] = button.get("callback_data", "")


async def in_group(talk: Talk, person: int, button: str) -> str:
    """Press a button of the group's card; returns what the presser's pop-up says."""
    press = {
        "id": str(next(talk._ids)),
        "from": talk._user(talk.account(person)),
        "chat_instance": "1",
        "data": talk._buttons[GROUP, button],
        "message": {"message_id": 9, "date": 1, "chat": {"id": GROUP, "type": "supergroup"}, "text": "x"},
    }
    await talk._run(talk._store(person, [{"callback_query": press}]))
    learn(talk)
    return popups(talk)


def popups(talk: Talk) -> str:
    """Answers to the last press."""
    return " ".join(str(call.get("text", "")) for call in talk.heard if "callback_query_id" in call)


def messages_to(talk: Talk, person: int) -> list[str]:
    """Messages that the last update brought to a person; pop-ups are not among them."""
    chat = talk.account(person)
    return [call["text"] for call in talk.heard if call.get("chat_id") == chat and "text" in call]


def group_hears(talk: Talk) -> str:
    """What the dispatch group was told because of the last update."""
    return "\n".join(call["text"] for call in talk.heard if call.get("chat_id") == GROUP and "text" in call)


def refused_by(act: Callable[[], object]) -> bool:
    """Whether the act is refused to who asks."""
    try:
        act()
    except Refusal:
        return True
    return False


def all_heard(talk: Talk) -> str:
    return json.dumps(talk.heard, ensure_ascii=False)


def ticket(talk: Talk, ticket_id: int) -> Ticket:
    with talk.database.read() as session:
        return session.get_one(Ticket, ticket_id)


def events(talk: Talk, ticket_id: int) -> list[str]:
    query = select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket_id).order_by(col(TicketEvent.id))
    with talk.database.read() as session:
        return list(session.exec(query).all())
