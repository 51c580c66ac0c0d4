"""a pause between the tries of an inbox row"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WAITING = sa.text("state = 'new'")


def upgrade() -> None:
    op.add_column("inbox", sa.Column("held_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.drop_index("ix_inbox_waiting", table_name="inbox")
    op.create_index(
        "ix_inbox_waiting",
        "inbox",
        ["chat_id", "id", "held_until"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def downgrade() -> None:
    op.drop_index("ix_inbox_waiting", table_name="inbox")
    op.drop_column("inbox", "held_until")
    op.create_index("ix_inbox_waiting", "inbox", ["chat_id", "id"], sqlite_where=_WAITING, postgresql_where=_WAITING)
