"""Phase one of a turn: what the knowledge base makes of a free-text line, with what may be known of its writer."""

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from aiogram.types import Message

from bot.answers.asking import Asker, asker
from bot.answers.several import are_several, problems
from bot.clients.identification.identity import person_behind
from bot.db.unit_of_work import Office
from bot.handlers.common.recording import is_menu
from bot.kb.index.living import LivingBase
from bot.kb.judging.reading import Reading
from bot.messaging.messengers import AccountId
from bot.telegram import ids

REMEMBER_SECONDS = 30.0
REMEMBER_PEOPLE = 10_000


class Askers:
    """What is known of each writer, remembered for half a minute.

    It only steers the search: whether an article may be seen is read anew when it is shown (R2.4).
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._known: OrderedDict[AccountId, tuple[float, Asker]] = OrderedDict()

    def of(self, account: AccountId) -> Asker:
        """The writer behind a messenger account."""
        now = time.monotonic()
        held = self._known.get(account)
        if held is not None and held[0] > now:
            return held[1]
        with self._office.database.read() as session:
            known = asker(session, person_behind(session, account), self._office.clock())
        self._known[account] = (now + REMEMBER_SECONDS, known)
        while len(self._known) > REMEMBER_PEOPLE:
            self._known.popitem(last=False)
        return known


class LineReader:
    """Reads a line over the base with the client's equipment first; their own names of it and other plans' articles are
    left out."""

    def __init__(self, office: Office, base: LivingBase) -> None:
        self._askers = Askers(office)
        self._base = base

    def __call__(self, message: Message) -> Reading | None:
        """What the base makes of a message; None for a word of the menu."""
        if is_menu(message.text) or message.from_user is None:
            return None
        known = self._askers.of(ids.account(message.from_user.id))
        line = message.text or ""
        parts = tuple(self._read(part, known) for part in problems(line))
        reading = self._read(line, known)
        return replace(reading, parts=parts) if are_several(parts) else reading

    def _read(self, line: str, known: Asker) -> Reading:
        return self._base.ask(line, kinds=known.kinds, names=known.names, audience=known.audience)

    def ahead(self, texts: Sequence[str]) -> None:
        """Several messages that will be read one after another."""
        self._base.read_ahead([text for text in texts if not is_menu(text)])
