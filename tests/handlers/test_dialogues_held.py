"""Each dialogue there is says who may hold it (R2.4, R2.7)."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

from aiogram.fsm.state import StatesGroup

import bot.handlers
from bot.handlers.dialogue_rights import HELD_BY


def dialogues() -> Iterator[type[StatesGroup]]:
    """Every group of states that a module of the conversations defines, those inside another one too."""
    for found in walk_packages(bot.handlers.__path__, "bot.handlers."):
        module = import_module(found.name)
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, StatesGroup) and value.__module__ == module.__name__:
                yield value
                yield from value.__all_childs__


def test_no_dialogue_is_without_a_word_on_who_may_hold_it() -> None:
    found = set(dialogues())
    missing = sorted(f"{each.__module__}.{each.__name__}" for each in found - HELD_BY.keys())
    assert not missing, f"say in HELD_BY who may hold {missing}"
    assert found == HELD_BY.keys(), "and no dialogue is named there that is no more"


def test_no_state_is_of_two_dialogues() -> None:
    states = [state.state for group in HELD_BY for state in group.__states__]
    assert len(states) == len(set(states))
