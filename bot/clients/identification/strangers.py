"""People who wrote and are not known yet: recorded all the same (R1.1)."""

from bot.clients.models import Account, Person
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import AccountId
from bot.messaging.notices.texts import language


def person_for(uow: UnitOfWork, account_id: AccountId, name: str, lang: str | None) -> Person:
    """The person behind an account, made when the account writes for the first time."""
    account = uow.session.get(Account, account_id)
    if account is not None and account.unlinked_at is None:
        found = uow.session.get(Person, account.person_id)
        if found is not None:
            return found
    person = Person(name=name[:200] or "—", language=language(lang), created_at=uow.now)
    uow.session.add(person)
    uow.session.flush()
    link(uow, account_id, person.id)
    return person


def link(uow: UnitOfWork, account_id: AccountId, person_id: int) -> None:
    """Let an account speak for a person from now on."""
    account = uow.session.get(Account, account_id)
    if account is None:
        uow.session.add(
            Account(messenger=account_id.messenger, user_id=account_id.number, person_id=person_id, linked_at=uow.now)
        )
    else:
        account.person_id, account.linked_at, account.unlinked_at = person_id, uow.now, None
    uow.session.flush()
