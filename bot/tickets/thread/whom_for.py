"""Whom a word of staff is for: said in the group, in a topic, as a reply (R1.9).

Internal by default: the client gets only what answers the client's own words, or follows a press of «Клиенту».
"""

from dataclasses import dataclass
from enum import StrEnum


class Answers(StrEnum):
    """What a message is a reply to."""

    NOTHING = "nothing"  # no reply, or one to a person
    CLIENT = "client"  # a message of the bot that carries what the client said on a ticket
    BOT = "bot"  # any other message of the bot: a card, a notice, the history


class Goes(StrEnum):
    """Where it goes."""

    CLIENT = "client"
    INSIDE = "inside"  # the ticket's thread, for staff's eyes only
    NOWHERE = "nowhere"  # talk that is about no ticket


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message in the group of staff. `on_ticket`: in a ticket's topic, or a reply to a message about one."""

    answers: Answers
    on_ticket: bool
    forwarded: bool = False
    command: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where it goes, and whether staff must be told that the client does not see it: who replies may think so."""

    goes: Goes
    tell: bool = False


def whom_for(spoken: Spoken) -> Verdict:
    """Decide for one message."""
    if spoken.command:
        return Verdict(Goes.NOWHERE)
    if spoken.answers is Answers.CLIENT and not spoken.forwarded:
        return Verdict(Goes.CLIENT)
    return Verdict(Goes.INSIDE if spoken.on_ticket else Goes.NOWHERE, spoken.answers is not Answers.NOTHING)
