"""what an engineer waits for: the client, access, parts"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ticket") as batch_op:
        kind = sa.Enum("client", "access", "parts", name="waitsfor", native_enum=False, length=30)
        batch_op.add_column(sa.Column("waits_for", kind, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("ticket") as batch_op:
        batch_op.drop_column("waits_for")
