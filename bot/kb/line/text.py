"""From a line of text to words with a base form, a part of speech and a weight."""

import re
import threading
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

import pymorphy3
import Stemmer

Part = Literal["noun", "verb", "other"]

STOP_WEIGHT = 0.08
FILLER_WEIGHT = 0.10
ASIDE_WEIGHT = 0.6
LONG_LINE_WORDS = 14
MAX_LINE = 2_000
MAX_WORD = 48

_WORD = re.compile(r"[^\W_]+")
_CODE = re.compile(r"\b([^\W\d_])[-–—\s]?(\d{1,4})\b(?!\s?(?:шт|мм|см|гб|мб|час|дн|руб|%))")
_UNIT_TAIL = re.compile(r"(\d+)([^\W\d_]{2,})|([^\W\d_]{2,})(\d+)")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_CYRILLIC = re.compile(r"[а-я]")
_LOOKALIKES = str.maketrans("асеорхкмтвн", "aceopxkmtbh")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: as written (lower case), its base form, and how much it says (0 to 1)."""

    text: str
    lemma: str
    part: Part
    weight: float


def normalise(text: str) -> str:
    """Lower case, compatible forms folded, ё as е, no control characters. Any text is accepted."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("ё", "е").replace("\u0301", "")
    if folded.isprintable() or folded.replace("\n", "").replace("\t", "").isprintable():
        return folded
    return "".join(c if c.isprintable() or c in "\n\t" else " " for c in folded)


def tokens(text: str) -> list[str]:
    """Words, numbers and codes of a text: `E-04` is `e04`, `58мм` is `58`, `мм`, `1С` is `1c`."""
    found: list[str] = []
    for token in _WORD.findall(_CODE.sub(_code, normalise(text))):
        if token.isalpha() or token.isdigit():
            found.append(token[:MAX_WORD])
        elif match := _UNIT_TAIL.fullmatch(token):
            found.extend(part[:MAX_WORD] for part in match.groups() if part)
        else:
            found.append(token.translate(_LOOKALIKES)[:MAX_WORD])
    return found


def _code(match: re.Match[str]) -> str:
    letter, digits = match.groups()
    separated = len(match.group()) > 1 + len(digits)
    if separated and match.group()[1].isspace():
        return match.group()
    return f"{letter.translate(_LOOKALIKES)}{digits}"


def words(text: str) -> list[Word]:
    """The words of a text in order."""
    return [word(token) for token in tokens(text)]


def line_words(text: str) -> list[Word]:
    """The words of a client's line; in a long one, those outside its questions count for less."""
    everything = words(text)
    if len(everything) < LONG_LINE_WORDS or "?" not in text:
        return everything
    weighed: list[Word] = []
    for sentence in _SENTENCE.findall(normalise(text)):
        factor = 1.0 if "?" in sentence else ASIDE_WEIGHT
        weighed += [Word(w.text, w.lemma, w.part, w.weight * factor) for w in words(sentence)]
    return weighed


def sentences(text: str, limit: int = 60) -> list[str]:
    """Sentences of a Markdown text without its marks, short ones joined to the next, at most `limit`."""
    found: list[str] = []
    rest = ""
    for paragraph in plain(text).split("\n"):
        for piece in re.split(r"(?<=[.!?…])\s+", paragraph):
            rest = f"{rest} {piece}".strip()
            if len(rest) >= 25:
                found.append(rest[:600])
                rest = ""
    if rest:
        found.append(rest)
    return found[:limit]


def plain(markdown: str) -> str:
    """Markdown without its marks: links keep their words, pictures their captions."""
    text = markdown
    if "](" in text:  # most texts have no such mark, and looking for one letter is a hundred times quicker
        text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"^\s{0,3}(#{1,6}|[-*+>]|\d+[.)])\s+", "", text, flags=re.MULTILINE)
    return re.sub(r"[*_`~|]{1,3}", "", text) if any(mark in text for mark in "*_`~|") else text


def kind_of_question(text: str) -> str | None:
    """What is asked for: how, why, when, how_long… or None."""
    line = normalise(text)
    for kind, pattern in word_lists().kinds:
        if pattern.search(line):
            return kind
    return None


