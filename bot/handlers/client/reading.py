"""Phase one of a turn: what the knowledge base makes of a free-text line, with what may be known of its writer."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from aiogram.types import Message

from bot.clients.identity import person_behind
from bot.db.unit_of_work import Office
from bot.handlers.client.recording import is_menu
from bot.kb.living import LivingBase
from bot.kb.reading import Reading
from bot.tickets.asking import Asker, asker

REMEMBER_SECONDS = 30.0
REMEMBER_PEOPLE = 10_000


class Askers:
    """What is known of each writer, remembered for half a minute.

    It only steers the search: whether an article may be seen is read anew when it is shown (R2.4).
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._known: OrderedDict[int, tuple[float, Asker]] = OrderedDict()

    def of(self, user_id: int) -> Asker:
        """The writer behind a messenger account."""
        now = time.monotonic()
        held = self._known.get(user_id)
        if held is not None and held[0] > now:
            return held[1]
        with self._office.database.read() as session:
            known = asker(session, person_behind(session, user_id), self._office.clock().date())
        self._known[user_id] = (now + REMEMBER_SECONDS, known)
        while len(self._known) > REMEMBER_PEOPLE:
            self._known.popitem(last=False)
        return known


def line_reader(office: Office, base: LivingBase) -> Callable[[Message], Any]:
    """Reads a line over the base with the client's equipment first and other plans' articles left out."""
    askers = Askers(office)

    def read(message: Message) -> Reading | None:
        if is_menu(message.text) or message.from_user is None:
            return None
        known = askers.of(message.from_user.id)
        return base.ask(message.text or "", kinds=known.kinds, audience=known.audience)

    return read
