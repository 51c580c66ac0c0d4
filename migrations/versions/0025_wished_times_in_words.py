"""when the client wants it done, in their own words"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("appeal", "ticket"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("preferred_words", sa.String(length=200), nullable=True))


def downgrade() -> None:
    for table in ("ticket", "appeal"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("preferred_words")
