"""Secrets of the settings, planted as canaries: no command says one, whatever goes wrong."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
import structlog

from bot import logs, redaction
from bot.db.engine import BadDatabaseUrlError, Database
from bot.redaction import conceal, conceal_all, learn, secrets_in
from bot.sandbox.client import SandboxClient
from bot.settings import Settings
from tests.cli.test_run_troubles import ROOT, ends, home, sandbox, server, wait_until_said

TOKEN = "123456789:AAEcanary_token-0123456789abcdefghi"
WEBHOOK = "canary-webhook-secret-0001"
PAYMENT = "390540012:LIVE:canary-pay"
PROXY = "canary/pröxy @1"
DATABASE = "canary:d@ta#base"
CANARIES = (TOKEN, TOKEN.partition(":")[2], WEBHOOK, PAYMENT, PROXY, DATABASE, *DATABASE.split("@"), "canary")
DEAD = "127.0.0.1:9"
PROXIES = f"socks5://someone:{quote(PROXY, safe='')}@{DEAD},http://someone:{quote(PROXY, safe='')}@{DEAD}"
POSTGRES = f"postgresql://firstline:{quote(DATABASE, safe='')}@{DEAD}/firstline"

__all__ = ["home", "sandbox", "server"]  # fixtures


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_known", set())
    monkeypatch.setattr(redaction, "_found", None)


@pytest.fixture
def learned(forgetful: None) -> None:
    known = Settings(
        bot_token=TOKEN,
        webhook_secret=WEBHOOK,
        payment_provider_token=PAYMENT,
        telegram_proxies=PROXIES,
        database_url=POSTGRES,
        _env_file=None,
    )
    learn(known.secrets())


def start(home: Path, *words: str, **settings: str) -> "subprocess.Popen[str]":
    known = {"BOT_TOKEN": TOKEN, "WEBHOOK_SECRET": WEBHOOK, "PAYMENT_PROVIDER_TOKEN": PAYMENT, "WEB_PORT": "0"}
    known |= {"TELEGRAM_PROXIES": PROXIES, "DATABASE_URL": f"sqlite:///{home}/firstline.db", "KB_ENCODER": "off"}
    env: Mapping[str, str] = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **known, **settings}
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *words],
        cwd=home,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def leaked(said: str) -> list[str]:
    return [canary for canary in CANARIES if canary in said]


@pytest.mark.parametrize(
    "words",
    [
        f"POST https://api.telegram.org/bot{TOKEN}/getMe",
        f"https://api.telegram.org/file/bot{TOKEN}/photos/file_1.jpg",
        f"/bot{quote(TOKEN, safe='')}/sendMessage",
        PROXIES,
        f"Couldn't connect to proxy {PROXIES.split(',', maxsplit=1)[0]!r}",
        f"login {PROXY!r} / {quote(PROXY)}",
        POSTGRES,
        f"host=127.0.0.1 password={DATABASE} user=x",
        f'failed to resolve host "{DATABASE.split("@")[1]}@127.0.0.1"',
        f"invalid literal for int() with base 10: {DATABASE!r}",
        f"secret_token={WEBHOOK}&url=x",
        str({"secret_token": WEBHOOK, "provider_token": PAYMENT}),
    ],
)
@pytest.mark.usefixtures("learned")
def test_a_secret_is_hidden_in_any_spelling(words: str) -> None:
    assert leaked(conceal(words)) == []


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (f"bot{TOKEN}/getMe", "bot<token>/getMe"),
        ("socks5://me:pw@h:1, http://me:p/w@h:2", "socks5://<secret>@h:1, http://<secret>@h:2"),
        ("password=pw user=x", "password=<secret> user=x"),
        ("{'password': 'pw'}", "{'password': <secret>}"),
        ("звонил +79015554433", "звонил <phone>"),
        ("2026-11-29 12:00:00 http://h:1/x?a=1 me@h.ru", "2026-11-29 12:00:00 http://h:1/x?a=1 me@h.ru"),
    ],
)
def test_what_looks_like_a_secret_is_hidden_unlearned(words: str, shown: str) -> None:
    assert conceal(words) == shown


@pytest.mark.usefixtures("learned")
def test_a_value_of_any_shape_is_concealed() -> None:
    class Talkative:
        def __repr__(self) -> str:
            return f"<Route {PROXIES}>"

    value = {"a": [TOKEN, {"b": (POSTGRES, 5, None, True)}], TOKEN: Talkative(), "e": ValueError(WEBHOOK)}
    assert leaked(str(conceal_all(value))) == []
    assert conceal_all({"n": [1, 2.5, None, True, "ок"]}) == {"n": [1, 2.5, None, True, "ок"]}


def test_pieces_of_an_address_that_was_not_encoded_are_secrets() -> None:
    assert set(secrets_in("postgresql://u:can@ary/canary-two#x@host/db")) >= {"canary-two", "can@ary/canary-two#x"}
    assert list(secrets_in("sqlite:///data/firstline.db")) == []
    assert list(secrets_in("http://host:80/a:b")) == []


@pytest.mark.usefixtures("forgetful")
def test_a_short_secret_does_not_blot_out_words() -> None:
    learn(["a", "да"])
    assert conceal("да, a это так") == "да, a это так"


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.mark.usefixtures("learned", "logging_as_it_was")
@pytest.mark.parametrize("log_format", ["console", "json"])
def test_no_log_line_of_anybodys_holds_one(log_format: str, capfd: pytest.CaptureFixture[str]) -> None:
    logs.set_up(log_format)
    ours, theirs = structlog.get_logger(), logging.getLogger("anybody")  # servers of other tests set levels of theirs
    try:
        raise ConnectionError(f"{PROXIES} {POSTGRES} {TOKEN}")
    except ConnectionError as error:
        ours.error("died", said=str(error), error=error, more={"list": [PROXIES]}, exc_info=True)
        theirs.exception("failed at %s", PROXIES)
        theirs.error("%s", {"secret_token": WEBHOOK})
        logs.tell_crash(error)
    said = capfd.readouterr()
    assert leaked(said.out + said.err) == []
    assert "died" in said.err
    assert "failed at" in said.err
    assert "ConnectionError" in said.err


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://firstline:{DATABASE}@127.0.0.1/x",
        "postgresql://firstline:canary",
        "postgresql://firstline:canary@5432:canary/x",
        "canary",
        "mysql://u:canary@h/x",
        "postgresql://u:one@canary@h/x",
    ],
)
def test_an_address_that_is_none_is_not_said_again(url: str) -> None:
    with pytest.raises(BadDatabaseUrlError) as told:
        Database(url)
    assert "canary" not in str(told.value)
    assert "DATABASE_URL" in str(told.value)


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("words", "settings"),
    [
        (("doctor",), {}),
        (("doctor",), {"DATABASE_URL": POSTGRES}),
        (("migrate",), {"DATABASE_URL": POSTGRES}),
        (("run",), {"DATABASE_URL": f"postgresql://firstline:{DATABASE}@{DEAD}/firstline"}),
        (("run",), {"TELEGRAM_PROXIES": f"{PROXIES},quic://someone:canary@{DEAD}", "WEB_PORT": "canary"}),
        (("run",), {"BOT_TOKEN": f"{TOKEN} canary", "WEBHOOK_URL": "canary"}),
    ],
)
def test_no_command_that_fails_says_one(home: Path, words: tuple[str, ...], settings: Mapping[str, str]) -> None:
    code, said = ends(start(home, *words, **settings))
    assert code != 0
    assert said.strip()
    assert leaked(said) == []


@pytest.mark.sampled(1, of="bots that run")
def test_no_dead_network_says_one(home: Path) -> None:
    process = start(home, "run", TELEGRAM_API_URL=f"http://someone:{quote(PROXY, safe='')}@{DEAD}")
    said = wait_until_said(process, "telegram_unreachable") + wait_until_said(process, "telegram_unreachable")
    process.send_signal(signal.SIGTERM)
    code, rest = ends(process)
    assert code == 0
    assert "<secret>@" in said
    assert leaked(said + rest) == []


@pytest.mark.sampled(1, of="bots that run")
async def test_no_living_bot_says_one(home: Path, sandbox: SandboxClient) -> None:
    """It runs, a webhook is set and pushed at, sends fail in every way; then the token is revoked."""
    bot = await sandbox.bot(token=TOKEN)
    anna = await sandbox.person("Анна")
    for trouble in ("refuse", "drop_before", "drop_after"):
        await bot.fails(trouble, method="sendMessage", code=400, count=1)
    await bot.fails("refuse", method="getUpdates", code=500, count=1)
    process = start(home, "run", TELEGRAM_API_URL=sandbox.url, TELEGRAM_PROXIES="", LOG_FORMAT="json")
    try:
        for word in ("раз", "два", "три", "четыре"):
            await anna.says(bot, word)
            await bot.makes_calls("sendMessage", timeout=60)
        await anna.waits_for(bot, after=0, timeout=60)
        await bot.revokes()
        said = wait_until_said(process, "polling_refused")
    finally:
        process.send_signal(signal.SIGTERM)
    _, rest = ends(process)
    assert leaked(said + rest) == []
