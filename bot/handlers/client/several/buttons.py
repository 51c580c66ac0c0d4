"""Buttons of several problems of one message."""

from bot.handlers.client.drafting.presses import StartDraft
from bot.handlers.client.questions.presses import WantHuman
from bot.handlers.client.several.presses import AnswerProblem, DraftProblem
from bot.handlers.client.several.screens import Several
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("kb/several")
def several(_lang: str, found: Several) -> Keyboard:
    """Of each its likely article and a ticket of its own; below one ticket of all, and a person."""
    rows = []
    for each in found.problems:
        where = {"said": found.message_id, "part": each.number}
        if each.article is not None:
            rows.append([Button(text=f"{each.number}. {each.article.title}", press=AnswerProblem(**where))])
        rows.append([Button("kb.problem_ticket", DraftProblem(**where), values={"number": each.number})])
    ways_on = [Button("kb.human", WantHuman(appeal=found.appeal_id))]
    if len(found.problems) > 1:
        ways_on.insert(0, Button("kb.one_ticket", StartDraft(appeal=found.appeal_id)))
    return Keyboard([*rows, ways_on])
