"""Who can be told: audiences resolved inside the transaction, with rights as they are at the moment (R2.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Executable, bindparam
from sqlmodel import Session, col, exists, or_, select

from bot.clients.models import Account, ClientRole, Employment, Membership, Person, StaffChat, StaffRole
from bot.clients.rights import allowed, asks_for, employed, job_held, role_held
from bot.clients.zones import people_zones, person_zone, seller_zone
from bot.db.clock import HOME
from bot.db.live import live
from bot.db.plain import ask
from bot.messaging.messengers import ChatId, Messenger
from bot.messaging.notices.telling import Address, Audience
from bot.messaging.outgoing.models import Reach
from bot.messaging.outgoing.outbox import card_chats, out_of_reach

ANYWHERE = 0  # no site has this id: a role for any place will do

# What every notice asks, put together once.
_ACCOUNTS = (
    select(Account.messenger, Account.user_id, Person)
    .join(Person, col(Person.id) == col(Account.person_id))
    .where(col(Account.person_id).in_(bindparam("people", expanding=True)), live(Account), live(Person))
    .order_by(col(Account.linked_at))
)


@cache
def _holders(roles: frozenset[ClientRole], *, anywhere: bool) -> Executable:
    query = select(Membership.person_id).where(
        col(Membership.company_id) == bindparam("company"), role_held(Membership), col(Membership.role).in_(roles)
    )
    if not anywhere:
        here = bindparam("site", type_=BigInteger())
        query = query.where(or_(col(Membership.site_id).is_(None), col(Membership.site_id) == here))
    return query.order_by(col(Membership.id))


@dataclass(frozen=True, slots=True)
class To:
    """One person about a matter of their own (what they wrote or just pressed), in their private chat; nobody if they
    have no account. What concerns a company goes by `ForClient`, a job by `OurWorker`: a name on a row is no right."""

    person_id: int
    card_key: str | None = None
    quiet: bool = True

    def addresses(self, session: Session) -> Sequence[Address]:
        right = {"person": self.person_id}
        return _private(session, [self.person_id], self.card_key, right, quiet=self.quiet)


@dataclass(frozen=True, slots=True)
class InCompany:
    """People of a client company who hold one of the roles; owners hold all. A closed company has nobody (R2.8).

    `site_id`: of those whose role reaches that place; None: of the company as a whole only.
    """

    company_id: int
    roles: frozenset[ClientRole]
    card_key: str | None = None
    site_id: int | None = ANYWHERE

    def people(self, session: Session) -> list[int]:
        """Their ids, without repeats; who is not active is left out when they are addressed."""
        held = _holders(self.roles | {ClientRole.OWNER}, anywhere=self.site_id == ANYWHERE)
        place = {} if self.site_id == ANYWHERE else {"site": self.site_id}
        return list(dict.fromkeys(ask(session, held, company=self.company_id, **place).scalars()))

    def addresses(self, session: Session) -> Sequence[Address]:
        right = {"company": self.company_id, "roles": sorted(self.roles), "site": self.site_id}
        return _private(session, self.people(session), self.card_key, right)


def Approvers(  # noqa: N802 - reads as an audience
    company_id: int, card_key: str | None = None, site_id: int | None = ANYWHERE
) -> InCompany:
    """Those who may approve paid work, owners among them."""
    return InCompany(company_id, frozenset({ClientRole.APPROVER}), card_key, site_id)


def Owners(company_id: int, card_key: str | None = None) -> InCompany:  # noqa: N802 - reads as an audience
    """Owners of a company."""
    return InCompany(company_id, frozenset({ClientRole.OWNER}), card_key, None)


def Finance(company_id: int, card_key: str | None = None) -> InCompany:  # noqa: N802 - reads as an audience
    """Those who may see balances and debts (R9.2)."""
    return InCompany(company_id, frozenset({ClientRole.FINANCE}), card_key, None)


@dataclass(frozen=True, slots=True)
class ForClient:
    """Whoever hears about a matter of the client: the person who asked, while they have the right, in their own chat.

    Once they have left the company, are not active, or took their consent back, it goes to those who have the right:
    approvers and owners of that place. A person whom the bot never met stays the one to be called.
    """

    person_id: int
    company_id: int
    site_id: int | None = None
    card_key: str | None = None

    def people(self, session: Session) -> list[int]:
        """Ids of those who hear it at this moment; empty when nobody may."""
        right = allowed(session, asks_for, person=self.person_id, company=self.company_id)
        if right and not stepped_back(session, self.person_id):
            return [self.person_id]
        return InCompany(self.company_id, frozenset({ClientRole.APPROVER}), site_id=self.site_id).people(session)

    def addresses(self, session: Session) -> Sequence[Address]:
        right = {"asks": self.person_id, "company": self.company_id, "site": self.site_id}
        return _private(session, self.people(session), self.card_key, right)


@dataclass(frozen=True, slots=True)
class OurWorker:
    """One of our own in their private chat, while they work here; nobody once they don't (R2.7). `about`: what a reply
    to it will be about."""

    person_id: int
    card_key: str | None = None
    about: str | None = None

    def addresses(self, session: Session) -> Sequence[Address]:
        if not allowed(session, employed, person=self.person_id):
            return ()
        right = {"worker": self.person_id}
        return _private(session, [self.person_id], self.card_key, right, quiet=False, about=self.about)


@dataclass(frozen=True, slots=True)
class Staff:
    """Staff with one of the roles, each in their private chat. They work shifts: nights don't hold notices back.
    `about`: what a reply to it will be about."""

    roles: frozenset[StaffRole]
    card_key: str | None = None
    about: str | None = None

    def addresses(self, session: Session) -> Sequence[Address]:
        found = session.exec(
            select(Employment.person_id).where(job_held(Employment), col(Employment.role).in_(self.roles))
        ).all()
        right = {"staff": sorted(self.roles)}
        return _private(session, list(dict.fromkeys(found)), self.card_key, right, quiet=False, about=self.about)


def Managers() -> Staff:  # noqa: N802 - reads as an audience
    """Sales managers; admins where there are none is the caller's choice."""
    return Staff(frozenset({StaffRole.MANAGER, StaffRole.ADMIN}))


