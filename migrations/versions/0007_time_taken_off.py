"""time that a granted dispute took off is marked: since groups share what they are rounded to, zero minutes don't say it"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("timeentry", sa.Column("struck_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.execute(
        "UPDATE timeentry SET struck_at = settled_at WHERE minutes > 0 AND billed_minutes = 0 AND settled_at IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_column("timeentry", "struck_at")
