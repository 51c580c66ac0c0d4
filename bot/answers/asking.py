"""Questions and answers inside an appeal: what was shown, what helped, what was missed (R1.2, R1.7)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Executable, bindparam, literal
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from bot.answers.quiet import asks_something
from bot.answers.skills.choosing import spoken_to_as
from bot.billing.terms.models import Plan
from bot.clients.models import ClientRole, Company, Contract, Membership, ServiceObject, Site
from bot.clients.objects import is_staff
from bot.clients.policy import policy
from bot.clients.rights import acts_for, role_held, staff_roles_now
from bot.db.clock import day_of
from bot.db.errors import NotFound
from bot.db.live import live
from bot.db.plain import ask
from bot.db.unit_of_work import UnitOfWork
from bot.kb.articles.models import Article
from bot.kb.articles.sync import article_for, articles_for
from bot.kb.judging.reading import Reading
from bot.kb.learning.feedback import QUERY, answer_feedback, record_miss, record_shown, shown_again
from bot.kb.learning.models import Feedback, Miss
from bot.kb.line.own_names import names_in
from bot.tickets.intake.appeals import answered, last_said
from bot.tickets.intake.parting import helped_with
from bot.tickets.life.models import Appeal, AppealEnd

PUBLIC = "public"
IGNORED = "suggestions_ignored"
_PLANS = (
    select(col(Plan.code), col(Contract.starts), col(Contract.ends), col(Company.timezone))
    .join(Contract, col(Contract.plan_id) == col(Plan.id))
    .join(Company, col(Company.id) == col(Contract.company_id))
    .where(acts_for(bindparam("person"), col(Contract.company_id)))
    .where(live(Contract))
    .distinct()
)

_THEIRS = acts_for(bindparam("person"), col(ServiceObject.company_id), site=col(ServiceObject.site_id))
_EQUIPMENT: Executable = (  # kinds and models, and names and addresses of the places, in one statement
    columns(
        col(ServiceObject.kind).label("first"),
        col(ServiceObject.model).label("second"),
        literal(False).label("is_place"),
    )
    .where(live(ServiceObject), _THEIRS)
    .union(
        columns(col(Site.name), col(Site.address), literal(True).label("is_place"))
        .join(ServiceObject, col(ServiceObject.site_id) == col(Site.id))
        .where(live(ServiceObject), _THEIRS)
    )
)
_ROLES = (
    select(Membership.role).where(col(Membership.person_id) == bindparam("person"), role_held(Membership)).distinct()
)


@dataclass(frozen=True, slots=True)
class ArticleTitle:
    """An article to choose: its row, its code, its title."""

    id: int
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Asker:
    """What the search may know of a person: codes of what they may see and of the skills that are for them, kinds and
    models of their equipment, words of their own names of it and of where it stands."""

    audience: frozenset[str]
    kinds: frozenset[str]
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Opinion:
    """What followed from «Помогло» or «Не помогло»; `repeated`: it had been said before."""

    feedback: Feedback
    appeal: Appeal | None
    repeated: bool
    offer_human: bool


def asker(session: Session, person_id: int | None, now: datetime) -> Asker:
    """Audience as `audience_of` has it, with the skills of their roles; kinds, models and places of all equipment of
    the person's companies."""
    audience = audience_of(session, person_id, now)
    if person_id is None:
        return Asker(audience | spoken_to_as((), ()), frozenset())
    roles = session.exec(_ROLES, params={"person": person_id}).all()
    audience |= spoken_to_as([ClientRole(role) for role in roles], staff_roles_now(session, person_id))
    rows = ask(session, _EQUIPMENT, person=person_id).all()
    kinds = frozenset(name.lower() for row in rows if not row.is_place for name in (row.first, row.second))
    places = frozenset(text for row in rows if row.is_place for text in (row.first, row.second))
    models = frozenset(row.second for row in rows if not row.is_place)
    return Asker(audience, kinds, names_in(places | models))


def audience_of(session: Session, person_id: int | None, now: datetime) -> frozenset[str]:
    """Codes of the articles that the person may see at this moment (R2.4): `public` and the plans of their companies,
    by the client's day (R3.5); staff sees every plan, a stranger `public` only."""
    if person_id is None:
        return frozenset({PUBLIC})
    plans = {
        row.code
        for row in ask(session, _PLANS, person=person_id).all()
        if row.starts <= day_of(now, row.timezone) and (row.ends is None or day_of(now, row.timezone) <= row.ends)
    }
    if not plans and is_staff(session, person_id):
        plans = set(session.exec(select(Plan.code)).all())
    return frozenset({PUBLIC, *plans})


