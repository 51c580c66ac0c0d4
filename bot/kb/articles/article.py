"""Articles of the knowledge base as files: front matter and Markdown, `content/faq/<lang>/<id>.md`."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
PUBLIC = "public"
_LISTS = ("questions", "tags", "kinds", "audience", "actions")
_KNOWN = {"id", "title", *_LISTS}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ArticleError(Exception):
    """An article file that can't be taken as it is; `line` counts from 1, and is 0 where all of it is meant."""

    def __init__(self, source: str, line: int, reason: str) -> None:
        super().__init__(f"{source}:{line}: {reason}" if line else f"{source}: {reason}")
        self.source = source
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ArticleText:
    """One article in one language. `audience` holds `public` or plan codes, `kinds` kinds or models of equipment."""

    id: str
    lang: str
    title: str
    body: str
    questions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    audience: tuple[str, ...] = (PUBLIC,)
    actions: tuple[str, ...] = ()
    source: str = field(default="", compare=False)
    body_line: int = field(default=1, compare=False)  # of the file: where the body's first line is
    stored_as: str = field(default="", compare=False)  # of the database: what tells it from another version

    @property
    def digest(self) -> str:
        """A hash of all that the article says, 32 hex digits: what is stored by it is valid while it stays the same."""
        parts = (self.id, self.lang, self.title, self.body)
        lists = (self.questions, self.tags, self.kinds, self.audience, self.actions)
        text = "\0".join(parts) + "\1" + "\1".join("\0".join(values) for values in lists)
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def parse_article(text: str, lang: str, source: str) -> ArticleText:
    """Read one article file. `source` is its path as shown to people; its stem must equal the `id`.

    Raises ArticleError with the line when the front matter is missing or broken, a field is unknown or of a wrong
    type, or there is nothing to find the article by.
    """
    stem = Path(source).stem
    if not ID.fullmatch(stem):
        raise ArticleError(source, 1, "the file name must be an id of A-Z a-z 0-9 _ - (up to 64)")
    head, body, first_line = split_front(text, source)
    fields = load_fields(head, source)
    for name in fields:
        if name not in _KNOWN:
            raise ArticleError(source, line_of(head, str(name)), f"unknown field {name!r}")
    if fields.get("id") is not None and one_line(fields["id"]) != stem:
        raise ArticleError(source, line_of(head, "id"), f"id {fields['id']!r} differs from the file name {stem!r}")
    title = fields.get("title")
    if title is not None and not isinstance(title, str | int | float):
        raise ArticleError(source, line_of(head, "title"), "title must be one line of text")
    lists = {name: strings_of(fields.get(name), name, head, source) for name in _LISTS}
    article = ArticleText(
        id=stem,
        lang=lang,
        title=one_line(title),
        body=body.strip(),
        questions=lists["questions"],
        tags=lists["tags"],
        kinds=lists["kinds"],
        audience=lists["audience"] or (PUBLIC,),
        actions=lists["actions"],
        source=source,
        body_line=first_line + len(body) - len(body.lstrip("\n")),
    )
    if not (article.title or article.questions or article.body):
        raise ArticleError(source, first_line, "an article needs a title, a question or a text")
    return article


def salvage_article(text: str, lang: str, source: str) -> ArticleText:
    """Read what can be read of a file that `parse_article` refuses. Never raises."""
    try:
        head, body, _ = split_front(text, source)
    except ArticleError:
        head, body = "", text
    try:
        fields = load_fields(head, source)
    except ArticleError:
        fields = {}
    return ArticleText(
        id=Path(source).stem,
        lang=lang,
        title=one_line(fields.get("title")),
        body=body.strip(),
        source=source,
        questions=_leniently(fields.get("questions")),
        tags=_leniently(fields.get("tags")),
        kinds=_leniently(fields.get("kinds")),
        actions=_leniently(fields.get("actions")),
        audience=_leniently(fields.get("audience")) or (PUBLIC,),
    )


def written(article: ArticleText) -> str:
    """The article as a file that `parse_article` reads back to the same."""
    fields: dict[str, Any] = {"id": article.id, "title": article.title}
    fields |= {name: list(getattr(article, name)) for name in _LISTS if getattr(article, name)}
    head = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{head}---\n{article.body}\n"


def read_articles(folder: Path) -> tuple[list[ArticleText], list[ArticleError]]:
    """Read `folder/<lang>/<id>.md` in the order of names; the broken ones come back as errors beside the good ones."""
    articles: list[ArticleText] = []
    errors: list[ArticleError] = []
    for path, lang in article_files(folder):
        source = str(path)
        try:
            articles.append(parse_article(path.read_text("utf-8-sig"), lang, source))
        except ArticleError as error:
            errors.append(error)
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            errors.append(ArticleError(source, line, "the file is not UTF-8"))
    return articles, errors


def article_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Article files of a content folder with their language, sorted by language and id."""
    for lang_dir in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        for path in sorted(lang_dir.glob("*.md")):
            yield path, lang_dir.name


def split_front(text: str, source: str) -> tuple[str, str, int]:
    """Front matter, what follows it, and the line where that begins. Raises ArticleError."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if not re.match(r"---[ \t]*\n", text):
        raise ArticleError(source, 1, "front matter is missing: the first line must be ---")
    end = re.compile(r"^---[ \t]*$", re.MULTILINE).search(text, text.index("\n") + 1)
    if end is None:
        raise ArticleError(source, 1, "front matter has no closing ---")
    head = text[text.index("\n") + 1 : end.start()]
    return head, text[end.end() :], text.count("\n", 0, end.end()) + 1


def load_fields(head: str, source: str) -> dict[str, Any]:
    """The fields of a front matter. Raises ArticleError with the line."""
    try:
        fields = yaml.load(head, Loader=_LOADER)  # noqa: S506 - the safe loader, in C where it is built
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "front matter can't be read"
        raise ArticleError(source, (mark.line if mark else 0) + 2, str(reason)) from error
    if fields is None:
        return {}
    if not isinstance(fields, dict):
        raise ArticleError(source, 2, "front matter must be fields like `title: …`")
    return fields


def strings_of(value: Any, name: str, head: str, source: str) -> tuple[str, ...]:
    """A field that is a list of lines, or one of them. Raises ArticleError."""
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    for item in items:
        if isinstance(item, dict | list) or item is None:
            raise ArticleError(source, line_of(head, name), f"{name} must be a list of lines of text")
    return tuple(text for item in items if (text := one_line(item)))


def _leniently(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(text for item in items if (text := one_line(item)))


def one_line(value: Any) -> str:
    """A field that is one line of text; empty for none."""
    if value is None or isinstance(value, list):
        return ""
    if isinstance(value, dict):  # `- Ошибка: что делать` is a mapping to YAML and a question to its writer
        return " ".join(f"{key}: {one_line(inner)}".strip() for key, inner in value.items())
    return str(value).strip()


def line_of(head: str, name: str) -> int:
    """The line of a file where a field of its front matter stands."""
    found = re.search(rf"^\s*['\"]?{re.escape(name)}['\"]?\s*:", head, re.MULTILINE)
    return (
        2
        if found is None
        else head.count("\n", 0, found.start() + len(found.group()) - len(found.group().lstrip())) + 2
    )
