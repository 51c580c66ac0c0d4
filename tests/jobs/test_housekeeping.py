"""What is over goes after its time, what may still be asked for stays (docs/decisions/004)."""

from datetime import timedelta

from sqlmodel import select

from bot.jobs.housekeeping import keep_house
from bot.messaging.models import Alarm
from bot.messaging.outgoing.models import Card, part_key
from bot.tickets.bill.card import card_key_of
from bot.tickets.life.models import Ticket, TicketState
from tests.builders.jobs import build_firm, opened
from tests.conftest import NOON, TestOffice


def test_an_alarm_that_was_told_goes_and_one_that_nobody_heard_of_stays(office: TestOffice) -> None:
    with office.work() as uow:
        told = {"raised_at": NOON, "told_at": NOON}
        uow.session.add_all([Alarm(kind="poison", **told), Alarm(kind="refused", raised_at=NOON)])
    for days, left in ((44, ["poison", "refused"]), (46, ["refused"])):
        office.moment = NOON + timedelta(days=days)
        with office.work() as uow:
            keep_house(uow, {})
            assert sorted(uow.session.exec(select(Alarm.kind)).all()) == left


def test_the_card_of_a_closed_ticket_is_forgotten_after_its_time_and_an_open_one_s_is_not(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        closed, still = opened(uow, firm).id, opened(uow, firm).id
        ticket = uow.session.get_one(Ticket, closed)
        ticket.state, ticket.closed_at = TicketState.CLOSED, uow.now
        for place, key in enumerate((card_key_of(closed), part_key(card_key_of(closed), 1), card_key_of(still))):
            uow.session.add(Card(bot_id=1, chat_id=7, card_key=key, message_id=place))
    for days, left in ((179, [0, 1, 2]), (181, [2])):
        office.moment = NOON + timedelta(days=days)
        with office.work() as uow:
            keep_house(uow, {})
            assert sorted(uow.session.exec(select(Card.message_id)).all()) == left
