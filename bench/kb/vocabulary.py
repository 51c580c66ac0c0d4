"""Make `bot/kb/data/vocabulary.txt.gz` from wordfreq: `python -m bench.kb.vocabulary`.

The most frequent 60 000 Russian and 30 000 English words, grouped by Zipf frequency (log10 per billion words).
"""

import gzip
import re
from collections import defaultdict
from pathlib import Path

from wordfreq import iter_wordlist, zipf_frequency

TARGET = Path(__file__).parents[2] / "bot" / "kb" / "data" / "vocabulary.txt.gz"
LANGUAGES = (("ru", 60_000, re.compile(r"[а-яё]{1,30}")), ("en", 30_000, re.compile(r"[a-z]{1,30}")))


def main() -> None:
    """Write the file; the same wordfreq gives the same bytes."""
    lines: list[str] = []
    for lang, count, pattern in LANGUAGES:
        groups: dict[float, list[str]] = defaultdict(list)
        seen: set[str] = set()
        for word in iter_wordlist(lang):
            if not pattern.fullmatch(word) or (folded := word.replace("ё", "е")) in seen:
                continue
            seen.add(folded)
            groups[round(zipf_frequency(word, lang), 1)].append(folded)
            if len(seen) == count:
                break
        for zipf in sorted(groups, reverse=True):
            lines.append(f"{lang} {zipf:.1f} {' '.join(sorted(groups[zipf]))}")
    with TARGET.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=9) as out:
        out.write(("\n".join(lines) + "\n").encode())
    print(f"{TARGET}: {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
