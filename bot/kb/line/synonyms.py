"""Synonyms and shop talk: groups of words that a service company's clients use for one thing."""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from bot.kb.line.text import words


class SynonymError(Exception):
    """A line of the synonyms file that can't be used."""


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Groups of lemmas. A phrase stands for its words only where all of them follow one another."""

    of_word: dict[str, tuple[int, ...]]
    of_phrase: dict[str, tuple[tuple[tuple[str, ...], int], ...]]
    members: tuple[tuple[str, ...], ...]

    def groups(self, lemmas: list[str]) -> list[tuple[int, ...]]:
        """For each word of a line the groups it belongs to, by itself or within a phrase."""
        found = [self.of_word.get(lemma, ()) for lemma in lemmas]
        for place, lemma in enumerate(lemmas):
            for phrase, group in self.of_phrase.get(lemma, ()):
                if tuple(lemmas[place : place + len(phrase)]) == phrase:
                    for inner in range(place, place + len(phrase)):
                        found[inner] = (*found[inner], group)
        return found


def parse_synonyms(text: str) -> Synonyms:
    """Read a file of groups: one a line, members parted by commas, `#` begins a comment.

    Raises SynonymError with the line when a group has fewer than two members.
    """
    of_word: dict[str, list[int]] = {}
    of_phrase: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    members: list[tuple[str, ...]] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        if not line:
            continue
        phrases = [tuple(word.lemma for word in words(part)) for part in line.split(",")]
        phrases = list(dict.fromkeys(phrase for phrase in phrases if phrase))
        if len(phrases) < 2:
            raise SynonymError(f"line {number}: a group needs two words or more, parted by commas")
        group = len(members)
        members.append(tuple(phrase[0] for phrase in phrases if len(phrase) == 1))
        for phrase in phrases:
            if len(phrase) == 1:
                of_word.setdefault(phrase[0], []).append(group)
            else:
                of_phrase.setdefault(phrase[0], []).append((phrase, group))
    return Synonyms(
        of_word={word: tuple(groups) for word, groups in of_word.items()},
        of_phrase={word: tuple(entries) for word, entries in of_phrase.items()},
        members=tuple(members),
    )


@lru_cache(maxsize=1)
def shipped_synonyms() -> Synonyms:
    """The groups that come with the bot."""
    return parse_synonyms(resources.files("bot.kb").joinpath("data/synonyms.txt").read_text("utf-8"))
