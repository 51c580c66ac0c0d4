"""Why a line got its answer, as lines of text for an operator."""

from collections.abc import Iterator, Mapping

from bot.kb.judging.reading import Reading

SHOWN = 8
_PARTS = {"rank": "first article", "scope": "does anything answer", "right": "is the first right"}


def report(reading: Reading, titles: Mapping[str, str]) -> Iterator[str]:
    """Lines that tell the decision, the articles found and what spoke for and against, in log odds."""
    if reading.read_as is not None:
        yield f"read as: {reading.read_as}"
    sure = reading.hits[0].score if reading.hits else 0.0
    yield f"decision: {reading.decision} (right {sure:.2f}, in scope {reading.in_scope:.2f})"
    for hit in reading.hits[:3]:
        yield f"  {hit.score:.2f}  {hit.id}  {titles.get(hit.id, '')}"
    for part, heading in _PARTS.items():
        named = {
            name.removeprefix(f"{part}."): value
            for name, value in reading.explanation.items()
            if name.startswith(f"{part}.")
        }
        largest = sorted(named.items(), key=lambda item: (-abs(item[1]), item[0]))[:SHOWN]
        if largest:
            yield f"{heading}: " + ", ".join(f"{name} {value:+.2f}" for name, value in largest)
