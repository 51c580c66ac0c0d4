"""Hurried lines said by people of the demo company, each to a bot that remembers nothing of the one before."""

import re
import tomllib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, update
from sqlmodel import col

from bot.app import App
from bot.demo.cast import Cast, gets_acquainted
from bot.demo.stage import Actor, Stage, plain
from bot.messaging.turns.models import Dialogue
from bot.tickets.life.models import Appeal, AppealEnd

LINES = Path(__file__).parent / "data"
MORE = {
    "anna": ("Анна Орлова", "владелец, ООО «Ромашка»", "+79002000001"),
    "oleg": ("Олег Дьяков", "должник, ООО «Кофе и точка»", "+79002000005"),
    "galina": ("Галина Пак", "должник, Пекарня «Заря»", "+79002000014"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody says, what must come in words or buttons, what must not: patterns."""

    kind: str
    by: str
    text: str
    must: Sequence[str]
    never: Sequence[str]
    after_ticket: bool

    def is_served(self, came: str) -> bool:
        return all(re.search(one, came) for one in self.must) and not any(re.search(one, came) for one in self.never)


def lines() -> Iterator[Line]:
    """All of the files, those that need no ticket first."""
    files = sorted(LINES.glob("said*.toml"))
    groups = [group for path in files for group in tomllib.loads(path.read_text("utf-8"))["said"]]
    for group in sorted(groups, key=lambda each: "prepared" in each):
        for text in filter(None, group["lines"].split("\n")):
            yield Line(
                group["kind"], group["by"], text, group.get("must", ()), group.get("never", ()), "prepared" in group
            )


async def enters(stage: Stage, cast: Cast, name: str) -> Actor:
    """A person of the cast, or one more of the demo company; acquainted unless a stranger."""
    actor: Actor = getattr(cast, name, None) or await stage.enters(*MORE[name])
    if name == "nikolay":
        await actor.starts()
        await actor.sees("номер телефона")
    else:
        await gets_acquainted(actor)
    return actor


async def says(stage: Stage, app: App, actor: Actor, line: Line) -> str:
    """All that the bot shows upon it, words and buttons."""
    forget(app)
    said = await actor.says(line.text)
    await stage.quiet()
    return "\n".join([each async for each in _came(stage, actor, said.changed)])


async def _came(stage: Stage, actor: Actor, since: int) -> AsyncIterator[str]:
    for each in await actor.person.sees(stage.bot):
        if not each.mine and each.changed > since:
            yield "\n".join([plain(each.text), *(f"[{plain(label)}]" for label in each.labels)])


def forget(app: App) -> None:
    """Dialogues and open appeals end, so that each line is the first of a talk."""
    with app.database.write() as session:
        session.exec(delete(Dialogue))
        now = app.clock()
        session.exec(update(Appeal).where(col(Appeal.end).is_(None)).values(end=AppealEnd.CLOSED, ended_at=now))
        session.exec(update(Appeal).values(joined_until=None, triage_done_at=now))
