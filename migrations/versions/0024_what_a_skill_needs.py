"""words without which a skill is not meant"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("skill") as batch_op:
        batch_op.add_column(sa.Column("needs", sa.JSON(), server_default="[]", nullable=False))
    with op.batch_alter_table("skill") as batch_op:
        batch_op.alter_column("needs", server_default=None)
