"""Buttons of unanswered questions."""

from collections.abc import Sequence
from typing import Any

from bot.handlers.manager.gaps.presses import GapArticle, GapDismiss, GapList, GapOpen, GapWrite
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("kb/gaps")
def gaps(_lang: str, *, rows: Sequence[dict[str, Any]], page: int, pages: int, **_values: Any) -> Keyboard:
    numbers = [Button(text=str(n), press=GapOpen(miss=row["miss"])) for n, row in enumerate(rows, start=1)]
    turning = []
    if page > 0:
        turning.append(Button("gaps.earlier", GapList(page=page - 1)))
    if page + 1 < pages:
        turning.append(Button("gaps.further", GapList(page=page + 1)))
    return Keyboard([numbers, turning])


@buttons("kb/digest")
def digest(_lang: str, **_values: Any) -> Keyboard:
    return Keyboard([[Button("gaps.open", GapList())]])


@buttons("kb/gap")
def gap(_lang: str, *, miss: int, best: tuple[int, str, str] | None, **_values: Any) -> Keyboard:
    nearest = [Button(text=f"= {best[2]}", press=GapArticle(miss=miss, article=best[0]))] if best else []
    return Keyboard(
        [
            nearest,
            [Button("gaps.article", GapArticle(miss=miss)), Button("gaps.write", GapWrite(miss=miss))],
            [Button("gaps.dismiss", GapDismiss(miss=miss)), Button("gaps.back", GapList())],
        ]
    )


@buttons("kb/gap_articles")
def articles(_lang: str, *, miss: int, found: Sequence[tuple[int, str, str]], **_values: Any) -> Keyboard:
    rows = [[Button(text=title, press=GapArticle(miss=miss, article=row))] for row, _code, title in found]
    return Keyboard([*rows, [Button("gaps.back", GapOpen(miss=miss))]])


@buttons("kb/gap_which")
def back(_lang: str, *, miss: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("gaps.back", GapOpen(miss=miss))]])
