"""Skills as files, `content/skills/<lang>/<id>.md`: how they are asked, for whom, which act answers, in which words."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from bot.answers.skills.acts import AUDIENCES, PLACEHOLDERS, SkillAct
from bot.kb.articles.article import (
    ID,
    ArticleError,
    article_files,
    line_of,
    load_fields,
    one_line,
    split_front,
    strings_of,
)
from bot.kb.articles.layout import misplaced

TITLE = 300
_LISTS = ("questions", "audience", "before", "needs", "unless", "surely")
_KNOWN = ("id", "title", "act", *_LISTS)
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class SkillText:
    """One skill in one language, as its file has it; see `Skill`."""

    id: str
    lang: str
    title: str
    questions: tuple[str, ...]
    audience: tuple[str, ...]
    before: tuple[str, ...]
    needs: tuple[str, ...]
    unless: tuple[str, ...]
    surely: tuple[str, ...]
    act: SkillAct
    words: str

    @property
    def code(self) -> str:
        """Its id, as a row has it."""
        return self.id

    @property
    def digest(self) -> str:
        """A hash of all that it says, 32 hex digits."""
        lists = (
            "\0".join(values)
            for values in (self.questions, self.audience, self.before, self.needs, self.unless, self.surely)
        )
        text = "\1".join((self.id, self.lang, self.title, self.act, self.words, *lists))
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def read_skills(folder: Path) -> tuple[list[SkillText], list[ArticleError]]:
    """The skills of a folder in the order of names, and what is wrong with the other files of it."""
    skills: list[SkillText] = []
    errors = misplaced(folder)
    for path, lang in article_files(folder):
        try:
            skills.append(parse_skill(path.read_text("utf-8-sig"), lang, str(path)))
        except ArticleError as error:
            errors.append(error)
        except UnicodeDecodeError as error:
            errors.append(
                ArticleError(str(path), error.object[: error.start].count(b"\n") + 1, "the file is not UTF-8")
            )
    return skills, errors


def parse_skill(text: str, lang: str, source: str) -> SkillText:
    """Read one file; its stem must equal the `id`. Raises ArticleError with the line of an act, an audience or a
    placeholder that there is not, of an unknown field, and where there is nothing to find it by."""
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
    lists = {name: strings_of(fields.get(name), name, head, source) for name in _LISTS}
    title, act = one_line(fields.get("title")), one_line(fields.get("act"))
    if not 0 < len(title) <= TITLE:
        raise ArticleError(source, line_of(head, "title"), f"a skill needs a title of at most {TITLE} characters")
    if act not in set(SkillAct):
        raise ArticleError(source, line_of(head, "act"), f"unknown act {act!r}; there are {', '.join(SkillAct)}")
    strange = [who for who in lists["audience"] if who not in AUDIENCES]
    if strange or not lists["audience"]:
        reason = f"unknown audience {strange[0]!r}" if strange else "a skill needs an audience"
        raise ArticleError(source, line_of(head, "audience"), f"{reason}; there are {', '.join(sorted(AUDIENCES))}")
    for number, line in enumerate(body.split("\n")):
        for name in PLACEHOLDER.findall(line):
            if name not in PLACEHOLDERS:
                known = ", ".join(sorted(PLACEHOLDERS))
                raise ArticleError(source, first_line + number, f"unknown placeholder {{{name}}}; there are {known}")
    return SkillText(
        id=stem,
        lang=lang,
        title=title,
        questions=lists["questions"],
        audience=lists["audience"],
        before=lists["before"],
        needs=lists["needs"],
        unless=lists["unless"],
        surely=lists["surely"],
        act=SkillAct(act),
        words=body.strip(),
    )
