"""Buttons of unanswered questions."""

from bot.answers.digest import WeeklyDigest
from bot.handlers.manager.gaps.presses import GapArticle, GapDismiss, GapList, GapOpen, GapWrite
from bot.handlers.manager.gaps.screens import ArticleOfGap, GapCard, OpenGaps
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("kb/gaps")
def gaps(_lang: str, shown: OpenGaps) -> Keyboard:
    numbers = [Button(text=str(n), press=GapOpen(miss=gap.misses[0])) for n, gap in enumerate(shown.rows, start=1)]
    turning = []
    if shown.page > 0:
        turning.append(Button("gaps.earlier", GapList(page=shown.page - 1)))
    if shown.page + 1 < shown.pages:
        turning.append(Button("gaps.further", GapList(page=shown.page + 1)))
    return Keyboard([numbers, turning])


@buttons("kb/digest")
def digest(_lang: str, _week: WeeklyDigest) -> Keyboard:
    return Keyboard([[Button("gaps.open", GapList())]])


@buttons("kb/gap")
def gap(_lang: str, card: GapCard) -> Keyboard:
    miss, near = card.miss, card.nearest
    nearest = [Button(text=f"= {near.title}", press=GapArticle(miss=miss, article=near.id))] if near else []
    return Keyboard(
        [
            nearest,
            [Button("gaps.article", GapArticle(miss=miss)), Button("gaps.write", GapWrite(miss=miss))],
            [Button("gaps.dismiss", GapDismiss(miss=miss)), Button("gaps.back", GapList())],
        ]
    )


@buttons("kb/gap_articles", "kb/gap_which")
def articles(_lang: str, of: ArticleOfGap) -> Keyboard:
    rows = [[Button(text=row.title, press=GapArticle(miss=of.miss, article=row.id))] for row in of.found]
    return Keyboard([*rows, [Button("gaps.back", GapOpen(miss=of.miss))]])
