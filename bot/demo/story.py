"""The main story: from /start to an accepted job, and what a client can look up. Each scene says what must be seen."""

import re

from bot.demo.cast import Cast, gather, gets_acquainted, links_group
from bot.demo.paid_story import approval, more_on_site
from bot.demo.pictures import dead_till
from bot.demo.stage import Stage

TILL_SERIAL = "00104806583321"


async def play(stage: Stage, *, forum: bool = True) -> Cast:
    """Play every scene in order. Raises StepFailedError at the first step that does not hold."""
    cast = await gather(stage, forum=forum)
    await acquaintance(stage, cast)
    await question(stage, cast)
    await covered_work(stage, cast, await covered_ticket(stage, cast))
    await covered_end(stage, cast)
    number = await approval(stage, cast)
    await more_on_site(stage, cast, number)
    await stranger(stage, cast)
    await looking_up(stage, cast)
    await language(stage, cast)
    await stage.writes_down_the_rest()
    return cast


async def acquaintance(stage: Stage, cast: Cast) -> None:
    """Consent first, then the number; the company is known by it (R2.1, R2.5)."""
    await stage.scene("1. Знакомство: согласие, номер, меню")
    pavel = cast.pavel
    await pavel.starts()
    await pavel.sees("Отозвать согласие можно", buttons=("✅ Согласен",), claim="согласие спрошено до номера")
    await pavel.presses("✅ Согласен")
    await pavel.sees(buttons=("📱 Отправить мой номер",), claim="номер отправляется одной кнопкой")
    await pavel.shares_phone()
    await pavel.sees("ООО «Ромашка»", buttons=("📝 Новая заявка",), claim="клиент узнан по номеру, меню внизу")
    stage.transcript.note("так же знакомятся остальные: клиенты, инженеры, диспетчер, менеджер, администратор")
    quiet = stage.hushed()
    for actor in (cast.yulia, cast.andrey, cast.sergey, cast.ilya, cast.oksana, cast.maxim, cast.vera):
        await gets_acquainted(actor)
    await stage.speaks(quiet)
    await links_group(cast)
    stage.transcript.held("группа инженеров подключена командой /dispatch")


async def question(stage: Stage, cast: Cast) -> None:
    """A misspelt line is read right and answered (R1.2)."""
    await stage.scene("2. Вопрос с опечатками: ответ из базы знаний")
    pavel = cast.pavel
    await pavel.says("принтер мнет бумгу")
    await pavel.sees("Понял как: принтер мнет бумагу", "Замяло бумагу", buttons=("👍 Помогло",), claim="ответ найден")
    await pavel.presses("👍 Помогло")
    await pavel.sees("Отлично", claim="обращение закрыто ответом")


async def covered_ticket(stage: Stage, cast: Cast) -> int:
    """No answer → a ticket on the contract and the object → hours, told before the work. Returns its number."""
    await stage.scene("3. Ответа нет: заявка на свою кассу, часы по договору")
    pavel, sergey, group = cast.pavel, cast.sergey, cast.group
    await pavel.says("дымок и запах горелого из кассы на Тверской")
    ways = ("📝 Оформить заявку", "🙋 Человек")
    await pavel.sees("Готового ответа у меня нет", buttons=ways, claim="бот не выдумывает")
    await pavel.presses("📝 Оформить заявку")
    await pavel.sees("С чем нужна помощь?", buttons=("🔎 Найти", "Нет в списке"), claim="оборудование из договора")
    await pavel.sends_photo(dead_till(), "вот так сейчас")
    await pavel.sees("С чем нужна помощь?")
    await pavel.says(TILL_SERIAL)
    await pavel.sees(
        "Атол 91Ф",
        "СЛ-2025/014",
        "дымок и запах",
        "Вложений: 1",
        buttons=("✅ Отправить",),
        claim="касса найдена по серийному номеру, договор и фото на месте",
    )
    await pavel.presses("✅ Отправить")
    card = await pavel.sees("Входит в договор СЛ-2025/014", "спишем из часов", "после этого останется", "решим до")
    number = ticket_number(card.text)
    stage.transcript.held("до работы сказано: входит в договор, сколько часов уйдёт и останется, срок")
    await sergey.sees(f"№ {number}", "ООО «Ромашка»", "ул. Тверская, 12", where=group, claim="карточка у инженеров")
    return number


async def covered_work(stage: Stage, cast: Cast, number: int) -> None:
    """Taken, on the way, started, talked about; each step reaches the client."""
    pavel, sergey, group = cast.pavel, cast.sergey, cast.group
    await stage.scene(f"4. Инженер берёт заявку № {number}, клиент видит каждый шаг")
    await sergey.presses("✋ Беру", group)
    await sergey.sees_toast("Ваша!", group)
    await pavel.sees("взял", "Фомин", claim="клиент знает, кто взял")
    await sergey.presses("🚗 Еду", group)
    await pavel.sees("выехал", claim="и что инженер в пути")
    await sergey.presses("▶️ Начал", group)
    await pavel.sees("начал работу", claim="и что работа идёт")
    await sergey.presses("💬 Клиенту", group)
    await sergey.sees(f"№ {number}", buttons=("💬 Клиенту",))
    await sergey.presses("💬 Клиенту")
    await sergey.sees("напишите сообщение клиенту")
    await sergey.says("Сгорел блок питания. Можно отключить кассу на десять минут?")
    await pavel.sees("Можно отключить кассу", buttons=("💬 Ответить",), claim="инженер пишет клиенту")
    await pavel.presses("💬 Ответить")
    await pavel.sees("Напишите сообщение в заявку")
    await pavel.says("Да, отключайте, очереди нет")
    await sergey.sees("отключайте, очереди нет", claim="клиент отвечает инженеру")
    await pavel.sees("Передал в заявку", "Можете написать ещё")


