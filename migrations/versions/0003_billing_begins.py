"""billing begins on a day, and each contract knows what a close has looked at

Where statements exist billing began with the first of them; else it begins with the next month. A contract has been
looked at up to its last statement; one that never had any, up to the month before the last one closed, so that a close
that was killed in the middle goes on.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SELLERS = sa.table(
    "seller",
    sa.column("id", sa.BigInteger),
    sa.column("timezone", sa.String),
    sa.column("billing_from", sa.Date),
)
CONTRACTS = sa.table(
    "contract",
    sa.column("id", sa.BigInteger),
    sa.column("starts", sa.Date),
    sa.column("billed_until", sa.Date),
)
STATEMENTS = sa.table(
    "statement",
    sa.column("contract_id", sa.BigInteger),
    sa.column("period_start", sa.Date),
    sa.column("period_end", sa.Date),
)


def upgrade() -> None:
    with op.batch_alter_table("seller") as table:
        table.add_column(sa.Column("billing_from", sa.Date(), nullable=True))
    with op.batch_alter_table("contract") as table:
        table.add_column(sa.Column("billed_until", sa.Date(), nullable=True))
    fill(op.get_bind())


def fill(connection: Any) -> None:
    """Say when billing began, and up to where each contract was looked at."""
    first, last = connection.execute(
        sa.select(sa.func.min(STATEMENTS.c.period_start), sa.func.max(STATEMENTS.c.period_start))
    ).one()
    for seller in connection.execute(sa.select(SELLERS.c.id, SELLERS.c.timezone)).all():
        begins = first or _next_month(seller.timezone)
        connection.execute(sa.update(SELLERS).where(SELLERS.c.id == seller.id).values(billing_from=begins))
    if last is not None:
        _looked_at(connection, last)


def _looked_at(connection: Any, last: date) -> None:
    before_last = last - timedelta(days=1)
    own = (
        sa.select(sa.func.max(STATEMENTS.c.period_end))
        .where(STATEMENTS.c.contract_id == CONTRACTS.c.id)
        .scalar_subquery()
    )
    connection.execute(sa.update(CONTRACTS).values(billed_until=own))
    connection.execute(
        sa.update(CONTRACTS)
        .where(CONTRACTS.c.billed_until.is_(None), CONTRACTS.c.starts <= before_last)
        .values(billed_until=before_last)
    )


def _next_month(zone: str) -> date:
    today = datetime.now(UTC).astimezone(ZoneInfo(zone)).date()
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


def downgrade() -> None:
    with op.batch_alter_table("contract") as table:
        table.drop_column("billed_until")
    with op.batch_alter_table("seller") as table:
        table.drop_column("billing_from")
