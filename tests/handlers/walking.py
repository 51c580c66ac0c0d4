"""The walk over all buttons: who takes part, what they write, and in which order (R2.4)."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from aiogram.filters.callback_data import CallbackData
from sqlmodel import select

import bot.handlers
from bot.billing.quotes.models import Quote, QuoteState
from bot.clients.models import (
    Account,
    ClientRole,
    Company,
    Consent,
    Contract,
    Membership,
    Person,
    ServiceObject,
    StaffChat,
)
from bot.db.engine import Database
from bot.db.unit_of_work import UnitOfWork
from bot.handlers.client.balance.presses import SettleEntry
from bot.handlers.client.ceilings.presses import SetCeiling
from bot.handlers.client.debts.presses import DisputeInvoice, PromisePay
from bot.handlers.client.documents.presses import GetPdf, GetXlsx
from bot.handlers.client.drafting.presses import (
    DropDraft,
    FindObject,
    JoinTicket,
    NewAnyway,
    NotListed,
    SendDraft,
    StartDraft,
    StartUrgent,
    TakeEarlier,
)
from bot.handlers.client.onboarding.presses import Agree, SwitchLanguage, WithdrawConsent
from bot.handlers.client.prices.presses import FindPrice, FoundPage
from bot.handlers.client.questions.presses import BringBack, WantHuman
from bot.handlers.client.quotes.presses import ApproveQuote, DeclineQuote
from bot.handlers.client.several.presses import AnswerProblem, DraftProblem
from bot.handlers.client.skills.presses import WishTime
from bot.handlers.client.tickets.presses import AboutNone, ProofPack, SayInto, TicketAccept, TicketCancel
from bot.handlers.client.top_up.presses import AskTopUp
from bot.handlers.common.recording import MENU
from bot.handlers.dispatcher.oral.presses import OralApproval
from bot.handlers.dispatcher.triage.presses import TriageClose, TriageOpen, TriageTicket
from bot.handlers.engineer.calls.presses import CallDrop, CallOfCompany
from bot.handlers.engineer.figures.presses import BookTime, SendEstimate
from bot.handlers.engineer.jobs.presses import (
    JobAdd,
    JobDecline,
    JobEstimate,
    JobFind,
    JobGoOn,
    JobPrepaid,
    JobRelease,
    JobResolve,
    JobTime,
    JobWriteOff,
    NoteInto,
    NoteShot,
)
from bot.handlers.manager.articles.presses import DropArticleDraft, NewArticle, PublishDraft, SwitchArticle
from bot.handlers.manager.gaps.presses import GapArticle, GapDismiss, GapWrite
from bot.handlers.manager.invoices.presses import SendMonth
from bot.handlers.manager.staff.presses import FreshLink, LetOut, MutePerson
from bot.handlers.manager.top_up.presses import OfferTopUp, PriceTopUp
from bot.messaging.notices.texts import label
from bot.tickets.bill.card import show
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.opening.open import Draft, open_ticket
from tests.conftest import NOON
from tests.handlers.crawl import Crawler, Writes, accounts
from tests.handlers.happenings import (
    a_call_comes,
    a_job_waits_to_be_taken,
    nothing_is_being_said,
    two_jobs_are_in_work,
    two_parts_are_needed,
    use_up,
)

C = TypeVar("C", bound=Crawler)
Walk = Callable[[Crawler], Awaitable[None]]
GROUP = -1_001_234_567_890
STRANGER, GUEST = 999_999, 999_998  # nobody knows them
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
CLIENTS = ("gusev", "kim", "dyakov", "klimova", "orlova", "sokolov", "zhukova")
STAFF = ("eng-1", "disp", "mgr", "admin")
OUTSIDER = "pak"
SECRETS = ("Ромашка", "Кофе и точка", "Гусев", "Климова", "Орлова", "Жукова", "Дьяков")
MENUS = (
    *(label(f"menu.{key}", "ru") for key in MENU if key not in ("human", "share_phone")),
    *("/documents", "/invoices", "/articles", "/people", "/muted"),
)
GIBBERISH = ("абырвалг", "шмурдяк", "кукарямба", "бздынь", "хрюндель")
UNKNOWN = ("выдра чихает", "тугрик заржавел", "гномик сломался")  # misses for each way to deal with one
LINES = ("принтер не печатает", "не работает касса", "абырвалг хрюндель", "шмурдяк завис совсем")
SEVERAL = "нет интернета плюс замяло бумагу в принтере"
DANGER = "касса искрит, пахнет гарью"
ESTIMATE = "4500 Замена блока питания\n+900 Чистка от пыли"
ARTICLE = ("Как сменить чековую ленту", "Откройте крышку и вставьте рулон.")
WORDS: dict[type[CallbackData], tuple[str, ...]] = {
    FindObject: ("АТОЛ",),
    FindPrice: ("настройка",),
    JobFind: ("а",),
    JobEstimate: (ESTIMATE,),
    JobTime: ("1 ч 30 ждал доступ",),
    OralApproval: ("Позвонил: касса стоит; запись звонка 24.11 в 11:05",),
    NewArticle: ARTICLE,
    GapWrite: ARTICLE,
    PriceTopUp: ("9000",),
    TriageTicket: ("Не включается",),
}
# In the group these are the dispatcher's to press.
LEADS = (
    *(CallOfCompany, JobEstimate, JobPrepaid, JobRelease, JobResolve, JobWriteOff, OralApproval, SettleEntry),
    TriageOpen,
)
PHOTO = [{"file_id": "p1", "file_unique_id": "u1", "width": 90, "height": 90}]
ORDER = (  # what is lost in a moment first, what ends a thing last
    (FoundPage, SendEstimate, BookTime, OfferTopUp, JobAdd, JobGoOn, TakeEarlier),
    (),
    (SendDraft, PublishDraft),
    (TicketAccept, JoinTicket, WantHuman, DropDraft, TicketCancel, ApproveQuote, DeclineQuote, DropArticleDraft),
    (TriageClose, GapArticle, GapWrite, GapDismiss, JobDecline, NotListed),
)
STATES, LINES_IN_A_STATE = 20, 3
TEXT_LIMIT = 4096  # UTF-16 units
ENOUGH = 2  # buttons of a sort that are tried by people whom they don't concern
# These would lead the walk astray: a ceiling needs no quote, a promise lifts a prepayment, who is let out sees nothing.
AT_THE_END = (
    *(SetCeiling, OralApproval, PromisePay, DisputeInvoice),
    *(SwitchLanguage, WithdrawConsent, LetOut, MutePerson),
)
# Pressed again they do it again: a file is drawn up anew, a link is a new one, a switch goes back.
AT_WILL = (StartDraft, ProofPack, GetPdf, GetXlsx, FreshLink, SendMonth, SwitchLanguage)
# What they speak of does not end with a ticket.
STANDING = (
    *(AskTopUp, SetCeiling, MutePerson, SwitchArticle, SwitchLanguage, Agree, WithdrawConsent, SendMonth),
    BringBack,  # a question that was closed is brought back whenever its asker still needs it
    ProofPack,  # the proof of paid work is handed over for as long as it is kept
    NoteShot,  # and says which of its pictures were taken before the work, as long as they are told apart
)
ABOUT_ONESELF = (Agree, SwitchLanguage, WithdrawConsent)


@lru_cache(maxsize=1)
def presses() -> dict[str, type[CallbackData]]:
    """Every kind of press that the conversations know, by its prefix."""
    for found in pkgutil.walk_packages(bot.handlers.__path__, "bot.handlers."):
        importlib.import_module(found.name)
    kinds = [kind for kind in CallbackData.__subclasses__() if kind.__module__.startswith("bot.")]
    found = {kind.__prefix__: kind for kind in kinds}
    assert len(found) == len(kinds), "two kinds of press share a prefix: one would be taken for the other"
    return found


def move_in(database: Database, group: int = GROUP) -> None:
    """Everyone of the demo company has opened the bot; the engineers' group is linked."""
    with database.write() as session:
        for number, person in enumerate(session.exec(select(Person).order_by(Person.id)).all()):
            user_id = 700_100 + number
            session.add(Account(user_id=user_id, person_id=person.id, linked_at=SINCE))
            session.add(Consent(person_id=person.id, user_id=user_id, text_version="1", text_hash="", given_at=SINCE))
        orlova = session.exec(select(Person.id).where(Person.code == "orlova")).one()
        coffee = session.exec(select(Company.id).where(Company.code == "coffee")).one()
        session.add(Membership(person_id=orlova, company_id=coffee, role=ClientRole.REQUESTER, granted_at=SINCE))
        session.add(StaffChat(chat_id=group, title="Инженеры", is_forum=False, linked_at=NOON))


