"""What the buttons of getting acquainted and of the settings carry (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class Agree(CallbackData, prefix="v1ea"):
    """Consent to personal data: yes, or not now (R2.5)."""

    yes: int


class SwitchLanguage(CallbackData, prefix="v1el"):
    pass


class WithdrawConsent(CallbackData, prefix="v1ew"):
    """SkillCall first (`sure` 0), then done."""

    sure: int = 0


class ShareTickets(CallbackData, prefix="v1et"):
    """`on` 1: every one of the company's people sees all its tickets (R2.8)."""

    company: int
    on: int


class BackToSettings(CallbackData, prefix="v1es"):
    pass
