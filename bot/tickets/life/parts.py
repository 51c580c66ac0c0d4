"""Several problems of one message: what became of each (R1.1). They are kept with the message that tells of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from sqlmodel import Session, col, select

from bot.tickets.life.models import Appeal, AppealEnd, Message

PARTS = "parts"  # of a message's file: the problems that it tells of
PART_OF = "part_of"  # of a message's file: the message of whose problems it is one
IN_PARTS = "in_parts"  # why an appeal ended whose problems went their own ways
_BACK = frozenset({AppealEnd.CLOSED, AppealEnd.ANSWERED})  # an appeal of one that ended so may be begun anew


@dataclass(frozen=True, slots=True)
class KeptProblem:
    """One problem of a message, counted from 1, in the client's words. `article`: the code of the likely answer;
    `showing`: the last time that it was shown for this one; `helped`: it was said to help; `appeal_id`: the appeal of
    its own."""

    number: int
    words: str
    article: str | None = None
    showing: int | None = None
    helped: bool = False
    appeal_id: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A part as it stands. `away`: it is in an appeal of its own, a ticket or with people; `done`: it was answered, or
    that appeal ended."""

    part: KeptProblem
    away: bool
    done: bool

    @property
    def rests(self) -> bool:
        """Whether nothing became of it yet."""
        return not self.away and not self.done


def parts_of(message: Message) -> list[KeptProblem]:
    """The problems that a message tells of, where it tells of several."""
    return [KeptProblem(**kept) for kept in message.file.get(PARTS, ())]


def keep_parts(session: Session, message: Message, parts: Sequence[KeptProblem]) -> None:
    """Write down what the problems of a message are by now."""
    message.file = {**message.file, PARTS: [asdict(part) for part in parts]}
    session.flush()


def change_part(session: Session, message: Message, part: KeptProblem) -> None:
    """Write down what became of one of them."""
    keep_parts(session, message, [part if each.number == part.number else each for each in parts_of(message)])


def problems_of(session: Session, message: Message) -> list[Problem]:
    """The problems of a message as they stand."""
    parts = parts_of(message)
    appeals = _own_appeals(session, parts)
    return [_as_it_stands(part, appeals.get(part.appeal_id or 0)) for part in parts]


def _as_it_stands(part: KeptProblem, appeal: Appeal | None) -> Problem:
    away = appeal is not None and appeal.end not in _BACK
    return Problem(part, away, part.helped or (appeal is not None and appeal.ended_at is not None))


def _own_appeals(session: Session, parts: Sequence[KeptProblem]) -> Mapping[int, Appeal]:
    ids = [part.appeal_id for part in parts if part.appeal_id is not None]
    found = session.exec(select(Appeal).where(col(Appeal.id).in_(ids))).all() if ids else ()
    return {appeal.id: appeal for appeal in found}


def words_left(session: Session, message: Message) -> str:
    """The words of a message without its problems that were answered or went to an appeal of their own."""
    problems = problems_of(session, message)
    if all(each.rests for each in problems):
        return message.text
    return "\n".join(each.part.words for each in problems if each.rests)


def whole_of(session: Session, appeal_id: int) -> Message | None:
    """The message one of whose problems an appeal is about; None where the appeal began otherwise."""
    query = select(Message).where(Message.appeal_id == appeal_id).order_by(col(Message.id))
    number = next((each.file[PART_OF] for each in session.exec(query).all() if PART_OF in each.file), None)
    return session.get(Message, number) if number is not None else None


def part_shown(session: Session, appeal_id: int, showing: int) -> tuple[Message, KeptProblem] | None:
    """The problem that an article was shown for, and its message."""
    query = select(Message).where(Message.appeal_id == appeal_id).order_by(col(Message.id))
    pairs = ((message, part) for message in session.exec(query).all() for part in parts_of(message))
    return next((pair for pair in pairs if pair[1].showing == showing), None)


def tickets_of_parts(session: Session, message: Message) -> list[int]:
    """Ids of the tickets that problems of a message went to."""
    appeals = _own_appeals(session, parts_of(message)).values()
    return sorted({appeal.ticket_id for appeal in appeals if appeal.ticket_id is not None})


def solved(session: Session, message: Message, part: KeptProblem) -> None:
    """An article helped with this one."""
    change_part(session, message, replace(part, helped=True))
