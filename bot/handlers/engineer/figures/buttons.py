"""Buttons below an understood sum or time: go on, or write it anew."""

from typing import Any

from bot.handlers.engineer.figures.presses import BookTime, DropTime, SendEstimate
from bot.handlers.engineer.jobs.presses import JobFinish, JobOpen, JobSpec
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("dispatch/estimate_check")
def estimate_check(_lang: str, *, ticket_id: int, said: int, **_values: Any) -> Keyboard:
    back = Button("job.back", JobOpen(ticket=ticket_id))
    return Keyboard([[Button("figure.to_client", SendEstimate(ticket=ticket_id, said=said))], [back]])


@buttons("engineer/time_check")
def time_check(_lang: str, *, ticket_id: int, said: int, **_values: Any) -> Keyboard:
    back = Button("job.spec", JobSpec(ticket=ticket_id))
    return Keyboard(
        [
            [Button("figure.book", BookTime(ticket=ticket_id, said=said))],
            [Button("job.done", JobFinish(ticket=ticket_id))],
            [Button("figure.drop", DropTime(ticket=ticket_id, said=said)), back],
        ]
    )


@buttons("engineer/time_why")
def time_why(_lang: str, *, ticket_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("job.spec", JobSpec(ticket=ticket_id))]])
