"""PostgreSQL databases for tests, used again once they are as new: to copy a template takes longer than most tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

# What a test may have changed besides rows. Whoever changes the schema gets a copy of their own by it: it isn't kept.
_SHAPE = """
SELECT (SELECT (count(*), max(oid))::text FROM pg_class), (SELECT (count(*), max(oid))::text FROM pg_constraint),
       (SELECT (count(*), max(oid))::text FROM pg_proc), (SELECT (count(*), max(oid))::text FROM pg_namespace),
       (SELECT md5(string_agg(concat_ws(',', oid, tgenabled), ';' ORDER BY oid)) FROM pg_trigger),
       (SELECT md5(string_agg(concat_ws(',', attrelid, attname, atttypid, attnotnull, attisdropped), ';'
                              ORDER BY attrelid, attnum)) FROM pg_attribute),
       (SELECT count(*) FROM pg_db_role_setting)
"""
_EMPTY = """
DO $$
DECLARE name text; filled boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || name || ')' INTO filled;
    IF filled THEN EXECUTE 'DELETE FROM ' || name; END IF;
  END LOOP;
END $$
"""
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass
class SpareDatabases:
    """Copies of the database `template` on `server` (a URL); those that are free are kept for the next."""

    server: str
    template: str
    free: list[str] = field(default_factory=list)
    rows: dict[str, bytes] = field(default_factory=dict)
    counters: list[tuple[str, int, bool]] = field(default_factory=list)
    shapes: dict[str, tuple[object, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self._connected(self.template) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            for (table,) in tables:
                with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copied:
                    self.rows[table] = b"".join(bytes(part) for part in copied)
            self.rows = {table: rows for table, rows in self.rows.items() if rows}
            for (name,) in connection.execute("SELECT sequencename FROM pg_sequences").fetchall():
                at = connection.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(name)))
                self.counters.append((name, *(at.fetchone() or (1, False))))

    @contextmanager
    def one(self) -> Iterator[str]:
        """URL of a database as the template is."""
        name = self.free.pop() if self.free else self._copied()
        yield named(self.server, name)
        if self._made_new(name):
            self.free.append(name)
        else:
            with self._connected("postgres") as connection:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _copied(self) -> str:
        name = f"t{uuid4().hex[:12]}"
        with self._connected("postgres") as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(self.template))
            )
        with self._connected(name) as connection:
            self.shapes[name] = connection.execute(_SHAPE).fetchone() or ()
        return name

    def _made_new(self, name: str) -> bool:
        """Take out what a test has put in; False where it changed more than rows."""
        try:
            with self._connected(name) as connection:
                connection.execute(_END_OTHERS)
                if connection.execute(_SHAPE).fetchone() != self.shapes[name]:
                    return False
                with connection.transaction():
                    connection.execute(_EMPTY)
                    connection.execute("SET LOCAL session_replication_role = replica")
                    for table, rows in self.rows.items():
                        into = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
                        with connection.cursor().copy(into) as copying:
                            copying.write(rows)
                    for counter in self.counters:
                        connection.execute("SELECT setval(%s::regclass, %s, %s)", (f'"{counter[0]}"', *counter[1:]))
        except psycopg.Error:
            return False
        return True

    def _connected(self, name: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(named(self.server, name), autocommit=True)


def named(server: str, name: str) -> str:
    """The URL of the database `name` of a server."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)
