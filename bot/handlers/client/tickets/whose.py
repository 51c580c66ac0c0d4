"""Words while a job is under way, or after it ended: the client is asked whose they are (R1.8)."""

from collections.abc import Sequence

from bot.handlers.client.tickets.screens import WhoseWords
from bot.handlers.common.acting import actor
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.recording import UNANSWERED
from bot.kb.line.text import only_thanks, says_something
from bot.tickets.intake.appeals import asked_in, messages_of
from bot.tickets.intake.passing import told_key
from bot.tickets.intake.record import Recorded
from bot.tickets.life.acts import CLIENTS, OVER, Act, may
from bot.tickets.life.leave import who_is
from bot.tickets.life.models import Appeal, Message, Ticket
from bot.tickets.life.numbers import TicketToChoose, to_choose
from bot.tickets.thread.asked import goes_to, is_courtesy, open_of, wait_for_answer, whose_may_it_be
from bot.tickets.thread.listing import titled

OFFERED = 2  # open tickets that nobody is at work on
HITS = "hits"  # of a message's file: codes of the articles that may be meant, shown if it is about no ticket


def ask_of_running(turn: Conversation, found: Recorded, appeal: Appeal, hits: Sequence[str] = ()) -> bool:
    """Ask of a line or file that nothing surely answers; False while no job of the person is under way."""
    tickets = whose_may_it_be(turn.session, appeal.person_id)
    if not tickets:
        return False
    if hits:
        found.message.file = {**found.message.file, HITS: list(hits)}
    ask_whose(turn, found, appeal, tickets)
    return True


def open_ones(turn: Conversation, appeal: Appeal) -> list[TicketToChoose]:
    """The newest open tickets of the person, for words that nothing answers while nobody is at work on one."""
    return [to_choose(ticket) for ticket in open_of(turn.session, appeal.person_id)[:OFFERED]]


def may_be_said_on_a_ticket(line: str) -> bool:
    """Whether a line is worth asking about: a greeting, thanks and «жду» are not, «во сколько?» is."""
    return not only_thanks(line) and not is_courtesy(line) and ("?" in line or says_something(line))


def ask_whose(turn: Conversation, found: Recorded, appeal: Appeal, tickets: Sequence[Ticket]) -> None:
    """Ask to which of these it is; of a burst or an album once (R1.4)."""
    told = (found.burst or found.album_part) and bool(asked_in(turn.session, appeal.id))
    minutes = wait_for_answer(turn.uow, appeal, _together(turn, found.message), tickets)
    if told:
        return
    default = goes_to(tickets)
    first = tickets[0]
    over = first.state in OVER
    whos = who_is(turn.session, first, actor(turn), CLIENTS) if over else frozenset()
    turn.say(
        "ticket/whose",
        WhoseWords(
            appeal_id=appeal.id,
            ticket_id=first.id if len(tickets) == 1 else None,
            tickets=titled(turn.session, tickets),
            goes_to=default.number if default is not None else None,
            minutes=minutes,
            state=first.state if over else None,
            reopens=may(Act.REOPEN, first.state, whos),
        ),
        card_key=told_key(found.message),
    )


def _together(turn: Conversation, message: Message) -> list[Message]:
    """The message with those of its burst that got no answer of their own, in the order they came."""
    run = [message]
    for before in reversed(messages_of(turn.session, message.appeal_id or 0)):
        if before.id >= message.id:
            continue
        if not before.file.get(UNANSWERED) or before.ticket_id is not None:
            break
        run.append(before)
    return run[::-1]
