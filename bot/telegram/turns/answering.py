"""Ways to answer with templates, inside a turn."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session

from bot.db.unit_of_work import NOTHING, Subject, UnitOfWork
from bot.messaging.incoming.models import Inbox
from bot.messaging.messengers import AccountId, ChatId
from bot.messaging.notices.subjects import about_of
from bot.messaging.notices.texts import label
from bot.messaging.outgoing import cards, outbox
from bot.messaging.outgoing.outbox import Priority
from bot.messaging.turns.turn import Turn
from bot.telegram.showing.rendering import compose, compose_file


class Somebody(Protocol):
    """A person, as far as a messenger has to know them."""

    @property
    def id(self) -> int: ...


class Speaker(Protocol):
    """Who is speaking; what they may is known above."""

    @property
    def language(self) -> str: ...

    @property
    def person(self) -> Somebody | None: ...

    def zone(self, session: Session) -> str:
        """The zone of their clocks."""
        ...


@dataclass(slots=True)
class Answering:
    """What a turn says to whoever it is about. Nothing here touches the network."""

    turn: Turn
    visitor: Speaker
    chat_id: int
    user_id: int
    thread_id: int | None = None
    pressed_message_id: int | None = None
    pressed_is_text: bool = True  # False below a file or a bill: what has no text of its own can't become a screen
    callback_id: str | None = None
    is_private: bool = True
    answered: bool = field(default=False)

    @property
    def uow(self) -> UnitOfWork:
        return self.turn.uow

    @property
    def session(self) -> Session:
        return self.turn.uow.session

    @property
    def inbox(self) -> Inbox:
        return self.turn.inbox

    @property
    def prepared(self) -> Any:
        return self.turn.prepared

    @property
    def notes(self) -> dict[str, Any]:
        return self.turn.notes

    @property
    def chat(self) -> ChatId:
        return ChatId(self.inbox.messenger, self.chat_id)

    @property
    def account(self) -> AccountId:
        return AccountId(self.inbox.messenger, self.user_id)

    @property
    def now(self) -> datetime:
        return self.turn.now

    @property
    def lang(self) -> str:
        return self.visitor.language

    def say(
        self,
        template: str,
        subject: Subject = NOTHING,
        *,
        card_key: str | None = None,
        carries: str | None = None,
    ) -> None:
        """Send a new message. `card_key` lets it be edited later from anywhere; `carries` says what a reply to it will
        be about, if that isn't the ticket that the subject tells of."""
        self._post(template, subject, card_key=card_key, carries=carries)

    def show(self, template: str, subject: Subject = NOTHING, *, carries: str | None = None) -> None:
        """Replace the pressed message by another screen; send it where nothing was pressed, or a file, which stays."""
        edit = self.pressed_message_id if self.pressed_is_text else None
        self._post(template, subject, edit=edit, carries=carries)

    def send_file(self, template: str, blob: int, subject: Subject = NOTHING) -> None:
        """Send stored bytes as a document, with the template as its caption."""
        params = compose_file(template, self.lang, subject, self.chat_id, blob, reader=self._zone)
        self._put("sendDocument", params, chat_id=self.chat_id, carries=about_of(subject))

    def close_pressed(self) -> None:
        """The pressed message keeps its words and loses its buttons: what it leads to is shown below."""
        if self.pressed_message_id is not None:
            self.call("editMessageReplyMarkup", chat_id=self.chat_id, message_id=self.pressed_message_id)

    def close_copy(self, card_key: str) -> None:
        """A press on a copy of a card (a send of unknown result was repeated): the copy loses its buttons, since only
        the card goes on from here."""
        shown = cards.shown_in(self.session, self.inbox.bot, self.chat_id, card_key).values()
        if shown and self.pressed_message_id not in shown:
            self.close_pressed()

    def alert(self, key: str, *, popup: bool = False, **values: Any) -> None:
        """Answer the press with a short text (label key); once, the rest is ignored."""
        if self.callback_id is None or self.answered:
            return
        self.answered = True
        params = {"callback_query_id": self.callback_id, "show_alert": popup}
        if key:
            params["text"] = label(key, self.lang, **values)[:200]
        self._answer("answerCallbackQuery", params)

    def answer_checkout(self, query_id: str, refusal: str = "") -> None:
        """Let a payment go on, or refuse it in words; the messenger waits ten seconds."""
        params: dict[str, Any] = {"pre_checkout_query_id": query_id, "ok": not refusal}
        if refusal:
            params["error_message"] = refusal
        self._answer("answerPreCheckoutQuery", params)

    def call(self, method: str, *, carries: str | None = None, **params: Any) -> None:
        """Queue another Bot API call in this chat's order (e.g. `sendPhoto` by file id); `carries` as of `say`."""
        self._put(method, params, chat_id=int(params.get("chat_id", self.chat_id)), carries=carries)

    def _answer(self, method: str, params: dict[str, Any]) -> None:
        """Queue what a person's app waits for: before all else, in no chat's order."""
        self._put(method, params, chat_id=None, priority=Priority.CALLBACK)

    def _post(
        self,
        template: str,
        subject: Subject,
        *,
        edit: int | None = None,
        card_key: str | None = None,
        carries: str | None = None,
    ) -> None:
        messages = compose(template, self.lang, subject, self.chat_id, self.thread_id, reader=self._zone)
        for params, (part, place) in zip(messages, cards.as_parts(card_key, len(messages)), strict=True):
            params.update(place)
            method = "sendMessage"
            if edit is not None:
                method = "editMessageText"
                params["message_id"] = edit
                params.pop("message_thread_id", None)
            edit = None
            about = carries or about_of(subject)
            self._put(method, params, chat_id=self.chat_id, card_key=part, carries=about)

    def _zone(self) -> str:
        return self.visitor.zone(self.session)

    def _put(self, method: str, params: dict[str, Any], *, chat_id: int | None, **more: Any) -> None:
        """Into the outbox, as the answer to what this turn is about."""
        inbox = self.inbox
        outbox.put(self.session, inbox.bot, method, params, self.now, chat_id=chat_id, inbox_id=inbox.id, **more)
