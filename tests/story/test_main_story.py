"""The story that `make demo` plays, as a test: the real App over HTTP, on both databases."""

from bot.demo.stage import Stage
from bot.demo.story import play
from tests.builders.demo_chats import PAGE, page


async def test_the_main_story_holds_from_the_first_start_to_the_accepted_job(stage: Stage) -> None:
    await play(stage)
    assert await page(stage) == PAGE.read_text("utf-8"), "run: python -m tests.builders.demo_chats"
