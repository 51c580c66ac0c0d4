"""Pictures and documents of an article: files that lie beside it and that its Markdown names."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from bot.kb.articles.article import ArticleError, ArticleText
from bot.kb.articles.markdown import attached

# What a messenger takes as a picture and as a document (telegram.md, "Going out").
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
PICTURE_BYTES, DOCUMENT_BYTES = 10_000_000, 20_000_000
MOST = 10
NAME = 200


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file: its name as the Markdown has it, and its bytes."""

    name: str
    picture: bool
    content: bytes

    @property
    def digest(self) -> str:
        """A hash of the bytes, 32 hex digits."""
        return hashlib.blake2b(self.content, digest_size=16).hexdigest()


def read_attachments(
    article: ArticleText, folder: Path, known: frozenset[str] = frozenset()
) -> tuple[list[Attachment], list[ArticleError]]:
    """The files of an article, in order, and what is wrong with them (file and line of the mention).

    `folder`: the content folder, which a path may not leave. `known`: names whose bytes the messenger keeps.
    """
    found: list[Attachment] = []
    errors: list[ArticleError] = []
    root = folder.resolve()
    mentions = attached(article.body)
    for mention in mentions:
        line = article.body_line + mention.line
        path = (Path(article.source).parent / unquote(mention.name)).resolve()
        if mention.name in known and not path.is_file():
            continue
        reason = _trouble(path, root, mention.name, mention.picture)
        if reason is not None:
            errors.append(ArticleError(article.source, line, reason))
        else:
            found.append(Attachment(mention.name, mention.picture, path.read_bytes()))
    if len(mentions) > MOST:
        errors.append(ArticleError(article.source, article.body_line, f"more than {MOST} pictures and files"))
    return found, errors


def _trouble(path: Path, root: Path, name: str, picture: bool) -> str | None:
    kind = "picture" if picture else "file"
    if "://" in name or name.startswith("/") or not path.is_relative_to(root):
        return f"{kind} {name!r} must be a file beside the article, inside the content folder"
    if len(name) > NAME:
        return f"the name of {kind} {name[:40]!r}… is longer than {NAME} characters"
    if not path.is_file():
        return f"{kind} {name!r} is not there"
    if picture and path.suffix.lower() not in PICTURES:
        return f"picture {name!r} must be one of {', '.join(sorted(PICTURES))}"
    size = path.stat().st_size
    most = PICTURE_BYTES if picture else DOCUMENT_BYTES
    if not 0 < size <= most:
        return f"{kind} {name!r} has {size} bytes: from 1 to {most} can be sent"
    return None
