"""The story that `make demo` plays, as a test: the real App over HTTP, on both databases."""

from bot.app import App
from bot.demo.stage import Stage
from tests.builders.demo_chats import PAGE, page


async def test_the_main_story_holds_from_the_first_start_to_the_accepted_job(house: tuple[Stage, App]) -> None:
    assert await page(*house) == PAGE.read_text("utf-8"), "run: python -m tests.builders.demo_chats"
