"""Starts bots fast: a process that has imported everything, dictionaries too, and forks one child a start.

A child is a process like any other, `python -m bot run` in all but the import and a clock that stands at noon when
the soak begins; it can be killed like one.
Commands come as JSON lines on stdin: `env` and `parts` start a bot and answer its pid, `end` ends one.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from bot.db.clock import utc_now

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Nursery:
    """The parent's side. `log` collects what every bot writes."""

    log: Path
    alive: list[int] = field(default_factory=list)
    _process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Nursery":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.soak.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        for pid in list(self.alive):
            self.end(pid)
        assert self._process is not None
        self._process.kill()
        self._process.communicate()

    def start(self, env: dict[str, str], *parts: str) -> int:
        """Start a bot, or only some parts of it; returns its pid at once."""
        self.alive.append(pid := self._ask({"env": {**env, "LOG": str(self.log)}, "parts": parts}))
        return pid

    def end(self, pid: int, how: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal and wait until the process is gone; returns its exit code, negative for a signal."""
        self.alive.remove(pid)
        return self._ask({"end": pid, "signal": int(how)})

    def _ask(self, what: dict[str, Any]) -> int:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def _child(env: dict[str, str], parts: list[str]) -> None:
    from bot import logs
    from bot.app import PARTS, App
    from bot.settings import load

    os.environ.update(env)
    log = os.open(env["LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    try:
        shift = timedelta(seconds=float(os.environ.get("CLOCK_SHIFT", "0")))
        settings = load()
        logs.set_up(settings.log_format)
        app = App(settings, tuple(parts) or PARTS, clock=lambda: utc_now() + shift)
        app.heed_signals()
        app.start()
        os._exit(app.wait())
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    os._exit(70)


def _main() -> None:
    for name in ("bot.app", "bot.handlers.wiring", "bot.jobs.timers"):
        import_module(name)  # for the children
    from bot.kb.articles.article import read_articles
    from bot.kb.index.search import Index

    Index.build(read_articles(ROOT / "content" / "faq")[0])  # its dictionaries stay in memory for the children

    alive: set[int] = set()
    try:
        for line in sys.stdin:
            asked = json.loads(line)
            if "end" in asked:
                os.kill(asked["end"], asked["signal"])
                answer = os.waitstatus_to_exitcode(os.waitpid(asked["end"], 0)[1])
                alive.discard(asked["end"])
            else:
                answer = os.fork()
                if answer == 0:
                    _child(asked["env"], asked["parts"])
                alive.add(answer)
            sys.stdout.write(f"{answer}\n")
            sys.stdout.flush()
    finally:  # whoever asked is gone: nobody would end them
        for pid in alive:
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    _main()
