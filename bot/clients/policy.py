"""Policy: numbers of the business. Defaults are in `bot/data/policy.toml`, an installation's own in the table."""

import tomllib
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session, select

from bot.clients.models import Policy
from bot.db.plain import ask

_OWN = "policies"
_ALL = select(Policy.name, Policy.value)
DEFAULTS = Path(__file__).resolve().parent.parent / "data" / "policy.toml"


@lru_cache(maxsize=1)
def defaults() -> dict[str, int]:
    """Every policy by name, as shipped."""
    return {name: int(value) for name, value in tomllib.loads(DEFAULTS.read_text("utf-8")).items()}


def policy(session: Session, name: str) -> int:
    """The value in force. Raises KeyError for a name that policy.toml does not know.

    An installation's own are read once a transaction: a turn asks for several, and one that is not in the table would
    be looked for there each time.
    """
    own: dict[str, int] | None = session.info.get(_OWN)
    if own is None:
        own = session.info[_OWN] = {str(row.name): int(row.value) for row in ask(session, _ALL)}
    return own[name] if name in own else defaults()[name]