def says_something(text: str) -> bool:
    """Whether a line holds more than a greeting, thanks, signs or «не работает»: otherwise there is nothing to search
    for."""
    vague = word_lists().vague
    return any(word.weight > FILLER_WEIGHT and not {word.text, word.lemma} & vague for word in line_words(text))


def only_thanks(text: str) -> bool:
    """Whether a line thanks and asks nothing: «спасибо большое, всё заработало»."""
    if "?" in text:
        return False
    lists = word_lists()
    found = [{each.text, each.lemma} for each in words(text)]
    added = lists.thanks | lists.to_thanks | lists.filler | (lists.stop - lists.negation)
    return any(each & lists.thanks for each in found) and all(each & added for each in found)


def is_cyrillic(text: str) -> bool:
    """Whether a lower-case word has a Russian letter."""
    return _CYRILLIC.search(text) is not None


@lru_cache(maxsize=60_000)
def word(token: str) -> Word:
    """Base form, part of speech and weight of one token."""
    lists = word_lists()
    if is_cyrillic(token):
        lemma, part = _russian(token)
    elif token.isascii() and token.isalpha():
        lemma, part = _english(token), "verb" if _english(token) in lists.verbs else "noun"
    else:
        lemma, part = token, "noun"
    weight = 1.0
    if token in lists.stop or lemma in lists.stop:
        weight, part = STOP_WEIGHT, "other"
    elif token in lists.filler or lemma in lists.filler:
        weight, part = FILLER_WEIGHT, "other"
    return Word(token, lemma, part, weight)


def _russian(token: str) -> tuple[str, Part]:
    with _lock:
        parse = _morphology().parse(token)[0]
    grammemes = parse.tag.grammemes
    part: Part = "other"
    if "NOUN" in grammemes or "UNKN" in grammemes or "LATN" in grammemes:
        part = "noun"
    elif grammemes & {"VERB", "INFN", "GRND", "PRTF", "PRTS"}:
        part = "verb"
    return parse.normal_form.replace("ё", "е"), part


def in_dictionary(token: str) -> bool:
    """Whether the Russian dictionary has this form."""
    return bool(_morphology().word_is_known(token))


def stem(token: str) -> str:
    """Snowball stem by the script of the word."""
    with _lock:
        return str(_stemmers()[0 if is_cyrillic(token) else 1].stemWord(token))


@lru_cache(maxsize=30_000)
def _english(token: str) -> str:
    return stem(token)


# pymorphy's analyser and Snowball's stemmer keep state between calls and are shared by all turns.
_lock = threading.RLock()


@lru_cache(maxsize=1)
def _morphology() -> Any:
    return pymorphy3.MorphAnalyzer(lang="ru")


@lru_cache(maxsize=1)
def _stemmers() -> tuple[Any, Any]:
    return Stemmer.Stemmer("russian", 0), Stemmer.Stemmer("english", 0)


@dataclass(frozen=True, slots=True)
class WordLists:
    """The word lists of `data/words.toml`."""

    stop: frozenset[str]
    filler: frozenset[str]
    thanks: frozenset[str]
    to_thanks: frozenset[str]
    vague: frozenset[str]
    negation: frozenset[str]
    verbs: frozenset[str]
    jargon: tuple[str, ...]
    kinds: tuple[tuple[str, re.Pattern[str]], ...]


@lru_cache(maxsize=1)
def word_lists() -> WordLists:
    """Read the word lists once."""
    data = tomllib.loads(resources.files("bot.kb").joinpath("data/words.toml").read_text("utf-8"))

    def listed(name: str) -> frozenset[str]:
        return frozenset(str(data[name]).split())

    return WordLists(
        stop=listed("stop"),
        filler=listed("filler") | listed("thanks"),
        thanks=listed("thanks"),
        to_thanks=listed("to_thanks"),
        vague=listed("vague"),
        negation=listed("negation"),
        verbs=frozenset(stem(verb) for verb in str(data["verbs"]).split()),
        jargon=tuple(str(data["jargon"]).split()),
        kinds=tuple((name, re.compile(pattern)) for name, pattern in data["kinds"].items()),
    )
