"""A card that is longer than one message: each part has a message of its own, and a newer state edits part by part."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.messaging.messengers import BotId
from bot.messaging.outgoing.models import Card, Outbox, part_key, whole_of
from bot.messaging.outgoing.outbox import put

PARTS = "_parts"  # of a call's parameters: how many messages the card has in this state
MOST = 12  # parts that any card can have: a screen is some 30 000 characters at most


def shown_in(session: Session, bot: BotId, chat_id: int, card_key: str) -> dict[str, int]:
    """The messages of a chat that show the card, by the keys of its parts."""
    return {card.card_key: card.message_id for card in _parts(session, bot, chat_id, card_key, 0)}


def keys_of_parts(card_key: str) -> list[str]:
    """The keys that any part of a card can have."""
    return [part_key(card_key, place) for place in range(MOST)]


def as_parts(card_key: str | None, count: int) -> list[tuple[str | None, dict[str, int]]]:
    """For each of the messages that show something: its key and what it says of itself; nothing of what is no card."""
    if card_key is None:
        return [(None, {})] * count
    return [(part_key(card_key, place), {PARTS: count}) for place in range(count)]


def drop_surplus(session: Session, row: Outbox, now: datetime) -> None:
    """What an earlier, longer state of the card has left in its chat goes, once the newer state stands."""
    if row.card_key is None or row.chat_id is None or PARTS not in row.params:
        return
    for card in _parts(session, row.bot, row.chat_id, whole_of(row.card_key), row.params[PARTS]):
        params = {"chat_id": row.chat_id, "message_id": card.message_id}
        put(session, row.bot, "deleteMessage", params, now, chat_id=row.chat_id)
        session.delete(card)


def _parts(session: Session, bot: BotId, chat_id: int, card_key: str, since: int) -> Sequence[Card]:
    """The parts of a card in a chat from this place on."""
    return session.exec(
        select(Card).where(
            Card.messenger == bot.messenger,
            Card.bot_id == bot.number,
            Card.chat_id == chat_id,
            col(Card.card_key).in_(keys_of_parts(card_key)[since:]),
        )
    ).all()
