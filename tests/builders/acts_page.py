"""What can be done with a ticket, in which state, by whom, as a page: `docs/tickets.md`.

`python -m tests.builders.acts_page` writes the file anew from the table of acts; a test holds it current.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.messaging.notices.texts import label
from bot.tickets.life.acts import ACTS, ANY, Act, Given, Hearer, Leave, Who, moves
from bot.tickets.life.models import TicketState as S

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tickets.md"

HEAD = """# What can be done with a ticket

Made from the one table of acts, `bot/tickets/life/acts.py` (`python -m tests.builders.acts_page`); a test holds
this page to it, another calls every act in every state as everybody and compares the rows
(`tests/tickets/life/test_every_act.py`). Guards, refusals and the buttons of cards come from the same table.

An act that the table has for you in another state is refused with the present state of the ticket in words, and
changes nothing (R2.4); one that it has for you in no state, with «нет прав», or as if there were no such ticket. A
press that comes again gets the answer it got («again»). What lets paid or held work go on acts in the one state that
waits for it, again or not (R3.6).

**Who gives a ticket up.** An engineer declines what they have taken with a reason as long as work hasn't begun: it
goes back to be taken and dispatchers are told why. Once it has begun only a dispatcher, a manager or an admin takes
it away, and the minutes begun are kept in its history. Leaving the firm frees what one had.

**When a ticket moves on** (R7.11). While an offer waits, a ticket that waits for it stays; work agreed already may go
on meanwhile. Once none waits, it moves on if one was agreed or covered work remains, whether the last answer was a
yes, a no, an expiry or a withdrawal. Else it says what can come next: free advice, another price, closing it.

