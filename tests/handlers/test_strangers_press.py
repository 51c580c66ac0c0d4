"""Every kind of button with ids of a company that isn't the presser's: nothing of it leaves, nothing of it changes.

Kinds and their ids are found by themselves (R2.4, R2.8): a new one is pressed here from its first day.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from sqlalchemy import delete, text
from sqlmodel import col, select

from bot.clients.models import Account, Company, Person
from bot.db.engine import Database
from bot.handlers.client.drafting.presses import DropDraft, JoinTicket, NotListed, SendDraft
from bot.handlers.client.questions.presses import BringBack, NewQuestion, NotThese, WantHuman
from bot.messaging.outgoing.models import Outbox
from bot.messaging.turns.models import Dialogue
from bot.tickets.life.models import Appeal, Message
from tests.builders.appeals import add
from tests.builders.estate import SECRET, SUM, Estate, build_estate
from tests.builders.talk import Talk, talking
from tests.clients.test_list_and_open import KINDS, NO_IDS, thing_of
from tests.conftest import NOON
from tests.handlers.crawl import QUEUES, Crawler, Shown, Writes, refused
from tests.handlers.walking import presses

# Who has no business there: of another company, let out, switched off, never let in, of a closed company.
STRANGERS = ("other_owner", "former", "inactive", "nobody", "former_engineer", "inactive_dispatcher", "closed")
# Pressed last where they may be pressed: they end what others are about.
ENDING = (BringBack, WantHuman, NewQuestion, NotThese, NotListed, SendDraft, JoinTicket, DropDraft)
# Refused here to anybody: they want a dialogue, or a state of the thing that it has not at once with all others.
ELSEWHERE = {
    *("ArticleStep", "AskTime", "CallOfCompany", "DropDraft", "ForwardedFrom", "FoundPage", "GapDismiss", "GapOpen"),
    *("GapWrite", "JobAdd", "JobDecline", "JobItems", "JobScope", "JobTime", "JoinTicket", "NotListed", "OfferTopUp"),
    *("OralApproval", "SendDraft", "TakeOneOff", "TriageJoin", "AboutNone", "SayInto", "NoteInto", "NoteShot"),
}
LINE = "1000 причина; запись разговора"
# What is on offer, where a field is no id.
USUAL = {"minutes": 300, "version": 1, "period": "2026-10", "part": "title", "item": 1, "said": 5, "rating": 5}


@dataclass
class Scene:
    crawler: Crawler
    estate: Estate
    by: int
    user: int
    own_appeal: int
    own_company: int
    kept: dict[str, Any]

    @property
    def talk(self) -> Talk:
        return self.crawler.talk


def values(kind: type[CallbackData], scene: Scene, *, sure: bool, own: bool) -> dict[str, Any]:
    """What a forger fills in; `own`: their own appeal and company beside what isn't theirs."""
    others = {name for name in kind.model_fields if name not in NO_IDS}
    found: dict[str, Any] = {}
    for name in kind.model_fields:
        if name in NO_IDS:
            of = kind.model_fields[name].annotation
            words = list(of) if isinstance(of, type) and issubclass(of, Enum) else []
            found[name] = words[-1 if sure else 0] if words else USUAL.get(name, int(sure))
            continue
        thing = thing_of(kind, name)
        key = {"client": name, "prepaid quote": "quote", "debtor": "company", "twin": "ticket"}.get(thing, "")
        key = key or (KINDS[thing].key or thing)
        if name in {"company", "object"} or (name == "ticket" and "appeal" in others):
            key = name
        if name == "person" and thing == "job":
            key = "person"
        if name == "line" and thing in {"job", "ticket"}:
            key = "work"
        found[name] = scene.estate.ours[key]
        if own and len(others) > 1:
            found |= {"appeal": scene.own_appeal} if name == "appeal" else {}
            found |= {"company": scene.own_company} if name == "company" else {}
    return found


def forged(scene: Scene) -> Iterator[tuple[type[CallbackData], str]]:
    for kind in sorted(presses().values(), key=lambda each: each.__name__):
        if not set(kind.model_fields) - NO_IDS:
            continue
        tried = {
            kind(**values(kind, scene, sure=sure, own=own)).pack() for sure in (False, True) for own in (False, True)
        }
        for data in sorted(tried):
            yield kind, data


def rows_of_the_company(scene: Scene) -> dict[str, Any]:
    """All that is stored, but what the presser said themselves and what carries messages."""
    found: dict[str, Any] = {}
    with scene.talk.database.read() as session:
        names = session.connection().dialect.get_table_names(session.connection())
        for name in names:
            if name in QUEUES | {"timer", "card", "blob", "topic", "alarm", "alembic_version"}:
                continue
            rows = session.connection().execute(text(f'SELECT * FROM "{name}"')).mappings().all()
            kept = [
                {key: value for key, value in row.items() if name != "person" or key != "language"}
                for row in rows
                if not (name in {"appeal", "message", "miss", "feedback"} and row["person_id"] == scene.by)
            ]
            found[name] = sorted(map(str, kept))
    return found


