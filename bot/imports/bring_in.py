"""A folder or workbook into the database: read, checked as a whole, loaded all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.billing.hours.grants import grant_included, watch_months
from bot.billing.seller.particulars import seller_of
from bot.db.clock import HOME
from bot.db.unit_of_work import UnitOfWork
from bot.imports.check import PhoneTold, check, phones_told
from bot.imports.files.findings import BadImportError
from bot.imports.files.sheets import read_sheets
from bot.imports.known import known
from bot.imports.load.calls import load_calls
from bot.imports.load.ceilings import load_ceilings
from bot.imports.load.clients import load_clients
from bot.imports.load.contracts import SharedNumber, load_contracts, load_plans, load_pools
from bot.imports.load.debts import EndedDebts, load_debts, load_payments
from bot.imports.load.history import History
from bot.imports.load.prices import PriceChange, load_prices
from bot.imports.load.writing import Count, Writer
from bot.messaging.notices.texts import render
from bot.tickets.month.close import watch_periods


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or with `preview` would do; `nothing`: all was there already."""

    counts: Mapping[str, Count]
    prices: Sequence[PriceChange]
    granted: int
    debts: EndedDebts
    begins: date | None
    contracts: Sequence[SharedNumber]
    phones: Sequence[PhoneTold]
    nothing: bool
    preview: bool


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: counts by kind of sheet, changes of price lists, months of hours granted, debts that are no
    longer reported; `begins` is said where the seller is new: the day that billing begins on."""

    counts: dict[str, Count]
    prices: list[PriceChange]
    granted: int
    debts: EndedDebts
    begins: date | None = None
    contracts: tuple[SharedNumber, ...] = ()
    phones: tuple[PhoneTold, ...] = ()

    @property
    def changed_nothing(self) -> bool:
        """Whether all was there already."""
        return self.granted == self.debts.ended == 0 and not any(
            count.added or count.changed for count in self.counts.values()
        )

    def text(self, lang: str, *, preview: bool = False) -> str:
        """The report in words."""
        return render(
            "price/import_report",
            lang,
            ImportReport(
                counts=self.counts,
                prices=self.prices,
                granted=self.granted,
                debts=self.debts,
                begins=self.begins,
                contracts=self.contracts,
                phones=self.phones,
                nothing=self.changed_nothing,
                preview=preview,
            ),
        )


def bring_in(uow: UnitOfWork, path: Path) -> Imported:
    """Load all tables under `path`; a repeated import changes nothing (R11.3).

    Raises BadImportError with every mistake found; nothing has been written then, or is taken back by the caller's
    transaction.
    """
    sheets, findings = read_sheets(path)
    earlier = known(uow.session)
    seller = seller_of(uow.session)
    zone = seller.timezone if seller is not None else HOME
    today = uow.day(zone)
    tables, more = check(sheets, earlier, today)
    if findings or more:
        raise BadImportError([*findings, *more])
    writer = Writer(uow.session)
    load_clients(uow, tables, earlier, writer)
    load_plans(tables, earlier, writer)
    shared = load_contracts(uow, tables, earlier, writer)
    prices = load_prices(tables, earlier, writer, today)
    load_pools(uow, tables, earlier, writer)
    load_ceilings(uow, tables, earlier, writer)
    granted = grant_included(uow)  # locks contracts, which come before documents and calls
    debts = load_debts(uow, tables, earlier, writer, today)
    load_payments(uow, tables, earlier, writer)
    History(uow, tables, earlier, writer).load()
    watch_months(uow)
    watch_periods(uow)
    load_calls(uow, tables, earlier, writer, zone)  # a call is locked after contracts
    made = seller_of(uow.session) if seller is None else None
    begins = made.billing_from if made is not None else None
    return Imported(writer.counts, prices, len(granted), debts, begins, tuple(shared), phones_told(tables))
