"""What the buttons of jobs carry: ids only (R2.4)."""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData


class JobList(CallbackData, prefix="v1cL"):
    pass


class JobOpen(CallbackData, prefix="v1cj"):
    ticket: int


class JobTake(CallbackData, prefix="v1ct"):
    ticket: int


class JobDecline(CallbackData, prefix="v1cb"):
    """`reason` is a position in REASONS, -1: ask."""

    ticket: int
    reason: int = -1


class JobTakeAway(CallbackData, prefix="v1cX"):
    """A leader takes the ticket from its engineer."""

    ticket: int


class JobGo(CallbackData, prefix="v1cg"):
    ticket: int


class JobStart(CallbackData, prefix="v1cS"):
    ticket: int


class JobWait(CallbackData, prefix="v1cU"):
    """`what` is a position among what may be waited for, -1: ask."""

    ticket: int
    what: int = -1


class JobGoOn(CallbackData, prefix="v1cC"):
    """What was waited for is there."""

    ticket: int


class JobSpec(CallbackData, prefix="v1cf"):
    ticket: int


class JobItems(CallbackData, prefix="v1ci"):
    ticket: int
    page: int = 0


class JobFind(CallbackData, prefix="v1cF"):
    ticket: int


class JobAdd(CallbackData, prefix="v1cA"):
    """`quantity` 0: ask. `lines` had been added when the button was shown: the same press again finds one more."""

    ticket: int
    item: int
    quantity: int = 0
    lines: int = 0


class JobRemove(CallbackData, prefix="v1cm"):
    ticket: int
    line: int


class JobTime(CallbackData, prefix="v1cT"):
    ticket: int


class JobFinish(CallbackData, prefix="v1cZ"):
    ticket: int


class JobWrite(CallbackData, prefix="v1cW"):
    ticket: int


class NotePass(CallbackData, prefix="v1cN"):
    """What was kept among staff goes to the client after all."""

    message: int


class Wanted(StrEnum):
    """What is to become of something said on a job."""

    INSIDE = "i"
    CLIENT = "c"
    BEFORE = "b"
    AFTER = "a"


class NoteInto(CallbackData, prefix="v1cM"):
    """What an engineer said goes to a job; `ticket` 0: to none."""

    message: int
    ticket: int
    wanted: Wanted = Wanted.INSIDE


class NoteShot(CallbackData, prefix="v1cR"):
    """A note is a picture of the job: `after` 0, before it."""

    message: int
    after: int


class JobEstimate(CallbackData, prefix="v1cE"):
    ticket: int


class JobRelease(CallbackData, prefix="v1cH"):
    ticket: int


class JobPrepaid(CallbackData, prefix="v1cP"):
    """Of work added to a running job, by its quote."""

    quote: int


class JobWriteOff(CallbackData, prefix="v1cO"):
    """The price of urgent work that nobody has agreed to is let go."""

    ticket: int


class JobFiles(CallbackData, prefix="v1cK"):
    ticket: int


class JobResolve(CallbackData, prefix="v1cV"):
    ticket: int
    keep: int


class JobScope(CallbackData, prefix="v1cQ"):
    """What was decided about paying, and what to tell the client."""

    ticket: int
