"""What the screens of people show. Company 0 is ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.clients.access import Insider
from bot.clients.models import Company


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """A page of those who are in; `company` is None for our own. `lets_in`: the reader may let people in and out."""

    company_id: int
    company: str | None
    people: Sequence[Insider]
    page: int
    pages: int
    lets_in: bool


@dataclass(frozen=True, slots=True)
class PersonShown:
    """One person; `myself`: the one who looks. `lets_in`: who looks may let people in and out."""

    company_id: int
    person: Insider
    myself: bool
    lets_in: bool


@dataclass(frozen=True, slots=True)
class CompaniesFound:
    """Whose people: one of these."""

    found: Sequence[Company]


@dataclass(frozen=True, slots=True)
class RoleWanted:
    """In which role somebody is let in."""

    company_id: int
    company: str | None
    roles: Sequence[str]


@dataclass(frozen=True, slots=True)
class NameWanted:
    """Who is let in, in a role (a label's key)."""

    role: str


@dataclass(frozen=True, slots=True)
class Invited:
    """What the message below is for, and until when its link works."""

    name: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class InvitationText:
    """A message to be passed on: to a person of a client's `company`, or, where that is None, of the `seller`'s own."""

    name: str
    expires: datetime
    link: str
    seller: str | None
    company: str | None


@dataclass(frozen=True, slots=True)
class ClosingAccess:
    """Whose access is to be closed, or was."""

    company_id: int
    person_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Muting:
    """Whether a person is answered."""

    person_id: int
    name: str
    muted: bool
