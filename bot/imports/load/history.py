"""Jobs done earlier: tickets with their works, time and hours taken. Written once, never changed by a later import."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from sqlmodel import col, select

from bot.billing.hours.draw import PoolKind, PoolToDraw, draw
from bot.billing.hours.grants import grant_included
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.scope.rule import Result
from bot.billing.work.models import TimeEntry, WorkLine
from bot.clients.zones import object_zone
from bot.db.clock import there
from bot.db.numbering import next_number
from bot.db.unit_of_work import UnitOfWork
from bot.imports.files.findings import BadImportError, Mistake
from bot.imports.known import Known
from bot.imports.load.approvals import load_approval
from bot.imports.load.writing import Writer
from bot.imports.rows.history import TicketRow
from bot.imports.tables import Checked, Tables
from bot.tickets.bill.count_minutes import count_minutes
from bot.tickets.life.models import IntakeChannel, Ticket, TicketEvent, TicketState

STEPS = ("opened", "taken", "started", "finished", "closed")


class History:
    """Loads the jobs of one import."""

    def __init__(self, uow: UnitOfWork, tables: Tables, known: Known, writer: Writer) -> None:
        self.uow = uow
        self.tables = tables
        self.known = known
        self.writer = writer
        self._short: list[Mistake] = []
        self._parts: dict[tuple[str, str], list[Checked]] = {}
        for kind in ("ticket_works", "time_entries", "approvals"):
            for each in tables.of(kind):
                self._parts.setdefault((kind, each.row.ticket), []).append(each)

    def load(self) -> None:
        """Write the jobs that are not there yet, in order of time, with all that belongs to them.

        The included hours of the months of their work are granted first, so that jobs can take them (R4.4). Raises
        BadImportError with every job that takes more hours than the earlier ones have left.
        """
        fresh = [each for each in self.tables.of("tickets") if each.row.code not in self.known.tickets]
        self.writer.count("tickets").same += len(self.tables.of("tickets")) - len(fresh)
        for month in sorted({day.replace(day=1) for each in fresh for day in self._days(each.row)}):
            grant_included(self.uow, month)
        for each in sorted(fresh, key=lambda job: (job.row.opened, job.row.code)):
            self._ticket(each)
        if self._short:
            raise BadImportError(self._short)

    def _ticket(self, each: Checked) -> None:
        row: TicketRow = each.row
        contract = self.known.contract_of(row)
        thing = self.known.objects[row.object]
        zone = object_zone(self.uow.session, thing.id)
        moments = {name: _utc(getattr(row, name), zone) for name in STEPS}
        ticket = Ticket(
            number=next_number(self.uow.session, "ticket"),
            code=row.code,
            company_id=contract.company_id,
            contract_id=contract.id,
            object_id=thing.id,
            requester_id=self._person(row.requester),
            engineer_id=self._person(row.engineer) if row.engineer else None,
            channel=IntakeChannel.BACK_OFFICE,
            work_type=row.work_type,
            way=row.channel,
            description=row.description,
            priority=row.priority,
            emergency=row.emergency,
            state=TicketState(row.state),
            coverage=row.coverage,
            opened_at=_utc(row.opened, zone) or self.uow.now,
            taken_at=moments["taken"],
            started_at=moments["started"],
            finished_at=moments["finished"],
            closed_at=moments["closed"],
            rating=row.rating,
        )
        self.known.tickets[row.code] = self.writer.add("tickets", ticket)
        self._events(ticket, moments)
        minutes = self._time(ticket, row.code, zone)
        lines = self._works(ticket, row.code)
        if row.coverage == Result.COVERED_BY_HOURS and minutes:
            self._consume(each, ticket, minutes)
        for decision in self._of("approvals", row.code):
            load_approval(self.uow, ticket, lines, decision.row, self.known, zone)
            self.writer.count("approvals").added += 1
        self.uow.session.flush()

    def _events(self, ticket: Ticket, moments: dict[str, datetime | None]) -> None:
        for name, moment in moments.items():
            if moment is None:
                continue
            last = str(ticket.state) if name == "closed" else name
            who = ticket.requester_id if name in ("opened", "closed") else ticket.engineer_id
            event = TicketEvent(ticket_id=ticket.id, kind=last, person_id=who, happened_at=moment)
            self.uow.session.add(event)

    def _days(self, job: TicketRow) -> set[date]:
        """The days at its site on which a job was opened and worked on."""
        return {job.opened.date(), *(each.row.started.date() for each in self._of("time_entries", job.code))}

    def _time(self, ticket: Ticket, code: str, zone: str) -> dict[date, int]:
        """Time entries of the job. Returns the billed minutes by day of work: what the file says was counted, else what
        the contract's rounding makes of them (R5.5)."""
        entries: list[TimeEntry] = []
        for each in self._of("time_entries", code):
            entry = TimeEntry(
                ticket_id=ticket.id,
                engineer_id=self._person(each.row.engineer),
                way=each.row.channel,
                started_at=_utc(each.row.started, zone),
                minutes=each.row.minutes,
                billed_minutes=each.row.billed,
                work_date=each.row.started.date(),
                reason=each.row.reason,
                settled_at=ticket.closed_at if each.row.billed is not None else None,
                made_at=ticket.finished_at or ticket.opened_at,
            )
            entries.append(self.writer.add("time_entries", entry))
        count_minutes(self.uow.session, ticket)
        for entry in entries:
            entry.settled_at = ticket.closed_at
        minutes: dict[date, int] = defaultdict(int)
        for entry in entries:
            minutes[entry.work_date] += entry.billed_minutes or 0
        return minutes

    def _works(self, ticket: Ticket, code: str) -> list[WorkLine]:
        lines = []
        for each in self._of("ticket_works", code):
            item = self.known.work_items[each.row.item]
            line = WorkLine(
                ticket_id=ticket.id,
                item_code=item.code,
                name=item.name,
                unit=item.unit,
                quantity=each.row.quantity,
                price=each.row.price,
                coverage=each.row.coverage,
                added_by=ticket.engineer_id,
                added_at=ticket.finished_at or ticket.opened_at,
            )
            lines.append(self.writer.add("ticket_works", line))
        return lines

    def _consume(self, each: Checked, ticket: Ticket, minutes: dict[date, int]) -> None:
        """Take each day's minutes from the pools that were open on it (R4.2, R4.4)."""
        query = select(Pool).where(Pool.contract_id == ticket.contract_id, Pool.unit == "minutes")
        rows = self.uow.session.exec(query.order_by(col(Pool.id))).all()
        short = 0
        for on, need in sorted(minutes.items()):
            pools = [
                PoolToDraw(str(pool.id), PoolKind(pool.kind), self._left(pool), pool.starts, pool.ends) for pool in rows
            ]
            draws, missing = draw(need, pools, on)
            short += missing
            for taken in draws:
                entry = PoolEntry(
                    pool_id=int(taken.pool),
                    kind=EntryKind.CONSUME,
                    amount=taken.amount,
                    ticket_id=ticket.id,
                    work_date=on,
                    by_person=ticket.engineer_id,
                    made_at=ticket.closed_at or ticket.opened_at,
                )
                self.writer.add("pool_entries", entry)
        if short:
            place = each.sheet.at(each.line, "coverage")
            self._short.append(Mistake(place, "hours_missing", {"value": each.row.code, "minutes": short}))

    def _left(self, pool: Pool) -> int:
        entries = self.uow.session.exec(select(PoolEntry).where(PoolEntry.pool_id == pool.id)).all()
        return sum(_SIGNS.get(entry.kind, 0) * entry.amount for entry in entries)

    def _of(self, kind: str, ticket: str) -> Iterable[Checked]:
        return self._parts.get((kind, ticket), [])

    def _person(self, code: str) -> int:
        return self.known.people[code].id


_SIGNS = {EntryKind.GRANT: 1, EntryKind.CONSUME: -1, EntryKind.HOLD: -1, EntryKind.RELEASE: 1, EntryKind.EXPIRE: -1}


def _utc(wall: datetime | None, zone: str) -> datetime | None:
    return there(wall, zone) if wall is not None else None
