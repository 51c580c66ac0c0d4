"""Buttons of skills: the screen behind the figures, and a person."""

from collections.abc import Sequence

from aiogram.filters.callback_data import CallbackData

from bot.answers.skills.own_tickets import TicketNews
from bot.handlers.client.approvals.presses import ShowApprovals
from bot.handlers.client.balance.presses import ShowBalance
from bot.handlers.client.debts.presses import ShowDebts
from bot.handlers.client.documents.presses import ListDocuments, OpenStatement
from bot.handlers.client.drafting.presses import StartDraft
from bot.handlers.client.prices.presses import FindPrice, PricePage
from bot.handlers.client.questions.presses import WantHuman
from bot.handlers.client.skills.presses import WishTime
from bot.handlers.client.skills.screens import (
    ColleagueTold,
    ContactsTold,
    DebtTold,
    DocumentsTold,
    HoursToBuy,
    HoursTold,
    NoSuchTicket,
    PlansTold,
    PlanTold,
    PricesTold,
    RequisitesTold,
    StrangerAsked,
    TicketChoice,
    TicketsTold,
    TimeNoted,
)
from bot.handlers.client.tariffs.presses import ComparePlans, OwnPlans
from bot.handlers.client.tickets.presses import TicketCancel, TicketList, TicketOpen
from bot.handlers.client.top_up.presses import AskTopUp
from bot.handlers.common.menu_buttons import WITH_PHONE
from bot.handlers.manager.staff.presses import PeopleList
from bot.messaging.notices.texts import duration, month
from bot.telegram.showing.keyboards import Button, Keyboard, Markup, ReplyKeyboard, buttons


@buttons("skill/stranger")
def stranger(_lang: str, _asked: StrangerAsked) -> Markup:
    """The button that sends the own number."""
    return ReplyKeyboard(WITH_PHONE, contact="menu.share_phone")


@buttons("skill/hours")
def hours(_lang: str, told: HoursTold) -> Keyboard:
    of = [(each.company, ShowBalance(company=each.company_id)) for each in told.balances]
    return _behind("tariff.balance", of, told.appeal_id)


@buttons("skill/plan")
def plan(_lang: str, told: PlanTold) -> Keyboard:
    of = [(each.company, OwnPlans(company=each.company_id)) for each in told.companies]
    return _behind("tariff.mine", of, told.appeal_id)


@buttons("skill/plans")
def plans(_lang: str, told: PlansTold) -> Keyboard:
    return _behind("tariff.compare", [("", ComparePlans(company=told.offered.company_id))], told.appeal_id)


@buttons("skill/price")
def price(_lang: str, told: PricesTold) -> Keyboard:
    company = told.prices[0].company_id if len(told.prices) == 1 else 0
    ways = [Button("price.search", FindPrice(company=company)), Button("price.all", PricePage(company=company))]
    if len(told.prices) > 1:
        ways = [Button(text=each.company, press=PricePage(company=each.company_id)) for each in told.prices]
    return Keyboard([*([each] for each in ways), [_human(told.appeal_id)]])


@buttons("skill/debt")
def debt(_lang: str, told: DebtTold) -> Keyboard:
    of = [(each.company, ShowDebts(company=each.company_id)) for each in told.debts]
    return _behind("balance.debts", of, told.appeal_id)


@buttons("skill/documents")
def documents(lang: str, told: DocumentsTold) -> Keyboard:
    rows = []
    for each in told.companies:
        for stated in each.months:
            text = f"{month(stated.month, lang)} · {stated.contract}"
            rows.append([Button(text=text, press=OpenStatement(statement=stated.statement_id))])
        every = ListDocuments(company=each.company_id)
        one = len(told.companies) == 1
        rows.append([Button("documents.list", every) if one else Button(text=each.company, press=every)])
    return Keyboard([*rows, [_human(told.appeal_id)]])


@buttons("skill/buy_hours")
def buy_hours(lang: str, told: HoursToBuy) -> Keyboard:
    contracts = [(each, own.sizes) for own in told.approvals for each in own.contracts]
    rows = [
        [
            Button(
                "top_up.buy" if len(contracts) == 1 else "top_up.buy_for",
                AskTopUp(contract=contract.id, minutes=minutes),
                values={"hours": duration(minutes, lang), "number": contract.number},
            )
        ]
        for contract, sizes in contracts
        for minutes in sizes
    ]
    one = len(told.approvals) == 1
    behind = [
        [Button("menu.approvals", press) if one else Button(text=own.company, press=press)]
        for own in told.approvals
        for press in [ShowApprovals(company=own.company_id)]
    ]
    return Keyboard([*rows, *behind, [_human(told.appeal_id)]])


@buttons("skill/ticket_status", "skill/arrival")
def tickets(_lang: str, told: TicketsTold) -> Keyboard:
    rows = [[_ticket(each, TicketOpen(ticket=each.id))] for each in told.tickets]
    return Keyboard([*rows, [Button("menu.tickets", TicketList())], [_human(told.appeal_id)]])


@buttons("skill/cancel")
def cancel(_lang: str, which: TicketChoice) -> Keyboard:
    rows = [[_ticket(each, TicketCancel(ticket=each.id))] for each in which.tickets]
    return Keyboard([*rows, [_human(which.appeal_id)]])


@buttons("skill/which_time")
def which_time(_lang: str, which: TicketChoice) -> Keyboard:
    rows = [[_ticket(each, WishTime(ticket=each.id, message=which.message_id))] for each in which.tickets]
    return Keyboard([*rows, [_human(which.appeal_id)]])


@buttons("skill/no_ticket")
def no_ticket(_lang: str, told: NoSuchTicket) -> Keyboard:
    rows = [[_ticket(each, TicketOpen(ticket=each.id))] for each in told.going]
    ways = [Button("menu.tickets", TicketList()), Button("menu.new_ticket", StartDraft())]
    return Keyboard([*rows, ways, [_human(told.appeal_id)]])


@buttons("skill/other_time")
def noted(_lang: str, told: TimeNoted) -> Keyboard:
    return Keyboard([[Button("ticket.back", TicketOpen(ticket=told.ticket_id))]])


@buttons("skill/colleague")
def colleague(_lang: str, told: ColleagueTold) -> Keyboard:
    return _behind("settings.people", [(each.name, PeopleList(company=each.id)) for each in told.own], told.appeal_id)


@buttons("skill/contacts")
def contacts(_lang: str, told: ContactsTold) -> Keyboard:
    return Keyboard([[_human(told.appeal_id)]])


@buttons("skill/requisites")
def requisites(_lang: str, told: RequisitesTold) -> Keyboard:
    of = [(each.name, ListDocuments(company=each.id)) for each in told.paying]
    return _behind("documents.list", of, told.appeal_id)


def _behind(key: str, screens: Sequence[tuple[str, CallbackData]], appeal_id: int) -> Keyboard:
    """The screen of the one company, or a button with the name of each."""
    one = len(screens) == 1
    rows = [[Button(key, press) if one else Button(text=name, press=press)] for name, press in screens]
    return Keyboard([*rows, [_human(appeal_id)]])


def _ticket(news: TicketNews, press: CallbackData) -> Button:
    return Button("ticket.line", press, values={"number": news.number, "title": news.title})


def _human(appeal_id: int) -> Button:
    return Button("kb.human", WantHuman(appeal=appeal_id))