def Admins() -> Staff:  # noqa: N802 - reads as an audience
    """Admins."""
    return Staff(frozenset({StaffRole.ADMIN}))


@dataclass(frozen=True, slots=True)
class Dispatchers:
    """The linked dispatch group (a topic of it where it is a forum); dispatchers privately when none is linked,
    or when the bot was put out of it. What is `talk` waits there for what is not."""

    topic_key: str | None = None
    card_key: str | None = None
    talk: bool = False

    def addresses(self, session: Session) -> Sequence[Address]:
        chats = _groups(session)
        return [*self._in_private(session, chats), *self._in_group(session, chats)]

    def apart(self, session: Session) -> tuple["These", Sequence[Address]]:
        """The group, and each of those who read it in private: for what isn't the same to everybody."""
        chats = _groups(session)
        return These(self._in_group(session, chats)), self._in_private(session, chats)

    def _in_private(self, session: Session, chats: Sequence[StaffChat]) -> Sequence[Address]:
        own_key = f"staff:{self.card_key}" if self.card_key is not None else None
        private = Staff(frozenset({StaffRole.DISPATCHER, StaffRole.ADMIN}), own_key, self.topic_key)
        if not chats:
            return private.addresses(session)
        # A card that went to people while the group could not be written to is kept up to date there as well.
        shown = card_chats(session, own_key) if own_key is not None else frozenset()
        return [each for each in private.addresses(session) if each.chat in shown] if shown else []

    def _in_group(self, session: Session, chats: Sequence[StaffChat]) -> list[Address]:
        zone = seller_zone(session) if chats else HOME
        return [
            Address(
                chat.chat_id,
                timezone=zone,
                quiet=False,
                topic_key=self.topic_key if chat.is_forum else None,
                card_key=self.card_key,
                about=self.topic_key,
                gives_way=self.talk,
                messenger=chat.messenger,
            )
            for chat in chats
        ]


