"""The durable outbox: what must be said, in order within a chat (design.md, promise 4)."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam, delete, exists, func, insert, or_, tuple_, update
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, UTCDateTime, col, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.db.locks import claiming, lock_where
from bot.db.plain import INSERTS, ask
from bot.messaging.messengers import BotId, ChatId, Messenger, chat_key
from bot.messaging.outgoing import doubts
from bot.messaging.outgoing.models import Card, Outbox, OutboxState, Reach, Topic, still_pending, whole_of
from bot.messaging.outgoing.receipts import receipt_wanted
from bot.messaging.timers import set_timer

CALLBACK_ANSWER_LIFE = timedelta(seconds=10)
LEASE = timedelta(seconds=90)
LOST, BACK, CARD_ANEW = "group_lost", "group_back", "card_anew"  # timers about a group of staff
PROBE = "_probe"
CORRECTS = "_corrects"  # of an edit's parameters: the row whose message is edited, whether or not it has left yet
RIGHT = "_right"  # of a call's parameters: the audience that its reader is of


class Priority(IntEnum):
    """Order between chats; within a chat it is first in, first out.

    One exception: what is talk in a group of staff gives way there to everything else (decision 11).
    """

    CALLBACK = 0
    REPLY = 1
    NOTICE = 2
    TALK = 3
    BROADCAST = 4


_REACHABLE = (
    delete(Reach)
    .where(
        col(Reach.messenger) == bindparam("messenger"),
        col(Reach.bot_id) == bindparam("bot"),
        col(Reach.chat_id) == bindparam("chat"),
    )
    .returning(col(Reach.since))
)
_UNREACHABLE = {name: insert_or(Reach).on_conflict_do_nothing() for name, insert_or in INSERTS.items()}
_PUT = insert(Outbox)


def put(
    session: Session,
    bot: BotId,
    method: str,
    params: dict[str, Any],
    now: datetime,
    *,
    chat_id: int | None,
    priority: Priority = Priority.REPLY,
    card_key: str | None = None,
    carries: str | None = None,
    not_before: datetime | None = None,
    inbox_id: int | None = None,
) -> int:
    """Add one call to the outbox of the current transaction; its row's id. `params` is what the API gets, plus `_` keys
    of ours."""
    # Not by way of the unit of work: every turn puts something, and a row of the ORM costs six times as much.
    added = session.connection().execute(
        _PUT,
        {
            "messenger": bot.messenger,
            "bot_id": bot.number,
            "lane": chat_id,
            "method": method,
            "params": params,
            "priority": int(priority),
            "card_key": card_key,
            "carries": carries,
            "state": OutboxState.NEW,
            "attempts": 0,
            "repeats": 0,
            "inbox_id": inbox_id,
            "created_at": now,
            "not_before": not_before,
            "expires_at": now + CALLBACK_ANSWER_LIFE if priority is Priority.CALLBACK else None,
        },
    )
    return int((added.inserted_primary_key or (0,))[0])


def _claimable() -> SelectOfScalar[Outbox]:
    """The first row of each chat that may leave at `now`, at `most` so many.

    In a group (below zero) talk gives way: it waits for all else, and all else waits only for talk that is under way
    or held by a limit, so that two calls never go to one chat at once.
    """
    earlier, other, now = aliased(Outbox), aliased(Outbox), bindparam("now", type_=UTCDateTime())
    talk = col(Outbox.priority) >= int(Priority.TALK)
    blocked = exists().where(
        col(earlier.messenger) == col(Outbox.messenger),
        col(earlier.chat_id) == col(Outbox.chat_id),
        col(earlier.id) < col(Outbox.id),
        still_pending(earlier),
        or_(col(earlier.not_before).is_(None), col(earlier.not_before) <= now),
        or_(col(Outbox.chat_id) >= 0, talk, col(earlier.priority) < int(Priority.TALK)),
    )
    beside = exists().where(
        col(other.messenger) == col(Outbox.messenger),
        col(other.chat_id) == col(Outbox.chat_id),
        still_pending(other),
        or_(col(other.not_before).is_(None), col(other.not_before) <= now),
        or_(
            talk & (col(other.priority) < int(Priority.TALK)),
            (col(other.priority) >= int(Priority.TALK))
            & ~talk
            & or_(col(other.state) == OutboxState.SENDING, col(other.held_until) > now),
        ),
    )
    free = or_(
        (col(Outbox.state) == OutboxState.NEW) & or_(col(Outbox.held_until).is_(None), col(Outbox.held_until) <= now),
        (col(Outbox.state) == OutboxState.SENDING) & (col(Outbox.leased_until) < now),
    )
    due = or_(col(Outbox.not_before).is_(None), col(Outbox.not_before) <= now)
    first = (
        select(Outbox)
        .where(col(Outbox.messenger) == bindparam("messenger"))
        .where(
            still_pending(), free, due, ~blocked, or_(col(Outbox.chat_id).is_(None), col(Outbox.chat_id) >= 0, ~beside)
        )
        .order_by(col(Outbox.priority), col(Outbox.id))
        .limit(bindparam("most", type_=Integer))
    )
    return claiming(first)


_CLAIM = _claimable()  # put together once: every round of delivery asks it


def drop_unsent(session: Session, chats: Sequence[ChatId], now: datetime) -> None:
    """Notices to these private chats that have not left are not told any more: their readers lost the right."""
    theirs = tuple_(Outbox.messenger, Outbox.chat_id).in_(chats)
    waiting = still_pending(), Outbox.state == OutboxState.NEW, col(Outbox.priority) >= int(Priority.NOTICE)
    for row in lock_where(session, Outbox, theirs, *waiting):
        take_back(session, row, now)
    session.flush()


def take_back(session: Session, row: Outbox, now: datetime) -> None:
    """The row is not told to its chat any more; whoever waits for word of it hears so."""
    row.state = OutboxState.EXPIRED
    receipt_wanted(session, row, now)


def due(session: Session, messenger: Messenger, now: datetime, busy: Sequence[int], limit: int) -> list[Outbox]:
    """The first pending row of each free chat of a messenger, by priority then age, locked; what is sent of them is to
    be leased.

    `busy` are lanes to leave out (chats waiting for a limit). A row whose lease ran out was being sent when
    its process died: it comes again, marked as repeated.
    """
    query, asked = _CLAIM, {"messenger": messenger, "now": now, "most": limit}
    if busy:
        query = query.where(or_(col(Outbox.chat_id).is_(None), col(Outbox.chat_id).not_in(busy)))
    rows = list(session.exec(query, params=asked).all())
    for row in rows:
        if row.state is OutboxState.SENDING:
            doubts.note(session, row, "its process ended while it was sent", now)
            row.state = OutboxState.NEW
    return rows


_LEASE = (
    update(Outbox)
    .where(col(Outbox.id).in_(bindparam("rows", expanding=True)))
    .values(
        state=OutboxState.SENDING,
        attempts=col(Outbox.attempts) + 1,
        leased_until=bindparam("until"),
        leased_by=bindparam("worker"),
    )
)
_ARRIVED = (
    update(Outbox)
    .where(col(Outbox.id) == bindparam("row"))
    .values(state=OutboxState.SENT, sent_at=bindparam("now"), message_id=bindparam("message"))
)


def lease(session: Session, rows: Sequence[Outbox], now: datetime, worker: int) -> None:
    """Give these rows to the worker, to be sent once this is committed. One statement for all, the rows follow."""
    if not rows:
        return
    until = now + LEASE
    ask(session, _LEASE, rows=[row.id for row in rows], until=until, worker=worker)
    for row in rows:
        set_committed_value(row, "state", OutboxState.SENDING)
        set_committed_value(row, "attempts", row.attempts + 1)
        set_committed_value(row, "leased_until", until)
        set_committed_value(row, "leased_by", worker)


def arrived(session: Session, sent: Sequence[tuple[Outbox, int | None]], now: datetime) -> None:
    """Write down plain messages that arrived, with the ids that the messenger gave them.

    Unread: nobody but its worker changes what a row says while it is leased.
    """
    if sent:
        rows = [{"row": row.id, "now": now, "message": message_id} for row, message_id in sent]
        session.connection().execute(_ARRIVED, rows)


def arrived_as(session: Session, row_id: int) -> int | None:
    """The message that a row became; None while it has not arrived."""
    row = session.get(Outbox, row_id)
    return row.message_id if row is not None and row.state is OutboxState.SENT else None


def overtaken(session: Session, row: Outbox) -> bool:
    """Whether a newer state of the same card has been sent, or waits, so that this one would only undo it."""
    if row.card_key is None:
        return False
    # The first part of a state stands before the others: a later one of the same card begins a newer state.
    newer = select(Outbox.id).where(
        *_of(Outbox, row.bot),
        Outbox.chat_id == row.chat_id,
        col(Outbox.card_key).in_({row.card_key, whole_of(row.card_key)}),
        col(Outbox.id) > row.id,
        col(Outbox.state).in_((OutboxState.NEW, OutboxState.SENDING, OutboxState.SENT)),
    )
    return session.exec(newer.limit(1)).first() is not None


def remember_card(session: Session, row: Outbox, chat_id: int, message_id: int, thread_id: int | None) -> None:
    """Note which message shows the card of this row."""
    if row.card_key is None:
        return
    card = session.get(Card, (*row.bot, chat_id, row.card_key))
    if card is None:
        card = Card(
            messenger=row.messenger,
            bot_id=row.bot_id,
            chat_id=chat_id,
            card_key=row.card_key,
            message_id=message_id,
            thread_id=thread_id,
        )
        session.add(card)
    else:
        card.message_id = message_id
        card.thread_id = thread_id


def card_message(session: Session, bot: BotId, chat_id: int, card_key: str) -> Card | None:
    return session.get(Card, (*bot, chat_id, card_key))


def card_chats(session: Session, card_key: str) -> frozenset[ChatId]:
    """The chats that show a card, or are about to."""
    shown = session.exec(select(Card.messenger, Card.chat_id).where(Card.card_key == card_key)).all()
    soon = session.exec(
        select(Outbox.messenger, Outbox.chat_id).where(still_pending(), Outbox.card_key == card_key)
    ).all()
    return frozenset(ChatId(Messenger(messenger), chat) for messenger, chat in (*shown, *soon) if chat is not None)


def topic_of(session: Session, bot: BotId, chat_id: int, topic_key: str) -> int | None:
    """The forum topic kept for a key, or None."""
    topic = session.get(Topic, (*bot, chat_id, topic_key))
    return topic.thread_id if topic else None


def keep_topic(session: Session, bot: BotId, chat_id: int, topic_key: str, thread_id: int | None) -> None:
    """Remember the topic of a key, or forget it (None) when the messenger says it is gone."""
    topic = session.get(Topic, (*bot, chat_id, topic_key))
    if thread_id is None:
        if topic:
            session.delete(topic)
    elif topic:
        topic.thread_id = thread_id
    else:
        topic = Topic(
            messenger=bot.messenger, bot_id=bot.number, chat_id=chat_id, topic_key=topic_key, thread_id=thread_id
        )
        session.add(topic)


def mark_unreachable(session: Session, bot: BotId, chat_id: int, reason: str, now: datetime) -> None:
    """The messenger refuses this chat: keep why; what still waits for it is set aside.

    A turn that hears of a block and a send that is refused for it come at the same moment: the first one's word holds.
    """
    unreachable_now = _UNREACHABLE[session.get_bind().dialect.name]
    named = {"messenger": bot.messenger, "bot_id": bot.number, "chat_id": chat_id}
    ask(session, unreachable_now, **named, reason=reason[:300], since=now)
    waiting = select(Outbox).where(still_pending(), *_of(Outbox, bot), Outbox.chat_id == chat_id)
    for row in session.exec(waiting.where(Outbox.state == OutboxState.NEW)).all():
        row.state, row.error = OutboxState.REFUSED, reason[:300]
        receipt_wanted(session, row, now)
    session.flush()
    if chat_id < 0:
        about = {"messenger": bot.messenger.value, "bot": bot.number, "chat": chat_id}
        set_timer(session, chat_key(LOST, ChatId(bot.messenger, chat_id)), LOST, now, **about)


def refused_in(session: Session, bot: BotId, chat_id: int, since: datetime) -> Sequence[int]:
    """Ids of what a chat was to be told since then and was not, oldest first."""
    refused = Outbox.state == OutboxState.REFUSED, col(Outbox.created_at) >= since
    query = select(Outbox.id).where(*_of(Outbox, bot), Outbox.chat_id == chat_id, *refused)
    return session.exec(query.order_by(col(Outbox.id))).all()


def probe(session: Session, bot: BotId, chat_id: int, now: datetime) -> None:
    """Ask without a word whether a group that was lost can be written to; if so, delivery sets the timer `BACK`."""
    put(session, bot, "sendChatAction", {"chat_id": chat_id, "action": "typing", PROBE: True}, now, chat_id=chat_id)


def forget_card(session: Session, bot: BotId, chat_id: int, card_key: str) -> None:
    """The card is not there any more: it is sent anew when it is next shown."""
    card = card_message(session, bot, chat_id, card_key)
    if card is not None:
        session.delete(card)
        session.flush()


def cards_outside_topics(session: Session, bot: BotId, chat_id: int) -> Sequence[Card]:
    """Cards that stand in no topic of a chat."""
    query = select(Card).where(*_of(Card, bot), Card.chat_id == chat_id, col(Card.thread_id).is_(None))
    return session.exec(query).all()


def mark_reachable(session: Session, bot: BotId, chat_id: int) -> datetime | None:
    """They wrote again; since when they were out of reach until now, None if they weren't."""
    return ask(session, _REACHABLE, messenger=bot.messenger, bot=bot.number, chat=chat_id).scalar()


