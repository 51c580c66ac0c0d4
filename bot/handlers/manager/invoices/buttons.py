"""Buttons of closed months and of disputed lines."""

from datetime import date

from bot.billing.documents.dispute_line import DisputedLine
from bot.billing.documents.send import UnsentInvoices
from bot.handlers.manager.invoices.presses import SendMonth, SettleLine
from bot.handlers.manager.invoices.screens import ClosedMonths
from bot.messaging.notices.texts import month as month_name
from bot.telegram.showing.keyboards import Button, Keyboard, buttons
from bot.tickets.month.close import InvoicesReady


@buttons("documents/months")
def months(lang: str, closed: ClosedMonths) -> Keyboard:
    return Keyboard([[_send(lang, each.day)] for each in closed.months if each.unsent])


@buttons("documents/closed")
def closed(lang: str, ready: InvoicesReady) -> Keyboard | None:
    return Keyboard([[_send(lang, ready.month)]]) if ready.count else None


@buttons("documents/unsent")
def unsent(lang: str, invoices: UnsentInvoices) -> Keyboard:
    return Keyboard([[_send(lang, invoices.month)]])


def _send(lang: str, day: date) -> Button:
    return Button("documents.send", SendMonth(period=f"{day:%Y-%m}"), values={"month": month_name(day, lang)})


@buttons("documents/disputed")
def disputed(_lang: str, line: DisputedLine) -> Keyboard:
    take_back = "documents.credit" if line.gross else "documents.agree"
    return Keyboard(
        [
            [Button(take_back, SettleLine(line=line.line_id, credit=True))],
            [Button("documents.keep", SettleLine(line=line.line_id, credit=False))],
        ]
    )
