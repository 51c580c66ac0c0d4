"""Hurried lines of a client, a debtor, a stranger, an engineer, a dispatcher and a manager, played over the Bot API of
the sandbox to the bot as it ships, both encoders and all (R1.8, R1.10, R1.12, R1.13)."""

import asyncio
from collections import defaultdict
from contextlib import AsyncExitStack
from pathlib import Path
from time import monotonic

import pytest
from structlog.testing import capture_logs

from bot.demo.house import bot_in, demo_clock, until_quiet
from bot.demo.stage import PATIENCE, Actor, Stage
from bot.demo.transcript import Unwritten
from bot.handlers.conversations import routers
from bot.sandbox.client import SandboxClient
from bot.sandbox.server import Sandbox
from tests.builders.talk import detached
from tests.story.conftest import met
from tests.story.said import Line, enters, lines, says
from tests.story.test_words_both_ways import ticket_in_its_topic

SERVED, CALLED = 0.97, 0.98  # the goals are .90 and .97: what holds today is kept
HUMAN, MACHINE = "human", "machine"
ENCODERS = 300.0  # seconds that reading two models and encoding the base may take on a busy machine


@pytest.mark.proof
@pytest.mark.timeout(1_200)
async def test_hurried_lines_are_served(story_server: Sandbox, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        stack.enter_context(detached(routers()))
        logs = stack.enter_context(capture_logs())
        sandbox = await stack.enter_async_context(SandboxClient(story_server.url))
        bot = await sandbox.bot("Сервис-Линия")
        app = await stack.enter_async_context(bot_in(f"sqlite:///{tmp_path}/said.db", bot, demo_clock()))
        stage = Stage(sandbox, bot, Unwritten(), lambda: until_quiet(app, bot, PATIENCE))
        cast = await met(stage, "pavel", "sergey")
        until = monotonic() + ENCODERS
        while not any(each["event"] == "kb_second_look" for each in logs):
            assert monotonic() < until, "the encoders are not ready"
            await asyncio.sleep(0.5)
        actors: dict[str, Actor] = {"pavel": cast.pavel, "sergey": cast.sergey}
        missed: dict[str, list[str]] = defaultdict(list)
        played: dict[str, list[Line]] = defaultdict(list)
        ticket = False
        for line in lines():
            if line.after_ticket and not ticket:
                await ticket_in_its_topic(stage, cast)
                ticket = True
            if line.by not in actors:
                actors[line.by] = await enters(stage, cast, line.by)
            played[line.kind].append(line)
            came = await says(stage, app, actors[line.by], line)
            if not line.is_served(came):
                missed[line.kind].append(f"{line.text} ({line.by}): {came[:200]}")
    total = sum(map(len, played.values()))
    told = "\n".join(f"{kind}: {text}" for kind, texts in missed.items() for text in texts)
    assert total >= 200
    assert sum(map(len, missed.values())) <= total * (1 - SERVED), told
    assert len(missed[HUMAN]) <= len(played[HUMAN]) * (1 - CALLED), told
    assert len(missed[MACHINE]) <= len(played[MACHINE]) * 0.01, told
