"""Timers by kind: which act a due row calls. A kind `chat:…` is not here: it becomes a row of that chat's inbox."""

from collections.abc import Mapping

from bot.answers.digest import DIGEST, tell_digest
from bot.answers.learning import TIMER as KB_REFIT
from bot.answers.learning import learn_by_timer
from bot.billing.debts.handle import RELEASE, REMIND, remind_debtor, remind_debtors
from bot.billing.debts.handle import TIMER as DEBT_CHECK
from bot.billing.documents.pay import CHECKOUT, checkout_lapsed
from bot.billing.documents.send import SEND_ONE, TELL_UNSENT, send_month, send_one, tell_unsent
from bot.billing.documents.send import TIMER as SEND_INVOICES
from bot.billing.hours.grants import GRANT_ONE, grant_by_timer, grant_one
from bot.billing.hours.grants import TIMER as GRANT_INCLUDED
from bot.billing.hours.life import TIMER as POOL_LIFE
from bot.billing.hours.life import live_on
from bot.clients.staff_chats import follow_move
from bot.jobs import housekeeping
from bot.jobs.receipts import take_receipt
from bot.jobs.ticker import TimerAct
from bot.messaging.outgoing.outbox import BACK, CARD_ANEW, LOST
from bot.messaging.outgoing.receipts import RECEIPT
from bot.tickets.calls.booking import TELL_ONE, tell_call, tell_calls
from bot.tickets.calls.booking import TIMER as TELL_CALLS
from bot.tickets.dispatch.alarms import tell_alarms
from bot.tickets.dispatch.group_cards import LOST_CALL, group_back, group_lost, lost_call, probe_group, show_card
from bot.tickets.dispatch.group_cards import PROBE as PROBE_GROUP
from bot.tickets.intake.appeals import WHOSE_WORDS, end_by_silence
from bot.tickets.intake.passing import ALONE, pass_alone, pass_waiting
from bot.tickets.intake.passing import TIMER as PASS_ON
from bot.tickets.life.deadlines import sla_late, sla_warn, take_late
from bot.tickets.month.close import TIMER as CLOSE_PERIOD
from bot.tickets.month.close import TOLD as PERIOD_CLOSED
from bot.tickets.month.close import close_by_timer, tell_closed
from bot.tickets.offers.offering import quote_expire, quote_remind
from bot.tickets.opening.release import RELEASE_ONE, release_held, release_one
from bot.tickets.thread.asked import place_by_itself
from bot.tickets.thread.asked_staff import TIMER as WHOSE_NOTE
from bot.tickets.thread.asked_staff import put_down_by_itself
from bot.tickets.work.accept import accept_silence

TIMERS: Mapping[str, TimerAct] = {
    "appeal_silence": end_by_silence,
    WHOSE_WORDS: place_by_itself,
    WHOSE_NOTE: put_down_by_itself,
    DIGEST: tell_digest,
    KB_REFIT: learn_by_timer,
    GRANT_INCLUDED: grant_by_timer,
    GRANT_ONE: grant_one,
    POOL_LIFE: live_on,
    DEBT_CHECK: remind_debtors,
    REMIND: remind_debtor,
    RELEASE: release_held,
    RELEASE_ONE: release_one,
    CLOSE_PERIOD: close_by_timer,
    PERIOD_CLOSED: tell_closed,
    SEND_INVOICES: send_month,
    SEND_ONE: send_one,
    TELL_UNSENT: tell_unsent,
    CHECKOUT: checkout_lapsed,
    TELL_CALLS: tell_calls,
    TELL_ONE: tell_call,
    "take_late": take_late,
    "sla_warn": sla_warn,
    "sla_late": sla_late,
    "quote_remind": quote_remind,
    "quote_expire": quote_expire,
    "accept_silence": accept_silence,
    LOST: group_lost,
    LOST_CALL: lost_call,
    BACK: group_back,
    PROBE_GROUP: probe_group,
    CARD_ANEW: show_card,
    PASS_ON: pass_waiting,
    ALONE: pass_alone,
    RECEIPT: take_receipt,
    "chat_moved": follow_move,
    "tell_alarms": tell_alarms,
    housekeeping.TIMER: housekeeping.keep_house,
}
