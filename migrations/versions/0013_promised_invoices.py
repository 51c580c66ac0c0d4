"""a promise to pay names its invoices and is told broken once; a reminder that nobody could have is no reminder"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_promise = sa.table(
    "paymentpromise",
    sa.column("id"),
    sa.column("company_id"),
    sa.column("until", sa.Date()),
    sa.column("broken_told_at", UTCDateTime()),
)
_reminder = sa.table("debtreminder", sa.column("company_id"), sa.column("told_at", UTCDateTime()))


def upgrade() -> None:
    with op.batch_alter_table("paymentpromise") as batch_op:
        batch_op.add_column(sa.Column("invoices", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("broken_told_at", UTCDateTime(), nullable=True))
    with op.batch_alter_table("paymentpromise") as batch_op:
        batch_op.alter_column("invoices", server_default=None)
    with op.batch_alter_table("debtreminder") as batch_op:
        batch_op.add_column(sa.Column("reached", sa.Boolean(), server_default=sa.true(), nullable=False))
    with op.batch_alter_table("debtreminder") as batch_op:
        batch_op.alter_column("reached", server_default=None)
    mark_told(op.get_bind())


def mark_told(connection: sa.Connection) -> None:
    """A promise whose day a reminder has followed was told broken by it: not again."""
    told: dict[int, list[datetime]] = {}
    for row in connection.execute(sa.select(_reminder).order_by(_reminder.c.told_at)).all():
        told.setdefault(row.company_id, []).append(row.told_at)
    for row in connection.execute(sa.select(_promise)).all():
        after = [at for at in told.get(row.company_id, ()) if at.date() >= row.until + timedelta(days=1)]
        if after:
            connection.execute(sa.update(_promise).where(_promise.c.id == row.id).values(broken_told_at=after[0]))


def downgrade() -> None:
    with op.batch_alter_table("paymentpromise") as batch_op:
        batch_op.drop_column("broken_told_at")
        batch_op.drop_column("invoices")
    with op.batch_alter_table("debtreminder") as batch_op:
        batch_op.drop_column("reached")
