"""Settings: environment variables or `.env`. An unknown or bad value stops the start with a clear line."""

import os
import re
from io import StringIO
from pathlib import Path
from typing import Any, Literal, Self

from dotenv import dotenv_values
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from python_socks import parse_proxy_url

from bot.redaction import learn, secrets_in

_PREFIXES = ("KB_", "TELEGRAM_", "WEBHOOK_", "DISPATCH_", "BOT_", "PAYMENT_", "DATABASE_")


class BadSettingsError(ValueError):
    """What is wrong with the settings, one line each, with the mend."""


class Settings(BaseSettings):
    """Everything that differs between installations; policy of the business is data, not here."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="forbid", env_ignore_empty=True)

    bot_token: str = ""
    database_url: str = "sqlite:///data/firstline.db"
    # PostgreSQL: a turn that waits longer for a row is taken again, a longer statement is given up; 0: neither
    database_lock_seconds: int = Field(default=10, ge=0, le=600)
    database_statement_seconds: int = Field(default=120, ge=0, le=3600)
    telegram_api_url: str = "https://api.telegram.org"
    telegram_proxies: str = ""  # ordered, comma-separated; probed with getMe
    telegram_route_seconds: float = Field(default=3, ge=1, le=60)  # of several proxies a silent one gives way
    webhook_url: str = ""
    webhook_secret: str = ""
    dispatch_chat_id: int | None = Field(default=None, gt=-(2**63), lt=2**63)
    log_format: Literal["console", "json"] = "console"
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8080, ge=0, le=65535)
    health_port: int | None = Field(default=None, ge=0, le=65535)  # where a part without `web` shows health and metrics
    lanes: int = Field(default=0, ge=0, le=32)  # 0: one on SQLite, four on PostgreSQL
    payment_provider_token: str = ""  # from @BotFather, for paying invoices in chat
    telegram_limits: Literal["on", "off"] = "on"  # off only against a test server
    kb_encoder: Literal["on", "off"] = "on"
    kb_answer_bp: int = Field(default=0, ge=0, le=10000)  # 0: the engine's own
    kb_suggest_bp: int = Field(default=0, ge=0, le=10000)  # 0: the engine's own

    @field_validator("bot_token")
    @classmethod
    def _token(cls, value: str) -> str:
        if value and not re.fullmatch(r"\d{1,18}:[\w-]{20,}", value, re.ASCII):
            raise ValueError("not a bot token; BotFather gives one like 123456789:AAE…")
        return value

    @field_validator("dispatch_chat_id", mode="before")
    @classmethod
    def _chat(cls, value: Any) -> Any:
        if isinstance(value, str) and not re.fullmatch(r"-?\d+", value.strip(), re.ASCII):
            raise ValueError(
                "the id of a group is a number such as -1001234567890; or leave it out and send /dispatch there"
            )
        return value

    @field_validator("telegram_api_url", "webhook_url")
    @classmethod
    def _url(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://\S+", value):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @field_validator("telegram_proxies")
    @classmethod
    def _proxies(cls, value: str) -> str:
        # The host's name is looked up behind a SOCKS proxy in any case: what others write as socks5h.
        value = value.replace("socks5h://", "socks5://")
        for proxy in filter(None, map(str.strip, value.split(","))):
            try:
                parse_proxy_url(proxy)
            except ValueError:
                # The address may hold a password: it is not said again.
                raise ValueError(
                    "write each as socks5://host:port, socks4://… or http://…, with commas between"
                ) from None
        return value

    @model_validator(mode="after")
    def _webhook(self) -> Self:
        if self.webhook_url and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", self.webhook_secret):
            raise ValueError("WEBHOOK_URL needs WEBHOOK_SECRET: 16 to 256 of A-Z a-z 0-9 _ -")
        return self

    @property
    def proxies(self) -> list[str]:
        return [part.strip() for part in self.telegram_proxies.split(",") if part.strip()]

    @property
    def bot_id(self) -> int:
        """The bot's id, which is the token's first part; 0 with no token."""
        return int(self.bot_token.split(":")[0]) if self.bot_token else 0

    def secrets(self) -> list[str]:
        """What is in here and must be seen nowhere else."""
        addresses = (*self.proxies, self.database_url, self.telegram_api_url, self.webhook_url)
        found = [self.bot_token, self.bot_token.partition(":")[2], self.webhook_secret, self.payment_provider_token]
        return [*filter(None, found), *(secret for address in addresses for secret in secrets_in(address))]

    def require_token(self) -> None:
        """Raises BadSettingsError where a command can't do without Telegram."""
        if not self.bot_token:
            raise BadSettingsError("BOT_TOKEN is not set: get a token from @BotFather and put BOT_TOKEN=… into .env")


def load() -> Settings:
    """Read the settings. Raises BadSettingsError naming each bad or unknown variable."""
    known = {name.upper() for name in Settings.model_fields}
    given = set(os.environ) | _names_in_file()
    unknown = sorted(name for name in given if name.upper().startswith(_PREFIXES) and name.upper() not in known)
    if unknown:
        raise BadSettingsError(
            "\n".join(f"{name}: no such setting; known are {', '.join(sorted(known))}" for name in unknown)
        )
    try:
        settings = Settings()
    except ValidationError as error:
        lines = [
            f"{_variable(problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}" for problem in error.errors()
        ]
        raise BadSettingsError("\n".join(lines)) from error
    learn(settings.secrets())
    return settings


def _names_in_file() -> set[str]:
    """Names that `.env` sets. Raises BadSettingsError for a file that can't be read as text."""
    file = Path(".env")
    if not file.exists():
        return set()
    try:
        return set(dotenv_values(stream=StringIO(file.read_text("utf-8-sig"))))
    except UnicodeDecodeError:
        raise BadSettingsError(
            f"{file.resolve()}: its letters can't be read: save it as UTF-8 (Notepad: Save as, Encoding: UTF-8)"
        ) from None
    except OSError as error:
        raise BadSettingsError(f"{file.resolve()}: {error.strerror}: it must be a file that the bot may read") from None


def _variable(place: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in place).upper() or "settings"
