"""What every chat of the demo shows when its story is over: `docs/demo.md`, message by message.

`python -m tests.builders.demo_chats` writes the file anew; the story's test holds it current on both databases.
"""

import asyncio
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.app import App
from bot.demo.house import until_quiet
from bot.demo.stage import PATIENCE, Actor, Stage, plain
from bot.demo.story import play
from bot.sandbox.client import BotHandle, Group, NotPossibleError, Seen
from bot.sandbox.server import serve_in_thread

PAGE = Path(__file__).resolve().parents[2] / "docs" / "demo.md"
HEAD = """# Что показывает демо

Все чаты после истории, которую играет `make demo`: каждое сообщение в последнем виде, кнопки в скобках.
Страница сделана самой историей (`python -m tests.builders.demo_chats`), и тест следит, чтобы она не отставала.
"""
# Real minutes pass while the story plays.
PASSING = re.compile(r"\d+ мин, от «начал»")


async def page(stage: Stage, app: App) -> str:
    """The page of a story played on `stage`; what a first morning brings came before its people, and nothing is due."""
    await until_quiet(app, stage.bot, PATIENCE, timers=True)
    await play(stage)
    await until_quiet(app, stage.bot, PATIENCE, timers=True)
    parts = [HEAD]
    for actor in stage.actors:
        parts += await _chat(actor, stage.bot, f"{actor.name}, {actor.about}")
    member = next((actor for actor in stage.actors if actor.in_group), None)
    if stage.group is not None and member is not None:
        parts += await _chat(member, stage.group, stage.group.title)
    return "\n".join(parts)


async def _chat(actor: Actor, peer: BotHandle | Group, title: str) -> Sequence[str]:
    try:
        shown = await actor.person.sees(peer)
    except NotPossibleError:
        return ()  # never opened the bot
    lines = [line for each in shown if each.kind != "service" for line in _message(each)]
    return f"## {title}\n", "```text", *lines[:-1], "```\n"


def _message(shown: Seen) -> Iterator[str]:
    """Author and words, a line of buttons a row, a blank line."""
    yield f"{shown.author}: " + PASSING.sub("1 мин, от «начал»", plain(shown.text or f"({shown.kind})"))
    yield from (" ".join(f"[{plain(label)}]" for label in row) for row in shown.buttons or shown.keyboard or [])
    yield ""


async def _write() -> None:
    from tests.story.conftest import housed

    with serve_in_thread() as server, tempfile.TemporaryDirectory() as folder:
        async with housed(server, f"sqlite:///{folder}/demo.db") as (stage, app):
            PAGE.write_text(await page(stage, app), "utf-8")


if __name__ == "__main__":
    asyncio.run(_write())