def crawls(talk: Any, writes: Writes, group: int, kind: type[C]) -> C:
    """A crawler that knows who presses in the group, what is written where, and what comes last."""
    users = accounts(talk.database)
    in_group = {"": users["eng-1"]} | {each.__prefix__: users["disp"] for each in LEADS}
    lines = {each.__prefix__: words for each, words in WORDS.items()}
    endings = {each.__prefix__: rank for rank, kinds in enumerate(ORDER, -1) for each in kinds}
    crawler = kind(talk, writes, group, in_group, lines, endings)
    crawler.hold(*AT_THE_END[1:], AskTopUp)  # bought hours need no quote
    return crawler


async def everything(crawler: Crawler, walk: Walk) -> None:
    """All that leads to buttons, but for those that would lead the walk astray: they are pressed `at_the_end`."""
    users = accounts(crawler.talk.database)
    for line in GIBBERISH:
        await crawler.says(GUEST, line)
    for number, code in enumerate((*CLIENTS, *STAFF)):
        user, first = users[code], number % len(LINES)
        for line in (*LINES[first:], *LINES[:first], *MENUS):
            await crawler.says(user, line)
            await walk(crawler)
    with crawler.preferring(StartUrgent):
        await crawler.says(users["gusev"], DANGER)
        await walk(crawler)
    await several_problems_are_told(crawler, users["gusev"], walk)
    await tickets_are_open_by_now(crawler, users, walk)
    dispatcher = users["disp"]
    await crawler.says(dispatcher, "Сломалась касса", forward_origin=hidden("Гусев"))
    for line in ("Соколов", label("menu.triage", "ru")):
        await crawler.says(dispatcher, line)
        await crawler.says(users["mgr"], line)
        await walk(crawler)
    for line, (code, kind) in zip(
        UNKNOWN, (("disp", GapArticle), ("mgr", GapWrite), ("admin", GapDismiss)), strict=True
    ):
        await crawler.says(GUEST, line)
        crawler.forget(users[code])
        with crawler.preferring(kind):
            await crawler.says(users[code], "/gaps")
            await walk(crawler)
    await crawler.says(STRANGER, "/start")
    await walk(crawler)
    crawler.forget(GROUP)
    with crawler.preferring(JobDecline):
        await crawler.happens(a_job_waits_to_be_taken)
        await walk(crawler)
    await words_while_jobs_go_on(crawler, users, walk)
    await crawler.happens(two_parts_are_needed)  # of which the client may take one off (R10.2)
    await walk(crawler)
    await crawler.happens(lambda uow: a_call_comes(uow, "klimova"))
    await walk(crawler)
    with crawler.preferring(CallDrop):
        await crawler.happens(lambda uow: a_call_comes(uow, "orlova"))
        await walk(crawler)
    crawler.held.discard(AskTopUp.__prefix__)
    await crawler.happens(lambda uow: use_up(uow, "romashka-gift"))
    await walk(crawler)
    with crawler.preferring(AskTopUp, PriceTopUp, OfferTopUp):
        await crawler.happens(lambda uow: use_up(uow, "sklad-2026-06", on_offer=False))
        await walk(crawler)


