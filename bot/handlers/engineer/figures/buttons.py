"""Buttons below an understood sum or time: go on, or write it anew."""

from bot.handlers.engineer.figures.presses import BookTime, DropTime, SendEstimate
from bot.handlers.engineer.figures.screens import EstimateRead, TimeRead, TimeWithout
from bot.handlers.engineer.jobs.presses import JobFinish, JobOpen, JobSpec
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("dispatch/estimate_check")
def estimate_check(_lang: str, read: EstimateRead) -> Keyboard:
    back = Button("job.back", JobOpen(ticket=read.ticket_id))
    return Keyboard([[Button("figure.to_client", SendEstimate(ticket=read.ticket_id, said=read.said))], [back]])


@buttons("engineer/time_check")
def time_check(_lang: str, read: TimeRead) -> Keyboard:
    back = Button("job.spec", JobSpec(ticket=read.ticket_id))
    return Keyboard(
        [
            [Button("figure.book", BookTime(ticket=read.ticket_id, said=read.said))],
            [Button("job.done", JobFinish(ticket=read.ticket_id))],
            [Button("figure.drop", DropTime(ticket=read.ticket_id, said=read.said)), back],
        ]
    )


@buttons("engineer/time_why")
def time_why(_lang: str, time: TimeWithout) -> Keyboard:
    return Keyboard([[Button("job.spec", JobSpec(ticket=time.ticket_id))]])
