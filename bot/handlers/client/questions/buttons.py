"""Buttons of answers, suggestions and what happened to an appeal."""

from bot.handlers.client.drafting.presses import JoinTicket, StartDraft, StartUrgent
from bot.handlers.client.questions.presses import (
    ArticleStep,
    BringBack,
    Helped,
    NewQuestion,
    NotThese,
    ShowArticle,
    WantHuman,
)
from bot.handlers.client.questions.screens import (
    Answer,
    AnswerStep,
    AppealGoesOn,
    CodeUnknown,
    FileReceived,
    InDanger,
    InHaste,
    NothingAsked,
    ProblemOfMessage,
    Suggestions,
)
from bot.handlers.client.several.presses import DraftProblem
from bot.handlers.client.tariffs.presses import ComparePlans
from bot.telegram.showing.keyboards import Button, Keyboard, buttons
from bot.tickets.intake.appeals import AppealClosed, AppealSilent

WORTH_STEPS = 3


@buttons("kb/article")
def article(_lang: str, answer: Answer) -> Keyboard:
    showing = answer.feedback_id
    by_steps = [Button("kb.by_steps", ArticleStep(feedback=showing, number=0))] if answer.steps >= WORTH_STEPS else []
    return Keyboard(
        [
            by_steps,
            [
                Button("kb.helped", Helped(feedback=showing, yes=1)),
                Button("kb.not_helped", Helped(feedback=showing, yes=0)),
            ],
            [Button("kb.tariffs", ComparePlans(company=0))] if "tariffs" in answer.actions else [],
            _ways_on(answer.appeal_id, answer.problem),
        ]
    )


@buttons("kb/step")
def step(_lang: str, shown: AnswerStep) -> Keyboard:
    """The last step that did not help means that the article did not."""
    following, showing = shown.number + 1, shown.feedback_id
    last = following >= shown.steps
    onward = Helped(feedback=showing, yes=0) if last else ArticleStep(feedback=showing, number=following)
    return Keyboard(
        [
            [Button("kb.helped", Helped(feedback=showing, yes=1)), Button("kb.step_done", onward)],
            _ways_on(shown.appeal_id, shown.problem),
        ]
    )


@buttons("kb/suggest")
def suggest(_lang: str, of: Suggestions) -> Keyboard:
    appeal_id = of.appeal_id
    rows = [[Button(text=row.title, press=ShowArticle(appeal=appeal_id, article=row.id))] for row in of.found]
    return Keyboard([*rows, [Button("kb.not_these", NotThese(appeal=appeal_id))], _ways_on(appeal_id)])


@buttons("kb/more")
def more(_lang: str, about: NothingAsked) -> Keyboard:
    return Keyboard([_ways_on(about.appeal_id)])


@buttons("kb/none", "kb/offer_human", "kb/not_helped", "kb/code_unknown", "appeal/received")
def ways_on(_lang: str, about: AppealGoesOn | CodeUnknown | FileReceived) -> Keyboard:
    into = [
        [Button("kb.to_ticket", JoinTicket(appeal=about.appeal_id, ticket=each.id), values={"number": each.number})]
        for each in about.tickets
    ]
    problem = about.problem if isinstance(about, AppealGoesOn) else None
    return Keyboard([*into, _ways_on(about.appeal_id, problem)])


@buttons("kb/danger", "kb/urgent")
def urgent_way(_lang: str, about: InDanger | InHaste) -> Keyboard:
    human = Button("kb.human", WantHuman(appeal=about.appeal_id))
    if not about.appeal_id:
        return Keyboard([[human]])
    return Keyboard([[Button("kb.urgent", StartUrgent(appeal=about.appeal_id)), human]])


@buttons("appeal/silence", "appeal/closed")
def brought_back(_lang: str, ended: AppealSilent | AppealClosed) -> Keyboard:
    return Keyboard([[Button("kb.still_needed", BringBack(appeal=ended.appeal_id))]])


@buttons("appeal/added")
def added(_lang: str, about: AppealGoesOn) -> Keyboard:
    return Keyboard([[Button("kb.new_question", NewQuestion(appeal=about.appeal_id))]])


def _ways_on(appeal_id: int, problem: ProblemOfMessage | None = None) -> list[Button]:
    of_one = DraftProblem(said=problem.message_id, part=problem.number) if problem is not None else None
    return [
        Button("kb.ticket", of_one or StartDraft(appeal=appeal_id)),
        Button("kb.human", WantHuman(appeal=appeal_id)),
    ]
