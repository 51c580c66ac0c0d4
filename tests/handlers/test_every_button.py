"""Every button of every screen: its owner gets on, everybody else is refused politely and nothing changes."""

import importlib
import json
import pkgutil
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import cycle, islice

import pytest
from aiogram.filters.callback_data import CallbackData
from sqlmodel import delete, select, update

import bot.handlers
from bot.billing.quotes.models import Quote, QuoteState
from bot.calendar.periods import month_of
from bot.clients.models import (
    Account,
    ClientRole,
    Company,
    Consent,
    Employment,
    Membership,
    Person,
    StaffChat,
)
from bot.db.engine import Database
from bot.demo.furnish import furnish
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
)
from bot.handlers.client.onboarding.presses import Agree, SwitchLanguage, WithdrawConsent
from bot.handlers.client.prices.presses import FindPrice, FoundPage
from bot.handlers.client.questions.presses import WantHuman
from bot.handlers.client.quotes.presses import ApproveQuote, DeclineQuote
from bot.handlers.client.tickets.presses import ProofPack, TicketAccept, TicketCancel
from bot.handlers.client.top_up.presses import AskTopUp
from bot.handlers.common.acting import SHOWN
from bot.handlers.common.recording import MENU
from bot.handlers.conversations import routers
from bot.handlers.dispatcher.oral.presses import OralApproval
from bot.handlers.dispatcher.triage.presses import TriageClose, TriageOpen, TriageTicket, TriageUnlink
from bot.handlers.engineer.calls.presses import CallDrop, CallOfCompany, CallOfTicket
from bot.handlers.engineer.figures.presses import BookTime, SendEstimate
from bot.handlers.engineer.jobs.presses import (
    JobAdd,
    JobDecline,
    JobEstimate,
    JobFind,
    JobPrepaid,
    JobRelease,
    JobResolve,
    JobTime,
    JobWriteOff,
    NotePass,
)
from bot.handlers.manager.articles.presses import DropArticleDraft, NewArticle, PublishDraft, SwitchArticle
from bot.handlers.manager.gaps.presses import GapArticle, GapDismiss, GapWrite
from bot.handlers.manager.invoices.presses import SendMonth
from bot.handlers.manager.staff.presses import FreshLink, LetOut, MutePerson
from bot.handlers.manager.top_up.presses import OfferTopUp, PriceTopUp
from bot.kb.learning.models import Miss
from bot.messaging.notices.texts import label
from bot.messaging.outgoing.models import Outbox
from bot.messaging.turns.models import Dialogue
from bot.sandbox.markup.entities import units
from bot.sandbox.markup.html import parse_html
from bot.tickets.life.models import Appeal, AppealEnd, Ticket, TicketState
from bot.tickets.month.close import close_period
from tests import tiers
from tests.builders import talk as talking_module
from tests.builders.talk import talking
from tests.conftest import NOON
from tests.handlers.any_lines import arbitrary
from tests.handlers.crawl import Crawler, Shown, Writes, accounts
from tests.handlers.happenings import a_call_comes, a_job_waits_to_be_taken, two_parts_are_needed, use_up

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
LINES = ("принтер не печатает", "не работает касса", "абырвалг хрюндель", "шмурдяк завис совсем")
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
    (FoundPage, SendEstimate, BookTime, OfferTopUp, JobAdd),
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
    ProofPack,  # the proof of paid work is handed over for as long as it is kept
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


def move_in(database: Database) -> None:
    """Everyone of the demo company has opened the bot; the engineers' group is linked."""
    with database.write() as session:
        for number, person in enumerate(session.exec(select(Person).order_by(Person.id)).all()):
            user_id = 700_100 + number
            session.add(Account(user_id=user_id, person_id=person.id, linked_at=SINCE))
            session.add(Consent(person_id=person.id, user_id=user_id, text_version="1", text_hash="", given_at=SINCE))
        orlova = session.exec(select(Person.id).where(Person.code == "orlova")).one()
        coffee = session.exec(select(Company.id).where(Company.code == "coffee")).one()
        session.add(Membership(person_id=orlova, company_id=coffee, role=ClientRole.REQUESTER, granted_at=SINCE))
        session.add(StaffChat(chat_id=GROUP, title="Инженеры", is_forum=False, linked_at=NOON))


@pytest.fixture
async def crawler(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Crawler]:
    furnish(database, lambda: NOON)
    move_in(database)
    monkeypatch.setattr(talking_module, "ROUTERS", routers())
    writes = Writes()
    with talking(database, provider_token="1:TEST:x") as talk, writes.watching(database):
        for _ in close_period(talk.office, month_of(date(2026, 10, 1))):
            pass
        users = accounts(database)
        in_group = {"": users["eng-1"]} | {kind.__prefix__: users["disp"] for kind in LEADS}
        lines = {kind.__prefix__: words for kind, words in WORDS.items()}
        endings = {kind.__prefix__: rank for rank, kinds in enumerate(ORDER, -1) for kind in kinds}
        crawler = Crawler(talk, writes, GROUP, in_group, lines, endings)
        crawler.hold(*AT_THE_END[1:], AskTopUp)  # bought hours need no quote
        yield crawler