def show_article(
    uow: UnitOfWork,
    appeal: Appeal,
    code: str,
    lang: str,
    query: str,
    score: float,
    message_id: int | None = None,
    *,
    one_of_several: bool = False,
) -> tuple[Article, int] | None:
    """Keep that an article is shown in the appeal, once for one line while nothing is said of it: the article and the
    showing's id; None when it is gone or not for this person by now (R2.4).

    What was said so far, up to `message_id` (by default the newest message), has its answer: a draft that is begun
    later takes what is said from then on (R1.11). Not where it is for one of several problems of a message."""
    may_see = audience_of(uow.session, appeal.person_id, uow.now)
    article = article_for(uow.session, code, lang, may_see)
    if article is None:
        return None
    last = None if one_of_several else message_id or last_said(uow.session, appeal.id)
    if code not in appeal.articles:
        appeal.articles = [*appeal.articles, code]
    elif (earlier := shown_again(uow, appeal.id, code, query, last)) is not None:
        return article, earlier
    shown = record_shown(
        uow,
        code,
        article.language,
        query,
        score,
        person_id=appeal.person_id,
        appeal_id=appeal.id,
        message_id=last,
    )
    return article, shown


def shown_article(session: Session, feedback_id: int, by: int, now: datetime) -> tuple[Article, Feedback]:
    """An article as it is by now, from one of its showings to this person. Raises NotFound."""
    row = session.get(Feedback, feedback_id)
    if row is None or row.person_id != by:
        raise NotFound
    article = article_for(session, row.article_code, row.language, audience_of(session, by, now))
    if article is None:
        raise NotFound
    return article, row


def same_again(session: Session, appeal: Appeal, code: str, message_id: int | None) -> bool:
    """Whether this article is what the line before was answered with."""
    if code not in appeal.articles:
        return False
    newest = select(Feedback.article_code, Feedback.message_id).where(Feedback.appeal_id == appeal.id)
    last = session.exec(newest.order_by(col(Feedback.id).desc()).limit(1)).first()
    return last is not None and last[0] == code and last[1] != message_id


def missed(uow: UnitOfWork, appeal: Appeal, line: str, lang: str, reason: str, reading: Reading | None = None) -> bool:
    """Count a line that was not answered, and keep it if it asks something; True when it is time to offer a person
    (two in a row, R1.7)."""
    if asks_something(line):
        record_miss(uow, line, lang, reason, person_id=appeal.person_id, reading=reading)
    appeal.misses += 1
    uow.session.flush()
    return appeal.misses >= policy(uow.session, "misses_before_human")


def leave_suggestions(uow: UnitOfWork, appeal: Appeal, lang: str) -> bool:
    """None of the suggestions fits: a miss, however often it is pressed for one question; True: offer a person."""
    before = uow.session.exec(
        select(Miss.id)
        .where(Miss.person_id == appeal.person_id, Miss.reason == IGNORED, Miss.query == appeal.summary[:QUERY])
        .where(col(Miss.missed_at) >= appeal.started_at)
        .limit(1)
    ).first()
    if before is not None:
        return appeal.misses >= policy(uow.session, "misses_before_human")
    return missed(uow, appeal, appeal.summary, lang, IGNORED)


def say_helped(uow: UnitOfWork, feedback_id: int, helped: bool, by: int) -> Opinion:
    """«Помогло» ends the appeal as answered, unless one of several problems is left; «Не помогло» is a miss. What is
    said twice counts once. Raises NotFound."""
    row, first = answer_feedback(uow, feedback_id, helped, by)
    appeal = uow.session.get(Appeal, row.appeal_id) if row.appeal_id else None
    offer = False
    if first and appeal is not None:
        if helped:
            if helped_with(uow, appeal.id, feedback_id):
                answered(uow, appeal.id, by)
        elif appeal.end is None or appeal.end is AppealEnd.TRIAGE:
            offer = missed(uow, appeal, row.query, row.language, "not_helped")
    return Opinion(row, appeal, not first, offer)


def titles(session: Session, codes: list[str], lang: str, audience: frozenset[str]) -> list[ArticleTitle]:
    """The articles that this audience may see, in the order given."""
    found = articles_for(session, codes, lang, audience)
    return [ArticleTitle(article.id, article.code, article.title) for article in found]


def article_code(session: Session, article_id: int) -> str:
    """The code of an article by its row id: what a button carries. Raises NotFound."""
    row = session.get(Article, article_id)
    if row is None or not row.published:
        raise NotFound
    return row.code