async def words_while_jobs_go_on(crawler: Crawler, users: dict[str, int], walk: Walk) -> None:
    """Whose the words are is asked about: of a client with two jobs under way, and of their engineer (R1.8, R1.9)."""
    await crawler.happens(two_jobs_are_in_work)
    for kind, user, line, content in (
        (SayInto, "gusev", "код домофона 35К", {}),
        (AboutNone, "gusev", "код домофона 36К", {}),
        (WishTime, "gusev", "перенесите на другое время", {}),
        (NoteInto, "eng-1", "поменял и проверил", {}),
        (NoteShot, "eng-1", "", {"photo": PHOTO}),
    ):
        with crawler.preferring(kind, *([NoteInto] if kind is NoteShot else [])):
            await crawler.says(users[user], line, **content)
            await walk(crawler)


async def several_problems_are_told(crawler: Crawler, user: int, walk: Walk) -> None:
    """In one message: its screen has a press of each kind (R1.1)."""
    await crawler.happens(lambda uow: nothing_is_being_said(uow, "gusev"))
    await crawler.says(user, label("menu.ask", "ru"))  # and ends whatever dialogue there was
    with crawler.preferring(AnswerProblem, DraftProblem):
        await crawler.says(user, SEVERAL)
        await walk(crawler)


async def at_the_end(crawler: Crawler, walk: Walk) -> None:
    """What was held until here; an oral yes is given to a quote that waits, not to those answered since."""
    for kind in AT_THE_END:
        crawler.held.discard(kind.__prefix__)
        if kind is OralApproval:
            crawler.overlook(kind)
            crawler.forget()
            with crawler.preferring(kind):
                await crawler.happens(an_offer_waits)
                await walk(crawler)
        await walk(crawler)


