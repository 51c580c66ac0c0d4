"""Puts an update through to the conversations that may want it, without asking the others."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from aiogram import Router
from aiogram import filters as aiogram_filters
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.filters.callback_data import CallbackQueryFilter
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.handlers.common.filters import Label, Speech
from bot.handlers.common.recording import is_menu

_SEPARATOR = ":"  # of aiogram's callback data


class Switchboard(Router):
    """Routers in their order; it has no handlers of its own. To be filled before the first update.

    A press is offered to those that have its kind, a word of the menu or a command to those that listen for it, or
    for more than speech. Asking everybody costs as much as the act itself: a hundred and fifty kinds of presses say
    no one after the other, each by an exception.
    """

    async def propagate_event(self, update_type: str, event: TelegramObject, **kwargs: Any) -> Any:
        """As aiogram's, over fewer routers."""
        for router in self._wanting(event):
            response = await router.propagate_event(update_type=update_type, event=event, **kwargs)
            if response is not UNHANDLED:
                return response
        return UNHANDLED

    def _wanting(self, event: TelegramObject) -> Iterable[Router]:
        if isinstance(event, CallbackQuery):
            return self._by_press.get((event.data or "").partition(_SEPARATOR)[0], self._of_any_press)
        if isinstance(event, Message) and event.text is not None and is_menu(event.text):
            return self._by_word.get(event.text, self._of_commands)
        return self.sub_routers

    @cached_property
    def _by_press(self) -> dict[str, list[Router]]:
        """By prefix."""
        wanted = {router: {_prefix(handler) for handler in _handlers(router, "callback_query")} for router in self._all}
        prefixes = set().union(*wanted.values()) - {None}
        return {
            prefix: [router for router in self._all if not wanted[router].isdisjoint({prefix, None})]
            for prefix in prefixes
            if prefix is not None
        }

    @cached_property
    def _of_any_press(self) -> list[Router]:
        """Those that take a press of whatever kind: nobody knows this one."""
        return [
            router
            for router in self._all
            if any(_prefix(handler) is None for handler in _handlers(router, "callback_query"))
        ]

    @cached_property
    def _by_word(self) -> dict[str, list[Router]]:
        """By a button's text, in every language."""
        labels = {router: [_label(handler) for handler in _handlers(router, "message")] for router in self._all}
        texts = {text for those in labels.values() for label in those if label is not None for text in label.texts}
        return {
            text: [
                router
                for router in self._all
                if any(label is not None and text in label.texts for label in labels[router])
                or any(_takes_words(handler) for handler in _handlers(router, "message"))
            ]
            for text in texts
        }

    @cached_property
    def _of_commands(self) -> list[Router]:
        return [
            router
            for router in self._all
            if any(_is_command(handler) or _takes_words(handler) for handler in _handlers(router, "message"))
        ]

    @property
    def _all(self) -> Sequence[Router]:
        return self.sub_routers


def _handlers(router: Router, update_type: str) -> Iterable[HandlerObject]:
    return (handler for each in router.chain_tail for handler in each.observers[update_type].handlers)


def _checks(handler: HandlerObject) -> list[Any]:
    return [each.callback for each in handler.filters or ()]


def _prefix(handler: HandlerObject) -> str | None:
    """The one kind of press that a handler takes; None: any."""
    kinds = (each.callback_data for each in _checks(handler) if isinstance(each, CallbackQueryFilter))
    return next((kind.__prefix__ for kind in kinds), None)


def _label(handler: HandlerObject) -> Label | None:
    return next((each for each in _checks(handler) if isinstance(each, Label)), None)


def _is_command(handler: HandlerObject) -> bool:
    return any(isinstance(each, aiogram_filters.Command) for each in _checks(handler))


def _takes_words(handler: HandlerObject) -> bool:
    """Whether a word of the menu may be for it, whichever it is: nothing it asks for says that it is not."""
    return not any(isinstance(each, (Speech, Label, aiogram_filters.Command)) for each in _checks(handler))
