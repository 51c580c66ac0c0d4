"""Whoever is sent a notice of a ticket may press its buttons, by the table of acts; over all notices there are (R2.4).

Which template goes to whom is read from the code: every `uow.tell(audience, "template", …)`; which presses a template
has, from the functions that build its buttons.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import bot
from bot.tickets.life.acts import SPEAKERS, Act, Who, may_ever
from tests.handlers.test_card_buttons import ACT

HOUSE = Path(bot.__file__).parent
READERS: Mapping[str, frozenset[Who]] = {
    "Managers": frozenset({Who.MANAGER, Who.ADMIN}),
    "Admins": frozenset({Who.ADMIN}),
    "Dispatchers": frozenset({Who.DISPATCHER, Who.ADMIN}),  # in private, where there is no group
    "OurWorker": frozenset({Who.ENGINEER}),
    "ForClient": SPEAKERS,
    "client_of": SPEAKERS,
    "Approvers": frozenset({Who.APPROVER, Who.OWNER}),
    "Finance": frozenset({Who.FINANCE, Who.OWNER}),
}
PRESSES: Mapping[str, Act] = {
    **{kind.__name__: act for kind, act in ACT.items()},
    "JobOpen": Act.SEE_JOB,
    "TicketOpen": Act.SEE,
    "ApproveQuote": Act.YES,
    "DeclineQuote": Act.NO,
    "AskQuote": Act.ASK_ABOUT_QUOTE,
    "ChooseOption": Act.CHANGE_QUOTE,
    "TakeOneOff": Act.CHANGE_QUOTE,
    "DisputeWord": Act.DISPUTE_WORD,
    "DisputeTicketLine": Act.DISPUTE,
    "SettleEntry": Act.SETTLE_ENTRY,
}
# Their buttons are chosen by who reads: cards by the table (test_card_buttons.py), the others by a field of their own.
BY_READER = {
    *("ticket/card", "dispatch/card", "quote/expired", "quote/approved_told", "quote/declined_told"),
    *("quote/prepaid", "quote/left_undone"),
}


def trees(*places: str) -> Iterator[ast.Module]:
    for place in places:
        for file in sorted((HOUSE / place).rglob("*.py")):
            yield ast.parse(file.read_text("utf-8"))


def names_in(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def told() -> set[tuple[str, str]]:
    """(audience, template) of every notice."""
    found: set[tuple[str, str]] = set()
    for tree in trees("tickets", "billing", "clients", "answers"):
        for act in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for call in (node for node in ast.walk(act) if isinstance(node, ast.Call)):
                if not (isinstance(call.func, ast.Attribute) and call.func.attr == "tell" and len(call.args) > 1):
                    continue
                to, template = call.args[0], call.args[1]
                audiences = names_in(to) & set(READERS)
                if isinstance(to, ast.Name):  # named before: whatever it was made of
                    audiences |= names_in(act) & set(READERS)
                if isinstance(template, ast.Constant):
                    found |= {(audience, str(template.value)) for audience in audiences}
    return found


def pressed() -> dict[str, set[str]]:
    """The kinds of press of every template, those of helpers of its buttons among them."""
    found: dict[str, set[str]] = {}
    for tree in trees("handlers"):
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for function in functions.values():
            for each in function.decorator_list:
                if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "buttons":
                    body = names_in(function)
                    for helper in body & set(functions):
                        body = body | names_in(functions[helper])
                    for template in each.args:
                        assert isinstance(template, ast.Constant)
                        found[str(template.value)] = body & set(PRESSES)
    return found


def test_whoever_is_sent_a_button_of_a_ticket_may_press_it() -> None:
    buttons, checked = pressed(), 0
    for audience, template in sorted(told()):
        if template in BY_READER:
            continue
        for press in buttons.get(template, set()):
            for who in READERS[audience]:
                assert may_ever(PRESSES[press], {who}), (audience, template, press, who)
                checked += 1
    assert checked > 40, checked


def test_the_notices_that_answered_managers_with_no_right_are_among_them() -> None:
    for template in ("quote/nobody", "dispatch/not_taken"):
        assert ("Managers", template) in told()
