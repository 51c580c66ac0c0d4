"""Article files into the database: all or nothing, and every process sees that the base has changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from bot.db.unit_of_work import UnitOfWork
from bot.kb.article import ID, ArticleError, read_articles
from bot.kb.article import Article as Parsed
from bot.kb.models import Article, BaseVersion, Phrasing

TITLE = 300


class BadArticlesError(Exception):
    """Files that can't be taken; nothing was changed. One line a finding: file, line, reason."""

    def __init__(self, errors: Sequence[ArticleError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)


class BadArticleTextError(Exception):
    """An article written in the chat lacks what it needs."""


@dataclass(frozen=True, slots=True)
class Synced:
    """How many articles a sync added, changed, took away and left as they were."""

    added: int
    changed: int
    removed: int
    unchanged: int


def sync_articles(uow: UnitOfWork, folder: Path) -> Synced:
    """Make the base what the files of `folder/<lang>/<id>.md` say. Raises BadArticlesError, changing nothing then.

    Articles whose file is gone are unpublished; those written in the chat stay. The version counts up only when
    something changed.
    """
    parsed, errors = read_articles(folder)
    errors += [_too_long(article) for article in parsed if len(article.title) > TITLE]
    if errors:
        raise BadArticlesError(errors)
    session = uow.session
    stored = {(row.language, row.code): row for row in session.exec(select(Article)).all()}
    added = changed = 0
    for article in parsed:
        row = stored.pop((article.lang, article.id), None)
        if row is not None and row.published and row.from_file and row.content_hash == article.digest:
            continue
        if row is None:
            row = Article(language=article.lang, code=article.id, title="", content_hash="", changed_at=uow.now)
            added += 1
        else:
            changed += 1
        _fill(row, article)
        row.from_file, row.changed_at, row.changed_by = True, uow.now, None
        session.add(row)
    gone = [row for row in stored.values() if row.from_file and row.published]
    for row in gone:
        row.published, row.changed_at = False, uow.now
    if added or changed or gone:
        bump(session)
    return Synced(added, changed, len(gone), len(parsed) - added - changed)


def write_article(
    uow: UnitOfWork, lang: str, code: str, title: str, body: str, questions: Sequence[str] = (), *, by: int | None
) -> Article:
    """Publish an article written in the chat, or replace one of the same code. Raises BadArticleTextError."""
    if not ID.fullmatch(code) or not 0 < len(title.strip()) <= TITLE or not body.strip():
        raise BadArticleTextError(code)
    row = uow.session.exec(select(Article).where(Article.language == lang, Article.code == code)).one_or_none()
    if row is None:
        row = Article(language=lang, code=code, title="", content_hash="", changed_at=uow.now)
    kept = tuple(row.tags), tuple(row.kinds), tuple(row.audience) or ("public",), tuple(row.actions) or ("ticket",)
    _fill(row, Parsed(code, lang, title.strip(), body.strip(), tuple(questions) or tuple(row.questions), *kept))
    row.from_file, row.changed_at, row.changed_by = False, uow.now, by
    uow.session.add(row)
    bump(uow.session)
    return row


def add_phrasing(uow: UnitOfWork, code: str, lang: str, text: str, by: int | None) -> bool:
    """Make a client's line a way to ask an article; False when it is one already."""
    line = " ".join(text.split())[:TITLE]
    query = select(Phrasing).where(Phrasing.article_code == code, Phrasing.language == lang, Phrasing.text == line)
    if not line or uow.session.exec(query).first() is not None:
        return False
    uow.session.add(Phrasing(article_code=code, language=lang, text=line, added_by=by, added_at=uow.now))
    bump(uow.session)
    return True


def bump(session: Session) -> int:
    """Count the base's version up; the row stays locked until the transaction ends."""
    row = session.exec(select(BaseVersion).where(BaseVersion.id == 1).with_for_update()).one_or_none()
    if row is None:
        row = BaseVersion()
        session.add(row)
    row.version += 1
    session.flush()
    return row.version


def version(session: Session) -> int:
    """The base's present version; 0 before the first sync."""
    return session.exec(select(BaseVersion.version).where(BaseVersion.id == 1)).one_or_none() or 0


def published(session: Session) -> list[Parsed]:
    """All published articles with the ways to ask that operators added, in a stable order."""
    extra: dict[tuple[str, str], list[str]] = {}
    for phrasing in session.exec(select(Phrasing).order_by(col(Phrasing.id))).all():
        extra.setdefault((phrasing.language, phrasing.article_code), []).append(phrasing.text)
    rows = session.exec(
        select(Article).where(col(Article.published).is_(True)).order_by(col(Article.language), col(Article.code))
    ).all()
    return [
        Parsed(
            id=row.code,
            lang=row.language,
            title=row.title,
            body=row.body,
            questions=(*row.questions, *extra.get((row.language, row.code), ())),
            tags=tuple(row.tags),
            kinds=tuple(row.kinds),
            audience=tuple(row.audience) or ("public",),
            actions=tuple(row.actions),
        )
        for row in rows
    ]


def article_for(session: Session, code: str, lang: str, audience: frozenset[str]) -> Article | None:
    """The published article in the person's language, else in another one; None when it isn't for them."""
    found = articles_for(session, [code], lang, audience)
    return found[0] if found else None


def articles_for(session: Session, codes: Sequence[str], lang: str, audience: frozenset[str]) -> list[Article]:
    """Those of the articles, in the order given, that this audience may see, each as `article_for` has it."""
    rows = session.exec(
        select(Article).where(col(Article.code).in_(codes), col(Article.published).is_(True)).order_by(col(Article.id))
    ).all()
    chosen: dict[str, Article] = {}
    for row in rows:
        if row.audience and not audience & set(row.audience):
            continue
        if row.code not in chosen or (row.language == lang and chosen[row.code].language != lang):
            chosen[row.code] = row
    return [chosen[code] for code in codes if code in chosen]


def _fill(row: Article, article: Parsed) -> None:
    row.title, row.body, row.content_hash, row.published = article.title, article.body, article.digest, True
    row.questions, row.tags, row.kinds = list(article.questions), list(article.tags), list(article.kinds)
    row.audience, row.actions = list(article.audience), list(article.actions)


def _too_long(article: Parsed) -> ArticleError:
    return ArticleError(article.source, 1, f"title is longer than {TITLE} characters")
