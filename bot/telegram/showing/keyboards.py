"""Buttons that belong to templates.

A screen is a template plus, where it has buttons, a function registered under the template's name. Handlers and
notices name only the template; so the same card has the same buttons whoever shows it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aiogram.filters.callback_data import CallbackData

from bot.messaging.notices.subjects import Subject
from bot.messaging.notices.texts import label

ROOM = 36  # characters that buttons of a row have together on a phone


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: a label key with its values, and what the press carries (opaque ids only, R2.4).

    `text` replaces the label for names that come from data (an object, an article's title).
    """

    key: str = ""
    press: CallbackData | None = None
    text: str | None = None
    url: str | None = None
    values: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Rows of inline buttons."""

    rows: Sequence[Sequence[Button]]


@dataclass(frozen=True, slots=True)
class ReplyKeyboard:
    """Rows of label keys shown below the input field; `contact` is the key that asks for the phone."""

    rows: Sequence[Sequence[str]]
    contact: str | None = None
    once: bool = False


@dataclass(frozen=True, slots=True)
class RemoveKeyboard:
    """Take the reply keyboard away."""


Markup = Keyboard | ReplyKeyboard | RemoveKeyboard

_screens: dict[str, Callable[..., Markup | None]] = {}


def buttons(*templates: str) -> Callable[[Callable[..., Markup | None]], Callable[..., Markup | None]]:
    """Register the buttons of templates: `def f(lang, subject) -> Keyboard`, with the class that they name."""

    def registered(build: Callable[..., Markup | None]) -> Callable[..., Markup | None]:
        for template in templates:
            if template in _screens:
                raise ValueError(f"{template} has buttons already")
            _screens[template] = build
        return build

    return registered


def markup_of(template: str, lang: str, subject: Subject) -> dict[str, Any] | None:
    """`reply_markup` of a template as the Bot API wants it, or None."""
    build = _screens.get(template)
    built = build(lang, subject) if build else None
    match built:
        case None:
            return None
        case RemoveKeyboard():
            return {"remove_keyboard": True}
        case ReplyKeyboard():
            return {
                "keyboard": [[_reply_button(key, built.contact, lang) for key in row] for row in built.rows],
                "resize_keyboard": True,
                "one_time_keyboard": built.once,
            }
        case Keyboard():
            rows = [fit for row in built.rows for fit in _fitting([_inline_button(button, lang) for button in row])]
            return {"inline_keyboard": rows} if rows else None


def _fitting(row: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """A row as a phone has room for it: no text beside another is cut or broken."""
    fit: list[dict[str, Any]] = []
    for button in row:
        if fit and max(len(each["text"]) for each in (*fit, button)) * (len(fit) + 1) > ROOM:
            yield fit
            fit = []
        fit.append(button)
    if fit:
        yield fit


def _reply_button(key: str, contact: str | None, lang: str) -> dict[str, Any]:
    return {"text": label(key, lang)} | ({"request_contact": True} if key == contact else {})


def _inline_button(button: Button, lang: str) -> dict[str, Any]:
    text = button.text if button.text is not None else label(button.key, lang, **(button.values or {}))
    text = text if len(text) <= 60 else text[:59].rstrip() + "…"
    if button.url:
        return {"text": text, "url": button.url}
    if button.press is None:
        raise ValueError(f"button {text!r} leads nowhere")
    return {"text": text, "callback_data": button.press.pack()}
