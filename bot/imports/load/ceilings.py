"""Ceilings of objects: set by the same rules as in chat, with the person who gave them (R7.6)."""

from bot.billing.quotes.approve import OverLimit
from bot.billing.quotes.ceilings import live_ceiling, set_ceiling
from bot.db.errors import NotAllowed
from bot.db.unit_of_work import UnitOfWork
from bot.imports.files.findings import BadImportError, Mistake
from bot.imports.known import Known
from bot.imports.load.writing import Writer
from bot.imports.tables import Tables


def load_ceilings(uow: UnitOfWork, tables: Tables, known: Known, writer: Writer) -> None:
    """Set what differs. Raises BadImportError naming every row whose person has no right to it."""
    findings: list[Mistake] = []
    for each in tables.of("ceilings"):
        thing, giver = known.objects[each.row.object], known.people[each.row.granted_by]
        count = writer.count("ceilings")
        before = live_ceiling(uow.session, thing.company_id, thing.id)
        try:
            made = set_ceiling(uow, thing.id, each.row.amount, giver.id)
        except (NotAllowed, OverLimit):
            findings.append(Mistake(each.sheet.at(each.line, "granted_by"), "no_right", {"value": giver.name}))
            continue
        if before is None:
            count.added += 1
        elif made.id == before.id:
            count.same += 1
        else:
            count.changed += 1
    if findings:
        raise BadImportError(findings)
