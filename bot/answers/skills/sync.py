"""Skill files into the database beside the articles, and out of it into the search."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from bot.answers.skills.acts import SkillAct
from bot.answers.skills.files import SkillText, read_skills
from bot.answers.skills.models import Skill
from bot.db.unit_of_work import UnitOfWork
from bot.kb.articles.article import ArticleText
from bot.kb.articles.sync import BadArticlesError, bump, lock_base
from bot.kb.judging.beside import MARK

_THESE = (  # what every question asks, put together once
    select(Skill).where(col(Skill.code).in_(bindparam("codes", expanding=True))).order_by(col(Skill.id))
)


def sync_skills(uow: UnitOfWork, folder: Path) -> int:
    """Make the skills what the files of `folder/<lang>/<id>.md` say; returns how many were added, changed or taken
    away. Raises BadArticlesError, changing nothing then."""
    session = uow.session
    lock_base(session)
    skills, errors = read_skills(folder)
    if errors:
        raise BadArticlesError(sorted(errors, key=lambda error: (error.source, error.line)))
    stored = {(row.language, row.code): row for row in session.exec(select(Skill)).all()}
    touched = 0
    for skill in skills:
        row = stored.pop((skill.lang, skill.id), None)
        if row is not None and row.content_hash == skill.digest:
            continue
        row = row or Skill(language=skill.lang, code=skill.id, title="", act=skill.act, content_hash="")
        row.title, row.act, row.words, row.content_hash = skill.title, skill.act, skill.words, skill.digest
        row.questions, row.audience = list(skill.questions), list(skill.audience)
        row.before, row.needs = list(skill.before), list(skill.needs)
        row.unless, row.surely = list(skill.unless), list(skill.surely)
        session.add(row)
        touched += 1
    for row in stored.values():
        session.delete(row)
    if touched or stored:
        bump(session)
    return touched + len(stored)


def skill_units(session: Session) -> list[ArticleText]:
    """All skills as the search reads them, in a stable order."""
    rows = session.exec(select(Skill).order_by(col(Skill.language), col(Skill.code))).all()
    return [unit_of(row, row.language, row.content_hash) for row in rows]


def unit_of(skill: Skill | SkillText, lang: str, stored_as: str = "") -> ArticleText:
    """A skill as a unit of the index: no article, and no text that a line could be like."""
    return ArticleText(
        id=f"{MARK}{skill.code}",
        lang=lang,
        title=skill.title,
        body="",
        questions=tuple(skill.questions),
        audience=tuple(f"{MARK}{who}" for who in skill.audience),
        stored_as=stored_as,
    )


def skills_of(session: Session, codes: Sequence[str], lang: str) -> list[Skill]:
    """Skills in the order given, each in the person's language, else in another one."""
    rows = session.exec(_THESE, params={"codes": list(codes)}).all()
    chosen: dict[str, Skill] = {}
    for row in rows:
        if row.code not in chosen or row.language == lang:
            chosen[row.code] = row
    return [chosen[code] for code in codes if code in chosen]


def skill_doing(session: Session, act: SkillAct, lang: str) -> Skill | None:
    """The skill of an act, in the person's language if there is one."""
    rows = session.exec(select(Skill).where(Skill.act == act).order_by(col(Skill.id))).all()
    return next((row for row in rows if row.language == lang), rows[0] if rows else None)
