"""a work that a granted dispute took off is told from one that the engineer took back"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workline", sa.Column("struck_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.execute(
        "UPDATE workline SET struck_at = removed_at, disputed_at = NULL"
        " WHERE removed_at IS NOT NULL AND disputed_at IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_column("workline", "struck_at")