A person may be several of these to one ticket. Former staff, people who are not active and people of a closed
company are strangers to it.
"""

WHO = {
    Who.REQUESTER: "asked for it",
    Who.JOINED: "added what they said to it",
    Who.APPROVER: "may approve at that place",
    Who.DEPUTY: "stands in for one who may approve",
    Who.FINANCE: "sees the client's money",
    Who.OWNER: "owner of the client",
    Who.COLLEAGUE: "sees it as the company shares its tickets",
    Who.NEIGHBOUR: "of the company, sees the object and not the ticket",
    Who.ENGINEER: "took it: an engineer, or a dispatcher or admin",
    Who.OTHER_ENGINEER: "an engineer who has not taken it",
    Who.DISPATCHER: "",
    Who.MANAGER: "",
    Who.ADMIN: "",
    Who.CLOCK: "time, or another act: nobody pressed anything",
}
GIVEN = {
    Given.QUOTE_WAITS: "an offer waits for an answer",
    Given.WORD_DISPUTABLE: "an oral yes not older than a day (R7.7)",
    Given.NOTHING_WAITS: "every offer is answered and none was agreed",
    Given.UNPAID: "an agreed offer waits for its prepayment",
    Given.PRICE_WAITS: "urgent work is done and its price isn't answered (R3.1)",
    Given.PRICEABLE: "urgent work is done and no price was agreed",
    Given.HOLDER_LEFT: "whoever had it works here no more",
    Given.WAITS: "its engineer waits for the client, access or parts",
    Given.WAITS_NOT: "nothing is waited for",
    Given.ADDED: "what was said had only been added to it: it is taken out again",
    Given.ACCEPTED: "accepted already, while a price waits",
}
ACT = {
    Act.SEE: ("See the ticket", "list and opening obey one condition (R2.8)"),
    Act.WRITE: ("Write into it", "a dialogue left open ends with the ticket: what comes then is a new question"),
    Act.JOIN: ("Add what was said to it", "also from triage (R1.4)"),
    Act.SEE_QUOTE: ("See an offer", ""),
    Act.ASK_ABOUT_QUOTE: ("Ask about an offer", "it goes on waiting"),
    Act.CHANGE_QUOTE: ("Choose an option, take one piece off", "makes a new version (R7.3)"),
    Act.YES: ("Say yes to an offer", "within limits (R7.4)"),
    Act.NO: ("Say no to an offer", "closes the paid part only (R7.9)"),
    Act.DISPUTE_WORD: ("«Я этого не согласовывал»", "an oral yes doesn't stand"),
    Act.ASK_OTHER_WAY: ("Ask for free advice or another price", "after a no"),
    Act.CANCEL: ("Cancel", "not once work has begun"),
    Act.ACCEPT: ("Accept the work", "the clock does after the days of silence (R10.4)"),
    Act.DISPUTE: ("Dispute a line", ""),
    Act.RATE: ("Rate", "the last word stands"),
    Act.REOPEN: ("«Не починили»", "new deadlines"),
    Act.DISPUTE_ENTRY: ("Object to a drawing of hours", "finance of the whole company"),
    Act.SEE_JOB: ("See the job", "card, files, history, what to say"),
    Act.TELL_CLIENT: ("Write to the client", ""),
    Act.NOTE: ("Note among staff", "an anonymous admin of the group may (R2.6)"),
    Act.TAKE: ("Take", "one winner"),
    Act.DECLINE: ("Decline with a reason", "on the board it is only noted"),
    Act.GO: ("Set out", ""),
    Act.START: ("Begin work", ""),
    Act.ADD_WORK: ("Add a work or part", "what is paid waits for its own yes (R3.4)"),
    Act.REMOVE_WORK: ("Take a line back", "its offer is withdrawn"),
    Act.SAY_TIME: ("Say the time spent", ""),
    Act.BOOK_CALL: ("Book a phone call", "a leader for an engineer who left"),
    Act.WAIT: ("Wait for the client, access or parts", "resolution is paused, not reaction (R8.2)"),
    Act.GO_ON: ("Go on after waiting", "what moves the job on ends the waiting too"),
    Act.FINISH: ("Hand the work over", "with labour or works (R10.3)"),
    Act.TAKE_AWAY: ("Take it away from its engineer", ""),
    Act.ESTIMATE: ("Name a price", "a reaction (R8.2)"),
    Act.YES_BY_WORD: ("Record an oral yes", "with reason and evidence (R7.7)"),
    Act.RELEASE: ("Let it go on despite a debt", "by itself once no debt stands in its way"),
    Act.PREPAID: ("Record the prepayment of added work", "by itself once no debt stands in its way"),
    Act.RESOLVE: ("Settle a dispute", ""),
    Act.WRITE_OFF: ("Let the price of urgent work go", ""),
    Act.SETTLE_ENTRY: ("Settle an objection to a drawing", ""),
    Act.UNLINK: ("Undo the link to a company", "a ticket opened from it is taken back"),
    Act.LEAVE: ("Its engineer works here no more", ""),
    Act.EXPIRE: ("An offer's time is over", ""),
    Act.REMIND: ("Remind of an offer", ""),
    Act.WARN: ("Warn of a target, tell that it passed", "while it runs (R8.3)"),
    Act.NOT_TAKEN: ("Nobody took it in time", ""),
}
HEARER = {
    Hearer.CLIENT: "client",
    Hearer.APPROVERS: "approvers",
    Hearer.PAYERS: "finance, owners",
    Hearer.ENGINEER: "engineer",
    Hearer.DISPATCHERS: "dispatchers",
    Hearer.MANAGERS: "managers",
    Hearer.AUTHOR: "whoever did it or wrote",
}


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_people(), "", *_states(), "", *_acts(), ""])


def _people() -> Iterator[str]:
    yield "## Who\n"
    yield "| | |\n|---|---|"
    yield from (f"| {_word(who)} | {WHO[who]} |" for who in Who)


def _states() -> Iterator[str]:
    yield "## States\n"
    yield "| state | in words | may be followed by |\n|---|---|---|"
    for state, following in moves().items():
        words = label(f"state.{state.value}", "ru")
        yield f"| {_word(state)} | {words} | {_list(S, following - {state})} |"
    yield ""
    other = " or ".join(f"«{label(f'state.{key}', 'ru')}»" for key in ("awaiting_price", "awaiting_choice"))
    yield f"A ticket that waits for approval without an offer that waits says {other} instead."


def _acts() -> Iterator[str]:
    yield "## Acts\n"
    yield "Cards are brought up to date by every act; «told» is who reads a notice besides.\n"
    yield "| act | in state | who | then | if | told |\n|---|---|---|---|---|---|"
    for act in Act:
        rule, (name, note) = ACTS[act], ACT[act]
        title = f"**{name}**" + (f": {note}" if note else "")
        told = ", ".join(HEARER[each] for each in Hearer if each in rule.told)
        for place, leave in enumerate(rule.leaves):
            first = place == 0
            yield f"| {title if first else ''} | {_where(leave)} | {_list(Who, leave.who)} | {_then(leave)} | " + (
                f"{GIVEN[leave.given] if leave.given else ''} | {told if first else ''} |"
            )


def _where(leave: Leave) -> str:
    if leave.states == ANY:
        return "any"
    if len(leave.states) > len(ANY) // 2 + 2:
        return f"any but {_list(S, ANY - leave.states)}"
    return _list(S, leave.states)


def _then(leave: Leave) -> str:
    return "again: nothing changes" if leave.again else _list(S, leave.to) or "stays"


def _list(order: Iterable[S | Who], found: Iterable[S | Who]) -> str:
    kept = frozenset(found)
    return ", ".join(_word(each) for each in order if each in kept)


def _word(each: S | Who) -> str:
    return each.name.lower().replace("_", " ")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
