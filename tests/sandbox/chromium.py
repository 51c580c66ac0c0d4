"""A headless Chromium, driven by its DevTools protocol: open a page, ask it, take its picture.

`python -m tests.sandbox.chromium URL FILE.png` takes the picture of a running page.
"""

import asyncio
import base64
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
START_TRIES = 150


@dataclass
class Page:
    """One tab."""

    socket: aiohttp.ClientWebSocketResponse
    _asked: int = field(default=0)

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the protocol."""
        self._asked += 1
        await self.socket.send_json({"id": self._asked, "method": method, "params": params})
        while True:
            answer = await self.socket.receive_json(timeout=20)
            if answer.get("id") == self._asked:
                return dict(answer.get("result", {}))

    async def value(self, expression: str) -> Any:
        """What a script gives."""
        found = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        return found["result"].get("value")

    async def until(self, expression: str, tries: int = 100) -> None:
        """Wait until a script gives something true. Raises AssertionError."""
        for _ in range(tries):
            if await self.value(expression):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"never true: {expression}; the page says: {await self.value('document.body.innerText')}")

    async def picture(self) -> bytes:
        """The visible page as a PNG."""
        return base64.b64decode((await self.call("Page.captureScreenshot", format="png"))["data"])


@asynccontextmanager
async def opened(url: str, width: int = 1560, height: int = 900) -> AsyncIterator[Page]:
    """A page in a browser of its own."""
    assert PROGRAM is not None, "Chromium is not installed"
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as folder:
        browser = await asyncio.create_subprocess_exec(
            PROGRAM,
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--lang=ru"),
            *("--remote-debugging-port=0", f"--user-data-dir={folder}", f"--window-size={width},{height}", url),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            port, number = Path(folder, "DevToolsActivePort"), ""
            for _ in range(START_TRIES):
                if number := _port(port):
                    break
                await asyncio.sleep(0.1)
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{number}/json") as answer:
                    tabs = await answer.json()
                tab = next(each for each in tabs if each["type"] == "page")
                async with session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                    yield Page(socket)
        finally:
            browser.kill()
            await browser.wait()


def _port(file: Path) -> str:
    """The port that the browser chose, empty until it has."""
    return (file.read_text().split() or [""])[0] if file.exists() else ""


async def main(url: str, file: str) -> None:
    """Take a picture once every phone shows something."""
    async with opened(url) as page:
        await page.until("document.querySelectorAll('.phone .bubble').length > 20")
        await page.until("document.fonts.status === 'loaded' && [...document.images].every(image => image.complete)")
        await asyncio.to_thread(Path(file).write_bytes, await page.picture())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
