"""Buttons of hours to buy."""

from bot.billing.hours.life import PoolUsed
from bot.billing.hours.units import MINUTES
from bot.billing.quotes.models import TopUpState
from bot.billing.quotes.top_up import TopUpCard
from bot.handlers.client.top_up.presses import ApproveTopUp, AskTopUp
from bot.messaging.notices.texts import duration
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("balance/alert_used")
def offered(lang: str, pool: PoolUsed) -> Keyboard | None:
    if pool.for_staff or pool.unit != MINUTES:
        return None
    return Keyboard(
        [
            [
                Button(
                    "top_up.buy",
                    AskTopUp(contract=pool.contract_id, minutes=minutes),
                    values={"hours": duration(minutes, lang)},
                )
            ]
            for minutes in pool.sizes
        ]
    )


@buttons("top_up/card")
def card(_lang: str, shown: TopUpCard) -> Keyboard | None:
    if shown.state is not TopUpState.OFFERED:
        return None
    return Keyboard([[Button("top_up.approve", ApproveTopUp(top_up=shown.top_up_id))]])
