"""What has landed stays as it is: others have databases that were made by it."""

import hashlib

from bot.db.schema.migrating import MIGRATIONS, script

LIST = MIGRATIONS / "landed.sha256"
HOW = """
If the revision is new: when it is finished, add its line, and from then on never change it:
    cd migrations/versions && sha256sum {name} >> ../landed.sha256
If it is listed: put it back as it was (git checkout) and write what you need as the next one: make migration MSG="…"
"""


def test_a_landed_revision_is_never_changed() -> None:
    listed = dict(reversed(line.split()) for line in LIST.read_text("utf-8").splitlines())
    there = {path.name: path for path in (MIGRATIONS / "versions").glob("*.py")}
    for name, path in sorted(there.items()):
        assert listed.get(name) == hashlib.sha256(path.read_bytes()).hexdigest(), HOW.format(name=name)
    assert set(listed) == set(there), "a revision that landed is gone: databases that have its number can't go on"


def test_revisions_are_one_chain_in_the_order_of_their_numbers() -> None:
    chain = [revision.revision for revision in script().walk_revisions()]
    assert chain == sorted(chain, reverse=True)
    assert len(script().get_heads()) == 1
