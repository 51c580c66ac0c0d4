"""a debt report is a row; a debt has its source and its invoice's date, and is ended instead of deleted (R9.3)"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_LIVE = sa.text("ended_at IS NULL")
_UNDATED = sa.text("ended_at IS NULL AND issued_on IS NULL")
_debt = sa.table(
    "debt",
    sa.column("id"),
    sa.column("company_id"),
    sa.column("invoice"),
    sa.column("reported_at", UTCDateTime()),
    sa.column("ended_at", UTCDateTime()),
)
_report = sa.table("debtreport", sa.column("as_of", sa.Date()), sa.column("brought_at", UTCDateTime()))


def upgrade() -> None:
    op.create_table(
        "debtreport",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("brought_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("debt") as batch_op:
        batch_op.add_column(sa.Column("source", sa.String(30), server_default="accounting", nullable=False))
        batch_op.add_column(sa.Column("issued_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("paid_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("ended_at", UTCDateTime(), nullable=True))
    with op.batch_alter_table("debt") as batch_op:
        batch_op.alter_column("source", server_default=None)
    keep_one(op.get_bind())
    op.create_index(
        "uq_debt_dated",
        "debt",
        ["company_id", "source", "invoice", "issued_on"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
    op.create_index(
        "uq_debt_undated",
        "debt",
        ["company_id", "source", "invoice"],
        unique=True,
        sqlite_where=_UNDATED,
        postgresql_where=_UNDATED,
    )


def keep_one(connection: sa.Connection) -> None:
    """What was reported is a report of its day; of an invoice that stands twice the newest row stays, the others end."""
    rows = connection.execute(sa.select(_debt).order_by(_debt.c.id.desc())).all()
    if rows:
        newest = max(row.reported_at for row in rows)
        connection.execute(sa.insert(_report).values(as_of=newest.date(), brought_at=newest))
    seen: set[tuple[int, str]] = set()
    for row in rows:
        if (row.company_id, row.invoice) in seen:
            connection.execute(sa.update(_debt).where(_debt.c.id == row.id).values(ended_at=row.reported_at))
        seen.add((row.company_id, row.invoice))


def downgrade() -> None:
    op.drop_index("uq_debt_undated", "debt")
    op.drop_index("uq_debt_dated", "debt")
    with op.batch_alter_table("debt") as batch_op:
        batch_op.drop_column("ended_at")
        batch_op.drop_column("paid_on")
        batch_op.drop_column("issued_on")
        batch_op.drop_column("source")
    op.drop_table("debtreport")
