"""The object from the client's own words, over the Bot API of the sandbox, on both databases (R1.3)."""

from sqlmodel import col, select

from bot.app import App
from bot.demo.stage import Stage
from bot.tickets.life.models import Ticket
from tests.story.conftest import met

ARBAT, SERIAL = "Атол 91Ф · Магазин на Арбате", "00105879142802"


def newest_ticket(app: App) -> Ticket:
    with app.database.read() as session:
        return session.exec(select(Ticket).order_by(col(Ticket.id).desc())).first()


async def test_what_was_named_is_first_and_a_number_opens_it(stage: Stage, app: App) -> None:
    pavel = (await met(stage, "pavel")).pavel
    await pavel.says("касса на арбате не включается")
    await pavel.sees("включается", buttons=("📝 Оформить заявку",))  # the article, whatever the street is called
    await pavel.presses("📝 Оформить заявку")
    listed = await pavel.sees("похоже на ваши слова", buttons=("🔎 Найти", ARBAT))
    assert [row[0] for row in listed.buttons][:2] == ["🔎 Найти", ARBAT]
    await pavel.presses(ARBAT)
    await pavel.sees("касса на арбате не включается", SERIAL, "ККТ-0004", buttons=("✅ Отправить",))
    await pavel.presses("✅ Отправить")
    await pavel.sees("Входит в договор")
    first = newest_ticket(app)
    await pavel.says(SERIAL)
    await pavel.sees("Атол 91Ф", "Что случилось?")
    await pavel.says("не режет чек")
    await pavel.sees(f"уже есть заявка № {first.number}", buttons=("Нет, новая заявка",))
    await pavel.presses("Нет, новая заявка")
    await pavel.sees("не режет чек", SERIAL, buttons=("✅ Отправить",))
    await pavel.presses("✅ Отправить")
    await pavel.sees("Входит в договор")
    second = newest_ticket(app)
    assert (second.object_id, second.description) == (first.object_id, "не режет чек") and second.id != first.id