@dataclass(frozen=True, slots=True)
class These:
    """Addresses that an audience was asked for in this transaction."""

    found: Sequence[Address]

    def addresses(self, session: Session) -> Sequence[Address]:  # noqa: ARG002 - as of every audience
        return self.found


@dataclass(frozen=True, slots=True)
class Together:
    """Several audiences that are told the same: a chat that is in two of them hears it once."""

    each: Sequence[Audience]

    def addresses(self, session: Session) -> Sequence[Address]:
        found = [address for audience in self.each for address in audience.addresses(session)]
        return list({address.chat: address for address in reversed(found)}.values())[::-1]


@dataclass(frozen=True, slots=True)
class Here:
    """The chat where somebody of staff wrote: private, or the group (in the topic). For an answer to them."""

    chat: ChatId
    topic_key: str | None = None
    card_key: str | None = None

    def addresses(self, session: Session) -> Sequence[Address]:
        messenger, chat_id = self.chat
        group = session.get(StaffChat, self.chat)
        if group is not None:
            topic = self.topic_key if group.is_forum else None
            zone = seller_zone(session)
            return [Address(chat_id, "ru", None, zone, False, topic, self.card_key, messenger=messenger)]
        account = session.get(Account, self.chat)
        if account is None or account.unlinked_at is not None:
            return []
        person = session.get_one(Person, account.person_id)
        own = Address(
            chat_id,
            person.language,
            person.id,
            person_zone(session, person.id),
            quiet=False,
            card_key=self.card_key,
            about=self.topic_key,
            messenger=messenger,
        )
        return [own]


def still_hears(session: Session, right: Mapping[str, Any], chat: ChatId) -> bool:
    """Whether the audience that a waiting notice was told to has this chat in it now (`Address.right`)."""
    match right:
        case {"person": person_id}:
            audience: Audience = To(person_id)
        case {"asks": person_id, "company": company_id, "site": site_id}:
            audience = ForClient(person_id, company_id, site_id)
        case {"company": company_id, "roles": roles, "site": site_id}:
            audience = InCompany(company_id, frozenset(map(ClientRole, roles)), site_id=site_id)
        case {"worker": person_id}:
            audience = OurWorker(person_id)
        case {"staff": roles}:
            audience = Staff(frozenset(map(StaffRole, roles)))
        case _:
            raise ValueError(right)
    return any(each.chat == chat for each in audience.addresses(session))


def within_reach(session: Session, audience: Audience) -> bool:
    """Whether anybody of the audience has a chat that can be written to, as delivery last knew."""
    chats = {each.chat for each in audience.addresses(session)}
    return bool(chats - out_of_reach(session, chats))


_UNLINKED = select(Account.unlinked_at).where(col(Account.person_id) == bindparam("person"))


def stepped_back(session: Session, person_id: int) -> bool:
    """The person had an account and none speaks for them now: consent withdrawn, or the account changed hands."""
    rows = ask(session, _UNLINKED, person=person_id).scalars().all()
    return bool(rows) and all(row is not None for row in rows)


def _groups(session: Session) -> Sequence[StaffChat]:
    """The dispatch groups that can be written to."""
    lost = exists().where(
        col(Reach.messenger) == col(StaffChat.messenger), col(Reach.chat_id) == col(StaffChat.chat_id)
    )
    return session.exec(select(StaffChat).where(StaffChat.purpose == "dispatch", ~lost)).all()


def _private(
    session: Session,
    people: Sequence[int],
    card_key: str | None,
    right: Mapping[str, Any],
    *,
    quiet: bool = True,
    about: str | None = None,
) -> list[Address]:
    """The newest live account of each active person."""
    rows = session.exec(_ACCOUNTS, params={"people": list(people)}).all()
    newest = {person.id: (messenger, user_id, person) for messenger, user_id, person in rows}
    zones = people_zones(session, [person_id for person_id in newest if person_id is not None])
    ours = seller_zone(session) if len(zones) < len(newest) else HOME
    return [
        Address(
            user_id,
            person.language,
            person.id,
            zones.get(person.id) or ours,
            quiet,
            card_key=card_key,
            about=about,
            right=right,
            messenger=Messenger(messenger),
        )
        for messenger, user_id, person in newest.values()
    ]