async def covered_end(_stage: Stage, cast: Cast) -> None:
    """Works and time are handed over, accepted and rated (R10)."""
    pavel, sergey, group = cast.pavel, cast.sergey, cast.group
    await sergey.presses("🏁 Закончил", group)
    await sergey.sees("что сделано", buttons=("➕ Работа", "⏱ Время"))
    await sergey.presses("🔎 Найти")
    await sergey.sees("напишите название")
    await sergey.says("диагностика кассы")
    await sergey.sees(buttons=("Диагностика кассы",))
    await sergey.presses("Диагностика кассы")
    await sergey.sees("Сколько?")
    await sergey.presses("× 1")
    await sergey.sees("Диагностика кассы, 1 шт", claim="работа из прейскуранта, из часов договора")
    await sergey.presses("⏱ Время")
    await sergey.sees("сколько времени и почему")
    await sergey.says("50 мин ждал доступ к щитку")
    await sergey.sees(
        "понял так: 50 мин",
        "ждал доступ к щитку",
        buttons=("⏱ Записать",),
        claim="время записывается как понято, по нажатию",
    )
    await sergey.presses("⏱ Записать")
    await sergey.sees("Время: 50 мин", buttons=("✅ Сдать работу",))
    await sergey.presses("✅ Сдать работу")
    await pavel.sees(
        "работа закончена",
        "потрачено 50 мин → учтено 1 ч",
        buttons=("✅ Принять", "⚠️ Есть вопрос"),
        claim="клиент видит работы, потраченное и учтённое время",
    )
    await pavel.presses("✅ Принять")
    await pavel.sees("закрыта", buttons=("5 ⭐",))
    await pavel.presses("5 ⭐")
    await pavel.sees("Спасибо за оценку: 5 из 5", claim="работа принята и оценена")


async def stranger(stage: Stage, cast: Cast) -> None:
    """Someone in no table is recorded and reaches a person (R1.3, R2.1)."""
    await stage.scene("7. Незнакомый человек: разбор у диспетчера")
    nikolay, oksana = cast.nikolay, cast.oksana
    await nikolay.starts()
    await nikolay.sees(buttons=("✅ Согласен",))
    await nikolay.presses("✅ Согласен")
    await nikolay.sees(buttons=("📱 Отправить мой номер",))
    await nikolay.shares_phone()
    await nikolay.sees("Этого номера пока нет", claim="незнакомого спрашивают, кто он")
    await nikolay.says("Кафе «Ветерок», ИНН 7707083893, не работает терминал")
    await nikolay.sees("диспетчер", claim="и не теряют")
    await oksana.sees("Николай Ветров", "Кафе «Ветерок»", where=cast.group, claim="диспетчер видит его в разборе")
    await oksana.presses("Открыть", cast.group)
    await oksana.sees("Николай Ветров", buttons=("💬 Ответить",))
    await oksana.presses("💬 Ответить")
    await oksana.sees("Напишите ответ клиенту")
    await oksana.says("Здравствуйте, Николай! Договор пришлём сегодня, мастер будет завтра.")
    await nikolay.sees("мастер будет завтра", claim="ответ диспетчера пришёл в тот же чат")


async def looking_up(stage: Stage, cast: Cast) -> None:
    """Plan, balance, all plans, the wish to change, own tickets with their history."""
    await stage.scene("8. Тариф, баланс, мои заявки")
    pavel = cast.pavel
    await pavel.presses("💼 Тарифы")
    await pavel.sees("Тариф «Бизнес»", claim="свой тариф")
    await pavel.presses("📊 Сравнить тарифы")
    await pavel.sees("Старт", "✓ Бизнес", "Максимум", claim="все тарифы рядом")
    await pavel.presses("Максимум")
    await pavel.sees("Тариф «Максимум»", buttons=("✋ Хочу перейти",))
    await pavel.presses("✋ Хочу перейти")
    await pavel.sees("Передали менеджеру")
    await cast.maxim.sees("ООО «Ромашка»", "Максимум", "Гусев", claim="менеджер узнал, что клиент хочет перейти")
    await cast.andrey.presses("⏱ Баланс")
    await cast.andrey.sees(
        "баланс", "Включено в тариф", "списано", claim="баланс видит владелец: начислено, списано, осталось"
    )
    await pavel.presses("📋 Мои заявки")
    await pavel.sees("Мои заявки", "Закрыта", claim="список своих заявок")
    await pavel.presses("Атол 91Ф · Магазин на Тверской")
    await pavel.sees("Закрыта", "Ваша оценка: 5 из 5", buttons=("📜 История",))
    await pavel.presses("📜 История")
    await pavel.sees("работа принята", "Можно отключить кассу", claim="история и переписка целиком")


async def language(stage: Stage, cast: Cast) -> None:
    """The same bot in English, and back."""
    await stage.scene("9. English, please")
    pavel = cast.pavel
    await pavel.presses("⚙️ Настройки")
    await pavel.sees("Язык: русский", buttons=("🌐 English",))
    await pavel.presses("🌐 English")
    await pavel.sees("English", buttons=("🌐 Русский",), claim="язык сменился")
    await pavel.says("the printer jams paper")
    await pavel.sees("paper", buttons=("👍",), claim="и ответы тоже на английском")
    await pavel.says("/settings")
    await pavel.sees(buttons=("🌐 Русский",))
    await pavel.presses("🌐 Русский")
    await pavel.sees("Язык: русский")


def ticket_number(text: str) -> int:
    """«Заявка № 49 · Новая» → 49."""
    return int(re.split(r"\D", text.partition("№")[2].lstrip())[0])
