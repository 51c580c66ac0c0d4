"""Phone calls from the telephony's list: each once by its id, those of an unclear number looked at again (R5.8)."""

from bot.billing.work.phone_calls import CallPurpose
from bot.db.clock import there
from bot.db.unit_of_work import UnitOfWork
from bot.imports.known import Known
from bot.imports.load.writing import Writer
from bot.imports.tables import Tables
from bot.tickets.calls.booking import record_call


def load_calls(uow: UnitOfWork, tables: Tables, known: Known, writer: Writer, zone: str) -> None:
    """Keep the calls; they begin at local time of the seller (`zone`). The bot asks the engineers."""
    for each in tables.of("calls"):
        row = each.row
        _call, new = record_call(
            uow,
            row.code,
            row.phone,
            known.people[row.engineer].id,
            there(row.started, zone),
            row.seconds,
            answered=row.answered,
            purpose=CallPurpose(row.purpose),
        )
        count = writer.count("calls")
        if new:
            count.added += 1
        else:
            count.same += 1