async def tickets_are_open_by_now(crawler: Crawler, users: dict[str, int], walk: Walk) -> None:
    """The same conversations on objects with open tickets; quotes get a yes from one owner, a no from another."""
    crawler.forget()
    crawler.hold(OralApproval)
    for code, kinds in (
        ("sokolov", (NotListed,)),
        ("dyakov", (NewAnyway, SendDraft, ApproveQuote)),
        ("gusev", (NewAnyway, DeclineQuote)),
        ("gusev", (JoinTicket,)),
    ):
        user = users[code]
        crawler.forget(user)
        with crawler.preferring(*kinds):
            await crawler.says(user, label("menu.new_ticket", "ru"))
            await crawler.says(user, "", photo=PHOTO, caption="Вот так выглядит")
            await walk(crawler)
            await crawler.says(user, "Ещё вот фото", photo=PHOTO)
            await crawler.says(user, label("menu.human", "ru"))


def hidden(name: str) -> dict[str, object]:
    """Where a forwarded message comes from, as Telegram tells it of somebody who hides their account."""
    return {"type": "hidden_user", "sender_user_name": name, "date": 1_790_000_000}


def _opened(uow: UnitOfWork) -> Ticket:
    """A ticket that has to be paid for, of a client with an owner."""
    client = uow.session.exec(select(Person).where(Person.code == "sokolov")).one()
    company = uow.session.exec(select(Membership.company_id).where(Membership.person_id == client.id)).one()
    contract = uow.session.exec(select(Contract.id).where(Contract.company_id == company)).first()
    thing = uow.session.exec(select(ServiceObject.id).where(ServiceObject.company_id == company)).first()
    draft = Draft(company, thing or 0, contract or 0, client.id, "Не печатает чек")
    return open_ticket(uow, draft, client.id)


def a_ticket_is_on_hold(uow: UnitOfWork) -> None:
    ticket = _opened(uow)
    ticket.state = TicketState.AWAITING_PAYMENT
    show(uow, ticket)


def all_offers_are_declined(uow: UnitOfWork) -> None:
    ticket = _opened(uow)
    for quote in uow.session.exec(select(Quote).where(Quote.ticket_id == ticket.id)).all():
        quote.state = QuoteState.DECLINED
    ticket.state = TicketState.AWAITING_APPROVAL
    show(uow, ticket)


def an_offer_waits(uow: UnitOfWork) -> None:
    _opened(uow)
