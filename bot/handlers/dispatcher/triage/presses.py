"""What the buttons of triage carry: ids only (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class TriageList(CallbackData, prefix="v1bt"):
    page: int = 0


class TriageOpen(CallbackData, prefix="v1bu"):
    """From the group the appeal opens in the presser's own chat."""

    appeal: int


class TriageCompany(CallbackData, prefix="v1bv"):
    """`company` 0: ask which. `sure` 0: a stranger is linked to it only after one more press."""

    appeal: int
    company: int = 0
    sure: int = 0


class TriageUnlink(CallbackData, prefix="v1bU"):
    """It was the wrong company."""

    appeal: int


class TriageObject(CallbackData, prefix="v1by"):
    """`object` 0: show a page of them."""

    appeal: int
    object: int = 0
    page: int = 0


class TriageTicket(CallbackData, prefix="v1bz"):
    appeal: int


class TriageJoin(CallbackData, prefix="v1bM"):
    """`ticket` 0: show the open ones."""

    appeal: int
    ticket: int = 0


class TriageAnswer(CallbackData, prefix="v1bm"):
    appeal: int


class TriageFiles(CallbackData, prefix="v1bF"):
    appeal: int


class TriageClose(CallbackData, prefix="v1bk"):
    appeal: int


class ForwardedFrom(CallbackData, prefix="v1bi"):
    """`message`: one of the forwarded messages that it is the author of."""

    person: int
    message: int
