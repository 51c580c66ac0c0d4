"""The table of acts: which act is possible on a ticket in which state, for whom, where it leads and who hears of it
(R2.4).

Guards ask it, buttons come from it, and `docs/tickets.md` is made of it. All here is data; `leave.py` finds out who
somebody is to a ticket and asks.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.tickets.life.models import TicketState as S


class Who(StrEnum):
    """What somebody is to one ticket; one person may be several. Whoever is none of these is a stranger to it."""

    REQUESTER = "requester"  # asked for it
    JOINED = "joined"  # added what they said to it (R1.4)
    APPROVER = "approver"  # in scope, like the next three (R2.8)
    DEPUTY = "deputy"  # of one who may approve there (R7.6)
    FINANCE = "finance"
    OWNER = "owner"
    COLLEAGUE = "colleague"  # sees it because the company shares its tickets
    NEIGHBOUR = "neighbour"  # sees its object, not the ticket
    ENGINEER = "engineer"  # took it
    OTHER_ENGINEER = "other_engineer"
    DISPATCHER = "dispatcher"
    MANAGER = "manager"
    ADMIN = "admin"
    CLOCK = "clock"  # nobody pressed anything


class Hearer(StrEnum):
    """Who is told of an act in a notice of their own; cards follow by themselves."""

    CLIENT = "client"  # the requester, or who answers in their stead
    APPROVERS = "approvers"
    PAYERS = "payers"  # the client's finance and owners
    ENGINEER = "engineer"  # who has the ticket, or had it
    DISPATCHERS = "dispatchers"
    MANAGERS = "managers"
    AUTHOR = "author"  # whose words or press it was


class Given(StrEnum):
    """What must be there besides the state."""

    QUOTE_WAITS = "quote_waits"  # for an answer
    WORD_DISPUTABLE = "word_disputable"  # an oral yes that is young enough (R7.7)
    NOTHING_WAITS = "nothing_waits"  # every offer is answered and none was agreed (R7.11)
    UNPAID = "unpaid"  # an agreed offer waits for its prepayment (R3.6)
    PRICE_WAITS = "price_waits"  # of urgent work that is done (R3.1)
    PRICEABLE = "priceable"  # urgent work whose price nobody has agreed to
    HOLDER_LEFT = "holder_left"  # whoever had it works here no more
    WAITS = "waits"  # its engineer for the client, access or parts
    WAITS_NOT = "waits_not"
    ADDED = "added"  # what was said was added to it, it didn't come from that
    ACCEPTED = "accepted"  # accepted already, while a price waits


class Act(StrEnum):
    """What can be done with a ticket."""

    SEE = "see"
    WRITE = "write"
    JOIN = "join"
    SEE_QUOTE = "see_quote"
    ASK_ABOUT_QUOTE = "ask_about_quote"
    CHANGE_QUOTE = "change_quote"
    YES = "yes"
    NO = "no"
    DISPUTE_WORD = "dispute_word"
    ASK_OTHER_WAY = "ask_other_way"
    CANCEL = "cancel"
    ACCEPT = "accept"
    DISPUTE = "dispute"
    RATE = "rate"
    REOPEN = "reopen"
    DISPUTE_ENTRY = "dispute_entry"
    SEE_JOB = "see_job"
    TELL_CLIENT = "tell_client"
    NOTE = "note"
    TAKE = "take"
    DECLINE = "decline"
    GO = "go"
    START = "start"
    ADD_WORK = "add_work"
    REMOVE_WORK = "remove_work"
    SAY_TIME = "say_time"
    BOOK_CALL = "book_call"
    WAIT = "wait"
    GO_ON = "go_on"
    FINISH = "finish"
    TAKE_AWAY = "take_away"
    ESTIMATE = "estimate"
    YES_BY_WORD = "yes_by_word"
    RELEASE = "release"
    PREPAID = "prepaid"
    RESOLVE = "resolve"
    WRITE_OFF = "write_off"
    SETTLE_ENTRY = "settle_entry"
    UNLINK = "unlink"
    LEAVE = "leave"
    EXPIRE = "expire"
    REMIND = "remind"
    WARN = "warn"
    NOT_TAKEN = "not_taken"


@dataclass(frozen=True, slots=True)
class Leave:
    """In these states these people may; `to` are the states that may follow, empty where it stays as it is. `given` is
    what must be there besides. `again`: it is done already, and whoever presses once more gets the same answer."""

    states: frozenset[S]
    who: frozenset[Who]
    to: frozenset[S] = frozenset()
    given: Given | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """All leaves of one act, and who may hear of it."""

    leaves: tuple[Leave, ...]
    told: frozenset[Hearer] = frozenset()


ANY = frozenset(S)
SPEAKERS = frozenset({Who.REQUESTER, Who.APPROVER, Who.OWNER})
DECIDERS = frozenset({Who.APPROVER, Who.DEPUTY, Who.OWNER})
READERS = SPEAKERS | DECIDERS | {Who.JOINED, Who.FINANCE, Who.COLLEAGUE}
CLIENTS = READERS | {Who.NEIGHBOUR}
HOLDER = frozenset({Who.ENGINEER})
WORKERS = frozenset({Who.ENGINEER, Who.OTHER_ENGINEER, Who.DISPATCHER, Who.ADMIN})
LEADERS = frozenset({Who.DISPATCHER, Who.MANAGER, Who.ADMIN})
STAFF = WORKERS | LEADERS
CLOCK = frozenset({Who.CLOCK})
BEFORE_WORK = frozenset({S.TAKEN, S.ON_THE_WAY})
AT_WORK = frozenset({S.IN_WORK, S.WAITING})
WITH_HOLDER = BEFORE_WORK | AT_WORK
HANDED_OVER = frozenset({S.DONE, S.DISPUTED})
OVER = frozenset({S.CLOSED, S.CANCELLED})
UNDER_WAY = ANY - HANDED_OVER - OVER
JOINABLE = UNDER_WAY | {S.DISPUTED}  # what is said may still be added to it (R1.4)
_H = Hearer


def _leave(
    states: S | Iterable[S],
    who: frozenset[Who],
    *to: S,
    given: Given | None = None,
    again: bool = False,
) -> Leave:
    found = frozenset({states}) if isinstance(states, S) else frozenset(states)
    return Leave(found, who, frozenset(to), given, again)


def _answered(who: frozenset[Who], *late: S, given: Given | None = Given.QUOTE_WAITS) -> tuple[Leave, ...]:
    """An offer answered, or gone: what waited for it may go on once nothing waits any more (R7.11)."""
    return (
        _leave(S.AWAITING_APPROVAL, who, S.NEW, S.AWAITING_PAYMENT, S.AWAITING_APPROVAL, given=given),
        _leave((S.AWAITING_PAYMENT, S.NEW, S.TAKEN, S.ON_THE_WAY, S.IN_WORK), who, given=given),
        _leave(S.WAITING, who, S.IN_WORK, S.WAITING, given=given),
        _leave(S.DONE, who, S.DONE, *late, given=given),
        _leave(S.DISPUTED, who, given=given),
    )


ACTS: Mapping[Act, Rule] = {
    Act.SEE: Rule((_leave(ANY, READERS | STAFF),)),
    Act.WRITE: Rule((_leave(ANY - {S.CANCELLED}, READERS),), frozenset({_H.DISPATCHERS, _H.ENGINEER, _H.AUTHOR})),
    Act.JOIN: Rule((_leave(JOINABLE, CLIENTS | LEADERS),), frozenset({_H.DISPATCHERS, _H.ENGINEER, _H.AUTHOR})),
    Act.SEE_QUOTE: Rule((_leave(ANY, READERS),)),
    Act.ASK_ABOUT_QUOTE: Rule((_leave(ANY - {S.CANCELLED}, READERS),)),
    Act.CHANGE_QUOTE: Rule(
        (_leave(UNDER_WAY | HANDED_OVER, DECIDERS, given=Given.QUOTE_WAITS),),
        frozenset({_H.AUTHOR, _H.APPROVERS, _H.MANAGERS}),
    ),
    Act.YES: Rule(
        _answered(DECIDERS, S.CLOSED),
        frozenset({_H.CLIENT, _H.ENGINEER, _H.DISPATCHERS, _H.AUTHOR, _H.PAYERS, _H.MANAGERS}),
    ),
    Act.NO: Rule(_answered(DECIDERS, S.CLOSED), frozenset({_H.CLIENT, _H.ENGINEER, _H.DISPATCHERS, _H.AUTHOR})),
    Act.DISPUTE_WORD: Rule(
        (
            *(
                _leave(state, DECIDERS, S.AWAITING_APPROVAL, S.NEW, state, given=Given.WORD_DISPUTABLE)
                for state in (S.AWAITING_PAYMENT, S.NEW, S.TAKEN, S.ON_THE_WAY)
            ),
            _leave(S.WAITING, DECIDERS, S.IN_WORK, S.WAITING, given=Given.WORD_DISPUTABLE),
            _leave((S.AWAITING_APPROVAL, S.IN_WORK, *HANDED_OVER, *OVER), DECIDERS, given=Given.WORD_DISPUTABLE),
        ),
        frozenset({_H.CLIENT, _H.ENGINEER, _H.DISPATCHERS, _H.AUTHOR}),
    ),
    Act.ASK_OTHER_WAY: Rule(
        (_leave(S.AWAITING_APPROVAL, SPEAKERS, given=Given.NOTHING_WAITS),), frozenset({_H.DISPATCHERS})
    ),
    Act.CANCEL: Rule(
        (
            _leave(UNDER_WAY - AT_WORK, SPEAKERS, S.CANCELLED),
            _leave(S.CANCELLED, SPEAKERS, again=True),
        ),
        frozenset({_H.DISPATCHERS, _H.ENGINEER}),
    ),
    Act.ACCEPT: Rule(
        (
            _leave(S.DONE, SPEAKERS | CLOCK, S.CLOSED, S.DONE),
            _leave(S.DISPUTED, SPEAKERS | CLOCK, S.DISPUTED, S.CLOSED),
            _leave(S.DONE, SPEAKERS, given=Given.ACCEPTED, again=True),
            _leave(S.CLOSED, SPEAKERS, again=True),
        ),
        frozenset({_H.CLIENT}),
    ),
    Act.DISPUTE: Rule(
        (_leave(HANDED_OVER, SPEAKERS, S.DISPUTED),),
        frozenset({_H.DISPATCHERS}),
    ),
    Act.RATE: Rule((_leave(S.CLOSED, SPEAKERS),)),
    Act.REOPEN: Rule(
        (_leave((S.DONE, S.CLOSED), SPEAKERS, S.NEW), _leave(S.NEW, SPEAKERS, again=True)),
        frozenset({_H.DISPATCHERS}),
    ),
    Act.DISPUTE_ENTRY: Rule((_leave(ANY, SPEAKERS | {Who.FINANCE}),), frozenset({_H.DISPATCHERS})),
    Act.SEE_JOB: Rule((_leave(ANY, STAFF),)),
    Act.TELL_CLIENT: Rule((_leave(ANY, STAFF),), frozenset({_H.CLIENT, _H.AUTHOR})),
    Act.NOTE: Rule((_leave(ANY, STAFF),)),
    Act.TAKE: Rule(
        (
            _leave(S.NEW, WORKERS, S.TAKEN),
            _leave(WITH_HOLDER, HOLDER, again=True),
            _leave(WITH_HOLDER, WORKERS, S.TAKEN, given=Given.HOLDER_LEFT),
        ),
        frozenset({_H.CLIENT}),
    ),
    Act.DECLINE: Rule(
        (_leave(S.NEW, WORKERS), _leave(BEFORE_WORK, HOLDER, S.NEW)),
        frozenset({_H.DISPATCHERS}),
    ),
    Act.GO: Rule(
        (_leave(S.TAKEN, HOLDER, S.ON_THE_WAY), _leave(S.ON_THE_WAY, HOLDER, again=True)),
        frozenset({_H.CLIENT}),
    ),
    Act.START: Rule(
        (_leave(BEFORE_WORK, HOLDER, S.IN_WORK), _leave(S.IN_WORK, HOLDER, again=True)),
        frozenset({_H.CLIENT}),
    ),
    Act.ADD_WORK: Rule(
        (_leave(S.IN_WORK, HOLDER, S.IN_WORK, S.WAITING), _leave(S.WAITING, HOLDER)),
        frozenset({_H.APPROVERS, _H.CLIENT, _H.MANAGERS}),
    ),
    Act.REMOVE_WORK: Rule((_leave(S.IN_WORK, HOLDER), _leave(S.WAITING, HOLDER, S.IN_WORK, S.WAITING))),
    Act.SAY_TIME: Rule((_leave(AT_WORK, HOLDER),)),
    Act.BOOK_CALL: Rule(
        (_leave(WITH_HOLDER, HOLDER), _leave(WITH_HOLDER, LEADERS, given=Given.HOLDER_LEFT)),
    ),
    Act.WAIT: Rule((_leave(WITH_HOLDER, HOLDER),), frozenset({_H.CLIENT, _H.DISPATCHERS})),
    Act.GO_ON: Rule(
        (
            _leave(WITH_HOLDER, HOLDER | LEADERS, given=Given.WAITS),
            _leave(WITH_HOLDER, HOLDER | LEADERS, given=Given.WAITS_NOT, again=True),
        ),
        frozenset({_H.CLIENT, _H.DISPATCHERS, _H.ENGINEER}),
    ),
    Act.FINISH: Rule(
        (_leave(AT_WORK, HOLDER, S.DONE), _leave(S.DONE, HOLDER, again=True)),
        frozenset({_H.CLIENT, _H.ENGINEER, _H.PAYERS, _H.MANAGERS}),
    ),
    Act.TAKE_AWAY: Rule(
        (_leave(WITH_HOLDER, LEADERS, S.NEW), _leave(S.NEW, LEADERS, again=True)),
        frozenset({_H.CLIENT, _H.ENGINEER, _H.DISPATCHERS}),
    ),
    Act.ESTIMATE: Rule(
        (_leave(UNDER_WAY, LEADERS), _leave(HANDED_OVER, LEADERS, given=Given.PRICEABLE)),
        frozenset({_H.APPROVERS, _H.AUTHOR, _H.CLIENT, _H.MANAGERS}),
    ),
    Act.YES_BY_WORD: Rule(
        _answered(LEADERS, S.CLOSED),
        frozenset({_H.CLIENT, _H.APPROVERS, _H.ENGINEER, _H.DISPATCHERS, _H.AUTHOR, _H.PAYERS, _H.MANAGERS}),
    ),
    Act.RELEASE: Rule(
        (_leave(S.AWAITING_PAYMENT, LEADERS | CLOCK, S.NEW, S.AWAITING_APPROVAL, S.AWAITING_PAYMENT),),
        frozenset({_H.CLIENT, _H.PAYERS, _H.APPROVERS, _H.AUTHOR, _H.MANAGERS}),
    ),
    Act.PREPAID: Rule(
        (_leave(WITH_HOLDER | {S.NEW}, LEADERS | CLOCK, given=Given.UNPAID),),
        frozenset({_H.CLIENT, _H.ENGINEER, _H.DISPATCHERS}),
    ),
    Act.RESOLVE: Rule(
        (_leave(S.DISPUTED, LEADERS, S.DONE), _leave(S.DONE, LEADERS, again=True)), frozenset({_H.CLIENT})
    ),
    Act.WRITE_OFF: Rule(
        (
            _leave(S.DONE, LEADERS, S.DONE, S.CLOSED, given=Given.PRICE_WAITS),
            _leave(S.DISPUTED, LEADERS, given=Given.PRICE_WAITS),
        ),
        frozenset({_H.CLIENT, _H.DISPATCHERS}),
    ),
    Act.SETTLE_ENTRY: Rule((_leave(ANY, LEADERS),), frozenset({_H.CLIENT})),
    Act.UNLINK: Rule(
        (
            _leave(UNDER_WAY - AT_WORK, LEADERS, S.CANCELLED),
            _leave(S.CANCELLED, LEADERS),
            _leave(ANY, LEADERS, given=Given.ADDED),
        ),
        frozenset({_H.DISPATCHERS, _H.ENGINEER, _H.AUTHOR}),
    ),
    Act.LEAVE: Rule((_leave(WITH_HOLDER, CLOCK, S.NEW),), frozenset({_H.DISPATCHERS})),
    Act.EXPIRE: Rule(_answered(CLOCK), frozenset({_H.CLIENT, _H.DISPATCHERS, _H.MANAGERS})),
    Act.REMIND: Rule(
        (_leave(UNDER_WAY | HANDED_OVER, CLOCK, given=Given.QUOTE_WAITS),), frozenset({_H.APPROVERS, _H.DISPATCHERS})
    ),
    Act.WARN: Rule(
        (_leave(UNDER_WAY - {S.AWAITING_PAYMENT, S.WAITING}, CLOCK),),
        frozenset({_H.DISPATCHERS, _H.ENGINEER, _H.MANAGERS}),
    ),
    Act.NOT_TAKEN: Rule((_leave(S.NEW, CLOCK),), frozenset({_H.DISPATCHERS, _H.MANAGERS})),
}


def leaves(act: Act, state: S, whos: Collection[Who]) -> Iterator[Leave]:
    """The leaves of an act that somebody has in a state, whatever must be given besides."""
    return (each for each in ACTS[act].leaves if state in each.states and not each.who.isdisjoint(whos))


def may(act: Act, state: S, whos: Collection[Who]) -> bool:
    """Whether somebody may do it in a state, or gets the same answer to a press that comes again."""
    return any(True for _ in leaves(act, state, whos))


def may_ever(act: Act, whos: Collection[Who]) -> bool:
    """Whether they may do it in any state."""
    return any(not each.who.isdisjoint(whos) for each in ACTS[act].leaves)


def possible_in(act: Act, state: S, lacking: Collection[Given] = ()) -> bool:
    """Whether anybody may do it in a state, other than again; `lacking` is what is not there besides."""
    return any(
        state in each.states and not each.again and (each.given is None or each.given not in lacking)
        for each in ACTS[act].leaves
    )


def open_to(state: S, whos: Collection[Who], given: Collection[Given]) -> frozenset[Act]:
    """What somebody can do with a ticket now: the buttons of its card are of these acts."""
    return frozenset(
        act
        for act in ACTS
        if any(not each.again and (each.given is None or each.given in given) for each in leaves(act, state, whos))
    )


def moves() -> dict[S, frozenset[S]]:
    """Which state may follow which, by whatever act."""
    found: dict[S, set[S]] = {state: set() for state in S}
    for rule in ACTS.values():
        for each in rule.leaves:
            for state in each.states:
                found[state] |= each.to
    return {state: frozenset(to) for state, to in found.items()}
