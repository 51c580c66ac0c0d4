"""`python -m bench.close`: a period close of 10 000 contracts and 200 000 time entries on PostgreSQL, beside the same
sums in plain SQL, in one run.

Three lines: the product's close (statements, lines, links, invoices, acts; batches of contracts, each a transaction);
plain SQL that finds the same lines and sums and stores them in tables of the same shape, in one transaction; plain SQL
that finds the sums only and writes nothing. Both ask what the close asks: which entries stand and are in no statement,
what pools gave, whether the approval of a quote stands (its person's right and limits then, sum, text and hash; the
hash of the lines is left to the product, SQL can't write it the same way), VAT half-up by line. Rounding to steps, the
split over bands and the order of drawing happen when work is accepted; no one of the three does them again.

A figure is a time entry. The sums of all three must agree, or the bench fails; so it does when the close is more than
five times slower than the plain SQL that stores the same. The ratio to the bare sums is printed beside it.
"""

import argparse
import gc
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

from sqlalchemy import text

import bot.tables  # noqa: F401 - every table, as they refer to each other
from bench.close.seed import RATE, seed
from bench.postgres import started_postgres
from bench.turns.__main__ import fsync_ms
from bot.calendar.periods import month_of
from bot.cli.importing import Silent
from bot.db.engine import Database
from bot.db.schema.migrating import upgrade
from bot.db.unit_of_work import Office
from bot.tickets.month.close import Closed, close_period

PERIOD = month_of(date(2026, 10, 1))
NOW = datetime(2026, 11, 5, 9, tzinfo=UTC)
AT_MOST = 5.0

_LINES = """
    SELECT c.id AS contract_id, 'fee/' || c.id AS source, NULL::bigint AS ticket_id, p.name, 'month' AS unit,
        1::bigint AS quantity, p.monthly_fee AS kopecks, 0::bigint AS raw, 0::bigint AS billed, '[]'::jsonb AS entries,
        0::bigint AS drawn
    FROM contract c JOIN plan p ON p.id = c.plan_id WHERE c.active AND p.monthly_fee > 0
UNION ALL
    SELECT q.contract_id, 'quote/' || q.id || '/' || l.n, q.ticket_id, l.line->>'name', l.line->>'unit',
        (l.line->>'quantity')::bigint, (l.line->>'kopecks')::bigint, 0, 0, '[]'::jsonb, 0
    FROM quote q
    JOIN quoteversion v ON v.quote_id = q.id AND v.version = q.version
    JOIN approval a ON a.quote_id = q.id AND a.version = q.version AND a.approved AND a.gross = v.gross
        AND a.text_hash = encode(sha256(convert_to(a.text, 'UTF8')), 'hex')
        AND a.text IN (SELECT value FROM json_each_text(v.texts))
    CROSS JOIN LATERAL json_array_elements(v.lines) WITH ORDINALITY AS l(line, n)
    WHERE q.state = 'accepted' AND a.decided_at <= v.valid_until
        AND EXISTS (
            SELECT FROM membership m WHERE m.company_id = q.company_id AND m.person_id = a.person_id
            AND m.role IN ('approver', 'owner') AND (m.site_id IS NULL OR m.site_id = q.site_id)
            AND m.granted_at <= a.decided_at AND (m.ended_at IS NULL OR a.decided_at < m.ended_at)
            AND (m.job_limit IS NULL OR v.gross <= m.job_limit)
            AND (m.month_limit IS NULL OR m.month_limit >= (
                SELECT sum(o.gross) FROM approval o JOIN quote oq ON oq.id = o.quote_id
                WHERE oq.company_id = q.company_id AND o.person_id = a.person_id AND o.approved
                AND o.decided_at BETWEEN date_trunc('month', a.decided_at) AND a.decided_at)))
UNION ALL
    SELECT t.contract_id, 'time/' || min(e.id), t.id, 'Работа на выезде', 'minute', sum(e.billed_minutes), 0,
        sum(e.minutes), sum(e.billed_minutes), jsonb_agg(e.id), coalesce(min(d.drawn), 0)
    FROM timeentry e JOIN ticket t ON t.id = e.ticket_id
    LEFT JOIN (
        SELECT pe.ticket_id, pe.work_date, sum(pe.amount) AS drawn FROM poolentry pe JOIN pool ON pool.id = pe.pool_id
        WHERE pe.kind = 'consume' AND NOT EXISTS (SELECT FROM poolentry r WHERE r.reverses_id = pe.id)
        GROUP BY pe.ticket_id, pe.work_date
    ) d ON d.ticket_id = t.id AND d.work_date = e.work_date
    WHERE e.settled_at IS NOT NULL AND e.disputed_at IS NULL AND e.work_date <= :until
        AND NOT EXISTS (SELECT FROM timeentry r WHERE r.replaces_id = e.id)
        AND NOT EXISTS (SELECT FROM statedentry s WHERE s.entry_id = e.id)
    GROUP BY t.contract_id, t.id, e.work_date, e.channel
"""
_VAT = f"(2 * kopecks * {RATE} + {10_000 + RATE}) / (2 * {10_000 + RATE})"
SUMS = f"""
SELECT sum(gross), sum(vat), sum(raw), sum(billed), sum(drawn), count(*) FROM (
    SELECT contract_id, sum(kopecks) AS gross, sum({_VAT}) AS vat, sum(raw) AS raw, sum(billed) AS billed,
        sum(drawn) AS drawn
    FROM ({_LINES}) lines GROUP BY contract_id) each
"""
STORED = [
    "CREATE TABLE plain_line (id bigserial PRIMARY KEY, contract_id bigint REFERENCES contract, source text UNIQUE,"
    " ticket_id bigint, name text, unit text, quantity bigint, kopecks bigint, raw bigint, billed bigint, drawn bigint,"
    " vat bigint)",
    "CREATE TABLE plain_entry (entry_id bigint PRIMARY KEY REFERENCES timeentry, line_id bigint REFERENCES plain_line)",
    "CREATE INDEX ON plain_entry (line_id)",
    "CREATE TABLE plain_statement (contract_id bigint PRIMARY KEY REFERENCES contract, gross bigint, vat bigint)",
    "CREATE TABLE plain_document"
    " (kind text, number bigint, contract_id bigint, gross bigint, PRIMARY KEY (kind, number))",
    f"CREATE TEMP TABLE found AS SELECT *, {_VAT} AS vat FROM ({_LINES}) lines",
    "INSERT INTO plain_line (contract_id, source, ticket_id, name, unit, quantity, kopecks, raw, billed, drawn, vat)"
    " SELECT contract_id, source, ticket_id, name, unit, quantity, kopecks, raw, billed, drawn, vat FROM found",
    "INSERT INTO plain_entry SELECT entry.value::bigint, l.id FROM found f JOIN plain_line l ON l.source = f.source"
    " CROSS JOIN LATERAL jsonb_array_elements_text(f.entries) AS entry(value)",
    "INSERT INTO plain_statement SELECT contract_id, sum(kopecks), sum(vat) FROM plain_line GROUP BY contract_id",
    "INSERT INTO plain_document SELECT k, row_number() OVER (PARTITION BY k ORDER BY contract_id), contract_id, gross"
    " FROM plain_statement, (VALUES ('invoice'), ('act')) AS kinds(k)",
]


