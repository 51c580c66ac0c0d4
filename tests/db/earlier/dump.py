"""Write a base of an earlier commit as a fixture: `python -m tests.db.earlier.dump BASE.db REVISION.py NAME`.

BASE.db is an SQLite base that the commit's own demo has filled, REVISION.py the commit's first revision.
"""

import base64
import json
import lzma
import sqlite3
import sys
from pathlib import Path

HERE = Path(__file__).parent


def dump(base: Path, revision: Path, name: str) -> Path:
    """Returns the file that was written."""
    connection = sqlite3.connect(base)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    tables = {}
    for table in names:
        if table == "alembic_version" or table.startswith("sqlite_"):
            continue
        found = connection.execute(f'SELECT * FROM "{table}" ORDER BY rowid')
        rows = [[_plain(value) for value in row] for row in found]
        tables[table] = {"columns": [each[0] for each in found.description], "rows": rows}
    connection.close()
    text = json.dumps({"revision": revision.read_text("utf-8"), "tables": tables}, ensure_ascii=False)
    written = HERE / f"{name}.json.xz"
    written.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    return written


def _plain(value: object) -> object:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


if __name__ == "__main__":
    print(dump(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
