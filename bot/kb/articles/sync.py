"""Article files into the database: all or nothing, and every process sees that the base has changed."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import structlog
from sqlalchemy import bindparam, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from bot.db.errors import NotFound
from bot.db.last import savepoint
from bot.db.locks import lock, lock_where
from bot.db.unit_of_work import UnitOfWork
from bot.kb.articles.article import ID, PUBLIC, ArticleError, ArticleText, read_articles
from bot.kb.articles.attachments import Attachment, read_attachments
from bot.kb.articles.layout import misplaced
from bot.kb.articles.markdown import Mention, attached
from bot.kb.articles.models import Article, ArticleFile, BaseVersion, Phrasing
from bot.messaging.outgoing.models import Blob

log = structlog.get_logger()

TITLE = 300
SHOWN = 5
AT_ONCE = 500  # rows asked for by their ids in one statement
CHANNEL = "firstline_kb"  # PostgreSQL's NOTIFY says on it that the base has changed


class BadArticlesError(Exception):
    """Files that can't be taken; nothing was changed. One line a finding: file, line, reason."""

    def __init__(self, errors: Sequence[ArticleError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)


class ManyGoneError(Exception):
    """More articles would be taken away than a sync does unasked; the message names some of them."""

    def __init__(self, gone: Sequence[Article]) -> None:
        codes = sorted(f"{row.language}/{row.code}" for row in gone)
        named = ", ".join(codes[:SHOWN]) + (" …" if len(codes) > SHOWN else "")
        super().__init__(f"{len(gone)} published articles have no file any more: {named}")


class BadArticleTextError(Exception):
    """An article written in the chat lacks what it needs."""


@dataclass(frozen=True, slots=True)
class Few:
    """How many articles a sync takes away unasked: so many, or so many per cent of those that came from files."""

    articles: int
    percent: int


@dataclass(frozen=True, slots=True)
class Synced:
    """How many articles a sync added, changed, took away and left as they were.

    `kept`: (language, id) of articles that differ from their file because they were changed in the chat.
    """

    added: int
    changed: int
    removed: int
    unchanged: int
    kept: tuple[tuple[str, str], ...] = ()


def sync_articles(uow: UnitOfWork, folder: Path, *, overwrite: bool = False, few: Few | None = None) -> Synced:
    """Make the base what the files of `folder/<lang>/<id>.md` say. Raises BadArticlesError, changing nothing then.

    Articles whose file is gone are unpublished; more than a few, or a whole language, raise ManyGoneError, to be
    rolled back: a wrong folder is likelier. None: however many. What was written or changed in the chat stays, unless
    `overwrite` lets its file win. The version counts up only when something changed.
    """
    session = uow.session
    lock_base(session)
    parsed, errors = read_articles(folder)
    errors += misplaced(folder)
    errors += [_too_long(article) for article in parsed if len(article.title) > TITLE]
    held = files_by_article(session)
    files: dict[tuple[str, str], list[Attachment]] = {}
    for article in parsed:
        key = (article.lang, article.id)
        with_messenger = frozenset(row.name for row in held.get(key, ()) if row.blob_id is None)
        files[key], wrong = read_attachments(article, folder, with_messenger)
        errors += wrong
    if errors:
        raise BadArticlesError(sorted(errors, key=lambda error: (error.source, error.line)))
    stored = {(row.language, row.code): row for row in session.exec(select(Article)).all()}
    added = changed = unchanged = 0
    kept: list[tuple[str, str]] = []
    for article in parsed:
        key = (article.lang, article.id)
        row = stored.pop(key, None)
        same_files = _same_files(held.get(key, ()), files[key])
        if row is not None and row.published and row.content_hash == article.digest and same_files:
            row.from_file = True  # what was exported from the chat has come back as a file
            unchanged += 1
            continue
        differs = row is not None and (row.content_hash, row.published) != (article.digest, True)
        if row is not None and not row.from_file and differs and not overwrite:
            kept.append(key)
            continue
        if row is None:
            row = Article(language=article.lang, code=article.id, title="", content_hash="", changed_at=uow.now)
            added += 1
        else:
            changed += 1
        _fill(row, article)
        row.from_file, row.changed_at, row.changed_by = True, uow.now, None
        session.add(row)
        if not same_files:
            _store_files(uow, key, held.get(key, ()), files[key])
    gone = [row for row in stored.values() if row.from_file and row.published]
    if few is not None:
        _require_few(few, gone, {article.lang for article in parsed}, len(parsed) - added)
    for row in gone:
        row.published, row.changed_at = False, uow.now
    if added or changed or gone:
        bump(session)
    return Synced(added, changed, len(gone), unchanged, tuple(kept))


def _require_few(few: Few, gone: Sequence[Article], languages: set[str], left: int) -> None:
    """Raises ManyGoneError. `languages` have files, `left` articles of the base have one still."""
    many = len(gone) > max(few.articles, few.percent * (left + len(gone)) / 100)
    if many or any(row.language not in languages for row in gone):
        raise ManyGoneError(gone)


def write_article(
    uow: UnitOfWork,
    lang: str,
    code: str,
    title: str,
    body: str,
    questions: Sequence[str] = (),
    *,
    by: int | None,
    pictures: Mapping[str, str] | None = None,
) -> Article:
    """Publish an article written in the chat, or replace one of the same code. Raises BadArticleTextError.

    `pictures`: names that the text mentions, with the messenger's own id of each file.
    """
    if not ID.fullmatch(code) or not 0 < len(title.strip()) <= TITLE or not body.strip():
        raise BadArticleTextError(code)
    session = uow.session
    lock_base(session)
    row = session.exec(select(Article).where(Article.language == lang, Article.code == code)).one_or_none()
    if row is None:
        row = Article(language=lang, code=code, title="", content_hash="", changed_at=uow.now)
    kept = tuple(row.tags), tuple(row.kinds), tuple(row.audience) or (PUBLIC,), tuple(row.actions) or ("ticket",)
    _fill(row, ArticleText(code, lang, title.strip(), body.strip(), tuple(questions) or tuple(row.questions), *kept))
    row.from_file, row.changed_at, row.changed_by = False, uow.now, by
    session.add(row)
    for name, file_id in (pictures or {}).items():
        held = session.exec(
            select(ArticleFile).where(
                ArticleFile.article_code == code, ArticleFile.language == lang, ArticleFile.name == name
            )
        ).one_or_none() or ArticleFile(article_code=code, language=lang, name=name)
        held.picture, held.file_id, held.blob_id, held.content_hash = True, file_id, None, ""
        session.add(held)
    bump(session)
    return row


def set_published(uow: UnitOfWork, code: str, lang: str, published: bool, *, by: int | None) -> Article:
    """Take an article out of the base, or put it back; a sync of files leaves that decision alone. Raises NotFound."""
    lock_base(uow.session)
    row = next(iter(lock_where(uow.session, Article, Article.language == lang, Article.code == code)), None)
    if row is None:
        raise NotFound
    if row.published is not published:
        row.published, row.from_file, row.changed_at, row.changed_by = published, False, uow.now, by
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


def lock_base(session: Session) -> BaseVersion:
    """The row of the base's version, locked until the transaction ends: changes of the base come one after another."""
    row = lock(session, BaseVersion, 1)
    if row is not None:
        return row
    with suppress(IntegrityError), savepoint(session):  # another process was first
        session.add(BaseVersion())
        session.flush()
    return lock_base(session)


def bump(session: Session) -> int:
    """Count the base's version up; other processes hear of it when the transaction commits."""
    row = lock_base(session)
    row.version += 1
    session.flush()
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(select(func.pg_notify(CHANNEL, str(row.version))))
    return row.version


def version(session: Session) -> int:
    """The base's present version; 0 before the first sync."""
    return session.exec(select(BaseVersion.version).where(BaseVersion.id == 1)).one_or_none() or 0


def published(session: Session, known: Sequence[ArticleText] = ()) -> list[ArticleText]:
    """All published articles with the ways to ask that operators added, in a stable order.

    `known`: articles read before; the text of those that are still the same is not read again. A row that can't be
    read is left out and named in the log: one broken article never takes the rest down.
    """
    extra: dict[tuple[str, str], list[str]] = {}
    for phrasing in session.exec(select(Phrasing).order_by(col(Phrasing.id))).all():
        extra.setdefault((phrasing.language, phrasing.article_code), []).append(phrasing.text)
    held = {(article.lang, article.id, article.stored_as): article for article in known if article.stored_as}
    query = select(Article.id, Article.language, Article.code, Article.content_hash)
    keys = session.exec(
        query.where(col(Article.published).is_(True)).order_by(col(Article.language), col(Article.code))
    ).all()
    stamps = {row[0]: _stamp(row[3], extra.get((row[1], row[2]), ())) for row in keys}
    wanted = [row[0] for row in keys if (row[1], row[2], stamps[row[0]]) not in held]
    read: dict[int, Article] = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = select(Article).where(col(Article.id).in_(wanted[start : start + AT_ONCE]))
        read |= {row.id: row for row in session.exec(some).all()}
    found: list[ArticleText] = []
    for number, language, code, _ in keys:
        same = held.get((language, code, stamps[number]))
        try:
            found.append(same or parsed_of(read[number], extra.get((language, code), ()), stamps[number]))
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            log.error("kb_article_unreadable", article=code, language=language, error=type(error).__name__)
    return found


def parsed_of(row: Article, added: Sequence[str] = (), stored_as: str = "") -> ArticleText:
    """A stored article as files have it. `added`: more ways to ask. Raises TypeError for a row that is none."""
    return ArticleText(
        id=row.code,
        lang=row.language,
        title=row.title,
        body=row.body,
        questions=tuple(dict.fromkeys((*map(str, row.questions), *added))),
        tags=tuple(row.tags),
        kinds=tuple(row.kinds),
        audience=tuple(row.audience) or (PUBLIC,),
        actions=tuple(row.actions),
        stored_as=stored_as,
    )


def _stamp(content_hash: str, added: Sequence[str]) -> str:
    """What a stored article looked like: its hash and the ways to ask that were added."""
    return "\0".join((content_hash, *added))


def files_by_article(session: Session) -> dict[tuple[str, str], list[ArticleFile]]:
    """Stored pictures and documents by (language, code)."""
    held: dict[tuple[str, str], list[ArticleFile]] = {}
    for row in session.exec(select(ArticleFile).order_by(col(ArticleFile.id))).all():
        held.setdefault((row.language, row.article_code), []).append(row)
    return held


def files_of(session: Session, article: Article) -> list[tuple[Mention, ArticleFile]]:
    """The pictures and documents of an article in the order its text names them; what is not stored is left out."""
    mentions = attached(article.body)
    if not mentions:
        return []
    query = select(ArticleFile).where(
        ArticleFile.article_code == article.code, ArticleFile.language == article.language
    )
    held = {row.name: row for row in session.exec(query).all()}
    return [(mention, held[mention.name]) for mention in mentions if mention.name in held]


def titles_of(session: Session) -> dict[str, str]:
    """Titles by id, the Russian one where there are several."""
    rows = session.exec(select(Article.code, Article.title).order_by(col(Article.language))).all()
    return dict(rows)


def article_for(session: Session, code: str, lang: str, audience: frozenset[str]) -> Article | None:
    """The published article in the person's language, else in another one; None when it isn't for them."""
    found = articles_for(session, [code], lang, audience)
    return found[0] if found else None


_PUBLISHED = (
    select(Article)
    .where(col(Article.code).in_(bindparam("codes", expanding=True)), col(Article.published).is_(True))
    .order_by(col(Article.id))
)


def articles_for(session: Session, codes: Sequence[str], lang: str, audience: frozenset[str]) -> list[Article]:
    """Those of the articles, in the order given, that this audience may see, each as `article_for` has it."""
    rows = session.exec(_PUBLISHED, params={"codes": codes}).all()
    chosen: dict[str, Article] = {}
    for row in rows:
        if row.audience and not audience & set(row.audience):
            continue
        if row.code not in chosen or (row.language == lang and chosen[row.code].language != lang):
            chosen[row.code] = row
    return [chosen[code] for code in codes if code in chosen]


def _fill(row: Article, article: ArticleText) -> None:
    row.title, row.body, row.content_hash, row.published = article.title, article.body, article.digest, True
    row.questions, row.tags, row.kinds = list(article.questions), list(article.tags), list(article.kinds)
    row.audience, row.actions = list(article.audience), list(article.actions)


def _same_files(held: Sequence[ArticleFile], files: Sequence[Attachment]) -> bool:
    return {(row.name, row.content_hash) for row in held if row.blob_id is not None} == {
        (file.name, file.digest) for file in files
    }


def _store_files(
    uow: UnitOfWork, key: tuple[str, str], held: Sequence[ArticleFile], files: Sequence[Attachment]
) -> None:
    """Bytes as blobs of the messenger's outbox; one that waits to be sent is never changed, so new ones are made."""
    lang, code = key
    wanted = {file.name: file for file in files}
    for row in held:
        if row.content_hash != wanted[row.name].digest if row.name in wanted else row.blob_id is not None:
            if row.blob_id is not None and (blob := uow.session.get(Blob, row.blob_id)) is not None:
                blob.lasting, blob.created_at = False, uow.now  # something may still wait to be sent
            uow.session.delete(row)
    uow.session.flush()
    present = {row.name for row in held if row.name in wanted and row.content_hash == wanted[row.name].digest}
    for file in files:
        if file.name in present:
            continue
        blob = Blob(
            filename=PurePosixPath(file.name).name[:120], content=file.content, lasting=True, created_at=uow.now
        )
        uow.session.add(blob)
        uow.session.flush()
        uow.session.add(
            ArticleFile(
                article_code=code,
                language=lang,
                name=file.name,
                picture=file.picture,
                content_hash=file.digest,
                blob_id=blob.id,
            )
        )


def _too_long(article: ArticleText) -> ArticleError:
    return ArticleError(article.source, 1, f"title is longer than {TITLE} characters")
