"""A ticket's history as each side reads it: what is the house's own stays in the house."""

import pytest

from bot.tickets.life.lifecycle import note
from bot.tickets.thread.listing import OF_THE_HOUSE, history_of
from tests.builders.jobs import build_firm, opened
from tests.conftest import TestOffice


@pytest.mark.parametrize("kind", sorted(OF_THE_HOUSE))
def test_a_client_does_not_read_who_of_ours_moved_the_ticket(office: TestOffice, kind: str) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm)
        note(uow, ticket, kind, firm.dispatcher)
        uow.session.flush()
        for reader, name in ((firm.requester, ""), (firm.dispatcher, "Дина")):
            events = history_of(uow.session, ticket.id, reader).events
            assert [each.who for each in events if each.kind == kind] == [name]
