"""Telegram's ids as the rest of the house knows them."""

from bot.messaging.messengers import AccountId, BotId, ChatId, Messenger

MESSENGER = Messenger.TELEGRAM


def bot(number: int) -> BotId:
    return BotId(MESSENGER, number)


def chat(number: int) -> ChatId:
    return ChatId(MESSENGER, number)


def account(user_id: int) -> AccountId:
    return AccountId(MESSENGER, user_id)
