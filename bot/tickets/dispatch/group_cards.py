"""The cards of the group of staff when it can't be written to, and when it can again.

Nothing that the group was to be told is lost: it goes to dispatchers in private, and once the group is back its open
tickets and appeals are shown there anew with their present state, those that it has brought up to date.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from bot.clients.audiences import Dispatchers
from bot.clients.models import StaffChat
from bot.clients.policy import policy
from bot.db.locks import lock
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import BotId, ChatId, chat_key, messenger_in
from bot.messaging.outgoing import outbox
from bot.messaging.outgoing.models import Outbox, OutboxState, whole_of
from bot.messaging.timers import drop_timer, set_timer, want_timer
from bot.tickets.bill.card import card_key_of, show_dispatch_again
from bot.tickets.intake.triage import show_in_triage
from bot.tickets.life.models import Appeal, AppealEnd, Ticket, TicketState

PROBE, LOST_CALL = "probe_group", "lost_call"
_MANY = timedelta(seconds=1)
OVER = (TicketState.CLOSED, TicketState.CANCELLED)
_TOLD = "_told"  # of a refused call: it went to people instead
# Open tickets: what is urgent first, then the oldest.
_OPEN = select(Ticket.id).where(col(Ticket.state).not_in(OVER)).order_by(col(Ticket.emergency).desc(), col(Ticket.id))


def group_lost(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer `group_lost`: what the group refused goes to dispatchers in private, each call in a transaction of its own;
    now and then the group is asked again."""
    bot, chat_id = _bot(payload), payload["chat"]
    if uow.session.get(StaffChat, _chat(payload)) is None or outbox.unreachable(uow.session, bot, chat_id) is None:
        return
    since = uow.now - timedelta(minutes=policy(uow.session, "group_lost_minutes"))
    for number, row_id in enumerate(outbox.refused_in(uow.session, bot, chat_id, since)):
        want_timer(uow.session, f"{LOST_CALL}:{row_id}", LOST_CALL, _in_turn(uow, number), row=row_id)
    _probe_later(uow, payload)


def lost_call(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer `lost_call`: one call that a group refused goes to dispatchers in private, once; a card as it is now."""
    row = lock(uow.session, Outbox, int(payload["row"]))
    if row is None or row.state is not OutboxState.REFUSED or _TOLD in row.params or outbox.PROBE in row.params:
        return
    row.params = {**row.params, _TOLD: True}
    if row.card_key is not None and row.card_key.partition(":")[0] in ("ticket", "triage"):
        key = whole_of(row.card_key)
        want_timer(uow.session, f"{outbox.CARD_ANEW}:{key}", outbox.CARD_ANEW, uow.now, card=key)
    elif row.method.startswith("send"):
        _to_people(uow, row)


def group_back(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """The group can be written to again (timer `group_back`, or Telegram says so): its cards as they are now, each in a
    transaction of its own."""
    if uow.session.get(StaffChat, _chat(payload)) is None:
        return
    drop_timer(uow.session, chat_key(PROBE, _chat(payload)), uow.now)
    waiting = select(Appeal.id).where(Appeal.end == AppealEnd.TRIAGE, col(Appeal.triage_done_at).is_(None))
    keys = [f"ticket:{number}" for number in uow.session.exec(_OPEN).all()]
    keys += [f"triage:{number}" for number in uow.session.exec(waiting.order_by(col(Appeal.id))).all()]
    for number, key in enumerate(keys):
        want_timer(uow.session, f"{outbox.CARD_ANEW}:{key}", outbox.CARD_ANEW, _in_turn(uow, number), card=key)


def topics_back(uow: UnitOfWork, bot: BotId, chat_id: int) -> None:
    """The bot may make topics again: cards of open tickets that stand outside go, to be sent into theirs."""
    still_open = {card_key_of(ticket_id) for ticket_id in uow.session.exec(_OPEN).all()}
    for card in outbox.cards_outside_topics(uow.session, bot, chat_id):
        if whole_of(card.card_key) in still_open:
            params = {"chat_id": chat_id, "message_id": card.message_id}
            outbox.put(uow.session, bot, "deleteMessage", params, uow.now, chat_id=chat_id)
            outbox.forget_card(uow.session, bot, chat_id, card.card_key)


def probe_group(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer `probe_group`: ask a lost group whether it can be written to by now."""
    lost = outbox.unreachable(uow.session, _bot(payload), payload["chat"]) is not None
    if lost and uow.session.get(StaffChat, _chat(payload)) is not None:
        outbox.probe(uow.session, _bot(payload), payload["chat"], uow.now)
        _probe_later(uow, payload)


def show_card(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer `card_anew`: one card by its key, where it is to be seen now."""
    kind, _, number = payload["card"].partition(":")
    if kind == "triage" and (appeal := uow.session.get(Appeal, int(number))) is not None:
        show_in_triage(uow, appeal)
    elif kind == "ticket" and (ticket := uow.session.get(Ticket, int(number))) is not None:
        show_dispatch_again(uow, ticket)


def _in_turn(uow: UnitOfWork, number: int) -> datetime:
    """When the timer of one of many is due, which are all due now, so that they are taken in order."""
    return uow.now - _MANY + timedelta(microseconds=number)


def _to_people(uow: UnitOfWork, row: Outbox) -> None:
    """The same call to each dispatcher."""
    place = ("chat_id", "message_thread_id", "_topic", "_topic_name", _TOLD)
    said = {name: value for name, value in row.params.items() if name not in place}
    for address in Dispatchers().addresses(uow.session):
        if address.messenger != row.messenger:
            continue  # the call is in the words of one messenger
        params, chat = {"chat_id": address.chat_id, **said}, address.chat_id
        outbox.put(uow.session, row.bot, row.method, params, uow.now, chat_id=chat, carries=row.carries)


def _probe_later(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    pause = timedelta(minutes=policy(uow.session, "group_probe_minutes"))
    set_timer(uow.session, chat_key(PROBE, _chat(payload)), PROBE, uow.now + pause, **payload)


def _chat(payload: dict[str, Any]) -> ChatId:
    return ChatId(messenger_in(payload), payload["chat"])


def _bot(payload: dict[str, Any]) -> BotId:
    return BotId(messenger_in(payload), payload["bot"])
