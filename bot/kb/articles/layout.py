"""Where articles lie: `DIR/<lang>/<id>.md`. A folder laid out otherwise is named, never taken for an empty base."""

import re
from collections.abc import Iterator
from pathlib import Path

from bot.kb.articles.article import ArticleError, article_files
from bot.messaging.notices.texts import LANGUAGES

_LANGUAGE = re.compile(r"[a-z]{2}")
_ARTICLE_LIKE = frozenset({".md", ".markdown", ".mdx"})
_SHOWN = 5


def misplaced(folder: Path) -> list[ArticleError]:
    """What of a content folder can't be an article where it lies; where there is none at all, what was expected."""
    taken = {path for path, _ in article_files(folder)}
    found = list(_strays(folder, taken))
    if not taken:
        found.insert(0, ArticleError(str(folder), 0, _nothing(folder)))
    return found


def _nothing(folder: Path) -> str:
    said = "no articles here; they are files <lang>/<id>.md in it, such as ru/printer-offline.md"
    if any(path.suffix in _ARTICLE_LIKE for path in folder.iterdir()):
        return f"{said}; did you mean {folder.resolve().parent}?"
    better = [path for path in sorted(folder.iterdir()) if path.is_dir() and any(article_files(path))]
    return f"{said}; did you mean {better[0]}?" if better else said


def _strays(folder: Path, taken: set[Path]) -> Iterator[ArticleError]:
    """Files that are written like articles and would be passed over, and languages that are none or that nobody is
    spoken to in: the bot has no texts to show such an article with."""
    for language in sorted({path.parent for path in taken}):
        if not _LANGUAGE.fullmatch(language.name):
            yield ArticleError(str(language), 0, "a language is a folder of two small letters, such as ru or en")
        elif language.name not in LANGUAGES:
            yield ArticleError(
                str(language), 0, f"the bot doesn't speak {language.name}; it has {' and '.join(LANGUAGES)}"
            )
    passed = [
        path
        for path in sorted(folder.glob("*/**/*"))
        if path.suffix.lower() in _ARTICLE_LIKE and path.is_file() and path not in taken and not _hidden(path, folder)
    ]
    for path in passed[:_SHOWN] if taken else ():
        yield ArticleError(str(path), 0, f"not read: articles are {folder}/<lang>/<id>.md, no deeper")


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)
