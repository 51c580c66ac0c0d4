"""Policy: numbers of the business. Defaults are in `bot/data/policy.toml`, an installation's own in the table."""

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from sqlmodel import Session, select

from bot.clients.models import Policy
from bot.db.plain import ask
from bot.messaging.notices.telling import Night

_OWN = "policies"
_ALL = select(Policy.name, Policy.value)
DEFAULTS = Path(__file__).resolve().parent.parent / "data" / "policy.toml"

# From what to what a value may be: by its name, else by the unit that its name ends with.
_BETWEEN: Mapping[str, tuple[int, int]] = {
    "misses_before_human": (1, 10),
    "burst_messages": (2, 100),
    "unsure_alarm_repeats": (1, 20),
    "receipts_by_provider": (0, 1),
    "debt_report_has_ours": (0, 1),
    "kb_removed_articles": (0, 100_000),
    "close_day": (1, 28),
    "seconds": (0, 3_600),
    "minutes": (1, 525_600),
    "hours": (1, 8_760),
    "hour": (0, 23),
    "weekday": (0, 6),
    "days": (1, 3_650),
    "workdays": (1, 200),
    "percent": (0, 100),
    "kopecks": (0, 2_000_000_000),
    "roubles": (1, 20_000_000),
}
# Each may not be less than the one before it.
_RISING = (
    ("approval_first_reminder_minutes", "approval_second_reminder_minutes", "approval_deputy_reminder_minutes"),
    ("debt_remind_days", "debt_prepay_days", "debt_hold_days"),
    ("debt_promise_short_days", "debt_promise_middle_days", "debt_promise_long_days", "debt_promise_most_days"),
    ("debt_exempt_short_days", "debt_exempt_middle_days", "debt_exempt_long_days"),
    ("pool_alert_first_percent", "pool_alert_second_percent", "pool_alert_last_percent"),
    ("pool_ends_last_days", "pool_ends_second_days", "pool_ends_first_days"),
    ("top_up_small_minutes", "top_up_middle_minutes", "top_up_large_minutes"),
    ("ceiling_small_roubles", "ceiling_middle_roubles", "ceiling_large_roubles"),
    ("preferred_morning_hour", "preferred_day_hour", "preferred_evening_hour"),
)


class BadPolicyError(ValueError):
    """No such policy, or a value that it can't have; the message says what may be."""


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


def quiet_hours(session: Session) -> Night:
    """When people get no notices that can wait."""
    return Night(policy(session, "quiet_from_hour"), policy(session, "quiet_to_hour"))


def between(name: str) -> tuple[int, int]:
    """The least and the highest value of a policy."""
    return _BETWEEN[name] if name in _BETWEEN else _BETWEEN[name.rpartition("_")[2]]


def own_policies(session: Session) -> dict[str, int]:
    """What this installation has set."""
    return {row.name: row.value for row in session.exec(select(Policy).order_by(Policy.name)).all()}


def set_policy(session: Session, name: str, value: int | None) -> None:
    """Give a policy the installation's own value, or its shipped one back (None). Raises BadPolicyError."""
    row = session.get(Policy, name)
    own = {each: kept for each, kept in own_policies(session).items() if each != name}
    if value is not None:
        own[name] = value
    of_old = value is None and row is not None and name not in defaults()  # what is no policy any more may always go
    if not of_old:
        require_fits(name, own)
    if row is not None:
        session.delete(row)
        session.flush()
    if value is not None:
        session.add(Policy(name=name, value=value))
        session.flush()
    session.info.pop(_OWN, None)


def require_known(name: str) -> None:
    """Raises BadPolicyError unless there is such a policy."""
    if name not in defaults():
        near = get_close_matches(name, defaults(), 1)
        raise BadPolicyError(f"{name}: there is no such policy" + (f"; {near[0]}?" if near else ""))


def require_fits(name: str, own: Mapping[str, int]) -> None:
    """Raises BadPolicyError if, among an installation's own values, that of this policy is none it can have."""
    require_known(name)
    values = {**defaults(), **own}
    least, most = between(name)
    if not least <= values[name] <= most:
        raise BadPolicyError(f"{name}: from {least} to {most}, not {values[name]}")
    for lower, higher in _neighbours(name):
        if values[lower] > values[higher]:
            raise BadPolicyError(f"{name}: {lower}, {values[lower]}, would be more than {higher}, {values[higher]}")


def _neighbours(name: str) -> Iterator[tuple[str, str]]:
    return (pair for names in _RISING for pair in pairwise(names) if name in pair)