def unreachable(session: Session, bot: BotId, chat_id: int) -> str | None:
    """Why this chat can't be written to, or None."""
    reach = session.get(Reach, (*bot, chat_id))
    return reach.reason if reach else None


def out_of_reach(session: Session, chats: Collection[ChatId]) -> set[ChatId]:
    """Those of the chats that can't be written to, as delivery last knew."""
    lost = select(Reach.messenger, Reach.chat_id).where(tuple_(Reach.messenger, Reach.chat_id).in_(list(chats)))
    return {ChatId(Messenger(messenger), chat) for messenger, chat in session.exec(lost).all()}


def move_chat(session: Session, bot: BotId, old: int, new: int) -> None:
    """A group became a supergroup: what waits for the old id goes to the new one."""
    waiting = session.exec(select(Outbox).where(*_of(Outbox, bot), Outbox.chat_id == old, still_pending()))
    for row in waiting:
        row.chat_id = new
        row.params = {**row.params, "chat_id": new}
    for card in session.exec(select(Card).where(*_of(Card, bot), Card.chat_id == old)).all():
        session.delete(card)  # messages of the old group can't be edited from the new one


def _of(table: type[Outbox | Card], bot: BotId) -> tuple[ColumnElement[bool], ...]:
    return col(table.messenger) == bot.messenger, col(table.bot_id) == bot.number


def oldest_pending(session: Session, now: datetime) -> datetime | None:
    """Since when the longest-waiting row could have left; what waits for the morning is not late."""
    since = func.coalesce(col(Outbox.not_before), col(Outbox.created_at))
    pending = still_pending()
    query = select(Outbox.created_at, Outbox.not_before).where(pending, since <= now).order_by(since).limit(1)
    found = session.exec(query).first()
    return (found[1] or found[0]) if found else None
