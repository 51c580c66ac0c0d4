"""Buttons of answers, suggestions and what happened to an appeal."""

from collections.abc import Sequence
from typing import Any

from bot.handlers.client.drafting.presses import StartDraft
from bot.handlers.client.questions.presses import (
    ArticleStep,
    BringBack,
    Helped,
    NewQuestion,
    NotThese,
    ShowArticle,
    WantHuman,
)
from bot.handlers.client.tariffs.presses import ComparePlans
from bot.telegram.showing.keyboards import Button, Keyboard, buttons

WORTH_STEPS = 3


@buttons("kb/article")
def article(
    _lang: str, *, feedback_id: int, appeal_id: int, steps: int, actions: Sequence[str], **_values: Any
) -> Keyboard:
    by_steps = [Button("kb.by_steps", ArticleStep(feedback=feedback_id, number=0))] if steps >= WORTH_STEPS else []
    return Keyboard(
        [
            by_steps,
            [
                Button("kb.helped", Helped(feedback=feedback_id, yes=1)),
                Button("kb.not_helped", Helped(feedback=feedback_id, yes=0)),
            ],
            [Button("kb.tariffs", ComparePlans(company=0))] if "tariffs" in actions else [],
            _ways_on(appeal_id),
        ]
    )


@buttons("kb/step")
def step(_lang: str, *, feedback_id: int, appeal_id: int, number: int, steps: int, **_values: Any) -> Keyboard:
    """The last step that did not help means that the article did not."""
    last = number + 1 >= steps
    onward = Helped(feedback=feedback_id, yes=0) if last else ArticleStep(feedback=feedback_id, number=number + 1)
    return Keyboard(
        [
            [Button("kb.helped", Helped(feedback=feedback_id, yes=1)), Button("kb.step_done", onward)],
            _ways_on(appeal_id),
        ]
    )


@buttons("kb/suggest")
def suggest(_lang: str, *, appeal_id: int, found: Sequence[tuple[int, str, str]], **_values: Any) -> Keyboard:
    rows = [[Button(text=title, press=ShowArticle(appeal=appeal_id, article=row))] for row, _code, title in found]
    return Keyboard([*rows, [Button("kb.not_these", NotThese(appeal=appeal_id))], _ways_on(appeal_id)])


@buttons("kb/none", "kb/offer_human", "kb/not_helped", "kb/more", "appeal/received")
def ways_on(_lang: str, *, appeal_id: int, **_values: Any) -> Keyboard:
    return Keyboard([_ways_on(appeal_id)])


@buttons("appeal/silence", "appeal/closed")
def brought_back(_lang: str, *, appeal_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("kb.still_needed", BringBack(appeal=appeal_id))]])


@buttons("appeal/added")
def added(_lang: str, *, appeal_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("kb.new_question", NewQuestion(appeal=appeal_id))]])


def _ways_on(appeal_id: int) -> list[Button]:
    return [Button("kb.ticket", StartDraft(appeal=appeal_id)), Button("kb.human", WantHuman(appeal=appeal_id))]
