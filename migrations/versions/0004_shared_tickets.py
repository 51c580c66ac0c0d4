"""a company may let its requesters see all its tickets"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("company") as batch_op:
        batch_op.add_column(sa.Column("requesters_see_all", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("company") as batch_op:
        batch_op.alter_column("requesters_see_all", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("company") as batch_op:
        batch_op.drop_column("requesters_see_all")
