"""Starts bots fast: a process that has imported everything and forks one child a start.

A child is a process like any other, `python -m bot run` in all but the import and a clock that stands at noon when
the soak begins; it can be killed like one.
Commands come as JSON lines on stdin: an environment starts a bot and answers its pid, "kill" ends it.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.db.types import utc_now

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Nursery:
    """The parent's side. `log` collects what every bot writes."""

    log: Path
    _process: subprocess.Popen[str] | None = None
    pid: int = 0

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
        if self.pid:
            self.kill()
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def start(self, env: dict[str, str]) -> int:
        """Start a bot; returns its pid at once."""
        self.pid = int(self._ask({**env, "LOG": str(self.log)}))
        return self.pid

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._ask("kill")
        self.pid = 0

    def _ask(self, what: Any) -> str:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


def _child(env: dict[str, str]) -> None:
    from bot import logs
    from bot.app import App
    from bot.settings import load

    os.environ.update(env)
    log = os.open(env["LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    try:
        shift = timedelta(seconds=float(os.environ["CLOCK_SHIFT"]))
        settings = load()
        logs.set_up(settings.log_format)
        app = App(settings, clock=lambda: utc_now() + shift)
        app.start()
        os._exit(app.wait())
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    os._exit(70)


def _main() -> None:
    import bot.app
    import bot.handlers.wiring
    import bot.jobs.timers  # noqa: F401 - imported for the children

    child = 0
    for line in sys.stdin:
        asked = json.loads(line)
        if asked == "kill":
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            sys.stdout.write("gone\n")
        else:
            child = os.fork()
            if child == 0:
                _child(asked)
            sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
