"""What the buttons of letting people in and out carry: ids only (R2.4). `company` 0 is our own staff."""

from aiogram.filters.callback_data import CallbackData


class PeopleList(CallbackData, prefix="v1ep"):
    company: int
    page: int = 0


class PersonCard(CallbackData, prefix="v1ec"):
    company: int
    person: int


class InviteRole(CallbackData, prefix="v1er"):
    """`role` -1 asks which one; else its place among the roles that can be given here."""

    company: int
    role: int = -1


class FreshLink(CallbackData, prefix="v1ek"):
    company: int
    person: int


class LetOut(CallbackData, prefix="v1eo"):
    company: int
    person: int
    sure: int = 0


class FindClients(CallbackData, prefix="v1ef"):
    """Whose people: the next line is a part of the company's name."""


class MutePerson(CallbackData, prefix="v1em"):
    person: int
    on: int
