"""Articles written and changed in the chat: a draft, what it looks like, and its way into the base and out of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup
from sqlmodel import Session, col, select

from bot.answers.digest import gap_of
from bot.answers.stats import ArticleStats, article_stats
from bot.clients.policy import policy
from bot.clients.rights import OFFICE, employed, require
from bot.db.errors import NotFound, Outdated
from bot.db.unit_of_work import UnitOfWork
from bot.kb.articles.markdown import attached, to_html
from bot.kb.articles.models import Article
from bot.kb.articles.sync import TITLE, BadArticleTextError, lock_base, set_published, write_article
from bot.kb.learning.gaps import settle_misses

BODY = 12_000
PICTURES = 10


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """What an author has written so far. `miss`: a question of the group it answers; `article`: the row it changes,
    which looked like `seen` when the author began; `pictures`: names in the text, with the messenger's file ids."""

    language: str
    title: str = ""
    body: str = ""
    miss: int | None = None
    article: int | None = None
    seen: str = ""
    pictures: dict[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether it can be published as it is."""
        return 0 < len(self.title.strip()) <= TITLE and 0 < len(self.body.strip()) <= BODY

    def as_data(self) -> dict[str, Any]:
        """Plain values for the dialogue's memory."""
        return asdict(self)

    def with_picture(self, file_id: str, words: str) -> "ArticleDraft":
        """The draft with a picture below its text. Raises BadArticleTextError above ten."""
        names = {mention.name for mention in attached(self.body)} | self.pictures.keys()
        if len(names) >= PICTURES:
            raise BadArticleTextError("pictures")
        name = next(name for n in range(1, PICTURES + 2) if (name := f"photo-{n}.jpg") not in names)
        described = " ".join(words.translate({ord(sign): " " for sign in "[]()\\`"}).split())[:200]
        body = f"{self.body.rstrip()}\n\n![{described}]({name})".lstrip()
        return replace(self, body=body, pictures={**self.pictures, name: file_id})


@dataclass(frozen=True, slots=True)
class ArticleCard:
    """An article as its authors see it, its text as HTML, with what it did in the last `days`."""

    article: Article
    body: Markup
    stats: ArticleStats
    days: int


def begin_for_gap(session: Session, miss: int, now: datetime, by: int) -> tuple[ArticleDraft, str]:
    """(a draft that answers a group of questions, the question in the words it was asked in). Raises as gap_of."""
    gap = gap_of(session, miss, now, by)
    return ArticleDraft(gap.language, miss=miss), gap.examples[0]


def begin_new(session: Session, language: str, by: int) -> ArticleDraft:
    """A draft of an article that nobody asked for yet. Raises NotAllowed."""
    require(session, employed, OFFICE, person=by)
    return ArticleDraft(language)


def begin_edit(session: Session, article_id: int, by: int) -> ArticleDraft:
    """A draft of what an article says now. Raises NotAllowed, NotFound."""
    row = _article(session, article_id, by)
    return ArticleDraft(row.language, row.title, row.body, article=row.id, seen=row.content_hash)


def publish_draft(uow: UnitOfWork, draft: ArticleDraft, by: int) -> Article:
    """Publish what was written; the questions it answers become ways to ask it.

    Raises NotAllowed, BadArticleTextError, NotFound, and Outdated when the questions were settled or the article was
    changed by somebody else meanwhile.
    """
    require(uow.session, employed, OFFICE, person=by)
    if not draft.complete:
        raise BadArticleTextError(draft.title)
    if draft.article is not None:
        lock_base(uow.session)
        row = uow.session.get(Article, draft.article, populate_existing=True)
        if row is None:
            raise NotFound
        if row.content_hash != draft.seen:
            raise Outdated
        return write_article(uow, row.language, row.code, draft.title, draft.body, by=by, pictures=_own(draft))
    questions: Sequence[str] = ()
    code = f"chat-n{uow.now:%y%m%d%H%M%S}-{by}"
    if draft.miss is not None:
        gap = gap_of(uow.session, draft.miss, uow.now, by)
        questions, code = gap.examples, f"chat-{gap.misses[0]}"
        settle_misses(uow, gap.misses)
    return write_article(uow, draft.language, code, draft.title, draft.body, questions, by=by, pictures=_own(draft))


def switch_article(uow: UnitOfWork, article_id: int, published: bool, by: int) -> Article:
    """Take an article out of the base or put it back. Raises NotAllowed, NotFound."""
    row = _article(uow.session, article_id, by)
    return set_published(uow, row.code, row.language, published, by=by)


def article_card(session: Session, article_id: int, now: datetime, by: int) -> ArticleCard:
    """An article with its figures of the last days. Raises NotAllowed, NotFound."""
    row = _article(session, article_id, by)
    days = policy(session, "kb_figures_days")
    stats = {found.code: found for found in article_stats(session, now - timedelta(days=days), now)}
    return ArticleCard(row, to_html(row.body), stats.get(row.code, ArticleStats(row.code, 0, 0, 0, 0)), days)


def changed_lately(session: Session, by: int, limit: int = 8) -> Sequence[Article]:
    """Articles of the chat, unpublished ones too, the newest change first. Raises NotAllowed."""
    require(session, employed, OFFICE, person=by)
    return session.exec(
        select(Article)
        .where(col(Article.from_file).is_(False))
        .order_by(col(Article.changed_at).desc(), col(Article.id).desc())
        .limit(limit)
    ).all()


def _article(session: Session, article_id: int, by: int) -> Article:
    require(session, employed, OFFICE, person=by)
    row = session.get(Article, article_id)
    if row is None:
        raise NotFound
    return row


def _own(draft: ArticleDraft) -> dict[str, str]:
    """Pictures that the text still mentions."""
    names = {mention.name for mention in attached(draft.body)}
    return {name: file_id for name, file_id in draft.pictures.items() if name in names}
