"""Contracts with a month's work: tickets, time entries drawn from pools, and an approved quote each."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, insert, text

from bot.billing.quotes.models import Approval, Quote, QuoteState, QuoteVersion
from bot.billing.quotes.rule import labour_line, lines_hash, pieces_line, quote_totals
from bot.billing.quotes.send import text_hash
from bot.billing.terms.models import Plan
from bot.clients.models import ClientRole, Company, Contract, Membership, Person, Seller, ServiceObject
from bot.db.engine import Database
from bot.sums.vat import Regime

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
WORKED = datetime(2026, 10, 14, 9, tzinfo=UTC)
RATE = 2200
TICKETS = 5  # of each contract; the first is paid, the others take hours


def seed(database: Database, contracts: int, entries: int) -> None:
    """Fill an empty database: `entries` time entries in all, spread evenly."""
    each = entries // contracts // TICKETS
    with database.engine.begin() as connection:
        _companies(connection, contracts)
        values = {"tickets": TICKETS, "each": each, "at": WORKED, "day": WORKED.date()}
        connection.execute(text(_TICKETS), values)
        connection.execute(text(_TIMES), values)
        connection.execute(text(_POOLS), values)
        connection.execute(text(_DRAWS), values)
        _quotes(connection, contracts)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _companies(connection: Connection, contracts: int) -> None:
    def put(table: Any, rows: list[dict[str, Any]]) -> None:
        connection.execute(insert(table), rows)

    put(Plan, [{"id": 1, "code": "p", "name": "Бизнес", "monthly_fee": 1_500_000, "included_minutes": 600}])
    put(
        Seller,
        [
            {
                "name": "ООО «Сервис»",
                "inn": "7707083893",
                "kpp": "770701001",
                "account": "40702810938000000001",
                "bank": "ПАО СБЕРБАНК",
                "bic": "044525225",
                "corr_account": "30101810400000000225",
                "phone": "+7 495 000-00-00",
                "vat_bp": RATE,
            }
        ],
    )
    numbers = range(1, contracts + 1)
    put(Company, [{"id": n, "code": f"c{n}", "name": f"ООО «Клиент {n}»", "inn": "500100732259"} for n in numbers])
    put(Person, [{"id": n, "name": f"Человек {n}", "created_at": SINCE} for n in numbers])
    put(
        Membership,
        [{"person_id": n, "company_id": n, "role": ClientRole.OWNER, "granted_at": SINCE} for n in numbers],
    )
    put(ServiceObject, [{"id": n, "company_id": n, "code": f"o{n}", "kind": "kkt", "model": "АТОЛ"} for n in numbers])
    put(
        Contract,
        [{"id": n, "company_id": n, "number": f"Д-{n}", "plan_id": 1, "starts": date(2026, 1, 1)} for n in numbers],
    )


def _quotes(connection: Connection, contracts: int) -> None:
    lines = (labour_line("hour:repair", "Работа", 50, 199_900), pieces_line("PART", "Головка", "шт", 2, 320_055))
    totals = quote_totals(lines, Regime(date.min, RATE))
    frozen = {
        "version": 1,
        "lines": [{**asdict(line), "vat": vat} for line, vat in zip(totals.lines, totals.vat.vat, strict=True)],
        "net": totals.vat.net,
        "vat": totals.vat.total_vat,
        "gross": totals.gross,
        "vat_bp": RATE,
        "texts": {"ru": "Платная работа"},
        "lines_hash": lines_hash(totals),
        "valid_until": datetime(2026, 11, 1, tzinfo=UTC),
        "sent_at": WORKED,
    }
    said = {
        "version": 1,
        "approved": True,
        "text": "Платная работа",
        "text_hash": text_hash("Платная работа"),
        "gross": totals.gross,
        "decided_at": WORKED,
    }
    numbers = range(1, contracts + 1)
    connection.execute(
        insert(Quote),
        [
            {
                "id": n,
                "ticket_id": (n - 1) * TICKETS + 1,
                "company_id": n,
                "contract_id": n,
                "number": n,
                "state": QuoteState.ACCEPTED,
                "created_at": WORKED,
            }
            for n in numbers
        ],
    )
    connection.execute(insert(QuoteVersion), [{**frozen, "quote_id": n} for n in numbers])
    connection.execute(insert(Approval), [{**said, "quote_id": n, "person_id": n} for n in numbers])


_TICKETS = """
INSERT INTO ticket (id, number, company_id, contract_id, object_id, requester_id, engineer_id, channel, work_type,
    work_channel, description, priority, emergency, state, coverage, hold_minutes, opened_at, finished_at, closed_at)
SELECT (c.id - 1) * :tickets + n, (c.id - 1) * :tickets + n, c.id, c.id, c.id, c.id, c.id, 'chat', 'repair',
    'visit', '', 'normal', false, 'closed', CASE WHEN n = 1 THEN 'PAID' ELSE 'COVERED_BY_HOURS' END, 0, :at, :at, :at
FROM contract c, generate_series(1, :tickets) n
"""
_TIMES = """
INSERT INTO timeentry (ticket_id, engineer_id, channel, minutes, billed_minutes, work_date, settled_at, made_at)
SELECT t.id, t.engineer_id, 'visit', 7 + (t.id + n) % 50, ((7 + (t.id + n) % 50) + 14) / 15 * 15,
    CAST(:day AS date) + CAST(n % 2 AS integer), :at, :at
FROM ticket t, generate_series(1, :each) n
"""
_POOLS = """
INSERT INTO pool (id, contract_id, kind, unit, starts, ends, scope, overrun_bp, created_at)
SELECT id, id, 'included', 'minutes', '2026-10-01', '2026-10-31', '{}', 0, :at FROM contract
"""
_DRAWS = """
INSERT INTO poolentry (pool_id, kind, amount, ticket_id, work_date, made_at, late)
SELECT t.contract_id, 'consume', e.billed_minutes, t.id, e.work_date, :at, false
FROM timeentry e JOIN ticket t ON t.id = e.ticket_id WHERE t.coverage = 'COVERED_BY_HOURS'
"""
