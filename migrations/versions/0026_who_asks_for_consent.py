"""the seller's address and its privacy policy, which the consent names"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("seller") as batch_op:
        batch_op.add_column(sa.Column("address", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("privacy_url", sa.String(length=300), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("seller") as batch_op:
        batch_op.drop_column("privacy_url")
        batch_op.drop_column("address")
