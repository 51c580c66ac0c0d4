"""What the buttons of approvals carry: ids only (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class ShowApprovals(CallbackData, prefix="v1da"):
    company: int
