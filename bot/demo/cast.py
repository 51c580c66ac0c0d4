"""Who plays: people of the demo company, with the phones that its tables know them by, and one stranger."""

from dataclasses import dataclass

from bot.demo.stage import Actor, Stage
from bot.sandbox.client import Group


@dataclass(slots=True)
class Cast:
    """Clients, staff and a stranger, and the engineers' group."""

    pavel: Actor  # opens tickets for ООО «Ромашка»
    yulia: Actor  # opens tickets for ИП Соколов, may not approve
    andrey: Actor  # owner of ИП Соколов, approves
    nikolay: Actor  # in no table
    sergey: Actor  # engineer
    ilya: Actor  # engineer
    oksana: Actor  # dispatcher
    maxim: Actor  # manager
    vera: Actor  # admin
    group: Group

    @property
    def engineers(self) -> tuple[Actor, Actor]:
        return self.sergey, self.ilya


async def gather(stage: Stage, *, forum: bool = True) -> Cast:
    """Give everybody a phone and found the engineers' group, which the bot doesn't know yet."""
    enters = stage.enters
    pavel = await enters("Павел Гусев", "клиент, ООО «Ромашка»", "+79002000003")
    yulia = await enters("Юлия Соколова", "клиент, ИП Соколов", "+79002000008")
    andrey = await enters("Андрей Соколов", "согласует оплату, ИП Соколов", "+79002000007")
    sergey = await enters("Сергей Фомин", "инженер", "+79001000004")
    oksana = await enters("Оксана Титова", "диспетчер", "+79001000002")
    maxim = await enters("Максим Лебедев", "менеджер", "+79001000003")
    ilya = await enters("Илья Зайцев", "инженер", "+79001000005")
    vera = await enters("Вера Королёва", "администратор", "+79001000001")
    nikolay = await enters("Николай Ветров", "не в базе", "+79995550101")
    group = await stage.founds_group("Инженеры", vera, oksana, sergey, ilya, forum=forum)
    for member in (vera, oksana, sergey, ilya):
        member.in_group = True
    return Cast(pavel, yulia, andrey, nikolay, sergey, ilya, oksana, maxim, vera, group)


async def gets_acquainted(actor: Actor) -> None:
    """Consent, own number, menu (R2.1, R2.5)."""
    await actor.starts()
    await actor.sees("номер телефона", buttons=("✅ Согласен",))
    await actor.presses("✅ Согласен")
    await actor.sees(buttons=("📱 Отправить мой номер",))
    await actor.shares_phone()
    await actor.sees("рад знакомству")


async def links_group(cast: Cast) -> None:
    """The admin makes the group the place of dispatch cards."""
    await cast.vera.says("/dispatch", cast.group)
    await cast.vera.sees("заявки будут приходить сюда", where=cast.group)
