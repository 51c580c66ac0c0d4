"""Delivery: takes rows from the outbox, has them sent, and writes down what became of each.

Messenger-independent: a `Sender` makes the call and answers with an `Outcome`. One transaction per round both
writes the outcomes of what finished and claims what is next, so a busy bot commits once for many sends.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from time import monotonic

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.db.trouble import lost_race, storage_trouble
from bot.db.unit_of_work import Office
from bot.messaging import metrics
from bot.messaging.alarms import alarm_of_send, raise_alarm
from bot.messaging.messengers import chat_key
from bot.messaging.outgoing import cards, doubts, outbox, receipts, uploads
from bot.messaging.outgoing.models import Blob, Outbox, OutboxState, whole_of
from bot.messaging.outgoing.outcomes import (
    Later,
    Moved,
    Outcome,
    Parcel,
    Refused,
    Resend,
    Sender,
    Sent,
    TopicMade,
    Unknown,
)
from bot.messaging.outgoing.outlived import StillHears, anybody, outlived
from bot.messaging.outgoing.workers import Worker
from bot.messaging.runner import Bell, Lull, Runner
from bot.messaging.timers import set_timer

log = structlog.get_logger()

TROUBLE_PAUSE = 1.0
SWEEP_EVERY = 1.0
GATHER = 0.01
LONGEST_PAUSE = timedelta(seconds=30)  # between two tries of what did not leave


@dataclass(slots=True)
class Delivery:
    """One delivery loop; several processes may run one each over PostgreSQL."""

    office: Office
    sender: Sender
    outgoing: Bell
    patience: doubts.PatienceNow
    still_hears: StillHears = anybody
    at_once: int = 8
    look_every: float = 0.1
    probe_every: float = 2.0  # seconds between two questions whether the messenger is back
    drain_seconds: float = 8.0  # how long sends under way are waited for when the process stops
    _waiting: dict[int, float] = field(default_factory=dict)
    _all_wait_until: float = 0.0
    _in_doubt: bool = False
    _swept: float = 0.0
    _worker: Worker = field(init=False)
    _lull: Lull = field(init=False)

    def __post_init__(self) -> None:
        self._lull = Lull(0.25 if self.office.database.is_sqlite else self.look_every)
        self._worker = Worker(self.office.database)

    def start(self, runner: Runner) -> None:
        runner.on_stop(self.outgoing.ring)
        runner.async_thread("delivery", lambda: self.run(runner))

    async def run(self, runner: Runner) -> None:
        """Until the runner stops; sends under way are finished first, or left as of unknown result."""
        try:
            await self._carry(runner)
        finally:
            await self.sender.close()

    async def _carry(self, runner: Runner) -> None:
        woken = self.outgoing.async_listener()
        flying: dict[asyncio.Task[Outcome], Parcel] = {}
        landed: list[tuple[Parcel, Outcome]] = []
        drained_by = inf
        async with asyncio.TaskGroup() as group:
            while True:
                stopping = runner.stopping.is_set()
                if stopping and not flying and not landed:
                    self._worker.gone()
                    return
                if stopping:
                    drained_by = min(drained_by, monotonic() + self.drain_seconds)
                if monotonic() >= drained_by:
                    landed += _abandoned(flying)
                if self._in_doubt and not stopping and monotonic() >= self._all_wait_until:
                    await self._clear_doubt(runner)
                known = {parcel.row.id for parcel in (*flying.values(), *(parcel for parcel, _ in landed))}
                try:
                    parcels = self._round(landed, known, room=0 if stopping else self.at_once - len(flying))
                except SQLAlchemyError as error:
                    mend = storage_trouble(error)
                    if mend is not None:
                        log.error("database_trouble", loop="delivery", mend=mend)
                        self._worker.gone()
                        self._swept = 0.0
                    elif lost_race(error):
                        log.warning("round_again", loop="delivery", error=type(error).__name__)
                    else:
                        raise
                    # What landed is kept, and written down in the next round.
                    await asyncio.sleep(TROUBLE_PAUSE)
                    continue
                landed = []
                for parcel in parcels:
                    flying[group.create_task(self._send(parcel))] = parcel
                landed = await self._next_landed(flying, woken, pause=self._pause(bool(parcels)))

    async def _clear_doubt(self, runner: Runner) -> None:
        """After an unknown result nothing is sent until the messenger answers: an outage costs one repeat, not many."""
        if await runner.until_stopped(self.sender.alive()):
            self._in_doubt = False
        else:
            self._all_wait_until = monotonic() + self.probe_every

    def _pause(self, busy: bool) -> float:
        if busy:
            self._lull.over()
            return 0.0
        return self._lull.next(*self._waiting.values(), self._all_wait_until)

    async def _next_landed(
        self, flying: "dict[asyncio.Task[Outcome], Parcel]", woken: asyncio.Event, pause: float
    ) -> list[tuple[Parcel, Outcome]]:
        """Wait for a send to end or for something new to send."""
        if flying:
            done, others = await asyncio.wait(flying, timeout=pause or 0.05, return_when=asyncio.FIRST_COMPLETED)
            if done and others:
                # Those that land a moment later are written down with it, in one transaction.
                done |= (await asyncio.wait(others, timeout=GATHER))[0]
            return [(flying.pop(task), task.result()) for task in done]
        if pause:
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), pause)
                self._lull.over()
                woken.clear()
        return []

    async def _send(self, parcel: Parcel) -> Outcome:
        try:
            return await self.sender.send(parcel)
        except Exception as error:
            # A bug in one message must not stop the others: it is set aside like a refused one.
            log.error("send_failed", outbox_id=parcel.row.id, method=parcel.row.method, error=type(error).__name__)
            return Refused(f"{type(error).__name__} while sending")

    def _round(self, landed: list[tuple[Parcel, Outcome]], known: set[int], room: int) -> list[Parcel]:
        now_mono = monotonic()
        self._waiting = {chat_id: until for chat_id, until in self._waiting.items() if until > now_mono}
        if not self._may_send():
            room = 0
        if not landed and room <= 0:
            return []
        self._worker.show_alive()
        with self.office.work() as uow:
            if now_mono >= self._swept:
                self._worker.release_dead(uow.session)
                self._worker.give_back(uow.session, known)
                self._swept = now_mono + SWEEP_EVERY
            self._write_down(uow.session, landed, uow.now)
            if room <= 0 or not self._may_send():  # what landed may have told of an outage
                return []
            leaving: list[Outbox] = []
            for row in outbox.due(uow.session, self.sender.messenger, uow.now, list(self._waiting), room):
                if outlived(uow.session, row, uow.now, self.still_hears):
                    outbox.take_back(uow.session, row, uow.now)
                elif (wait := self.sender.wait_for(row)) > 0:
                    if row.chat_id is not None:
                        self._waiting[row.chat_id] = monotonic() + wait
                else:
                    leaving.append(row)
            outbox.lease(uow.session, leaving, uow.now, self._worker.id)
            return [_parcel(uow.session, row) for row in leaving]

    def _may_send(self) -> bool:
        return not self._in_doubt and monotonic() >= self._all_wait_until

    def _write_down(self, session: Session, landed: list[tuple[Parcel, Outcome]], now: datetime) -> None:
        plain: list[tuple[Outbox, int | None]] = []
        for parcel, outcome in landed:
            metrics.sends.labels(parcel.row.method, type(outcome).__name__.lower()).inc()
            row = parcel.row
            noted = row.card_key is not None or not {receipts.WANTED, outbox.PROBE}.isdisjoint(row.params)
            if isinstance(outcome, Sent) and not noted and not outcome.files:
                plain.append((row, outcome.message_id))
                if outcome.message_id is not None:
                    ids = outcome.message_ids or (outcome.message_id,)
                    receipts.remember_copies(session, row, row.chat_id or 0, ids)
            else:
                self._settle(session, parcel, outcome, now)
        outbox.arrived(session, plain, now)
        session.flush()

    def _settle(self, session: Session, parcel: Parcel, outcome: Outcome, now: datetime) -> None:
        row = session.merge(parcel.row)
        chat = row.chat_id or 0
        match outcome:
            case Sent(message_id, thread_id, files, message_ids):
                row.state = OutboxState.SENT
                row.sent_at = now
                row.message_id = message_id
                if message_id is not None:
                    outbox.remember_card(session, row, chat, message_id, thread_id)
                    receipts.remember_copies(session, row, chat, message_ids or (message_id,))
                cards.drop_surplus(session, row, now)
                receipts.receipt_wanted(session, row, now)
                if outbox.PROBE in row.params:
                    outbox.mark_reachable(session, row.bot, chat)
                    about = {"messenger": row.messenger.value, "bot": row.bot_id, "chat": chat}
                    set_timer(session, chat_key(outbox.BACK, row.chat), outbox.BACK, now, **about)
                if files:
                    uploads.keep_uploads(session, row.bot, files)
            case Later():
                self._hold(session, row, outcome, now)
            case Unknown(reason):
                self._in_doubt = True
                doubts.repeat_later(session, row, reason, now, self.patience(session))
            case Refused(reason) if outbox.PROBE in row.params:
                row.state, row.error = OutboxState.REFUSED, reason[:300]
            case Refused(reason, chat_gone, harmless):
                row.state = OutboxState.REFUSED
                row.error = reason[:300]
                log.warning("send_refused", outbox_id=row.id, method=row.method, harmless=harmless, chat_gone=chat_gone)
                receipts.receipt_wanted(session, row, now)
                if chat_gone and row.chat_id is not None:
                    outbox.mark_unreachable(session, row.bot, row.chat_id, reason, now)
                if harmless:  # a part that says the same as before
                    cards.drop_surplus(session, row, now)
                else:
                    kind = "unreachable" if chat_gone else "refused"
                    alarm_of_send(session, row, kind, now, reason=reason[:300])
            case Moved(chat_id):
                row.state = OutboxState.NEW
                outbox.move_chat(session, row.bot, chat, chat_id)
                about = {"messenger": row.messenger.value, "old": chat, "new": chat_id}
                set_timer(session, chat_key("chat_moved", row.chat), "chat_moved", now, **about)
                raise_alarm(session, "chat_moved", now, old=chat, new=chat_id)
            case TopicMade(thread_id):
                row.state = OutboxState.NEW
                outbox.keep_topic(session, row.bot, chat, row.params["_topic"], thread_id)
            case Resend():
                _prepare_again(session, row, parcel, outcome, now)

    def _hold(self, session: Session, row: Outbox, later: Later, now: datetime) -> None:
        row.state = OutboxState.NEW
        row.error = later.reason
        if later.offline:
            self._in_doubt = True
        if later.seconds is None:
            # Ever longer, up to a limit: it did not leave, so it can't come twice.
            doublings = min(max(row.attempts - row.repeats - 1, 0), 10)
            pause = min(self.patience(session).first_wait * (1 << doublings), LONGEST_PAUSE)
        else:
            pause = timedelta(seconds=later.seconds)
        if later.everywhere:
            self._all_wait_until = monotonic() + pause.total_seconds()
        else:
            row.held_until = now + pause
            self._lull.look_in(pause.total_seconds())


def _abandoned(flying: "dict[asyncio.Task[Outcome], Parcel]") -> list[tuple[Parcel, Outcome]]:
    """Sends that no answer came to before the process had to go."""
    for task in flying:
        task.cancel()
    left: list[tuple[Parcel, Outcome]] = [(parcel, Unknown("stopped before the answer")) for parcel in flying.values()]
    flying.clear()
    return left


def _prepare_again(session: Session, row: Outbox, parcel: Parcel, gone: Resend, now: datetime) -> None:
    """Forget what is not there any more, so that the next try goes another way."""
    chat, key = row.chat_id or 0, row.params.get("_topic")
    row.state = OutboxState.NEW
    if gone.forget_card and row.card_key:
        outbox.forget_card(session, row.bot, chat, row.card_key)
    if gone.forget_card:
        row.params = {k: v for k, v in row.params.items() if k != "message_id"}
    if gone.forget_topic and key is not None:
        outbox.keep_topic(session, row.bot, chat, key, None)
        if whole_of(row.card_key or "") != key:  # the card was in that topic: the new one gets it again
            outbox.forget_card(session, row.bot, chat, key)
            set_timer(session, f"{outbox.CARD_ANEW}:{key}", outbox.CARD_ANEW, now, card=key)
    if gone.forget_files:
        uploads.forget_uploads(session, row.bot, parcel.files)
    if gone.outside_topics:
        row.params = {k: v for k, v in row.params.items() if k not in {"_topic", "message_thread_id"}}


def _parcel(session: Session, row: Outbox) -> Parcel:
    chat = row.chat_id or 0
    card = outbox.card_message(session, row.bot, chat, row.card_key) if row.card_key else None
    topic_key = row.params.get("_topic")
    thread = outbox.topic_of(session, row.bot, chat, topic_key) if topic_key else None
    blobs: dict[int, tuple[str, bytes]] = {}
    wanted = row.params.get("_blobs", ())
    files = uploads.uploaded(session, row.bot, wanted) if wanted else {}
    for blob_id in wanted:
        if blob_id not in files and (blob := session.get(Blob, blob_id)):
            blobs[blob_id] = (blob.filename, blob.content)
    corrected = row.params.get(outbox.CORRECTS)
    edited = outbox.arrived_as(session, corrected) if corrected else card.message_id if card else None
    return Parcel(row, edited, thread, blobs, files)
