"""Markdown of an article as the HTML that a messenger shows: few tags, lists as lines, everything else escaped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_MARKS = {"strong_open": "<b>", "strong_close": "</b>", "em_open": "<i>", "em_close": "</i>", "s_open": "<s>"}
_MARKS |= {"s_close": "</s>", "softbreak": "\n", "hardbreak": "\n"}
_SCHEMES = frozenset({"http", "https", "tg", "mailto", "tel"})
_PARSER = MarkdownIt("commonmark", {"html": False}).enable("strikethrough").enable("table")


@lru_cache(maxsize=1024)
def to_html(markdown: str) -> Markup:
    """Blocks separated by an empty line; headings bold; items as «• » or «1. », nested ones shifted by spaces."""
    tokens = _PARSER.parse(markdown)
    return _safe(_blocks(tokens))


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its words as HTML, and the names of its pictures and files."""

    words: Markup
    files: tuple[str, ...]


@lru_cache(maxsize=1024)
def steps(markdown: str) -> tuple[Step, ...]:
    """The items of the first numbered list, one a step; empty when there is none."""
    tokens = _PARSER.parse(markdown)
    opened = next((n for n, token in enumerate(tokens) if token.type == "ordered_list_open" and token.level == 0), None)
    if opened is None:
        return ()
    found: list[Step] = []
    start = opened
    for place in range(opened, len(tokens)):
        token = tokens[place]
        if token.type == "list_item_open" and token.level == 1:
            start = place + 1
        elif token.type == "list_item_close" and token.level == 1:
            own = tokens[start:place]
            names = tuple(dict.fromkeys(mention.name for token in own for mention in _mentions(token)))
            found.append(Step(_safe(_blocks(own, tight=True)), names))
        elif token.type == "ordered_list_close" and token.level == 0:
            break
    return tuple(found)


def _safe(html: str) -> Markup:
    return Markup(html.strip())  # noqa: S704 - every text of a token is escaped below


def _blocks(tokens: Sequence[Token], *, tight: bool = False) -> str:
    out: list[str] = []
    numbers: list[int | None] = []  # of each open list: the next number, None for bullets
    cells: list[str] = []
    opener = ""
    for token in tokens:
        kind = token.type
        if kind == "inline":
            children = token.children or []
            if all(child.type in {"image", "softbreak"} for child in children):
                opener = kind
                continue  # pictures alone: they are sent beside the text
            text = _inline(children)
            if opener in {"th_open", "td_open"}:
                cells.append(text)
            else:
                out.append(f"<b>{text}</b>" if opener == "heading_open" else text)
        elif "list" in kind:
            _list(out, numbers, token)
        elif kind in {"paragraph_close", "heading_close"}:
            out.append("\n" if numbers or tight else "\n\n")
        elif kind in {"blockquote_open", "blockquote_close"}:
            _quote(out, kind)
        elif kind == "tr_close":
            out.append(" — ".join(cells) + "\n")
            cells.clear()
        else:
            out.append(_plain_block(token))
        opener = kind
    return "".join(out)


def _plain_block(token: Token) -> str:
    if token.type in {"fence", "code_block"}:
        return f"<pre>{escape(token.content.rstrip(), quote=False)}</pre>\n\n"
    return {"hr": "———\n\n", "table_close": "\n"}.get(token.type, "")


def _list(out: list[str], numbers: list[int | None], token: Token) -> None:
    match token.type:
        case "bullet_list_open" | "ordered_list_open":
            _end_line(out)
            numbers.append(int(token.attrGet("start") or 1) if token.type == "ordered_list_open" else None)
        case "list_item_open":
            out.append("   " * (len(numbers) - 1) + _marker(numbers))
        case "list_item_close":
            _end_line(out)
        case _:
            numbers.pop()
            if not numbers:
                out.append("\n")


def _inline(tokens: Sequence[Token]) -> str:
    out: list[str] = []
    links: list[bool] = []
    for token in tokens:
        if token.type in _MARKS:
            out.append(_MARKS[token.type])
        elif token.type == "link_open":
            address = str(token.attrGet("href") or "")
            links.append(urlsplit(address).scheme in _SCHEMES)
            if links[-1]:
                out.append(f'<a href="{escape(address)}">')
        elif token.type == "link_close":
            if links.pop():
                out.append("</a>")
        elif token.type == "image":
            out.append(escape(token.content, quote=False))
        elif token.type == "code_inline":
            out.append(f"<code>{escape(token.content, quote=False)}</code>")
        else:
            out.append(escape(token.content, quote=False))
    return "".join(out)


def _marker(numbers: list[int | None]) -> str:
    number = numbers[-1]
    if number is None:
        return "• "
    numbers[-1] = number + 1
    return f"{number}. "


def _end_line(out: list[str]) -> None:
    if out and not out[-1].endswith("\n"):
        out.append("\n")


def _quote(out: list[str], kind: str) -> None:
    if kind == "blockquote_open":
        out.append("<blockquote>")
        return
    while out and not out[-1].strip():
        out.pop()
    if out:
        out[-1] = out[-1].rstrip()
    out.append("</blockquote>\n\n")


@dataclass(frozen=True, slots=True)
class Mention:
    """A picture or a file that an article names; `line` counts from 0 in the body, `words` describe it."""

    name: str
    picture: bool
    words: str
    line: int


@lru_cache(maxsize=1024)
def attached(markdown: str) -> tuple[Mention, ...]:
    """Pictures, and links to files rather than to addresses, in order; each name once."""
    found: dict[str, Mention] = {}
    for token in _PARSER.parse(markdown):
        for mention in _mentions(token):
            found.setdefault(mention.name, mention)
    return tuple(found.values())


def _mentions(token: Token) -> Iterator[Mention]:
    line = token.map[0] if token.map else 0
    children = token.children or []
    for place, child in enumerate(children):
        if child.type == "softbreak":
            line += 1
        elif child.type == "image":
            yield Mention(str(child.attrGet("src") or ""), True, child.content, line)
        elif child.type == "link_open" and _is_file(name := str(child.attrGet("href") or "")):
            words = children[place + 1].content if place + 1 < len(children) else ""
            yield Mention(name, False, words, line)


def _is_file(address: str) -> bool:
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc and "." in parts.path
