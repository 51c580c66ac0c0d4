"""Commands in this process, and folders whose rights hold for root too."""

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.cli import app

TOKEN = "123456789:" + "a" * 35
Call = Callable[..., tuple[int, str]]
_CAPABILITIES_V3 = 0x20080522
_PASSES_RIGHTS = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
_Capabilities = ctypes.c_uint32 * 6  # effective, permitted, inheritable of the first 32, then of the others


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Call:
    """Run `python -m bot WORDS` in this process; its exit code and all it said."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": "http://127.0.0.1:9", "WEB_PORT": "0"}.items():
        monkeypatch.setenv(name, value)

    def run(*words: str, **settings: str) -> tuple[int, str]:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["bot", *words])
        with pytest.raises(SystemExit) as ended:
            app()
        said = "".join(capfd.readouterr())
        return int(ended.value.code or 0), said

    return run


@pytest.fixture
def rights_hold(tmp_path: Path) -> Iterator[None]:
    """Rights of files hold for this thread and those it starts, also where tests run as root, whom they never stop.

    The process stays root, so that it reads its own interpreter; it only gives up for a while to pass over rights.
    """
    if not hasattr(os, "geteuid"):
        pytest.skip("rights of files are another thing here")
    if os.geteuid() != 0:
        yield
        _give_back(tmp_path)
        return
    if not sys.platform.startswith("linux"):
        pytest.skip("root passes over rights, and only Linux lets it give that up")
    libc = ctypes.CDLL(None, use_errno=True)
    head, before = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0), _Capabilities()
    assert libc.capget(head, before) == 0
    fewer = _Capabilities(*before)
    fewer[0] &= ~_PASSES_RIGHTS
    assert libc.capset(head, fewer) == 0
    yield
    assert libc.capset(head, before) == 0
    _give_back(tmp_path)


def _give_back(folder: Path) -> None:
    """Whoever tidies up after the test may go everywhere again."""
    for each in [folder, *folder.rglob("*")]:
        each.chmod(0o755 if each.is_dir() else 0o644)
