"""Phase one of a turn: what the knowledge base makes of a free-text line, with what may be known of its writer."""

from collections.abc import Callable
from typing import Any

from aiogram.types import Message

from bot.clients.identity import visitor_of
from bot.db.unit_of_work import Office
from bot.handlers.client.recording import is_menu
from bot.kb.living import LivingBase
from bot.kb.reading import Reading
from bot.tickets.asking import asker


def line_reader(office: Office, base: LivingBase) -> Callable[[Message], Any]:
    """Reads a line over the base with the client's equipment first and other plans' articles left out."""

    def read(message: Message) -> Reading | None:
        if is_menu(message.text) or message.from_user is None:
            return None
        with office.database.read() as session:
            person = visitor_of(session, message.from_user.id).person
            known = asker(session, person.id if person else None, office.clock().date())
        return base.ask(message.text or "", kinds=known.kinds, audience=known.audience)

    return read
