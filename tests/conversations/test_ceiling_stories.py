"""«Лимит без согласования»: said in the chat what needs no question; who said it stands wherever it is used (R7.6)."""

from sqlmodel import col, select

from bot.billing.quotes.ceilings import ceilings_used
from bot.billing.quotes.models import Approval, Ceiling
from bot.messaging.outgoing.models import Outbox
from bot.tickets.work.add import add_work
from tests.billing.quotes.test_quote_life import in_work
from tests.builders.jobs import build_firm
from tests.builders.stories import popups
from tests.builders.talk import Talk

TERMS = {"exclusions": [{"clause": "п. 5", "work_types": ["parts"]}]}


async def test_an_approver_allows_a_sum_without_a_call_and_it_is_used_in_their_name(talk: Talk) -> None:
    with talk.office.work() as uow:
        firm = build_firm(uow.session, unlimited=True, terms=TERMS)
    await talk.say(firm.approver, "✅ Согласования")
    assert "каждый раз спрашиваем" in await talk.press(firm.approver, "🔕 Лимит без согласования")
    await talk.press(firm.approver, "АТОЛ 91Ф · 77")
    assert "до 5\u00a0000\u00a0₽ за одну заявку. Так решили: Климова, 24 ноября 2026" in await talk.press(
        firm.approver, "до 5\u00a0000\u00a0₽"
    )
    with talk.office.work() as uow:
        ticket = in_work(uow, firm)
        add_work(uow, ticket.id, firm.part, 1, firm.engineer)
    with talk.database.read() as session:
        told = [call.params.get("text", "") for call in session.exec(select(Outbox)).all()]
        assert any("вы разрешили до 5\u00a0000\u00a0₽ (Климова, 24 ноября 2026)" in text for text in told)
        (used,) = ceilings_used(session, ticket.id)
        assert (used.given.kopecks, used.given.person, used.gross) == (500_000, "Климова", 320_000)
        assert session.exec(select(Approval.way)).one() == "ceiling"


async def test_a_changed_ceiling_leaves_the_earlier_one_to_be_read(talk: Talk) -> None:
    with talk.office.work() as uow:
        firm = build_firm(uow.session, unlimited=True, terms=TERMS)
    await talk.say(firm.boss, "⏱ Баланс")
    await talk.press(firm.boss, "✅ Согласования")
    await talk.press(firm.boss, "🔕 Лимит без согласования")
    await talk.press(firm.boss, "АТОЛ 91Ф · 77")
    await talk.press(firm.boss, "до 10\u00a0000\u00a0₽")
    await talk.press(firm.boss, "до 10\u00a0000\u00a0₽")
    assert "перед каждой платной работой спрашиваем" in await talk.press(firm.boss, "Спрашивать каждый раз")
    with talk.database.read() as session:
        rows = session.exec(select(Ceiling).order_by(col(Ceiling.id))).all()
        assert [(row.kopecks, row.granted_by, row.ended_at is None) for row in rows] == [
            (1_000_000, firm.boss, False),
            (0, firm.boss, True),
        ]


async def test_nobody_allows_more_than_they_may_approve_nor_without_a_right(talk: Talk) -> None:
    with talk.office.work() as uow:
        firm = build_firm(uow.session, unlimited=True, terms=TERMS)
    await talk.say(firm.boss, "⏱ Баланс")
    for button in ("✅ Согласования", "🔕 Лимит без согласования", "АТОЛ 91Ф · 77"):
        await talk.press(firm.boss, button)
    for stranger in (firm.requester, firm.outsider, firm.engineer):
        await talk.press(stranger, "до 3\u00a0000\u00a0₽", shown_to=firm.boss)
        assert popups(talk).startswith(("Не нахожу такого", "У вас нет прав"))
    await talk.say(firm.requester, "✅ Согласования")
    assert "🔕 Лимит без согласования" not in talk.buttons(firm.requester)
    with talk.database.read() as session:
        assert session.exec(select(Ceiling)).all() == []
