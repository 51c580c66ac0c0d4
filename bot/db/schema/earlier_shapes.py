"""What the first revision looked like before it was frozen: fifteen shapes had its number, each had more than the last.

A database of any of them is recognised by exactly what it lacks, and brought up with its data
(docs/decisions/010-a-landed-revision-is-frozen.md). No shape is ever added here: what lands is frozen.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass

from sqlalchemy import JSON, Connection, column, null, table, text, update

# What a new column holds in the rows that are there: an SQL expression, or what writes it row by row. A column that is
# not named here is empty in them, which is what its code takes for "not known".
Fill = str | Callable[[Connection], None]


@dataclass(frozen=True, slots=True)
class ShapeStep:
    """What one edit added, and a column that it took away once its values were carried over."""

    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()  # table.column
    taken: tuple[str, ...] = ()


STEPS = (
    ShapeStep(("periodlock", "poolalert", "entrydispute"), ("poolentry.late",)),
    ShapeStep(
        (
            "taxregime",
            "statement",
            "document",
            "payment",
            "sending",
            "statementline",
            "creditedline",
            "linedispute",
            "statedentry",
        )
    ),
    ShapeStep(columns=("alarm.told_at", "outbox.leased_by")),
    ShapeStep(("articlefile", "calibration")),
    ShapeStep(
        ("debtexemption", "invoicedispute", "paymentpromise", "ceiling", "topup", "approvaldispute"),
        ("quote.site_id", "approval.button", "approval.disputable_until", "quoteversion.offer"),
    ),
    ShapeStep(columns=("blob.lasting",)),
    ShapeStep(("debtreminder",)),
    ShapeStep(columns=("outbox.repeats", "outbox.unsure_since", "outbox.held_until"), taken=("outbox.repeated",)),
    ShapeStep(columns=("pricelist.valid_from", "pricelist.valid_to")),
    ShapeStep(
        ("categoryterms", "contractoverride"),
        ("plan.included_visits", "site.road_item", "site.road_km"),
    ),
    ShapeStep(columns=("ticket.preferred_at", "appeal.preferred_at")),
    ShapeStep(columns=("miss.meaning",)),
    ShapeStep(("upload",)),
    ShapeStep(("phonecall",), ("timeentry.call_id",)),
)


def lacked_by(lacking: Set[str]) -> tuple[ShapeStep, ...] | None:
    """The steps that a database has yet to take, or None where no shape that ever was lacks exactly this."""
    ahead: tuple[ShapeStep, ...] = ()
    for step in reversed(STEPS):
        if lacking == _added(ahead):
            return ahead
        ahead = (step, *ahead)
    return ahead if lacking == _added(ahead) else None


def _added(steps: tuple[ShapeStep, ...]) -> set[str]:
    return {name for step in steps for name in (*step.tables, *step.columns)}


_SITE = "(SELECT thing.site_id FROM serviceobject thing JOIN ticket t ON t.object_id = thing.id WHERE t.id = {ticket})"
_VERSION = table("quoteversion", column("id"), column("lines", JSON), column("offer", JSON))


def _write_offers(connection: Connection) -> None:
    """The offer that a version was made of, as far as its lines and its ticket tell: the next version starts there."""
    versions = connection.execute(
        text(
            "SELECT v.id, v.lines, v.why, v.up_to, q.ticket_id, t.number, q.company_id, q.contract_id, q.prepayment, "
            "q.site_id FROM quoteversion v JOIN quote q ON q.id = v.quote_id JOIN ticket t ON t.id = q.ticket_id"
        ).columns(column("id"), column("lines", JSON))
    ).all()
    for number, lines, why, up_to, ticket, ticket_number, company, contract, prepayment, site in versions:
        offer = {
            "ticket_id": ticket,
            "ticket_number": ticket_number,
            "company_id": company,
            "contract_id": contract,
            "lines": [{name: value for name, value in line.items() if name != "vat"} for line in lines],
            "why": why,
            "prepayment": bool(prepayment),
            "up_to": bool(up_to),
            "chosen": [],
            "site_id": site,
            "alternatives": ["advice"],
        }
        connection.execute(update(_VERSION).where(_VERSION.c.id == number).values(offer=offer))
    connection.execute(update(_VERSION).where(_VERSION.c.offer.is_(null())).values(offer={}))


FILLS: dict[str, Fill] = {
    "poolentry.late": "false",
    "alarm.told_at": "raised_at",  # staff isn't told of the past
    "approval.button": "''",
    "quote.site_id": _SITE.format(ticket="quote.ticket_id"),
    "quoteversion.offer": _write_offers,
    # Pictures of articles were the only ones kept for long, and are kept still.
    "blob.lasting": "EXISTS (SELECT 1 FROM articlefile WHERE articlefile.blob_id = blob.id)",
    "outbox.repeats": "CASE WHEN repeated THEN 1 ELSE 0 END",
    "plan.included_visits": "0",
}
