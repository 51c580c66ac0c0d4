"""A module is read in one sitting, a package is seen at one glance."""

from collections import Counter
from pathlib import Path

BOT = Path(__file__).resolve().parents[1] / "bot"
LINES, MODULES = 400, 15


def test_no_module_is_longer_than_a_sitting() -> None:
    lengths = {str(path.relative_to(BOT)): len(path.read_text("utf-8").splitlines()) for path in BOT.rglob("*.py")}
    assert {name: length for name, length in lengths.items() if length > LINES} == {}


def test_no_package_has_more_modules_than_a_glance_takes_in() -> None:
    modules = Counter(path.parent for path in BOT.rglob("*.py") if path.name != "__init__.py")
    assert {str(package): count for package, count in modules.items() if count > MODULES} == {}