def plain_sums(database: Database) -> tuple[float, tuple[int, ...]]:
    """Seconds and (gross, VAT, raw, billed, drawn from pools, contracts) of the sums alone."""
    started = perf_counter()
    with database.engine.connect() as connection:
        row = connection.execute(text(SUMS), {"until": PERIOD.end}).one()
    return perf_counter() - started, tuple(int(value) for value in row)


def plain_stored(database: Database) -> float:
    """Seconds of the same, stored: lines, links to time entries, statements, documents; one transaction."""
    started = perf_counter()
    with database.engine.begin() as connection:
        for statement in STORED:
            connection.execute(text(statement), {"until": PERIOD.end} if ":until" in statement else {})
    return perf_counter() - started


def product(database: Database, batch: int) -> tuple[float, Closed, tuple[int, ...]]:
    """Seconds of the close, what it says it did, and the sums that are stored after it."""
    started = perf_counter()
    *_, done = close_period(Office(database, Silent(), lambda: NOW), PERIOD, batch)
    spent = perf_counter() - started
    with database.engine.connect() as connection:
        sums = connection.execute(
            text(
                "SELECT sum(kopecks), sum(vat), sum(raw_minutes), sum(billed_minutes), sum(drawn) FROM statementline"
                " CROSS JOIN LATERAL (SELECT coalesce(sum((draw->>'amount')::bigint), 0) AS drawn"
                " FROM json_array_elements(draws) draw) d"
            )
        ).one()
        contracts = connection.execute(text("SELECT count(*) FROM document WHERE kind = 'invoice'")).scalar_one()
    return spent, done, (*(int(value) for value in sums), int(contracts))


def run(url: str, contracts: int, entries: int, batch: int, folder: Path) -> bool:
    """Seed, measure, print; False when sums differ or the close is slower than promised."""
    database = Database(url)
    upgrade(database)
    seed(database, contracts, entries)
    sums_s, expected = plain_sums(database)
    stored_s = plain_stored(database)
    close_s, done, found = product(database, batch)
    database.dispose()
    sys.stdout.write(f"{contracts} contracts, {entries} time entries, fsync {fsync_ms(folder):.2f} ms\n")
    for name, seconds in (("close", close_s), ("plain SQL, stored", stored_s), ("plain SQL, sums only", sums_s)):
        sys.stdout.write(f"{name:22}{seconds:8.2f} s {entries / seconds:10.0f} figures/s\n")
    sys.stdout.write(
        f"{done.statements} statements, {done.lines} lines; {close_s / stored_s:.1f} times the stored SQL,"
        f" {close_s / sums_s:.1f} times the sums alone\n"
    )
    if found != expected:
        sys.stdout.write(f"the sums differ: {found} instead of {expected}\n")
    return found == expected and close_s <= AT_MOST * stored_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contracts", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=500)
    given = parser.parse_args()
    gc.freeze()  # as the command and the bot do
    gc.set_threshold(50_000, 20, 20)
    with started_postgres() as url, tempfile.TemporaryDirectory(prefix="firstline-bench-") as folder:
        held = run(url, given.contracts, given.entries, given.batch, Path(folder))
    raise SystemExit(0 if held else 1)


if __name__ == "__main__":
    main()
