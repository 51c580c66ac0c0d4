"""Whether an approval stands: nothing that was not approved is ever invoiced (R7.9). Pure.

Approving checks all of this under a lock; billing checks it again from the rows alone, so that no way round the
conversation leads to an invoice.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.billing.quotes.rule import ApprovalWay, Limit, QuoteLine, QuoteTotals, check_limits, lines_hash
from bot.db.clock import month_began
from bot.sums.vat import VatTotals


class Flaw(StrEnum):
    """Why a quote can't be billed."""

    NOT_APPROVED = "not_approved"
    DECLINED = "declined"
    EXPIRED = "expired"
    CHANGED = "changed"
    WRONG_PERSON = "wrong_person"
    OVER_LIMIT = "over_limit"


@dataclass(frozen=True, slots=True)
class FrozenVersion:
    """The quote's present version as stored: lines as they were frozen, sums in kopecks."""

    lines: Sequence[Mapping[str, Any]]
    net: int
    vat: int
    gross: int
    vat_bp: int | None
    up_to: bool
    lines_hash: str
    texts: Mapping[str, str]
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Yes:
    """The decision on that version as stored."""

    approved: bool
    way: str
    person_id: int | None
    text: str
    text_hash: str
    gross: int
    decided_at: datetime
    recorded_by: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SpentYes:
    """A yes to a sum in kopecks: it uses up a month's limit."""

    person_id: int
    gross: int
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Right:
    """A right to approve for a company, or for one site of it: from when, until when, up to which sums.

    `job_limit` and `month_limit` are in kopecks, None is no limit; `said` are all yeses that count against the month's,
    the one in question too, in months of the client's time `zone`.
    """

    person_id: int
    since: datetime
    until: datetime | None
    job_limit: int | None
    month_limit: int | None = None
    site_id: int | None = None
    said: Sequence[SpentYes] = ()
    zone: str = "UTC"


def reaching(rights: Iterable[Right], site_id: int | None) -> list[Right]:
    """Rights that reach work at a site; None is work that belongs to none, such as hours for the whole company."""
    return [right for right in rights if right.site_id in (None, site_id)]


def flaw_of(version: FrozenVersion | None, yes: Yes | None, rights: Iterable[Right]) -> Flaw | None:
    """Why the version may not be billed, or None when its approval stands (R7.4, R7.5, R7.9)."""
    if version is None or yes is None:
        return Flaw.NOT_APPROVED
    if not yes.approved:
        return Flaw.DECLINED
    if yes.decided_at > version.valid_until:
        return Flaw.EXPIRED
    return Flaw.CHANGED if _changed(version, yes) else _flaw_of_right(version.gross, yes, rights)


def flaw_of_hours(
    gross: int, valid_until: datetime | None, texts: Mapping[str, str], yes: Yes | None, rights: Iterable[Right]
) -> Flaw | None:
    """Why bought hours may not be billed, or None: the same checks, a top-up has its sum and text instead of lines."""
    if yes is None or valid_until is None:
        return Flaw.NOT_APPROVED
    if yes.decided_at > valid_until:
        return Flaw.EXPIRED
    return Flaw.CHANGED if _text_changed(texts, yes) else _flaw_of_right(gross, yes, rights)


def lines_of(version: FrozenVersion) -> list[QuoteLine]:
    """The lines that a yes was given to, in their order."""
    return quoted_lines(version)


def quoted_lines(version: Any) -> list[QuoteLine]:
    return [QuoteLine(**{key: value for key, value in line.items() if key != "vat"}) for line in version.lines]


def _flaw_of_right(gross: int, yes: Yes, rights: Iterable[Right]) -> Flaw | None:
    if yes.way == ApprovalWay.CEILING:
        return None if yes.person_id is None and yes.reason else Flaw.WRONG_PERSON
    told = yes.way != ApprovalWay.ORAL or (yes.recorded_by is not None and yes.reason)
    held = [
        right
        for right in rights
        if right.person_id == yes.person_id
        and right.since <= yes.decided_at
        and (right.until is None or yes.decided_at < right.until)
    ]
    if not told or not held:
        return Flaw.WRONG_PERSON
    within = any(_limit(right, gross, yes) is Limit.WITHIN for right in held)
    return None if within else Flaw.OVER_LIMIT


def _limit(right: Right, gross: int, yes: Yes) -> Limit:
    """Both limits as approving takes them (R7.4); what was said at the very moment counts, whichever came first."""
    month = month_began(yes.decided_at, right.zone)
    before = sum(each.gross for each in right.said if month <= each.said_at <= yes.decided_at)
    return check_limits(gross, max(before - yes.gross, 0), right.job_limit, right.month_limit)


def _changed(version: FrozenVersion, yes: Yes) -> bool:
    if yes.gross != version.gross or _text_changed(version.texts, yes):
        return True
    try:
        lines = tuple(lines_of(version))
        vat = VatTotals(tuple(line["vat"] for line in version.lines), version.net, version.vat, version.gross)
    except (KeyError, TypeError):
        return True
    return lines_hash(QuoteTotals(lines, vat, version.vat_bp), up_to=version.up_to) != version.lines_hash


def _text_changed(texts: Mapping[str, str], yes: Yes) -> bool:
    return yes.text not in texts.values() or hashlib.sha256(yes.text.encode()).hexdigest() != yes.text_hash
