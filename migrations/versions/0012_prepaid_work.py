"""a quote remembers when the wait for its prepayment ended; what was let go on before, stays so"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quote", sa.Column("prepaid_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.execute(
        "UPDATE quote SET prepaid_at ="
        " (SELECT max(decided_at) FROM approval WHERE approval.quote_id = quote.id AND approval.approved)"
        " WHERE prepayment AND ticket_id IN (SELECT id FROM ticket WHERE state NOT IN ('on_hold', 'awaiting_approval'))"
    )


def downgrade() -> None:
    op.drop_column("quote", "prepaid_at")
