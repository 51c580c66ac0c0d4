"""A line or file of an engineer at work that answers nothing: on which job it is, and what to do with it (R1.8)."""

from collections.abc import Sequence

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.db.live import is_live
from bot.handlers.common.acting import actor, attempt
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private
from bot.handlers.common.recording import incoming
from bot.handlers.engineer.jobs.presses import NoteInto, NoteShot, Wanted
from bot.handlers.engineer.writing.screens import ShotKept, WhoseJob
from bot.tickets.intake.passing import told_key
from bot.tickets.life.models import Message as Said
from bot.tickets.life.models import Ticket
from bot.tickets.thread.asked import goes_to
from bot.tickets.thread.asked_staff import inside, jobs_under_way, keep_asked, put_down
from bot.tickets.thread.listing import titled
from bot.tickets.thread.shots import PICTURES, Shot, name_shot
from bot.tickets.thread.writing import pass_note

router = Router(name="whose_job")
router.callback_query.filter(Private())


def ask_whose_job(turn: Conversation, message: Message) -> bool:
    """Ask of what nothing surely answers; False where its writer is on the way to no job and at work on none."""
    person = turn.visitor.person
    jobs = jobs_under_way(turn.session, person.id) if person is not None and is_live(person) else []
    if not jobs:
        return False
    said, minutes = keep_asked(turn.uow, incoming(message, turn), actor(turn), jobs)
    _ask(turn, said, jobs, minutes)
    return True


def _ask(turn: Conversation, said: Said, jobs: Sequence[Ticket], minutes: int) -> None:
    default = goes_to(jobs)
    turn.say(
        "ticket/whose_job",
        WhoseJob(
            message_id=said.id,
            ticket_id=jobs[0].id if len(jobs) == 1 else None,
            tickets=titled(turn.session, jobs),
            goes_to=default.number if default is not None else None,
            minutes=minutes,
            picture=said.kind in PICTURES,
        ),
        card_key=told_key(said),
    )


@router.callback_query(NoteInto.filter())
async def into(_press: CallbackQuery, callback_data: NoteInto, turn: Conversation) -> None:
    """On this job: for the client, for our own, a picture before or after the work; or on none."""
    by, ticket_id = actor(turn), callback_data.ticket or None
    said = attempt(turn, lambda: put_down(turn.uow, callback_data.message, ticket_id, by))
    if said is None or ticket_id is None:
        turn.close_pressed()
    elif callback_data.wanted is Wanted.CLIENT:
        pass_note(turn.uow, said.id, by)
    elif callback_data.wanted is Wanted.INSIDE:
        turn.show("ticket/stays_inside", inside(said, turn.session.get_one(Ticket, ticket_id)))
    else:
        _show_shot(turn, said.id, Shot.BEFORE if callback_data.wanted is Wanted.BEFORE else Shot.AFTER)


@router.callback_query(NoteShot.filter())
async def shot(_press: CallbackQuery, callback_data: NoteShot, turn: Conversation) -> None:
    """What was kept as a note is a picture of the job."""
    _show_shot(turn, callback_data.message, Shot.AFTER if callback_data.after else Shot.BEFORE)


def _show_shot(turn: Conversation, message_id: int, taken: Shot) -> None:
    ticket = name_shot(turn.uow, message_id, taken, actor(turn))
    turn.show("ticket/shot_kept", ShotKept(ticket.id, ticket.number, taken))