# What this walk can't come to any more, pressed in stories of its own: a call while the engineer has a job
# (test_booking.py; here leaders have freed all jobs by then), a stranger linked and taken back (test_linking.py),
# a prepayment of added work and a price that is let go (test_release_press.py, test_late_price_press.py), a reply to
# one's own card of a job (test_words_of_staff.py).
ELSEWHERE = (CallOfTicket, TriageUnlink, JobPrepaid, JobWriteOff, NotePass)


@pytest.mark.proof
@pytest.mark.timeout(900)  # more than a thousand presses, most also by two strangers
async def test_every_button_serves_its_owner_and_nobody_else(crawler: Crawler) -> None:
    users = accounts(crawler.talk.database)
    for line in GIBBERISH:
        await crawler.says(GUEST, line)
    for number, code in enumerate((*CLIENTS, *STAFF)):
        user, first = users[code], number % len(LINES)
        for line in (*LINES[first:], *LINES[:first], *MENUS):
            await crawler.says(user, line)
            await walk(crawler, users[OUTSIDER])
    await tickets_are_open_by_now(crawler, users)
    dispatcher = users["disp"]
    await crawler.says(dispatcher, "Сломалась касса", forward_origin=hidden("Гусев"))
    for line in ("Соколов", label("menu.triage", "ru")):
        await crawler.says(dispatcher, line)
        await crawler.says(users["mgr"], line)
        await walk(crawler, users[OUTSIDER])
    for code, kind in (("disp", GapArticle), ("mgr", GapWrite), ("admin", GapDismiss)):
        with crawler.preferring(kind):
            await crawler.says(users[code], "/gaps")
            await walk(crawler, users[OUTSIDER])
    await crawler.says(STRANGER, "/start")
    await walk(crawler, users[OUTSIDER])
    crawler.forget(GROUP)
    with crawler.preferring(JobDecline):
        crawler.happens(a_job_waits_to_be_taken)
        await walk(crawler, users[OUTSIDER])
    crawler.happens(two_parts_are_needed)  # of which the client may take one off (R10.2)
    await walk(crawler, users[OUTSIDER])
    crawler.happens(lambda uow: a_call_comes(uow, "klimova"))
    await walk(crawler, users[OUTSIDER])
    with crawler.preferring(CallDrop):
        crawler.happens(lambda uow: a_call_comes(uow, "orlova"))
        await walk(crawler, users[OUTSIDER])
    crawler.held.discard(AskTopUp.__prefix__)
    crawler.happens(lambda uow: use_up(uow, "romashka-gift"))
    await walk(crawler, users[OUTSIDER])
    crawler.happens(lambda uow: use_up(uow, "sklad-2026-06", on_offer=False))
    await walk(crawler, users[OUTSIDER])
    await anything_may_be_written(crawler)
    for kind in AT_THE_END:
        crawler.held.discard(kind.__prefix__)
        await walk(crawler, users[OUTSIDER])
    kinds = {prefix: kind for prefix, kind in presses().items() if kind not in ELSEWHERE}
    unmet = {kind.__name__ for prefix, kind in kinds.items() if prefix not in {each.kind for each in crawler.pressed}}
    unserved = {kind.__name__ for prefix, kind in kinds.items() if prefix not in crawler.served}
    assert not unmet
    assert not unserved
    await months_later(crawler)
    await nobody_is_with_us_any_more(crawler)


async def test_a_client_s_and_a_leader_s_buttons_serve_them_and_nobody_else(crawler: Crawler) -> None:
    """The walk of two who are drawn, as a sample of the whole one."""
    users, draw = accounts(crawler.talk.database), tiers.drawing()
    for code in (draw.choice(CLIENTS), draw.choice(STAFF)):
        for line in (draw.choice(LINES), *draw.sample(MENUS, 5)):
            await crawler.says(users[code], line)
            await walk(crawler, users[OUTSIDER])
    assert crawler.served


async def anything_may_be_written(crawler: Crawler) -> None:
    """Arbitrary text wherever a dialogue waits for a line: an answer each time, and nothing breaks out of it."""
    lines = cycle(arbitrary(60))
    assert len(crawler.states) >= STATES
    for dialogue in crawler.states.values():
        for line in islice(lines, LINES_IN_A_STATE):
            with crawler.talk.office.work() as uow:
                uow.session.merge(Dialogue(**dialogue))
            answers = await crawler.says(dialogue["user_id"], line)
            said = [row.params for row in answers if row.params.get("chat_id") == dialogue["user_id"]]
            assert said, (dialogue, line)
            for params in said:
                if params.get("parse_mode") == "HTML":
                    words, _ = parse_html(params["text"])  # as Telegram would: a stray tag of theirs is refused
                    assert 0 < units(words) <= TEXT_LIMIT, (dialogue, line)