def told(scene: Scene, rows: list[Outbox]) -> str:
    """What the presser was sent, with whatever is in it."""
    return json.dumps([row.params for row in rows if row.chat_id == scene.user], ensure_ascii=False)


def is_secret(said: str) -> bool:
    digits = "".join(char for char in said if char.isdigit() or char in '{}[]":,')
    return SECRET in said or str(SUM)[:4] in digits


async def one_press(scene: Scene, data: str) -> str:
    """Press, and write a line if the press asks for one."""
    shown = Shown(scene.user, "", data)
    said = told(scene, await scene.crawler.presses(scene.user, shown))
    wrote = set(scene.crawler.writes.of_the_domain)
    with scene.talk.database.read() as session:
        asked = session.exec(select(Dialogue).where(col(Dialogue.state).is_not(None))).first() is not None
    if asked:
        said += told(scene, await scene.crawler.says(scene.user, LINE))
        wrote |= scene.crawler.writes.of_the_domain
    with scene.talk.office.work() as uow:
        uow.session.connection().execute(delete(Dialogue))
    if wrote:
        now = rows_of_the_company(scene)
        changed = {name for name in now if now[name] != scene.kept[name]}
        scene.kept = now
        assert not changed, (data, changed)
    return said


@pytest.fixture
def stage(database: Database) -> Iterator[Crawler]:
    writes = Writes()
    with talking(database, provider_token="1:TEST:x") as talk, writes.watching(database):
        yield Crawler(talk, writes, 0, {}, {}, {})


def enter(crawler: Crawler, who: str) -> Scene:
    with crawler.talk.office.work() as uow:
        estate = build_estate(uow)
        by = estate.people["owner" if who == "closed" else who]
        if who == "closed":
            uow.session.get_one(Company, estate.place.town.shop).active = False
        uow.session.get_one(Person, by).name = "Кто-то"
        moments = {"started_at": NOON, "last_at": NOON}
        # Begun while they were of the company, and of its object still.
        of_it = {} if who in {"other_owner", "nobody"} else {"company_id": estate.place.town.shop}
        of_it |= {"object_id": estate.place.town.till} if of_it else {}
        appeal = add(uow.session, Appeal(person_id=by, summary="моё", **of_it, **moments))
        add(uow.session, Message(appeal_id=appeal.id, person_id=by, text="моё", sent_at=NOON))
        user = uow.session.exec(select(Account.user_id).where(Account.person_id == by)).one()
        own = estate.place.town.cafe
        scene = Scene(crawler, estate, by, user, appeal.id, own, {})
    scene.kept = rows_of_the_company(scene)
    return scene


@pytest.mark.sampled(3)
@pytest.mark.timeout(600)
@pytest.mark.parametrize("who", STRANGERS)
async def test_nothing_of_another_company_leaves_or_changes(stage: Crawler, who: str) -> None:
    scene = enter(stage, who)
    failed = []
    for kind, data in forged(scene):
        try:
            said = await one_press(scene, data)
        except AssertionError as wrong:
            failed.append(f"{kind.__name__} {wrong}"[:300])
            continue
        if is_secret(said):
            failed.append(f"{kind.__name__} {data}: {said}"[:600])
    assert failed == []


async def test_to_those_who_may_the_same_presses_show_it(stage: Crawler) -> None:
    """So that what is refused above is refused for who presses, and not for what is pressed."""
    scene = enter(stage, "nobody")
    met, kinds = set(), {kind.__name__ for kind, _ in forged(scene)}
    for who in ("owner", "requester", "engineer", "admin"):
        with scene.talk.database.read() as session:
            query = select(Account.user_id).where(Account.person_id == scene.estate.people[who])
            scene.user = session.exec(query).one()
        for kind, data in sorted(forged(scene), key=lambda each: ENDING.index(each[0]) if each[0] in ENDING else -1):
            if kind.__name__ in met:
                continue
            answers = await scene.crawler.presses(scene.user, Shown(scene.user, "", data))
            if not refused(answers) or is_secret(told(scene, answers)) or scene.crawler.writes.of_the_domain:
                met.add(kind.__name__)
            with scene.talk.office.work() as uow:
                uow.session.connection().execute(delete(Dialogue))
    unmet = " ".join(sorted(kinds - met - ELSEWHERE))
    assert not unmet, unmet
