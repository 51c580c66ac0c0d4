"""Every button of every screen: its owner gets on, everybody else is refused politely and nothing changes."""

import importlib
import json
import pkgutil
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from functools import lru_cache

import pytest
from aiogram.filters.callback_data import CallbackData
from sqlmodel import select

import bot.handlers
from bot.billing.periods import month_of
from bot.clients.models import Account, ClientRole, Company, Consent, Membership, Person, StaffChat
from bot.db.engine import Database
from bot.demo.furnish import furnish
from bot.handlers.client.onboarding_presses import Agree, SwitchLanguage, WithdrawConsent
from bot.handlers.client.presses import DropDraft, FindObject, NotListed, SendDraft, WantHuman
from bot.handlers.client.recording import MENU
from bot.handlers.client.tariffs_presses import FindPrice
from bot.handlers.client.tickets_presses import DeclineQuote, TicketCancel
from bot.handlers.conversations import routers
from bot.handlers.dispatcher.triage_presses import TriageClose, TriageTicket
from bot.handlers.engineer.jobs_presses import JobDecline, JobFind
from bot.handlers.manager.kb_gaps_presses import GapDismiss
from bot.handlers.manager.staff_presses import LetOut, MutePerson
from bot.messaging.texts import label
from bot.tickets.close_period import close_period
from tests.conftest import NOON
from tests.handlers.crawl import Crawler, Writes, accounts
from tests.tickets import talk as talking_module
from tests.tickets.talk import talking

GROUP = -1_001_234_567_890
STRANGER = 999_999
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
CLIENTS = ("gusev", "kim", "dyakov", "klimova", "orlova", "sokolov", "zhukova")
STAFF = ("eng-1", "disp", "mgr", "admin")
OUTSIDER = "pak"
SECRETS = ("Ромашка", "Кофе и точка", "Гусев", "Климова", "Орлова", "Жукова", "Дьяков")
MENUS = (
    *(label(f"menu.{key}", "ru") for key in MENU if key not in ("human", "share_phone")),
    *("/documents", "/invoices", "/articles", "/people", "/muted"),
)
LINES = ("принтер не печатает", "абырвалг хрюндель", "шмурдяк завис совсем")
WORDS = {FindObject: "АТОЛ", FindPrice: "настройка", JobFind: "а", TriageTicket: "Не включается"}
PHOTO = [{"file_id": "p1", "file_unique_id": "u1", "width": 90, "height": 90}]
ENDINGS = (
    (SendDraft,),
    (WantHuman, DropDraft, TicketCancel, DeclineQuote, TriageClose, GapDismiss, JobDecline, NotListed),
    (SwitchLanguage, MutePerson, LetOut, WithdrawConsent),
)
# Shown in a state that this walk does not come to: it proves nothing about these.
ELSEWHERE = frozenset(
    {
        *("ApproveTopUp", "AskTopUp", "PriceTopUp", "ChooseOption", "DisputeWord", "PayInvoice"),
        *("OpenArticle", "DraftPart", "EditArticle", "PublishDraft", "SwitchArticle", "JobResolve", "JobFiles"),
        *("NotThese", "ShowArticle"),  # whether articles are suggested or one answers is the search's to say
    }
)
ABOUT_ONESELF = (Agree, SwitchLanguage, WithdrawConsent)


@lru_cache(maxsize=1)
def presses() -> dict[str, type[CallbackData]]:
    """Every kind of press that the conversations know, by its prefix."""
    for found in pkgutil.walk_packages(bot.handlers.__path__, "bot.handlers."):
        importlib.import_module(found.name)
    return {kind.__prefix__: kind for kind in CallbackData.__subclasses__() if kind.__module__.startswith("bot.")}


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
    furnish(database)
    move_in(database)
    monkeypatch.setattr(talking_module, "ROUTERS", routers())
    writes = Writes()
    with talking(database) as talk, writes.watching(database):
        for _ in close_period(talk.office, month_of(date(2026, 10, 1))):
            pass
        lines = {kind.__prefix__: words for kind, words in WORDS.items()}
        endings = {kind.__prefix__: rank for rank, kinds in enumerate(ENDINGS, 1) for kind in kinds}
        yield Crawler(talk, writes, GROUP, accounts(database)["eng-1"], lines, endings)


@pytest.mark.timeout(500)  # some six hundred presses, each also by two strangers
async def test_every_button_serves_its_owner_and_nobody_else(crawler: Crawler) -> None:
    users = accounts(crawler.talk.database)
    for code in (*CLIENTS, *STAFF):
        user = users[code]
        for line in (*LINES, *MENUS):
            await crawler.says(user, line)
            await walk(crawler, users[OUTSIDER])
    crawler.kinds.clear()  # once more, now that tickets are open on their objects
    for code in CLIENTS[:3]:
        user = users[code]
        await crawler.says(user, label("menu.new_ticket", "ru"))
        await crawler.says(user, "", photo=PHOTO, caption="Вот так выглядит")
        await walk(crawler, users[OUTSIDER])
        await crawler.says(user, "Ещё вот фото", photo=PHOTO)
        await crawler.says(user, label("menu.human", "ru"))
    dispatcher = users["disp"]
    await crawler.says(dispatcher, "Сломалась касса", forward_origin=hidden("Гусев"))
    for line in ("Соколов", label("menu.triage", "ru"), "/gaps"):
        await crawler.says(dispatcher, line)
        await crawler.says(users["mgr"], line)
        await walk(crawler, users[OUTSIDER])
    await crawler.says(STRANGER, "/start")
    await walk(crawler, users[OUTSIDER])
    unseen = {
        kind.__name__ for prefix, kind in presses().items() if prefix not in {each.kind for each in crawler.pressed}
    }
    assert unseen <= ELSEWHERE, sorted(unseen - ELSEWHERE)


async def walk(crawler: Crawler, outsider: int) -> None:
    """Press whatever is shown: first two people whom it does not concern, then whoever it was shown to."""
    while (shown := crawler.next()) is not None:
        for other in (outsider, STRANGER):
            answers = await crawler.presses(other, shown)
            said = json.dumps([row.params for row in answers], ensure_ascii=False)
            assert any(row.method == "answerCallbackQuery" for row in answers), shown
            harmless = shown.about_nothing or presses()[shown.kind] in ABOUT_ONESELF
            assert harmless or not crawler.writes.of_the_domain, (shown, other)
            assert not [name for name in SECRETS if name in said], (shown, said)
        answers = await crawler.owner_presses(shown)
        assert any(row.method == "answerCallbackQuery" for row in answers), shown


def hidden(name: str) -> dict[str, object]:
    """Where a forwarded message comes from, as Telegram tells it of somebody who hides their account."""
    return {"type": "hidden_user", "sender_user_name": name, "date": 1_790_000_000}