async def months_later(crawler: Crawler) -> None:
    """What was waiting is over: whoever presses then is told, and nothing changes."""
    crawler.talk.office.clock = lambda: NOON + timedelta(days=90)
    with crawler.talk.office.work() as uow:
        session = uow.session
        session.exec(update(Ticket).values(state=TicketState.CANCELLED, closed_at=uow.now))
        session.exec(update(Quote).values(state=QuoteState.WITHDRAWN))
        session.exec(update(Appeal).values(ended_at=uow.now, end=AppealEnd.CLOSED, triage_done_at=uow.now))
        session.exec(update(Miss).values(resolved_at=uow.now))
        session.exec(delete(Dialogue))
    for shown in samples(crawler.pressed):
        answers = await crawler.presses(crawler.owner(shown), shown)
        assert_answered(answers, shown)
        assert presses()[shown.kind] in STANDING or not crawler.writes.of_the_domain, shown


async def nobody_is_with_us_any_more(crawler: Crawler) -> None:
    """Whoever lost their role has lost their buttons (R2.7)."""
    with crawler.talk.office.work() as uow:
        uow.session.exec(update(Membership).values(ended_at=uow.now))
        uow.session.exec(update(Employment).values(ended_at=uow.now))
    for shown in samples(crawler.pressed):
        answers = await crawler.presses(crawler.owner(shown), shown)
        assert_answered(answers, shown)
        assert presses()[shown.kind] in ABOUT_ONESELF or not crawler.writes.of_the_domain, shown


def assert_answered(answers: Sequence[Outbox], shown: Shown) -> None:
    """The press is answered once, and words that promise the present state come with it."""
    (said,) = [row for row in answers if row.method == "answerCallbackQuery"]
    promise = said.params.get("text") == label(SHOWN, "ru")
    assert not promise or len(answers) > 1, shown


def samples(pressed: Sequence[Shown]) -> list[Shown]:
    """The last button of every sort."""
    return list({shown.sort: shown for shown in pressed}.values())


async def tickets_are_open_by_now(crawler: Crawler, users: dict[str, int]) -> None:
    """The same conversations on objects with open tickets; quotes get a yes from one owner, a no from another."""
    crawler.forget()
    crawler.hold(OralApproval)
    for code, kinds in (
        ("sokolov", (NotListed,)),
        ("dyakov", (NewAnyway, ApproveQuote)),
        ("gusev", (NewAnyway, DeclineQuote)),
        ("gusev", (JoinTicket,)),
    ):
        user = users[code]
        crawler.forget(user)
        with crawler.preferring(*kinds):
            await crawler.says(user, label("menu.new_ticket", "ru"))
            await crawler.says(user, "", photo=PHOTO, caption="Вот так выглядит")
            await walk(crawler, users[OUTSIDER])
            await crawler.says(user, "Ещё вот фото", photo=PHOTO)
            await crawler.says(user, label("menu.human", "ru"))


async def walk(crawler: Crawler, outsider: int) -> None:
    """Press whatever is shown: first two people whom it does not concern, then whoever it was shown to."""
    while (shown := crawler.next()) is not None:
        for other in (outsider, STRANGER) if crawler.tried[shown.sort] <= ENOUGH else ():
            answers = await crawler.presses(other, shown)
            said = json.dumps([row.params for row in answers], ensure_ascii=False)
            muted = presses()[shown.kind] is MutePerson  # these two may be the ones who get no answer any more
            if answers or not muted:
                assert_answered(answers, shown)
            harmless = shown.about_nothing or presses()[shown.kind] in ABOUT_ONESELF
            assert harmless or not crawler.writes.of_the_domain, (shown, other)
            assert not [name for name in SECRETS if name in said], (shown, said)
        assert_answered(await crawler.owner_presses(shown), shown)
        if crawler.changed and crawler.changed[-1] is shown and crawler.tried[shown.sort] <= ENOUGH:
            assert_answered(await crawler.presses(crawler.owner(shown), shown), shown)  # a finger that slipped
            assert presses()[shown.kind] in AT_WILL or not crawler.writes.of_the_domain, shown


def hidden(name: str) -> dict[str, object]:
    """Where a forwarded message comes from, as Telegram tells it of somebody who hides their account."""
    return {"type": "hidden_user", "sender_user_name": name, "date": 1_790_000_000}
