"""The paid half of the story: a price before the work, an authorised yes, and another one on site (R7)."""

from bot.demo.cast import Cast
from bot.demo.stage import Stage

TILL_STICKER = "o_dseqPeUeTkdJ"


async def approval(stage: Stage, cast: Cast) -> int:
    """A requester without the right; the approver presses twice and approves once. Returns the ticket's number."""
    await stage.scene("5. Платная работа: цена до работы, согласует тот, кто вправе")
    yulia, andrey, group = cast.yulia, cast.andrey, cast.group
    await yulia.starts(TILL_STICKER)
    await yulia.sees("Меркурий 115Ф", "Что случилось?", claim="касса узнана по наклейке с QR-кодом")
    await yulia.says("Жуёт ленту, нужен ремонт, приезжайте")
    await yulia.sees("Меркурий 115Ф", "Жуёт ленту", buttons=("✅ Отправить",))
    await yulia.presses("✅ Отправить")
    card = await yulia.sees(
        "Работа платная", "с НДС", "Ждём согласования: Соколов", claim="заявитель видит, почему платно и кого ждём"
    )
    number = int(card.text.partition("№")[2].split()[0])
    await andrey.sees(
        f"Платная работа по заявке № {number}",
        "Итого: 4 000 ₽",
        "НДС 22 %: 721,31 ₽",
        "Если откажетесь",
        buttons=("✅ Согласовать", "✖️ Отказаться", "❓ Спросить"),
        claim="согласующий видит состав, цену с НДС, срок и что будет при отказе",
    )
    press = await andrey.presses("✅ Согласовать")
    await andrey.sees_toast("Согласовано")
    stage.transcript.note("связь моргнула: Telegram присылает то же нажатие ещё раз")
    await press.again()
    await andrey.sees("✅ Согласовано.", after=0)
    await yulia.sees("4 000 ₽ согласовано", claim="заявитель узнал, что можно начинать")
    await stage.quiet()
    told = [message for message in await yulia.person.sees(stage.bot) if "согласовано (смета" in message.text]
    andrey.holds("два нажатия — одно согласование", len(told) == 1, [message.text for message in told])
    await cast.ilya.sees(f"№ {number}", "Новая", "4 000 ₽: согласовано", buttons=("✋ Беру",), where=group)
    stage.transcript.held("взять заявку можно только после согласования")
    return number


async def more_on_site(stage: Stage, cast: Cast, number: int) -> None:
    """«+ ещё работа» on site is a quote of its own, and its line waits for the yes (R3.4)."""
    await stage.scene(f"6. На месте нашлось ещё: новая смета по заявке № {number}")
    yulia, andrey, ilya, group = cast.yulia, cast.andrey, cast.ilya, cast.group
    await ilya.presses("✋ Беру", group)
    await ilya.sees_toast("Ваша!", group)
    await ilya.sees(f"№ {number}", buttons=("▶️ Начал",), where=group)
    await ilya.presses("▶️ Начал", group)
    await ilya.sees(f"№ {number}", buttons=("➕ Ещё работа",), where=group)
    await ilya.presses("➕ Ещё работа", group)
    await ilya.sees(f"№ {number}", buttons=("➕ Ещё работа",))
    await ilya.presses("➕ Ещё работа")
    await ilya.sees("что добавить?")
    await ilya.presses("🔎 Найти")
    await ilya.sees("напишите название")
    await ilya.says("автоотрезчик")
    await ilya.sees(buttons=("Автоотрезчик кассы",))
    await ilya.presses("Автоотрезчик кассы")
    await ilya.sees("Сколько?")
    await ilya.presses("× 1")
    await ilya.sees_toast("ждём согласования", claim="инженер знает: без согласия не начинать")
    await andrey.sees("Ещё работа по заявке", "Автоотрезчик кассы", "4 300 ₽", buttons=("✅ Согласовать",))
    stage.transcript.held("согласующему пришла отдельная смета")
    await andrey.presses("✅ Согласовать")
    await andrey.sees("✅ Согласовано.")
    await ilya.sees("4 300 ₽ согласовано", claim="инженер узнал, что можно менять")
    await ilya.says("🧰 Мои наряды")
    await ilya.sees("Мои наряды", f"№ {number}")
    await ilya.presses(f"№ {number}")
    await ilya.sees("В работе", buttons=("🏁 Закончил",))
    await ilya.presses("🏁 Закончил")
    await ilya.sees("что сделано", "Автоотрезчик кассы", buttons=("✅ Сдать работу",))
    await ilya.presses("⏱ Время")
    await ilya.sees("сколько времени и почему")
    await ilya.says("60 мин ремонт и проверка")
    await ilya.sees("понял так: 1 ч", buttons=("⏱ Записать",))
    await ilya.presses("⏱ Записать")
    await ilya.sees("Время: 1 ч", buttons=("✅ Сдать работу",))
    await ilya.presses("✅ Сдать работу")
    await yulia.sees("работа закончена", "Автоотрезчик кассы", buttons=("✅ Принять",))
    await yulia.presses("✅ Принять")
    await yulia.sees("закрыта", claim="работа принята, к оплате только согласованное")
