"""What the buttons of documents carry: ids only (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class ListDocuments(CallbackData, prefix="v1fl"):
    company: int
    page: int = 0


class OpenStatement(CallbackData, prefix="v1fo"):
    statement: int


class StatementLines(CallbackData, prefix="v1fs"):
    statement: int
    page: int = 0


class OpenLine(CallbackData, prefix="v1fn"):
    line: int


class DisputeDocumentLine(CallbackData, prefix="v1fd"):
    line: int


class GetPdf(CallbackData, prefix="v1fp"):
    document: int


class GetXlsx(CallbackData, prefix="v1fx"):
    statement: int


class PayInvoice(CallbackData, prefix="v1fy"):
    document: int
