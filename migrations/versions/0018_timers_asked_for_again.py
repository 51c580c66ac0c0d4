"""how often a timer was set, wanted or dropped: what is asked for while it runs is not lost"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("timer") as batch_op:
        batch_op.add_column(sa.Column("asked", sa.BigInteger(), server_default="0", nullable=False))
    with op.batch_alter_table("timer") as batch_op:
        batch_op.alter_column("asked", server_default=None)
