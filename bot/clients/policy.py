"""Policy: numbers of the business. Defaults are in `bot/data/policy.toml`, an installation's own in the table."""

import tomllib
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session

from bot.clients.models import Policy

DEFAULTS = Path(__file__).resolve().parent.parent / "data" / "policy.toml"


@lru_cache(maxsize=1)
def defaults() -> dict[str, int]:
    """Every policy by name, as shipped."""
    return {name: int(value) for name, value in tomllib.loads(DEFAULTS.read_text("utf-8")).items()}


def policy(session: Session, name: str) -> int:
    """The value in force. Raises KeyError for a name that policy.toml does not know."""
    own = session.get(Policy, name)
    return own.value if own is not None else defaults()[name]
