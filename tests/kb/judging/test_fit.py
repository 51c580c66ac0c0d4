import os
import subprocess
import sys
from pathlib import Path

TINY = """
import json
from bench.kb.breaking import with_broken
from bench.kb.collect import Looker, faq_variants
from bench.kb.fit import fit_all
from bot.kb.base.encoder import VectorCache
from bot.kb.base.second import E5_FORM
from dataclasses import replace
from tests.kb.shelf import Letters, russian_articles

second = Letters(E5_FORM.dimensions)
looker = Looker(Letters(), VectorCache(), second, VectorCache(form=E5_FORM), lambda table: True)
found = {"rank": [], "scope": []}
for name, articles, queries in list(faq_variants(russian_articles()[:8]))[:1]:
    index = looker.index(articles)
    lines = with_broken(tuple(queries[::2]))
    for copy in ("clean", "typo"):
        found["rank"] += looker.look(index, lines[copy], f"faq_ru/{name}", copy)
        found["scope"] += looker.look(index, lines[copy], f"faq_ru_{name}/in", copy)
    strangers = [replace(query, relevant=frozenset()) for query in lines["typo"]]
    few = looker.index(articles[:4])
    found["scope"] += looker.look(few, strangers, f"faq_ru_{name}/removed", "clean")
print(json.dumps(fit_all(found["rank"], found["scope"], True, lambda line: None)))
"""


def test_the_same_examples_give_the_same_weights_to_the_digit_in_every_process() -> None:
    fits = [
        subprocess.Popen(
            [sys.executable, "-c", TINY],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
            env=os.environ | {"PYTHONHASHSEED": seed},
        )
        for seed in ("1", "2")
    ]
    first, second = (fit.communicate()[0] for fit in fits)
    assert first == second
    assert '"second"' in first
